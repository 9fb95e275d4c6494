// Servers that are shut down and started in another role.

#include "models/pg/shutdown.h"

#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr NodeId eu{1};

// Flushes take 2 ms on db-us and 3 ms on db-eu, 80 ms apart.
ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

void writers(ClusterConfig& config, std::int64_t sessions) {
  app(config, "app", "us");
  rows(config, {});
  users(config, "writer", "us", sessions, {write()}).think = always(milliseconds(10));
}

std::int64_t in_doubt(const World& world, Fate fate) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::in_doubt_transactions); ++i) {
    const auto labels = world.measures.labels_of(Metric::in_doubt_transactions, i);
    if (labels[1] != static_cast<std::uint32_t>(fate)) continue;
    sum += world.measures.counter_at(Metric::in_doubt_transactions, i).count;
  }
  return sum;
}

}  // namespace

TEST_CASE("shutdown: a fast one ends when its standby has flushed the checkpoint record",
          "[models][shutdown]") {
  // 2 ms of flush, 40 ms to the standby, 3 ms of flush there, 40 ms back.
  ClusterConfig config = pair();
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(10)));
  const Lsn before = world.node(us).insert;
  shut_down(world, us, ShutdownMode::fast);
  REQUIRE(world.node(us).liveness == Liveness::stopping);
  run_checked(cluster, at(seconds(10) + milliseconds(84)));
  REQUIRE_FALSE(has_stopped(world, us));
  run_checked(cluster, at(seconds(11)));
  REQUIRE(has_stopped(world, us));
  REQUIRE(world.node(us).clean_shutdown);
  REQUIRE(world.node(us).stopped_at == at(seconds(10) + milliseconds(85)));
  REQUIRE(world.node(eu).flushed == world.node(us).flushed);
  REQUIRE(world.node(eu).flushed > before);
}

TEST_CASE("shutdown: a fast one hangs until wal_sender_timeout when its standby is unreachable",
          "[models][shutdown]") {
  // The standby is last heard at 4.983 s: a commit at 4.9 s arrives after 40 ms, is flushed after
  // 3 ms and replayed, and the word of it needs 40 ms. Cut at 5 s: the walsender ends at 64.983 s.
  Cluster cluster = build(pair(), 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(4) + milliseconds(900)));
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(5)));
  for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
  run_checked(cluster, at(seconds(10)));
  shut_down(world, us, ShutdownMode::fast);
  run_checked(cluster, at(seconds(64) + milliseconds(980)));
  REQUIRE_FALSE(has_stopped(world, us));
  run_checked(cluster, at(seconds(65) + milliseconds(10)));
  REQUIRE(has_stopped(world, us));
  REQUIRE(world.node(us).clean_shutdown);
}

TEST_CASE("shutdown: an immediate one does not wait, also for a fast one that hangs",
          "[models][shutdown]") {
  Cluster cluster = build(pair(), 1);
  World& world = cluster.world();
  for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
  run_checked(cluster, at(seconds(10)));
  shut_down(world, us, ShutdownMode::fast);
  run_checked(cluster, at(seconds(20)));
  shut_down(world, us, ShutdownMode::immediate);
  REQUIRE(has_stopped(world, us));
  REQUIRE_FALSE(world.node(us).clean_shutdown);
  REQUIRE(world.node(us).stopped_at == at(seconds(20)));
}

TEST_CASE("shutdown: dirty pages are written first", "[models][shutdown]") {
  // 100 of 1,000 pages of 8,192 bytes at 1 MB/s: 0.8192 s.
  ClusterConfig config = pair();
  writers(config, 1);
  config.nodes[0].disk_rate = {1'000'000};
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(1)));
  DataPages& pages = world.groups[0].pages[0];
  pages.logged = PageSet(1'000);
  for (int page = 0; page < 100; ++page) pages.logged.insert(page);
  shut_down(world, us, ShutdownMode::fast);
  run_checked(cluster, at(seconds(3)));
  const Duration took = world.node(us).stopped_at - at(seconds(1));
  REQUIRE(took > microseconds(819'200) + milliseconds(85));
  REQUIRE(took < microseconds(819'200) + milliseconds(95));
}

TEST_CASE("shutdown: a fast one loses nothing, an immediate one asynchronous commits",
          "[models][shutdown]") {
  // Writes every 10 ms of 4 sessions, answered before they are flushed. At 10.1 s the WAL writer's
  // last round was 100 ms ago.
  for (const ShutdownMode mode : {ShutdownMode::fast, ShutdownMode::immediate}) {
    ClusterConfig config = pair();
    config.postgres.synchronous_commit = SynchronousCommit::off;
    writers(config, 4);
    Cluster cluster = build(config, 1);
    World& world = cluster.world();
    run_checked(cluster, at(seconds(10) + milliseconds(100)));
    const std::uint64_t last = world.truth.versions().end();
    shut_down(world, us, mode);
    std::int64_t gone = 0;
    for (std::uint64_t n = world.truth.versions().first(); n != last; ++n) {
      gone += world.truth.versions().at(n).gone ? 1 : 0;
    }
    REQUIRE((gone > 30) == (mode == ShutdownMode::immediate));
    REQUIRE((gone == 0) == (mode == ShutdownMode::fast));
    run_checked(cluster, at(seconds(20)));
    REQUIRE(has_stopped(world, us));
    start_server(world, us);
    run_checked(cluster, at(seconds(40)));
    REQUIRE(world.node(us).liveness == Liveness::up);
    REQUIRE(world.node(us).flushed - world.node(eu).flushed < Bytes{3'000});
  }
}

TEST_CASE("shutdown: commits that wait for a standby are there, and nobody was told",
          "[models][shutdown]") {
  // Three sessions hang behind a cut; the shutdown ends their connections.
  ClusterConfig config = pair();
  config.postgres.synchronous_standby_names = "db-eu";
  writers(config, 3);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(5)));
  for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
  run_checked(cluster, at(seconds(6)));
  shut_down(world, us, ShutdownMode::fast);
  run_checked(cluster, at(seconds(7)));
  REQUIRE(in_doubt(world, Fate::present) == 3);
  REQUIRE(errors(world, ErrorKind::cannot_connect_now) > 10);
}

TEST_CASE("shutdown: a switchover: the old primary follows the new one", "[models][shutdown]") {
  // Stopped in order, so the standby has all of its log and it can follow without a rewind.
  ClusterConfig config = pair();
  writers(config, 2);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  shut_down(world, us, ShutdownMode::fast);
  run_checked(cluster, at(seconds(11)));
  REQUIRE(promote(world, eu));
  run_checked(cluster, at(seconds(12)));
  REQUIRE(world.node(eu).is_primary);
  REQUIRE(start_as_standby(world, us, eu));
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.node(us).liveness == Liveness::up);
  REQUIRE_FALSE(world.node(us).is_primary);
  REQUIRE(world.node(us).diverged == Divergence::none);
  REQUIRE(world.node(us).timeline == 2);
  const Lsn end = world.node(eu).flushed;
  run_checked(cluster, at(seconds(31)));
  REQUIRE(world.node(us).replayed >= end);
}

TEST_CASE("shutdown: a crashed primary with log of its own cannot follow", "[models][shutdown]") {
  // 40 ms of commits are not at the standby when host and link are lost.
  ClusterConfig config = pair();
  writers(config, 2);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  stop_server(world, us, Liveness::vanished);
  REQUIRE_FALSE(start_as_standby(world, us, eu));  // there is no host
  run_checked(cluster, at(seconds(11)));
  REQUIRE(promote(world, eu));
  run_checked(cluster, at(seconds(12)));
  return_host(world, us);
  REQUIRE(start_as_standby(world, us, eu));
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.node(us).liveness == Liveness::up);
  REQUIRE(world.node(us).diverged == Divergence::ahead_of_fork);
}

}  // namespace longhaul
