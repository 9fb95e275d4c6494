// Call breakers and outlier ejection in front of the pools of simulated instances.

#include "models/app/guards.h"

#include <set>

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId far{0};
constexpr NodeId near{1};

// Readers beside a replica, the primary 80 ms away. The lag breaker is off: what keeps reads away
// from a replica that is gone is the call breaker, or nothing.
ClusterConfig readers(EventRate rate, std::int64_t instances = 1) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  AppConfig& eu = app(config, "app-eu", "eu");
  eu.instances = instances;
  eu.pool.queue = 1'000'000;
  rows(config, microseconds(100));
  users(config, "eu", "eu", 500, {read()}).rate = rate;
  config.policy.lag_breaker.enabled = false;
  config.policy.call_breaker.mode = CallBreakerMode::automatic;
  return config;
}

FaultConfig lose_replica(FaultKind kind, Duration at, std::optional<Duration> lasts = {}) {
  FaultConfig fault;
  fault.kind = kind;
  fault.node = "db-eu";
  fault.at = at;
  fault.lasts = lasts;
  return fault;
}

// Nothing ends by itself within the tests.
void without_client_timeouts(ClusterConfig& config) {
  AppConfig& app = config.apps.front();
  app.statement_timeout = app.pool.wait_timeout = app.pool.connect_timeout = minutes(60);
}

void with_client_timeouts(ClusterConfig& config) {
  AppConfig& app = config.apps.front();
  app.statement_timeout = app.pool.wait_timeout = app.pool.connect_timeout = seconds(1);
}

const CallBreaker& breaker(const Cluster& cluster, std::uint32_t instance, NodeId node) {
  const World& world = cluster.world();
  return world.call_breakers[instance * world.nodes.size() + node.value];
}

std::int64_t reads_on(const Cluster& cluster, NodeId node) {
  const Measures& measures = cluster.world().measures;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < measures.cells(Metric::reads); ++i) {
    if (measures.labels_of(Metric::reads, i)[1] != node.value) continue;
    sum += measures.counter_at(Metric::reads, i).count;
  }
  return sum;
}

}  // namespace

TEST_CASE("guards: a blackhole without a client time-out never trips a call breaker",
          "[models][guards]") {
  ClusterConfig config = readers(per_second(50));
  without_client_timeouts(config);
  config.policy.call_breaker.window = CallWindowKind::time_based;  // as Hystrix
  config.policy.call_breaker.window_time = seconds(10);
  config.policy.call_breaker.minimum_calls = 20;
  config.faults = {lose_replica(FaultKind::node_loss, seconds(10))};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10)));
  const std::int64_t answered = reads_on(cluster, near);
  const CallCounts before = breaker(cluster, 0, near).counts();
  REQUIRE(answered > 400);
  run_checked(cluster, at(seconds(120)));
  // Nobody was served for 110 s, and nobody has learned anything.
  REQUIRE(reads_on(cluster, near) == answered);
  REQUIRE(reads_on(cluster, far) == 0);
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
  REQUIRE(breaker(cluster, 0, near).counts() == before);
  REQUIRE(total(cluster.world(), Metric::call_breaker_transitions) == 0);
}

TEST_CASE("guards: with a client time-out the breaker trips and reads go to the primary",
          "[models][guards]") {
  ClusterConfig config = readers(per_second(50));
  with_client_timeouts(config);
  config.faults = {lose_replica(FaultKind::node_loss, seconds(10))};
  Cluster cluster = build(config, 1);
  // The first calls of 10 s time out at 11 s. At 50 a second half of the last hundred results have
  // failed after a second more.
  run_checked(cluster, at(seconds(11)));
  REQUIRE(breaker(cluster, 0, near).state() == CallState::closed);
  run_checked(cluster, at(milliseconds(12'500)));
  REQUIRE(breaker(cluster, 0, near).state() == CallState::open);
  const std::int64_t failed = total(cluster.world(), Metric::errors);
  run_checked(cluster, at(seconds(60)));
  // Those under way when it opened still fail, nobody else does, and all read from afar.
  REQUIRE(total(cluster.world(), Metric::errors) - failed < 80);
  REQUIRE(reads_on(cluster, far) > 45 * 40);
  REQUIRE(errors(cluster.world(), ErrorKind::rejected) == 0);
  REQUIRE(breaker(cluster, 0, far).state() == CallState::closed);
}

TEST_CASE("guards: a breaker closes again over its trials", "[models][guards]") {
  ClusterConfig config = readers(per_second(50));
  with_client_timeouts(config);
  config.faults = {lose_replica(FaultKind::crash, seconds(10), seconds(30))};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(breaker(cluster, 0, near).state() == CallState::open);
  // A server that refuses opens it within two seconds; the trials come 60 s later.
  run_checked(cluster, at(seconds(75)));
  REQUIRE(breaker(cluster, 0, near).state() == CallState::closed);
  REQUIRE(total(cluster.world(), Metric::call_breaker_transitions) == 3);
}

TEST_CASE("guards: callers too rare for the minimum never trip", "[models][guards]") {
  ClusterConfig config = readers(per_second(1));
  with_client_timeouts(config);
  config.faults = {lose_replica(FaultKind::node_loss, seconds(20))};
  Cluster cluster = build(config, 1);
  // About 80 calls in all, of which 60 fail: fewer than minimum_calls have ended.
  run_checked(cluster, at(seconds(80)));
  REQUIRE(breaker(cluster, 0, near).counts().calls < 100);
  REQUIRE(breaker(cluster, 0, near).counts().failures > 40);
  REQUIRE(total(cluster.world(), Metric::call_breaker_transitions) == 0);
}

TEST_CASE("guards: breakers of several instances trip at different times", "[models][guards]") {
  ClusterConfig config = readers(per_second(200), 4);
  with_client_timeouts(config);
  config.faults = {lose_replica(FaultKind::node_loss, seconds(10))};
  Cluster cluster = build(config, 1);
  std::set<std::int64_t> opened;
  std::set<std::uint32_t> open;
  for (TimePoint now = at(seconds(10)); now < at(seconds(20)); now = now + milliseconds(1)) {
    advance(cluster, now);
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (breaker(cluster, i, near).state() == CallState::open && open.insert(i).second) {
        opened.insert(now.ns);
      }
    }
  }
  REQUIRE(open.size() == 4);
  REQUIRE(opened.size() >= 3);
}

TEST_CASE("guards: what only the primary can do is rejected when calls to it are",
          "[models][guards]") {
  ClusterConfig config = readers(per_second(20));
  config.policy.call_breaker.mode = CallBreakerMode::forced_open;
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10)));
  const std::int64_t failed = total(cluster.world(), Metric::errors);
  REQUIRE(failed > 100);
  REQUIRE(errors(cluster.world(), ErrorKind::rejected) == failed);
  REQUIRE(cluster.world().statements == 0);
}

TEST_CASE("guards: a replica that refuses is ejected after five failures and comes back at a sweep",
          "[models][guards]") {
  ClusterConfig config = readers(per_second(20));
  config.policy.call_breaker.mode = CallBreakerMode::disabled;
  config.policy.outlier_ejection.enabled = true;
  config.faults = {lose_replica(FaultKind::crash, seconds(15), seconds(10))};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(14)));
  const std::int64_t before = reads_on(cluster, near);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(total(cluster.world(), Metric::ejections) == 1);
  const std::int64_t failed = total(cluster.world(), Metric::errors);
  REQUIRE(failed >= 5);
  REQUIRE(failed < 15);  // five in a row, and those that were under way with them
  REQUIRE(cluster.world().outliers.front().ejected_set() == 1u << near.value);
  // Ejected at 15 s and some; 30 s are over between the sweeps at 40 s and at 50 s.
  run_checked(cluster, at(milliseconds(49'900)));
  REQUIRE(cluster.world().outliers.front().ejected_set() != 0);
  run_checked(cluster, at(seconds(60)));
  REQUIRE(cluster.world().outliers.front().ejected_set() == 0);
  REQUIRE(reads_on(cluster, near) > before + 100);
  REQUIRE(total(cluster.world(), Metric::errors) == failed);
}

TEST_CASE("guards: without them nothing is kept and nothing differs", "[models][guards]") {
  ClusterConfig config = readers(per_second(50));
  config.policy.call_breaker.mode = CallBreakerMode::disabled;
  Cluster without = build(config, 1);
  config.policy.call_breaker.mode = CallBreakerMode::metrics_only;
  Cluster with = build(config, 1);
  run_checked(without, at(seconds(20)));
  run_checked(with, at(seconds(20)));
  REQUIRE(without.world().call_breakers.empty());
  REQUIRE(without.world().outliers.empty());
  // One that only counts changes no event.
  REQUIRE(with.world().scheduler.digest() == without.world().scheduler.digest());
  REQUIRE(breaker(with, 0, near).counts().calls == 100);
}

// Facts sheet, check 16; its twin that needs no world is in tests/policy/call_breaker_test.cpp.
TEST_CASE(
    "facts 16: Breaker with 100-call minimum never opens when fewer calls completed, even if "
    "all hang",
    "[models][facts][guards]") {
  ClusterConfig config = readers(per_second(9));
  without_client_timeouts(config);
  config.faults = {lose_replica(FaultKind::node_loss, seconds(9))};
  Cluster cluster = build(config, 1);
  // About 81 calls are done before the replica vanishes; the 2,600 after them all hang.
  run_checked(cluster, at(seconds(300)));
  REQUIRE(breaker(cluster, 0, near).counts().calls > 50);
  REQUIRE(breaker(cluster, 0, near).counts().calls < 100);
  REQUIRE(breaker(cluster, 0, near).state() == CallState::closed);
  REQUIRE(total(cluster.world(), Metric::call_breaker_transitions) == 0);
}

TEST_CASE("guards: the crash of an application says nothing about its databases",
          "[models][guards]") {
  // A breaker and an ejection as touchy as can be; 200 pages a second meet an app that is down.
  ClusterConfig config = readers(per_second(200));
  with_client_timeouts(config);
  config.policy.call_breaker.minimum_calls = 2;
  config.policy.outlier_ejection.enabled = true;
  config.policy.outlier_ejection.consecutive_failures = 1;
  FaultConfig crash;
  crash.kind = FaultKind::app_crash;
  crash.app = config.apps[0].name;
  crash.at = seconds(20);
  crash.lasts = seconds(5);
  config.faults = {crash};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(21)));
  REQUIRE(errors(cluster.world(), ErrorKind::app_down) > 50);
  REQUIRE(breaker(cluster, 0, near).counts().calls == 0);  // a new process
  run_checked(cluster, at(seconds(60)));
  REQUIRE(errors(cluster.world(), ErrorKind::rejected) == 0);
  REQUIRE(total(cluster.world(), Metric::call_breaker_transitions) == 0);
  REQUIRE(total(cluster.world(), Metric::ejections) == 0);
}

}  // namespace longhaul
