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

}  // namespace longhaul
