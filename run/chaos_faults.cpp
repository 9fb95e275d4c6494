// Which faults of a kind a random world has: when, for how long, and what they happen to.
#include <algorithm>
#include <string>

#include "run/chaos_world.h"

namespace longhaul {
namespace {

class Faults {
 public:
  Faults(ScenarioConfig& config, Dice& dice) : config_(config), dice_(dice) {}

  void add(FaultKind kind) {
    if (kind == FaultKind::restore_backup) back_up();
    fault_ = {};
    fault_.kind = kind;
    fault_.at = begins();
    const FaultRule& rule = rule_of(kind);
    subject(rule.subject);
    if (!rule.momentary && kind != FaultKind::base_backup &&
        rule.subject != FaultSubject::subscriber) {
      lasts(kind);
    }
    details(kind);
    config_.faults.push_back(fault_);
  }

 private:
  // There has to be something to restore.
  void back_up() {
    FaultConfig copy;
    copy.kind = FaultKind::base_backup;
    copy.at = seconds(5);
    copy.to = dice_.one_of(config_.topology.regions);
    copy.checkpoint = CheckpointMode::fast;
    config_.faults.push_back(copy);
  }

  // A third of them close behind the one before.
  Duration begins() {
    if (!config_.faults.empty() && dice_.one_in(3)) {
      const Duration near = config_.faults.back().at + milliseconds(dice_.between(0, 12'000));
      return std::min(near, chaos_heals - seconds(10));
    }
    return milliseconds(
        dice_.between(chaos_begins.ns / 1'000'000, (chaos_heals - seconds(10)).ns / 1'000'000));
  }

  void lasts(FaultKind kind) {
    if (may_stay(kind) && dice_.one_in(5)) return;
    const std::int64_t longest = (chaos_heals - fault_.at).ns / 1'000'000;
    const std::int64_t scale = dice_.one_of<std::int64_t>({50, 1'000, 5'000, 20'000, 45'000});
    std::int64_t lasts = dice_.between(1, scale);
    if (kind == FaultKind::vm_stall && dice_.one_in(2)) {
      lasts = config_.policy.failover.patroni.ttl.ns / 1'000'000 + dice_.between(1, 20'000);
    }
    fault_.lasts = milliseconds(std::min(longest, lasts));
  }

  // Those that a cluster has to do without for good; all others end.
  static bool may_stay(FaultKind kind) {
    return kind == FaultKind::node_loss || kind == FaultKind::crash ||
           kind == FaultKind::disk_full || kind == FaultKind::zone_loss ||
           kind == FaultKind::region_loss || kind == FaultKind::kill_agent ||
           kind == FaultKind::lease_store_down;
  }

  void subject(FaultSubject subject) {
    switch (subject) {
      case FaultSubject::links:
        return link();
      case FaultSubject::replica:
        fault_.node = replica();
        return;
      case FaultSubject::primary:
        fault_.node = config_.topology.nodes[0].name;
        return;
      case FaultSubject::any_node:
        fault_.node = dice_.one_of(config_.topology.nodes).name;
        return;
      case FaultSubject::server:
        fault_.node = server();
        return;
      case FaultSubject::region:
        fault_.region = dice_.one_of(config_.topology.regions);
        return;
      case FaultSubject::copy:
        return copy();
      case FaultSubject::subscriber:
        fault_.node = subscriber();
        return;
      case FaultSubject::app:
        fault_.app = dice_.one_of(config_.topology.apps).name;
        return;
      case FaultSubject::store:
        if (dice_.one_in(3)) return;  // all of it
        fault_.member = dice_.one_of(config_.topology.lease_store->members).name;
        return;
      case FaultSubject::manager:
        return command();
      case FaultSubject::none:
        return;
    }
  }

  void details(FaultKind kind) {
    const FaultRule& rule = rule_of(kind);
    if (rule.operation || kind == FaultKind::alter_subscriber) {
      fault_.data = config_.data[0].name;
    }
    if (kind == FaultKind::clock_step) {
      const std::int64_t most = dice_.one_of<std::int64_t>({100, 3'000, 60'000});
      fault_.by = milliseconds(dice_.between(-most, most));
    }
    if (kind == FaultKind::clock_drift) {
      const std::int64_t most = dice_.one_of<std::int64_t>({200, 50'000, 300'000});
      fault_.drift = Ratio{dice_.between(-most, most)};
    }
    if (rule.needs_speed) fault_.speed = percent(dice_.between(1, 50));
    if (kind == FaultKind::zone_loss) fault_.zone = zone_of(*fault_.region);
    if (kind == FaultKind::promote) {
      fault_.others_follow = dice_.one_in(2);
      if (dice_.one_in(6)) fault_.stops_after = OperatorStep::promote;
    }
    if (kind == FaultKind::deploy) fault_.every = seconds(dice_.between(0, 10));
    if (kind == FaultKind::flapping) {
      fault_.every = milliseconds(dice_.one_of<std::int64_t>({100, 1'000, 4'000, 15'000}));
      fault_.share = percent(dice_.between(10, 90));
    }
    if (kind == FaultKind::app_crash && dice_.one_in(2)) fault_.instance = 0;
    if (kind == FaultKind::alter_table || kind == FaultKind::alter_subscriber) {
      fault_.adds = "column_" + std::to_string(config_.faults.size());
    }
    if (kind == FaultKind::set_synchronous_standby_names) {
      fault_.value = dice_.one_of({std::string(), std::string("ANY 1 (*)")});
    }
    if (kind == FaultKind::dns_outage && dice_.one_in(2)) fault_.app = any_dns_app();
  }

  // To whom, where the manager wants to know.
  void command() {
    const FailoverManager manager = config_.policy.failover.manager;
    const bool fails_over = fault_.kind == FaultKind::failover;
    const bool names = fails_over || fault_.kind == FaultKind::switchover;
    const bool must = names && (manager == FailoverManager::repmgr ||
                                (fails_over && manager == FailoverManager::patroni));
    const bool must_not = fails_over && manager == FailoverManager::first_to_answer;
    if (must || (!must_not && dice_.one_in(2))) fault_.node = server();
    if (dice_.one_in(3)) fault_.region = dice_.one_of(config_.topology.regions);
    const bool by_people = manager == FailoverManager::manual_runbook;
    if (by_people && (names || fault_.kind == FaultKind::failback) && dice_.one_in(3)) {
      fault_.stops_after = dice_.one_of({OperatorStep::stop_old, OperatorStep::promote});
    }
  }

  std::vector<std::string> names_of(NodeRole role) const {
    std::vector<std::string> names;
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.role == role) names.push_back(node.name);
    }
    return names;
  }

  std::string replica() { return dice_.one_of(names_of(NodeRole::replica)); }
  std::string subscriber() { return dice_.one_of(names_of(NodeRole::logical)); }

  // Half of what happens to servers happens to the first primary.
  std::string server() { return dice_.one_in(2) ? config_.topology.nodes[0].name : replica(); }

  std::string zone_of(const std::string& region) const {
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.region == region) return node.zone;
    }
    return "a";
  }

  void link() {
    const std::vector<std::string>& regions = config_.topology.regions;
    const std::size_t first = dice_.below(regions.size());
    const std::size_t second = (first + 1 + dice_.below(regions.size() - 1)) % regions.size();
    if (dice_.one_in(2)) {
      fault_.between = std::vector<std::string>{regions[first], regions[second]};
    } else {
      fault_.from = regions[first];
      fault_.to = regions[second];
    }
  }

  void copy() {
    const bool is_soon = config_.postgres.checkpoint_timeout <= seconds(30);
    fault_.checkpoint = is_soon && dice_.one_in(2) ? CheckpointMode::spread : CheckpointMode::fast;
    if (dice_.one_in(2)) {
      fault_.node = replica();
    } else {
      fault_.to = dice_.one_of(config_.topology.regions);
    }
  }

  std::string any_dns_app() {
    for (const AppConfig& app : config_.topology.apps) {
      if (app.connect.by == FindPrimary::dns) return app.name;
    }
    return config_.topology.apps[0].name;
  }

  ScenarioConfig& config_;
  Dice& dice_;
  FaultConfig fault_;
};

}  // namespace

void add_chaos_faults(ScenarioConfig& config, FaultKind kind, Dice& dice) {
  const std::size_t count = dice.one_in(3) ? 2 : 1;
  for (std::size_t i = 0; i < count; ++i) Faults(config, dice).add(kind);
}

Duration healed_at(const ScenarioConfig& config) {
  Duration healed;
  for (const FaultConfig& fault : config.faults) {
    healed = std::max(healed, fault.at + fault.lasts.value_or(Duration{}));
  }
  return healed;
}

}  // namespace longhaul
