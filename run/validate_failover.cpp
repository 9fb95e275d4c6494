// What no single field can tell about failover: that its manager has somewhere to run and what it
// keeps its votes in.
#include <algorithm>
#include <set>

#include "models/control/manager.h"
#include "run/validate.h"

namespace longhaul {
namespace {

void check_controllers(const ScenarioConfig& config, LoadContext& context) {
  const std::vector<std::string>& regions = config.topology.regions;
  std::set<std::string> names;
  for (std::size_t i = 0; i < config.control.controllers.size(); ++i) {
    const ControllerConfig& controller = config.control.controllers[i];
    const std::string path = "control.controllers." + controller.name;
    if (!names.insert(controller.name).second) {
      context.add(context.at(path + ".name", "a name of its own"));
    }
    if (std::find(regions.begin(), regions.end(), controller.region) == regions.end()) {
      context.add(context.at(path + ".region", "one of topology.regions",
                             nearest_of(controller.region, regions)));
    }
  }
}

void check_range(const DurationRange& range, const std::string& path, LoadContext& context) {
  if (is_ordered(range)) return;
  context.add(context.at(path, "least <= typical <= most"));
}

}  // namespace

void validate_failover(const ScenarioConfig& config, LoadContext& context) {
  const FailoverConfig& failover = config.policy.failover;
  const std::string path = "policy.failover.manager";
  check_controllers(config, context);
  check_range(failover.guards.approval, "policy.failover.guards.approval", context);
  if (failover.manager == FailoverManager::patroni && !config.topology.lease_store) {
    context.add(context.at(path, "topology.lease_store, which Patroni keeps its leader key in"));
  }
  if (places_of(failover.manager).controllers && config.control.controllers.empty()) {
    context.add(context.at(path, "control.controllers, where this manager runs"));
  }
  const bool managed = failover.manager != FailoverManager::none;
  if (managed && config.topology.primaries == Primaries::active_active) {
    context.add(context.at(path, "no manager where all primaries are active"));
  }
  validate_lease_store(config, context);
}

}  // namespace longhaul
