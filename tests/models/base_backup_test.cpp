// Base backups. Regions are 80 ms apart (round trip): asking takes seven and a half round trips,
// 600 ms, before the checkpoint. Disks are so fast that they do not count unless a test says so.

#include "models/pg/base_backup.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr std::uint32_t eu = 1;
constexpr Duration asking = milliseconds(600);

ClusterConfig pair(Bytes size, ByteRate bandwidth = {}) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80), bandwidth);
  primary(config, "db-us", "us").disk_read_rate = {1'000'000'000'000};
  replica(config, "db-eu", "eu", "db-us").disk_write_rate = {1'000'000'000'000};
  config.postgres.database_size = size;
  config.postgres.wal_keep_size = mebibytes(64);  // the replica has no slot
  return config;
}

FaultConfig& backup(ClusterConfig& config, Duration when) {
  FaultConfig fault;
  fault.kind = FaultKind::base_backup;
  fault.at = when;
  fault.checkpoint = CheckpointMode::fast;
  config.faults.push_back(fault);
  return config.faults.back();
}
FaultConfig& copy_to_eu(ClusterConfig& config, Duration when = {}) {
  FaultConfig& fault = backup(config, when);
  fault.to = "eu";
  return fault;
}
FaultConfig& build_eu(ClusterConfig& config, Duration when) {
  config.nodes[eu].starts = NodeStart::empty;
  FaultConfig& fault = backup(config, when);
  fault.node = "db-eu";
  return fault;
}

const Histogram& backups(const Cluster& cluster, Outcome outcome = Outcome::ok) {
  return cluster.world().measures.distribution_at(Metric::base_backup_duration,
                                                  static_cast<std::size_t>(outcome));
}

// How long the one backup of the run took.
double took(const Cluster& cluster) {
  REQUIRE(backups(cluster).count() == 1);
  return static_cast<double>(backups(cluster).max()) / 1e9;
}

double took(const ClusterConfig& config, Duration within) {
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(within));
  return took(cluster);
}

const Node& standby(const Cluster& cluster) { return cluster.world().nodes[eu]; }

Bytes sent(const Cluster& cluster, Traffic purpose) {
  const World& world = cluster.world();
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::cross_region_bytes); ++i) {
    const std::vector<std::uint32_t> labels =
        world.measures.labels_of(Metric::cross_region_bytes, i);
    if (labels[2] != static_cast<std::uint32_t>(purpose)) continue;
    sum += world.measures.counter_at(Metric::cross_region_bytes, i).count;
  }
  return {sum};
}

// 17 MB and a bit: what the two backups of these worlds leave of two segments.
constexpr Bytes padding = mebibytes(16);

}  // namespace

TEST_CASE("base backup: disk: 1 TB at 50 MB/s takes 5.6 hours", "[models][base_backup]") {
  // 10^12 / 50 * 10^6 = 20,000 s = 5.56 h, and a few round trips. Large pieces and a large window
  // keep the test short and the network out of the way.
  for (const bool reads : {true, false}) {
    ClusterConfig config = pair({1'000'000'000'000});
    config.wal.send_chunk = mebibytes(16);
    config.wal.tcp_window = mebibytes(1024);
    (reads ? config.nodes[0].disk_read_rate : config.nodes[eu].disk_write_rate) = {50'000'000};
    build_eu(config, {});
    const double duration = took(config, seconds(20'010));
    REQUIRE(duration >= 20'000.6);
    REQUIRE(duration < 20'003);
  }
}

TEST_CASE("base backup: window: throughput is window / round trip", "[models][base_backup]") {
  // 3.9 MB in 80 ms: 48.75 MB/s, 975 MB in 20 s. Asking takes 0.6 s; the window opens within some
  // ten round trips, in which a ninth of the time's worth is sent, and closes a piece or two early.
  ClusterConfig config = pair({975'000'000});
  copy_to_eu(config);
  const double duration = took(config, seconds(60));
  REQUIRE(duration > 20.6);
  REQUIRE(duration < 20.6 * 1.06);
}

TEST_CASE("base backup: rate: a limit is kept", "[models][base_backup]") {
  // 50 MB at 1 MB/s.
  ClusterConfig config = pair({50'000'000});
  copy_to_eu(config).rate = ByteRate{1'000'000};
  const double duration = took(config, seconds(60));
  REQUIRE(duration >= 50.6);
  REQUIRE(duration < 51);
}

TEST_CASE("base backup: compression: what is left of the files travels", "[models][base_backup]") {
  // A third of 60 MB over 2 MB/s: 10 s, with headers at most 4 % more.
  ClusterConfig config = pair({60'000'000}, {2'000'000});
  copy_to_eu(config).compressed_to = Ratio{333'333};
  const double duration = took(config, seconds(60));
  REQUIRE(duration >= 10.6);
  REQUIRE(duration < 11.6);
}

TEST_CASE("base backup: checkpoint: a spread one writes its pages without haste",
          "[models][base_backup]") {
  // 1,000 rows of 200 bytes lie on 28 pages, all of them written before: 28 x 100 ms, where a fast
  // checkpoint takes a few milliseconds. With nothing to write there is nothing to wait for.
  ClusterConfig config = pair({1'000'000});
  config.postgres.full_page_writes = true;
  copy_to_eu(config, seconds(20)).checkpoint = CheckpointMode::spread;
  const double idle = took(config, seconds(600));
  app(config, "app", "us");
  rows(config, {}).write = WriteKind::update;
  users(config, "writers", "us", 10, {write()}).think = always(milliseconds(1));
  config.workload.back().ends = seconds(15);
  const double spread = took(config, seconds(600));
  config.faults[0].checkpoint = CheckpointMode::fast;
  const double fast = took(config, seconds(600));
  REQUIRE(spread - fast == Approx(2.8).margin(0.2));
  REQUIRE(fast - idle < 0.1);
}

TEST_CASE("base backup: padding: a replica gets the rest of two segments",
          "[models][base_backup]") {
  // 1,000 bytes of a segment are used when the backup switches it; at its end 34 bytes are, its own
  // record. 16 MiB twice, all but what is used, and the replica receives and replays them.
  ClusterConfig config = pair({1'000'000});
  copy_to_eu(config, seconds(1));
  Cluster cluster = build(config, 1);
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(60)));
  REQUIRE(took(cluster) < 2);
  // And a few records of the checkpoint and of running transactions.
  const Bytes replayed = standby(cluster).replayed - Lsn{first_lsn};
  REQUIRE(replayed >= padding * 2);
  REQUIRE(replayed < padding * 2 + Bytes{1'000});
  REQUIRE(sent(cluster, Traffic::wal) > padding * 2);
}

TEST_CASE("base backup: thin link: as measured with PostgreSQL 15", "[models][base_backup]") {
  // 110.6 MB over 20 Mbit/s, RTT 80 ms, beside a replica that streams: 54.2 to 61.5 s and 118 to
  // 151 MB on the link were measured. By hand: files 44.2 s, the replica's padding of the first
  // segment 6.7 s, headers of 1,500 / 1,448 on both, asking 0.6 s; and up to 6.7 s for the padding
  // of the last, which shares the link with what the socket still holds of the files.
  ClusterConfig config = pair({110'600'557}, {2'500'000});
  copy_to_eu(config, seconds(1));
  Cluster cluster = build(config, 1);
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(80)));
  const double duration = took(cluster);
  REQUIRE(duration > 54.2 * 0.95);
  REQUIRE(duration < 61.5);
  const Bytes moved = sent(cluster, Traffic::base_backup);
  REQUIRE(moved >= Bytes{110'600'557});
  REQUIRE(moved < Bytes{110'600'557} + padding);
}

TEST_CASE("base backup: a running stream pays for the link it shares", "[models][base_backup]") {
  // Alone, a commit is flushed on the replica after 40 ms + 3 ms. Beside a backup it stands in the
  // link's queue, which the backup keeps filled.
  ClusterConfig config = pair({20'000'000}, {2'500'000});
  copy_to_eu(config, seconds(1));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(6)));
  produce(cluster, {1'000});
  const Lsn end = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(6) + milliseconds(80)));
  REQUIRE(standby(cluster).flushed < end);
  run_checked(cluster, at(seconds(8)));
  REQUIRE(standby(cluster).flushed == end);
}

TEST_CASE("base backup: initial sync: from the checkpoint on, refusing until its end is replayed",
          "[models][base_backup]") {
  // 20 MB over 2.5 MB/s: copied within 9.6 s. A kilobyte of log is written every 100 ms meanwhile
  // and travels with it; the replica starts with all of it and catches up.
  ClusterConfig config = pair({20'000'000}, {2'500'000});
  build_eu(config, seconds(1));
  Cluster cluster = build(config, 1);
  for (int i = 1; i <= 200; ++i) {
    run_checked(cluster, at(milliseconds(100) * i));
    produce(cluster, {1'000});
    const World& world = cluster.world();
    if (i == 80) {
      REQUIRE(standby(cluster).consistent_from == no_data);
      REQUIRE(standby(cluster).replayed == Lsn{first_lsn});
      // What the backup will need is remembered.
      REQUIRE(world.logs[0].entries.size() >= 60);
    }
    if (standby(cluster).replayed >= standby(cluster).consistent_from) {
      REQUIRE(backups(cluster).count() == 1);
    }
  }
  const Lsn end = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(60)));
  REQUIRE(not_converged(cluster.world(), end) == "");
  REQUIRE(cluster.world().logs[0].entries.empty());
  const Histogram& syncs =
      cluster.world().measures.distribution_at(Metric::initial_sync_duration, eu);
  REQUIRE(syncs.count() == 1);
  REQUIRE(syncs.max() >= backups(cluster).max());
  // It catches up with a segment of padding and what was written, at 2.5 MB/s: within 10 s.
  REQUIRE(syncs.max() < backups(cluster).max() + seconds(10).ns);
}

TEST_CASE("base backup: a running replica is stopped and built anew", "[models][base_backup]") {
  // The same for a replica that held everything, while the log grows by a kilobyte every 100 ms.
  ClusterConfig config = pair({5'000'000}, {2'500'000});
  backup(config, seconds(5)).node = "db-eu";
  Cluster cluster = build(config, 1);
  for (int i = 1; i <= 200; ++i) {
    run_checked(cluster, at(milliseconds(100) * i));
    produce(cluster, {1'000});
    if (i == 60) {
      REQUIRE(standby(cluster).consistent_from == no_data);
      REQUIRE(standby(cluster).liveness == Liveness::stopped);
    }
  }
  const Lsn end = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(60)));
  REQUIRE(backups(cluster).count() == 1);
  REQUIRE(not_converged(cluster.world(), end) == "");
}

TEST_CASE("base backup: an empty replica has no lag, holds nothing back and is not waited for",
          "[models][base_backup]") {
  ClusterConfig config = pair({1'000'000});
  config.nodes[eu].starts = NodeStart::empty;
  Cluster cluster = build(config, 1);
  for (int i = 1; i <= 10; ++i) {
    run_checked(cluster, at(milliseconds(100) * i));
    produce(cluster, {1'000});
  }
  settle_lag(cluster.world(), cluster.world().now());
  REQUIRE(sent(cluster, Traffic::wal).value == 0);
  REQUIRE(cluster.world().measures.ramp_at(Metric::replication_lag, eu * 4).weight() == Duration{});
}

TEST_CASE("base backup: readers go elsewhere until the replica is consistent",
          "[models][base_backup]") {
  // Users beside the empty replica read from the primary, without errors, and from the replica once
  // it is there: 5 MB over 2.5 MB/s, asked for at 10 s.
  ClusterConfig config = pair({5'000'000}, {2'500'000});
  app(config, "app-eu", "eu");
  rows(config, milliseconds(1));
  PopulationConfig& population = users(config, "eu", "eu", 10, {read()});
  population.rate = per_second(20);
  build_eu(config, seconds(10));
  Cluster cluster = build(config, 1);
  const auto served_by = [&cluster](std::uint32_t node) {
    std::int64_t sum = 0;
    const Measures& measures = cluster.world().measures;
    for (std::size_t i = 0; i < measures.cells(Metric::reads); ++i) {
      if (measures.labels_of(Metric::reads, i)[1] != node) continue;
      sum += measures.counter_at(Metric::reads, i).count;
    }
    return sum;
  };
  run_checked(cluster, at(seconds(12)));
  REQUIRE(served_by(0) > 100);
  REQUIRE(served_by(eu) == 0);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(served_by(eu) > 100);
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
}

TEST_CASE("base backup: a connection that is dead for a minute ends it", "[models][base_backup]") {
  // Cut at 5 s for ten minutes: nothing is heard from then on. The replica stays empty.
  ClusterConfig config = pair({50'000'000}, {2'500'000});
  build_eu(config, {});
  FaultConfig fault;
  fault.at = seconds(5);
  fault.lasts = minutes(10);
  fault.between = {{"us", "eu"}};
  config.faults.push_back(fault);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(minutes(30)));
  REQUIRE(backups(cluster).count() == 0);
  REQUIRE(backups(cluster, Outcome::error).count() == 1);
  REQUIRE(backups(cluster, Outcome::error).max() >= seconds(60).ns);
  REQUIRE(backups(cluster, Outcome::error).max() < seconds(130).ns);
  REQUIRE(standby(cluster).consistent_from == no_data);
}

TEST_CASE("base backup: size: pages of the rows and of their primary key",
          "[models][base_backup]") {
  // A row of 200 bytes is a tuple of 224 behind a pointer of 4; 35 of them fill 8,168 bytes. 70,000
  // rows: 2,000 pages, and 192 of their key at 366 a page.
  DataSetConfig set;
  set.rows = {70'000};
  set.row_bytes = {200};
  REQUIRE(size_on_disk(set) == kibibytes(8) * 2'192);
}

}  // namespace longhaul
