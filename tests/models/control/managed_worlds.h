// Three servers in three regions, 20 ms from each other, under a failover manager, with writers and
// a canary beside the first.
#pragma once

#include <optional>
#include <string>

#include "models/control/failovers.h"
#include "models/pg/losses.h"
#include "tests/models/worlds.h"

namespace longhaul::worlds {

inline constexpr NodeId first{0}, second{1}, third{2};

inline ClusterConfig managed(FailoverManager manager, Duration duration = minutes(5)) {
  ClusterConfig config = empty({"r0", "r1", "r2"});
  config.duration = duration;
  config.canary = per_second(10);
  link(config, "r0", "r1", milliseconds(20));
  link(config, "r0", "r2", milliseconds(20));
  link(config, "r1", "r2", milliseconds(20));
  primary(config, "db-1", "r0");
  replica(config, "db-2", "r1", "db-1");
  replica(config, "db-3", "r2", "db-1");
  app(config, "app", "r0").statement_timeout = seconds(2);
  rows(config, microseconds(100));
  users(config, "writers", "r0", 10, {write()}).rate = per_second(20);
  config.policy.failover.manager = manager;
  if (manager == FailoverManager::patroni) {
    LeaseStoreConfig store;
    store.members = {{"m0", "r0", "a"}, {"m1", "r1", "a"}, {"m2", "r2", "a"}};
    store.fsync = always(milliseconds(1));
    config.lease_store = store;
  }
  config.control.controllers.push_back({"desk", "r1", "a"});
  return config;
}

inline FaultConfig& fault(ClusterConfig& config, FaultKind kind, Duration at,
                          std::optional<std::string> node = {},
                          std::optional<Duration> lasts = {}) {
  FaultConfig fault;
  fault.kind = kind;
  fault.at = at;
  fault.node = std::move(node);
  fault.lasts = lasts;
  config.faults.push_back(fault);
  return config.faults.back();
}

// Each step of a runbook takes so long.
inline void steps_take(ManualRunbookConfig& runbook, Duration each) {
  const DurationRange range{each, each, each};
  runbook.acknowledge = runbook.decide = runbook.approval = runbook.check = range;
  runbook.fence = runbook.promote = runbook.repoint = runbook.move_clients = range;
  runbook.verify = range;
}

// The longest time in which no write was acknowledged in time, over all regions.
inline Duration longest_outage(World& world, TimePoint now) {
  Duration longest;
  for (CanaryWatch& canary : world.canaries) {
    canary.finish(now);
    for (const CanaryWatch::Outage& outage : canary.outages()) {
      if (outage.ended - outage.began > longest) longest = outage.ended - outage.began;
    }
  }
  return longest;
}

inline bool streams_from(const World& world, NodeId standby, NodeId upstream) {
  const Node& node = world.node(standby);
  return !node.is_primary && node.liveness == Liveness::up && node.upstream == upstream &&
         node.diverged == Divergence::none && node.feed != no_stream &&
         world.streams[node.feed].has_receiver;
}

inline bool was_refused(const World& world, FailoverReason reason) {
  for (const RefusalNote& note : world.control.log.refusals) {
    if (note.reason == reason) return true;
  }
  return false;
}

}  // namespace longhaul::worlds
