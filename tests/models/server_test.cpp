// Servers that stop: what they held ends with them, and overlapping outages keep them down.

#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

FaultConfig fault(FaultKind kind, Duration at, std::optional<Duration> lasts) {
  FaultConfig result;
  result.kind = kind;
  result.node = "db-eu";
  result.at = at;
  result.lasts = lasts;
  return result;
}

}  // namespace

TEST_CASE("server: stop: locks of rows and waits for them end with a primary", "[models][server]") {
  // Eight users update one row and wait for a standby: one holds the row, the others wait for it.
  // Half of their clients have given up before, and their backends have not noticed.
  ClusterConfig config = pair();
  config.postgres.synchronous_standby_names = "db-eu";
  app(config, "app", "us").statement_timeout = milliseconds(300);
  rows(config, milliseconds(1), 1).write = WriteKind::update;
  users(config, "writers", "us", 8, {write()}).think = always(milliseconds(50));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  REQUIRE(world.nodes[0].locks.locked() == 1);
  REQUIRE(world.nodes[0].locks.waits() > 3);
  const Lsn end = world.nodes[0].insert;
  stop_server(world, NodeId{0}, Liveness::stopped);
  REQUIRE(world.nodes[0].locks.locked() == 0);
  REQUIRE(world.nodes[0].locks.waits() == 0);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(world.nodes[0].insert == end);  // nobody writes any more
}

TEST_CASE("server: outages: a server is back when the last of them ends", "[models][server]") {
  ClusterConfig config = pair();
  config.faults = {fault(FaultKind::crash, seconds(10), seconds(10)),
                   fault(FaultKind::node_loss, seconds(12), seconds(2))};
  Cluster cluster = build(config, 1);
  const Node& standby = cluster.world().nodes[1];
  run_checked(cluster, at(seconds(13)));
  REQUIRE(standby.liveness == Liveness::vanished);
  run_checked(cluster, at(seconds(19)));
  REQUIRE(standby.liveness != Liveness::up);
  run_checked(cluster, at(seconds(21)));
  REQUIRE(standby.liveness == Liveness::up);
}

TEST_CASE("server: backups: a second one of a replica ends the first", "[models][server]") {
  // 100 MB at 10 MB/s take 10 s; the second begins after 5 s, without a limit.
  ClusterConfig config = pair();
  config.postgres.database_size = Bytes{100'000'000};
  config.postgres.wal_keep_size = mebibytes(256);
  config.faults = {fault(FaultKind::base_backup, seconds(10), {}),
                   fault(FaultKind::base_backup, seconds(15), {})};
  for (FaultConfig& backup : config.faults) backup.checkpoint = CheckpointMode::fast;
  config.faults[0].rate = ByteRate{10'000'000};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(60)));
  const World& world = cluster.world();
  REQUIRE(world.backups.size() == 2);
  REQUIRE(world.backups[0].state == BackupState::failed);
  REQUIRE(world.backups[1].state == BackupState::done);
  REQUIRE(world.nodes[1].liveness == Liveness::up);
}

}  // namespace longhaul
