// Read your writes in whole worlds: which rule keeps the promise when the nearest replica stands
// still or is cut off, and which does not.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// Users in "us" read what they wrote from a replica beside them; the primary is 100 ms away.
ClusterConfig writers(FreshnessRule rule) {
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100));
  primary(config, "db", "eu").max_connections = 1000;
  replica(config, "copy", "us", "db").max_connections = 1000;
  app(config, "app", "us").pool.size = 50;
  rows(config, microseconds(100), 100'000);
  users(config, "us", "us", 20, {own(write()), own(read())}).think = always(milliseconds(700));
  config.policy.freshness.rule = rule;
  return config;
}

void add_faults(ClusterConfig& config) {
  FaultConfig pause;
  pause.kind = FaultKind::pause_replay;
  pause.node = "copy";
  pause.at = seconds(10);
  pause.lasts = seconds(15);
  FaultConfig cut_off;
  cut_off.from = "eu";
  cut_off.to = "us";
  cut_off.at = seconds(40);
  cut_off.lasts = seconds(3);
  config.faults = {pause, cut_off};
}

std::int64_t violations(const ClusterConfig& config, std::uint64_t seed) {
  Cluster cluster = build(config, seed);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(total(cluster.world(), Metric::reads) > 500);
  return total(cluster.world(), Metric::read_your_writes_violations);
}

}  // namespace

TEST_CASE("freshness: none: a read behind a write misses it", "[models][freshness]") {
  // The answer of a commit takes 50 ms to the app and so does its WAL to the replica, which needs
  // 3 ms more to flush it: the read that follows at once comes too early.
  REQUIRE(violations(writers(FreshnessRule::none), 1) > 100);
}

TEST_CASE("freshness: lsn_token: keeps the promise through pauses and cuts",
          "[models][freshness]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const bool breaker : {true, false}) {
      ClusterConfig config = writers(FreshnessRule::lsn_token);
      config.policy.lag_breaker.enabled = breaker;
      add_faults(config);
      REQUIRE(violations(config, seed) == 0);
    }
  }
}

TEST_CASE("freshness: pin: holds when it covers the breaker's limit, an interval and a probe",
          "[models][freshness]") {
  // open_above 3 s + probe_interval 1 s + a probe (far below 1 s) < 5 s. Only replay stands still.
  ClusterConfig config = writers(FreshnessRule::pin_after_write);
  add_faults(config);
  config.faults.pop_back();
  // Users read alone too, some time after their write.
  config.workload[0].pages[0].calls = {own(write())};
  config.workload[0].pages.push_back({"look", 4, {own(read())}});
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    config.policy.freshness.pin = seconds(5);
    REQUIRE(violations(config, seed) == 0);
    // A pin of 200 ms is over while the replica still gets reads, up to 4 s behind.
    config.policy.freshness.pin = milliseconds(200);
    REQUIRE(violations(config, seed) > 0);
  }
}

TEST_CASE("freshness: scope: a token reaches as far as its scope", "[models][freshness]") {
  // Each user has two sessions that write or read in different pages, while replay stands still.
  ClusterConfig config = writers(FreshnessRule::lsn_token);
  add_faults(config);
  config.policy.lag_breaker.enabled = false;
  config.workload[0].sessions_per_user = 2;
  const auto with = [&config](TokenScope scope) {
    config.policy.freshness.scope = scope;
    return violations(config, 3);
  };
  // Within one page every scope keeps the promise, but for what another session of the user wrote.
  REQUIRE(with(TokenScope::user) == 0);
  config.workload[0].pages[0].calls = {own(write())};
  config.workload[0].pages.push_back({"look", 5, {own(read())}});
  const std::int64_t request = with(TokenScope::request);
  const std::int64_t session = with(TokenScope::session);
  REQUIRE(with(TokenScope::user) == 0);
  REQUIRE(session > 0);
  REQUIRE(request > session);
}

}  // namespace longhaul
