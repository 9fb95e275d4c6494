// How long the log is kept, and for whom.
#include "models/pg/retention.h"
#include "models/pg/server.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr std::uint32_t us = 0;
constexpr std::uint32_t eu = 1;

// A primary and a replica 80 ms away, checkpoints by operators.
ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

// `segments` of log while the replica is stopped.
void fall_behind(Cluster& cluster, std::int64_t segments) {
  stop_server(cluster.world(), {eu}, Liveness::stopped);
  for (std::int64_t i = 0; i < segments; ++i) produce(cluster, mebibytes(16));
}

// A checkpoint begins, and ends at once: nothing is dirty.
void checkpoint(Cluster& cluster) {
  checkpoint_now(cluster.world(), {us});
  advance(cluster, cluster.world().now() + milliseconds(1));
}

bool caught_up(Cluster& cluster) {
  start_server(cluster.world(), {eu});
  advance(cluster, cluster.world().now() + minutes(3));
  return not_converged(cluster.world(), cluster.world().nodes[us].flushed).empty();
}

std::int64_t lost(const Cluster& cluster) { return total(cluster.world(), Metric::replicas_lost); }

}  // namespace

TEST_CASE("facts 7: slot invalidation and removal of WAL occur only at checkpoints",
          "[models][retention][facts]") {
  for (const bool slot : {false, true}) {
    ClusterConfig config = pair();
    config.nodes[eu].slot = slot;
    config.postgres.max_slot_wal_keep_size = mebibytes(64);
    Cluster cluster = build(config, 1);
    World& world = cluster.world();
    const Lsn kept = world.nodes[us].kept_from;
    // 20 segments of 16 MiB: far beyond the bound and beyond what a checkpoint would leave.
    fall_behind(cluster, 20);
    REQUIRE(world.nodes[us].kept_from == kept);
    REQUIRE(wal_available(world, {us}, kept));
    if (slot) REQUIRE(slot_state(world, world.streams[0]) == SlotState::unreserved);
    Cluster before = cluster;  // without a checkpoint the replica still finds everything
    REQUIRE(caught_up(before));
    REQUIRE(lost(before) == 0);
    checkpoint(cluster);
    REQUIRE(world.nodes[us].kept_from > kept);
    REQUIRE(world.streams[0].slot_lost == slot);
    REQUIRE(lost(cluster) == 1);
    REQUIRE_FALSE(caught_up(cluster));
    REQUIRE(lost(cluster) == 1);
  }
}

TEST_CASE("retention: kept: from the redo point, wal_keep_size, or a slot", "[models][retention]") {
  struct Case {
    Bytes keep_size;
    bool slot;
    std::int64_t segments_left;  // behind the one that the redo point is in
    bool survives;
  };
  // 10 segments while the replica is stopped in the first.
  for (const Case& expected : {Case{{}, false, 0, false}, Case{mebibytes(64), false, 4, false},
                               Case{mebibytes(160), false, 10, true}, Case{{}, true, 10, true}}) {
    ClusterConfig config = pair();
    config.postgres.wal_keep_size = expected.keep_size;
    config.nodes[eu].slot = expected.slot;
    Cluster cluster = build(config, 1);
    World& world = cluster.world();
    fall_behind(cluster, 10);
    const Lsn redo = segment_begin(world.nodes[us].insert, config.wal);
    checkpoint(cluster);
    REQUIRE(redo - world.nodes[us].kept_from == mebibytes(16) * expected.segments_left);
    REQUIRE(world.measures.gauge_at(Metric::retained_wal_bytes, us).value() ==
            (mebibytes(16) * (expected.segments_left + 1)).value);
    REQUIRE((lost(cluster) == 0) == expected.survives);
    REQUIRE(caught_up(cluster) == expected.survives);
  }
}

TEST_CASE("retention: slot: reserved, extended, unreserved, lost", "[models][retention]") {
  ClusterConfig config = pair();
  config.nodes[eu].slot = true;
  config.postgres.max_wal_size = mebibytes(64);
  config.postgres.max_slot_wal_keep_size = mebibytes(160);
  Cluster cluster = build(config, 1);
  const WalStream& stream = cluster.world().streams[0];
  REQUIRE(slot_state(cluster.world(), stream) == SlotState::reserved);
  fall_behind(cluster, 5);
  REQUIRE(slot_state(cluster.world(), stream) == SlotState::extended);
  for (int i = 0; i < 8; ++i) produce(cluster, mebibytes(16));
  REQUIRE(slot_state(cluster.world(), stream) == SlotState::unreserved);
  checkpoint(cluster);
  REQUIRE(slot_state(cluster.world(), stream) == SlotState::lost);
  REQUIRE(lost(cluster) == 1);
}

TEST_CASE("retention: an abandoned slot fills the disk and stops the primary",
          "[models][retention]") {
  for (const bool slot : {false, true}) {
    ClusterConfig config = pair();
    config.nodes[eu].slot = slot;
    config.nodes[us].wal_disk = mebibytes(320);
    Cluster cluster = build(config, 1);
    const World& world = cluster.world();
    fall_behind(cluster, 15);
    checkpoint(cluster);
    REQUIRE(world.nodes[us].liveness == Liveness::up);
    for (int i = 0; i < 10; ++i) produce(cluster, mebibytes(16));
    advance(cluster, world.now() + seconds(1));
    REQUIRE((world.nodes[us].liveness == Liveness::stopped) == slot);
  }
}

}  // namespace longhaul
