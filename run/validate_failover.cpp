// What no single field can tell about failover: that its manager has somewhere to run and what it
// keeps its votes in.
#include <algorithm>
#include <set>
#include <string>

#include "models/control/commands.h"
#include "models/control/manager.h"
#include "models/control/pooler_pause.h"
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

void check_command(const ScenarioConfig& config, const FaultConfig& fault, const std::string& path,
                   LoadContext& context) {
  const auto wrong = [&](const std::string& key, std::string expected, std::string nearest = {}) {
    context.add(context.at(path + key, std::move(expected), std::move(nearest)));
  };
  const FailoverManager manager = config.policy.failover.manager;
  const bool is_known = understands(manager, command_of(fault.kind, true));
  if (manager == FailoverManager::none) {
    wrong(".kind",
          "policy.failover.manager, which this is ordered of; by hand there is \"promote\"");
  } else if (!is_known) {
    wrong(".kind", "a command that " + std::string(enum_text(manager)) + " knows");
  }
  if (fault.region) {
    const std::vector<std::string>& regions = config.topology.regions;
    if (std::find(regions.begin(), regions.end(), *fault.region) == regions.end()) {
      wrong(".region", "one of topology.regions", nearest_of(*fault.region, regions));
    }
  }
  if (fault.node) {
    std::vector<std::string> servers;
    for (const NodeConfig& node : config.topology.nodes) {
      if (node.role != NodeRole::logical) servers.push_back(node.name);
    }
    if (std::find(servers.begin(), servers.end(), *fault.node) == servers.end()) {
      wrong(".node", "the name of a primary or of a replica", nearest_of(*fault.node, servers));
    }
  }
  const bool is_failover = fault.kind == FaultKind::failover;
  if (is_failover && manager == FailoverManager::patroni && !fault.node) {
    wrong(".node", "to whom: patronictl failover asks for a candidate");
  }
  if (is_failover && manager == FailoverManager::first_to_answer && fault.node) {
    wrong(".node", "nobody: the script promotes whoever answers first");
  }
  const bool is_switchover = is_failover || fault.kind == FaultKind::switchover;
  if (is_switchover && manager == FailoverManager::repmgr && !fault.node) {
    wrong(".node", "to whom: repmgr standby switchover runs beside that server");
  }
  const std::vector<AppConfig>& apps = config.topology.apps;
  if (fault.pause_poolers && std::none_of(apps.begin(), apps.end(), has_pausable_pooler)) {
    wrong(".pause_poolers", "an app with \"pgbouncer\" whose \"connect\" is not by \"probes\"");
  }
  if (fault.stops_after && manager != FailoverManager::manual_runbook) {
    wrong(".stops_after", "nothing, unless people work through a manual_runbook");
  }
}

void check_commands(const ScenarioConfig& config, LoadContext& context) {
  for (const auto& [path, named] : all_faults(config)) {
    const FaultConfig& fault = *named;
    if (rule_of(fault.kind).subject == FaultSubject::manager) {
      check_command(config, fault, path, context);
    }
    if (fault.kind == FaultKind::clock_step && !fault.by) {
      context.add(context.at(path + ".by", "by how much the clock is set"));
    }
    if (fault.kind == FaultKind::clock_drift && !fault.drift) {
      context.add(context.at(path + ".drift", "how much too fast or slow the clocks run"));
    }
    const bool by_hand = fault.kind == FaultKind::promote;
    if (by_hand && fault.stops_after && *fault.stops_after != OperatorStep::promote) {
      context.add(context.at(path + ".stops_after",
                             "\"promote\": nobody stops the old primary of a promotion by hand"));
    }
  }
}

void check_restores(const ScenarioConfig& config, LoadContext& context) {
  const auto copied_before = [&](Duration at) {
    return std::any_of(config.faults.begin(), config.faults.end(), [&](const FaultConfig& fault) {
      return fault.kind == FaultKind::base_backup && fault.to && fault.at < at;
    });
  };
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    const FaultConfig& fault = config.faults[i];
    if (fault.kind != FaultKind::restore_backup || copied_before(fault.at)) continue;
    context.add(context.at("faults[" + std::to_string(i) + "]",
                           "a base_backup with \"to\" before it: there is nothing to restore"));
  }
}

// A guard that a manager does not know is not passed over in silence.
void check_guards(const FailoverConfig& failover, LoadContext& context) {
  const FailoverGuards& guards = failover.guards;
  const FailoverGuards none;
  const std::string path = "policy.failover.guards.";
  const std::string name(enum_text(failover.manager));
  const auto wrong = [&](const char* key, std::string expected) {
    context.add(context.at(path + key, std::move(expected)));
  };
  if (!counts_guards(failover.manager)) {
    const auto absent = [&](const char* key, bool is_set) {
      if (is_set) wrong(key, "nothing: this guard is not modelled for " + name);
    };
    absent("across_regions", guards.across_regions != none.across_regions);
    absent("same_region_first", guards.same_region_first);
    absent("cool_down", guards.cool_down != none.cool_down);
    absent("loss_max", guards.loss_max.has_value());
    absent("capacity_min", guards.capacity_min != none.capacity_min);
    absent("frozen", guards.frozen && failover.manager == FailoverManager::none);
  }
  const bool by_hand = guards.across_regions == AcrossRegions::by_hand;
  if (by_hand && failover.manager == FailoverManager::manual_runbook) {
    wrong("across_regions", "policy.failover.manual_runbook.needs_approval: a person decides here");
  }
  if (guards.hold_down != none.hold_down &&
      guards.across_regions != AcrossRegions::after_hold_down) {
    wrong("hold_down", "\"across_regions\": \"after_hold_down\", which it belongs to");
  }
  if (!(guards.approval == none.approval) && !by_hand) {
    wrong("approval", "\"across_regions\": \"by_hand\", which it belongs to");
  }
}

void check_range(const DurationRange& range, const std::string& path, LoadContext& context) {
  if (is_ordered(range)) return;
  context.add(context.at(path, "least <= typical <= most"));
}

// The monitor refuses a number that its standbys cannot meet when one of them is lost.
void check_sync_standbys(const ScenarioConfig& config, LoadContext& context) {
  const auto& number = config.policy.failover.pg_auto_failover.number_sync_standbys;
  if (config.policy.failover.manager != FailoverManager::pg_auto_failover || !number) return;
  const auto& nodes = config.topology.nodes;
  const auto standbys = std::count_if(nodes.begin(), nodes.end(), [](const NodeConfig& node) {
    return node.role == NodeRole::replica && !node.failover.nosync;
  });
  if (*number == 0 || *number < standbys) return;
  context.add(context.at("policy.failover.pg_auto_failover.number_sync_standbys",
                         "less than the number of replicas without nosync, of which there are " +
                             std::to_string(standbys)));
}

}  // namespace

void validate_failover(const ScenarioConfig& config, LoadContext& context) {
  const FailoverConfig& failover = config.policy.failover;
  const std::string path = "policy.failover.manager";
  check_controllers(config, context);
  check_restores(config, context);
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
  check_sync_standbys(config, context);
  check_commands(config, context);
  check_guards(failover, context);
  validate_lease_store(config, context);
  validate_standby_cluster(config, context);
}

}  // namespace longhaul
