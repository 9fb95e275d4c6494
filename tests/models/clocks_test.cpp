#include "models/pg/clocks.h"

#include "models/control/agents.h"
#include "models/pg/lag_sources.h"
#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

TEST_CASE("clocks: a clock shows what it has gained, now and in the past", "[models][clocks]") {
  ClusterConfig config = managed(FailoverManager::none);
  FaultConfig& step = fault(config, FaultKind::clock_step, seconds(10), "db-2");
  step.by = seconds(-3);
  FaultConfig& drift = fault(config, FaultKind::clock_drift, seconds(20), "db-2", seconds(100));
  drift.drift = percent(1);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  advance(cluster, at(seconds(200)));
  const auto shows = [&](Duration when) { return clock(world, second, at(when)) - at(when); };
  REQUIRE(shows(seconds(9)) == Duration{});
  REQUIRE(shows(seconds(15)) == seconds(-3));
  REQUIRE(shows(seconds(70)) == seconds(-3) + milliseconds(500));  // 1 % of 50 s
  REQUIRE(shows(seconds(199)) == seconds(-2));                     // 1 % of 100 s
  const Node& node = world.node(second);
  REQUIRE(local_time(node, HostClock::monotonic, at(seconds(199))) == at(seconds(200)));
  REQUIRE(clock(world, first, at(seconds(70))) == at(seconds(70)));
}

TEST_CASE("clocks: an alarm goes off when the clock shows its time, and not before",
          "[models][clocks]") {
  ClusterConfig config = managed(FailoverManager::none);
  const std::int64_t ppm = GENERATE(std::int64_t{-500'000}, std::int64_t{-37}, std::int64_t{1},
                                    std::int64_t{123'457}, std::int64_t{500'000});
  fault(config, FaultKind::clock_drift, seconds(10), "db-1").drift = Ratio{ppm};
  fault(config, FaultKind::clock_step, seconds(11), "db-1").by = milliseconds(-777);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(20)));
  const Node& node = cluster.world().node(first);
  for (const HostClock which : {HostClock::wall, HostClock::monotonic}) {
    for (std::int64_t k = 0; k < 50; ++k) {
      const TimePoint local = at(seconds(30)) + Duration{k * 123'456'789};
      const TimePoint due = true_time(node, which, local);
      REQUIRE(local_time(node, which, due) >= local);
      REQUIRE(local_time(node, which, due - nanoseconds(1)) < local);
    }
  }
}

TEST_CASE("clocks: lag by commit timestamps is off by the step", "[models][clocks]") {
  // Facts 20: now() - pg_last_xact_replay_timestamp(), of two clocks.
  const auto lag = [](std::optional<Duration> step) {
    ClusterConfig config = managed(FailoverManager::none);
    if (step) fault(config, FaultKind::clock_step, seconds(50), "db-2").by = *step;
    Cluster cluster = build(config, 1);
    advance(cluster, at(seconds(60)));
    const World& world = cluster.world();
    const WalStream& stream = world.streams[world.node(second).feed];
    return *lag_from(world, stream, LagSource::replay_timestamp);
  };
  REQUIRE(lag(seconds(5)) == lag({}) + seconds(5));
  REQUIRE(lag(seconds(-5)) == lag({}) - seconds(5));
}

TEST_CASE("clocks: patroni: a leader whose clock is set back sleeps through its ttl",
          "[models][clocks]") {
  // Its next round comes when the clock is there again. A round is due within 10 s, so with 10 s
  // the key, which lasts 30 s, is renewed in time; with 60 s it runs out and the others race. But
  // the agent still answers them that its server is primary (rule 12), so nobody is promoted.
  const auto runs_out = [](Duration back) {
    ClusterConfig config = managed(FailoverManager::patroni);
    fault(config, FaultKind::clock_step, seconds(60), "db-1").by = Duration{} - back;
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(config.duration));
    REQUIRE(cluster.world().control.log.promotions.empty());
    return was_refused(cluster.world(), FailoverReason::another_is_primary);
  };
  REQUIRE_FALSE(runs_out(seconds(10)));
  REQUIRE(runs_out(seconds(60)));
}

TEST_CASE("clocks: patroni: a clock set forward brings rounds early and nothing else",
          "[models][clocks]") {
  ClusterConfig config = managed(FailoverManager::patroni);
  fault(config, FaultKind::clock_step, seconds(60), "db-1").by = minutes(10);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(config.duration));
  REQUIRE(cluster.world().control.log.promotions.empty());
  REQUIRE(errors(cluster.world(), ErrorKind::cannot_connect_now) == 0);
}

TEST_CASE("clocks: patroni: a slow leader that is cut off steps down too late",
          "[models][clocks]") {
  // From its last renewal it has a round of 10 s and retry_timeout of 10 s, by its own clock; the
  // key has 30 s by the store's, and the successor opens some 3 s later. Half as fast that is 40 s
  // against 33 s; a tenth slower 22 s.
  const auto split = [](Ratio drift) {
    ClusterConfig config = managed(FailoverManager::patroni);
    config.lease_store->leader = "m1";  // a new leader of the store would grant the ttl anew
    fault(config, FaultKind::clock_drift, seconds(30), "db-1").drift = drift;
    fault(config, FaultKind::region_isolated, seconds(90), {}, seconds(120)).region = "r0";
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(config.duration));
    REQUIRE(cluster.world().control.log.promotions.size() == 1);
    settle_losses(cluster.world());
    return Duration{all(cluster.world(), Metric::split_brain_duration).max()};
  };
  REQUIRE(split(percent(-10)) == Duration{});
  const Duration overlap = split(percent(-50));
  INFO(overlap.ns);
  REQUIRE(overlap > seconds(4));
  REQUIRE(overlap < seconds(10));
}

TEST_CASE("clocks: other agents go by a clock that is never set", "[models][clocks]") {
  const FailoverManager manager =
      GENERATE(FailoverManager::repmgr, FailoverManager::pg_auto_failover);
  ClusterConfig config = managed(manager);
  for (const char* node : {"db-1", "db-2", "db-3"}) {
    fault(config, FaultKind::clock_step, seconds(60), node).by = minutes(-5);
  }
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(config.duration));
  REQUIRE(cluster.world().control.log.promotions.empty());
}

}  // namespace longhaul
