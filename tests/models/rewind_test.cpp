// A server with log of its own comes back: rewound, or built anew.

#include "models/pg/rewind.h"

#include "models/pg/base_backup.h"
#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "models/pg/shutdown.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr NodeId eu{1};

// 80 ms apart, over 20 Mbit/s unless it says otherwise; disks do not count.
ClusterConfig pair(ByteRate bandwidth = {2'500'000}) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80), bandwidth);
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  for (NodeConfig& node : config.nodes) {
    node.disk_read_rate = node.disk_write_rate = {1'000'000'000'000};
  }
  config.postgres.full_page_writes = true;
  config.postgres.wal_log_hints = true;
  config.postgres.database_size = Bytes{10'000'000};
  return config;
}

// db-us has 1 MB that db-eu lacks, and is down; db-eu is the primary.
void fail_over(Cluster& cluster, Bytes images = {}) {
  World& world = cluster.world();
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(10)));
  for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
  produce_records(cluster, {Bytes{1'000'000} + images, 1, images});
  stop_server(world, us, Liveness::stopped);
  run_checked(cluster, at(seconds(11)));
  REQUIRE(promote(world, eu));
  run_checked(cluster, at(seconds(12)));
  REQUIRE(world.node(eu).is_primary);
  for (const std::uint32_t link : {0u, 1u}) heal(cluster, link);
}

Duration took(const World& world) {
  REQUIRE(world.rewinds.size() == 1);
  REQUIRE(world.rewinds[0].state == RewindState::done);
  return world.rewinds[0].ended - world.rewinds[0].begun;
}

}  // namespace

TEST_CASE("facts 12: rewind without wal_log_hints/checksums is refused; re-clone time = size/rate",
          "[models][rewind][facts]") {
  // 1 GB at 50 MB/s: 20 s; asking takes 600 ms, slow start some round trips.
  ClusterConfig config = pair({});
  config.postgres.wal_log_hints = false;
  config.postgres.database_size = Bytes{1'000'000'000};
  config.nodes[1].disk_read_rate = {50'000'000};
  config.wal.tcp_window = mebibytes(64);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  fail_over(cluster);
  REQUIRE(rewind(world, us, eu) == RewindRefusal::no_hint_bits);
  REQUIRE(reinit(world, us, eu));
  REQUIRE(world.node(us).consistent_from == no_data);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(world.backups.size() == 1);
  REQUIRE(world.backups[0].state == BackupState::done);
  const Histogram& backups = all(world, Metric::base_backup_duration);
  REQUIRE(backups.count() == 1);
  REQUIRE(backups.max() > seconds(20).ns);
  REQUIRE(backups.max() < seconds(22).ns);
  REQUIRE(start_as_standby(world, us, eu));
  run_checked(cluster, at(seconds(70)));
  REQUIRE(world.node(us).liveness == Liveness::up);
  REQUIRE(world.node(us).timeline == 2);
  REQUIRE(world.node(us).replayed == world.node(eu).flushed);
}

TEST_CASE("rewind: data_checksums do as well", "[models][rewind]") {
  ClusterConfig config = pair();
  config.postgres.wal_log_hints = false;
  config.postgres.data_checksums = true;
  Cluster cluster = build(config, 1);
  fail_over(cluster);
  REQUIRE(rewind(cluster.world(), us, eu) == RewindRefusal::none);
}

TEST_CASE("rewind: the retained log and the changed pages travel, then the server follows",
          "[models][rewind]") {
  // Eleven round trips, 0.88 s; five segments of the source, 83.9 MB with those it recycled, and
  // 5 MB of pages over 2.5 MB/s with headers of 1,500 / 1,448: 36.8 s. The database is larger than
  // the pages.
  Cluster cluster = build(pair(), 1);
  World& world = cluster.world();
  fail_over(cluster, {5'000'000});
  run_checked(cluster, at(seconds(20)));
  REQUIRE(rewind(world, us, eu) == RewindRefusal::none);
  start_server(world, us);
  REQUIRE(world.node(us).liveness == Liveness::stopped);  // its files are being written
  run_checked(cluster, at(seconds(60)));
  REQUIRE(took(world) > milliseconds(35'800));  // 37.7 s - 5 %
  REQUIRE(took(world) < milliseconds(41'500));  // + 10 %
  REQUIRE(world.node(us).timeline == 2);
  REQUIRE(world.node(us).flushed == world.groups[1].fork);
  REQUIRE(start_as_standby(world, us, eu));
  run_checked(cluster, at(seconds(90)));
  REQUIRE(world.node(us).liveness == Liveness::up);
  REQUIRE(world.node(us).diverged == Divergence::none);
  REQUIRE(world.node(us).replayed == world.node(eu).flushed);
  REQUIRE(world.streams[world.node(us).feed].streaming);
  const Histogram& rejoined = all(world, Metric::rejoin_duration);
  REQUIRE(rejoined.count() == 1);  // from its start at 60 s: a connection, and a segment again
  REQUIRE(rejoined.max() < seconds(10).ns);
}

TEST_CASE("rewind: what it is refused for", "[models][rewind]") {
  Cluster cluster = build(pair(), 1);
  World& world = cluster.world();
  REQUIRE(rewind(world, us, eu) == RewindRefusal::target_runs);
  fail_over(cluster);
  stop_server(world, eu, Liveness::stopped);
  REQUIRE(rewind(world, us, eu) == RewindRefusal::source_down);
  REQUIRE_FALSE(reinit(world, us, eu));
  start_server(world, eu);
  run_checked(cluster, at(seconds(30)));
  World branch = world;
  branch.node(us).kept_from = branch.node(us).flushed;
  REQUIRE(rewind(branch, us, eu) == RewindRefusal::log_removed);
  branch.node(us).consistent_from = no_data;
  REQUIRE(rewind(branch, us, eu) == RewindRefusal::target_empty);
  REQUIRE(rewind(world, us, eu) == RewindRefusal::none);
  REQUIRE(rewind(world, us, eu) == RewindRefusal::target_empty);
}

TEST_CASE("rewind: one that fails half-way leaves nothing to start from", "[models][rewind]") {
  Cluster cluster = build(pair(), 1);
  World& world = cluster.world();
  fail_over(cluster);
  REQUIRE(rewind(world, us, eu) == RewindRefusal::none);
  run_checked(cluster, at(seconds(15)));
  REQUIRE(rewind_state(world, us) == RewindState::copying);
  stop_server(world, eu, Liveness::stopped);
  REQUIRE(rewind_state(world, us) == RewindState::failed);
  REQUIRE(world.node(us).consistent_from == no_data);
  start_server(world, eu);
  run_checked(cluster, at(seconds(20)));
  REQUIRE_FALSE(start_as_standby(world, us, eu));
  REQUIRE(reinit(world, us, eu));
  run_checked(cluster, at(seconds(80)));
  REQUIRE(start_as_standby(world, us, eu));
  run_checked(cluster, at(seconds(120)));
  REQUIRE(world.node(us).liveness == Liveness::up);
  REQUIRE(world.node(us).replayed == world.node(eu).flushed);
}

TEST_CASE("rewind: a server that has nothing of its own needs none", "[models][rewind]") {
  // Stopped in order: all of its log is on the standby. Eleven round trips tell it.
  Cluster cluster = build(pair(), 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  shut_down(world, us, ShutdownMode::fast);
  run_checked(cluster, at(seconds(11)));
  REQUIRE(promote(world, eu));
  run_checked(cluster, at(seconds(20)));
  REQUIRE(rewind(world, us, eu) == RewindRefusal::none);
  run_checked(cluster, at(seconds(30)));
  REQUIRE(took(world) == milliseconds(880));
}

}  // namespace longhaul
