#include "tests/groundtruth/self_judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/rng.h"
#include "tests/groundtruth/quantile.h"

namespace longhaul::groundtruth {
namespace {

double percentile(const std::vector<std::size_t>& counts, double percent) {
  return quantile(std::vector<double>(counts.begin(), counts.end()), percent);
}

double mean_of(const std::vector<std::size_t>& counts) {
  double sum = 0;
  for (const std::size_t count : counts) sum += static_cast<double>(count);
  return sum / static_cast<double>(counts.size());
}

std::string share_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string row_of(const std::string& name, std::size_t count,
                   const std::vector<std::size_t>& counts, const std::string& verdict) {
  return fmt::format("| {} | {} | {:.0f} | {:.0f} | {:.0f} | {:.1f} | {} | {} |\n", name, count,
                     percentile(counts, 5), percentile(counts, 50), percentile(counts, 95),
                     mean_of(counts), share_text(share_with(counts, count)), verdict);
}

std::map<std::string, std::size_t> counts_by_figure(const FailoverComparison& comparison) {
  std::map<std::string, std::size_t> counts;
  for (const Disagreement& one : disagreements(comparison)) counts[one.what] += 1;
  return counts;
}

constexpr const char* head = R"(
## How many disagreements chance explains

A value that is drawn from the simulated distribution itself lies outside its 5th to 95th percentile
one time in ten, and three such values are spread over less than half of that width in 42 of 100
cases, five in 13. So a perfect model would not show 0 either. What it would show is found by
holding the simulator against itself: for each measured moment one simulated run, drawn by chance,
takes the part of the measurement, with all its figures and its mode, and is judged by the same
rules against the other runs; {} times over. An experiment with more disagreements than 95 of 100
of these pseudo-measurements disagrees for a cause other than chance: there the model is wrong, or
the scenario is not what was measured. One with fewer cannot be told from a perfect model by these
rules.

| experiment | disagreements | perfect model: 5 % | 50 % | 95 % | mean | as many or more | beyond |
|---|---|---|---|---|---|---|---|
)";

constexpr const char* figures_head = R"(
The figures and outcomes that disagree, each by itself. Of the {} that are compared a perfect model
would show about {:.1f} with a share of 5 % or less.

| experiment | figure | disagreements | perfect model: mean | as many or more |
|---|---|---|---|---|
)";

}  // namespace

Chances judge_itself(const FailoverExperiment& experiment, SimulatedFailovers simulated,
                     std::size_t times) {
  FailoverExperiment pseudo = experiment;
  RandomStream luck{stream(1, "groundtruth/" + experiment.id)};
  Chances chances;
  for (const FailoverFigure& figure : experiment.figures) chances.of_figure[figure.name];
  for (const FailoverMode& mode : experiment.modes) chances.of_figure[mode.name];
  for (std::size_t n = 0; n < times; ++n) {
    for (std::size_t i = 0; i < pseudo.repetitions.size(); ++i) {
      std::vector<FailoverOutcome>& runs = simulated.runs[i];
      std::swap(runs[below(luck.bits(), runs.size())], runs.back());
      pseudo.repetitions[i].measured = std::move(runs.back());
      runs.pop_back();
    }
    const std::map<std::string, std::size_t> counts = counts_by_figure(compare(pseudo, simulated));
    std::size_t all = 0;
    for (auto& [name, of_figure] : chances.of_figure) {
      const auto found = counts.find(name);
      of_figure.push_back(found == counts.end() ? 0 : found->second);
      all += of_figure.back();
    }
    chances.in_all.push_back(all);
    for (std::size_t i = 0; i < pseudo.repetitions.size(); ++i) {
      simulated.runs[i].push_back(std::move(pseudo.repetitions[i].measured));
    }
  }
  return chances;
}

double share_with(const std::vector<std::size_t>& counts, std::size_t count) {
  const auto hits = std::count_if(counts.begin(), counts.end(),
                                  [&](std::size_t other) { return other >= count; });
  return static_cast<double>(hits) / static_cast<double>(counts.size());
}

bool is_beyond_chance(const Chances& chances, std::size_t count) {
  return static_cast<double>(count) > percentile(chances.in_all, 95);
}

std::string chances_text(const std::vector<FailoverComparison>& comparisons,
                         const std::vector<Chances>& chances) {
  Chances total;
  total.in_all.resize(chances.front().in_all.size());
  std::size_t count_of_all = 0;
  std::string text = fmt::format(fmt::runtime(head), total.in_all.size());
  std::string beyond;
  std::string figures;
  std::size_t compared = 0;
  double unlikely = 0;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const FailoverExperiment& experiment = *comparisons[i].experiment;
    const std::map<std::string, std::size_t> counts = counts_by_figure(comparisons[i]);
    const std::size_t count = disagreements(comparisons[i]).size();
    const bool is_beyond = is_beyond_chance(chances[i], count);
    text += row_of(experiment.id, count, chances[i].in_all, is_beyond ? "**yes**" : "no");
    if (is_beyond) {
      beyond += fmt::format("- {}: {}\n", experiment.id,
                            experiment.beyond_chance.empty() ? "no cause is known (unexpected)"
                                                             : experiment.beyond_chance);
    }
    for (const auto& [name, of_figure] : chances[i].of_figure) {
      compared += 1;
      std::size_t rarely = 1;  // the least count that a perfect model reaches in 5 % or less
      while (share_with(of_figure, rarely) > 0.05) ++rarely;
      unlikely += share_with(of_figure, rarely);
      if (!counts.contains(name)) continue;
      figures +=
          fmt::format("| {} | {} | {} | {:.2f} | {} |\n", experiment.id, name, counts.at(name),
                      mean_of(of_figure), share_text(share_with(of_figure, counts.at(name))));
    }
    count_of_all += count;
    for (std::size_t n = 0; n < total.in_all.size(); ++n) {
      total.in_all[n] += chances[i].in_all[n];
    }
  }
  const bool is_beyond = is_beyond_chance(total, count_of_all);
  text += row_of("all", count_of_all, total.in_all, is_beyond ? "**yes**" : "no");
  if (!beyond.empty()) text += "\n" + beyond;
  text += fmt::format(fmt::runtime(figures_head), compared, unlikely) + figures;
  return text;
}

}  // namespace longhaul::groundtruth
