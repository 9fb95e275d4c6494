// When checkpoints begin and end, and what else PostgreSQL logs by itself.
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr std::uint32_t timed = 0;
constexpr std::uint32_t requested = 1;

// Ten inserts a second; 1,000 rows lie on few pages.
ClusterConfig writer() {
  ClusterConfig config = empty({"us"});
  config.postgres.full_page_writes = true;
  primary(config, "db-us", "us");
  app(config, "app-us", "us");
  rows(config, milliseconds(1));
  users(config, "us", "us", 1, {write()}).think = always(milliseconds(97));
  return config;
}

std::int64_t checkpoints(const Cluster& cluster, std::uint32_t cause) {
  return cluster.world().measures.counter_at(Metric::checkpoints, cause).count;
}

TEST_CASE("checkpointer: timed: every checkpoint_timeout while something is written",
          "[models][checkpointer]") {
  Cluster cluster = build(writer(), 1);
  // 17 minutes: at 5, 10 and 15 min.
  run_checked(cluster, at(minutes(17)));
  REQUIRE(checkpoints(cluster, timed) == 3);
  REQUIRE(checkpoints(cluster, requested) == 0);
}

TEST_CASE("checkpointer: timed: none on an idle server", "[models][checkpointer]") {
  ClusterConfig config = writer();
  config.workload.clear();
  config.data.clear();
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  advance(cluster, at(minutes(30)));
  REQUIRE(world.nodes[0].insert == Lsn{first_lsn});
  insert_wal(cluster.world(), {0}, {Bytes{100}});
  advance(cluster, at(minutes(60)));
  // One write: running transactions (56) once, one checkpoint with its two records (56 + 114).
  REQUIRE(checkpoints(cluster, timed) == 1);
  REQUIRE(world.nodes[0].insert == Lsn{first_lsn} + Bytes{100 + 56 + 56 + 114});
  REQUIRE(world.nodes[0].flushed == world.nodes[0].insert);
}

TEST_CASE("checkpointer: requested: after max_wal_size / 1.9 of log", "[models][checkpointer]") {
  // 1 GiB / 1.9 = 33.7 segments, so the check at the end of the 32nd after the redo point's.
  ClusterConfig config = writer();
  config.workload.clear();
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  const Lsn due = segment_begin({first_lsn}, config.wal) + config.wal.wal_segment_size * 32;
  insert_wal(world, {0}, {due - world.nodes[0].insert - Bytes{1}});
  REQUIRE(checkpoints(cluster, requested) == 0);
  insert_wal(world, {0}, {Bytes{1}});
  REQUIRE(checkpoints(cluster, requested) == 1);
  REQUIRE(world.groups[0].checkpointer.redo == due);
}

TEST_CASE("checkpointer: spread: over its share of the timeout, or as long as pages last",
          "[models][checkpointer]") {
  // 28 heap pages of rows updated: 100 ms each. 10,000 pages: 0.9 * 5 min.
  for (const std::int64_t count : {1'000, 400'000}) {
    ClusterConfig config = writer();
    rows(config, milliseconds(1), count).write = WriteKind::update;
    config.data.erase(config.data.begin());
    Cluster cluster = build(config, 1);
    World& world = cluster.world();
    DataPages& pages = world.groups[0].pages[0];
    for (std::int64_t row = 0; row < count; ++row) {
      write_row(pages, config.data[0], config.postgres, config.wal, static_cast<std::uint64_t>(row),
                RowWrite::hot_update);
    }
    const std::int64_t dirty = pages.logged.count();
    const Duration takes = std::min(milliseconds(100) * dirty, seconds(270));
    run_checked(cluster, at(minutes(5) + takes - milliseconds(1)));
    REQUIRE(world.groups[0].checkpointer.running);
    run_checked(cluster, at(minutes(5) + takes + seconds(1)));
    REQUIRE_FALSE(world.groups[0].checkpointer.running);
  }
}

TEST_CASE("checkpointer: operator: images start again at once", "[models][checkpointer]") {
  ClusterConfig config = writer();
  config.workload.clear();
  FaultConfig action;
  action.kind = FaultKind::checkpoint;
  action.at = seconds(10);
  action.node = "db-us";
  config.faults.push_back(action);
  Cluster cluster = build(config, 1);
  DataPages& pages = cluster.world().groups[0].pages[0];
  const auto image = [&] {
    return write_row(pages, config.data[0], config.postgres, config.wal, 0, RowWrite::hot_update)
        .images;
  };
  REQUIRE(image().value > 0);
  REQUIRE(image().value == 0);
  advance(cluster, at(seconds(10)));
  REQUIRE(image().value > 0);
  REQUIRE(image().value == 0);
  REQUIRE(checkpoints(cluster, requested) == 1);
}

TEST_CASE("checkpointer: switch: the rest of the segment travels as padding",
          "[models][checkpointer]") {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  produce(cluster, {1'000});
  switch_segment(world, {0});
  const Lsn next = segment_begin({first_lsn}, config.wal) + config.wal.wal_segment_size;
  REQUIRE(world.nodes[0].insert == next);
  switch_segment(world, {0});  // already at a boundary
  REQUIRE(world.nodes[0].insert == next);
  run_checked(cluster, at(seconds(10)));
  REQUIRE(world.nodes[1].replayed == next);
}

TEST_CASE("checkpointer: archive_timeout: ends segments in which something was logged",
          "[models][checkpointer]") {
  ClusterConfig config = writer();
  config.workload.clear();
  config.postgres.archive_timeout = minutes(1);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  advance(cluster, at(minutes(3)));
  REQUIRE(world.nodes[0].insert == Lsn{first_lsn});
  insert_wal(world, {0}, {Bytes{100}});
  advance(cluster, at(minutes(4)));
  REQUIRE(world.nodes[0].insert ==
          segment_begin({first_lsn}, config.wal) + config.wal.wal_segment_size);
}

}  // namespace
}  // namespace longhaul
