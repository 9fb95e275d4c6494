#include "run/diff.h"

#include "models/event_kinds.h"
#include "run/runner.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

const std::string pause = R"(faults=[{"kind": "pause_replay", "node": "db-eu", "at": "5s"}])";

RunDiff diff_of(const Scenario& a, const Scenario& b, const DiffOptions& options = {}) {
  return diff_runs(build_run(a, 1), build_run(b, 1), options);
}

}  // namespace

TEST_CASE("diff: equal runs agree to the end and have the run's digest", "[run][diff]") {
  const Scenario scenario = load_tiny();
  const RunDiff diff = diff_of(scenario, scenario);
  const RunResult result = run(scenario, 1);
  REQUIRE(!diff.differ);
  REQUIRE(diff.events == result.events);
  REQUIRE(diff.digest == result.digest);
}

TEST_CASE("diff: a fault in one of them is the first difference", "[run][diff]") {
  const Scenario a = load_tiny();
  const Scenario b = load_tiny({pause});
  const RunDiff diff = diff_of(a, b, {.before = 4, .after = 2});
  REQUIRE(diff.differ);
  REQUIRE(diff.shared.size() == 4);
  REQUIRE(diff.a.size() == 2);
  REQUIRE(diff.b.size() == 2);
  // The fault begins at 5 s; everything before that is the same in both.
  REQUIRE(diff.b[0].event.at == TimePoint{} + seconds(5));
  REQUIRE(diff.b[0].event.kind == static_cast<std::uint16_t>(EventKind::fault_begins));
  REQUIRE(diff.b[0].number == diff.events + 1);
  REQUIRE(diff.shared.back().number == diff.events);
  REQUIRE(diff.shared.back().event.at < diff.b[0].event.at);
  // What B does next is what A does instead.
  REQUIRE(diff.a[0].event.at == diff.b[1].event.at);
  REQUIRE(diff.a[0].event.kind == diff.b[1].event.kind);
  const Cluster world = build_run(b, 1);
  REQUIRE(event_text(*world.world().plan, {17, diff.b[0].event}) ==
          "17 at 5.000000000s  fault_begins of faults[0]  generation 0, argument 0x0");
}

TEST_CASE("diff: the shorter run ends and the longer goes on", "[run][diff]") {
  const RunDiff diff = diff_of(load_tiny({"duration=10s"}), load_tiny());
  REQUIRE(diff.differ);
  REQUIRE(diff.a.empty());
  REQUIRE(diff.b.size() == 3);
  REQUIRE(diff.b[0].event.at > TimePoint{} + seconds(10));
}

TEST_CASE("diff: it can be interrupted", "[run][diff]") {
  const Scenario scenario = load_tiny();
  REQUIRE(diff_of(scenario, scenario, {.go_on = [](TimePoint) { return false; }}).interrupted);
}

TEST_CASE("diff: targets have names", "[run][diff]") {
  const Cluster cluster = build_run(load_tiny({"topology.apps.app-eu.instances=2"}), 1);
  const Plan& plan = *cluster.world().plan;
  REQUIRE(target_text(plan, target(NodeId{1})) == "db-eu");
  REQUIRE(target_text(plan, target(InstanceId{0})) == "app-us/0");
  REQUIRE(target_text(plan, target(InstanceId{2})) == "app-eu/1");
  REQUIRE(target_text(plan, target(SessionId{9})) == "session eu/9");
  REQUIRE(target_text(plan, target(TargetKind::fault, 3)) == "faults[3]");
}

TEST_CASE("diff: changed parameters go by their paths", "[run][diff]") {
  const Scenario a = load_tiny();
  const Scenario b = load_tiny({"workload.eu.rate=30/s", "topology.nodes.db-eu.zone=b", pause});
  std::vector<std::string> changes;
  for (const ChangedParameter& change : changed_parameters(a.config, b.config)) {
    changes.push_back(change.path + ": " + change.a + " > " + change.b);
  }
  REQUIRE(changes.size() == 3);
  REQUIRE(changes[0] == "topology.nodes.db-eu.zone: a > b");
  REQUIRE(changes[1] == "workload.eu.rate: 20/s > 30/s");
  REQUIRE(changes[2].substr(0, 15) == "faults[0]:  > {");
  REQUIRE(changed_parameters(a.config, a.config).empty());
}

}  // namespace longhaul
