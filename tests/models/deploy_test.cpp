// Versions of applications and of schemas: rolling deploys, columns that come and go.

#include "models/app/deploy.h"

#include "models/pg/columns.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr NodeId eu{1};

// Statements take no time; a flush takes 2 ms on the primary and 3 ms on the standby, 40 ms away.
ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us").replay_rate = {1'000'000'000'000};
  rows(config, {});
  config.policy.lag_breaker.enabled = false;
  config.duration = minutes(3);
  return config;
}

void deploy(ClusterConfig& config, Duration at, Duration every) {
  FaultConfig fault;
  fault.kind = FaultKind::deploy;
  fault.at = at;
  fault.app = "app";
  fault.every = every;
  config.faults.push_back(fault);
}

FaultConfig& alter(ClusterConfig& config, Duration at, Duration lasts) {
  FaultConfig fault;
  fault.kind = FaultKind::alter_table;
  fault.at = at;
  fault.lasts = lasts;
  fault.data = "rows";
  config.faults.push_back(fault);
  return config.faults.back();
}

void add_column(ClusterConfig& config, Duration at, Duration lasts) {
  alter(config, at, lasts).adds = "email";
}

CallConfig needing(CallConfig call) {
  call.needs = {"email"};
  return call;
}

CallConfig until(std::int64_t version, CallConfig call) {
  call.until_version = version;
  return call;
}

CallConfig from(std::int64_t version, CallConfig call) {
  call.from_version = version;
  return call;
}

// One user who asks for a page 10 ms after each answer.
PopulationConfig& user(ClusterConfig& config, const std::string& region,
                       std::vector<CallConfig> calls) {
  app(config, "app", region);
  PopulationConfig& result = users(config, "user", region, 1, std::move(calls));
  result.think = always(milliseconds(10));
  return result;
}

std::vector<std::uint32_t> versions(const World& world) {
  std::vector<std::uint32_t> result;
  for (std::uint32_t i = 0; i < world.instances.size(); ++i) {
    result.push_back(version_of(world, {i}));
  }
  return result;
}

}  // namespace

TEST_CASE("deploy: instances take the next version one after another", "[models][deploy]") {
  ClusterConfig config = pair();
  user(config, "us", {read()});
  config.apps.front().instances = 3;
  deploy(config, seconds(10), seconds(5));
  deploy(config, seconds(40), Duration{});
  Cluster cluster = build(config, 1);
  const auto at_second = [&cluster](std::int64_t second) {
    advance(cluster, at(seconds(second)));
    return versions(cluster.world());
  };
  REQUIRE(at_second(9) == std::vector<std::uint32_t>{1, 1, 1});
  REQUIRE(at_second(10) == std::vector<std::uint32_t>{2, 1, 1});
  REQUIRE(at_second(15) == std::vector<std::uint32_t>{2, 2, 1});
  REQUIRE(at_second(39) == std::vector<std::uint32_t>{2, 2, 2});
  REQUIRE(at_second(40) == std::vector<std::uint32_t>{3, 3, 3});
}

TEST_CASE("deploy: instances make the calls of their version", "[models][deploy]") {
  // 100 pages a second, each at any of 4 instances, which change at 10, 20, 30 and 40 s. Until 50 s
  // they have spent 40 + 30 + 20 + 10 of 200 s with version 2: half of 5,000 pages write, with a
  // standard deviation of at most 35. A page without calls is answered all the same.
  ClusterConfig config = pair();
  config.nodes.front().fsync = always({});  // a page takes no time
  user(config, "us", {until(1, read()), from(2, write())});
  config.apps.front().instances = 4;
  PopulationConfig& idle = users(config, "idle", "us", 1, {from(3, read())});
  idle.think = always(seconds(1));
  idle.pages.front().name = "nothing";
  deploy(config, seconds(10), seconds(10));
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(milliseconds(9'999)));
  REQUIRE(total(world, Metric::writes) == 0);
  run_checked(cluster, at(seconds(41)));
  const std::int64_t reads = total(world, Metric::reads);
  run_checked(cluster, at(seconds(50)));
  REQUIRE(total(world, Metric::reads) == reads);
  REQUIRE(total(world, Metric::writes) == Approx(2'500).margin(140));
  REQUIRE(reads + total(world, Metric::writes) == Approx(5'000).margin(2));
  const std::uint64_t pages = all(world, Metric::page_latency).count();
  REQUIRE(static_cast<std::int64_t>(pages) - reads - total(world, Metric::writes) >= 49);
  REQUIRE(total(world, Metric::errors) == 0);
}

TEST_CASE("deploy: a page keeps the version that it met", "[models][deploy]") {
  // Two reads of 4 s from 8 s on; the deploy at 10 s changes nothing for this page.
  ClusterConfig config = pair();
  config.data.front().read_time = always(seconds(4));
  PopulationConfig& one =
      user(config, "us", {until(1, read()), until(1, read()), from(2, write())});
  one.begins = seconds(8);
  one.pages_max = 1;
  deploy(config, seconds(10), {});
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(total(cluster.world(), Metric::reads) == 2);
  REQUIRE(total(cluster.world(), Metric::writes) == 0);
}

TEST_CASE("columns: added, the primary shows them when ALTER TABLE has committed",
          "[models][deploy]") {
  // ALTER has its table from 10 s to 11 s and commits with a flush of 2 ms. Until 10 s every page
  // fails at once, 100 a second; the next waits for ALTER and is answered, like all behind it.
  ClusterConfig config = pair();
  user(config, "us", {needing(read())});
  add_column(config, seconds(10), seconds(1));
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(milliseconds(9'999)));
  REQUIRE(errors(world, ErrorKind::undefined_column) == Approx(1'000).margin(2));
  REQUIRE(total(world, Metric::reads) == 0);
  run_checked(cluster, at(milliseconds(11'001)));
  const std::int64_t failed = errors(world, ErrorKind::undefined_column);
  REQUIRE(total(world, Metric::reads) == 0);
  run_checked(cluster, at(milliseconds(12'002)));
  REQUIRE(errors(world, ErrorKind::undefined_column) == failed);
  REQUIRE(total(world, Metric::reads) == Approx(101).margin(2));
}

TEST_CASE("columns: dropped, the statement that waits for ALTER TABLE fails, too",
          "[models][deploy]") {
  ClusterConfig config = pair();
  user(config, "us", {needing(read())});
  alter(config, seconds(10), seconds(1)).drops = "email";
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(milliseconds(11'001)));
  const std::int64_t reads = total(world, Metric::reads);
  REQUIRE(reads == Approx(1'000).margin(2));
  REQUIRE(total(world, Metric::errors) == 0);
  run_checked(cluster, at(milliseconds(12'002)));
  REQUIRE(total(world, Metric::reads) == reads);
  REQUIRE(errors(world, ErrorKind::undefined_column) == Approx(101).margin(2));
}

TEST_CASE("columns: a standby shows them when it has replayed the commit", "[models][deploy]") {
  // Replay pauses from 9 s to 15 s. Pages of version 2 ask the standby from 10.5 s on, when the
  // primary has had the column for 0.4 s: 450 fail. Then it is there.
  ClusterConfig config = pair();
  user(config, "eu", {needing(read())}).begins = milliseconds(10'500);
  add_column(config, seconds(10), milliseconds(100));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(9)));
  pause_replay(world, eu);
  run_checked(cluster, at(milliseconds(14'999)));
  REQUIRE(has_columns(world, us, 1));
  REQUIRE(!has_columns(world, eu, 1));
  REQUIRE(errors(world, ErrorKind::undefined_column) == Approx(450).margin(2));
  run_checked(cluster, at(seconds(15)));
  resume_replay(world, eu);
  const std::int64_t failed = errors(world, ErrorKind::undefined_column);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(has_columns(world, eu, 1));
  REQUIRE(errors(world, ErrorKind::undefined_column) == failed);
  REQUIRE(total(world, Metric::reads) == Approx(500).margin(2));
}

TEST_CASE("columns: a subscriber shows those that it was given itself", "[models][deploy]") {
  ClusterConfig config = pair();
  config.nodes.back().role = NodeRole::logical;
  add_column(config, seconds(10), milliseconds(100));
  FaultConfig there = config.faults.front();
  there.kind = FaultKind::alter_subscriber;
  there.at = seconds(20);
  there.lasts.reset();
  there.node = "db-eu";
  config.faults.push_back(there);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(19)));
  REQUIRE(has_columns(cluster.world(), us, 1));
  REQUIRE(!has_columns(cluster.world(), eu, 1));
  advance(cluster, at(seconds(21)));
  REQUIRE(has_columns(cluster.world(), eu, 1));
}

TEST_CASE("columns: a transaction that names an unknown one leaves nothing behind",
          "[models][deploy]") {
  // Its first statement has written and shares the table. Had the error kept anything, ALTER at
  // 10 s would wait for ever. From 10.102 s on every page commits.
  ClusterConfig config = pair();
  config.data.front().write = WriteKind::update;
  CallConfig call;
  StatementConfig first;
  first.write = "rows";
  StatementConfig second;
  second.read = "rows";
  second.needs = {"email"};
  call.transaction = {first, second};
  user(config, "us", {call});
  add_column(config, seconds(10), milliseconds(100));
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(milliseconds(9'999)));
  REQUIRE(errors(world, ErrorKind::undefined_column) == Approx(1'000).margin(2));
  REQUIRE(world.truth.newest(0) == 0);
  REQUIRE(world.truth.versions().empty());
  const std::int64_t failed = total(world, Metric::errors);
  run_checked(cluster, at(seconds(11)));
  REQUIRE(total(world, Metric::errors) <= failed + 1);
  REQUIRE(total(world, Metric::writes) == Approx(75).margin(2));  // 898 ms / (10 + 2) ms
}

}  // namespace longhaul
