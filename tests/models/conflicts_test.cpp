// Tables under ACCESS EXCLUSIVE, on the primary and on standbys; readers in the way of replay.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Lsn origin{first_lsn};
constexpr NodeId us{0};
constexpr NodeId eu{1};

// RTT 80 ms, flush 2 ms on the primary and 3 ms on the standby, which replays in no time: what is
// produced at t is replayed at t + 43 ms. No users yet; statements take no time.
ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us").replay_rate = {1'000'000'000'000};
  rows(config, {}).write = WriteKind::update;
  config.duration = minutes(3);
  return config;
}

// One user in a region who reads "rows" of the node there, 10 ms after each answer.
void reader(ClusterConfig& config, const std::string& region, CallConfig call = read()) {
  app(config, "app-" + region, region).statement_timeout = minutes(10);
  users(config, region, region, 1, {call}).think = always(milliseconds(10));
}

void operation(ClusterConfig& config, FaultKind kind, Duration at, std::optional<Duration> lasts,
               std::optional<std::string> node = {}) {
  FaultConfig fault;
  fault.kind = kind;
  fault.at = at;
  fault.lasts = lasts;
  fault.node = node;
  fault.data = "rows";
  config.faults.push_back(fault);
}

Duration longest(const Cluster& cluster, Metric metric) {
  return {all(cluster.world(), metric).max()};
}

Lsn replayed(const Cluster& cluster, NodeId id) { return cluster.world().node(id).replayed; }

}  // namespace

TEST_CASE("table locks: ALTER waits for the reader before it and makes all behind it wait",
          "[models][conflicts]") {
  // A report reads from 9 s to 12 s. ALTER comes at 10 s, waits until 12 s, holds the table for 5 s
  // and commits with a flush of 2 ms: 17.002 s. Reads between 9 s and 10 s pass; the one that comes
  // up to 10 ms after 10 s waits for both.
  ClusterConfig config = pair();
  reader(config, "us");
  operation(config, FaultKind::long_read, seconds(9), seconds(3), "db-us");
  operation(config, FaultKind::alter_table, seconds(10), seconds(5));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(9'999)));
  REQUIRE(longest(cluster, Metric::read_latency) == Duration{});
  run_checked(cluster, at(seconds(20)));
  REQUIRE(longest(cluster, Metric::read_latency) <= milliseconds(7'002));
  REQUIRE(longest(cluster, Metric::read_latency) >= milliseconds(6'991));
}

TEST_CASE("table locks: ALTER waits for a page's transaction, and the page does not wait for it",
          "[models][conflicts]") {
  // The only page in the world: BEGIN, five reads of a round trip of 80 ms each, COMMIT. ALTER
  // comes in between. The transaction has the table, so its further reads do not queue: it takes
  // 7 x 80 ms. ALTER gets the table with the COMMIT and then makes the next page wait.
  ClusterConfig config = pair();
  config.nodes.pop_back();
  config.links.clear();
  link(config, "us", "eu", milliseconds(80));
  app(config, "app-eu", "eu").statement_timeout = minutes(10);
  CallConfig call;
  StatementConfig statement;
  statement.read = "rows";
  statement.times = 5;
  call.transaction = {statement};
  users(config, "eu", "eu", 1, {call}).think = always(milliseconds(10));
  operation(config, FaultKind::alter_table, seconds(10), seconds(5));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(14)));
  REQUIRE(longest(cluster, Metric::transaction_latency) < milliseconds(1'000));
  run_checked(cluster, at(seconds(20)));
  REQUIRE(longest(cluster, Metric::transaction_latency) > milliseconds(5'000));
  REQUIRE(longest(cluster, Metric::transaction_latency) < milliseconds(5'700));
}

TEST_CASE("conflicts: an open ALTER blocks readers of a standby from its lock to its commit",
          "[models][conflicts]") {
  // ALTER at 10.05 s: nobody else commits, so the WAL writer flushes the lock record at its round
  // at 10.2 s: replayed at 10.2 + 0.002 + 0.043 = 10.245 s. Its COMMIT at 15.05 s is flushed at
  // once and replayed at 15.095 s. Reads wait for up to 4.85 s and at least 4.84 s.
  ClusterConfig config = pair();
  reader(config, "eu");
  operation(config, FaultKind::alter_table, milliseconds(10'050), seconds(5));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(15'094)));
  REQUIRE(longest(cluster, Metric::read_latency) < milliseconds(500));  // the first, of the primary
  run_checked(cluster, at(milliseconds(15'096)));
  REQUIRE(longest(cluster, Metric::read_latency) <= milliseconds(4'850));
  REQUIRE(longest(cluster, Metric::read_latency) >= milliseconds(4'839));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
}

TEST_CASE("conflicts: replay of other tables goes on while a table is locked",
          "[models][conflicts]") {
  ClusterConfig config = pair();
  reader(config, "eu");
  operation(config, FaultKind::alter_table, seconds(10), seconds(50));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(12)));
  produce(cluster, {1'000});
  const Lsn end = cluster.world().node(us).flushed;
  run_checked(cluster, at(milliseconds(12'044)));
  REQUIRE(replayed(cluster, eu) == end);
  REQUIRE(cluster.world().node(eu).replay.tables == 1);
}

TEST_CASE("conflicts: a long report stops all replay, for the grace of its standby",
          "[models][conflicts]") {
  // With a delay of 5 s: TRUNCATE at 10 s is received at 10.045 s, the report is cancelled at
  // 15.045 s. 193 bytes every 10 ms from 10 s on are received and not replayed meanwhile: 97 kB
  // (measured: 97 kB, 5.04 s).
  ClusterConfig config = pair();
  config.postgres.max_standby_streaming_delay = seconds(5);
  operation(config, FaultKind::long_read, seconds(5), seconds(60), "db-eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(10'010)));
  Bytes behind;
  while (cluster.world().now() < at(milliseconds(16'000))) {
    produce(cluster, {193});
    behind = std::max(behind, cluster.world().node(us).flushed - replayed(cluster, eu));
    run_checked(cluster, cluster.world().now() + milliseconds(10));
  }
  REQUIRE(behind.value > 96'000);
  REQUIRE(behind.value < 98'000);
  REQUIRE(longest(cluster, Metric::conflict_wait) == seconds(5));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 1);
}

TEST_CASE("conflicts: a standby's own delay stands before the cluster's", "[models][conflicts]") {
  ClusterConfig config = pair();
  config.nodes[eu.value].max_standby_streaming_delay = seconds(2);
  operation(config, FaultKind::long_read, seconds(5), seconds(60), "db-eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(longest(cluster, Metric::conflict_wait) == seconds(2));
}

TEST_CASE("conflicts: replay that is later than the delay cancels at once", "[models][conflicts]") {
  // Replay pauses from 8 s to 50 s; TRUNCATE is received at 10.045 s and its grace is over at
  // 40.045 s. What was received last counts for nothing: replay had not caught up before it.
  ClusterConfig config = pair();
  operation(config, FaultKind::long_read, seconds(5), seconds(100), "db-eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(8)));
  pause_replay(cluster.world(), eu);
  run_checked(cluster, at(seconds(49)));
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(50)));
  resume_replay(cluster.world(), eu);
  run_checked(cluster, at(seconds(51)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 1);
  REQUIRE(longest(cluster, Metric::conflict_wait) == Duration{});
  REQUIRE(replayed(cluster, eu) == cluster.world().node(us).flushed);
}

TEST_CASE("conflicts: cancelled readers get their error at once", "[models][conflicts]") {
  // A page reads for 4 s. The first read goes to the primary, before the replica has been probed;
  // the third runs on the replica from about 8.4 s on. TRUNCATE is there at 10.045 s, the grace is
  // 1 s.
  ClusterConfig config = pair();
  config.postgres.max_standby_streaming_delay = seconds(1);
  config.data[0].read_time = always(seconds(4));
  reader(config, "eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(11'044)));
  REQUIRE(errors(cluster.world(), ErrorKind::recovery_conflict) == 0);
  run_checked(cluster, at(milliseconds(11'046)));
  REQUIRE(errors(cluster.world(), ErrorKind::recovery_conflict) == 1);
  REQUIRE(cluster.world().tables[eu.value].shared == 0);
}

TEST_CASE("conflicts: a transaction that idles loses its table and learns it from its next answer",
          "[models][conflicts]") {
  // A transaction of eu's app on the replica in "far", 10 s away: it holds "rows" and idles for
  // most of the time. Delay 0: cancelled as soon as TRUNCATE is replayed.
  ClusterConfig config = empty({"us", "far", "eu"});
  link(config, "us", "far", milliseconds(80));
  link(config, "us", "eu", seconds(30));
  link(config, "far", "eu", seconds(10));
  config.postgres.max_standby_streaming_delay = {};
  primary(config, "db-us", "us");
  replica(config, "db-far", "far", "db-us").replay_rate = {1'000'000'000'000};
  rows(config, {});
  app(config, "app-eu", "eu").statement_timeout = minutes(10);
  config.apps.back().pool.connect_timeout = minutes(10);
  config.apps.back().pool.wait_timeout = minutes(10);
  config.policy.lag_breaker.enabled = false;
  CallConfig call;
  StatementConfig statement;
  statement.read = "rows";
  statement.times = 50;
  call.transaction = {statement};
  users(config, "eu", "eu", 1, {call}).think = always(milliseconds(10));
  operation(config, FaultKind::truncate, seconds(100), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(101)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 1);
  REQUIRE(replayed(cluster, {1}) == cluster.world().node(us).flushed);
  run_checked(cluster, at(seconds(112)));
  REQUIRE(errors(cluster.world(), ErrorKind::recovery_conflict) == 1);
}

TEST_CASE("conflicts: a reader stops only the standby that it reads on", "[models][conflicts]") {
  // db-ap follows db-eu, which a report stops: what db-eu has flushed goes on to db-ap. A report
  // on db-ap would stop db-ap alone.
  ClusterConfig config = pair();
  config.regions.push_back({"ap", {}, {}});
  link(config, "eu", "ap", milliseconds(100));
  replica(config, "db-ap", "ap", "db-eu").replay_rate = {1'000'000'000'000};
  operation(config, FaultKind::long_read, seconds(5), seconds(10), "db-eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  operation(config, FaultKind::long_read, seconds(20), seconds(10), "db-ap");
  operation(config, FaultKind::truncate, seconds(25), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(12)));
  REQUIRE(replayed(cluster, eu) == origin);
  REQUIRE(replayed(cluster, {2}) == cluster.world().node(us).flushed);
  run_checked(cluster, at(seconds(27)));
  REQUIRE(replayed(cluster, eu) == cluster.world().node(us).flushed);
  REQUIRE(replayed(cluster, {2}) < cluster.world().node(us).flushed);
  run_checked(cluster, at(seconds(31)));
  REQUIRE(replayed(cluster, {2}) == cluster.world().node(us).flushed);
}

// A user in us updates a row and comes back 10 ms after the answer, which takes the flush of 2 ms:
// a dead version every 12 ms, each to be removed by a vacuum at 10 s.
ClusterConfig updated_and_vacuumed() {
  ClusterConfig config = pair();
  reader(config, "us", write());
  operation(config, FaultKind::vacuum, seconds(10), {});
  return config;
}

TEST_CASE("conflicts: vacuum cancels an older statement on a standby, whatever table it reads",
          "[models][conflicts]") {
  // The report's snapshot is of 5 s; the cleanup record is there at about 10.05 s. The grace of 5 s
  // ends between the looks after 1.023 + 3 s and 1.023 + 4 s, at which the report is cancelled.
  ClusterConfig config = updated_and_vacuumed();
  config.postgres.max_standby_streaming_delay = seconds(5);
  config.data.push_back(config.data[0]);
  config.data.back().name = "others";
  operation(config, FaultKind::long_read, seconds(5), seconds(60), "db-eu");
  config.faults.back().data = "others";
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 1);
  REQUIRE(longest(cluster, Metric::conflict_wait) == milliseconds(5'023));
}

TEST_CASE("conflicts: replay notices up to a second late that a statement has ended",
          "[models][conflicts]") {
  // The report ends at 13.5 s, about 3.45 s after the cleanup record came: the looks
  // are 1.023, 2.023, 3.023 and 4.023 s after that.
  ClusterConfig config = updated_and_vacuumed();
  operation(config, FaultKind::long_read, seconds(5), milliseconds(8'500), "db-eu");
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
  REQUIRE(longest(cluster, Metric::conflict_wait) == milliseconds(4'023));
}

TEST_CASE("conflicts: a statement that began after what was removed is not in the way",
          "[models][conflicts]") {
  ClusterConfig config = updated_and_vacuumed();
  operation(config, FaultKind::long_read, seconds(11), seconds(60), "db-eu");
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
  REQUIRE(all(cluster.world(), Metric::conflict_wait).count() == 0);
}

TEST_CASE(
    "conflicts: hot_standby_feedback keeps the rows of a report until it is known to have ended",
    "[models][conflicts]") {
  // The report reads from 5 s to 65 s. Vacuum at 10 s leaves the 5 s / 12 ms = 417 rows that were
  // replaced since, and all from the standby's last word on: at most 834. At 60 s it leaves 55 s /
  // 12 ms = 4,583; at 80 s the primary knows (at most 10 s + 43 ms after 65 s) that it has ended,
  // and keeps at most what was replaced in the last 10.1 s: 842.
  ClusterConfig config = updated_and_vacuumed();
  config.nodes[eu.value].hot_standby_feedback = true;
  operation(config, FaultKind::vacuum, seconds(60), {});
  operation(config, FaultKind::vacuum, seconds(80), {});
  operation(config, FaultKind::long_read, seconds(5), seconds(60), "db-eu");
  Cluster cluster = build(config, 1);
  const auto kept = [&cluster] { return cluster.world().groups[0].dead_rows[0].rows; };
  run_checked(cluster, at(seconds(10)));
  REQUIRE(kept() >= 417);
  REQUIRE(kept() <= 834);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(kept() >= 4'580);
  REQUIRE(kept() < 4'583 + 20);
  run_checked(cluster, at(seconds(80)));
  REQUIRE(kept() <= 842 + 10);
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
  REQUIRE(all(cluster.world(), Metric::conflict_wait).count() == 0);
}

TEST_CASE("conflicts: feedback goes on to the primary from a standby behind a standby",
          "[models][conflicts]") {
  ClusterConfig config = updated_and_vacuumed();
  config.regions.push_back({"ap", {}, {}});
  link(config, "eu", "ap", milliseconds(100));
  replica(config, "db-ap", "ap", "db-eu").replay_rate = {1'000'000'000'000};
  config.postgres.hot_standby_feedback = true;
  operation(config, FaultKind::long_read, seconds(5), seconds(170), "db-ap");
  operation(config, FaultKind::vacuum, seconds(90), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(170)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
  REQUIRE(cluster.world().groups[0].dead_rows[0].rows >
          7'000);  // (90 - 5) s / 12 ms = 7,083, and more since
}

TEST_CASE("conflicts: a report on the primary holds back vacuum by itself", "[models][conflicts]") {
  ClusterConfig config = updated_and_vacuumed();
  operation(config, FaultKind::long_read, seconds(5), seconds(60), "db-us");
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10)));
  REQUIRE(cluster.world().groups[0].dead_rows[0].rows >= 417);
}

}  // namespace longhaul
