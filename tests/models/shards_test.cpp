// Several primaries that each own the rows of their tenants. Regions are 80 ms apart (round trip);
// a statement takes 1 ms, a flush 2 ms.

#include "models/app/shards.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr std::uint32_t us = 0;
constexpr std::uint32_t eu = 1;

PopulationConfig& tenants(ClusterConfig& config, const std::string& name, const std::string& from,
                          std::int64_t sessions, std::vector<CallConfig> calls) {
  PopulationConfig& population = users(config, name, from, sessions, std::move(calls));
  population.rate = per_second(20);
  population.pages_max = 10;
  return population;
}

ClusterConfig regions() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  rows(config, milliseconds(1), 50).write = WriteKind::update;
  return config;
}

// A primary, its replica in the other region, an app and users in one region.
void add_region(ClusterConfig& config, const std::string& name, const std::string& other) {
  primary(config, "db-" + name, name);
  replica(config, "copy-" + name, other, "db-" + name);
  app(config, "app-" + name, name);
  tenants(config, name, name, 50, {read(3), write(), own(read())});
}

ClusterConfig two_shards() {
  ClusterConfig config = regions();
  config.primaries = Primaries::sharded;
  add_region(config, "us", "eu");
  add_region(config, "eu", "us");
  return config;
}

// Everything that users of a region saw, of one metric.
Histogram seen(const World& world, Metric metric, std::uint32_t region) {
  Histogram sum;
  for (std::size_t i = 0; i < world.measures.cells(metric); ++i) {
    if (world.measures.labels_of(metric, i)[0] == region) {
      sum.merge(world.measures.distribution_at(metric, i));
    }
  }
  return sum;
}

std::int64_t counted(const World& world, Metric metric, std::uint32_t region) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(metric); ++i) {
    if (world.measures.labels_of(metric, i)[0] == region) {
      sum += world.measures.counter_at(metric, i).count;
    }
  }
  return sum;
}

std::int64_t writes_on(const World& world, std::uint32_t node) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::writes); ++i) {
    if (world.measures.labels_of(Metric::writes, i)[1] == node) {
      sum += world.measures.counter_at(Metric::writes, i).count;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("shards: two shards are two independent worlds", "[models][shards]") {
  // The same users and luck; nothing that either shard does reaches the other.
  Cluster both = build(two_shards(), 7);
  run_checked(both, at(minutes(1)));
  both.finish();
  for (const std::uint32_t region : {us, eu}) {
    const std::string name = region == us ? "us" : "eu";
    ClusterConfig config = regions();
    add_region(config, name, region == us ? "eu" : "us");
    Cluster alone = build(config, 7);
    run_checked(alone, at(minutes(1)));
    alone.finish();
    for (const Metric metric : {Metric::page_latency, Metric::read_latency, Metric::write_latency,
                                Metric::read_staleness}) {
      const Histogram in_both = seen(both.world(), metric, region);
      const Histogram by_itself = seen(alone.world(), metric, region);
      REQUIRE(in_both.count() == by_itself.count());
      REQUIRE(in_both.sum() == by_itself.sum());
      REQUIRE(in_both.max() == by_itself.max());
    }
    REQUIRE(seen(both.world(), Metric::write_latency, region).count() == 500);
    for (const Metric metric : {Metric::stale_reads, Metric::read_your_writes_violations}) {
      REQUIRE(counted(both.world(), metric, region) == counted(alone.world(), metric, region));
    }
    // Node 0 is its primary when it is alone.
    REQUIRE(both.world().measures.counter(Metric::wal_bytes, region * 2).count ==
            alone.world().measures.counter(Metric::wal_bytes, 0).count);
  }
}

TEST_CASE("shards: users write to the primary of their tenant, wherever they are",
          "[models][shards]") {
  // At home 1 ms of service and 2 ms of flush; away 80 ms more.
  for (const bool away : {false, true}) {
    ClusterConfig config = two_shards();
    config.workload.erase(config.workload.begin());
    if (away) config.workload[0].travelling = percent(100);
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(minutes(1)));
    REQUIRE(writes_on(cluster.world(), away ? us : 2) == 500);
    const std::int64_t network = away ? milliseconds(80).ns : 0;
    REQUIRE(all(cluster.world(), Metric::write_latency).min() == milliseconds(3).ns + network);
  }
}

TEST_CASE("shards: a share of users travels", "[models][shards]") {
  // 25 % of 2,000 users are 500, give or take 19 (one standard deviation).
  ClusterConfig config = regions();
  config.primaries = Primaries::sharded;
  for (const char* name : {"us", "eu", "ap"}) {
    if (name == std::string("ap")) {
      config.regions.push_back({"ap", {}, {}});
      link(config, "us", "ap", milliseconds(80));
      link(config, "eu", "ap", milliseconds(80));
    }
    primary(config, std::string("db-") + name, name);
  }
  app(config, "app-eu", "eu");
  tenants(config, "eu", "eu", 2'000, {write()}).travelling = percent(25);
  const Cluster cluster = build(config, 3);
  std::array<int, 3> homes{};
  for (const User& user : cluster.world().users) homes[user.group.value] += 1;
  REQUIRE(std::abs(homes[us] + homes[2] - 500) < 95);
  REQUIRE(std::abs(homes[us] - homes[2]) < 112);  // five times sqrt(500)
}

TEST_CASE("shards: calls of tenants that span regions, transactions whole", "[models][shards]") {
  // 20 % of 500 transactions are 100, give or take 9. Each writes two rows and commits once.
  ClusterConfig config = two_shards();
  config.workload.erase(config.workload.begin());
  CallConfig transaction;
  StatementConfig write;
  write.write = "rows";
  transaction.transaction = {write, write};
  config.workload[0].pages[0].calls = {transaction};
  config.workload[0].spanning = percent(20);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(minutes(1)));
  const World& world = cluster.world();
  REQUIRE(writes_on(world, us) + writes_on(world, 2) == 500);
  REQUIRE(std::abs(writes_on(world, us) - 100) < 45);
  REQUIRE(total(world, Metric::errors) == 0);
}

TEST_CASE("shards: a token of one log says nothing about another", "[models][shards]") {
  // The log of the shard is 10 MB ahead of the one with the plans. After a write to the shard,
  // plans are read from the replica next door at once: its position is behind the token's, which is
  // not about it.
  ClusterConfig config = regions();
  config.primaries = Primaries::sharded;
  primary(config, "db-us", "us");
  replica(config, "plans-eu", "eu", "db-us");
  primary(config, "db-eu", "eu");
  app(config, "app-eu", "eu");
  DataSetConfig plans = config.data[0];
  plans.name = "plans";
  plans.home = "db-us";
  config.data.push_back(plans);
  config.policy.freshness.rule = FreshnessRule::lsn_token;
  CallConfig look;
  look.read = "plans";
  tenants(config, "eu", "eu", 5, {write(), look}).begins = seconds(5);  // after the first probes
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  insert_wal(world, {2}, {{10'000'000}, 10});
  run_checked(cluster, at(minutes(1)));
  REQUIRE(world.nodes[2].insert > world.nodes[1].replayed + Bytes{9'000'000});
  REQUIRE(world.measures.counter(Metric::reads, eu, 1).count == 50);
  REQUIRE(all(world, Metric::read_latency).quantile(percent(50)) < milliseconds(2).ns);
}

TEST_CASE("shards: a shard has the disk of its own rows", "[models][shards]") {
  // A set with a home is there and nowhere else; a divided one is everywhere.
  ClusterConfig config = two_shards();
  const Bytes divided = size_on_disk(config.data[0]);
  DataSetConfig plans = config.data[0];
  plans.name = "plans";
  plans.home = "db-us";
  plans.rows = {1'000'000};
  config.data.push_back(plans);
  const Cluster cluster = build(config, 1);
  const std::vector<GroupPlan>& groups = cluster.world().plan->groups;
  REQUIRE(groups[us].database_size - groups[eu].database_size == size_on_disk(plans));
  REQUIRE(groups[eu].database_size > divided);
}

TEST_CASE("shards: each primary has the standbys that it waits for", "[models][shards]") {
  // Names of one shard's standby: the other shard waits for nobody but its disk.
  ClusterConfig config = two_shards();
  config.postgres.synchronous_standby_names = "copy-us";
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(minutes(1)));
  REQUIRE(seen(cluster.world(), Metric::write_latency, us).min() > milliseconds(80).ns);
  REQUIRE(seen(cluster.world(), Metric::write_latency, eu).min() == milliseconds(3).ns);
}

}  // namespace longhaul
