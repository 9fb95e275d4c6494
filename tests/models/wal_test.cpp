// The way of WAL: throughput, slow start, cuts, cascades, catching up. No users: the tests make WAL
// themselves, so every figure is exact.

#include "models/net/messages.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Lsn origin{first_lsn};
constexpr std::uint32_t us = 0;  // node 0, the primary
constexpr std::uint32_t eu = 1;

ClusterConfig pair(Duration rtt, ByteRate bandwidth = {}) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", rtt, bandwidth);
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

std::int64_t received(const Cluster& cluster, std::uint32_t node = eu) {
  return (cluster.world().nodes[node].received - origin).value;
}

// WAL from us to eu with its framing.
std::int64_t handed_to_link(Cluster& cluster) {
  return cluster.world().measures.counter(Metric::cross_region_bytes, 0, 1, Traffic::wal).count;
}

// `bytes` each 10 ms, every invariant in between.
void produce_between(Cluster& cluster, Bytes bytes, Duration from, Duration to) {
  for (Duration t = from; t < to; t += milliseconds(10)) {
    run_checked(cluster, at(t));
    produce(cluster, bytes);
  }
  run_checked(cluster, at(to));
}

}  // namespace

TEST_CASE("wal: throughput: a window per round trip on a long link", "[models][wal]") {
  // Window 1 MB, RTT 100 ms, no limit of bandwidth: 10 MB/s. From 3 s on slow start is over, and
  // 100 round trips move 100 windows; the ends of a measurement cut at most one piece in two.
  ClusterConfig config = pair(milliseconds(100));
  config.wal.tcp_window = {1'000'000};
  Cluster cluster = build(config, 1);
  produce(cluster, mebibytes(300));
  advance(cluster, at(seconds(3)));
  const std::int64_t before = received(cluster);
  advance(cluster, at(seconds(13)));
  REQUIRE(std::abs(received(cluster) - before - 100'000'000) <= config.wal.send_chunk.value);
}

TEST_CASE("wal: throughput: the link's rate less headers, and little is sent twice",
          "[models][wal]") {
  // 10 Mbit/s = 1.25 MB/s, of which 1448 / 1500 are WAL. Measured on real links to 0.1 %; ours
  // loses up to 2 % while what its queue dropped is sent again.
  const ByteRate rate{1'250'000};
  Cluster cluster = build(pair(milliseconds(80), rate), 1);
  produce(cluster, mebibytes(200));
  advance(cluster, at(seconds(10)));
  const std::int64_t before = received(cluster);
  advance(cluster, at(seconds(50)));
  const std::int64_t expected = 40 * rate.bytes_per_s * 1448 / 1500;
  REQUIRE(received(cluster) - before <= expected + 250'000);
  REQUIRE(received(cluster) - before >= expected - expected / 50);
  const std::int64_t sent = (cluster.world().streams[0].transmitted - origin).value;
  REQUIRE(handed_to_link(cluster) >= sent);
  REQUIRE(handed_to_link(cluster) <= sent + sent / 50);
}

TEST_CASE("wal: throughput: one direction of a link is limited by itself", "[models][wal]") {
  // us -> eu at 1 MB/s, eu -> us at 100: WAL goes the slow way. The other way round nothing limits
  // it: 20 s move 300 MB.
  for (const std::uint32_t slow : {0u, 1u}) {
    ClusterConfig config = pair(milliseconds(80), {100'000'000});
    config.links[slow].bandwidth = {1'000'000};
    Cluster cluster = build(config, 1);
    produce(cluster, mebibytes(300));
    advance(cluster, at(seconds(20)));
    if (slow == 0) REQUIRE(received(cluster) < 20'000'000);
    if (slow == 1) REQUIRE(received(cluster) == mebibytes(300).value);
  }
}

TEST_CASE("wal: throughput: lost packets limit it, not the link", "[models][wal]") {
  // Mathis et al. 1997: 1.22 x 1448 / (0.08 sqrt(p)) = 0.70 MB/s at p = 0.1 %; CUBIC's curve comes
  // back faster than Reno's line from windows above 40, up to half more.
  ClusterConfig config = pair(milliseconds(80));
  config.links[0].loss = {1'000};
  Cluster cluster = build(config, 1);
  produce(cluster, mebibytes(200));
  advance(cluster, at(seconds(10)));
  const std::int64_t before = received(cluster);
  advance(cluster, at(seconds(70)));
  const std::int64_t rate = (received(cluster) - before) / 60;
  REQUIRE(rate > 600'000);
  REQUIRE(rate < 1'250'000);
}

TEST_CASE("wal: slow start: n rounds move 2^n - 1 initial windows", "[models][wal]") {
  // RTT 100 ms, initial window 14,480: six rounds move 63 x 14,480 = 912,240 bytes, so a megabyte
  // needs a seventh and arrives 6 RTT + RTT/2 = 650 ms after it was flushed.
  ClusterConfig config = pair(milliseconds(100));
  for (const bool slow_again : {true, false}) {
    config.wal.tcp_slow_start_after_idle = slow_again;
    Cluster cluster = build(config, 1);
    produce(cluster, {1'000'000});
    advance(cluster, at(milliseconds(650) - nanoseconds(1)));
    REQUIRE((cluster.world().streams[0].arrived - origin).value == 912'240);
    advance(cluster, at(milliseconds(650)));
    REQUIRE(received(cluster) == 1'000'000);

    // 19 s are more than a retransmission time-out of 300 ms. Without the restart the window is
    // still that of the seventh round, 64 x 14,480 = 926,720: two rounds.
    advance(cluster, at(seconds(20)));
    const TimePoint again = cluster.world().now();
    produce(cluster, {1'000'000});
    const Duration needed = slow_again ? milliseconds(650) : milliseconds(150);
    advance(cluster, again + needed - nanoseconds(1));
    REQUIRE(received(cluster) < 2'000'000);
    advance(cluster, again + needed);
    REQUIRE(received(cluster) == 2'000'000);
  }
}

TEST_CASE("wal: stages: half an RTT, one flush, the replay rate", "[models][wal]") {
  // RTT 80 ms, standby's flush 3 ms, 12,000 bytes at 1 MB/s = 12 ms; ladder by hand:
  // received = written at 40, flushed at 43, replayed at 55; the primary knows each 40 later.
  ClusterConfig config = pair(milliseconds(80));
  config.nodes[eu].replay_rate = {1'000'000};
  Cluster cluster = build(config, 1);
  produce(cluster, {12'000});
  const Lsn end = origin + Bytes{12'000};
  const Node& standby = cluster.world().nodes[eu];
  const WalStream& stream = cluster.world().streams[0];
  const auto reaches = [&](const Lsn& position, Duration when) {
    advance(cluster, at(when - nanoseconds(1)));
    REQUIRE(position == origin);
    advance(cluster, at(when));
    REQUIRE(position == end);
  };
  reaches(standby.written, milliseconds(40));
  reaches(standby.flushed, milliseconds(43));
  reaches(standby.replayed, milliseconds(55));
  reaches(stream.write_known, milliseconds(80));
  reaches(stream.flush_known, milliseconds(83));
  reaches(stream.apply_known, milliseconds(95));
}

TEST_CASE("wal: cascade: a hop adds its distance and its flush, not the replay above",
          "[models][wal]") {
  // us -> eu: 40 + 3 ms. eu -> ap: half of 120 + 3 ms more, although eu does not replay at all.
  ClusterConfig config = pair(milliseconds(80));
  config.regions.push_back({"ap", {}, {}});
  link(config, "eu", "ap", milliseconds(120));
  link(config, "us", "ap", milliseconds(200));
  replica(config, "db-ap", "ap", "db-eu");
  Cluster cluster = build(config, 1);
  pause_replay(cluster.world(), NodeId{eu});
  produce(cluster, {1'000});
  const Lsn end = origin + Bytes{1'000};
  const Node& last = cluster.world().nodes[2];
  run_checked(cluster, at(milliseconds(43 + 60) - nanoseconds(1)));
  REQUIRE(last.received == origin);
  run_checked(cluster, at(milliseconds(43 + 60 + 3)));
  REQUIRE(last.flushed == end);
  run_checked(cluster, at(seconds(1)));
  REQUIRE(last.replayed == end);
  REQUIRE(cluster.world().nodes[eu].replayed == origin);
  REQUIRE(cluster.world().streams[1].apply_known == end);
}

TEST_CASE("wal: cut: nothing is lost in either direction, and the back-off decides",
          "[models][wal]") {
  // Links: 0 is us -> eu, 1 is eu -> us. A cut of 10 s from 5 s on. The tail is probed by 5.3 s;
  // time-outs of 300 ms doubling, each late by half a step of the kernel's timers, end about 0.3,
  // 0.9, 2.2, 4.6, 9.7 and 19.6 s later. So 10 s from 5 s on cost almost another 10, and then the
  // window begins small: 1 MB are 690 segments at 14 and growing by one in two round trips, 3.5 s.
  // During a cut of the way there it receives nothing; when only the way back is cut, at most a
  // window.
  for (const std::vector<std::uint32_t>& links : {std::vector<std::uint32_t>{0}, {1}, {0, 1}}) {
    ClusterConfig config = pair(milliseconds(100));
    Cluster cluster = build(config, 1);
    produce_between(cluster, {1'000}, {}, seconds(5));
    for (std::uint32_t id : links) cut(cluster, id);
    run_checked(cluster, at(milliseconds(5001)));
    const std::int64_t at_cut = received(cluster);
    produce_between(cluster, {1'000}, milliseconds(5010), seconds(15));
    if (links.front() == 0) {
      REQUIRE(received(cluster) == at_cut);
    } else {
      REQUIRE(received(cluster) > at_cut);
      REQUIRE(received(cluster) - at_cut <= 30 * tcp_segment.value);
    }
    const std::int64_t at_heal = received(cluster);
    for (std::uint32_t id : links) heal(cluster, id);
    const Lsn flushed_at_heal = cluster.world().nodes[us].flushed;
    produce_between(cluster, {1'000}, milliseconds(15'010), milliseconds(24'500));
    REQUIRE(received(cluster) == at_heal);
    produce_between(cluster, {1'000}, milliseconds(24'510), seconds(30));
    REQUIRE(cluster.world().nodes[eu].received >= flushed_at_heal);
    produce_between(cluster, {1'000}, milliseconds(30'010), seconds(35));
    run_checked(cluster, at(seconds(50)));
    REQUIRE(not_converged(cluster.world(), cluster.world().nodes[us].flushed).empty());
    // A step each 10 ms for 35 s, but none at 5 s, 15 s, 24.5 s and 30 s.
    REQUIRE((cluster.world().nodes[us].flushed - origin).value == 1'000 * (3500 - 4));
  }
}

TEST_CASE("wal: cut: what comes behind a gap waits until that is sent again, without a time-out",
          "[models][wal]") {
  // Link 0 is cut from 5 to 5.1 s, which swallows what was flushed from 4.95 s on. What is flushed
  // after the heal arrives from 5.15 s on and is held; its acknowledgement of 5.2 s names the gap,
  // which is sent again as the smaller window has room, within a round trip more: filled by 5.35 s.
  // With it all that arrived before counts.
  // The window has room for what comes after the heal unless it shrank while it was not used.
  ClusterConfig config = pair(milliseconds(100));
  config.wal.tcp_slow_start_after_idle = false;
  Cluster cluster = build(config, 1);
  produce_between(cluster, {1'000}, {}, seconds(5));
  cut(cluster, 0);
  const std::int64_t at_cut = received(cluster);
  produce_between(cluster, {1'000}, seconds(5), milliseconds(5100));
  heal(cluster, 0);
  const Lsn at_heal = cluster.world().nodes[us].flushed;
  const std::uint32_t window = cluster.world().streams[0].tcp.window;
  produce_between(cluster, {1'000}, milliseconds(5100), milliseconds(5240));
  REQUIRE(received(cluster) == at_cut);
  produce_between(cluster, {1'000}, milliseconds(5240), milliseconds(5360));
  REQUIRE(cluster.world().nodes[eu].received >= at_heal);
  REQUIRE(cluster.world().streams[0].held.empty());
  REQUIRE(cluster.world().streams[0].tcp.window == window * 717 / 1024);  // 0.7 of it
}

TEST_CASE("wal: cut: back-off stops growing at retransmit_max", "[models][wal]") {
  // After 1000 s the next attempt is at most 120 s away, as Linux has it, not another 1000. The
  // time-outs of PostgreSQL, which would end the connection, are off.
  ClusterConfig config = pair(milliseconds(100));
  config.postgres.wal_sender_timeout = config.postgres.wal_receiver_timeout = {};
  Cluster cluster = build(config, 1);
  cut(cluster, 0);
  produce(cluster, {1'000});
  advance(cluster, at(seconds(1000)));
  heal(cluster, 0);
  REQUIRE(received(cluster) == 0);
  advance(cluster, at(seconds(1121)));
  REQUIRE(received(cluster) == 1'000);
}

TEST_CASE("wal: catch-up: T u / (1 - u) after a pause of T", "[models][wal]") {
  // Replay at 10 MB/s is used to the share u; after T = 10 s the backlog T u r drains at (1 - u) r.
  for (const std::int64_t percent : {20, 50, 80}) {
    ClusterConfig config = pair(milliseconds(2));
    config.nodes[eu].replay_rate = {10'000'000};
    config.nodes[eu].fsync = always(microseconds(100));
    Cluster cluster = build(config, 1);
    const Bytes step{1'000 * percent};  // each 10 ms
    const Duration expected = milliseconds(10'000 * percent / (100 - percent));
    produce_between(cluster, step, {}, seconds(5));
    pause_replay(cluster.world(), NodeId{eu});
    produce_between(cluster, step, seconds(5), seconds(15));
    resume_replay(cluster.world(), NodeId{eu});
    Duration caught_up = Duration::max();
    for (Duration t = seconds(15); caught_up == Duration::max() && t < seconds(70);
         t += milliseconds(10)) {
      produce(cluster, step);
      advance(cluster, at(t + milliseconds(10)));
      const Bytes behind = cluster.world().nodes[us].flushed - cluster.world().nodes[eu].replayed;
      // Replay works in batches of 128 KiB: 13 ms, in which 13 steps' tenth arrives.
      if (behind <= step * 2) caught_up = t + milliseconds(10) - seconds(15);
    }
    INFO("utilisation " << percent << " %: " << caught_up.ns << " ns");
    REQUIRE(caught_up >= expected - milliseconds(60));
    REQUIRE(caught_up <= expected + Duration{expected.ns / 50} + milliseconds(60));
  }
}

TEST_CASE("wal: history: what every copy shows is forgotten", "[models][wal]") {
  // Flush marks and versions are a window: with a standby that keeps up, a long run keeps few.
  Cluster cluster = build(pair(milliseconds(80)), 1);
  produce_between(cluster, {1'000}, {}, seconds(100));
  // In flight for 40 + 3 ms and replayed within a millisecond: 4 or 5 marks, one each 10 ms.
  REQUIRE(cluster.world().logs[0].marks.size() <= 6);
}

}  // namespace longhaul
