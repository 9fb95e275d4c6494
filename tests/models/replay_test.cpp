// The startup process: what a record costs by its kind, delays, a slow standby, timestamps.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Lsn origin{first_lsn};
constexpr std::uint32_t eu = 1;

// RTT 80 ms, flush 3 ms: what is produced at t is flushed on the standby at t + 43 ms.
ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us").replay_rate = {1'000'000};
  return config;
}

const Node& standby(const Cluster& cluster) { return cluster.world().nodes[eu]; }

// Replay reaches `end` exactly at `when`.
void replays_up_to(Cluster& cluster, Lsn end, Duration when) {
  run_checked(cluster, at(when - nanoseconds(1)));
  REQUIRE(standby(cluster).replayed < end);
  run_checked(cluster, at(when));
  REQUIRE(standby(cluster).replayed == end);
}

}  // namespace

TEST_CASE("replay: cost: records, bytes and full-page images each have their own",
          "[models][replay]") {
  // 12,000 bytes, 8,000 of them images: 4,000 at 1 MB/s = 4 ms, 8,000 at 4 MB/s = 2 ms, and five
  // records of 3 ms each = 15 ms: 21 ms after the flush at 43 ms.
  ClusterConfig config = pair();
  config.nodes[eu].replay_image_rate = {4'000'000};
  config.nodes[eu].replay_record_time = milliseconds(3);
  Cluster cluster = build(config, 1);
  produce_records(cluster, {{12'000}, 5, {8'000}});
  replays_up_to(cluster, origin + Bytes{12'000}, milliseconds(64));
}

TEST_CASE("replay: cost: a stretch that takes several batches costs no more than its records",
          "[models][replay]") {
  // 1 MB in 1,000 records of 1 ms and 1 us a byte: 1 s + 1 s, in batches of 128 KiB. Half of it is
  // visible half way. Replay begins at 1 s, when all has arrived.
  ClusterConfig config = pair();
  config.nodes[eu].replay_record_time = milliseconds(1);
  Cluster cluster = build(config, 1);
  pause_replay(cluster.world(), NodeId{eu});
  produce_records(cluster, {{1'000'000}, 1'000});
  run_checked(cluster, at(seconds(1)));
  REQUIRE(standby(cluster).flushed == origin + Bytes{1'000'000});
  resume_replay(cluster.world(), NodeId{eu});
  run_checked(cluster, at(seconds(2)));
  const std::int64_t half = (standby(cluster).replayed - origin).value;
  REQUIRE(half <= 500'000);
  REQUIRE(half >= 500'000 - 131'072);
  // Each batch rounds its records down and its time up: a record and a nanosecond per batch.
  run_checked(cluster, at(milliseconds(2990)));
  REQUIRE(standby(cluster).replayed < origin + Bytes{1'000'000});
  run_checked(cluster, at(seconds(3) + nanoseconds(100)));
  REQUIRE(standby(cluster).replayed == origin + Bytes{1'000'000});
}

TEST_CASE("replay: slow: a standby at a quarter of its speed takes four times as long",
          "[models][replay]") {
  // 12,000 bytes at 1 MB/s = 12 ms, at a quarter 48 ms. The batch that has begun ends as it began.
  Cluster cluster = build(pair(), 1);
  set_replay_speed(cluster.world(), NodeId{eu}, percent(25));
  produce(cluster, {12'000});
  run_checked(cluster, at(milliseconds(50)));
  set_replay_speed(cluster.world(), NodeId{eu}, percent(100));
  replays_up_to(cluster, origin + Bytes{12'000}, milliseconds(43 + 48));
}

TEST_CASE("replay: slow: what was begun slowly does not outlast the slowness", "[models][replay]") {
  // 12,000 bytes at 1 MB/s and a ten thousandth of it, 100 bytes a second, would take two minutes.
  // A batch is smaller by as much: 13 bytes of 128 KiB, 130 ms. From 43 ms to 1 s 95 bytes are
  // replayed, of which up to 13 are not visible yet; at full speed again, the batch begun is over
  // after 130 ms and all others after 12 ms.
  Cluster cluster = build(pair(), 1);
  set_replay_speed(cluster.world(), NodeId{eu}, Ratio{100});
  produce(cluster, {12'000});
  run_checked(cluster, at(seconds(1)));
  const std::int64_t visible = (standby(cluster).replayed - origin).value;
  REQUIRE(visible >= 95 - 13);
  REQUIRE(visible <= 95);
  set_replay_speed(cluster.world(), NodeId{eu}, percent(100));
  run_checked(cluster, at(milliseconds(1000 + 130 + 12)));
  REQUIRE(standby(cluster).replayed == origin + Bytes{12'000});
}

TEST_CASE("replay: delay: a commit is shown when its timestamp lies that far in the past",
          "[models][replay]") {
  // Commits at 0 and 100 ms, delay 1 s: replayed from 1 s and 1.1 s on, 1 ms each.
  ClusterConfig config = pair();
  config.nodes[eu].recovery_min_apply_delay = seconds(1);
  Cluster cluster = build(config, 1);
  produce(cluster, {1'000});
  run_checked(cluster, at(milliseconds(100)));
  produce(cluster, {1'000});
  replays_up_to(cluster, origin + Bytes{1'000}, milliseconds(1001));
  REQUIRE(standby(cluster).flushed == origin + Bytes{2'000});
  replays_up_to(cluster, origin + Bytes{2'000}, milliseconds(1101));
}

TEST_CASE("replay: timestamp: the standby knows when the last commit it shows was made",
          "[models][replay]") {
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(seconds(2)));
  produce(cluster, {1'000});
  run_checked(cluster, at(milliseconds(2043)));
  REQUIRE(standby(cluster).replay.last_commit_at == TimePoint::never());
  run_checked(cluster, at(milliseconds(2044)));
  REQUIRE(standby(cluster).replay.last_commit_at == at(seconds(2)));
}

TEST_CASE("replay: memory: the index of the log is forgotten once every standby has replayed it",
          "[models][replay]") {
  Cluster cluster = build(pair(), 1);
  pause_replay(cluster.world(), NodeId{eu});
  for (int i = 0; i < 100; ++i) produce(cluster, {1'000});
  run_checked(cluster, at(seconds(1)));
  REQUIRE(cluster.world().logs[0].entries.size() == 100);
  resume_replay(cluster.world(), NodeId{eu});
  run_checked(cluster, at(seconds(2)));
  REQUIRE(cluster.world().logs[0].entries.empty());
}

}  // namespace longhaul
