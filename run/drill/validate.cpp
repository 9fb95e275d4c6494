// What no single field can tell about a drill. Its faults are checked with all others.
#include <algorithm>
#include <set>

#include "models/build.h"
#include "run/validate.h"

namespace longhaul {
namespace {

class DrillValidator {
 public:
  DrillValidator(const ScenarioConfig& config, LoadContext& context)
      : config_(config), drill_(*config.drill), context_(context) {
    for (const NodeConfig& node : config.topology.nodes) {
      nodes_.push_back(node.name);
      staffed_.insert(node.region);
    }
    for (const AppConfig& app : config.topology.apps) staffed_.insert(app.region);
    for (const ControllerConfig& controller : config.control.controllers) {
      staffed_.insert(controller.region);
    }
  }

  void all() {
    const std::string signals = "drill.signals";
    staffed(drill_.signals.region ? signals + ".region" : signals,
            drill_.signals.region.value_or(config_.topology.regions.front()));
    whole_seconds(signals + ".interval", drill_.signals.interval);
    whole_seconds(signals + ".delay", drill_.signals.delay);
    if (!gives_time(drill_.signals.lag_source)) {
      wrong(signals + ".lag_source", "a source that gives a time");
    }
    names("drill.variants", drill_.variants);
    names("drill.injects", drill_.injects);
    std::set<std::string> commands;
    for (std::size_t i = 0; i < drill_.actions.size(); ++i) {
      const std::string path = "drill.actions[" + std::to_string(i) + "]";
      if (!commands.insert(drill_.actions[i].command).second) {
        wrong(path + ".command", "a command of its own");
      }
      action(path, drill_.actions[i]);
    }
    for (const DrillInject& inject : drill_.injects) {
      injected("drill.injects." + inject.name, inject.faults);
    }
    if (config_.warmup < drill_.signals.interval) {
      wrong("warmup", "at least drill.signals.interval: the dashboards show something at once");
    }
  }

 private:
  void wrong(const std::string& path, std::string expected, std::string nearest = {}) {
    context_.add(context_.at(path, std::move(expected), std::move(nearest)));
  }

  void staffed(const std::string& path, const std::string& region) {
    if (staffed_.contains(region)) return;
    const std::vector<std::string> known(staffed_.begin(), staffed_.end());
    wrong(path, "a region in which a node, an app or a controller runs", nearest_of(region, known));
  }

  void node(const std::string& path, const std::string& name) {
    if (std::find(nodes_.begin(), nodes_.end(), name) != nodes_.end()) return;
    wrong(path, "the name of a node", nearest_of(name, nodes_));
  }

  void whole_seconds(const std::string& path, Duration time) {
    if (time.ns % seconds(1).ns != 0) wrong(path, "whole seconds");
  }

  template <class Named>
  void names(const std::string& path, const std::vector<Named>& list) {
    std::set<std::string> seen;
    for (const Named& one : list) {
      if (!seen.insert(one.name).second)
        wrong(path + "." + one.name + ".name", "a name of its own");
    }
  }

  // Injected into a running world.
  void injected(const std::string& path, const std::vector<FaultConfig>& faults) {
    for (std::size_t i = 0; i < faults.size(); ++i) {
      const std::string at = path + ".faults[" + std::to_string(i) + "]";
      if (!is_injectable(faults[i].kind) || faults[i].adds || faults[i].drops) {
        wrong(at + ".kind", "a fault that needs nothing prepared at the start of the run");
      }
    }
  }

  void action(const std::string& path, const DrillAction& action) {
    const int kinds = (action.checks ? 1 : 0) + (action.asks ? 1 : 0) +
                      (action.faults.empty() && !action.ends ? 0 : 1);
    if (kinds != 1) wrong(path, "one of \"checks\", \"asks\", and \"faults\" or \"ends\"");
    if (action.checks) node(path + ".checks", *action.checks);
    if (action.asks) staffed(path + ".asks", *action.asks);
    if (action.node) node(path + ".node", *action.node);
    if (action.from) staffed(path + ".from", *action.from);
    if (action.reaches && !action.reaches->empty()) staffed(path + ".reaches", *action.reaches);
    if (action.ends && !can_be_ended(*action.ends)) {
      wrong(path + ".ends", "a kind of fault that lasts until it is ended");
    }
    injected(path, action.faults);
  }

  const ScenarioConfig& config_;
  const DrillConfig& drill_;
  LoadContext& context_;
  std::vector<std::string> nodes_;
  std::set<std::string> staffed_;
};

}  // namespace

void validate_drill(const ScenarioConfig& config, LoadContext& context) {
  if (config.drill && !config.topology.regions.empty()) DrillValidator(config, context).all();
}

}  // namespace longhaul
