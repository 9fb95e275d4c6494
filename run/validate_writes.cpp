#include "run/validate_writes.h"

#include <algorithm>

namespace longhaul {
namespace {

// Calls that end at once are made one within the other.
constexpr std::int64_t times_at_once_max = 100;

void call(const std::string& path, const CallConfig& call, const ScenarioConfig& config,
          LoadContext& context) {
  const auto wrong = [&](const std::string& field, const std::string& expected) {
    context.add(context.at(path + field, expected));
  };
  if (call.idempotency_key && !call.write && !call.enqueue) {
    wrong(".idempotency_key", "\"write\" or \"enqueue\" beside it: one statement that writes");
  }
  if (call.optimistic && !call.write) {
    wrong(".optimistic", "\"write\" beside it: one statement that writes");
  }
  if ((call.optimistic || call.enqueue) && call.times > times_at_once_max) {
    wrong(".times", "at most 100 of a write that the page does not wait for");
  }
  if (!call.enqueue) return;
  const auto named = [&call](const DataSetConfig& set) { return set.name == *call.enqueue; };
  if (std::none_of(config.data.begin(), config.data.end(), named)) {
    wrong(".enqueue", "the name of a data set");
  }
}

void crash(const std::string& path, const FaultConfig& fault, const ScenarioConfig& config,
           LoadContext& context) {
  const auto& apps = config.topology.apps;
  const auto app = std::find_if(apps.begin(), apps.end(), [&fault](const AppConfig& one) {
    return fault.app && one.name == *fault.app;
  });
  if (app != apps.end() && fault.instance && *fault.instance >= app->instances) {
    context.add(context.at(path + ".instance", "one of the app's instances, counted from 0"));
  }
}

}  // namespace

void validate_writes(const ScenarioConfig& config, LoadContext& context) {
  for (const AppConfig& app : config.topology.apps) {
    const std::string path = "topology.apps." + app.name + ".outbox.broker";
    const bool needs = app.outbox.kind == QueueKind::broker;
    const std::vector<std::string>& regions = config.topology.regions;
    const bool known = app.outbox.broker && std::find(regions.begin(), regions.end(),
                                                      *app.outbox.broker) != regions.end();
    if (needs && !known) context.add(context.at(path, "one of topology.regions"));
  }
  for (const PopulationConfig& population : config.workload) {
    for (const PageConfig& page : population.pages) {
      const std::string path = "workload." + population.name + ".pages." + page.name + ".calls[";
      for (std::size_t i = 0; i < page.calls.size(); ++i) {
        call(path + std::to_string(i) + "]", page.calls[i], config, context);
      }
    }
  }
  for (const auto& [path, fault] : all_faults(config)) {
    if (fault->kind == FaultKind::app_crash) crash(path, *fault, config, context);
  }
}

}  // namespace longhaul
