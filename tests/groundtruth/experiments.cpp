#include "tests/groundtruth/experiments.h"

#include <cstdio>

#include "tests/groundtruth/case.h"

namespace longhaul::groundtruth {
namespace {

struct Kind {
  const char* name;
  Simulated (*run)(const Case&);
};

constexpr Kind kinds[] = {
    {"commit_latency", commit_latency},
    {"connect", connect},
    {"sync_throughput", sync_throughput},
    {"sync_visibility_order", sync_visibility_order},
    {"steady_lag", steady_lag},
    {"storm", storm},
    {"window_limited", window_limited},
    {"replay_pause", replay_pause},
    {"link_cut", link_cut},
    {"replica_conflict", replica_conflict},
    {"checkpoint_spike", checkpoint_spike},
    {"base_backup", base_backup},
    {"manual_failover", manual_failover},
};

// The simulated curve, where the measured one was recorded.
void clip(Chart& chart) {
  Points shown;
  for (std::size_t i = 0; i < chart.simulated.x.size(); ++i) {
    const double x = chart.simulated.x[i];
    if (x < chart.measured.x.front() || x > chart.measured.x.back()) continue;
    shown.x.push_back(x);
    shown.y.push_back(chart.simulated.y[i]);
  }
  chart.simulated = std::move(shown);
}

// Every figure's median over the scenario's seeds, as the measured one is over repetitions. The
// curves are the first seed's, as the measured ones are the first repetition's.
Simulated over_seeds(const Kind& kind, Case now) {
  const SeedRange seeds = now.scenario.config.seeds;
  std::map<std::string, std::vector<double>> samples;
  Simulated result;
  for (std::int64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    now.scenario.config.seeds = {seed, seed};
    Simulated one = kind.run(now);
    for (const auto& [name, value] : one.figures) samples[name].push_back(value);
    if (seed == seeds.first) result = std::move(one);
  }
  for (auto& [name, sample] : samples) result.figures[name] = quantile(std::move(sample), 50);
  return result;
}

}  // namespace

Simulated simulate(const Experiment& experiment, const std::string& folder) {
  for (const Kind& kind : kinds) {
    if (experiment.kind() != kind.name) continue;
    const std::string path = folder + "/scenarios/" + experiment.scenario + ".json";
    Result<Scenario> scenario = load_scenario(path);
    if (!scenario) {
      std::fprintf(stderr, "%s\n", to_text(scenario.errors().front()).c_str());
      return {{}, "its scenario asks for what is not modelled yet", {}};
    }
    Simulated result = over_seeds(kind, {experiment, folder, std::move(scenario.value())});
    for (Chart& chart : result.charts) clip(chart);
    return result;
  }
  return {{}, "not modelled yet", {}};
}

}  // namespace longhaul::groundtruth
