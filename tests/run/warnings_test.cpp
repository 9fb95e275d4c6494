#include "models/build.h"
#include "run/validate.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

// How many warnings begin with `path`.
std::size_t about(const ScenarioConfig& config, const std::string& path) {
  std::size_t count = 0;
  for (const std::string& warning : warnings_of(config, ClusterConfig{})) {
    count += warning.rfind(path, 0) == 0 ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("warnings: a weight that nothing looks at", "[run][warnings]") {
  ScenarioConfig config;
  config.topology.nodes.emplace_back().name = "db-eu";
  REQUIRE(about(config, "topology.nodes.db-eu.weight") == 0);
  config.topology.nodes[0].weight = 3;
  REQUIRE(about(config, "topology.nodes.db-eu.weight") == 1);
  config.policy.router.balance = Balance::by_weight;
  REQUIRE(about(config, "topology.nodes.db-eu.weight") == 0);
}

TEST_CASE("warnings: a class that probes cannot vouch for", "[run][warnings]") {
  ScenarioConfig config;
  config.workload.emplace_back().name = "eu";
  config.workload[0].pages.emplace_back().name = "cart";
  const auto warned = [&config](Duration max_staleness) {
    config.workload[0].pages[0].max_staleness = max_staleness;
    return about(config, "workload.eu.pages.cart.max_staleness");
  };
  // Probes come every second.
  REQUIRE(warned(milliseconds(999)) == 1);
  REQUIRE(warned(seconds(1)) == 0);
  REQUIRE(warned(Duration{0}) == 0);  // never stale asks no probe
}

TEST_CASE("warnings: a call of a version that no app reaches", "[run][warnings]") {
  ScenarioConfig config;
  config.topology.apps.emplace_back().name = "app-eu";
  config.workload.emplace_back().name = "eu";
  config.workload[0].pages.emplace_back().name = "view";
  config.workload[0].pages[0].calls.emplace_back().from_version = 2;
  const std::string path = "workload.eu.pages.view.calls[0].from_version";
  REQUIRE(about(config, path) == 1);
  FaultConfig deploy;
  deploy.kind = FaultKind::deploy;
  deploy.app = "app-eu";
  config.faults.push_back(deploy);
  REQUIRE(about(config, path) == 0);
  config.workload[0].pages[0].calls[0].from_version = 3;
  REQUIRE(about(config, path) == 1);
}

TEST_CASE("warnings: what stands beside a rule that does not look at it", "[run][warnings]") {
  ScenarioConfig config;
  FreshnessConfig& freshness = config.policy.freshness;
  const auto warned = [&](FreshnessRule rule, const std::string& what) {
    freshness.rule = rule;
    return about(config, "policy.freshness." + what + ": counts only with");
  };
  using enum FreshnessRule;
  REQUIRE(warned(lsn_token, "") == 0);  // the defaults
  REQUIRE(warned(none, "") == 0);
  freshness.pin = seconds(2);
  REQUIRE(warned(lsn_token, "pin") == 1);
  REQUIRE(warned(pin_after_write, "pin") == 0);
  freshness.wait = seconds(2);
  REQUIRE(warned(gitlab_sticking, "wait") == 1);
  REQUIRE(warned(lsn_token, "wait") == 0);
  REQUIRE(warned(wait_for_replay, "wait") == 0);
  freshness.margin = seconds(2);
  REQUIRE(warned(lsn_token, "margin") == 1);
  REQUIRE(warned(replica_age, "margin") == 0);
  freshness.wait_for = WaitFor::all;
  REQUIRE(warned(lsn_token, "wait_for") == 1);
  REQUIRE(warned(wait_for_replay, "wait_for") == 0);
}

TEST_CASE("warnings: a store in which no token is kept", "[run][warnings]") {
  ScenarioConfig config;
  FreshnessConfig& freshness = config.policy.freshness;
  const std::string path = "policy.freshness.store.kind";
  REQUIRE(about(config, path) == 0);
  freshness.store.kind = TokenPlace::shared;
  REQUIRE(about(config, path) == 1);
  freshness.rule = FreshnessRule::lsn_token;
  REQUIRE(about(config, path) == 0);
  freshness.rule = FreshnessRule::none;
  freshness.store.kind = TokenPlace::cookie;
  freshness.monotonic_reads = true;
  REQUIRE(about(config, path) == 0);
}

TEST_CASE("warnings: a budget of retries that nobody makes", "[run][warnings]") {
  ScenarioConfig config;
  config.policy.retries.budget = RetryBudgetConfig{};
  config.policy.retries.in_doubt = true;
  REQUIRE(about(config, "policy.retries.budget") == 1);
  REQUIRE(about(config, "policy.retries.in_doubt") == 1);
  config.policy.retries.attempts = 2;
  REQUIRE(about(config, "policy.retries") == 0);
}

TEST_CASE("warnings: a second invalidation without a first", "[run][warnings]") {
  ScenarioConfig config;
  config.caches.second_delete = seconds(1);
  REQUIRE(about(config, "caches.second_delete") == 0);
  config.caches.invalidation = Invalidation::none;
  REQUIRE(about(config, "caches.second_delete") == 1);
}

TEST_CASE("warnings: a cached call far from every cache", "[run][warnings]") {
  ScenarioConfig config;
  const auto app_in = [&config](const std::string& name, const std::string& region) {
    config.topology.apps.emplace_back().name = name;
    config.topology.apps.back().region = region;
  };
  app_in("app-eu", "aws:eu-west-1");
  app_in("app-us", "aws:us-east-1");
  config.topology.caches.emplace_back().region = "aws:us-east-1";
  PopulationConfig& users = config.workload.emplace_back();
  users.name = "eu";
  users.from = "aws:eu-west-1";
  users.pages.emplace_back().name = "home";
  users.pages[0].calls.emplace_back().cached = true;
  const auto warned = [&](const std::string& enters) {
    users.enters = enters;
    return about(config, "workload.eu.pages.home.calls[0].cached");
  };
  REQUIRE(warned("nearest") == 1);  // the app beside them, where no cache is
  REQUIRE(warned("app-eu") == 1);
  REQUIRE(warned("app-us") == 0);
  REQUIRE(warned("latency_dns") == 0);  // some may enter by app-us
  config.topology.caches[0].region = "aws:eu-west-1";
  REQUIRE(warned("nearest") == 0);
  REQUIRE(warned("app-us") == 1);
}

TEST_CASE("warnings: PgBouncer has a pool of its own", "[run][warnings]") {
  ScenarioConfig config;
  AppConfig& app = config.topology.apps.emplace_back();
  app.name = "app-eu";
  app.pool.size = 7;
  REQUIRE(about(config, "topology.apps.app-eu.pool") == 0);
  app.pgbouncer.emplace();
  REQUIRE(about(config, "topology.apps.app-eu.pool") == 1);
  app.pool.size = PoolConfig{}.size;
  REQUIRE(about(config, "topology.apps.app-eu.pool") == 0);
}

TEST_CASE("warnings: time-outs below those that Patroni runs with", "[run][warnings]") {
  ScenarioConfig config;
  PatroniConfig& patroni = config.policy.failover.patroni;
  patroni.loop_wait = milliseconds(500);
  patroni.retry_timeout = seconds(2);
  patroni.ttl = seconds(19);
  const std::string path = "policy.failover.patroni.";
  REQUIRE(about(config, path) == 0);  // another manager
  config.policy.failover.manager = FailoverManager::patroni;
  for (const std::string name : {"ttl", "loop_wait", "retry_timeout"}) {
    REQUIRE(about(config, path + name) == 1);
  }
  patroni = {.ttl = seconds(20), .loop_wait = seconds(1), .retry_timeout = seconds(3)};
  REQUIRE(about(config, path) == 0);
}

TEST_CASE("warnings: a watchdog that is required and not there", "[run][warnings]") {
  ScenarioConfig config;
  config.policy.failover.manager = FailoverManager::patroni;
  PatroniWatchdog& watchdog = config.policy.failover.patroni.watchdog;
  const std::string path = "policy.failover.patroni.watchdog";
  REQUIRE(about(config, path) == 0);  // automatic: without
  watchdog.mode = WatchdogMode::required;
  REQUIRE(about(config, path) == 1);
  watchdog.device = true;
  REQUIRE(about(config, path) == 0);
}

TEST_CASE("warnings: nobody may be promoted", "[run][warnings]") {
  ScenarioConfig config;
  config.topology.nodes.resize(3);
  config.topology.nodes[0].role = NodeRole::primary;
  config.topology.nodes[1].role = config.topology.nodes[2].role = NodeRole::replica;
  const std::string path = "topology.nodes: every standby";
  config.topology.nodes[1].failover.nofailover = true;
  config.policy.failover.manager = FailoverManager::patroni;
  REQUIRE(about(config, path) == 0);
  config.topology.nodes[2].failover.priority = 0;
  REQUIRE(about(config, path) == 1);
  config.policy.failover.manager = FailoverManager::none;
  REQUIRE(about(config, path) == 0);
}

TEST_CASE("warnings: synchronous commits that Patroni's settings do not give", "[run][warnings]") {
  ScenarioConfig config;
  config.policy.failover.manager = FailoverManager::patroni;
  PatroniConfig& patroni = config.policy.failover.patroni;
  const std::string path = "policy.failover.patroni.synchronous_";
  patroni.synchronous_mode_strict = true;
  config.postgres.synchronous_standby_names = "*";
  config.postgres.synchronous_commit = SynchronousCommit::local;
  patroni.synchronous_node_count = 2;
  config.topology.nodes.resize(2);
  config.topology.nodes[0].role = NodeRole::primary;
  config.topology.nodes[1].role = NodeRole::replica;
  REQUIRE(about(config, path) == 1);  // strict alone
  REQUIRE(about(config, "postgres.synchronous_") == 0);
  patroni.synchronous_mode = PatroniSync::on;
  REQUIRE(about(config, path) == 1);  // two of one
  REQUIRE(about(config, path + "node_count") == 1);
  REQUIRE(about(config, "postgres.synchronous_") == 2);
  config.postgres.synchronous_standby_names.clear();
  config.postgres.synchronous_commit = SynchronousCommit::on;
  config.topology.nodes.push_back(config.topology.nodes[1]);
  REQUIRE(about(config, path) == 0);
  REQUIRE(about(config, "postgres.synchronous_") == 0);
  config.topology.nodes[2].failover.nosync = true;
  REQUIRE(about(config, path + "node_count") == 1);
}

TEST_CASE("warnings: a lease store that does not survive what it is for", "[run][warnings]") {
  const std::string path = "topology.lease_store.members";
  const auto warned = [&path](const std::vector<std::string>& regions) {
    ScenarioConfig config;
    config.topology.regions = {"a", "b", "c"};
    config.topology.lease_store.emplace();
    for (const std::string& region : regions) {
      const std::string name = "m" + std::to_string(config.topology.lease_store->members.size());
      config.topology.lease_store->members.push_back({name, region, "a"});
    }
    return about(config, path);
  };
  REQUIRE(warned({"a", "b", "c"}) == 0);
  REQUIRE(warned({"a", "a", "b"}) == 1);       // without a
  REQUIRE(warned({"a", "a", "b", "b"}) == 3);  // an even number; without a, without b
  REQUIRE(warned({"a", "a", "b", "b", "c"}) == 0);
  REQUIRE(warned({"a", "a", "a"}) == 2);  // without a; all in one zone
}

}  // namespace longhaul
