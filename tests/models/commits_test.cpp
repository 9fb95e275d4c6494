// What a commit waits for, what it costs, and what happens to it when a standby is cut off.

#include "models/app/pages.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// A primary "db" at "here" with an app beside it, and three standbys: "near" (RTT 20 ms), "mid"
// (80 ms) and "far" (150 ms). Flushes: 2 ms on the primary, 3 ms on standbys. One user commits one
// row every half second, so commits never meet.
ClusterConfig three_standbys(SynchronousCommit level, const std::string& names) {
  ClusterConfig config = empty({"here", "near", "mid", "far"});
  link(config, "here", "near", milliseconds(20));
  link(config, "here", "mid", milliseconds(80));
  link(config, "here", "far", milliseconds(150));
  link(config, "near", "mid", milliseconds(100));
  link(config, "near", "far", milliseconds(170));
  link(config, "mid", "far", milliseconds(230));
  primary(config, "db", "here");
  replica(config, "near", "near", "db");
  replica(config, "mid", "mid", "db");
  replica(config, "far", "far", "db");
  app(config, "app", "here");
  rows(config, milliseconds(1));
  users(config, "us", "here", 1, {own(write())}).think = always(milliseconds(500));
  config.postgres.synchronous_commit = level;
  config.postgres.synchronous_standby_names = names;
  return config;
}

// The latency that every commit has, before the running transactions of 15 s come between.
Duration commit_latency(const ClusterConfig& config) {
  Cluster cluster = build(config, 3);
  run_checked(cluster, at(seconds(14)));
  const Histogram latency = all(cluster.world(), Metric::commit_latency);
  REQUIRE(latency.count() > 10);
  REQUIRE(latency.min() == latency.max());
  return {latency.min()};
}

constexpr std::uint32_t here_to_near = 0;  // links stand in the order in which they were made
constexpr std::uint32_t near_to_here = 1;

}  // namespace

TEST_CASE("commits: level: each waits for one more thing", "[models][commits]") {
  // One row of 200 bytes + 60, and a commit record of 40: 300 bytes, replayed at 30 MiB/s.
  const Duration replay = transfer_time({300}, {30 * 1024 * 1024});
  const std::string mid = "FIRST 1 (mid)";
  using enum SynchronousCommit;
  REQUIRE(commit_latency(three_standbys(off, mid)) == Duration{});
  REQUIRE(commit_latency(three_standbys(local, mid)) == milliseconds(2));
  REQUIRE(commit_latency(three_standbys(remote_write, mid)) == milliseconds(2 + 80));
  REQUIRE(commit_latency(three_standbys(on, mid)) == milliseconds(2 + 80 + 3));
  REQUIRE(commit_latency(three_standbys(remote_apply, mid)) == milliseconds(2 + 80 + 3) + replay);
  // Without names nothing is waited for, whatever the level.
  REQUIRE(commit_latency(three_standbys(on, "")) == milliseconds(2));
  REQUIRE(commit_latency(three_standbys(remote_apply, "")) == milliseconds(2));
}

TEST_CASE("commits: names: FIRST waits for the slowest of its members, ANY for the n-th fastest",
          "[models][commits]") {
  const auto latency = [](const std::string& names) {
    return commit_latency(three_standbys(SynchronousCommit::on, names));
  };
  // 2 ms + RTT + 3 ms of the standby that decides.
  REQUIRE(latency("FIRST 1 (far, mid, near)") == milliseconds(5 + 150));
  REQUIRE(latency("far, near") == milliseconds(5 + 150));
  REQUIRE(latency("FIRST 2 (near, mid, far)") == milliseconds(5 + 80));
  REQUIRE(latency("FIRST 2 (near, far, mid)") == milliseconds(5 + 150));
  REQUIRE(latency("ANY 1 (far, mid, near)") == milliseconds(5 + 20));
  REQUIRE(latency("ANY 2 (far, mid, near)") == milliseconds(5 + 80));
  REQUIRE(latency("ANY 3 (far, mid, near)") == milliseconds(5 + 150));
  REQUIRE(latency("ANY 2 (*)") == milliseconds(5 + 80));
}

TEST_CASE("commits: group: one flush covers all that came before it began", "[models][commits]") {
  // 40 users commit at once on an idle disk of 50 ms: the first flush takes the first of them, the
  // second all others. So no commit waits for more than two flushes.
  ClusterConfig config = three_standbys(SynchronousCommit::local, "");
  config.nodes[0].fsync = always(milliseconds(50));
  config.nodes[0].cpus = 40;
  config.apps[0].pool.size = 40;
  config.workload[0].sessions = 40;
  config.workload[0].think = always(milliseconds(100));
  Cluster cluster = build(config, 3);
  run_checked(cluster, at(seconds(30)));
  const Histogram latency = all(cluster.world(), Metric::commit_latency);
  // Each user: think 100 + service 1 + between 50 and 100 for the flush: 150 to 200 ms a page.
  REQUIRE(latency.count() > 40 * 30 / 0.21);
  REQUIRE(latency.min() >= milliseconds(50).ns);
  REQUIRE(latency.max() <= milliseconds(100).ns);
  REQUIRE(latency.max() > milliseconds(50).ns);
}

TEST_CASE("commits: off: visible at once, shipped by the WAL writer", "[models][commits]") {
  ClusterConfig config = three_standbys(SynchronousCommit::off, "FIRST 1 (near)");
  Cluster cluster = build(config, 3);
  World& world = cluster.world();
  Event event;
  while (total(world, Metric::writes) == 0 && world.scheduler.pop_until(at(seconds(5)), event)) {
    execute(world, event);
  }
  REQUIRE(total(world, Metric::writes) == 1);
  const Lsn origin{first_lsn};
  REQUIRE(world.truth.versions().back().visible);
  REQUIRE(world.truth.versions().back().acknowledged == world.now());
  REQUIRE(world.nodes[0].insert > origin);
  REQUIRE(world.nodes[0].flushed == origin);
  // The writer wakes at the next multiple of 200 ms and flushes for 2 ms; "near" has it 10 ms
  // later.
  const Duration round = milliseconds(200 * (world.now().ns / milliseconds(200).ns + 1));
  run_checked(cluster, at(round + milliseconds(2) - nanoseconds(1)));
  REQUIRE(world.streams[0].sent == origin);
  run_checked(cluster, at(round + milliseconds(2)));
  REQUIRE(world.nodes[0].flushed == world.nodes[0].insert);
  REQUIRE(world.streams[0].sent == world.nodes[0].insert);
  run_checked(cluster, at(round + milliseconds(12)));
  REQUIRE(world.nodes[1].received == world.nodes[0].insert);
}

TEST_CASE("commits: off: a slow disk never strands the last commit", "[models][commits]") {
  // A flush of 300 ms outlasts the writer's round of 200 ms; commits that arrive meanwhile are
  // flushed afterwards without another commit to remind the writer. Users stop at one time after
  // another; the flush under way, the rest of a round and one more flush are all it takes.
  ClusterConfig config = three_standbys(SynchronousCommit::off, "");
  config.nodes[0].fsync = always(milliseconds(300));
  config.workload[0].think = always(milliseconds(90));
  Cluster cluster = build(config, 3);
  for (int i = 0; i < 30; ++i) {
    run_checked(cluster, at(seconds(2) + milliseconds(37 * i)));
    Cluster rest = cluster;
    World& world = rest.world();
    Event event;
    // One page may still be on its way to its commit: 1 ms.
    const TimePoint enough = world.now() + milliseconds(1 + 300 + 200 + 300);
    while (world.scheduler.pop_until(enough, event)) {
      if (static_cast<EventKind>(event.kind) != EventKind::page_due) execute(world, event);
    }
    REQUIRE(world.nodes[0].flushed == world.nodes[0].insert);
  }
}

TEST_CASE("commits: cut: a lost synchronous standby holds commits until it is back",
          "[models][commits]") {
  for (const bool both_ways : {true, false}) {
    ClusterConfig config = three_standbys(SynchronousCommit::on, "FIRST 1 (near)");
    config.workload[0].sessions = 5;
    Cluster cluster = build(config, 3);
    World& world = cluster.world();
    run_checked(cluster, at(seconds(10)));
    if (both_ways) cut(cluster, here_to_near);
    cut(cluster, near_to_here);
    run_checked(cluster, at(milliseconds(10'100)));  // what was under way is answered or waits
    const std::int64_t answered = total(world, Metric::writes);
    run_checked(cluster, at(seconds(30)));
    REQUIRE(total(world, Metric::writes) == answered);
    // Each of the five users has one commit that hangs, holds its connection and is not visible.
    REQUIRE(world.nodes[0].commits.size() == 5);
    REQUIRE(world.pools[0].open - world.pools[0].idle == 5);
    const Ring<Version>& versions = world.truth.versions();
    for (std::uint64_t n = versions.end() - 5; n != versions.end(); ++n) {
      REQUIRE_FALSE(versions.at(n).visible);
    }
    // Local flushes go on, and the other standbys get all of it.
    REQUIRE(world.nodes[0].flushed == world.nodes[0].insert);
    REQUIRE(world.nodes[2].replayed == world.nodes[0].flushed);
    if (both_ways) heal(cluster, here_to_near);
    heal(cluster, near_to_here);
    // Back-off at most doubles the 20 s of the cut.
    run_checked(cluster, at(seconds(52)));
    // Two writes a second of each user, from 40 s on at the latest.
    REQUIRE(total(world, Metric::writes) > answered + 100);
    REQUIRE(total(world, Metric::errors) == 0);
  }
}

TEST_CASE("commits: cut: a quorum of the others does not notice", "[models][commits]") {
  // ANY 1 (near, mid): near is cut off for 20 s, mid decides with 2 + 80 + 3 ms.
  ClusterConfig config = three_standbys(SynchronousCommit::on, "ANY 1 (near, mid)");
  Cluster cluster = build(config, 3);
  run_checked(cluster, at(seconds(10)));
  cut(cluster, here_to_near);
  run_checked(cluster, at(seconds(30)));
  const Histogram latency = all(cluster.world(), Metric::commit_latency);
  REQUIRE(latency.min() == milliseconds(25).ns);
  REQUIRE(latency.max() == milliseconds(85).ns);
}

TEST_CASE("commits: cut: the client's time-out leaves the commit in doubt, and it is kept",
          "[models][commits]") {
  // The app gives up after 1 s; the server goes on waiting, holds the slot, and commits after the
  // heal. The page is an error once; nobody was told of the commit.
  ClusterConfig config = three_standbys(SynchronousCommit::on, "FIRST 1 (near)");
  config.apps[0].statement_timeout = seconds(1);
  config.workload[0].think = always(seconds(100));
  Cluster cluster = build(config, 3);
  World& world = cluster.world();
  cut(cluster, here_to_near);
  while (world.nodes[0].commits.empty()) {
    Event event;
    REQUIRE(world.scheduler.pop_until(at(seconds(200)), event));
    execute(world, event);
  }
  const TimePoint committed = world.now();
  run_checked(cluster, committed + milliseconds(1100));
  REQUIRE(errors(world, ErrorKind::timeout) == 1);
  REQUIRE(all(world, Metric::page_latency).count() == 1);
  REQUIRE(all(world, Metric::page_latency).max() == seconds(1).ns);
  REQUIRE(world.pools[0].open == 0);
  REQUIRE(world.nodes[0].connections == 1);
  REQUIRE_FALSE(world.truth.versions().back().visible);
  heal(cluster, here_to_near);
  run_checked(cluster, committed + seconds(10));
  REQUIRE(world.nodes[0].commits.empty());
  REQUIRE(world.nodes[0].connections == 0);
  REQUIRE(world.free_requests.size() == world.requests.size());
  REQUIRE(total(world, Metric::writes) == 0);
  REQUIRE(all(world, Metric::page_latency).count() == 1);
}

TEST_CASE("commits: visible: a standby shows a row half a round trip before its writer is told",
          "[models][commits]") {
  // Measured at 80 ms: 39.2 to 39.9 ms before. Replaying 270 bytes takes some microseconds; with
  // remote_write the standby's flush of 3 ms is not waited for, but the row shows only after it.
  using enum SynchronousCommit;
  for (const SynchronousCommit level : {remote_write, on, remote_apply}) {
    ClusterConfig config = three_standbys(level, "FIRST 1 (mid)");
    Cluster cluster = build(config, 3);
    World& world = cluster.world();
    Event event;
    TimePoint shown = TimePoint::never();
    while (total(world, Metric::writes) == 0) {
      REQUIRE(world.scheduler.pop_until(at(seconds(5)), event));
      execute(world, event);
      const bool waits = !world.nodes[0].commits.empty();
      if (waits) REQUIRE_FALSE(world.truth.versions().back().visible);
      const bool there = waits && world.nodes[2].replayed >= world.truth.versions().back().end;
      if (there && shown == TimePoint::never()) shown = world.now();
    }
    const Duration ahead = world.now() - shown;
    REQUIRE(seconds_of(ahead) == Approx(level == remote_write ? 0.037 : 0.040).epsilon(0.01));
    REQUIRE(world.truth.versions().back().visible);
  }
}

TEST_CASE("commits: level: a call may name its own, and waits behind nobody else's",
          "[models][commits]") {
  ClusterConfig config = three_standbys(SynchronousCommit::remote_apply, "FIRST 1 (far)");
  CallConfig local = own(write());
  local.synchronous_commit = SynchronousCommit::local;
  users(config, "local", "here", 1, {local}).think = always(milliseconds(10));
  Cluster cluster = build(config, 3);
  run_checked(cluster, at(seconds(30)));
  const World& world = cluster.world();
  REQUIRE(world.plan->labels[Label::synchronous_commit] ==
          std::vector<std::string>{"remote_apply", "local"});
  const Histogram& far = world.measures.distribution_at(Metric::commit_latency, 0);
  const Histogram& near = world.measures.distribution_at(Metric::commit_latency, 1);
  // 150 ms + flushes of 2 ms (or two of them) and 3 ms; alone: one flush, or the rest of another's.
  REQUIRE(far.count() > 40);
  REQUIRE(far.min() >= milliseconds(155).ns);
  REQUIRE(near.count() > 2000);
  REQUIRE(near.max() <= milliseconds(4).ns);
}

TEST_CASE("commits: names: a reload asks other standbys, an empty one asks nobody",
          "[models][commits]") {
  // "near" is cut off from 10 s on. At 20 s "mid" takes its place: its next reply, at the latest
  // its report every 10 s, releases what waits. At 40 s nobody is left to wait for.
  ClusterConfig config = three_standbys(SynchronousCommit::on, "FIRST 1 (near)");
  const auto reload = [&config](Duration at, const std::string& names) {
    FaultConfig fault;
    fault.kind = FaultKind::set_synchronous_standby_names;
    fault.at = at;
    fault.value = names;
    config.faults.push_back(fault);
  };
  reload(seconds(20), "FIRST 1 (mid)");
  reload(seconds(40), "");
  Cluster cluster = build(config, 3);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  cut(cluster, here_to_near);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(world.nodes[0].commits.size() == 1);
  run_checked(cluster, at(seconds(30)));
  REQUIRE(world.nodes[0].commits.size() <= 1);
  const std::int64_t writes = total(world, Metric::writes);
  run_checked(cluster, at(seconds(38)));
  // Each takes 500 ms of thinking, 1 ms and 2 + 80 + 3 ms.
  REQUIRE(total(world, Metric::writes) - writes == Approx(8 / 0.586).margin(1));
  cut(cluster, 2);  // and now "mid" is gone as well
  run_checked(cluster, at(seconds(40) - nanoseconds(1)));
  REQUIRE(world.nodes[0].commits.size() == 1);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(world.nodes[0].commits.empty());
  REQUIRE(total(world, Metric::cancelled_waits) == 0);
  run_checked(cluster, at(seconds(50)));
  REQUIRE(all(world, Metric::commit_latency).min() == milliseconds(2).ns);
}

TEST_CASE("commits: names: a standby that is catching up releases nobody", "[models][commits]") {
  // "near" comes back at 11 s to a backlog of 20 MB over 1 MB/s: it is behind until 31 s at least,
  // and what it confirms meanwhile counts for nobody: "mid" decides, or nobody if there is none.
  for (const bool another : {true, false}) {
    ClusterConfig config =
        three_standbys(SynchronousCommit::on, another ? "FIRST 1 (near, mid)" : "FIRST 1 (near)");
    config.links[here_to_near].bandwidth = {1'000'000};
    Cluster cluster = build(config, 3);
    World& world = cluster.world();
    run_checked(cluster, at(seconds(10)));
    stop_server(world, NodeId{1}, Liveness::stopped);
    produce(cluster, {20'000'000});
    run_checked(cluster, at(seconds(11)));
    start_server(world, NodeId{1});
    run_checked(cluster, at(seconds(25)));
    REQUIRE(world.streams[0].has_receiver);
    REQUIRE_FALSE(world.streams[0].streaming);
    const std::int64_t writes = total(world, Metric::writes);
    run_checked(cluster, at(seconds(30)));
    // 500 ms of thinking, 1 ms and 2 + 80 + 3 ms; or one commit that hangs.
    REQUIRE(total(world, Metric::writes) - writes == Approx(another ? 5 / 0.586 : 0).margin(1));
    run_checked(cluster, at(seconds(60)));
    REQUIRE(world.streams[0].streaming);
    REQUIRE(world.nodes[0].commits.size() <= 1);
    REQUIRE(total(world, Metric::writes) > writes + 20);
  }
}

TEST_CASE("commits: cancelled: reported as successful, and the standby need not have it",
          "[models][commits]") {
  ClusterConfig config = three_standbys(SynchronousCommit::on, "FIRST 1 (near)");
  config.workload[0].sessions = 5;
  FaultConfig cancel;
  cancel.kind = FaultKind::cancel_waits;
  cancel.node = "db";
  cancel.at = seconds(15);
  config.faults.push_back(cancel);
  Cluster cluster = build(config, 3);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  cut(cluster, here_to_near);
  run_checked(cluster, at(seconds(15) - nanoseconds(1)));
  const std::int64_t writes = total(world, Metric::writes);
  REQUIRE(world.nodes[0].commits.size() == 5);
  run_checked(cluster, at(seconds(30)));
  // Those five, and then everybody waits again.
  REQUIRE(total(world, Metric::writes) == writes + 5);
  REQUIRE(total(world, Metric::cancelled_waits) == 5);
  REQUIRE(world.nodes[0].commits.size() == 5);
  REQUIRE(total(world, Metric::errors) == 0);
}

}  // namespace longhaul
