// What random worlds have found wrong, as the small worlds that are left of them.

#include "models/pg/base_backup.h"
#include "models/pg/commit_wait.h"
#include "models/pg/follow.h"
#include "models/pg/history.h"
#include "models/pg/logical.h"
#include "models/pg/losses.h"
#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "models/pg/shutdown.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId first{0}, second{1}, third{2};

// One region, a primary and two replicas, and a writer of a hundred rows a second beside it.
ClusterConfig three() {
  ClusterConfig config = empty({"us"});
  primary(config, "db-1", "us");
  replica(config, "db-2", "us", "db-1");
  replica(config, "db-3", "us", "db-1");
  app(config, "app", "us");
  rows(config, microseconds(100), 100'000);
  PopulationConfig& writer = users(config, "writer", "us", 1, {write()});
  writer.rate = per_second(100);
  return config;
}

FaultConfig fault(FaultKind kind, const std::string& node, Duration at) {
  FaultConfig result;
  result.kind = kind;
  result.node = node;
  result.at = at;
  return result;
}

}  // namespace

// The heartbeat, checkpoints and vacuums of a timeline are its primary's, whose server may have
// come back as a standby before anybody was promoted.
TEST_CASE("chaos finds: what was a primary writes no log of its own as a standby",
          "[models][chaos_finds]") {
  ClusterConfig config = three();
  config.monitoring.heartbeat_interval = milliseconds(100);
  config.postgres.autovacuum = true;
  config.postgres.checkpoint_timeout = seconds(30);
  config.faults.push_back(fault(FaultKind::checkpoint, "db-1", seconds(12)));
  config.faults.push_back(fault(FaultKind::switch_wal, "db-1", seconds(13)));
  config.faults.push_back(fault(FaultKind::truncate, "db-1", seconds(14)));
  config.faults.back().data = "rows";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  shut_down(world, first, ShutdownMode::immediate);
  REQUIRE(start_as_standby(world, first, NodeId::none()));
  run_checked(cluster, at(seconds(11)));
  REQUIRE(world.node(first).liveness == Liveness::up);
  const Lsn end = world.node(first).flushed;
  run_checked(cluster, at(seconds(60)));
  REQUIRE(world.node(first).flushed == end);
}

// A hundred rows a second for five seconds on a timeline that is given up for its parent: they are
// what is lost, not what the old primary acknowledged meanwhile.
TEST_CASE("chaos finds: where the old primary stays, the promoted server's timeline is lost",
          "[models][chaos_finds][losses]") {
  ClusterConfig config = three();
  config.faults.push_back(fault(FaultKind::promote, "db-2", seconds(10)));
  config.faults.back().others_follow = false;
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(15)));
  REQUIRE(world.truth.survivor_of({0}) == LogId{1});
  stop_server(world, second, Liveness::stopped);
  REQUIRE(world.truth.survivor_of({0}) == LogId{0});
  run_checked(cluster, at(seconds(30)));
  for (const LostCommit& commit : lost_commits(world)) {
    REQUIRE(commit.log == LogId{1});
    REQUIRE(commit.cause == Loss::after_the_cut);
  }
  REQUIRE_FALSE(lost_commits(world).empty());
  start_server(world, second);  // as a primary, of the newer timeline
  run_checked(cluster, at(seconds(35)));
  REQUIRE(world.truth.survivor_of({0}) == LogId{1});
}

// A replica is built anew from the server that it follows now. Nobody does that to a primary.
TEST_CASE("chaos finds: a base backup after a failover comes from the new primary",
          "[models][chaos_finds]") {
  ClusterConfig config = three();
  config.faults.push_back(fault(FaultKind::promote, "db-2", seconds(10)));
  config.faults.push_back(fault(FaultKind::base_backup, "db-3", seconds(20)));
  config.faults.push_back(fault(FaultKind::base_backup, "db-2", seconds(20)));
  for (FaultConfig& each : config.faults) each.checkpoint = CheckpointMode::fast;
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  REQUIRE(world.backups.size() == 1);
  REQUIRE(world.backups[0].source == second);
  REQUIRE(world.backups[0].state == BackupState::done);
  REQUIRE(world.node(third).log == LogId{1});
  REQUIRE(world.node(second).is_primary);
}

// A publisher that is restarted as a standby and promoted keeps its slots: its subscriber's lag is
// measured by the new timeline.
TEST_CASE("chaos finds: a subscriber goes on when its publisher opens a new timeline",
          "[models][chaos_finds]") {
  ClusterConfig config = three();
  NodeConfig& reports = replica(config, "reports", "us", "db-1");
  reports.role = NodeRole::logical;
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  shut_down(world, first, ShutdownMode::immediate);
  REQUIRE(start_as_standby(world, first, NodeId::none()));
  run_checked(cluster, at(seconds(12)));
  REQUIRE(promote(world, first));
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.group_of(first).timeline == 2);
  REQUIRE(world.node({3}).replayed > world.groups[1].fork);
}

// Its old copy is given up when somebody restores another database into the same directory.
TEST_CASE("chaos finds: a server is restored while it is being built anew",
          "[models][chaos_finds]") {
  ClusterConfig config = three();
  FaultConfig copy;
  copy.kind = FaultKind::base_backup;
  copy.at = seconds(1);
  copy.to = "us";
  config.faults.push_back(copy);
  FaultConfig rebuild = fault(FaultKind::base_backup, "db-2", seconds(20));
  rebuild.rate = ByteRate{1'000'000};  // 10 MB and more: it takes ten seconds
  config.faults.push_back(rebuild);
  config.faults.push_back(fault(FaultKind::restore_backup, "db-2", seconds(21)));
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  std::size_t failed = 0;
  for (const Backup& backup : world.backups) {
    failed += backup.target == second && backup.state == BackupState::failed ? 1 : 0;
  }
  REQUIRE(failed == 1);
  // Two primaries now, which is what was ordered.
  REQUIRE(world.node(second).is_primary);
  REQUIRE(world.node(second).consistent_from != no_data);
}

// Nobody has the timeline of the server that was promoted for five seconds but itself.
TEST_CASE("chaos finds: while nobody accepts writes the branch of who did last survives",
          "[models][chaos_finds][losses]") {
  ClusterConfig config = three();
  config.faults.push_back(fault(FaultKind::promote, "db-2", seconds(10)));
  config.faults.back().others_follow = false;
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(15)));
  stop_server(world, second, Liveness::stopped);
  run_checked(cluster, at(seconds(20)));
  stop_server(world, first, Liveness::stopped);
  REQUIRE(world.truth.survivor_of({0}) == LogId{0});
  start_server(world, second);
  run_checked(cluster, at(seconds(25)));
  REQUIRE(world.truth.survivor_of({0}) == LogId{1});
}

// db-3 has turned to the timeline of db-2 and got none of its log. So it may follow any later
// timeline that forks off above, from where it stands, ten seconds of log below the fork.
TEST_CASE("chaos finds: a standby goes from a timeline without log to another one's",
          "[models][chaos_finds]") {
  Cluster cluster = build(three(), 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(9)));
  follow(world, third, NodeId::none());
  run_checked(cluster, at(seconds(10)));
  REQUIRE(promote(world, second));
  run_checked(cluster, at(seconds(11)));
  stop_server(world, second, Liveness::stopped);
  REQUIRE(world.node(third).flushed < world.groups[1].fork);
  join_timeline(world, third, LogId{1});
  run_checked(cluster, at(seconds(20)));
  shut_down(world, first, ShutdownMode::immediate);
  REQUIRE(start_as_standby(world, first, NodeId::none()));
  run_checked(cluster, at(seconds(25)));
  REQUIRE(promote(world, first));
  run_checked(cluster, at(seconds(26)));
  follow(world, third, first);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(world.node(third).log == LogId{2});
  REQUIRE(world.node(third).replayed > world.groups[2].fork);
}

// Counts of records within a stretch of log are estimates, and those of two logs may differ for the
// part that both share.
TEST_CASE("chaos finds: replay does not take less than no time", "[models][chaos_finds]") {
  ClusterConfig config = three();
  for (NodeConfig& node : config.nodes) node.replay_record_time = milliseconds(1);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  world.node(second).replay.from.records += 100;
  run_checked(cluster, at(seconds(20)));
  REQUIRE(world.node(third).replayed - world.node(second).replayed < Bytes{10'000});
}

// What a subscriber had received and not applied is sent to it again.
TEST_CASE("chaos finds: a subscriber's host is lost while its worker cannot apply",
          "[models][chaos_finds]") {
  ClusterConfig config = three();
  NodeConfig& reports = replica(config, "reports", "us", "db-1");
  reports.role = NodeRole::logical;
  config.faults.emplace_back();
  config.faults.back().kind = FaultKind::alter_table;
  config.faults.back().at = seconds(10);
  config.faults.back().data = "rows";
  config.faults.back().lasts = milliseconds(100);
  config.faults.back().adds = "note";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  const NodeId subscriber{3};
  run_checked(cluster, at(seconds(15)));
  const Lsn applied = world.node(subscriber).replayed;
  stop_server(world, subscriber, Liveness::stopped);
  REQUIRE(world.node(subscriber).flushed == applied);
  start_server(world, subscriber);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(world.node(subscriber).replayed == applied);
  alter_subscriber(world, subscriber, {0});
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.node(subscriber).replayed > applied);
}

// A cut can hold a server's reset up until it is up again and holds locks for new connections.
TEST_CASE("chaos finds: a late reset does not end transactions of connections that came after",
          "[models][chaos_finds][locks]") {
  ClusterConfig config = three();
  config.data.clear();
  rows(config, milliseconds(5), 1).write = WriteKind::update;
  config.workload.clear();
  users(config, "writers", "us", 20, {write()}).rate = per_second(150);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10)));
  for (int i = 0; i < 20; ++i) {
    reset_connections(cluster.world(), first);
    run_checked(cluster, cluster.world().now() + milliseconds(37));
  }
  run_checked(cluster, at(seconds(12)));
}

// db-2 lacks 40 MB, more than two segments, that db-3 has: it cannot send from where db-3 begins,
// until it has caught up itself.
TEST_CASE("chaos finds: a server refuses a standby that begins beyond its own log",
          "[models][chaos_finds]") {
  Cluster cluster = build(three(), 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(5)));
  stop_server(world, second, Liveness::stopped);
  produce(cluster, {40'000'000});
  run_checked(cluster, at(seconds(15)));
  REQUIRE(start_as_standby(world, second, NodeId::none()));
  run_checked(cluster, at(seconds(20)));
  REQUIRE(world.node(second).liveness == Liveness::up);
  REQUIRE(world.node(third).flushed > world.node(second).flushed + Bytes{32 << 20});
  follow(world, third, second);
  run_checked(cluster, at(seconds(40)));
  const WalStream& stream = world.streams[world.node(third).feed];
  REQUIRE(stream.upstream == second);
  REQUIRE_FALSE(stream.has_sender);
  follow(world, second, first);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(world.streams[world.node(third).feed].streaming);
}

// db-1 dies within an ALTER TABLE that both replicas have replayed the lock of. Nobody will end it:
// the promoted server frees the table, and says so in its log, or db-3 would keep it locked and
// wait for nothing at the next record that needs it.
TEST_CASE("chaos finds: who follows a promoted server frees the tables of the dead primary",
          "[models][chaos_finds]") {
  ClusterConfig config = three();
  FaultConfig alter = fault(FaultKind::alter_table, "db-1", seconds(5));
  alter.data = "rows";
  alter.lasts = minutes(5);
  config.faults.push_back(alter);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(8)));
  REQUIRE(table_lock(world, second, {0}).exclusive);
  REQUIRE(table_lock(world, third, {0}).exclusive);
  stop_server(world, first, Liveness::vanished);
  promote_by_hand(world, second, true);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(world.node(second).is_primary);
  REQUIRE_FALSE(table_lock(world, second, {0}).exclusive);
  REQUIRE_FALSE(table_lock(world, third, {0}).exclusive);
  REQUIRE(world.node(third).replayed == world.node(third).flushed);
}

}  // namespace longhaul
