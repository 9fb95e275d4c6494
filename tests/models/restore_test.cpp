// Data directories that are deleted, and backups that are restored. One server, a writer beside it
// with a hundred transactions a second, no distances.

#include "models/pg/restore.h"

#include "models/pg/losses.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr std::int64_t size = 1'000'000'000;

ClusterConfig written() {
  ClusterConfig config = empty({"us"});
  NodeConfig& node = primary(config, "db-us", "us");
  node.disk_read_rate = node.disk_write_rate = {1'000'000'000'000};
  config.postgres.database_size = Bytes{size};
  app(config, "app", "us");
  rows(config, microseconds(100), 100'000);
  PopulationConfig& writer = users(config, "writer", "us", 1, {write()});
  writer.rate = per_second(100);
  writer.in_flight_max = 1'000;
  return config;
}

FaultConfig& add(ClusterConfig& config, FaultKind kind, Duration when) {
  FaultConfig fault;
  fault.kind = kind;
  fault.at = when;
  if (kind == FaultKind::base_backup) {
    fault.checkpoint = CheckpointMode::fast;
    fault.to = "us";
  } else {
    fault.node = "db-us";
  }
  config.faults.push_back(fault);
  return config.faults.back();
}

std::int64_t lost(const World& world, Loss cause) {
  return world.measures.counter_at(Metric::lost_transactions, static_cast<std::size_t>(cause))
      .count;
}

}  // namespace

TEST_CASE(
    "restore: what was acknowledged after the backup is lost, and the server is back after "
    "its size over the rate",
    "[models][restore]") {
  ClusterConfig config = written();
  config.duration = seconds(60);
  add(config, FaultKind::base_backup, seconds(5));
  add(config, FaultKind::data_directory_lost, seconds(20));
  add(config, FaultKind::restore_backup, seconds(30)).rate = ByteRate{100'000'000};
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  // 10^9 bytes onto a disk of 131,072,000 a second: complete after 12.63 s.
  run_checked(cluster, at(milliseconds(12'625)));
  REQUIRE(world.backups.at(0).state != BackupState::done);
  run_checked(cluster, at(milliseconds(12'640)));
  REQUIRE(world.backups.at(0).state == BackupState::done);
  const std::int64_t before = total(world, Metric::writes);
  run_checked(cluster, at(seconds(20)));
  const std::int64_t until_lost = total(world, Metric::writes);
  run_checked(cluster, at(milliseconds(39'999)));
  REQUIRE_FALSE(accepts_writes(world, world.groups.back()));
  REQUIRE(world.groups.size() == 1);
  // 10^9 bytes at 10^8 a second are 10 s; the log of the backup is replayed within milliseconds.
  run_checked(cluster, at(milliseconds(40'100)));
  REQUIRE(world.groups.size() == 2);
  REQUIRE(accepts_writes(world, world.groups.back()));
  REQUIRE(world.groups.back().timeline == 2);
  REQUIRE(world.groups.back().fork == world.backups.at(0).end);
  run_checked(cluster, cluster.end());
  REQUIRE(total(world, Metric::writes) > until_lost + 1'000);
  cluster.finish();
  // The backup is complete some milliseconds after 5 s; of the 100 writes a second of the 15 s
  // until the loss none survives but those few.
  // Give or take those that were on their way at either end.
  REQUIRE(lost(world, Loss::restored_backup) <= until_lost - before + 10);
  REQUIRE(lost(world, Loss::restored_backup) >= until_lost - before - 10);
  REQUIRE(total(world, Metric::lost_transactions) == lost(world, Loss::restored_backup));
  // The oldest lost one was acknowledged just after the backup, 7.37 s before the loss.
  REQUIRE(all(world, Metric::lost_seconds).max() > seconds(7).ns);
  REQUIRE(all(world, Metric::lost_seconds).max() < milliseconds(7'500).ns);
}

TEST_CASE("restore: without a complete backup nothing is restored", "[models][restore]") {
  ClusterConfig config = written();
  config.duration = seconds(40);
  add(config, FaultKind::base_backup, seconds(19)).rate = ByteRate{100'000'000};  // takes 10 s
  add(config, FaultKind::data_directory_lost, seconds(20));
  add(config, FaultKind::restore_backup, seconds(21));
  Cluster cluster = build(config, 1);
  run_checked(cluster, cluster.end());
  const World& world = cluster.world();
  REQUIRE(world.backups.at(0).state == BackupState::failed);
  REQUIRE(world.groups.size() == 1);
  REQUIRE(world.node(us).liveness == Liveness::stopped);
}

TEST_CASE("restore: a server without its files does not start", "[models][restore]") {
  ClusterConfig config = written();
  add(config, FaultKind::data_directory_lost, seconds(10));
  add(config, FaultKind::crash, seconds(15)).lasts = seconds(5);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(30)));
  REQUIRE(cluster.world().node(us).liveness == Liveness::stopped);
}

TEST_CASE("restore: a standby that has everything is promoted instead, and nothing is lost",
          "[models][restore]") {
  ClusterConfig config = written();
  config.duration = seconds(40);
  replica(config, "db-2", "us", "db-us");
  add(config, FaultKind::data_directory_lost, seconds(20));
  FaultConfig& promoted = add(config, FaultKind::promote, seconds(25));
  promoted.node = "db-2";
  Cluster cluster = build(config, 1);
  run_checked(cluster, cluster.end());
  cluster.finish();
  REQUIRE(cluster.world().groups.size() == 2);
  REQUIRE(total(cluster.world(), Metric::lost_transactions) == 0);
}

}  // namespace longhaul
