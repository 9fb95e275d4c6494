// Logical subscribers. Regions are 80 ms apart (round trip); 10,000 rows are applied a second.

#include "models/pg/logical.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr std::uint32_t eu = 1;
constexpr Lsn origin{first_lsn};
constexpr Duration way = milliseconds(40);

ClusterConfig pair(ByteRate bandwidth = {}) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80), bandwidth);
  primary(config, "db-us", "us");
  NodeConfig& subscriber = replica(config, "db-eu", "eu", "db-us");
  subscriber.role = NodeRole::logical;
  subscriber.apply_rate = per_second(10'000);
  rows(config, milliseconds(1));
  return config;
}

// A transaction of so many rows of data set `set`, committed and flushed at once.
void commit(Cluster& cluster, std::int64_t rows, Bytes size = {1'000}, std::uint32_t set = 0) {
  World& world = cluster.world();
  const NodeId id = world.primary();
  insert_entry(world, id, {size, rows}, WalKind::commit);
  publish(world, id,
          {.end = world.node(id).insert, .size = size, .rows = rows, .tables = table_bit({set})});
  world.node(id).flushed = world.node(id).insert;
  note_flush(world, id);
  send_wal(world, id);
}

// ALTER TABLE on the publisher.
void alter(Cluster& cluster, std::uint32_t set) {
  World& world = cluster.world();
  const NodeId id = world.primary();
  insert_entry(world, id, {{100}}, WalKind::commit);
  publish(world, id, {.end = world.node(id).insert, .size = {100}, .altered = table_bit({set})});
  world.node(id).flushed = world.node(id).insert;
  note_flush(world, id);
  send_wal(world, id);
}

const Node& subscriber(const Cluster& cluster) { return cluster.world().nodes[eu]; }
Lsn flushed(const Cluster& cluster) { return cluster.world().nodes[0].flushed; }

void applies(Cluster& cluster, Lsn end, Duration when) {
  run_checked(cluster, at(when - nanoseconds(1)));
  REQUIRE(subscriber(cluster).replayed < end);
  run_checked(cluster, at(when));
  REQUIRE(subscriber(cluster).replayed == end);
}

}  // namespace

TEST_CASE("logical: a transaction is applied half a round trip after its flush, row by row",
          "[models][logical]") {
  // 40 ms on the way, 200 rows of 100 us.
  Cluster cluster = build(pair(), 1);
  commit(cluster, 200);
  applies(cluster, flushed(cluster), way + milliseconds(20));
  REQUIRE(not_converged(cluster.world(), origin) == "");
}

TEST_CASE("logical: a large transaction holds up the small one behind it", "[models][logical]") {
  // 50,000 rows take 5 s; one row committed right behind is applied 100 us after them.
  Cluster cluster = build(pair(), 1);
  commit(cluster, 50'000);
  run_checked(cluster, at(milliseconds(10)));
  commit(cluster, 1);
  applies(cluster, flushed(cluster), way + seconds(5) + microseconds(100));
}

TEST_CASE("logical: what a transaction does travels after its commit, all at once",
          "[models][logical]") {
  // Its 10 MB of log were flushed while it was open, a second before: nothing of it was sent but a
  // word that the log goes on. Its changes then take the link: 10 MB at 10 MB/s, at most 4 % of
  // headers; then ten rows.
  Cluster cluster = build(pair({10'000'000}), 1);
  World& world = cluster.world();
  insert_wal(world, world.primary(), {{10'000'000}, 10});
  world.node(world.primary()).flushed = world.node(world.primary()).insert;
  note_flush(world, world.primary());
  send_wal(world, world.primary());
  run_checked(cluster, at(seconds(1)));
  REQUIRE(total(world, Metric::cross_region_bytes) < 1'000);
  commit(cluster, 10, {10'000'000});
  const Lsn end = flushed(cluster);
  run_checked(cluster, at(seconds(2) + way));
  REQUIRE(subscriber(cluster).replayed < end);
  run_checked(cluster, at(seconds(3)));
  REQUIRE(subscriber(cluster).replayed == end);
}

TEST_CASE("logical: log without rows of a transaction costs the subscriber nothing",
          "[models][logical]") {
  // 16 MiB of padding over 1 MB/s would take a physical replica 17 s.
  Cluster cluster = build(pair({1'000'000}), 1);
  produce(cluster, mebibytes(16));
  run_checked(cluster, at(way + milliseconds(1)));
  REQUIRE(subscriber(cluster).replayed == flushed(cluster));
}

TEST_CASE("logical: copy: two tables at a time, then what was committed meanwhile",
          "[models][logical]") {
  // At 1 MB/s: one worker copies 10 MB, the other 4 MB and 4 MB: 10 s, and 40 ms on the way. A
  // transaction of 1,000 rows a second is applied afterwards: ten of them in 1 s.
  ClusterConfig config = pair();
  config.nodes[eu].starts = NodeStart::empty;
  config.nodes[eu].copy_rate = {1'000'000};
  config.data.clear();
  for (const std::int64_t count : {100'000, 40'000, 40'000}) {
    DataSetConfig& set = rows(config, milliseconds(1), count);
    set.name += std::to_string(config.data.size());
    set.row_bytes = {95};
  }
  FaultConfig fault;
  fault.kind = FaultKind::create_subscription;
  fault.at = milliseconds(500);
  fault.node = "db-eu";
  config.faults.push_back(fault);
  Cluster cluster = build(config, 1);
  for (int i = 1; i <= 10; ++i) {
    run_checked(cluster, at(seconds(i)));
    commit(cluster, 1'000);
    REQUIRE(subscriber(cluster).consistent_from == no_data);
  }
  const Lsn end = flushed(cluster);
  run_checked(cluster, at(milliseconds(11'000)));
  REQUIRE(subscriber(cluster).consistent_from == end);
  REQUIRE(subscriber(cluster).replayed < end);
  run_checked(cluster, at(milliseconds(12'000)));
  REQUIRE(subscriber(cluster).replayed == end);
  const Histogram& syncs =
      cluster.world().measures.distribution_at(Metric::initial_sync_duration, eu);
  REQUIRE(syncs.count() == 1);
  REQUIRE(syncs.max() >= milliseconds(11'040).ns);
  REQUIRE(syncs.max() < milliseconds(11'100).ns);
}

TEST_CASE("logical: DDL: the next change of the table stops everything until it is altered here",
          "[models][logical]") {
  // The worker fails at 1.04 s and every 5 s from then on. Another table waits behind it. The
  // operator alters the table at 12 s: the try at 16.04 s succeeds.
  Cluster cluster = build(pair(), 1);
  alter(cluster, 0);
  run_checked(cluster, at(seconds(1)));
  REQUIRE(subscriber(cluster).replayed == flushed(cluster));  // nothing has happened yet
  const Lsn before = flushed(cluster);
  commit(cluster, 1, {1'000}, 0);
  commit(cluster, 1, {1'000}, 1);
  run_checked(cluster, at(seconds(12)));
  REQUIRE(subscriber(cluster).replayed == before);
  REQUIRE(subscriber(cluster).received == flushed(cluster));
  REQUIRE(total(cluster.world(), Metric::apply_errors) == 3);
  alter_subscriber(cluster.world(), {eu}, {0});
  applies(cluster, flushed(cluster), seconds(16) + way + microseconds(200));
  REQUIRE(total(cluster.world(), Metric::apply_errors) == 3);
}

TEST_CASE("logical: DDL: altering the subscriber first stops nothing", "[models][logical]") {
  Cluster cluster = build(pair(), 1);
  alter_subscriber(cluster.world(), {eu}, {0});
  alter(cluster, 0);
  run_checked(cluster, at(seconds(1)));
  commit(cluster, 1);
  applies(cluster, flushed(cluster), seconds(1) + way + microseconds(100));
  REQUIRE(total(cluster.world(), Metric::apply_errors) == 0);
}

TEST_CASE("logical: what was applied is forgotten", "[models][logical]") {
  Cluster cluster = build(pair(), 1);
  for (int i = 0; i < 100; ++i) commit(cluster, 1);
  run_checked(cluster, at(seconds(1)));
  REQUIRE(cluster.world().logs[0].entries.empty());
  REQUIRE(cluster.world().logs[0].marks.empty());
  REQUIRE(cluster.world().subscriptions[0].sent.empty());
}

}  // namespace longhaul
