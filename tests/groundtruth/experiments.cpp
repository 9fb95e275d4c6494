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
    Simulated result = kind.run({experiment, folder, std::move(scenario.value())});
    for (Chart& chart : result.charts) clip(chart);
    return result;
  }
  return {{}, "not modelled yet", {}};
}

}  // namespace longhaul::groundtruth
