// Servers that crash: what their disk keeps, how long recovery takes, what their clients meet.

#include "models/pg/crash_recovery.h"

#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr NodeId eu{1};

ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

FaultConfig& fault(ClusterConfig& config, FaultKind kind, const std::string& node, Duration at,
                   std::optional<Duration> lasts = {}) {
  FaultConfig result;
  result.kind = kind;
  result.node = node;
  result.at = at;
  result.lasts = lasts;
  config.faults.push_back(result);
  return config.faults.back();
}

// One session that writes, waits for its answer and writes again `think` later.
void writer(ClusterConfig& config, Duration think) {
  app(config, "app", "us");
  rows(config, {});
  users(config, "writer", "us", 1, {write()}).think = always(think);
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

std::int64_t acknowledged_and_lost(const World& world) {
  std::int64_t sum = 0;
  const Ring<Version>& versions = world.truth.versions();
  for (std::uint64_t n = versions.first(); n != versions.end(); ++n) {
    const Version& version = versions.at(n);
    sum += version.gone && version.acknowledged != TimePoint::never() ? 1 : 0;
  }
  return sum;
}

std::int64_t lost_in_a_crash(SynchronousCommit level) {
  ClusterConfig config = pair();
  config.postgres.synchronous_commit = level;
  writer(config, milliseconds(10));
  fault(config, FaultKind::crash, "db-us", seconds(10) + milliseconds(105));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10) + milliseconds(110)));
  return acknowledged_and_lost(cluster.world());
}

}  // namespace

TEST_CASE("crash: asynchronous commits since the WAL writer's last round are gone",
          "[models][crash]") {
  // A write every 10 ms, answered at once. The WAL writer's rounds are 200 ms apart, one of them at
  // 10 s sharp: of the writes that follow, those of 105 ms are acknowledged and on no disk: 10 or
  // 11 of them.
  const std::int64_t lost = lost_in_a_crash(SynchronousCommit::off);
  REQUIRE(lost >= 10);
  REQUIRE(lost <= 11);
}

TEST_CASE("crash: nothing that waited for the disk is lost", "[models][crash]") {
  REQUIRE(lost_in_a_crash(SynchronousCommit::local) == 0);
  REQUIRE(lost_in_a_crash(SynchronousCommit::on) == 0);
}

TEST_CASE("crash: recovery is the log since the checkpoint at the replay rate", "[models][crash]") {
  // Checkpoint at 5 s; then 100 MB in records of 1 MB that are replayed at 10 MB/s, with 4 ms each:
  // 10 s + 100 x 4 ms, and 500 ms for the start of the server. Crash at 10 s, started at 20 s.
  ClusterConfig config = pair();
  config.postgres.server_start = milliseconds(500);
  config.nodes[0].replay_rate = {10'000'000};
  config.nodes[0].replay_record_time = milliseconds(4);
  fault(config, FaultKind::checkpoint, "db-us", seconds(5));
  fault(config, FaultKind::crash, "db-us", seconds(10), seconds(10));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  for (int i = 0; i < 20; ++i) produce(cluster, {1'000'000});  // before: nobody replays it again
  run_checked(cluster, at(seconds(6)));
  for (int i = 0; i < 100; ++i) produce(cluster, {1'000'000});
  // The record of the checkpoint is 170 bytes long, two records: 17 us and 8 ms.
  const Duration takes = milliseconds(500) + seconds(10) + milliseconds(400) + milliseconds(8);
  run_checked(cluster, at(seconds(20) + takes));
  REQUIRE(world.node(us).liveness == Liveness::starting);
  run_checked(cluster, at(seconds(20) + takes + milliseconds(1)));
  REQUIRE(world.node(us).liveness == Liveness::up);
}

TEST_CASE("crash: clients are told that the server starts up, then they write again",
          "[models][crash]") {
  // 100 MB at 10 MB/s: 10 s of recovery from 20 s on. Before, the host refuses by reset.
  ClusterConfig config = pair();
  config.nodes[0].replay_rate = {10'000'000};
  config.nodes[0].replay_record_time = {};
  writer(config, milliseconds(100));
  fault(config, FaultKind::crash, "db-us", seconds(10), seconds(10));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(9)));
  produce(cluster, {100'000'000});
  const std::int64_t written = total(world, Metric::writes);
  REQUIRE(written > 80);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(errors(world, ErrorKind::server_down) > 50);
  REQUIRE(errors(world, ErrorKind::cannot_connect_now) == 0);
  const std::int64_t before = total(world, Metric::writes);
  run_checked(cluster, at(seconds(30)));
  REQUIRE(errors(world, ErrorKind::cannot_connect_now) > 50);
  REQUIRE(total(world, Metric::writes) == before);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(total(world, Metric::writes) > before + 80);
}

TEST_CASE("crash: standbys stream again from the primary that came back", "[models][crash]") {
  // Refused while it is down, the standby asks every 5 s.
  for (const FaultKind kind : {FaultKind::crash, FaultKind::node_loss, FaultKind::backend_crash}) {
    ClusterConfig config = pair();
    writer(config, milliseconds(20));
    fault(config, kind, "db-us", seconds(10), seconds(10));
    if (kind == FaultKind::backend_crash) config.faults[0].lasts.reset();
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(120)));
    World& world = cluster.world();
    REQUIRE(world.node(us).liveness == Liveness::up);
    REQUIRE(world.streams[0].streaming);
    REQUIRE(world.node(us).flushed - world.node(eu).replayed < Bytes{2'000});
    REQUIRE(total(world, Metric::stale_reads) == 0);
  }
}

TEST_CASE("crash: a commit on disk that waited for its standby is there, in doubt",
          "[models][crash]") {
  // The standby is cut off, so the one write hangs after its flush; the crash takes its connection.
  // Two writes that nobody answers: the first is on disk, the second was refused before.
  ClusterConfig config = pair();
  config.postgres.synchronous_standby_names = "db-eu";
  writer(config, milliseconds(50));
  fault(config, FaultKind::crash, "db-us", seconds(10));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(9)));
  for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
  run_checked(cluster, at(seconds(11)));
  REQUIRE(in_doubt(cluster.world(), Fate::present) == 1);
  REQUIRE(in_doubt(cluster.world(), Fate::absent) == 0);
}

TEST_CASE("crash: a commit that was not flushed is absent", "[models][crash]") {
  // A flush takes 50 ms; the crash comes in one.
  ClusterConfig config = pair();
  config.nodes[0].fsync = always(milliseconds(50));
  writer(config, milliseconds(1));
  fault(config, FaultKind::crash, "db-us", seconds(10) + milliseconds(20));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(11)));
  REQUIRE(in_doubt(cluster.world(), Fate::present) == 0);
  REQUIRE(in_doubt(cluster.world(), Fate::absent) == 1);
}

TEST_CASE("crash: reads do not miss what a crash took", "[models][crash]") {
  // One row, written all the time with synchronous_commit = off and read on the primary: after the
  // crash it shows older versions than those acknowledged, which are nobody's any more.
  ClusterConfig config = pair();
  config.postgres.synchronous_commit = SynchronousCommit::off;
  app(config, "app", "us");
  rows(config, {}, 1).write = WriteKind::update;
  users(config, "users", "us", 4, {write(), own(read())}).think = always(milliseconds(5));
  fault(config, FaultKind::crash, "db-us", seconds(10) + milliseconds(150), milliseconds(10));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10) + milliseconds(155)));
  REQUIRE(acknowledged_and_lost(cluster.world()) > 10);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(total(cluster.world(), Metric::reads) > 1'000);
  REQUIRE(total(cluster.world(), Metric::stale_reads) == 0);
  REQUIRE(total(cluster.world(), Metric::read_your_writes_violations) == 0);
}

TEST_CASE(
    "crash: the death of processes costs nothing of what the network has, that of a host does",
    "[models][crash]") {
  // Measured at 100 commits a second and a round trip of 80 ms: 0 and 4 lost. A commit of 1 kB
  // every 10 ms; 40 ms on the way.
  for (const FaultKind kind : {FaultKind::crash, FaultKind::node_loss}) {
    ClusterConfig config = pair();
    fault(config, kind, "db-us", seconds(5) + milliseconds(1));
    Cluster cluster = build(config, 1);
    for (int i = 1; i <= 500; ++i) {
      run_checked(cluster, at(milliseconds(10) * i));
      produce(cluster, {1'000});
    }
    run_checked(cluster, at(seconds(10)));
    const World& world = cluster.world();
    const Bytes lost = world.node(us).flushed - world.node(eu).flushed;
    REQUIRE(lost == (kind == FaultKind::crash ? Bytes{} : Bytes{4'000}));
  }
}

TEST_CASE("crash: a full disk keeps the server down", "[models][crash]") {
  ClusterConfig config = pair();
  fault(config, FaultKind::disk_full, "db-us", seconds(10), seconds(20));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(15)));
  start_server(world, us);
  REQUIRE(world.node(us).liveness == Liveness::stopped);
  run_checked(cluster, at(seconds(31)));
  REQUIRE(world.node(us).liveness == Liveness::up);
}

TEST_CASE("crash: a standby is back where it was before it serves readers", "[models][crash]") {
  // 30 MiB since the checkpoint at 30 MiB/s: it starts at 20 s and is open at 21 s.
  ClusterConfig config = pair();
  fault(config, FaultKind::crash, "db-eu", seconds(10), seconds(10));
  Cluster cluster = build(config, 1);
  produce(cluster, mebibytes(30));
  run_checked(cluster, at(seconds(21) - milliseconds(1)));
  REQUIRE(cluster.world().node(eu).liveness == Liveness::starting);
  run_checked(cluster, at(seconds(21)));
  REQUIRE(cluster.world().node(eu).liveness == Liveness::up);
}

TEST_CASE("read only: a write is refused and keeps its connection", "[models][crash]") {
  // default_transaction_read_only between 10 s and 20 s: a write every 100 ms fails. Then it works.
  ClusterConfig config = pair();
  writer(config, milliseconds(98));  // and 2 ms of flush
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  const std::int64_t before = total(world, Metric::writes);
  const std::uint32_t connections = world.node(us).connections;
  world.node(us).read_only = true;
  run_checked(cluster, at(seconds(20)));
  REQUIRE(errors(world, ErrorKind::read_only) >= 100);
  REQUIRE(errors(world, ErrorKind::read_only) <= 103);  // the refusals need no flush
  REQUIRE(total(world, Metric::writes) <= before + 1);
  REQUIRE(world.node(us).connections == connections);
  world.node(us).read_only = false;
  run_checked(cluster, at(seconds(30)));
  REQUIRE(total(world, Metric::writes) >= before + 99);
}

}  // namespace longhaul
