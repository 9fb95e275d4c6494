// Promotions: how long they take, where the timeline forks off, who can follow and what is lost.

#include "models/pg/promotion.h"

#include "models/pg/follow.h"
#include "models/pg/history.h"
#include "models/pg/losses.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0}, eu{1}, ap{2};
constexpr Duration ends_recovery = milliseconds(50);

// us is the primary, eu and ap stream from it; round trips as in the measurements.
ClusterConfig three() {
  ClusterConfig config = empty({"us", "eu", "ap"});
  link(config, "us", "eu", milliseconds(80));
  link(config, "us", "ap", milliseconds(200));
  link(config, "eu", "ap", milliseconds(240));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  replica(config, "db-ap", "ap", "db-us");
  config.postgres.end_of_recovery = always(ends_recovery);
  return config;
}

FaultConfig fault(FaultKind kind, const std::string& node, Duration at) {
  FaultConfig result;
  result.kind = kind;
  result.node = node;
  result.at = at;
  return result;
}

FaultConfig isolate(Duration at, const std::string& a, const std::string& b) {
  FaultConfig result;
  result.kind = FaultKind::cut_link;
  result.between = std::vector<std::string>{a, b};
  result.at = at;
  return result;
}

const Group& newest(const Cluster& cluster) {
  return cluster.world().groups[newest_group(cluster.world(), {0}).value];
}

// A writer beside the primary, a hundred transactions a second, each of a row of its own.
void add_writer(ClusterConfig& config) {
  app(config, "app", "us");
  rows(config, microseconds(100), 100'000);
  PopulationConfig& writer = users(config, "writer", "us", 1, {write()});
  writer.rate = per_second(100);
  writer.in_flight_max = 1'000;
}

std::int64_t lost(const World& world, Loss cause) {
  return world.measures.counter_at(Metric::lost_transactions, static_cast<std::size_t>(cause))
      .count;
}

}  // namespace

TEST_CASE("promotion: with nothing left to replay it takes the end of recovery",
          "[models][promotion]") {
  Cluster cluster = build(three(), 1);
  const World& world = cluster.world();
  produce(cluster, {1'000});
  advance(cluster, at(seconds(10)));
  const Lsn end = world.node(us).flushed;
  REQUIRE(promote(cluster.world(), eu));
  REQUIRE_FALSE(promote(cluster.world(), eu));  // under way
  run_checked(cluster, at(seconds(10) + ends_recovery - nanoseconds(1)));
  REQUIRE_FALSE(world.node(eu).is_primary);
  run_checked(cluster, at(seconds(10) + ends_recovery));
  REQUIRE(world.node(eu).is_primary);
  REQUIRE(world.node(eu).role_changed_at == at(seconds(10) + ends_recovery));
  const Group& group = newest(cluster);
  REQUIRE(group.primary == eu);
  REQUIRE(group.timeline == 2);
  REQUIRE(group.parent == GroupId{0});
  REQUIRE(group.fork == end);
  REQUIRE(primary_of(world, {0}) == eu);
  REQUIRE_FALSE(promote(cluster.world(), eu));  // a primary
  REQUIRE(world.node(us).is_primary);           // nobody has told it
  REQUIRE(world.groups.size() == 2);
  // The end-of-recovery record is the new timeline's first.
  run_checked(cluster, at(seconds(11)));
  REQUIRE(world.node(eu).flushed >= end + Bytes{42});
}

TEST_CASE("promotion: a backlog is replayed first, a pause and recovery_min_apply_delay end",
          "[models][promotion]") {
  ClusterConfig config = three();
  config.nodes[1].recovery_min_apply_delay = minutes(60);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  pause_replay(world, eu);
  for (int i = 0; i < 30; ++i) produce(cluster, mebibytes(1));
  advance(cluster, at(seconds(60)));
  const Lsn end = world.node(us).flushed;
  REQUIRE(world.node(eu).flushed == end);
  REQUIRE(end - world.node(eu).replayed == mebibytes(30));
  REQUIRE(promote(world, eu));
  run_checked(cluster, at(seconds(70)));
  // 30 MiB at 30 MiB/s, each batch rounded up to a nanosecond, and the end of recovery.
  const Duration took = world.node(eu).role_changed_at - at(seconds(60));
  REQUIRE(took >= seconds(1) + ends_recovery);
  REQUIRE(took <= seconds(1) + ends_recovery + microseconds(1));
  REQUIRE(newest(cluster).fork == end);
  resume_replay(world, eu);  // of no consequence any more
  run_checked(cluster, at(seconds(71)));
}

TEST_CASE("promotion: those behind the fork follow, and get all of both timelines",
          "[models][promotion]") {
  Cluster cluster = build(three(), 1);
  World& world = cluster.world();
  produce(cluster, {200'000});
  advance(cluster, at(seconds(10)));
  pause_replay(world, ap);  // it has the log and has not replayed it
  produce(cluster, {50'000});
  advance(cluster, at(seconds(20)));
  stop_server(world, us, Liveness::stopped);
  promote_by_hand(world, eu, true);
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.node(ap).upstream == eu);
  REQUIRE(world.node(ap).diverged == Divergence::none);
  REQUIRE(world.node(ap).timeline == 2);
  produce(cluster, {70'000});
  run_checked(cluster, at(seconds(31)));
  REQUIRE(world.node(ap).flushed == world.node(eu).flushed);
  REQUIRE(world.node(ap).replayed < newest(cluster).fork);
  resume_replay(world, ap);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(not_converged(world, world.node(eu).flushed, newest(cluster).log) == "");
}

TEST_CASE("promotion: one ahead of the fork cannot follow, and asks again every 5 s",
          "[models][promotion]") {
  // eu is cut off and lacks what ap has got; then it is promoted, the wrong one of the two.
  Cluster cluster = build(three(), 1);
  World& world = cluster.world();
  produce(cluster, {1'000});
  advance(cluster, at(seconds(10)));
  cut(cluster, 0);
  cut(cluster, 1);
  const Lsn fork = world.node(us).flushed;
  produce(cluster, {5'000});
  advance(cluster, at(seconds(20)));
  REQUIRE(world.node(ap).flushed == fork + Bytes{5'000});
  stop_server(world, us, Liveness::vanished);
  promote_by_hand(world, eu, true);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(newest(cluster).fork == fork);
  REQUIRE(world.node(ap).diverged == Divergence::ahead_of_fork);
  REQUIRE(world.node(ap).timeline == 1);
  REQUIRE(world.node(ap).newest_known == 2);  // it was told that there is one
  REQUIRE(world.node(ap).flushed == fork + Bytes{5'000});
  // Promoted in its turn, it takes a number that is not taken.
  REQUIRE(promote(world, ap));
  run_checked(cluster, at(seconds(61)));
  REQUIRE(world.node(ap).timeline == 3);
  REQUIRE(shared_up_to(world, world.node(ap).log, world.node(eu).log) == fork);
}

TEST_CASE("promotion: two at once take the same number and are two timelines",
          "[models][promotion]") {
  Cluster cluster = build(three(), 1);
  World& world = cluster.world();
  produce(cluster, {1'000});
  advance(cluster, at(seconds(10)));
  stop_server(world, us, Liveness::vanished);
  REQUIRE(promote(world, eu));
  REQUIRE(promote(world, ap));
  run_checked(cluster, at(seconds(11)));
  REQUIRE(world.node(eu).timeline == 2);
  REQUIRE(world.node(ap).timeline == 2);
  REQUIRE(world.node(eu).log != world.node(ap).log);
  REQUIRE(shared_up_to(world, world.node(eu).log, world.node(ap).log) == world.groups[1].fork);
}

TEST_CASE("promotion: an upstream on an older timeline is refused, a cascade follows by itself",
          "[models][promotion]") {
  ClusterConfig config = three();
  config.nodes[2].follows = "db-eu";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  produce(cluster, {1'000});
  advance(cluster, at(seconds(10)));
  REQUIRE(promote(world, eu));
  // Told at once, it asks at once: the retry interval has long passed. Five round trips of 240 ms.
  run_checked(cluster, at(seconds(12)));
  REQUIRE(world.node(ap).timeline == 2);
  REQUIRE(world.node(ap).upstream == eu);
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(14)));
  REQUIRE(world.node(ap).replayed == world.node(eu).flushed);
  follow(world, ap, us);  // which is still on timeline 1
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.node(ap).diverged == Divergence::older_upstream);
  REQUIRE(world.node(ap).timeline == 2);
  follow(world, ap, eu);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(world.node(ap).diverged == Divergence::none);
  REQUIRE(world.node(ap).replayed == world.node(eu).flushed);
}

TEST_CASE(
    "follow: facts sheet 12.14: restart of streaming re-sends from the segment start (<= 16 MiB)",
    "[models][promotion][facts]") {
  Cluster cluster = build(three(), 1);
  World& world = cluster.world();
  for (int i = 0; i < 40; ++i) produce(cluster, mebibytes(1));
  advance(cluster, at(seconds(60)));
  const Lsn have = world.node(ap).flushed;
  const Bytes again = have - segment_begin(have, world.plan->wal);
  REQUIRE(again.value > 0);
  REQUIRE(again < mebibytes(16));
  const std::size_t wire = static_cast<std::size_t>(Traffic::wal);
  const auto sent = [&world] {
    return world.measures.counter(Metric::cross_region_bytes, 1, 2, Traffic::wal).count;
  };
  REQUIRE(wire == 0);
  const std::int64_t before = sent();
  follow(world, ap, eu);
  run_checked(cluster, at(seconds(90)));
  REQUIRE(world.node(ap).flushed == have);
  // With headers of about 4 % and a few messages about the connection.
  REQUIRE(sent() - before > again.value);
  REQUIRE(sent() - before < again.value * 110 / 100);
}

TEST_CASE("follow: the old upstream's walsender lingers until it is told, or times out",
          "[models][promotion]") {
  // Partitioned away from its synchronous standby, us goes on to count it for wal_sender_timeout.
  ClusterConfig config = three();
  config.postgres.synchronous_standby_names = "FIRST 1 (db-eu)";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  advance(cluster, at(seconds(100)));
  const WalStream& old = world.streams[0];
  REQUIRE(old.standby == eu);
  SECTION("told half a round trip later") {
    follow(world, eu, ap);
    run_checked(cluster, at(seconds(100) + milliseconds(39)));
    REQUIRE(world.streams[0].has_sender);
    run_checked(cluster, at(seconds(100) + milliseconds(41)));
    REQUIRE_FALSE(world.streams[0].has_sender);
    REQUIRE(world.streams.size() == 3);
    run_checked(cluster, at(seconds(110)));
    REQUIRE(world.streams[2].has_sender);
  }
  SECTION("cut off") {
    cut(cluster, 0);
    cut(cluster, 1);
    follow(world, eu, ap);
    run_checked(cluster, at(seconds(150)));
    REQUIRE(world.streams[0].has_sender);
    REQUIRE(world.streams[0].sync_listed);
    run_checked(cluster, at(seconds(161)));
    REQUIRE_FALSE(world.streams[0].has_sender);
  }
}

TEST_CASE(
    "losses: process kill loses nothing that was sent, a lost host and its way half a round trip",
    "[models][promotion][losses]") {
  // A hundred transactions a second and half a round trip of 40 ms: four are under way. Measured:
  // 0 or 1 of a killed process, 4 of a node that is lost with what its network holds.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const bool host : {false, true}) {
      ClusterConfig config = three();
      config.duration = seconds(30);
      add_writer(config);
      config.faults = {fault(host ? FaultKind::node_loss : FaultKind::crash, "db-us", seconds(10)),
                       fault(FaultKind::promote, "db-eu", seconds(11))};
      if (host) {
        config.faults.push_back(isolate(seconds(10), "us", "eu"));
        config.faults.push_back(isolate(seconds(10), "us", "ap"));
      }
      Cluster cluster = build(config, seed);
      const World& world = cluster.world();
      run_checked(cluster, cluster.end());
      cluster.finish();
      INFO("seed " << seed << (host ? ", host" : ", process"));
      const std::int64_t count = total(world, Metric::lost_transactions);
      REQUIRE(count == lost(world, Loss::unreplicated));
      if (host) {
        // Poisson arrivals of mean 4: fewer than 16 but for one in 10^6.
        REQUIRE(count >= 1);
        REQUIRE(count < 16);
        REQUIRE(all(world, Metric::lost_seconds).max() <= milliseconds(60).ns);
        REQUIRE(all(world, Metric::lost_seconds).max() > 0);
      } else {
        REQUIRE(count <= 1);
      }
      REQUIRE(all(world, Metric::lost_bytes).count() == 1);
      REQUIRE(total(world, Metric::split_brain_writes) == 0);
      if (!host) REQUIRE(world.node(ap).timeline == 2);
    }
  }
}

TEST_CASE("losses: a primary that nobody stops goes on, and what it acknowledges is lost",
          "[models][promotion][losses]") {
  // us and its users are cut off from 10 s on; eu is promoted at 20 s. Until 30 s us acknowledges a
  // hundred a second: a thousand before it is replaced, a thousand after, all of them lost.
  ClusterConfig config = three();
  config.duration = seconds(30);
  add_writer(config);
  config.faults = {isolate(seconds(10), "us", "eu"), isolate(seconds(10), "us", "ap"),
                   fault(FaultKind::promote, "db-eu", seconds(20))};
  Cluster cluster = build(config, 3);
  const World& world = cluster.world();
  run_checked(cluster, cluster.end());
  cluster.finish();
  const std::int64_t late = lost(world, Loss::after_the_cut);
  REQUIRE(late > 1'800);
  REQUIRE(late < 2'200);
  REQUIRE(lost(world, Loss::unreplicated) < 16);  // were under way at the cut
  REQUIRE(total(world, Metric::split_brain_writes) > 850);
  REQUIRE(total(world, Metric::split_brain_writes) < 1'150);
  const Duration apart{static_cast<std::int64_t>(all(world, Metric::split_brain_duration).max())};
  REQUIRE(apart >= seconds(10) - ends_recovery);
  REQUIRE(apart <= seconds(10));
  // Their writer reads them where they are: on us nothing is missing.
  REQUIRE(total(world, Metric::lost_own_writes) == 0);
}

TEST_CASE("losses: a synchronous standby that is promoted has all that was acknowledged",
          "[models][promotion][losses]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    ClusterConfig config = three();
    config.duration = seconds(30);
    config.postgres.synchronous_standby_names = "FIRST 1 (db-eu)";
    add_writer(config);
    config.faults = {fault(FaultKind::node_loss, "db-us", seconds(10)),
                     isolate(seconds(10), "us", "eu"), isolate(seconds(10), "us", "ap"),
                     fault(FaultKind::promote, "db-eu", seconds(11))};
    Cluster cluster = build(config, seed);
    run_checked(cluster, cluster.end());
    cluster.finish();
    REQUIRE(total(cluster.world(), Metric::lost_transactions) == 0);
  }
}

TEST_CASE("losses: asynchronous commits that no disk had are lost with the process",
          "[models][promotion][losses]") {
  // wal_writer_delay is 200 ms: of a hundred a second up to twenty are in memory only.
  ClusterConfig config = three();
  config.duration = seconds(15);
  config.postgres.synchronous_commit = SynchronousCommit::off;
  add_writer(config);
  config.faults = {fault(FaultKind::crash, "db-us", seconds(10) + milliseconds(190))};
  Cluster cluster = build(config, 1);
  run_checked(cluster, cluster.end());
  cluster.finish();
  const std::int64_t count = lost(cluster.world(), Loss::asynchronous_commit);
  REQUIRE(count == total(cluster.world(), Metric::lost_transactions));
  REQUIRE(count >= 5);
  REQUIRE(count <= 40);
}

TEST_CASE(
    "promotion: facts sheet 12.15: a token issued before a failover is never accepted on the "
    "new timeline by position alone",
    "[models][promotion][facts]") {
  // Users of eu write at us and read beside them, or where the token sends them. us is lost with
  // what is under way to ap, which is promoted; its positions pass those of lost commits. Nobody
  // is shown less than what survives of their writes.
  std::int64_t passed = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    ClusterConfig config = three();
    config.duration = seconds(30);
    AppConfig& entrance = app(config, "app", "eu");
    entrance.statement_timeout = seconds(1);
    entrance.pool.connect_timeout = seconds(1);
    rows(config, microseconds(100), 1'000).write = WriteKind::update;
    users(config, "writers", "eu", 40, {own(read()), own(write())}).think =
        always(milliseconds(300));
    config.policy.freshness.rule = FreshnessRule::lsn_token;
    config.policy.freshness.scope = TokenScope::user;
    config.faults = {fault(FaultKind::node_loss, "db-us", seconds(10)),
                     isolate(seconds(10) + milliseconds(45), "us", "eu"),
                     isolate(seconds(10), "us", "ap"),
                     fault(FaultKind::promote, "db-ap", seconds(11))};
    Cluster cluster = build(config, seed);
    const World& world = cluster.world();
    run_checked(cluster, cluster.end());
    cluster.finish();
    INFO("seed " << seed);
    passed += world.node(ap).flushed > world.node(us).flushed;  // on another timeline
    REQUIRE(total(world, Metric::read_your_writes_violations) == 0);
  }
  REQUIRE(passed >= 2);
}

}  // namespace longhaul
