// What an app does about statements that fail, and writes that nobody knows the end of.
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// One user writes every 10 s over 80 ms; a statement unanswered for 1 s is given up. The second
// write and those after it find an open connection.
ClusterConfig one_writer(const RetryConfig& retries, bool key) {
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", milliseconds(80));
  primary(config, "db", "there");
  app(config, "app", "here").statement_timeout = seconds(1);
  rows(config, milliseconds(1));
  CallConfig call = write();
  call.idempotency_key = key;
  users(config, "us", "here", 1, {call}).think = always(seconds(10));
  config.policy.retries = retries;
  return config;
}

std::int64_t in_doubt(const World& world, Fate fate) {
  return world.measures.counter_at(Metric::in_doubt_transactions, static_cast<std::size_t>(fate))
      .count;
}

// The way of the answers is cut from 20 s to 32 s: the write of that time arrives, its answer does
// not. After that all is well.
void cut_answers(Cluster& cluster) {
  run_checked(cluster, at(seconds(20)));
  cut(cluster, 1);
  run_checked(cluster, at(seconds(32)));
  heal(cluster, 1);
  run_checked(cluster, at(seconds(60)));
  cluster.finish();
}

std::int64_t committed(const World& world) {
  return static_cast<std::int64_t>(world.truth.versions().end() - world.truth.versions().first());
}

}  // namespace

TEST_CASE("retries: in doubt: a write that was not answered is there, and nobody was told",
          "[models][retries]") {
  Cluster cluster = build(one_writer({}, false), 5);
  cut_answers(cluster);
  const World& world = cluster.world();
  REQUIRE(in_doubt(world, Fate::present) == 1);
  REQUIRE(in_doubt(world, Fate::absent) == 0);
  REQUIRE(errors(world, ErrorKind::timeout) == 1);
  REQUIRE(total(world, Metric::retries) == 0);
}

TEST_CASE("retries: in doubt: when TCP gives the write up it is not there", "[models][retries]") {
  // Retransmissions after 0.28 and 0.56 s: given up before the time-out of 1 s.
  ClusterConfig config = one_writer({}, false);
  config.network.retransmits_max = 2;
  Cluster cluster = build(config, 5);
  run_checked(cluster, at(seconds(20)));
  cut(cluster, 0);
  run_checked(cluster, at(seconds(32)));
  heal(cluster, 0);
  run_checked(cluster, at(seconds(60)));
  cluster.finish();
  REQUIRE(in_doubt(cluster.world(), Fate::present) == 0);
  REQUIRE(in_doubt(cluster.world(), Fate::absent) == 1);
}

TEST_CASE("retries: in doubt: tried again without a key it is done twice, with one once",
          "[models][retries]") {
  // The second try gets its connection when the cut is over, and is answered.
  RetryConfig naive = resilience4j_retries();
  naive.in_doubt = true;
  std::int64_t commits = 0;
  for (const bool key : {true, false}) {
    Cluster cluster = build(one_writer(naive, key), 5);
    cut_answers(cluster);
    const World& world = cluster.world();
    INFO("key " << key);
    REQUIRE(errors(world, ErrorKind::timeout) == 0);
    REQUIRE(total(world, Metric::retries) == 1);
    REQUIRE(in_doubt(world, Fate::present) == 1);
    REQUIRE(total(world, Metric::duplicate_writes) == (key ? 0 : 1));
    REQUIRE(world.doubts.free.size() == world.doubts.slots.size());
    if (key) commits = total(world, Metric::writes);
    REQUIRE(total(world, Metric::writes) == commits);  // the user knows of as many
  }
  // Without a key the policy does not try again by itself, with one it does.
  for (const bool key : {true, false}) {
    Cluster cluster = build(one_writer(resilience4j_retries(), key), 5);
    cut_answers(cluster);
    REQUIRE(errors(cluster.world(), ErrorKind::timeout) == (key ? 0 : 1));
    REQUIRE(total(cluster.world(), Metric::duplicate_writes) == 0);
  }
}

TEST_CASE("retries: in doubt: the first try may come after the second", "[models][retries]") {
  // The way of the requests is cut from 20 s on: statement and connection attempt wait for
  // retransmissions. The SYN goes out again 1, 3, 7 and 15 s after the first, the statement after
  // 0.28 x (1, 3, 7, ...) s: each of the first 1.5 s of the other's order occurs over the seeds.
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    for (const bool key : {true, false}) {
      RetryConfig naive = resilience4j_retries();
      naive.in_doubt = true;
      Cluster cluster = build(one_writer(naive, key), seed);
      run_checked(cluster, at(seconds(20)));
      cut(cluster, 0);
      run_checked(cluster, at(seconds(34)));
      heal(cluster, 0);
      run_checked(cluster, at(seconds(80)));
      cluster.finish();
      const World& world = cluster.world();
      INFO("seed " << seed << " key " << key);
      REQUIRE(in_doubt(world, Fate::present) == total(world, Metric::retries));
      REQUIRE(total(world, Metric::retries) >= 1);
      REQUIRE(total(world, Metric::duplicate_writes) == (key ? 0 : total(world, Metric::retries)));
      REQUIRE(committed(world) >= 0);
    }
  }
}

TEST_CASE("retries: a deadlock's victim begins its transaction again", "[models][retries]") {
  // Twenty sessions, transactions of two of four rows: somebody waits in a circle all the time.
  for (const bool retrying : {false, true}) {
    ClusterConfig config = empty({"here"});
    primary(config, "db", "here").cpus = 8;
    app(config, "app", "here").pool.size = 20;
    rows(config, milliseconds(5), 4);
    config.postgres.deadlock_timeout = milliseconds(50);
    CallConfig call;
    StatementConfig statement;
    statement.write = "rows";
    call.transaction = {statement, statement};
    users(config, "us", "here", 20, {call}).think = always(milliseconds(100));
    if (retrying) {
      config.policy.retries = {.attempts = 50,
                               .backoff = Backoff::exponential,
                               .base = milliseconds(20),
                               .cap = seconds(1),
                               .jitter = Jitter::full};
    }
    Cluster cluster = build(config, 3);
    run_checked(cluster, at(seconds(10)));
    const World& world = cluster.world();
    REQUIRE((errors(world, ErrorKind::deadlock) > 20) == !retrying);
    REQUIRE((total(world, Metric::retries) > 20) == retrying);
    REQUIRE(errors(world, ErrorKind::deadlock) < (retrying ? 1 : 100'000));
    REQUIRE(total(world, Metric::duplicate_writes) == 0);
    // A transaction of a page that was answered has written its two rows, however often it began.
    REQUIRE(total(world, Metric::writes) > 100);
  }
}

TEST_CASE("retries: a read goes where the router sends it by then", "[models][retries]") {
  // The replica beside the app is gone for a minute. The first reads fail at once; the breaker
  // opens within a probe interval of 1 s and a time-out of 1 s; four pauses of 600 ms last longer.
  for (const bool retrying : {false, true}) {
    ClusterConfig config = empty({"here", "there"});
    link(config, "here", "there", milliseconds(80));
    primary(config, "db", "there");
    replica(config, "near", "here", "db");
    app(config, "app", "here");
    rows(config, milliseconds(1));
    users(config, "us", "here", 20, {read()}).think = always(milliseconds(500));
    FaultConfig crash;
    crash.kind = FaultKind::crash;
    crash.at = seconds(20);
    crash.lasts = seconds(60);
    crash.node = "near";
    config.faults.push_back(crash);
    if (retrying) config.policy.retries = {.attempts = 5, .base = milliseconds(600)};
    Cluster cluster = build(config, 3);
    run_checked(cluster, at(seconds(60)));
    const World& world = cluster.world();
    REQUIRE((errors(world, ErrorKind::server_down) > 0) == !retrying);
    REQUIRE((total(world, Metric::retries) > 0) == retrying);
    REQUIRE(cluster.world().measures.counter(Metric::reads, 0, 0).count > 100);  // of the primary
  }
}

TEST_CASE("retries: page_timeout: a page ends with an error when its time is over",
          "[models][retries]") {
  // Thirty reads of 81 ms are 2.43 s. One way of a page inside the region takes no time.
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", milliseconds(80));
  primary(config, "db", "there");
  app(config, "app", "here").page_timeout = seconds(1);
  rows(config, milliseconds(1));
  users(config, "us", "here", 1, {read(30)}).think = always(seconds(5));
  config.policy.retries = resilience4j_retries();
  Cluster cluster = build(config, 3);
  run_checked(cluster, at(seconds(60)));
  const World& world = cluster.world();
  REQUIRE(errors(world, ErrorKind::timeout) >= 9);
  REQUIRE(total(world, Metric::retries) == 0);  // no pause fits
  REQUIRE(all(world, Metric::page_latency).min() == seconds(1).ns);
  REQUIRE(all(world, Metric::page_latency).max() == seconds(1).ns);
}

TEST_CASE("retries: budget: a database that is away gets a share more, not a multiple",
          "[models][retries]") {
  // 100 reads a second for 60 s; each waits 200 ms for a connection that nobody opens.
  for (const bool bounded : {false, true}) {
    ClusterConfig config = empty({"here", "there"});
    link(config, "here", "there", milliseconds(80));
    primary(config, "db", "there");
    app(config, "app", "here").pool.wait_timeout = milliseconds(200);
    rows(config, milliseconds(1));
    users(config, "us", "here", 100, {read()}).rate = per_second(100);
    config.policy.retries = {.attempts = 4, .base = milliseconds(100)};
    if (bounded) config.policy.retries.budget = RetryBudgetConfig{percent(20), per_second(1), 10};
    Cluster cluster = build(config, 3);
    cut(cluster, 0);
    advance(cluster, at(seconds(60)));
    const World& world = cluster.world();
    const std::int64_t retried = total(world, Metric::retries);
    if (bounded) {
      REQUIRE(retried == Approx(6000 * 0.2 + 60 + 10).epsilon(0.05));
    } else {
      REQUIRE(retried == Approx(6000 * 3).epsilon(0.05));
    }
  }
}

}  // namespace longhaul
