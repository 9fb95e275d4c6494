// How a stream ends and begins again: time-outs at both ends, resets, retries, segments sent twice.

#include "models/net/messages.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Lsn origin{first_lsn};
constexpr std::uint32_t us = 0;
constexpr std::uint32_t eu = 1;
constexpr std::uint32_t down = 0;  // links: us -> eu, eu -> us
constexpr std::uint32_t up = 1;

// RTT 80 ms; an idle standby reports every 10 s.
ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us").replay_rate = {1'000'000'000};
  return config;
}

const WalStream& stream_of(const Cluster& cluster) { return cluster.world().streams[0]; }

void cut_both(Cluster& cluster) {
  cut(cluster, down);
  cut(cluster, up);
}

void heal_both(Cluster& cluster) {
  heal(cluster, down);
  heal(cluster, up);
}

std::int64_t wal_handed_to_link(Cluster& cluster) {
  return cluster.world().measures.counter(Metric::cross_region_bytes, 0, 1, Traffic::wal).count;
}

}  // namespace

TEST_CASE("stream: idle: keepalives and reports keep it for hours", "[models][stream]") {
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(minutes(300)));
  REQUIRE(stream_of(cluster).has_sender);
  REQUIRE(stream_of(cluster).has_receiver);
  REQUIRE(stream_of(cluster).asked == 1);
}

TEST_CASE("stream: blackhole: each end gives up a time-out after it last heard the other",
          "[models][stream]") {
  // The receiver hears nothing but the answers to its pings, half a time-out after the last: pings
  // at 30, 60.08, 90.16 s, an answer at 90.24 s; it gives up at 150.24 s. The standby reports 10 s
  // after its last report or ping: at 100.16 s, heard at 100.2 s; the sender gives up at 160.2 s.
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(seconds(105)));
  cut_both(cluster);
  run_checked(cluster, at(milliseconds(150'239)));
  REQUIRE(stream_of(cluster).has_receiver);
  run_checked(cluster, at(milliseconds(150'240)));
  REQUIRE_FALSE(stream_of(cluster).has_receiver);
  run_checked(cluster, at(milliseconds(160'199)));
  REQUIRE(stream_of(cluster).has_sender);
  run_checked(cluster, at(milliseconds(160'200)));
  REQUIRE_FALSE(stream_of(cluster).has_sender);
}

TEST_CASE("stream: blackhole: a cut shorter than the time-outs keeps the connection",
          "[models][stream]") {
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(seconds(105)));
  produce(cluster, {1'000});
  cut_both(cluster);
  run_checked(cluster, at(seconds(135)));
  heal_both(cluster);
  run_checked(cluster, at(seconds(200)));
  REQUIRE(stream_of(cluster).asked == 1);
  REQUIRE(not_converged(cluster.world(), origin + Bytes{1'000}).empty());
}

TEST_CASE("stream: blackhole: after the heal the SYN back-off decides, then it catches up",
          "[models][stream]") {
  // The receiver gives up at about 150 s and asks; SYNs go out after 1, 3, 7, 15, 31 s. The link
  // heals at 170 s: the SYN at about 150 + 31 = 181 s is the first that arrives.
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(seconds(105)));
  cut_both(cluster);
  run_checked(cluster, at(seconds(170)));
  produce(cluster, {1'000'000});
  heal_both(cluster);
  run_checked(cluster, at(seconds(180)));
  REQUIRE_FALSE(stream_of(cluster).has_receiver);
  run_checked(cluster, at(seconds(190)));
  REQUIRE(stream_of(cluster).has_receiver);
  REQUIRE(stream_of(cluster).has_sender);
  REQUIRE(stream_of(cluster).streaming);
  REQUIRE(not_converged(cluster.world(), origin + Bytes{1'000'000}).empty());
}

TEST_CASE("stream: crash: whole messages arrive until a reply meets the socket left behind",
          "[models][stream]") {
  // 8 Mbit/s carry 965 kB of log a second, a message of 128 KiB in 136 ms, all from 8 KiB pages'
  // beginnings on. When the walsender dies its socket holds megabytes. What is on its way arrives,
  // and what the kernel sends until the standby's next reply, at most 136 ms later: one to four
  // messages with a queue of up to 100 ms and 40 ms of way. What has arrived of the next one does
  // not count.
  ClusterConfig config = pair();
  for (DirectedLink& one : config.links) one.bandwidth = ByteRate{1'000'000};
  Cluster cluster = build(config, 1);
  produce(cluster, {20'000'000});
  run_checked(cluster, at(seconds(5)));
  const Lsn before = cluster.world().nodes[eu].received;
  stop_server(cluster.world(), NodeId{us}, Liveness::stopped);
  run_checked(cluster, at(milliseconds(5'300)));
  REQUIRE(stream_of(cluster).sent - stream_of(cluster).transmitted > Bytes{1'000'000});
  run_checked(cluster, at(seconds(8)));
  const Bytes more = cluster.world().nodes[eu].received - before;
  REQUIRE(more.value % kibibytes(128).value == 0);
  REQUIRE(more >= kibibytes(128));
  REQUIRE(more <= kibibytes(512));
  REQUIRE_FALSE(stream_of(cluster).has_receiver);
  REQUIRE(stream_of(cluster).arrived > cluster.world().nodes[eu].received);
}

TEST_CASE("stream: crash: the other end learns half a round trip later and clients are reset",
          "[models][stream]") {
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(seconds(20)));
  stop_server(cluster.world(), NodeId{eu}, Liveness::stopped);
  run_checked(cluster, at(milliseconds(20'039)));
  REQUIRE(stream_of(cluster).has_sender);
  run_checked(cluster, at(milliseconds(20'040)));
  REQUIRE_FALSE(stream_of(cluster).has_sender);

  // Started again it asks at once: 5 round trips, and what was written meanwhile follows.
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(30)));
  start_server(cluster.world(), NodeId{eu});
  run_checked(cluster, at(seconds(40)));
  REQUIRE(stream_of(cluster).streaming);
  REQUIRE(not_converged(cluster.world(), origin + Bytes{1'000}).empty());
}

TEST_CASE("stream: node loss: nobody is told; the sender stays until wal_sender_timeout",
          "[models][stream]") {
  Cluster cluster = build(pair(), 1);
  run_checked(cluster, at(seconds(25)));  // it last reported at 20 s, heard at 20.04 s
  stop_server(cluster.world(), NodeId{eu}, Liveness::vanished);
  run_checked(cluster, at(milliseconds(80'039)));
  REQUIRE(stream_of(cluster).has_sender);
  run_checked(cluster, at(milliseconds(80'041)));
  REQUIRE_FALSE(stream_of(cluster).has_sender);
}

TEST_CASE("stream: upstream down: a standby asks every wal_retrieve_retry_interval",
          "[models][stream]") {
  // A chain us -> eu -> ap; eu's process dies for a minute. ap is refused and asks every 5 s, so it
  // streams again at most 5 s and 6 round trips after eu is back.
  ClusterConfig config = pair();
  config.regions.push_back({"ap", {}, {}});
  link(config, "eu", "ap", milliseconds(100));
  link(config, "us", "ap", milliseconds(100));
  replica(config, "db-ap", "ap", "db-eu");
  Cluster cluster = build(config, 1);
  const WalStream& to_ap = cluster.world().streams[1];
  run_checked(cluster, at(seconds(20)));
  stop_server(cluster.world(), NodeId{eu}, Liveness::stopped);
  run_checked(cluster, at(seconds(21)));
  REQUIRE_FALSE(to_ap.has_receiver);
  run_checked(cluster, at(seconds(80)));
  REQUIRE(to_ap.asked >= 11);  // 59 s of attempts, 5 s and the answer's way apart
  REQUIRE(to_ap.asked <= 13);
  start_server(cluster.world(), NodeId{eu});
  run_checked(cluster, at(seconds(86)));
  REQUIRE(to_ap.has_receiver);
}

TEST_CASE(
    "facts 1: async standby never holds an LSN above the primary's flushed LSN at the same "
    "instant of sending",
    "[models][facts]") {
  // Asynchronous commits are inserted up to 200 ms before the WAL writer flushes them. Nothing of
  // that may be sent: neither the socket nor the standby ever has more than the primary's disk.
  ClusterConfig config = pair();
  config.postgres.synchronous_commit = SynchronousCommit::off;
  app(config, "app", "us");
  rows(config, {});
  users(config, "writers", "us", 4, {write()}).think = always(milliseconds(7));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  int ahead = 0;
  Event event;
  while (world.scheduler.pop_until(at(seconds(20)), event)) {
    execute(world, event);
    const Lsn flushed = world.nodes[us].flushed;
    ahead += world.nodes[us].insert > flushed ? 1 : 0;
    REQUIRE(stream_of(cluster).sent <= flushed);
    REQUIRE(world.nodes[eu].received <= flushed);
  }
  REQUIRE(ahead > 1000);
  REQUIRE(world.nodes[eu].received > origin + Bytes{100'000});
}

namespace {

// Two standbys, "db-a" and "db-b", 80 ms away; one writer in the primary's region, a commit each
// 100 ms. Returns the longest commit of a run in which db-a goes in this way at 100 s.
Duration longest_commit(const std::string& names, Liveness how) {
  ClusterConfig config = empty({"us", "a", "b"});
  for (const char* region : {"a", "b"}) link(config, "us", region, milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-a", "a", "db-us");
  replica(config, "db-b", "b", "db-us");
  app(config, "app", "us").statement_timeout = minutes(10);
  rows(config, {});
  users(config, "writers", "us", 1, {write()}).think = always(milliseconds(100));
  config.postgres.synchronous_standby_names = names;
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(100)));
  REQUIRE(all(cluster.world(), Metric::commit_latency).max() <= milliseconds(86).ns);
  stop_server(cluster.world(), NodeId{1}, how);
  run_checked(cluster, at(seconds(200)));
  return {all(cluster.world(), Metric::commit_latency).max()};
}

}  // namespace

TEST_CASE(
    "facts 4: with FIRST 1(a,b) and a blackholed: commits stall until wal_sender_timeout "
    "(60 s); with a RST: stall < 1 RTT. ANY 1(a,b): no stall",
    "[models][facts]") {
  // A commit takes 2 + 80 + 3 = 85 ms. The sender last heard db-a within a commit's time, so the
  // stall ends 60 s later, when db-b, which has the commit, moves up.
  const Duration blackholed = longest_commit("FIRST 1 (db-a, db-b)", Liveness::vanished);
  REQUIRE(blackholed > seconds(59));
  REQUIRE(blackholed <= seconds(60) + milliseconds(85));
  const Duration reset = longest_commit("FIRST 1 (db-a, db-b)", Liveness::stopped);
  REQUIRE(reset < milliseconds(85 + 80));
  REQUIRE(longest_commit("ANY 1 (db-a, db-b)", Liveness::vanished) <= milliseconds(86));
  REQUIRE(longest_commit("ANY 1 (db-a, db-b)", Liveness::stopped) <= milliseconds(86));
}

TEST_CASE("facts 14: restart of streaming re-sends from the segment start (<= 16 MiB)",
          "[models][facts]") {
  // The log begins at a segment boundary. The standby holds 20 MB = one segment of 16,777,216 bytes
  // and 3,222,784 of the next when its process dies; started again it gets these a second time.
  static_assert(first_lsn % (16 * 1024 * 1024) == 0);
  ClusterConfig config = pair();
  Cluster cluster = build(config, 1);
  produce(cluster, {20'000'000});
  run_checked(cluster, at(seconds(30)));
  REQUIRE(not_converged(cluster.world(), origin + Bytes{20'000'000}).empty());
  const std::int64_t before = wal_handed_to_link(cluster);
  stop_server(cluster.world(), NodeId{eu}, Liveness::stopped);
  run_checked(cluster, at(seconds(31)));
  start_server(cluster.world(), NodeId{eu});
  run_checked(cluster, at(seconds(60)));
  REQUIRE(stream_of(cluster).streaming);
  const std::int64_t again = wal_handed_to_link(cluster) - before;
  REQUIRE(again >= 3'222'784);
  REQUIRE(again <= 3'222'784 * 102 / 100 + 10'000);  // headers, and messages of the connection
  // Nothing was lost or undone by it.
  REQUIRE(cluster.world().nodes[eu].replayed == origin + Bytes{20'000'000});
}

}  // namespace longhaul
