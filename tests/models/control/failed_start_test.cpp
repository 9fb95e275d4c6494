// A leader's server that stops and cannot be started again: Patroni leaves it to another at once.
// One that starts, however slowly, is waited for.
#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

TEST_CASE("failed_start: patroni: a full disk or a lost data directory hands over within a round",
          "[models][failed_start]") {
  // Stopped at 60 s, seen in the next round, 0 to 10 s later; the start fails at once and frees the
  // key. The rest is round trips of 20 ms, the store and the promotion: well below 5 s. Of five
  // seeds one is seen within 8 s but for 2 in 10,000.
  for (const FaultKind kind : {FaultKind::disk_full, FaultKind::crash}) {
    Duration least = Duration::max();
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      ClusterConfig config = managed(FailoverManager::patroni, minutes(3));
      fault(config, kind, seconds(60), "db-1");
      Cluster cluster = build(config, seed);
      const World& world = cluster.world();
      run_checked(cluster, at(config.duration));
      REQUIRE(world.control.log.promotions.size() == 1);
      const Duration took = world.control.log.promotions[0].opened - at(seconds(60));
      CAPTURE(seed, took.ns);
      REQUIRE(took < seconds(15));
      least = std::min(least, took);
    }
    REQUIRE(least < seconds(13));
  }
}

TEST_CASE("failed_start: patroni: with room on the disk again it comes back as a standby",
          "[models][failed_start]") {
  ClusterConfig config = managed(FailoverManager::patroni, minutes(5));
  config.policy.failover.patroni.use_pg_rewind = true;
  config.postgres.wal_log_hints = true;
  fault(config, FaultKind::disk_full, seconds(60), "db-1", seconds(90));
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(config.duration));
  REQUIRE(world.control.log.promotions.size() == 1);
  REQUIRE(streams_from(world, first, world.control.log.promotions[0].to));
}

}  // namespace longhaul
