// Read your writes in a running world: which rule keeps the promise, and what keeping it costs.

#include "tests/models/freshness_worlds.h"

namespace longhaul {

using namespace worlds;
using namespace freshness_worlds;

TEST_CASE("freshness: none: a read after a write finds the replica 4 ms too early",
          "[models][freshness]") {
  // The acknowledgement reaches eu 40 ms after the flush, as WAL does, but WAL still has 3 ms of
  // flush and its replay before it. The read is sent at once and runs at once: each one misses its
  // write.
  Cluster cluster = build(local_reads(rule(FreshnessRule::none), {own(write()), own(read())}), 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  REQUIRE(total(world, Metric::reads) > 300);
  REQUIRE(violations(world) == total(world, Metric::reads));
  REQUIRE(total(world, Metric::stale_reads) == violations(world));
  REQUIRE(total(world, Metric::users_hit) == 4);
  // Sent at the instant of the acknowledgement: staleness 0.
  REQUIRE(all(world, Metric::read_staleness).max() == 0);
}

TEST_CASE("freshness: lsn_token: a read waits at the replica for its own write",
          "[models][freshness]") {
  // Acknowledged at 0; flushed at 3 ms, replayed 9 us later. Questions at 0, 2 and 4 ms, on the
  // spot; the third is answered yes. The read then takes its 1 ms: 5 ms in all.
  Cluster cluster =
      build(local_reads(rule(FreshnessRule::lsn_token), {own(write()), own(read())}), 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  REQUIRE(violations(world) == 0);
  const Histogram reads = all(world, Metric::read_latency);
  REQUIRE(reads.count() > 300);
  REQUIRE(reads.quantile_upper(percent(50)) <= milliseconds(5).ns * 33 / 32);
  REQUIRE(reads.quantile_upper(percent(50)) >= milliseconds(5).ns);
  for (std::size_t i = 0; i < world.measures.cells(Metric::reads); ++i) {
    const bool at_primary = world.measures.labels_of(Metric::reads, i)[1] == 0;
    if (at_primary) REQUIRE(world.measures.counter_at(Metric::reads, i).count == 0);
  }
}

TEST_CASE("freshness: lsn_token: a vain wait ends as configured", "[models][freshness]") {
  // Replay stands still. After 50 ms of waiting: the primary answers in 80 + 1 ms; or the read
  // fails; or the replica answers with what it has, 1 ms later.
  FreshnessConfig freshness = rule(FreshnessRule::lsn_token);
  freshness.wait = milliseconds(50);
  const auto run = [&](FreshnessOtherwise otherwise) {
    freshness.otherwise = otherwise;
    Cluster cluster = build(local_reads(freshness, {own(write()), own(read())}), 7);
    advance(cluster, at(seconds(4)));
    pause_replay(cluster.world(), eu_replica);
    run_checked(cluster, at(seconds(30)));
    return cluster;
  };
  Cluster primary = run(FreshnessOtherwise::primary);
  const Histogram reads = all(primary.world(), Metric::read_latency);
  REQUIRE(reads.count() > 100);
  REQUIRE(reads.min() == milliseconds(50 + 80 + 1).ns);
  REQUIRE(reads.max() == milliseconds(50 + 80 + 1).ns);
  REQUIRE(violations(primary.world()) == 0);

  Cluster fail = run(FreshnessOtherwise::fail);
  REQUIRE(total(fail.world(), Metric::reads) == 0);
  REQUIRE(errors(fail.world(), ErrorKind::refused) > 100);
  REQUIRE(violations(fail.world()) == 0);

  Cluster stale = run(FreshnessOtherwise::serve_stale);
  REQUIRE(violations(stale.world()) == total(stale.world(), Metric::reads));
  REQUIRE(all(stale.world(), Metric::read_latency).min() == milliseconds(51).ns);
}

TEST_CASE("freshness: lsn_token: a read is held to what was acknowledged when it was asked for",
          "[models][freshness]") {
  // One session whose pages overlap: reads of 60 ms queue for the one connection to a replica that
  // lags by 200 ms. Writes acknowledged while a read queues are newer than its token, and the user
  // who asked before cannot expect them.
  FreshnessConfig freshness = rule(FreshnessRule::lsn_token);
  freshness.wait = seconds(1);
  ClusterConfig config = pages_apart(freshness, 1);
  config.nodes[1].fsync = always(milliseconds(200));
  config.data[0].read_time = always(milliseconds(60));
  config.apps[0].pool.size = 1;
  config.workload[0].sessions = 1;
  config.workload[0].think.reset();
  config.workload[0].rate = per_second(15);
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(100)));
  REQUIRE(all(cluster.world(), Metric::pool_wait).max() > milliseconds(60).ns);
  REQUIRE(total(cluster.world(), Metric::reads) > 500);
  REQUIRE(violations(cluster.world()) == 0);
}

TEST_CASE("freshness: scope: a token covers the pages that share it", "[models][freshness]") {
  // Replay stands still from 5 s on, so every read at the replica of a row written since is a
  // violation. A token of the request does not outlive its page; one of the session does not reach
  // the user's other session; one of the user reaches both.
  using enum TokenScope;
  const auto count = [](TokenScope scope, std::int64_t sessions_per_user) {
    return violations_after(pages_apart(rule(FreshnessRule::lsn_token, scope), sessions_per_user),
                            true, seconds(30));
  };
  REQUIRE(count(request, 1) > 20);
  REQUIRE(count(session, 1) == 0);
  REQUIRE(count(session, 2) > 5);
  REQUIRE(count(user, 2) == 0);
}

TEST_CASE("freshness: pin: holds as long as the lag stays below it", "[models][freshness]") {
  FreshnessConfig pin = rule(FreshnessRule::pin_after_write);
  // A lag of 43 ms against a pin of 100 ms.
  pin.pin = milliseconds(100);
  REQUIRE(violations_after(pages_apart(pin, 1), false, seconds(60)) == 0);
  // Replay stands still: a pin of a second is over before the replica has the write.
  pin.pin = seconds(1);
  REQUIRE(violations_after(pages_apart(pin, 1), true, seconds(30)) > 5);
  pin.pin = seconds(60);
  REQUIRE(violations_after(pages_apart(pin, 1), true, seconds(30)) == 0);
}

TEST_CASE("freshness: monotonic reads: a pin that ends leads back in time", "[models][freshness]") {
  // One replica alone never goes back: its position only grows. A user who was pinned to the
  // primary and saw their row there finds an older one when the pin ends and the replica stands
  // still.
  const auto went_back = [](const FreshnessConfig& freshness) {
    Cluster cluster = build(pages_apart(freshness, 1), 7);
    run_checked(cluster, at(seconds(5)));
    pause_replay(cluster.world(), eu_replica);
    run_checked(cluster, at(seconds(30)));
    return total(cluster.world(), Metric::monotonic_reads_violations);
  };
  REQUIRE(went_back(rule(FreshnessRule::none)) == 0);
  FreshnessConfig pin = rule(FreshnessRule::pin_after_write);
  pin.pin = seconds(1);
  REQUIRE(went_back(pin) > 5);
}

}  // namespace longhaul
