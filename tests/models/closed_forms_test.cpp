// Queues of real worlds against queueing theory. Confidence comes from the means of batches. Seeds
// are fixed, so a test that passes always passes, and its margin says what it could have noticed.

#include <cmath>

#include "models/theory.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// One server with `cpus` processors and Poisson arrivals, nothing else in the way.
ClusterConfig queue(std::int64_t cpus, std::int64_t arrivals_per_s, DurationDistribution service) {
  ClusterConfig config = empty({"here"});
  NodeConfig& node = primary(config, "db", "here");
  node.cpus = cpus;
  node.max_connections = 5000;
  app(config, "app", "here").pool.size = 5000;
  rows(config, {}).read_time = service;
  users(config, "us", "here", 1000, {read()}).rate = per_second(arrivals_per_s);
  return config;
}

// Mean of a distribution over each of `count` stretches of the run, in seconds.
std::vector<double> batches(Cluster& cluster, Metric metric, int count, Duration length) {
  std::vector<double> means;
  cluster.run_until(at(seconds(20)));
  Histogram before = all(cluster.world(), metric);
  for (int i = 1; i <= count; ++i) {
    cluster.run_until(at(seconds(20) + length * i));
    const Histogram after = all(cluster.world(), metric);
    means.push_back(static_cast<double>(after.sum() - before.sum()) / 1e9 /
                    static_cast<double>(after.count() - before.count()));
    before = after;
  }
  return means;
}

// `expected` lies within 3.5 standard errors, and those are small enough to tell: a fair estimate
// fails once in 2000 seeds.
void require_mean(const std::vector<double>& means, double expected, double precision) {
  const theory::Estimate found = theory::batch_means(means);
  INFO("expected " << expected << ", found " << found.mean << " +- " << found.standard_error);
  REQUIRE(std::abs(found.mean - expected) < 3.5 * found.standard_error);
  REQUIRE(found.standard_error < precision * expected);
}

}  // namespace

TEST_CASE("closed_forms: theory: Erlang C agrees with the chain it comes from",
          "[models][theory]") {
  // M/M/3 with room for 200 more than have ever been there: P(wait) = sum of shares of states >= 3.
  const double arrivals = 240;
  const double service = 0.01;
  std::vector<double> births(200, arrivals);
  std::vector<double> deaths;
  for (int i = 0; i < 200; ++i) deaths.push_back(std::min(i + 1, 3) / service);
  const std::vector<double> shares = theory::birth_death_shares(births, deaths);
  double waits = 0;
  double queue_length = 0;
  for (std::size_t n = 3; n < shares.size(); ++n) {
    waits += shares[n];
    queue_length += static_cast<double>(n - 3) * shares[n];
  }
  REQUIRE(waits == Approx(theory::erlang_c(3, arrivals, service)).epsilon(1e-9));
  // Little: mean wait = queue length / arrivals.
  REQUIRE(queue_length / arrivals == Approx(theory::mmc_wait(3, arrivals, service)).epsilon(1e-9));
  // M/M/1: rho / (mu - lambda) = 0.5 / 50; half of it with constant service.
  REQUIRE(theory::mmc_wait(1, 50, 0.01) == Approx(0.01));
  REQUIRE(theory::md1_wait(50, 0.01) == Approx(0.005));
  REQUIRE(theory::mg1_wait(50, 0.01, 1) == Approx(0.01));
}

TEST_CASE("closed_forms: M/M/1: mean time in the system is 1 / (mu - lambda)",
          "[models][closed_forms]") {
  // lambda = 140/s, service 5 ms: rho = 0.7. W = rho s / (1 - rho) + s = 11.67 ms + 5 ms.
  Cluster cluster = build(queue(1, 140, DurationDistribution::exponential(milliseconds(5))), 11);
  require_mean(batches(cluster, Metric::read_latency, 20, seconds(40)),
               theory::mmc_wait(1, 140, 0.005) + 0.005, 0.03);
}

TEST_CASE("closed_forms: M/M/c: mean time in the system follows Erlang C",
          "[models][closed_forms]") {
  // lambda = 640/s, service 5 ms, 4 processors: 3.2 Erlang. W = C(4, 3.2) / (4 mu - lambda) + s.
  Cluster cluster = build(queue(4, 640, DurationDistribution::exponential(milliseconds(5))), 12);
  require_mean(batches(cluster, Metric::read_latency, 20, seconds(12)),
               theory::mmc_wait(4, 640, 0.005) + 0.005, 0.03);
}

TEST_CASE("closed_forms: M/D/1: constant service halves the wait", "[models][closed_forms]") {
  // lambda = 160/s, service 5 ms: rho = 0.8. Wq = rho s / (2 (1 - rho)) = 10 ms.
  Cluster cluster = build(queue(1, 160, always(milliseconds(5))), 13);
  require_mean(batches(cluster, Metric::read_latency, 20, seconds(40)),
               theory::md1_wait(160, 0.005) + 0.005, 0.03);
}

TEST_CASE("closed_forms: busy processors: utilisation is offered work over processors",
          "[models][closed_forms]") {
  // 300/s x 5 ms over 2 processors = 0.75 of the time, weighted by time in the gauge.
  ClusterConfig config = queue(2, 300, always(milliseconds(5)));
  config.duration = seconds(100);
  Cluster cluster = build(config, 14);
  cluster.run_until(cluster.end());
  cluster.finish();
  const Histogram& busy = cluster.world().measures.gauge_at(Metric::cpu_utilisation, 0).histogram();
  // 30,000 Poisson arrivals have a relative standard deviation of 0.6 %; three of them are 1.7 %.
  REQUIRE(static_cast<double>(busy.average()) / 1e6 == Approx(0.75).epsilon(0.017));
}

TEST_CASE("closed_forms: pool: k connections are k servers", "[models][closed_forms]") {
  // Statements of 5 ms on idle processors through 8 connections, 1280/s: 6.4 Erlang. The wait is
  // that of M/M/8 whether processors or connections are short.
  ClusterConfig config = queue(64, 1280, DurationDistribution::exponential(milliseconds(5)));
  config.apps[0].pool.size = 8;
  Cluster cluster = build(config, 15);
  require_mean(batches(cluster, Metric::pool_wait, 20, seconds(10)),
               theory::mmc_wait(8, 1280, 0.005), 0.06);
}

TEST_CASE("closed_forms: pool: distance occupies connections", "[models][closed_forms]") {
  // A statement holds its connection for RTT 40 ms + service exp(10 ms): s = 50 ms, squared
  // coefficient of variation (10/50)^2 = 0.04. 16 connections, 280/s: 14 Erlang, rho = 0.875.
  // M/D/16 <= M/G/16 <= M/M/16, and Wq(M/D/c) >= Wq(M/M/c) / 2.
  ClusterConfig config = queue(64, 280, DurationDistribution::exponential(milliseconds(10)));
  config.regions.push_back({"there", {}, {}});
  link(config, "here", "there", milliseconds(40));
  config.nodes[0].region = "there";
  config.apps[0].pool.size = 16;
  Cluster cluster = build(config, 16);
  const theory::Estimate found =
      theory::batch_means(batches(cluster, Metric::pool_wait, 20, seconds(20)));
  const double exponential = theory::mmc_wait(16, 280, 0.05);
  INFO("M/M/16 " << exponential << ", found " << found.mean << " +- " << found.standard_error);
  REQUIRE(found.mean + 3.5 * found.standard_error > exponential / 2);
  REQUIRE(found.mean < exponential);
  // Allen and Cunneen: Wq = (1 + 0.04) / 2 of M/M/16, good to some 10 %.
  REQUIRE(found.mean == Approx(0.52 * exponential).epsilon(0.1).margin(3 * found.standard_error));
}

TEST_CASE("closed_forms: Little: connections in use are throughput times holding time",
          "[models][closed_forms]") {
  // The integral of connections in use over time is the sum of all holding times, of which only
  // those still held at the end are not yet in the latency figures.
  ClusterConfig config = queue(2, 250, DurationDistribution::exponential(milliseconds(5)));
  config.apps[0].pool.size = 6;
  Cluster cluster = build(config, 17);
  World& world = cluster.world();
  Int128 held_ns = 0;
  std::uint32_t in_use = 0;
  TimePoint since;
  Event event;
  while (world.scheduler.pop_until(at(seconds(60)), event)) {
    held_ns += static_cast<Int128>(in_use) * (event.at - since).ns;
    since = event.at;
    execute(world, event);
    in_use = world.pools[0].open - world.pools[0].idle;
  }
  const Int128 answered =
      all(world, Metric::read_latency).sum() - all(world, Metric::pool_wait).sum();
  const Histogram latency = all(world, Metric::read_latency);
  REQUIRE(latency.count() > 14'000);
  // At most 6 statements are under way at the end, each for less than the longest so far.
  const Int128 slack = Int128{6} * latency.max();
  REQUIRE(held_ns - answered >= -slack);
  REQUIRE(held_ns - answered <= slack);
}

TEST_CASE("closed_forms: page: N reads in sequence cost N round trips and services",
          "[models][closed_forms]") {
  // users in "home", app in "near" (RTT 30 ms), database in "far" (RTT 80 ms from the app), last
  // mile 20 ms, service 1 ms: page = 20 + 30 + N (80 + 1) ms.
  for (const std::int64_t n : {1, 2, 10, 31}) {
    ClusterConfig config = empty({"near", "far", "home"});
    link(config, "home", "near", milliseconds(30));
    link(config, "near", "far", milliseconds(80));
    link(config, "home", "far", milliseconds(100));
    primary(config, "db", "far");
    app(config, "app", "near");
    rows(config, milliseconds(1));
    PopulationConfig& us = users(config, "us", "home", 1, {read(n)});
    us.last_mile = milliseconds(20);
    us.think = always(seconds(1));
    config.warmup = seconds(10);  // the connection is open by then
    Cluster cluster = build(config, 1);
    cluster.run_until(at(seconds(60)));
    const Histogram page = all(cluster.world(), Metric::page_latency);
    REQUIRE(page.count() > 10);
    REQUIRE(page.min() == milliseconds(50 + n * 81).ns);
    REQUIRE(page.max() == milliseconds(50 + n * 81).ns);
  }
}

TEST_CASE("closed_forms: page: a transaction is BEGIN, its statements and COMMIT",
          "[models][closed_forms]") {
  // 1 read + 2 writes in a transaction: 5 legs of 80 ms, 3 services of 1 ms, one fsync of 2 ms; a
  // read beside it: 80 + 1. First page of an instance: 3 more round trips to open a connection.
  ClusterConfig config = empty({"near", "far"});
  link(config, "near", "far", milliseconds(80));
  primary(config, "db", "far");
  app(config, "app", "near");
  rows(config, milliseconds(1));
  CallConfig transaction;
  transaction.transaction.emplace();
  for (const bool writes : {false, true, true}) {
    StatementConfig statement;
    (writes ? statement.write : statement.read) = "rows";
    transaction.transaction->push_back(statement);
  }
  users(config, "us", "near", 1, {transaction, read()}).think = always(seconds(1));
  Cluster cluster = build(config, 1);
  cluster.run_until(at(seconds(30)));
  const Histogram page = all(cluster.world(), Metric::page_latency);
  REQUIRE(page.min() == milliseconds(5 * 80 + 3 + 2 + 81).ns);
  // Opening takes 4 round trips before the first statement is sent.
  REQUIRE(page.max() == page.min() + milliseconds(4 * 80).ns);
  const Histogram transactions = all(cluster.world(), Metric::transaction_latency);
  REQUIRE(transactions.min() == milliseconds(5 * 80 + 3 + 2).ns);
}

}  // namespace longhaul
