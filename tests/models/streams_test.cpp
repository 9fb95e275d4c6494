// Streams of WAL through cuts, thin links and pauses. Regions are 100 ms apart (round trip) and
// a standby flushes in 3 ms: what is sent at 0 ms is flushed there at 53 ms.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Bytes some{1000};
constexpr std::uint32_t forth = 0;  // links of pair()
constexpr std::uint32_t back = 1;

ClusterConfig pair(ByteRate bandwidth = {}) {
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100), bandwidth);
  primary(config, "db", "eu");
  replica(config, "copy", "us", "db");
  return config;
}

const Node& standby(const Cluster& cluster, std::uint32_t number = 1) {
  return cluster.world().nodes[number];
}

// Produces at 0 s, with the links cut since then, and heals them after `outage`.
Cluster cut_and_heal(const std::vector<std::uint32_t>& links, Duration outage) {
  Cluster cluster = build(pair(), 1);
  for (const std::uint32_t link : links) cut(cluster, link);
  produce(cluster, some);
  run_checked(cluster, at(outage));
  for (const std::uint32_t link : links) heal(cluster, link);
  return cluster;
}

Bytes arrived(const Cluster& cluster) {
  return cluster.world().streams[0].arrived - Lsn{first_lsn};
}

}  // namespace

TEST_CASE("streams: an idle line: flushed after half a round trip and a flush",
          "[models][streams]") {
  Cluster cluster = build(pair(), 1);
  produce(cluster, some);
  const Lsn end = cluster.world().node(cluster.world().primary()).flushed;
  // 50 ms on the way + 3 ms.
  run_checked(cluster, at(milliseconds(53) - nanoseconds(1)));
  REQUIRE(standby(cluster).flushed < end);
  run_checked(cluster, at(milliseconds(53)));
  REQUIRE(standby(cluster).flushed == end);
}

TEST_CASE("streams: a cut: the tries are 304 ms, 608 ms, 1240 ms after the first",
          "[models][streams]") {
  // The time-out is a round trip + 200 ms = 300 ms. It ends in the probe of the tail, then comes
  // again and doubles: 300, 300, 600. Timers go off half a step of the kernel's wheel later, 4, 4
  // and 32 ms. A link that heals after 1 s is tried 1240 ms after the piece was sent, whichever
  // direction was cut. Flushed 53 ms later. When only acknowledgements are lost the piece has
  // arrived at its first sending.
  for (const std::vector<std::uint32_t>& links :
       {std::vector<std::uint32_t>{forth}, {forth, back}}) {
    Cluster cluster = cut_and_heal(links, seconds(1));
    const Lsn end = cluster.world().nodes[0].flushed;
    run_checked(cluster, at(milliseconds(1293) - nanoseconds(1)));
    REQUIRE(standby(cluster).flushed < end);
    run_checked(cluster, at(milliseconds(1293)));
    REQUIRE(standby(cluster).flushed == end);
    run_checked(cluster, at(seconds(4)));
    REQUIRE(not_converged(cluster.world(), end) == "");
  }
}

TEST_CASE("streams: lost acknowledgements: the standby has it, the stream goes on after the heal",
          "[models][streams]") {
  Cluster cluster = cut_and_heal({back}, seconds(5));
  const Lsn end = cluster.world().nodes[0].flushed;
  REQUIRE(standby(cluster).replayed == end);
  REQUIRE(cluster.world().streams[0].acked < end);
  // Tries at 304, 608, 1240, 2472, 4904 and 4904 + 4800 + 256 = 9960 ms: the last finds the way
  // free and the piece there, so it carries what was produced meanwhile, and one acknowledgement
  // covers both.
  produce(cluster, some);
  const Lsn later = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(milliseconds(9960)));
  REQUIRE(standby(cluster).flushed == end);
  REQUIRE(cluster.world().streams[0].acked < end);
  run_checked(cluster, at(milliseconds(9960 + 53)));
  REQUIRE(standby(cluster).flushed == later);
  run_checked(cluster, at(milliseconds(9960 + 150)));
  REQUIRE(cluster.world().streams[0].acked == later);
  REQUIRE(not_converged(cluster.world(), later) == "");
}

TEST_CASE("streams: a full window and no acknowledgements: resumes at the try after the heal",
          "[models][streams]") {
  Cluster cluster = build(pair(), 1);
  cut(cluster, back);
  produce(cluster, kibibytes(100));  // the first window takes 14480 bytes of it
  const Lsn end = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(2)));
  REQUIRE(arrived(cluster) == Bytes{14'480});
  heal(cluster, back);
  // The probe after two round trips + 2 + 4 ms, then 304, 632 and 1232 ms: the next try is at 2374
  // ms. 87,920 bytes more are 61 segments. The window was 10, so it goes 1, 2, 4, 7 and then about
  // half a segment each round trip: 3 + 7 x 7 < 61 <= 7 + 8 x 7 rounds. The tenth is on disk by
  // 2374 + 11 x 100 + 53 ms; a window that were back at once would have needed three.
  run_checked(cluster, at(milliseconds(2374)));
  REQUIRE(arrived(cluster) == Bytes{14'480});
  run_checked(cluster, at(milliseconds(2374 + 800)));
  REQUIRE(arrived(cluster) > Bytes{14'480});
  REQUIRE(standby(cluster).flushed < end);
  run_checked(cluster, at(milliseconds(2374 + 1153)));
  REQUIRE(standby(cluster).flushed == end);
}

TEST_CASE("streams: cut after cut: nothing is lost and no position goes back",
          "[models][streams]") {
  Cluster cluster = build(pair(), 1);
  Lsn received, replayed, known;
  for (int round = 0; round < 40; ++round) {
    const std::uint32_t link = round % 3 == 0 ? back : forth;
    cut(cluster, link);
    for (int step = 0; step < 10; ++step) {
      produce(cluster, {700 + 13 * round});
      run_checked(cluster, at(milliseconds(500 * round + 20 * step)));
      const WalStream& stream = cluster.world().streams[0];
      REQUIRE(standby(cluster).received >= received);
      REQUIRE(standby(cluster).replayed >= replayed);
      REQUIRE(stream.apply_known >= known);
      received = standby(cluster).received;
      replayed = standby(cluster).replayed;
      known = stream.apply_known;
    }
    heal(cluster, link);
  }
  // Each cut lasts less than 200 ms, but tries that fall into cuts in a row may double the back-off
  // up to the whole 20 s; after that the way is free.
  run_checked(cluster, at(seconds(45)));
  REQUIRE(not_converged(cluster.world(), cluster.world().nodes[0].flushed) == "");
}

TEST_CASE("streams: 1 kbit/s: little by little, at the speed of the line", "[models][streams]") {
  // A message takes longer than the time-outs of both ends, so they are off.
  ClusterConfig config = pair(ByteRate{125});
  config.postgres.wal_sender_timeout = config.postgres.wal_receiver_timeout = {};
  Cluster cluster = build(config, 1);
  produce(cluster, some);
  const Lsn end = cluster.world().nodes[0].flushed;
  // 1000 bytes and 52 of headers at 125 bytes/s = 8.416 s, + 50 ms + 3 ms. Needless tries in
  // between only add to the queue behind it.
  run_checked(cluster, at(milliseconds(8469) - nanoseconds(1)));
  REQUIRE(standby(cluster).flushed < end);
  run_checked(cluster, at(milliseconds(8469)));
  REQUIRE(standby(cluster).flushed == end);
  // Twenty times as much needs 20 x 8 s on the line at least; it comes in the end.
  produce(cluster, some * 20);
  const Lsn all = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(160)));
  REQUIRE(standby(cluster).flushed < all);
  run_checked(cluster, at(seconds(2000)));
  REQUIRE(not_converged(cluster.world(), all) == "");
}

TEST_CASE("streams: cascade: the second standby gets what the first has flushed",
          "[models][streams]") {
  ClusterConfig config = pair();
  config.regions.push_back({"ap", {}, {}});
  link(config, "us", "ap", milliseconds(60));
  link(config, "eu", "ap", milliseconds(10));
  replica(config, "far", "ap", "copy");
  Cluster cluster = build(config, 1);
  produce(cluster, some);
  const Lsn end = cluster.world().nodes[0].flushed;
  // 50 + 3 ms to the first, then 30 + 3 ms: 86 ms, although the primary is 5 ms from the second.
  run_checked(cluster, at(milliseconds(86) - nanoseconds(1)));
  REQUIRE(standby(cluster, 1).flushed == end);
  REQUIRE(standby(cluster, 2).flushed < end);
  run_checked(cluster, at(milliseconds(86)));
  REQUIRE(standby(cluster, 2).flushed == end);
  // A paused first standby still hands on what it flushes.
  pause_replay(cluster.world(), {1});
  produce(cluster, some);
  const Lsn later = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(2)));
  REQUIRE(standby(cluster, 1).replayed == end);
  REQUIRE(standby(cluster, 2).replayed == later);
}

TEST_CASE("streams: pause and resume: receives all along, shows it after the last resume",
          "[models][streams]") {
  ClusterConfig config = pair();
  config.nodes[1].replay_rate = {1000};
  Cluster cluster = build(config, 1);
  pause_replay(cluster.world(), {1});
  pause_replay(cluster.world(), {1});  // pauses overlap
  produce(cluster, some);
  const Lsn end = cluster.world().nodes[0].flushed;
  run_checked(cluster, at(seconds(10)));
  REQUIRE(standby(cluster).flushed == end);
  resume_replay(cluster.world(), {1});
  run_checked(cluster, at(seconds(20)));
  REQUIRE(standby(cluster).replayed == Lsn{first_lsn});
  resume_replay(cluster.world(), {1});
  // 1000 bytes at 1000 bytes/s = 1 s.
  const TimePoint resumed = cluster.world().now();
  run_checked(cluster, resumed + seconds(1) - nanoseconds(1));
  REQUIRE(standby(cluster).replayed == Lsn{first_lsn});
  run_checked(cluster, resumed + seconds(1));
  REQUIRE(standby(cluster).replayed == end);
}

TEST_CASE("streams: replay_batch: a backlog becomes visible batch by batch", "[models][streams]") {
  ClusterConfig config = pair();
  config.nodes[1].replay_rate = {1000};
  config.wal.replay_batch = {400};
  Cluster cluster = build(config, 1);
  pause_replay(cluster.world(), {1});
  produce(cluster, some);
  run_checked(cluster, at(seconds(10)));
  resume_replay(cluster.world(), {1});
  const TimePoint resumed = cluster.world().now();
  // 1000 bytes at 1000 bytes/s in batches of 400, 400 and 200: visible after 0.4, 0.8 and 1 s.
  const std::pair<std::int64_t, std::int64_t> seen[] = {{399, 0},   {400, 400}, {799, 400},
                                                        {800, 800}, {999, 800}, {1000, 1000}};
  for (const auto& [elapsed_ms, bytes] : seen) {
    run_checked(cluster, resumed + milliseconds(elapsed_ms));
    REQUIRE((standby(cluster).replayed - Lsn{first_lsn}).value == bytes);
  }
}

}  // namespace longhaul
