// Random worlds: that they are what they say they are, that the judge judges, and that a handful of
// them do nothing that must never happen. Many: ctest -R chaos.

#include <map>

#include "run/chaos_judge.h"
#include "run/chaos_report.h"
#include "run/report.h"
#include "run/shrink.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

ScenarioConfig promised() {
  ScenarioConfig config = load_tiny().config;
  FailoverConfig& failover = config.policy.failover;
  failover.manager = FailoverManager::patroni;
  failover.patroni.synchronous_mode = PatroniSync::quorum;
  failover.patroni.synchronous_mode_strict = true;
  failover.patroni.watchdog = {WatchdogMode::required, true, seconds(5)};
  return config;
}

FaultConfig fault(FaultKind kind, const std::string& node = "db-us") {
  FaultConfig result;
  result.kind = kind;
  result.node = node;
  result.at = seconds(5);
  return result;
}

}  // namespace

TEST_CASE("chaos: each kind of fault that there is happens, in scenarios that are valid",
          "[run][chaos]") {
  std::map<FaultKind, int> happened;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    const Result<Scenario> scenario = chaos_scenario(seed);
    if (!scenario)
      FAIL(scenario.errors().front().path << ": " << scenario.errors().front().expected);
    for (const FaultKind kind : chaos_kinds(seed)) {
      const auto& faults = scenario.value().config.faults;
      REQUIRE(std::any_of(faults.begin(), faults.end(),
                          [kind](const FaultConfig& fault) { return fault.kind == kind; }));
      happened[kind] += 1;
    }
    REQUIRE(healed_at(scenario.value().config) <= chaos_heals);
  }
  // 300 seeds with 2.5 kinds each: some twenty of every kind.
  for (const FaultKind kind : all_fault_kinds()) {
    INFO(enum_text(kind));
    REQUIRE(happened[kind] > 5);
  }
}

// One seed in ten has the pair, with four stalls in three worlds. Half of them outlast the ttl of
// some 25 s, if they begin by 75 s of 15 to 90 s: 600 / 10 * 4 / 3 * 1 / 2 * 4 / 5 = 32.
TEST_CASE("chaos: hosts stall for longer than a lease beside cut links", "[run][chaos]") {
  int worlds = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    const ScenarioConfig config = chaos_config(seed);
    const Duration ttl = config.policy.failover.patroni.ttl;
    const auto has = [&](FaultKind kind, Duration at_least) {
      return std::any_of(config.faults.begin(), config.faults.end(), [&](const FaultConfig& each) {
        return each.kind == kind && each.lasts.value_or(Duration{}) > at_least;
      });
    };
    worlds += has(FaultKind::vm_stall, ttl) && has(FaultKind::cut_link, Duration{}) ? 1 : 0;
  }
  REQUIRE(worlds > 16);
  REQUIRE(worlds < 64);
}

TEST_CASE("chaos: a seed is one world", "[run][chaos]") {
  const ChaosOutcome once = run_chaos(7);
  const ChaosOutcome again = run_chaos(7);
  REQUIRE(once.events > 10'000);
  REQUIRE(once.digest == again.digest);
  REQUIRE(chaos_config(7) == chaos_config(7));
  REQUIRE_FALSE(chaos_config(7) == chaos_config(8));
}

TEST_CASE("chaos: a world is outside of the promise by what it does without", "[run][chaos]") {
  const auto broken = [](const ScenarioConfig& config) { return broken_assumptions(config); };
  REQUIRE(broken(promised()) == 0);
  ScenarioConfig config = promised();
  config.postgres.synchronous_commit = SynchronousCommit::remote_write;
  REQUIRE(broken(config) == bit(Assumption::synchronous_commit));
  config = promised();
  config.policy.failover.patroni.watchdog.device = false;
  REQUIRE(broken(config) == bit(Assumption::watchdog));
  config = promised();
  config.policy.failover.patroni.synchronous_mode_strict = false;
  REQUIRE(broken(config) == bit(Assumption::strict_quorum));
  config = promised();
  config.faults = {fault(FaultKind::promote, "db-eu")};
  REQUIRE(broken(config) == bit(Assumption::no_promotion_by_hand));
  // Patroni does as it is told, and by quorum it asks nobody about whom a switchover names.
  config.faults = {fault(FaultKind::failover, "db-eu")};
  REQUIRE(broken(config) == bit(Assumption::no_promotion_by_hand));
  config.faults = {fault(FaultKind::switchover, "db-eu")};
  config.policy.failover.patroni.synchronous_mode = PatroniSync::on;
  REQUIRE(broken(config) == 0);
  config.policy.failover.patroni.synchronous_mode = PatroniSync::quorum;
  REQUIRE(broken(config) == bit(Assumption::no_promotion_by_hand));
  config = promised();
  config.faults = {fault(FaultKind::cancel_waits)};
  REQUIRE(broken(config) == bit(Assumption::no_cancelled_wait));
  // One copy may be lost for good, for each commit has two.
  config.faults = {fault(FaultKind::node_loss)};
  REQUIRE(broken(config) == 0);
  config.faults.push_back(fault(FaultKind::node_loss, "db-eu"));
  REQUIRE(broken(config) == bit(Assumption::enough_copies));
  config.faults.back().lasts = seconds(1);
  REQUIRE(broken(config) == 0);
  config = promised();
  config.policy.failover.manager = FailoverManager::repmgr;
  REQUIRE((broken(config) & bit(Assumption::fencing_manager)) != 0);
}

TEST_CASE("chaos: nothing happens that must never happen", "[run][chaos]") {
  std::vector<ChaosOutcome> outcomes;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) outcomes.push_back(run_chaos(seed));
  INFO(chaos_text(outcomes, false));
  REQUIRE(chaos_holds(outcomes));
}

TEST_CASE("shrink: what does not matter goes, what matters stays", "[run][shrink]") {
  ScenarioConfig config = load_tiny().config;
  config.faults = {fault(FaultKind::crash), fault(FaultKind::node_loss, "db-eu"),
                   fault(FaultKind::checkpoint)};
  config.faults[1].at = milliseconds(12'345);
  config.faults[1].lasts = milliseconds(2'345);
  config.postgres.wal_log_hints = true;
  // It goes wrong as long as a host is lost.
  const Shrunk shrunk = shrink(config, [](const Scenario& scenario) {
    return std::any_of(scenario.config.faults.begin(), scenario.config.faults.end(),
                       [](const FaultConfig& each) { return each.kind == FaultKind::node_loss; });
  });
  REQUIRE(shrunk.complete);
  REQUIRE(shrunk.faults == 1);
  REQUIRE(shrunk.tries < 200);
  const Result<Scenario> small = load_scenario(
      "small.json", {}, [&](const std::string&) -> Result<std::string> { return shrunk.text; });
  REQUIRE(small);
  const ScenarioConfig& left = small.value().config;
  REQUIRE(left.faults.size() == 1);
  REQUIRE(left.faults[0].kind == FaultKind::node_loss);
  REQUIRE(left.faults[0].at <= seconds(20));
  REQUIRE(left.faults[0].lasts.has_value());  // what lasts for ever is another failure
  REQUIRE(*left.faults[0].lasts <= seconds(10));
  REQUIRE_FALSE(left.postgres.wal_log_hints);
  REQUIRE(left.topology.apps.size() == 1);
  REQUIRE(left.topology.nodes.size() <= 2);
}

namespace {

// Three servers in one region under Patroni, and one writer.
Scenario patroni_world(const std::string& end_of_recovery, const std::string& patroni,
                       const std::string& faults) {
  const std::string text = R"json({
    "format": 1, "name": "world", "purpose": "What is left of a random world.",
    "duration": "4min",
    "topology": {
      "regions": ["aws:us-east-2"],
      "nodes": [{"name": "db-1", "region": "aws:us-east-2", "role": "primary"},
                {"name": "db-2", "region": "aws:us-east-2", "role": "replica", "follows": "db-1"},
                {"name": "db-3", "region": "aws:us-east-2", "role": "replica", "follows": "db-1"}],
      "apps": [{"name": "app-1", "region": "aws:us-east-2"}],
      "lease_store": {"members": [{"name": "etcd-1", "region": "aws:us-east-2"}]}
    },
    "postgres": {"end_of_recovery": ")json" +
                           end_of_recovery + R"json("},
    "data": [{"name": "orders"}],
    "policy": {"failover": {"manager": "patroni", "patroni": )json" +
                           patroni + R"json(}},
    "workload": [{"name": "users-app-1", "from": "aws:us-east-2", "think": "uniform(200ms, 1s)",
                  "pages": [{"name": "save", "calls": [{"write": "orders"}]}]}],
    "faults": )json" + faults +
                           R"json(, "expect": {}})json";
  const ReadText read = [&](const std::string&) -> Result<std::string> { return text; };
  return load_scenario("world.json", {}, read).value();
}

}  // namespace

// The key runs out 10 to 20 s after the host, somebody has it within a round of 2 s and a poll of
// 2 s, and a promotion takes 20 s: 60 s is in the middle of it, whoever it is.
TEST_CASE("chaos: Patroni does not repeat a promotion that a crash cut short", "[run][chaos]") {
  const Scenario scenario = patroni_world("20s", R"json({"ttl": "20s", "loop_wait": "2s"})json",
                                          R"json([
    {"kind": "node_loss", "at": "35s", "node": "db-1"},
    {"kind": "backend_crash", "at": "60s", "node": "db-2"},
    {"kind": "backend_crash", "at": "60s", "node": "db-3"}])json");
  const ChaosOutcome outcome = judge_chaos(scenario, 1);
  REQUIRE(outcome.violation == Violation::none);
  REQUIRE(outcome.waits_for.find("a crash cut a promotion short") != std::string::npos);
}

// db-2 is promoted by hand before db-1 has its key, writes for seconds and cannot be brought back.
// Then db-1 stops for the switchover. db-3 may be promoted and is behind db-2, which may not be.
TEST_CASE("chaos: a pending switchover waits for members that are not synchronous",
          "[run][chaos]") {
  const Scenario scenario = patroni_world("50ms", R"json({"synchronous_mode": "quorum"})json",
                                          R"json([
    {"kind": "promote", "at": "5s", "node": "db-2", "others_follow": false},
    {"kind": "switchover", "at": "10s"}])json");
  const ChaosOutcome outcome = judge_chaos(scenario, 2);
  REQUIRE(outcome.violation == Violation::none);
  REQUIRE(outcome.waits_for.find("who is not synchronous holds") != std::string::npos);
}

// A backend of the old primary crashed with commits that were not flushed: the log was cut off, and
// its last stretch counted fewer records than the replica had replayed already.
TEST_CASE("chaos: a log that was cut off is replayed to its end", "[run][chaos]") {
  const std::string text = R"json({
    "format": 1, "name": "cut_log", "purpose": "What is left of a random world.",
    "duration": "2min",
    "topology": {
      "regions": ["aws:us-east-2"],
      "nodes": [{"name": "db-1", "region": "aws:us-east-2", "role": "primary"},
                {"name": "db-2", "region": "aws:us-east-2", "role": "replica", "follows": "db-1"}],
      "apps": [{"name": "app-1", "region": "aws:us-east-2", "connect": {"by": "dns"}}],
      "lease_store": {"members": [{"name": "etcd-1", "region": "aws:us-east-2"}]}
    },
    "postgres": {"synchronous_commit": "off"},
    "data": [{"name": "orders"}],
    "policy": {"failover": {"manager": "patroni",
                            "patroni": {"loop_wait": "6s", "primary_start_timeout": "0s"}}},
    "workload": [{"name": "users-app-1", "from": "aws:us-east-2", "think": "uniform(200ms, 1s)",
                  "pages": [{"name": "save", "calls": [{"write": "orders"}]}]}],
    "faults": [{"kind": "backend_crash", "at": "50.6s", "node": "db-1"}],
    "expect": {}
  })json";
  const ReadText read = [&](const std::string&) -> Result<std::string> { return text; };
  const Scenario scenario = load_scenario("cut_log.json", {}, read).value();
  const ChaosOutcome outcome = judge_chaos(scenario, 5630);
  REQUIRE(outcome.violation == Violation::none);
}

}  // namespace longhaul
