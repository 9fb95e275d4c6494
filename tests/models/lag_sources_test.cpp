// What each source says of a replica's lag beside the truth. Regions are 80 ms apart (round trip),
// a standby flushes in 3 ms, replays 1000 bytes in 32 us.

#include "models/pg/lag_sources.h"
#include "models/app/probes.h"
#include "models/monitoring.h"
#include "models/pg/primary.h"
#include "models/pg/stat_replication.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

ClusterConfig far_pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

std::optional<Duration> says(const Cluster& cluster, LagSource source) {
  return lag_from(cluster.world(), cluster.world().streams[0], source);
}

// A commit of 1000 bytes each 100 ms until `to`.
void commit_until(Cluster& cluster, Duration to) {
  for (Duration t = cluster.world().now() - TimePoint{}; t < to; t += milliseconds(100)) {
    commit_unattended(cluster.world(), {0}, {{1000}});
    advance(cluster, at(t + milliseconds(100)));
  }
}

bool within(std::optional<Duration> value, Duration low, Duration high) {
  return value && *value >= low && *value <= high;
}

Duration truth(const Cluster& cluster) {
  return cluster.world().streams[0].lag[3].lag(cluster.world().now());
}

}  // namespace

TEST_CASE("lag_sources: a paused replica: write_lag and flush_lag stay small, the others grow",
          "[models][lag_sources]") {
  ClusterConfig config = far_pair();
  config.monitoring.heartbeat_interval = milliseconds(500);
  Cluster cluster = build(config, 1);
  commit_until(cluster, seconds(5));
  pause_replay(cluster.world(), {1});
  commit_until(cluster, seconds(25));
  // The truth: the first commit that is missing was made at 5.0 s and flushed 2 ms later.
  REQUIRE(within(truth(cluster), milliseconds(19'900), milliseconds(20'000)));
  REQUIRE(within(says(cluster, LagSource::write_lag), milliseconds(80), milliseconds(82)));
  REQUIRE(within(says(cluster, LagSource::flush_lag), milliseconds(83), milliseconds(85)));
  // Replies for newer commits go on, so the stuck position shows: 20 s, as old as the last reply.
  REQUIRE(within(says(cluster, LagSource::replay_lag), milliseconds(19'900), milliseconds(20'100)));
  // The last commit replayed was made up to 100 ms before the first that is missing, the last beat
  // up to 500 ms.
  REQUIRE(within(says(cluster, LagSource::replay_timestamp), seconds(20), milliseconds(20'200)));
  REQUIRE(within(says(cluster, LagSource::replay_timestamp_unless_caught_up), seconds(20),
                 milliseconds(20'200)));
  REQUIRE(within(says(cluster, LagSource::heartbeat), seconds(20), milliseconds(20'600)));
}

TEST_CASE(
    "lag_sources: behind a cut link pg_stat_replication stands still and the corrected "
    "formula says zero",
    "[models][lag_sources]") {
  ClusterConfig config = far_pair();
  config.monitoring.heartbeat_interval = milliseconds(500);
  Cluster cluster = build(config, 1);
  commit_until(cluster, seconds(5));
  cut(cluster, 0);
  cut(cluster, 1);
  commit_until(cluster, seconds(6));
  const StatReplication before = *stat_replication(cluster.world(), NodeId{1});
  commit_until(cluster, seconds(25));
  const StatReplication after = *stat_replication(cluster.world(), NodeId{1});
  REQUIRE(truth(cluster) > seconds(19));
  REQUIRE(after.write_lag == before.write_lag);
  REQUIRE(after.replay_lag == before.replay_lag);
  REQUIRE(within(after.replay_lag, milliseconds(83), milliseconds(85)));
  // reply_time is the sign of life that the lags are not.
  REQUIRE(after.reply_time < at(milliseconds(5100)));
  REQUIRE(says(cluster, LagSource::replay_timestamp_unless_caught_up) == Duration{});
  REQUIRE(says(cluster, LagSource::replay_timestamp) > seconds(19));
  REQUIRE(says(cluster, LagSource::heartbeat) > seconds(19));
  REQUIRE(replay_lag_bytes(cluster.world(), cluster.world().streams[0]) > Bytes{190'000});
}

TEST_CASE("lag_sources: heartbeat: true lag plus the age of the last beat, traffic or not",
          "[models][lag_sources]") {
  ClusterConfig config = far_pair();
  config.monitoring.heartbeat_interval = seconds(1);
  Cluster cluster = build(config, 1);
  REQUIRE_FALSE(says(cluster, LagSource::heartbeat));
  // Written at 10 s sharp, flushed in 2 ms, 40 ms under way, flushed in 3 ms: visible at 10.045 s.
  // Just before, the standby shows the beat of 9 s.
  advance(cluster, at(milliseconds(10'044)));
  REQUIRE(says(cluster, LagSource::heartbeat) == milliseconds(1044));
  advance(cluster, at(milliseconds(10'047)));
  REQUIRE(says(cluster, LagSource::heartbeat) == milliseconds(47));
  // One beat is kept that the standby shows, and those that it does not show.
  REQUIRE(cluster.world().logs[0].beats.size() <= 2);
}

TEST_CASE("lag_sources: clocks: the standby's clock counts against the primary's",
          "[models][lag_sources]") {
  ClusterConfig config = far_pair();
  config.monitoring.heartbeat_interval = seconds(1);
  config.nodes[0].clock_skew = milliseconds(200);
  config.nodes[1].clock_skew = milliseconds(-300);
  Cluster cluster = build(config, 1);
  advance(cluster, at(milliseconds(10'600)));
  // The beat of 10 s is 600 ms old; 500 ms less by clocks that disagree. The same for its commit.
  REQUIRE(says(cluster, LagSource::heartbeat) == milliseconds(100));
  REQUIRE(says(cluster, LagSource::replay_timestamp) == milliseconds(100));
  advance(cluster, at(milliseconds(11'100)));
  REQUIRE(says(cluster, LagSource::heartbeat) == milliseconds(-400));
  // pg_stat_replication knows one clock only: 40 + 3 + 40 ms.
  REQUIRE(within(says(cluster, LagSource::replay_lag), milliseconds(83), milliseconds(85)));
}

TEST_CASE("lag_sources: an idle primary: only the plain formula raises an alert",
          "[models][lag_sources]") {
  ClusterConfig config = far_pair();
  config.monitoring.interval = seconds(1);
  Cluster cluster = build(config, 1);
  commit_until(cluster, seconds(5));
  advance(cluster, at(minutes(5)));
  World& world = cluster.world();
  const auto alerts = [&world](LagSource source) {
    return world.measures.counter(Metric::lag_alerts, 1, source).count;
  };
  REQUIRE(alerts(LagSource::replay_timestamp) == 1);
  for (const LagSource source : {LagSource::replay_timestamp_unless_caught_up, LagSource::write_lag,
                                 LagSource::flush_lag, LagSource::replay_lag}) {
    REQUIRE(alerts(source) == 0);
  }
  // NULL is no sample: two idle replies after 5 s, at 15 s, the columns are empty; once
  // more after the record of running transactions, which follows within 15 s of the last commit.
  REQUIRE(world.measures.distribution(Metric::reported_lag, 1, LagSource::replay_lag).count() < 35);
  REQUIRE(
      world.measures.distribution(Metric::reported_lag, 1, LagSource::replay_timestamp).count() >
      290);
}

TEST_CASE("lag_sources: an idle primary with a heartbeat: no alert at all",
          "[models][lag_sources]") {
  ClusterConfig config = far_pair();
  config.monitoring.interval = seconds(1);
  config.monitoring.heartbeat_interval = seconds(1);
  Cluster cluster = build(config, 1);
  advance(cluster, at(minutes(5)));
  REQUIRE(total(cluster.world(), Metric::lag_alerts) == 0);
}

TEST_CASE("lag_sources: a probe of pg_stat_replication takes a round trip to the primary",
          "[models][lag_sources]") {
  // The app is beside the replica: to the primary and back 80 ms, and not 0 ms. One question
  // brings both databases' news: the replica's position as of its last reply.
  ClusterConfig config = far_pair();
  rows(config, milliseconds(1));
  app(config, "app", "eu").lag_source = LagSource::replay_lag;
  config.policy.lag_breaker.probe_interval = seconds(1);
  Cluster cluster = build(config, 1);
  commit_until(cluster, milliseconds(4900));
  const Router& router = cluster.world().instances[0].routers[0];
  const std::optional<Observation>& seen = router.last_observation(DatabaseIndex{1});
  REQUIRE(seen);
  REQUIRE_FALSE(seen->is_primary);
  REQUIRE(within(seen->lag, milliseconds(83), milliseconds(85)));
  REQUIRE(seen->measured_at == router.last_observation(DatabaseIndex{0})->measured_at);
  REQUIRE(router.breaker(DatabaseIndex{1}).state() == BreakerState::closed);
  // The primary is cut off: the replica answers, but nobody asks it. Both breakers open.
  cut(cluster, 0);
  cut(cluster, 1);
  advance(cluster, at(seconds(10)));
  REQUIRE(router.breaker(DatabaseIndex{1}).state() == BreakerState::open);
}

TEST_CASE("lag_sources: a probe that asks for bytes judges by bytes alone",
          "[models][lag_sources]") {
  for (const LagSource source : {LagSource::replay_lag_bytes, LagSource::position_difference}) {
    ClusterConfig config = far_pair();
    rows(config, milliseconds(1));
    app(config, "app", "eu").lag_source = source;
    config.policy.lag_breaker.open_above_bytes = {100'000};
    config.policy.lag_breaker.close_below_bytes = {50'000};
    Cluster cluster = build(config, 1);
    commit_until(cluster, seconds(5));
    const LagBreaker& breaker = cluster.world().instances[0].routers[0].breaker(DatabaseIndex{1});
    REQUIRE(breaker.state() == BreakerState::closed);
    REQUIRE_FALSE(breaker.lag() > Duration{});
    // 10 kB a second: 100 kB are missing 10 s after the pause, seen a second later at most.
    pause_replay(cluster.world(), {1});
    commit_until(cluster, milliseconds(14'900));
    REQUIRE(breaker.state() == BreakerState::closed);
    commit_until(cluster, milliseconds(16'500));
    REQUIRE(breaker.state() == BreakerState::open);
    REQUIRE(all(cluster.world(), Metric::observed_lag_bytes).max() > 100'000);
  }
}

}  // namespace longhaul
