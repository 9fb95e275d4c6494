#include "gui/model/compare_model.h"

#include <algorithm>
#include <utility>

#include "gui/model/runs.h"
#include "gui/model/workspace.h"
#include "run/reports/distributions.h"

namespace longhaul {
namespace {

SeedRange seeds_of(const Scenario& scenario, std::int64_t count) {
  const std::int64_t first = scenario.config.seeds.first;
  return {first, first + count - 1};
}

// What pareto() takes of a run.
struct ParetoSample {
  std::int64_t cost = 0;
  std::int64_t latency = 0;
  std::int64_t lost = 0;
  std::int64_t outage_ns = 0;
};

ParetoSample sample_of(const Scenario& scenario, const RunResult& result) {
  const Figures& figures = result.figures;
  const Figure latency = figures.select({Metric::page_latency, {}});
  const Figure outage = figures.select({Metric::write_outage, {}});
  return {
      monthly_cost(scenario, figures).total(), latency.empty() ? 0 : latency.quantile(percent(95)),
      figures.select({Metric::lost_transactions, {}}).count(), outage.empty() ? 0 : outage.max()};
}

}  // namespace

std::optional<DesignComparison> compare_designs(
    const std::vector<ComparedDesign>& designs, SeedRange seeds, unsigned jobs,
    const std::function<std::optional<RunResult>(std::size_t side, std::uint64_t seed)>& run_side,
    const std::function<void(std::uint64_t done, std::uint64_t whole)>& progress) {
  std::vector<Scenario> scenarios;
  std::vector<CompareSide> sides;
  for (const ComparedDesign& design : designs) {
    scenarios.push_back(*design.scenario);
    CompareSide side;
    side.name = design.name;
    side.scenario = design.scenario->config.name;
    side.file = design.file;
    sides.push_back(std::move(side));
  }
  const auto count = static_cast<std::size_t>(seeds.last - seeds.first + 1);
  // Each thread writes places of its own.
  std::vector<std::vector<ParetoSample>> samples(designs.size(), std::vector<ParetoSample>(count));
  SweepOptions options;
  options.jobs = jobs;
  options.progress = progress;
  options.run_seed = [&](const Scenario& scenario, std::uint64_t seed) {
    const auto side = static_cast<std::size_t>(&scenario - scenarios.data());
    std::optional<RunResult> result = run_side(side, seed);
    if (result) {
      samples[side][seed - static_cast<std::uint64_t>(seeds.first)] = sample_of(scenario, *result);
    }
    return result;
  };
  std::optional<CompareReport> report = compare(scenarios, std::move(sides), seeds, options);
  if (!report) return std::nullopt;
  DesignComparison made{std::move(*report), {}};
  made.pareto.latency = "page_latency p(95)";
  made.pareto.seeds = seeds;
  for (std::size_t side = 0; side < designs.size(); ++side) {
    ParetoDesign design;
    design.name = designs[side].name;
    design.scenario = scenarios[side].config.name;
    for (const ParetoSample& sample : samples[side]) {
      design.cost.push_back(sample.cost);
      design.latency.push_back(sample.latency);
      design.lost.push_back(sample.lost);
      design.outage_ns.push_back(sample.outage_ns);
    }
    made.pareto.designs.push_back(std::move(design));
  }
  find_beaten(made.pareto);
  return made;
}

void CompareModel::update(const std::vector<ComparedDesign>& designs) {
  const auto same = [](const ComparedDesign& a, const ComparedDesign& b) {
    return a.name == b.name && a.file == b.file && a.scenario == b.scenario && a.view == b.view &&
           a.saved == b.saved;
  };
  const bool changed =
      !std::equal(designs.begin(), designs.end(), designs_.begin(), designs_.end(), same);
  if (changed) {
    designs_ = designs;
    single_.reset();
    digests_.clear();
    regions_.clear();
    mixed_seeds_ = false;
    bool complete = designs.size() >= 2;
    for (const ComparedDesign& design : designs) {
      complete = complete && design.view;
      digests_.push_back(design.scenario ? design.scenario->digest : 0);
      if (!design.scenario) continue;
      for (const PopulationConfig& users : design.scenario->config.workload) {
        if (std::find(regions_.begin(), regions_.end(), users.from) == regions_.end()) {
          regions_.push_back(users.from);
        }
      }
    }
    if (complete) {
      const auto seed = static_cast<std::int64_t>(designs[0].view->seed);
      for (const ComparedDesign& design : designs) {
        mixed_seeds_ = mixed_seeds_ || design.view->seed != designs[0].view->seed;
      }
      // Of the runs' own scenarios: a text with mistakes has no other.
      std::vector<ComparedDesign> run = designs;
      for (ComparedDesign& design : run) design.scenario = design.view->scenario;
      single_ = compare_designs(
          run, {seed, seed}, 1,
          [&](std::size_t side, std::uint64_t) { return run[side].view->result; }, {});
    }
  }
  kept_ = pairs_.result();
  over_seeds_ = kept_ != nullptr && pairs_of_ == digests_ && !pairs_.running();
  outdated_ = kept_ != nullptr && pairs_of_ != digests_ && !pairs_.running();
}

void CompareModel::start(std::int64_t seeds, unsigned jobs, std::function<void()> wake) {
  for (const ComparedDesign& design : designs_) {
    if (!design.scenario) return;
  }
  if (designs_.size() < 2) return;
  pairs_.cancel();
  pairs_.forget();
  pairs_of_ = digests_;
  const SeedRange range = seeds_of(*designs_[0].scenario, seeds);
  pairs_.start(
      [designs = designs_, range, jobs](BackgroundControl& control) {
        const auto run_side = [&](std::size_t side, std::uint64_t seed) {
          return run_while(*designs[side].scenario, seed, [&] { return !control.cancelled(); });
        };
        control.progress(0,
                         designs.size() * static_cast<std::uint64_t>(range.last - range.first + 1));
        return compare_designs(
            designs, range, jobs, run_side,
            [&](std::uint64_t done, std::uint64_t whole) { control.progress(done, whole); });
      },
      std::move(wake));
}

const DesignComparison* CompareModel::shown() const {
  if (over_seeds_) return kept_.get();
  return single_ ? &*single_ : nullptr;
}

std::vector<ComparedDistribution> CompareModel::distributions(Metric metric,
                                                              const std::string& region) const {
  std::vector<ComparedDistribution> all;
  for (std::size_t side = 0; side < designs_.size(); ++side) {
    const auto& view = designs_[side].view;
    if (!view) continue;
    const Figures& figures = view->result->figures;
    const std::vector<std::string>& names = figures.labels[Label::region];
    const auto at = std::find(names.begin(), names.end(), region);
    if (at == names.end()) continue;
    const Histogram latency =
        latency_of(figures, metric, static_cast<std::uint32_t>(at - names.begin()));
    if (latency.count() > 0) all.push_back({side, cumulated(latency)});
  }
  return all;
}

std::vector<PlotSample> CompareModel::quantile_series(std::size_t side, const std::string& metric,
                                                      const std::string& region,
                                                      const std::string& quantile) const {
  std::vector<PlotSample> samples;
  const auto& view = designs_[side].view;
  if (!view) return samples;
  for (const SeriesColumn* column : view->series.of(metric)) {
    if (column->label("region") != region || column->label("quantile") != quantile) continue;
    for (std::size_t i = 0; i < column->values.size(); ++i) {
      samples.push_back({view->series.at[i].ns, column->values[i]});
    }
  }
  return samples;
}

std::vector<PlotBand> CompareModel::fault_bands() const {
  struct Seen {
    PlotBand band;
    std::string sides;
  };
  std::vector<Seen> all;
  const auto add = [&](const PlotBand& band, const std::string& side) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const Seen& seen) {
      return seen.band.name == band.name && seen.band.from == band.from && seen.band.to == band.to;
    });
    if (same == all.end()) {
      all.push_back({band, side});
    } else {
      same->sides += side;
    }
  };
  for (const ComparedDesign& design : designs_) {
    if (!design.view) continue;
    const RunSeries& series = design.view->series;
    const std::int64_t apart = series.at.size() < 2 ? 0 : (series.at[1] - series.at[0]).ns;
    for (const SeriesColumn* column : series.of("fault")) {
      std::optional<PlotBand> open;
      for (std::size_t i = 0; i < column->values.size(); ++i) {
        const bool on = column->values[i].value_or(0) != 0;
        const std::int64_t at = series.at[i].ns;
        if (on && !open) open = PlotBand{std::string(column->label("fault")), at - apart, at};
        if (on) open->to = at;
        if ((!on || i + 1 == column->values.size()) && open) {
          add(*open, design.name);
          open.reset();
        }
      }
    }
  }
  std::vector<PlotBand> bands;
  for (Seen& seen : all) {
    if (seen.sides.size() < designs_.size()) seen.band.name += " (" + seen.sides + ")";
    bands.push_back(std::move(seen.band));
  }
  return bands;
}

std::vector<PlotSample> CompareModel::lag_series(std::size_t side) const {
  std::vector<PlotSample> samples;
  const auto& view = designs_[side].view;
  if (!view) return samples;
  for (const TimePoint at : view->series.at) samples.push_back({at.ns, std::nullopt});
  for (const SeriesColumn* column : view->series.of("replication_lag")) {
    if (column->label("stage") != "replay" || column->label("statistic") != "max") continue;
    for (std::size_t i = 0; i < column->values.size(); ++i) {
      if (column->values[i]) samples[i].y = std::max(samples[i].y.value_or(0), *column->values[i]);
    }
  }
  return samples;
}

std::string CompareModel::command_line() const {
  if (designs_.size() < 2 || !designs_[0].scenario) return "";
  std::vector<std::string> words{"longhaul", "compare"};
  bool saved = true;
  for (const ComparedDesign& design : designs_) {
    words.push_back(design.file);
    saved = saved && design.saved;
  }
  const DesignComparison* comparison = shown();
  const SeedRange seeds =
      comparison != nullptr ? comparison->report.seeds : seeds_of(*designs_[0].scenario, 1);
  words.push_back("--seeds");
  words.push_back(std::to_string(seeds.first) + ".." + std::to_string(seeds.last));
  const std::string line = once_saved(shell_words(words), saved);
  return mixed_seeds_ && !over_seeds_ ? line + "   # here, of different seeds" : line;
}

}  // namespace longhaul
