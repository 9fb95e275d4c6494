// The acceptance checks of the fact sheet on PostgreSQL, one sentence a case.

#include "models/app/pages.h"
#include "models/pg/lag_sources.h"
#include "models/pg/stat_replication.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId standby{1};

// Regions 80 ms apart (round trip); the standby flushes in 3 ms and replays 30 MiB/s.
ClusterConfig far_pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

StatReplication row(const Cluster& cluster) {
  const auto seen = stat_replication(cluster.world(), standby);
  REQUIRE(seen);
  return *seen;
}

Duration from_source(const Cluster& cluster, LagSource source) {
  const auto lag = lag_from(cluster.world(), cluster.world().streams[0], source);
  REQUIRE(lag);
  return *lag;
}

// A commit of 1000 bytes each 100 ms until `to`.
void commit_until(Cluster& cluster, Duration to) {
  for (Duration t = cluster.world().now() - TimePoint{}; t < to; t += milliseconds(100)) {
    produce(cluster, {1000});
    advance(cluster, at(t + milliseconds(100)));
  }
}

bool within(Duration value, Duration low, Duration high) { return value >= low && value <= high; }

void click(Cluster& cluster, std::uint32_t session) {
  World& world = cluster.world();
  page_due(world, {.at = world.now(), .target = target(SessionId{session})});
}

}  // namespace

TEST_CASE(
    "facts 2: flush_lag on an idle-disk standby converges to RTT + F_s; becomes NULL after "
    "two idle replies (<= 20 s)",
    "[models][facts]") {
  Cluster cluster = build(far_pair(), 1);
  REQUIRE_FALSE(row(cluster).flush_lag);
  commit_until(cluster, seconds(10));
  // 40 ms there, 3 ms on the disk, 40 ms back; written at once: without the disk. 1000 bytes are
  // replayed in 32 us. The receiver and the sender may take up to 1 ms to wake up.
  REQUIRE(within(*row(cluster).write_lag, milliseconds(80), milliseconds(81)));
  REQUIRE(within(*row(cluster).flush_lag, milliseconds(83), milliseconds(84)));
  REQUIRE(within(*row(cluster).replay_lag, milliseconds(83), milliseconds(84)));
  REQUIRE(row(cluster).replay_lsn == row(cluster).sent_lsn);
  // The last commit was at 9.9 s; its last reply was the first that has applied all that was sent.
  // The next one comes when wal_receiver_status_interval has passed: at 9.9 + 0.083 + 10 s.
  advance(cluster, at(seconds(19)));
  REQUIRE(row(cluster).flush_lag);
  advance(cluster, at(seconds(20)));
  REQUIRE_FALSE(row(cluster).write_lag);
  REQUIRE_FALSE(row(cluster).flush_lag);
  REQUIRE_FALSE(row(cluster).replay_lag);
  REQUIRE(row(cluster).reply_time > at(seconds(19)));
}

TEST_CASE("facts 3: now()-last_xact_replay grows 1 s/s on an idle primary while byte lag is 0",
          "[models][facts]") {
  Cluster cluster = build(far_pair(), 1);
  REQUIRE_FALSE(lag_from(cluster.world(), cluster.world().streams[0], LagSource::replay_timestamp));
  commit_until(cluster, seconds(5));
  const World& world = cluster.world();
  // The last commit was made at 4.9 s, so the formula says t - 4.9 s.
  for (const std::int64_t t : {6, 10, 26}) {
    advance(cluster, at(seconds(t)));
    REQUIRE(from_source(cluster, LagSource::replay_timestamp) == seconds(t) - milliseconds(4900));
    REQUIRE(from_source(cluster, LagSource::replay_timestamp_unless_caught_up) == Duration{});
    REQUIRE(replay_lag_bytes(world, world.streams[0]) == Bytes{0});
    REQUIRE(world.node(standby).received == world.node(standby).replayed);
    REQUIRE(world.streams[0].lag[3].lag(world.now()) == Duration{});  // the truth
  }
}

TEST_CASE(
    "facts 5: Waiting sync commits are invisible and hold locks; statement_timeout does not "
    "end them.",
    "[models][facts]") {
  // A commit waits for a standby that is cut off. Measured on PostgreSQL 15: with a
  // statement_timeout of 1.5 s it waited for 45 s, until it was cancelled, and then succeeded.
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", milliseconds(80));
  primary(config, "db", "here");
  replica(config, "copy", "there", "db");
  app(config, "app", "here").statement_timeout = minutes(60);
  rows(config, milliseconds(1), 1);
  for (const CallConfig& call : {write(), write(), read()}) {
    const std::string name = "user" + std::to_string(config.workload.size());
    users(config, name, "here", 1, {call}).think = always(minutes(600));
  }
  config.postgres.synchronous_standby_names = "copy";
  config.postgres.statement_timeout = milliseconds(1500);
  config.policy.router.use_replica_reads = false;
  FaultConfig cancel;
  cancel.kind = FaultKind::cancel_waits;
  cancel.node = "db";
  cancel.at = seconds(45);
  config.faults.push_back(cancel);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  cut(cluster, 0);

  click(cluster, 0);
  run_checked(cluster, at(seconds(10)));
  REQUIRE(world.truth.versions().size() == 1);
  REQUIRE_FALSE(world.truth.versions().back().visible);  // to anybody on the primary
  REQUIRE(world.nodes[0].locks.locked() == 1);

  // Another writer of the row meets the lock and its own statement_timeout; a reader meets nothing.
  click(cluster, 1);
  click(cluster, 2);
  run_checked(cluster, at(milliseconds(10'100)));
  REQUIRE(world.nodes[0].locks.waits() == 1);
  REQUIRE(total(world, Metric::reads) == 1);
  run_checked(cluster, at(milliseconds(11'600)));
  REQUIRE(errors(world, ErrorKind::statement_timeout) == 1);
  REQUIRE(all(world, Metric::lock_wait).max() == milliseconds(1500 - 1).ns);  // it ran for 1 ms

  run_checked(cluster, at(seconds(45) - nanoseconds(1)));
  REQUIRE(total(world, Metric::writes) == 0);
  run_checked(cluster, at(seconds(46)));
  REQUIRE(total(world, Metric::writes) == 1);
  REQUIRE(total(world, Metric::errors) == 1);
  REQUIRE(total(world, Metric::cancelled_waits) == 1);
  REQUIRE(world.truth.versions().back().visible);
  REQUIRE(world.truth.versions().back().wait_cancelled);
  REQUIRE(world.nodes[1].flushed < world.nodes[0].flushed);  // the standby has nothing of it
  REQUIRE(world.nodes[0].locks.locked() == 0);
}

namespace {

// RTT 80 ms, flush 2 ms on the primary and 3 ms on the standby, which replays in no time. A user
// in eu reads "rows" of the local replica once every 10 ms, in no time.
ClusterConfig reader_in_eu() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us").replay_rate = {1'000'000'000'000};
  app(config, "app-eu", "eu").statement_timeout = minutes(10);
  config.apps.back().pool.size = 4;
  rows(config, {});
  PopulationConfig& population = users(config, "eu", "eu", 1, {read()});
  population.think = always(milliseconds(10));
  config.duration = minutes(3);
  return config;
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

Duration longest_read(const Cluster& cluster) {
  return {all(cluster.world(), Metric::read_latency).max()};
}

}  // namespace

TEST_CASE("facts 6: TRUNCATE blocks reads of the table until the reader in its way ends",
          "[models][facts]") {
  // TRUNCATE at 10 s is flushed with its commit at 10.002 and on the standby at 10.045, where a
  // report that began at 9 s reads on until 19 s. The one user's read waits until then, having
  // begun at most 10 ms after 10.045: between 8.945 and 8.955 s.
  ClusterConfig config = reader_in_eu();
  operation(config, FaultKind::long_read, seconds(9), seconds(10), "db-eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(longest_read(cluster) > milliseconds(8'944));
  REQUIRE(longest_read(cluster) < milliseconds(8'956));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
  REQUIRE(all(cluster.world(), Metric::conflict_wait).max() == milliseconds(8'955).ns);
}

TEST_CASE("facts 6: TRUNCATE blocks reads of the table for 30 s and cancels a longer reader",
          "[models][facts]") {
  // As above with a report of 100 s: cancelled 30 s after the receipt at 10.045. Replay stood still
  // for 30 s, whatever the report began.
  ClusterConfig config = reader_in_eu();
  operation(config, FaultKind::long_read, seconds(9), seconds(100), "db-eu");
  operation(config, FaultKind::truncate, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(40'044)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 0);
  run_checked(cluster, at(milliseconds(40'046)));
  REQUIRE(total(cluster.world(), Metric::recovery_conflicts) == 1);
  REQUIRE(all(cluster.world(), Metric::conflict_wait).max() == seconds(30).ns);
  run_checked(cluster, at(seconds(120)));
  REQUIRE(longest_read(cluster) <= seconds(30));
  REQUIRE(longest_read(cluster) > milliseconds(29'989));
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
}

}  // namespace longhaul
