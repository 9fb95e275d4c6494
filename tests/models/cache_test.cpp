// Caches against closed forms: hit ratios, what an invalidation takes, the width of the race.

#include <cmath>

#include "models/theory.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

CacheConfig& cache(ClusterConfig& config, const std::string& name, const std::string& region) {
  CacheConfig result;
  result.name = name;
  result.region = region;
  result.service_time = {};
  config.caches.push_back(result);
  return config.caches.back();
}

CallConfig cached(CallConfig call) {
  call.cached = true;
  return call;
}

Counter sum(const World& world, Metric metric) {
  Counter result;
  for (std::size_t i = 0; i < world.measures.cells(metric); ++i) {
    const Counter& cell = world.measures.counter_at(metric, i);
    result.count += cell.count;
    result.population += cell.population;
  }
  return result;
}

double share(const World& world, Metric metric) {
  const Counter all = sum(world, metric);
  return static_cast<double>(all.count) / static_cast<double>(all.population);
}

// Readers of one cache in one region.
ClusterConfig readers(std::int64_t rate_per_s, std::int64_t row_count) {
  ClusterConfig config = empty({"here"});
  primary(config, "db", "here").cpus = 64;
  app(config, "app", "here").pool.size = 50;
  cache(config, "redis", "here");
  rows(config, {}, row_count);
  users(config, "us", "here", 100, {cached(read())}).rate = per_second(rate_per_s);
  config.duration = seconds(1000);
  return config;
}

// A writer in "us", readers 100 ms away who read one row in four; the replica shows a commit
// 100 ms + `apply` after it was flushed.
ClusterConfig race(Duration apply, std::int64_t row_count = 4) {
  ClusterConfig config = empty({"us", "ap"});
  link(config, "us", "ap", milliseconds(200));
  primary(config, "db-us", "us");
  replica(config, "db-ap", "ap", "db-us").recovery_min_apply_delay = apply;
  config.policy.lag_breaker.enabled = false;
  app(config, "app-us", "us").pool.size = 50;
  app(config, "app-ap", "ap").pool.size = 50;
  cache(config, "redis-us", "us");
  cache(config, "redis-ap", "ap");
  config.caching.publish_time = {};
  rows(config, {}, row_count);
  users(config, "writers", "us", 10, {write()}).rate = per_second(1);
  users(config, "readers", "ap", 200, {cached(read())}).rate = per_second(400);
  config.duration = seconds(600);
  return config;
}

Cluster run(const ClusterConfig& config, std::uint64_t seed = 1) {
  Cluster cluster = build(config, seed);
  cluster.run_until(cluster.end());
  cluster.finish();
  return cluster;
}

}  // namespace

TEST_CASE("cache: a row that is read at rate r with a ttl T hits with r T / (1 + r T)",
          "[models][cache]") {
  // A fill begins T in which all Poisson reads hit; the first read after it misses: r T hits for
  // each miss. 5/s x 2 s: 10 / 11 = 0.909. Reads in 1000 s: 5000 in some 455 cycles, each with
  // Poisson(10) hits: the ratio has a standard error of 1/11 x sqrt(1/10/455) x 10/11 = 0.0012.
  ClusterConfig config = readers(5, 1);
  config.caching.ttl = seconds(2);
  const Cluster cluster = run(config);
  REQUIRE(share(cluster.world(), Metric::cache_hits) == Approx(10.0 / 11).margin(0.005));
  REQUIRE(share(cluster.world(), Metric::cache_misses) == Approx(1.0 / 11).margin(0.005));
  REQUIRE(total(cluster.world(), Metric::stale_reads) == 0);
}

TEST_CASE("cache: with room for C of N rows that are read alike C / N of the reads hit",
          "[models][cache]") {
  // The least recently used of uniformly drawn rows is any: what is there is a random set of C.
  // 100,000 reads: sqrt(0.3 x 0.7 / 1e5) = 0.0014.
  ClusterConfig config = readers(100, 1000);
  config.caches[0].entries = {300};
  config.caching.ttl = minutes(60);
  const Cluster cluster = run(config);
  REQUIRE(share(cluster.world(), Metric::cache_hits) == Approx(0.3).margin(0.008));
}

TEST_CASE("cache: a hit takes the round trip and the cache's time, and no connection",
          "[models][cache]") {
  ClusterConfig config = readers(10, 1);
  config.regions[0].same_zone_rtt = microseconds(100);
  config.caches[0].service_time = microseconds(50);
  config.data[0].read_time = always(milliseconds(5));
  config.caching.ttl = minutes(60);
  config.duration = seconds(100);
  const Cluster cluster = run(config);
  const World& world = cluster.world();
  // Cells by served_by (db, redis) and outcome (ok, error).
  const Histogram& hits = world.measures.distribution_at(Metric::read_latency, 2);
  REQUIRE(hits.count() > 900);
  REQUIRE(hits.min() == microseconds(150).ns);
  REQUIRE(hits.max() == microseconds(150).ns);
  // The misses: look-up, then 100 us + 5 ms at the database.
  const Histogram& miss = world.measures.distribution_at(Metric::read_latency, 0);
  REQUIRE(miss.min() >= microseconds(150 + 100 + 5000).ns);
  REQUIRE(world.statements < 10);
}

TEST_CASE("cache: a hit returns the version that was stored until its ttl, and is judged",
          "[models][cache]") {
  // Nobody invalidates. A row is written once a second and read 50 times a second by others; an
  // entry that is stored at a random time is fresh until the next write: exp(1/s). With a ttl of 4
  // s a hit at age a is stale with 1 - exp(-a): mean over 4 s = 1 - (1 - exp(-4)) / 4 = 0.7546. 600
  // s are 150 entries, each with a standard deviation of 0.2: 0.017.
  ClusterConfig config = readers(50, 1);
  config.caching.ttl = seconds(4);
  config.caching.invalidation = Invalidation::none;
  users(config, "writers", "here", 50, {write()}).rate = per_second(1);
  config.duration = seconds(2400);
  const Cluster cluster = run(config);
  const World& world = cluster.world();
  REQUIRE(share(world, Metric::cache_stale_reads) == Approx(0.7546).margin(0.03));
  // The oldest version missed was acknowledged after the entry was stored.
  REQUIRE(all(world, Metric::read_staleness).max() <= seconds(4).ns);
  // Of a hit's users nobody wrote, so nobody missed an own write; nobody went back either: one
  // copy.
  REQUIRE(total(world, Metric::read_your_writes_violations) == 0);
  REQUIRE(total(world, Metric::monotonic_reads_violations) == 0);
}

TEST_CASE("cache: who writes and reads back through a cache that nobody invalidates misses it",
          "[models][cache]") {
  for (const Invalidation rule : {Invalidation::none, Invalidation::local}) {
    ClusterConfig config = empty({"here"});
    primary(config, "db", "here");
    app(config, "app", "here");
    cache(config, "redis", "here");
    rows(config, {}, 5);
    users(config, "us", "here", 5, {own(cached(read())), own(write()), own(cached(read()))}).think =
        always(seconds(1));
    config.caching.invalidation = rule;
    config.caching.ttl = seconds(10);
    config.duration = seconds(60);
    const Cluster cluster = run(config);
    // The order to remove sets out before the look-up, on the same way.
    const std::int64_t missed = total(cluster.world(), Metric::read_your_writes_violations);
    if (rule == Invalidation::local) REQUIRE(missed == 0);
    if (rule == Invalidation::none) REQUIRE(missed > 100);
  }
}

TEST_CASE("cache: putting what was written saves the miss that removing costs", "[models][cache]") {
  // One user writes their row and reads it back: with put each read is a hit, with remove a miss.
  for (const CacheOnWrite way : {CacheOnWrite::remove, CacheOnWrite::put}) {
    ClusterConfig config = empty({"here"});
    primary(config, "db", "here");
    app(config, "app", "here");
    cache(config, "redis", "here");
    rows(config, {}, 5);
    users(config, "us", "here", 1, {own(write()), own(cached(read()))}).think = always(seconds(1));
    config.caching.on_write = way;
    config.duration = seconds(60);
    const Cluster cluster = run(config);
    REQUIRE(share(cluster.world(), Metric::cache_hits) == (way == CacheOnWrite::put ? 1.0 : 0.0));
    REQUIRE(total(cluster.world(), Metric::stale_reads) == 0);
  }
}

TEST_CASE("cache: an invalidation takes the way and the broker's time after the acknowledgement",
          "[models][cache]") {
  // 100 ms one way + 3 ms. The writer's own cache is not counted.
  ClusterConfig config = race({});
  config.caching.publish_time = milliseconds(3);
  const Cluster cluster = run(config);
  const Histogram latency = all(cluster.world(), Metric::invalidation_latency);
  REQUIRE(latency.count() > 500);
  REQUIRE(latency.min() == milliseconds(103).ns);
  REQUIRE(latency.max() == milliseconds(103).ns);
}

TEST_CASE("cache: an invalidation that overtakes replication lets a reader bring the old row back",
          "[models][cache]") {
  // The replica shows a commit D = 300 ms + 3 ms of its fsync after the invalidation has come. In
  // that window a row is read 400/4 = 100 times a second, so it is refilled in all but exp(-30) of
  // the cases, unless the cache had not filled it... which the reads before see to.
  const Duration late = milliseconds(300);
  const Cluster plain = run(race(late));
  const std::int64_t writes = sum(plain.world(), Metric::writes).count;
  REQUIRE(writes > 500);
  const std::int64_t refills = total(plain.world(), Metric::cache_refilled_stale);
  REQUIRE(refills > writes * 95 / 100);
  // A stale refill stays until the ttl of 60 s or the row's next write, some 4 s later.
  REQUIRE(share(plain.world(), Metric::cache_stale_reads) > 0.5);

  // Tombstones refuse them all. What is stale then is what a miss reads from the late replica, and
  // hits while the invalidation is under way: 100 ms of each 1 s / 4 rows = 2.5 % at most.
  ClusterConfig config = race(late);
  config.caching.versioned = true;
  const Cluster versioned = run(config);
  REQUIRE(total(versioned.world(), Metric::cache_refilled_stale) == 0);
  REQUIRE(total(versioned.world(), Metric::cache_refused_fills) > refills);
  REQUIRE(share(versioned.world(), Metric::cache_stale_reads) < 0.03);

  // A second delete after more than the lag removes them; they live for less than its delay.
  config = race(late);
  config.caching.second_delete = milliseconds(500);
  const Cluster twice = run(config);
  REQUIRE(total(twice.world(), Metric::cache_refilled_stale) > 0);
  REQUIRE(all(twice.world(), Metric::read_staleness).max() < milliseconds(100 + 500 + 10).ns);

  // The replica tells its cache itself what it shows: nothing older can be read after that.
  config = race(late);
  config.caching.invalidation = Invalidation::replay;
  const Cluster told = run(config);
  REQUIRE(total(told.world(), Metric::cache_refilled_stale) == 0);
  // The delay of 300 ms counts from the commit's time: its flush, behind another, and its answer
  // take less than 4 ms.
  REQUIRE(all(told.world(), Metric::invalidation_latency).min() >= milliseconds(300 - 4).ns);
}

TEST_CASE("cache: the window of the race is as wide as the replica is late", "[models][cache]") {
  // A row is read with r = 400/s / 200 rows = 2/s; the window is w = 303 ms - 3 ms: the log leaves
  // when it is flushed, the acknowledgement with it; both travel 100 ms; then the standby's fsync
  // of 3 ms and the delay. The delay counts from the commit's timestamp, 2 ms before its flush:
  // visible 300 - 2 ms - 100 ms after the invalidation at the earliest: w = 198 ms.
  // P(some read in w) = 1 - exp(-r w) = 1 - exp(-0.396) = 0.327 of the writes.
  ClusterConfig config = race(milliseconds(300), 200);
  config.duration = seconds(3600);
  const Cluster cluster = run(config);
  const auto writes = static_cast<double>(sum(cluster.world(), Metric::writes).count);
  const auto refills = static_cast<double>(total(cluster.world(), Metric::cache_refilled_stale));
  // 3600 writes: sqrt(0.33 x 0.67 / 3600) = 0.008.
  REQUIRE(refills / writes == Approx(0.327).margin(0.025));
}

TEST_CASE("cache: what a cut swallows is lost, or comes after it", "[models][cache]") {
  for (const auto delivery : {InvalidationDelivery::at_most_once, InvalidationDelivery::retried}) {
    ClusterConfig config = race({});
    config.caching.delivery = delivery;
    Cluster cluster = build(config, 1);
    cluster.run_until(at(seconds(100)));
    cut(cluster, 0);
    cut(cluster, 1);
    advance(cluster, at(seconds(130)));
    heal(cluster, 0);
    heal(cluster, 1);
    advance(cluster, at(seconds(300)));
    const World& world = cluster.world();
    const std::int64_t lost = total(world, Metric::cache_lost_invalidations);
    const Histogram latency = all(world, Metric::invalidation_latency);
    if (delivery == InvalidationDelivery::at_most_once) {
      REQUIRE(lost > 15);  // 30 s of 1/s
      REQUIRE(latency.max() == milliseconds(100).ns);
    } else {
      REQUIRE(lost == 0);
      REQUIRE(latency.max() > seconds(20).ns);
    }
  }
}

TEST_CASE("cache: a CDN's edge answers in the users' region", "[models][cache][edge]") {
  // Users 200 ms from the app: a page takes 20 + 200 ms + its read of 1 ms there, or 20 + 5 ms.
  const auto world_with = [](const EdgeConfig& edge) {
    ClusterConfig config = empty({"us", "ap"});
    link(config, "us", "ap", milliseconds(200));
    primary(config, "db", "us").cpus = 64;
    app(config, "app", "us").pool.size = 50;
    rows(config, milliseconds(1), 1);
    PopulationConfig& users_of = users(config, "ap", "ap", 100, {read()});
    users_of.last_mile = milliseconds(20);
    users_of.rate = per_second(5);
    users_of.pages[0].cdn = edge;
    config.warmup = seconds(10);
    config.duration = seconds(2010);
    return config;
  };
  EdgeConfig edge;
  edge.hits = percent(90);
  const Cluster by_share = run(world_with(edge));
  // 10,000 pages: sqrt(0.09 / 1e4) = 0.003.
  REQUIRE(share(by_share.world(), Metric::edge_hits) == Approx(0.9).margin(0.012));
  const Histogram pages = all(by_share.world(), Metric::page_latency);
  REQUIRE(pages.min() == milliseconds(25).ns);
  REQUIRE(pages.max() >= milliseconds(221).ns);
  // 0.9 x 25 + 0.1 x 221 = 44.6 ms.
  REQUIRE(static_cast<double>(pages.average()) / 1e6 == Approx(44.6).margin(2.5));

  // By ttl: a fill comes a page's time after its miss, in which all reads miss: with T from the
  // fill on, a cycle has r T hits, and 1 + r x 0.221 misses. r = 5, T = 4: 20 / 22.1 = 0.905.
  edge.hits.reset();
  edge.ttl = seconds(4);
  const Cluster by_ttl = run(world_with(edge));
  REQUIRE(share(by_ttl.world(), Metric::edge_hits) == Approx(20 / 22.1).margin(0.01));
}

TEST_CASE("cache: what an edge returns is judged by the version that passed it",
          "[models][cache][edge]") {
  // One user writes once and reads their page afterwards: the edge has the old one for its ttl.
  ClusterConfig config = empty({"here"});
  primary(config, "db", "here");
  app(config, "app", "here");
  rows(config, {}, 1);
  PopulationConfig& us = users(config, "us", "here", 1, {read()});
  us.think = always(milliseconds(100));
  us.pages[0].cdn.emplace();
  us.pages[0].cdn->ttl = seconds(5);
  us.pages[0].cdn->delay = {};
  users(config, "writer", "here", 1, {write()}).rate = per_second(1);
  config.duration = seconds(300);
  const Cluster cluster = run(config);
  const World& world = cluster.world();
  // A hit at age a is stale with 1 - exp(-a / s): mean over 5 s is 1 - (1 - exp(-5)) / 5 = 0.801.
  const Counter stale = world.measures.counter_at(Metric::stale_reads, 1);  // served by the edge
  REQUIRE(static_cast<double>(stale.count) / static_cast<double>(stale.population) ==
          Approx(0.8).margin(0.08));
  REQUIRE(all(world, Metric::read_staleness).max() <= seconds(5).ns);
}

TEST_CASE("cache: a call that must not be older than the ttl goes past the cache",
          "[models][cache]") {
  const auto looked_up = [](Duration max_staleness) {
    ClusterConfig config = readers(10, 1);
    config.caching.ttl = seconds(2);
    config.duration = seconds(20);
    config.workload[0].pages[0].max_staleness = max_staleness;
    return sum(run(config).world(), Metric::cache_hits).population;
  };
  REQUIRE(looked_up({}) == 0);
  REQUIRE(looked_up(seconds(2) - nanoseconds(1)) == 0);
  REQUIRE(looked_up(seconds(2)) > 100);
}

TEST_CASE("cache: a page gives a look-up up when its time is over", "[models][cache]") {
  // The cache takes 50 ms, the page has 20: every one fails, and no database is asked.
  ClusterConfig config = readers(10, 1);
  config.caches[0].service_time = milliseconds(50);
  config.apps[0].page_timeout = milliseconds(20);
  config.duration = seconds(20);
  const Cluster cluster = run(config);
  REQUIRE(total(cluster.world(), Metric::timeouts) > 100);
  REQUIRE(cluster.world().statements == 0);
}

TEST_CASE("cache: the answer to a look-up finds nobody after a crash", "[models][cache]") {
  // Pages of 50 ms at the cache and 120 ms at home; whoever was asking when the app died is told
  // so, and opens no connection that nobody gives back (free_request checks).
  ClusterConfig config = readers(100, 1'000'000);
  config.caches[0].service_time = milliseconds(50);
  config.workload[0].last_mile = milliseconds(120);
  config.duration = seconds(20);
  FaultConfig crash;
  crash.kind = FaultKind::app_crash;
  crash.app = "app";
  crash.at = seconds(10);
  crash.lasts = milliseconds(10);
  config.faults.push_back(crash);
  const Cluster cluster = run(config);
  REQUIRE(errors(cluster.world(), ErrorKind::app_down) > 0);
  REQUIRE(errors(cluster.world(), ErrorKind::pool_timeout) == 0);
}

}  // namespace longhaul
