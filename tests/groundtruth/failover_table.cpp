#include "tests/groundtruth/failover_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/groundtruth/quantile.h"

namespace longhaul::groundtruth {
namespace {

constexpr double share_max = 0.20;
constexpr double count_max = 2;

double tolerance(const FailoverFigure& figure, double value) {
  return figure.unit == "count" ? count_max : share_max * std::abs(value);
}

bool is_in(const FailoverMode& mode, const FailoverOutcome& run) {
  const auto found = run.find(mode.figure);
  return found != run.end() && mode.has(found->second);
}

// Those that a measured value of a figure came in.
std::vector<const FailoverMode*> modes_of(const FailoverExperiment& experiment,
                                          const FailoverRepetition& repetition,
                                          const std::string& figure) {
  std::vector<const FailoverMode*> modes;
  for (const FailoverMode& mode : experiment.modes) {
    if (mode.concerns(figure) && is_in(mode, repetition.measured)) modes.push_back(&mode);
  }
  return modes;
}

std::vector<double> values_of(const std::vector<FailoverOutcome>& runs, const std::string& name,
                              const std::vector<const FailoverMode*>& modes) {
  std::vector<double> values;
  for (const FailoverOutcome& run : runs) {
    const auto found = run.find(name);
    const bool counts = std::all_of(modes.begin(), modes.end(),
                                    [&](const auto* mode) { return is_in(*mode, run); });
    if (found != run.end() && counts) values.push_back(found->second);
  }
  return values;
}

std::string name_of(const FailoverRepetition& repetition, std::size_t number) {
  std::string name = std::to_string(number + 1);
  if (repetition.loop_before) {
    name += fmt::format(": {}, {} s after its round", repetition.leader, *repetition.loop_before);
  }
  return name;
}

FailoverRow row_of(const FailoverFigure& figure, double measured, std::vector<double> sample) {
  FailoverRow row;
  row.measured = measured;
  row.runs = sample.size();
  if (sample.empty()) return row;
  std::sort(sample.begin(), sample.end());
  row.p5 = quantile_of_sorted(sample, 5);
  row.p50 = quantile_of_sorted(sample, 50);
  row.p95 = quantile_of_sorted(sample, 95);
  const bool inside = measured >= row.p5 && measured <= row.p95;
  row.agrees = inside || std::abs(measured - row.p50) <= tolerance(figure, measured);
  return row;
}

FailoverRange range_of(const FailoverExperiment& experiment, const FailoverFigure& figure,
                       const SimulatedFailovers& simulated) {
  FailoverRange range;
  range.figure = figure;
  std::vector<double> all_measured;
  std::vector<double> all;
  for (std::size_t i = 0; i < experiment.repetitions.size(); ++i) {
    const FailoverRepetition& repetition = experiment.repetitions[i];
    const auto found = repetition.measured.find(figure.name);
    if (found == repetition.measured.end()) continue;
    const double measured = found->second;
    const std::vector<double> values =
        values_of(simulated.runs[i], figure.name, modes_of(experiment, repetition, figure.name));
    FailoverRow row = row_of(figure, measured, values);
    row.repetition = name_of(repetition, i);
    range.rows.push_back(row);
    all_measured.push_back(measured);
    all.insert(all.end(), values.begin(), values.end());
  }
  if (all.empty()) return range;
  const auto [least, most] = std::minmax_element(all_measured.begin(), all_measured.end());
  range.measured_width = *most - *least;
  std::sort(all.begin(), all.end());
  range.simulated_width = quantile_of_sorted(all, 95) - quantile_of_sorted(all, 5);
  range.width_max =
      std::max(2 * range.measured_width, tolerance(figure, quantile(all_measured, 50)));
  return range;
}

// P(at least `hits` of `n`) at a share.
double at_least(std::size_t hits, std::size_t n, double share) {
  double sum = 0;
  for (std::size_t k = hits; k <= n; ++k) {
    double ways = 1;
    for (std::size_t i = 0; i < k; ++i) {
      ways = ways * static_cast<double>(n - i) / static_cast<double>(i + 1);
    }
    sum += ways * std::pow(share, static_cast<double>(k)) *
           std::pow(1 - share, static_cast<double>(n - k));
  }
  return sum;
}

// The share at which that probability is `wanted`, by bisection: it grows with the share.
double share_where(std::size_t hits, std::size_t n, double wanted) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (at_least(hits, n, middle) < wanted ? low : high) = middle;
  }
  return low;
}

FailoverModeRow mode_row(const FailoverExperiment& experiment, const FailoverMode& mode,
                         const SimulatedFailovers& simulated) {
  FailoverModeRow row;
  row.mode = mode;
  row.repetitions = experiment.repetitions.size();
  std::size_t runs = 0;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < experiment.repetitions.size(); ++i) {
    if (is_in(mode, experiment.repetitions[i].measured)) ++row.measured;
    hits += values_of(simulated.runs[i], mode.figure, {&mode}).size();
    runs += simulated.runs[i].size();
  }
  row.share = static_cast<double>(hits) / static_cast<double>(runs);
  const std::size_t n = row.repetitions;
  row.least = row.measured == 0 ? 0 : share_where(row.measured, n, 0.025);
  row.most = row.measured == n ? 1 : share_where(row.measured + 1, n, 0.975);
  return row;
}

std::string number(const FailoverFigure& figure, double value) {
  if (figure.unit != "s") return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, std::abs(value) < 1 ? 3 : 2);
}

std::string text_of(const FailoverComparison& comparison) {
  const FailoverExperiment& experiment = *comparison.experiment;
  std::string text = fmt::format("\n## {}\n\n{}. {} simulated repetitions for each measured one.\n",
                                 experiment.id, experiment.parameters, comparison.seeds);
  text +=
      "\n| figure | unit | repetition | measured | simulated 5 % | 50 % | 95 % | runs | agrees |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (const FailoverRange& range : comparison.figures) {
    for (const FailoverRow& row : range.rows) {
      const auto shown = [&](double value) { return number(range.figure, value); };
      text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", range.figure.name,
                          range.figure.unit, row.repetition, shown(row.measured), shown(row.p5),
                          shown(row.p50), shown(row.p95), row.runs, row.agrees ? "yes" : "**no**");
    }
  }
  text +=
      "\n| figure | measured range | simulated 5 % to 95 % | at most | agrees |\n"
      "|---|---|---|---|---|\n";
  for (const FailoverRange& range : comparison.figures) {
    const auto shown = [&](double value) { return number(range.figure, value); };
    text += fmt::format("| {} | {} | {} | {} | {} |\n", range.figure.name,
                        shown(range.measured_width), shown(range.simulated_width),
                        shown(range.width_max), range.is_narrow() ? "yes" : "**no**");
  }
  if (!comparison.modes.empty()) {
    text +=
        "\n| outcome | measured | simulated | 95 % interval | agrees |\n|---|---|---|---|---|\n";
  }
  for (const FailoverModeRow& row : comparison.modes) {
    text += fmt::format("| {} | {} of {} | {:.0f} % | {:.0f} to {:.0f} % | {} |\n", row.mode.name,
                        row.measured, row.repetitions, 100 * row.share, 100 * row.least,
                        100 * row.most, row.agrees() ? "yes" : "**no**");
  }
  text += "\n";
  for (const FailoverFigure& figure : experiment.figures) {
    text += fmt::format("- `{}` ({}): {}\n", figure.name, figure.unit, figure.definition);
  }
  for (const KnownDisagreement& known : experiment.known) {
    text += fmt::format("- `{}` disagrees: {}\n", known.figure, known.cause);
  }
  for (const NotCompared& rest : experiment.not_compared) {
    std::string names;
    for (const std::string& name : rest.figures) {
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
    }
    text += fmt::format("- not compared: {}: {}\n", names, rest.reason);
  }
  return text;
}

constexpr const char* head = R"(# Ground truth of failovers

What the simulator says beside failovers of PostgreSQL 15.18 by hand and by Patroni 3.0.2 with etcd
3.4, every measured repetition by itself. `./dev groundtruth` prints this page from a few simulated
repetitions and fails when something disagrees unexpectedly; `./dev groundtruth --update` writes it
from many.

A measured value agrees when it lies between the 5th and the 95th percentile of the repetitions that
were simulated at its moment of the leader's loop, or within 20 % of their median (counts: within
2). Over all moments together the 5th to 95th percentile may be at most twice as wide as the
measured range, or as wide as that tolerance where it is wider. Values of an outcome with several
modes, and of what it decides, are compared within the measured mode, value by value and in width,
and the share of each mode has to lie in the 95 % Clopper-Pearson interval of the measured share.
The figures that are compared were listed in `tests/groundtruth/failovers.json` before anything was
simulated; modes, and what they decide, were named after the results had been seen. The election
timeout of the partition's lease store was not recorded: it is inferred from its one late first
write, which therefore proves nothing about the simulator.
)";

}  // namespace

FailoverComparison compare(const FailoverExperiment& experiment,
                           const SimulatedFailovers& simulated) {
  FailoverComparison comparison;
  comparison.experiment = &experiment;
  comparison.seeds = static_cast<int>(simulated.runs.front().size());
  for (const FailoverFigure& figure : experiment.figures) {
    comparison.figures.push_back(range_of(experiment, figure, simulated));
  }
  for (const FailoverMode& mode : experiment.modes) {
    comparison.modes.push_back(mode_row(experiment, mode, simulated));
  }
  return comparison;
}

std::vector<Disagreement> disagreements(const FailoverComparison& comparison) {
  std::vector<Disagreement> all;
  const std::string& id = comparison.experiment->id;
  const auto add = [&](const std::string& what, const std::string& text) {
    const std::vector<KnownDisagreement>& known = comparison.experiment->known;
    const bool is_known =
        std::any_of(known.begin(), known.end(),
                    [&](const KnownDisagreement& one) { return one.figure == what; });
    all.push_back({what, fmt::format("{} {}: {}", id, what, text), is_known});
  };
  for (const FailoverRange& range : comparison.figures) {
    for (const FailoverRow& row : range.rows) {
      if (row.agrees) continue;
      add(range.figure.name,
          fmt::format("repetition {}: {} measured, {} to {} simulated", row.repetition,
                      number(range.figure, row.measured), number(range.figure, row.p5),
                      number(range.figure, row.p95)));
    }
    if (range.is_narrow()) continue;
    add(range.figure.name,
        fmt::format("{} wide, at most {}", number(range.figure, range.simulated_width),
                    number(range.figure, range.width_max)));
  }
  for (const FailoverModeRow& row : comparison.modes) {
    if (!row.agrees()) add(row.mode.name, fmt::format("{:.0f} % simulated", 100 * row.share));
  }
  return all;
}

std::string failovers_page(const std::vector<FailoverComparison>& comparisons,
                           const std::string& chances) {
  std::size_t values = 0;
  std::size_t known = 0;
  std::string list;
  std::size_t count = 0;
  for (const FailoverComparison& comparison : comparisons) {
    for (const FailoverRange& range : comparison.figures) values += range.rows.size();
    for (const Disagreement& one : disagreements(comparison)) {
      list += fmt::format("- {}{}\n", one.text, one.known ? "" : " (unexpected)");
      known += one.known ? 1 : 0;
      count += 1;
    }
  }
  std::string text = head;
  text += fmt::format(
      "\n{} measured values are compared. {} comparisons of a value, a range or a share disagree; "
      "of {} "
      "of them stands below what is known about the cause.\n\n",
      values, count, known);
  text += list;
  text += chances;
  for (const FailoverComparison& comparison : comparisons) text += text_of(comparison);
  return text;
}

}  // namespace longhaul::groundtruth
