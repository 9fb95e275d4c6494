#include "models/app/page_time.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// The database in "us", 80 ms from app and users; statements take 1 ms, a flush 2 ms.
ClusterConfig across() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db", "us");
  app(config, "app", "eu");
  rows(config, milliseconds(1));
  return config;
}

PageTime time_of(const World& world, Outcome outcome = Outcome::ok) {
  PageTime sum;
  for (std::size_t i = static_cast<std::size_t>(outcome); i < world.measures.page_times.size();
       i += 2) {
    sum.add(world.measures.page_times[i]);
  }
  return sum;
}

// One page of one user, and nothing before it: its connection is new.
PageTime first_page(const ClusterConfig& config) {
  Cluster cluster = build(config, 1);
  time_pages(cluster.world());
  cluster.run_until(at(seconds(30)));
  const PageTime time = time_of(cluster.world());
  REQUIRE(time.pages == 1);
  return time;
}

PopulationConfig& one_page(ClusterConfig& config, std::vector<CallConfig> calls) {
  PopulationConfig& us = users(config, "us", "eu", 1, std::move(calls));
  us.think = always(seconds(1));
  us.pages_max = 1;
  us.last_mile = milliseconds(20);
  return us;
}

TEST_CASE("page_time: three reads and a write across an ocean", "[models][page_time]") {
  // Connection: TCP 1 and SCRAM 3 round trips of 80 ms. Four statements of 80 ms each, two of them
  // repeats; 4 x 1 ms of service, one flush of 2 ms, the last mile of 20 ms.
  ClusterConfig config = across();
  one_page(config, {read(3), write()});
  const PageTime time = first_page(config);
  REQUIRE(time[PagePart::user] == milliseconds(20));
  REQUIRE(time[PagePart::connect] == milliseconds(320));
  REQUIRE(time[PagePart::legs] == milliseconds(160));
  REQUIRE(time[PagePart::repeats] == milliseconds(160));
  REQUIRE(time[PagePart::service] == milliseconds(4));
  REQUIRE(time[PagePart::flush] == milliseconds(2));
  REQUIRE(time.total() == milliseconds(20 + 320 + 160 + 160 + 4 + 2));
  REQUIRE(time.legs[0].count == 4);
  REQUIRE(time.legs[0].repeats == 2);
  REQUIRE(time.legs[0].network == milliseconds(320));
}

TEST_CASE("page_time: a repeated read-only transaction is a repeat as a whole",
          "[models][page_time]") {
  // BEGIN, SELECT, COMMIT twice: six legs, the last three of which one transaction could spare.
  ClusterConfig config = across();
  StatementConfig select;
  select.read = "rows";
  CallConfig call;
  call.transaction = {select};
  call.times = 2;
  one_page(config, {call});
  const PageTime time = first_page(config);
  REQUIRE(time.legs[0].count == 6);
  REQUIRE(time.legs[0].repeats == 3);
}

TEST_CASE("page_time: what a commit waits for behind the flush is the standby",
          "[models][page_time]") {
  // The standby stands 80 ms away and flushes for 3 ms. Its word is back 83 ms after the primary's
  // flush of 2 ms, which sends the log.
  ClusterConfig config = across();
  replica(config, "standby", "eu", "db");
  config.postgres.synchronous_standby_names = "*";
  one_page(config, {write()}).begins = seconds(5);
  const PageTime time = first_page(config);
  REQUIRE(time[PagePart::flush] == milliseconds(2));
  REQUIRE(time[PagePart::standbys] == milliseconds(83));
}

TEST_CASE("page_time: a queue before the processor, a wait for the pool", "[models][page_time]") {
  // Three users who never think and a statement of 100 ms. The processor is busy all the time: each
  // page takes 300 ms, of which 80 ms are the network, 100 ms service and 120 ms the queue. With
  // one connection for all, each waits for two others to have it for 180 ms.
  for (const bool thin_pool : {false, true}) {
    ClusterConfig config = across();
    config.nodes[0].cpus = 1;
    if (thin_pool) config.apps[0].pool.size = 1;
    config.data[0].read_time = always(milliseconds(100));
    config.warmup = seconds(10);
    users(config, "us", "eu", 3, {read()}).think = always({});
    Cluster cluster = build(config, 1);
    time_pages(cluster.world());
    cluster.run_until(at(seconds(20)));
    const PageTime time = time_of(cluster.world());
    REQUIRE(time.pages > 30);
    REQUIRE(time[PagePart::cpu] == milliseconds(120) * (thin_pool ? 0 : time.pages));
    REQUIRE(time[PagePart::pool] == milliseconds(360) * (thin_pool ? time.pages : 0));
  }
}

// Pools too small, a lossy link, tokens, cuts, time-outs.
ClusterConfig rough(bool synchronous) {
  ClusterConfig config = across();
  replica(config, "db-eu", "eu", "db").replay_record_time = milliseconds(3);
  config.links[0].loss = percent(1);
  config.links[1].bandwidth = {100'000};
  config.links[1].jitter = DurationDistribution::exponential(milliseconds(2));
  config.apps[0].pool.size = 3;
  config.apps[0].statement_timeout = seconds(1);
  config.apps[0].pool.wait_timeout = milliseconds(500);
  config.policy.router.use_replica_reads = true;
  config.policy.freshness.rule = FreshnessRule::lsn_token;
  if (synchronous) config.postgres.synchronous_standby_names = "*";
  config.nodes[0].cpus = 1;
  PopulationConfig& us = users(config, "us", "eu", 30, {read(3), write(), own(read())});
  us.rate = per_second(20);
  us.last_mile = milliseconds(7);
  FaultConfig cut;
  cut.kind = FaultKind::cut_link;
  cut.at = seconds(20);
  cut.lasts = seconds(4);
  cut.between = {"us", "eu"};
  config.faults.push_back(cut);
  return config;
}

TEST_CASE("page_time: the parts add up to the latency of pages, to the nanosecond",
          "[models][page_time]") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    // A commit that has waited for the standby finds it replayed when the next read comes: what
    // waits for standbys waits for no token.
    const bool synchronous = seed % 2 == 0;
    Cluster cluster = build(rough(synchronous), seed);
    time_pages(cluster.world());
    cluster.run_until(at(seconds(60)));
    const World& world = cluster.world();
    const PageTime ok = time_of(world);
    const PageTime failed = time_of(world, Outcome::error);
    REQUIRE(ok.pages > 300);
    REQUIRE(failed.pages > 10);
    const Histogram latency = all(world, Metric::page_latency);
    REQUIRE(Int128{ok.total().ns} + failed.total().ns == latency.sum());
    REQUIRE(static_cast<std::uint64_t>(ok.pages + failed.pages) == latency.count());
    // Of the network between app and database, all has a node.
    Duration network;
    for (const Legs& legs : ok.legs) network += legs.network;
    REQUIRE(network == ok[PagePart::legs] + ok[PagePart::repeats]);
    for (const PagePart part :
         {PagePart::user, PagePart::legs, PagePart::repeats, PagePart::transfer, PagePart::cpu,
          PagePart::service, PagePart::flush, PagePart::pool, PagePart::connect,
          synchronous ? PagePart::standbys : PagePart::token}) {
      CAPTURE(title_of(part));
      REQUIRE(ok[part] + failed[part] > Duration{});
    }
  }
}

TEST_CASE("page_time: timing pages changes nothing", "[models][page_time]") {
  Cluster plain = build(rough(true), 1);
  Cluster timed = build(rough(true), 1);
  time_pages(timed.world());
  plain.run_until(at(seconds(60)));
  timed.run_until(at(seconds(60)));
  REQUIRE(plain.world().scheduler.digest() == timed.world().scheduler.digest());
}

TEST_CASE("page_time: what came before a new attempt, and the pause, is its price",
          "[models][page_time]") {
  ClusterConfig config = across();
  one_page(config, {read()});
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  time_pages(world);
  // Half of the last mile has passed when the app needs the statement; the new connection takes
  // 320 ms, so that 100 ms later the request still waits.
  Event event;
  while (world.requests.empty() || world.requests[0].phase != Phase::pooling) {
    REQUIRE(world.scheduler.pop_until(at(seconds(30)), event));
    execute(world, event);
  }
  advance(cluster, world.now() + milliseconds(100));
  attempt_failed(world, 0);
  REQUIRE(world.page_clocks[0].time[PagePart::retries] == milliseconds(100));
  REQUIRE(world.page_clocks[0].time[PagePart::pool] == Duration{});
  REQUIRE(world.page_clocks[0].time[PagePart::user] == milliseconds(10));
}

}  // namespace
}  // namespace longhaul
