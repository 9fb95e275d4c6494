// Where tokens are kept, and what each place forgets, costs and survives.

#include "tests/models/freshness_worlds.h"

namespace longhaul {

using namespace worlds;
using namespace freshness_worlds;

namespace {

FreshnessConfig kept(TokenPlace place, TokenScope scope = TokenScope::session) {
  FreshnessConfig config = rule(FreshnessRule::lsn_token, scope);
  config.store.kind = place;
  return config;
}

// The share of reads that the rule moved to the primary, in percent.
std::int64_t moved_percent(const World& world) {
  Counter sum;
  for (std::size_t i = 0; i < world.measures.cells(Metric::freshness_moved_reads); ++i) {
    const Counter& cell = world.measures.counter_at(Metric::freshness_moved_reads, i);
    sum.count += cell.count;
    sum.population += cell.population;
  }
  return sum.count * 100 / sum.population;
}

// Replay stands still from 5 s on, so a read at the replica of a row written since is a violation.
Cluster paused_until(const ClusterConfig& config, Duration until) {
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(5)));
  pause_replay(cluster.world(), eu_replica);
  run_checked(cluster, at(until));
  return cluster;
}

}  // namespace

TEST_CASE("tokens: a cookie protects its session and not the user's other device",
          "[models][freshness]") {
  const auto count = [](TokenPlace place, TokenScope scope, std::int64_t sessions_per_user) {
    const ClusterConfig config = pages_apart(kept(place, scope), sessions_per_user);
    return violations_after(config, true, seconds(30));
  };
  REQUIRE(count(TokenPlace::cookie, TokenScope::session, 1) == 0);
  REQUIRE(count(TokenPlace::cookie, TokenScope::session, 2) > 5);
  REQUIRE(count(TokenPlace::shared, TokenScope::user, 2) == 0);
}

TEST_CASE("tokens: an instance does not know what was written through another",
          "[models][freshness]") {
  ClusterConfig config = pages_apart(kept(TokenPlace::process), 1);
  REQUIRE(violations_after(config, true, seconds(30)) == 0);
  config.apps[0].instances = 4;
  REQUIRE(violations_after(config, true, seconds(30)) > 20);
}

TEST_CASE("tokens: parallel pages of one session race for its cookie", "[models][freshness]") {
  // Open arrivals, ten a second and session: until the answer of a session's first write has set a
  // cookie, 280 ms later, its pages do not know of it. Two of three are looks: 20 x 1.8 = 36, less
  // those that were read before the acknowledgement.
  ClusterConfig config = pages_apart(kept(TokenPlace::cookie), 1);
  config.workload[0].think.reset();
  config.workload[0].rate = per_second(200);
  config.workload[0].last_mile = milliseconds(200);
  REQUIRE(violations_after(config, true, seconds(30)) > 5);
  config.policy.freshness.store.kind = TokenPlace::ideal;
  REQUIRE(violations_after(config, true, seconds(30)) == 0);
}

TEST_CASE("tokens: a shared store costs a round trip for each look-up and each write",
          "[models][freshness]") {
  // A write takes 80 ms of network, 1 ms of processor, 2 ms of flush, and 4 ms at the store. A read
  // asks the store for 4 ms and the replica, which was seen to cover the token, for 1 ms. Sessions
  // think for 300 ms.
  ClusterConfig config = pages_apart(kept(TokenPlace::shared), 1);
  config.apps[0].token_store_delay = always(milliseconds(4));
  config.policy.lag_breaker.probe_interval = milliseconds(100);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  REQUIRE(violations(world) == 0);
  REQUIRE(all(world, Metric::write_latency).min() == milliseconds(87).ns);
  REQUIRE(all(world, Metric::read_latency).min() == milliseconds(5).ns);
  REQUIRE(all(world, Metric::read_latency).quantile_upper(percent(50)) <=
          milliseconds(5).ns * 33 / 32);
  REQUIRE(total(world, Metric::token_store_errors) == 0);
}

TEST_CASE("tokens: a page asks a shared store once", "[models][freshness]") {
  ClusterConfig config = local_reads(kept(TokenPlace::shared), {read(), read(), read()});
  config.apps[0].token_store_delay = always(milliseconds(4));
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(60)));
  const Histogram pages = all(cluster.world(), Metric::page_latency);
  REQUIRE(pages.count() > 100);
  REQUIRE(pages.max() == milliseconds(4 + 3).ns);
}

TEST_CASE("tokens: a store that is down leaves no token, moves reads, or fails pages",
          "[models][freshness]") {
  const auto run = [](StoreFailure when_down) {
    FreshnessConfig freshness = kept(TokenPlace::shared);
    freshness.store.when_down = when_down;
    freshness.store.timeout = milliseconds(20);
    ClusterConfig config = pages_apart(freshness, 1);
    FaultConfig down;
    down.kind = FaultKind::token_store_down;
    down.app = "app";
    down.at = seconds(6);
    config.faults.push_back(down);
    return paused_until(config, seconds(30));
  };
  Cluster forgetful = run(StoreFailure::no_token);
  REQUIRE(violations(forgetful.world()) > 20);
  REQUIRE(total(forgetful.world(), Metric::token_store_errors) > 100);
  REQUIRE(errors(forgetful.world(), ErrorKind::refused) == 0);
  // The look-up takes its time-out, then the primary 80 + 1 ms.
  Cluster careful = run(StoreFailure::primary);
  REQUIRE(violations(careful.world()) == 0);
  REQUIRE(all(careful.world(), Metric::read_latency).quantile_upper(percent(50)) >=
          milliseconds(101).ns);
  Cluster strict = run(StoreFailure::fail);
  REQUIRE(violations(strict.world()) == 0);
  REQUIRE(errors(strict.world(), ErrorKind::refused) > 100);
}

TEST_CASE("tokens: a token of each row leaves reads of other rows at the replica",
          "[models][freshness]") {
  // 20 sessions write 20 x 1/2 x 1/0.34 = 29 rows a second and read 1 of 10 000 rows at random.
  // With a pin of a minute on sessions every read goes to the primary soon; by rows, after 25 s and
  // 735 writes, at most 7 % do.
  const auto run = [](TokenPlace place, TokenScope scope, bool own_read) {
    FreshnessConfig pin = rule(FreshnessRule::pin_after_write, scope);
    pin.pin = seconds(60);
    pin.store.kind = place;
    ClusterConfig config = local_reads(pin, {write()});
    config.data[0].rows = {10'000};
    config.workload[0].sessions = 20;
    config.workload[0].pages.push_back({"look", 1, {own_read ? own(read()) : read()}});
    return paused_until(config, seconds(30));
  };
  REQUIRE(moved_percent(run(TokenPlace::ideal, TokenScope::session, false).world()) > 90);
  for (const TokenPlace place :
       {TokenPlace::ideal, TokenPlace::cookie, TokenPlace::process, TokenPlace::shared}) {
    INFO(enum_text(place));
    Cluster others = run(place, TokenScope::entity, false);
    REQUIRE(total(others.world(), Metric::read_your_writes_violations) == 0);
    // A cookie holds eight rows; what no longer fits pins all reads of its session.
    if (place != TokenPlace::cookie) REQUIRE(moved_percent(others.world()) < 10);
    Cluster own_rows = run(place, TokenScope::entity, true);
    REQUIRE(violations(own_rows.world()) == 0);
    REQUIRE(moved_percent(own_rows.world()) > 50);
  }
}

TEST_CASE("tokens: by row: a read-only transaction is held to all rows it will read",
          "[models][freshness]") {
  FreshnessConfig freshness = rule(FreshnessRule::lsn_token, TokenScope::entity);
  ClusterConfig config = local_reads(freshness, {own(write())});
  CallConfig report;
  StatementConfig other, mine;
  other.read = mine.read = "rows";
  other.times = 2;
  mine.own = true;
  report.transaction = {other, mine};
  config.workload[0].pages.push_back({"report", 1, {report}});
  Cluster cluster = paused_until(config, seconds(30));
  REQUIRE(total(cluster.world(), Metric::reads) > 50);
  REQUIRE(violations(cluster.world()) == 0);
}

TEST_CASE("tokens: wait_for_replay: the write waits and the read does not", "[models][freshness]") {
  // As in "a read waits at the replica for its own write", the third question is answered yes, 4 ms
  // after the acknowledgement: the write takes 83 + 4 ms, the read its 1 ms.
  FreshnessConfig freshness = rule(FreshnessRule::wait_for_replay);
  Cluster cluster = build(local_reads(freshness, {own(write()), own(read())}), 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  REQUIRE(violations(world) == 0);
  REQUIRE(total(world, Metric::stale_reads) == 0);
  REQUIRE(all(world, Metric::write_latency).min() == milliseconds(87).ns);
  REQUIRE(all(world, Metric::replay_wait).min() == milliseconds(4).ns);
  REQUIRE(all(world, Metric::read_latency).max() == milliseconds(1).ns);
  REQUIRE(moved_percent(world) == 0);
}

TEST_CASE("tokens: wait_for_replay: a vain wait moves the reads, or fails the write",
          "[models][freshness]") {
  FreshnessConfig freshness = rule(FreshnessRule::wait_for_replay);
  Cluster moved = paused_until(local_reads(freshness, {own(write()), own(read())}), seconds(30));
  REQUIRE(violations(moved.world()) == 0);
  REQUIRE(moved_percent(moved.world()) > 95);
  REQUIRE(all(moved.world(), Metric::replay_wait).max() == milliseconds(50).ns);
  freshness.otherwise = FreshnessOtherwise::fail;
  Cluster failed = paused_until(local_reads(freshness, {own(write()), own(read())}), seconds(30));
  REQUIRE(errors(failed.world(), ErrorKind::refused) > 100);
  REQUIRE(violations(failed.world()) == 0);
}

TEST_CASE("tokens: gitlab_sticking: the request that wrote reads at the primary, later ones do not",
          "[models][freshness]") {
  // The own read of the page takes 80 + 1 ms. A look comes at least 300 ms after the session's
  // answer; probes every 100 ms have seen the commit by then, and it is unstuck.
  FreshnessConfig freshness = rule(FreshnessRule::gitlab_sticking, TokenScope::user);
  freshness.store.kind = TokenPlace::shared;
  ClusterConfig config = local_reads(freshness, {own(write()), own(read())});
  config.workload[0].pages.push_back({"look", 1, {own(read())}});
  config.policy.lag_breaker.probe_interval = milliseconds(100);
  Cluster cluster = build(config, 7);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(60)));
  REQUIRE(violations(world) == 0);
  std::int64_t saves = 0;
  std::int64_t looks = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::read_latency); ++i) {
    const Histogram& reads = world.measures.distribution_at(Metric::read_latency, i);
    if (reads.count() == 0) continue;
    const std::vector<std::uint32_t> labels = world.measures.labels_of(Metric::read_latency, i);
    const bool at_primary = labels[2] == 0;
    const bool look = labels[1] == 1;
    REQUIRE(at_primary == !look);
    (look ? looks : saves) += static_cast<std::int64_t>(reads.count());
  }
  REQUIRE(saves > 100);
  REQUIRE(looks > 100);
}

TEST_CASE("tokens: replica_age: reads return when the replica is younger than the write",
          "[models][freshness]") {
  // Nothing is replayed from 5 s on: the lag grows as fast as the time since the write.
  Cluster cluster = paused_until(pages_apart(rule(FreshnessRule::replica_age), 1), seconds(30));
  REQUIRE(violations(cluster.world()) == 0);
  REQUIRE(moved_percent(cluster.world()) > 50);
  // Replay works: at most 2 s of margin, probe interval and lag after its last write a session
  // reads at the replica. Sessions write every 680 ms on average, so some reads return.
  FreshnessConfig freshness = rule(FreshnessRule::replica_age);
  freshness.margin = milliseconds(100);
  ClusterConfig config = pages_apart(freshness, 1);
  config.policy.lag_breaker.probe_interval = milliseconds(100);
  Cluster healthy = build(config, 7);
  run_checked(healthy, at(seconds(60)));
  REQUIRE(violations(healthy.world()) == 0);
  REQUIRE(moved_percent(healthy.world()) < 50);
}

TEST_CASE("tokens: monotonic reads: nobody goes back in time when a pin ends",
          "[models][freshness]") {
  FreshnessConfig pin = rule(FreshnessRule::pin_after_write);
  pin.pin = seconds(1);
  pin.monotonic_reads = true;
  for (const TokenPlace place : {TokenPlace::ideal, TokenPlace::cookie, TokenPlace::process}) {
    INFO(enum_text(place));
    pin.store.kind = place;
    Cluster cluster = paused_until(pages_apart(pin, 1), seconds(30));
    REQUIRE(total(cluster.world(), Metric::monotonic_reads_violations) == 0);
  }
}

TEST_CASE("tokens: a table forgets what no longer counts", "[models][freshness]") {
  FreshnessConfig pin = rule(FreshnessRule::pin_after_write);
  pin.pin = seconds(5);
  TokenTable table;
  for (std::int64_t i = 0; i < 100'000; ++i) {
    SessionToken token;
    note_write(token, 1, Lsn{static_cast<std::uint64_t>(i)}, at(milliseconds(i)));
    table.put(pin, at(milliseconds(i)), static_cast<std::uint64_t>(i), token);
  }
  // One key a millisecond, each pinned for 5 s: 5000 count at once.
  REQUIRE(table.slots() <= 5000 * 8);
  REQUIRE(table.find(99'999).lsn == Lsn{99'999});
  REQUIRE(table.find(96'000).lsn == Lsn{96'000});
  table.erase(99'999);
  REQUIRE_FALSE(table.find(99'999).has_written);
  REQUIRE_FALSE(TokenTable{}.find(1).has_written);
}

}  // namespace longhaul
