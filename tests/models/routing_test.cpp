// The app as the router's host: what rollouts, classes of pages, weights, caps and queues do to
// reads.

#include <map>

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr NodeId eu{1};

// Users and their app in "eu" beside a replica, 80 ms from the primary in "us". A read takes 1 ms
// and a page is one read. The lag breaker is the default one: opens above 3 s, half opens below 1
// s.
ClusterConfig reads_in_europe(std::int64_t sessions, Duration think) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us").cpus = 64;
  replica(config, "db-eu", "eu", "db-us").cpus = 64;
  app(config, "app", "eu").pool.size = 64;
  rows(config, milliseconds(1));
  users(config, "users", "eu", sessions, {read()}).think = always(think);
  return config;
}

std::int64_t reads_at(const World& world, NodeId node) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::reads); ++i) {
    if (world.measures.labels_of(Metric::reads, i)[1] != node.value) continue;
    sum += world.measures.counter_at(Metric::reads, i).count;
  }
  return sum;
}

std::int64_t decisions(const World& world, Reason reason) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::decisions); ++i) {
    const std::uint32_t label = world.measures.labels_of(Metric::decisions, i)[1];
    if (label == static_cast<std::uint32_t>(reason)) {
      sum += world.measures.counter_at(Metric::decisions, i).count;
    }
  }
  return sum;
}

// Nothing is written, so a paused replica of these worlds shows its pause only through writes of
// somebody: one a second, in the region of the primary.
void add_writer(ClusterConfig& config) {
  app(config, "app-us", "us");
  PopulationConfig& writer = users(config, "writer", "us", 1, {write()});
  writer.think = always(seconds(1));
  writer.enters = "app-us";
}

}  // namespace

TEST_CASE("routing: a rollout moves the reads of its share of users, and none of the others'",
          "[models][routing]") {
  // 2000 users with 9 or 10 reads each in 100 s. Those whom a rollout of 30 % has reached are 600
  // give or take three times 20.5 (the root of 2000 x 0.3 x 0.7).
  ClusterConfig config = reads_in_europe(2000, seconds(10));
  config.policy.rollout = {{"eu", percent(30)}};
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(99)));
  const World& world = cluster.world();
  const auto moved = decisions(world, Reason::not_rolled_out);
  REQUIRE(moved + decisions(world, Reason::nearest_replica) +
              decisions(world, Reason::no_replica_admitted) ==
          total(world, Metric::decisions));
  REQUIRE(reads_at(world, eu) * 100 > total(world, Metric::reads) * 26);
  REQUIRE(reads_at(world, eu) * 100 < total(world, Metric::reads) * 34);

  // An app of a region that the rollout leaves out has none; without a rollout everybody has.
  config.policy.rollout = {{"us", percent(100)}};
  Cluster left_out = build(config, 7);
  run_checked(left_out, at(seconds(20)));
  REQUIRE(reads_at(left_out.world(), eu) == 0);
}

TEST_CASE("routing: pages that are never stale cross the ocean, dashboards stay until too old",
          "[models][routing]") {
  // Replay stops at 10 s. Whatever the phase of the probes (1 s): the breaker opens between 13 and
  // 14 s, at a probe that finds more than 3 s; the class of 30 s leaves when the lag at the last
  // probe plus the age of that probe passes 30 s. Both grow by a second a second, so at 40 s.
  ClusterConfig config = reads_in_europe(10, milliseconds(100));
  config.workload[0].pages = {{"login", 1, {read()}, Duration{0}},
                              {"cart", 1, {read()}},
                              {"dashboard", 1, {read()}, seconds(30)}};
  add_writer(config);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(10)));
  REQUIRE(decisions(world, Reason::never_stale) > 100);
  REQUIRE(reads_at(world, us) >= decisions(world, Reason::never_stale) - 10);
  pause_replay(world, eu);
  run_checked(cluster, at(seconds(14)) + milliseconds(1));
  REQUIRE(decisions(world, Reason::no_replica_admitted) > 0);  // carts
  const std::int64_t before = reads_at(world, eu);
  run_checked(cluster, at(seconds(40)));
  // Of 10 sessions a third of the pages are dashboards, and for 26 s they alone came here.
  REQUIRE(reads_at(world, eu) - before > 300);
  REQUIRE(decisions(world, Reason::stale_tolerated) + 1 >= reads_at(world, eu) - before);
  const std::int64_t at_40 = reads_at(world, eu);
  run_checked(cluster, at(seconds(60)));
  // The writer's last commit before the pause is up to a second older than the pause, so what
  // probes report is, too: the class left before 40 s, and comes no more.
  REQUIRE(reads_at(world, eu) == at_40);
  REQUIRE(all(world, Metric::read_staleness).max() <= seconds(30).ns);
}

TEST_CASE("routing: a call may be stricter than its page", "[models][routing]") {
  ClusterConfig config = reads_in_europe(1, milliseconds(100));
  CallConfig balance = read();
  balance.max_staleness = Duration{0};
  config.workload[0].pages = {{"account", 1, {balance, read(2)}, minutes(1)}};
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(30)));
  const World& world = cluster.world();
  // Pages of 83 ms and 100 ms of thought: 160 in 30 s, one read of three in us. Before the first
  // probe is answered, for a second at most, up to four pages of 343 ms read all three there: 4 x 2
  // reads misplaced, each counts three times here, and one page is under way.
  REQUIRE(reads_at(world, us) > 150);
  REQUIRE(std::abs(reads_at(world, eu) - 2 * reads_at(world, us)) <= 3 * 8 + 3);
}

TEST_CASE("routing: replicas of one zone share reads by weight", "[models][routing]") {
  ClusterConfig config = reads_in_europe(100, milliseconds(100));
  config.nodes[1].weight = 3;
  replica(config, "db-eu-2", "eu", "db-us").cpus = 64;
  replica(config, "db-eu-b", "eu", "db-us").zone = "b";  // of the next zone: behind both
  config.nodes[3].weight = 100;
  config.policy.router.balance = Balance::by_weight;
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(60)));
  const World& world = cluster.world();
  // About 59 000 reads; a share of 25 % has a standard deviation of 0.18 %. The first second,
  // before all probes are answered, goes elsewhere.
  const std::int64_t shared = reads_at(world, {1}) + reads_at(world, {2});
  REQUIRE(reads_at(world, {3}) < total(world, Metric::reads) / 50);
  REQUIRE(reads_at(world, {1}) * 1000 > shared * 735);
  REQUIRE(reads_at(world, {1}) * 1000 < shared * 765);
}

TEST_CASE("routing: the first of equals gets all reads unless they are balanced",
          "[models][routing]") {
  ClusterConfig config = reads_in_europe(10, milliseconds(100));
  replica(config, "db-eu-2", "eu", "db-us").cpus = 64;
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(10)));
  REQUIRE(reads_at(cluster.world(), {2}) == 0);
}

TEST_CASE("routing: probes measure the round trip", "[models][routing]") {
  ClusterConfig config = reads_in_europe(1, milliseconds(100));
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(10)));
  const Router& router = cluster.world().instances[0].routers[0];
  REQUIRE(router.last_observation({us.value})->round_trip == milliseconds(80));
  REQUIRE(router.latency({us.value}) == milliseconds(80));
}

TEST_CASE("routing: a cap keeps moved reads from the primary and fails the others",
          "[models][routing]") {
  ClusterConfig config = reads_in_europe(100, milliseconds(100));
  config.policy.router.moved_reads.max_share = percent(20);
  add_writer(config);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(20)));
  pause_replay(world, eu);
  // From 24 s on all reads would move. The window of 10 s is full of good reads first, so the cap
  // is full by 26 s; from 40 s on it only knows the outage.
  run_checked(cluster, at(seconds(40)));
  const std::int64_t moved = reads_at(world, us);
  const std::int64_t failed = errors(world, ErrorKind::refused);
  run_checked(cluster, at(seconds(80)));
  const std::int64_t moved_then = reads_at(world, us) - moved;
  const std::int64_t failed_then = errors(world, ErrorKind::refused) - failed;
  REQUIRE(failed_then > 1000);
  REQUIRE(moved_then * 100 < (moved_then + failed_then) * 21);
  REQUIRE(moved_then * 100 > (moved_then + failed_then) * 17);  // slices fall out whole
}

TEST_CASE("routing: reads that queue hold no connection and fail when their time is over",
          "[models][routing]") {
  ClusterConfig config = reads_in_europe(10, milliseconds(100));
  config.policy.router.when_no_replica = WhenNoReplica::queue;
  config.policy.router.primary_reads = PrimaryReads::fallback_only;
  config.policy.router.queue = {.retry = milliseconds(70), .wait_max = seconds(1)};
  add_writer(config);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(20)));
  const std::int64_t errors_before = errors(world, ErrorKind::refused);
  pause_replay(world, eu);
  run_checked(cluster, at(seconds(60)));
  // Ten sessions, a page each 1.1 s (1 s in the queue, 100 ms of thought) for 36 s.
  REQUIRE(std::abs(errors(world, ErrorKind::refused) - errors_before - 10 * 36 * 10 / 11) < 20);
  REQUIRE(reads_at(world, us) == 0);
  // Each asked at 0, 70, ... 980 ms and at 1 s, where it failed.
  REQUIRE(decisions(world, Reason::queue_expired) >= errors(world, ErrorKind::refused));
  const Histogram& latency = all(world, Metric::read_latency);
  REQUIRE(latency.max() >= seconds(1).ns);
  REQUIRE(latency.max() < milliseconds(1100).ns);
  for (const Request& request : world.requests) {
    REQUIRE((request.phase != Phase::queueing || !request.connected));
  }
}

TEST_CASE("routing: reads that queue are served when a replica is back", "[models][routing]") {
  ClusterConfig config = reads_in_europe(10, milliseconds(100));
  config.policy.router.when_no_replica = WhenNoReplica::queue;
  config.policy.router.primary_reads = PrimaryReads::fallback_only;
  config.policy.router.queue = {.retry = milliseconds(50), .wait_max = minutes(1)};
  add_writer(config);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(20)));
  pause_replay(world, eu);
  run_checked(cluster, at(seconds(30)));
  const std::int64_t served = total(world, Metric::reads);
  resume_replay(world, eu);
  run_checked(cluster, at(seconds(40)));
  // The breaker half opens at the next probe, closes three probes later: within 5 s.
  REQUIRE(total(world, Metric::reads) > served + 400);
  REQUIRE(total(world, Metric::errors) == 0);
  REQUIRE(all(world, Metric::read_latency).max() > seconds(6).ns);
}

TEST_CASE("routing: with the breaker open, stale reads stay beside their users",
          "[models][routing]") {
  ClusterConfig config = reads_in_europe(10, milliseconds(100));
  config.policy.router.when_no_replica = WhenNoReplica::serve_stale;
  add_writer(config);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(20)));
  const std::int64_t at_primary = reads_at(world, us);
  pause_replay(world, eu);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(reads_at(world, us) == at_primary);
  REQUIRE(decisions(world, Reason::no_replica_admitted) > 3000);
  REQUIRE(total(world, Metric::errors) == 0);
}

}  // namespace longhaul
