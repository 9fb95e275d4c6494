// Worlds in which a replica lags behind its users' own writes, for the tests of freshness rules.
#pragma once

#include "tests/models/worlds.h"

namespace longhaul::freshness_worlds {

using namespace worlds;

constexpr NodeId eu_replica{1};

// Users and their app in "eu" beside a replica, 80 ms from the primary in "us". Statements take 1
// ms. Breakers are off, so only the freshness rule decides. Measured from 5 s on.
inline ClusterConfig local_reads(const FreshnessConfig& rule, std::vector<CallConfig> calls) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  app(config, "app", "eu");
  rows(config, milliseconds(1));
  users(config, "us", "eu", 4, std::move(calls)).think = always(milliseconds(300));
  config.policy.freshness = rule;
  config.policy.lag_breaker.enabled = false;
  config.warmup = seconds(5);
  return config;
}

// The same users, who sometimes only write and sometimes only read what they wrote.
inline ClusterConfig pages_apart(const FreshnessConfig& rule, std::int64_t sessions_per_user) {
  ClusterConfig config = local_reads(rule, {own(write())});
  config.workload[0].sessions = 20;
  config.workload[0].sessions_per_user = sessions_per_user;
  config.workload[0].pages.push_back({"look", 2, {own(read())}});
  return config;
}

inline std::int64_t violations(const World& world) {
  return total(world, Metric::read_your_writes_violations);
}

inline std::int64_t violations_after(const ClusterConfig& config, bool paused, Duration until) {
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(5)));
  if (paused) pause_replay(cluster.world(), eu_replica);
  run_checked(cluster, at(until));
  REQUIRE(total(cluster.world(), Metric::reads) > 50);
  return violations(cluster.world());
}

inline FreshnessConfig rule(FreshnessRule kind, TokenScope scope = TokenScope::session) {
  FreshnessConfig config;
  config.rule = kind;
  config.scope = scope;
  return config;
}

}  // namespace longhaul::freshness_worlds
