// A planned switchover behind paused PgBouncers.
#include "models/control/pooler_pause.h"

#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

namespace {

// Writers, 10 writes a second, through a PgBouncer with a fixed host, 20 ms from every server
// but the first; a switchover to the second at 60 s.
ClusterConfig switched(std::optional<Duration> pause, Duration write_time = microseconds(100)) {
  ClusterConfig config = managed(FailoverManager::patroni, minutes(2));
  AppConfig& own = config.apps[0];
  own.statement_timeout = seconds(60);
  own.pgbouncer.emplace();
  own.connect.by = FindPrimary::fixed;
  config.canary = {};
  config.workload[0].rate = per_second(write_time < seconds(1) ? 10 : 2);
  config.data[0].write_time = always(write_time);
  fault(config, FaultKind::switchover, seconds(60), "db-2").pause_poolers = pause;
  return config;
}

std::int64_t errors_of_all_kinds(const World& world) { return total(world, Metric::errors); }

Duration longest_wait(const World& world) { return {all(world, Metric::pool_wait).max()}; }

}  // namespace

TEST_CASE("pooler_pause: a switchover shows no error but a wait as long as the pause",
          "[models][pooler_pause]") {
  // From PAUSE at 60 s until the new primary accepts writes nobody is served; RESUME takes the way
  // from the second region to the desk there and 10 ms to the app, a look of the script 10 ms, and
  // PgBouncer's login six round trips of 20 ms. Writes come 100 ms apart in the mean, so the first
  // that waits comes within 1 s.
  Cluster cluster = build(switched(seconds(60)), 1);
  const World& world = cluster.world();
  run_checked(cluster, at(minutes(2)));
  REQUIRE(world.control.log.promotions.size() == 1);
  const TimePoint opened = world.control.log.promotions[0].opened;
  const Duration pause = opened - at(seconds(60));
  REQUIRE(pause > milliseconds(100));
  REQUIRE(pause < seconds(20));
  REQUIRE(errors_of_all_kinds(world) == 0);
  REQUIRE(longest_wait(world) > pause - seconds(1));
  REQUIRE(longest_wait(world) < pause + milliseconds(300));
  REQUIRE(lost_commits(world).empty());
  // They write on the new primary now, whose host nobody else told PgBouncer.
  REQUIRE(world.node(second).connections > 0);
}

TEST_CASE("pooler_pause: without it the same switchover fails writes", "[models][pooler_pause]") {
  // A fixed host leads to the old primary for ever: it refuses connections, then refuses writes.
  Cluster cluster = build(switched({}), 1);
  run_checked(cluster, at(minutes(2)));
  REQUIRE(cluster.world().control.log.promotions.size() == 1);
  REQUIRE(errors_of_all_kinds(cluster.world()) > 100);
}

TEST_CASE("pooler_pause: transactions in progress end first", "[models][pooler_pause]") {
  // Writes take 3 s: one that began just before 60 s holds its connection until 63 s, and the old
  // primary is not stopped before.
  ClusterConfig config = switched(seconds(60), seconds(3));
  config.nodes[0].cpus = config.nodes[1].cpus = config.nodes[2].cpus = 100;
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(minutes(2)));
  REQUIRE(world.control.pooler_pauses.size() == 1);
  REQUIRE(world.control.pooler_pauses[0].step == PauseStep::over);
  REQUIRE(world.control.pooler_pauses[0].ordered > at(seconds(62)));
  REQUIRE(world.control.pooler_pauses[0].ordered < at(milliseconds(63'300)));
  REQUIRE(errors_of_all_kinds(world) == 0);
}

TEST_CASE("pooler_pause: after so long all are resumed and nothing is ordered any more",
          "[models][pooler_pause]") {
  // The transactions take longer than the operator waits.
  ClusterConfig config = switched(seconds(2), seconds(3));
  config.nodes[0].cpus = 100;
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(minutes(2)));
  REQUIRE(world.control.log.promotions.empty());
  REQUIRE(world.control.pooler_pauses[0].step == PauseStep::over);
  REQUIRE(errors_of_all_kinds(world) == 0);
  REQUIRE(longest_wait(world) >= milliseconds(500));
  REQUIRE(longest_wait(world) < milliseconds(2'500));
}

TEST_CASE("pooler_pause: query_wait_timeout turns those away who wait too long",
          "[models][pooler_pause]") {
  ClusterConfig config = switched(seconds(60));
  config.apps[0].pgbouncer->query_wait_timeout = milliseconds(50);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(minutes(2)));
  REQUIRE(errors(cluster.world(), ErrorKind::pool_timeout) > 0);
  REQUIRE(longest_wait(cluster.world()) <= milliseconds(50));
}

}  // namespace longhaul
