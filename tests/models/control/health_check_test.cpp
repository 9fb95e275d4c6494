// What a proxy in front of Patroni takes for the primary: the server whose agent lives and holds
// the leader key, whatever the servers are.

#include "models/control/health_check.h"

#include "models/control/server_view.h"
#include "tests/models/control/managed_worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

ClusterConfig behind_a_proxy(FailoverManager manager) {
  ClusterConfig config = managed(manager);
  config.apps[0].connect.by = FindPrimary::proxy;  // every 3 s, fall 3, rise 2
  return config;
}

bool is_in(const World& world, NodeId node) { return world.proxies[0].servers[node.value].up; }

}  // namespace

TEST_CASE("health_check: patroni: a server promoted beside its dead agent gets nothing",
          "[models][health_check]") {
  // Where nobody holds keys the server itself is asked, and is in after two checks.
  for (const FailoverManager manager : {FailoverManager::patroni, FailoverManager::none}) {
    ClusterConfig config = behind_a_proxy(manager);
    if (manager == FailoverManager::patroni) {
      fault(config, FaultKind::kill_agent, seconds(60), "db-2");
    }
    fault(config, FaultKind::promote, seconds(90), "db-2");
    Cluster cluster = build(config, 1);
    const World& world = cluster.world();
    run_checked(cluster, at(seconds(150)));
    REQUIRE(server_state(world, second) == ServerState::primary);
    REQUIRE(is_in(world, first));
    REQUIRE(is_in(world, second) == (manager == FailoverManager::none));
  }
}

TEST_CASE("health_check: patroni: a primary whose agent is dead is taken out, until the next one",
          "[models][health_check]") {
  // Dead at 60 s. The third check that fails comes 6 to 9 s later; the key expires 20 to 30 s
  // later, the dead agent is asked for 2 s at most, and the second check of the new primary that
  // succeeds comes 3 to 6 s after it has the key, so writes are out for 14 s to 32 s and what the
  // store and a promotion take.
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    ClusterConfig config = behind_a_proxy(FailoverManager::patroni);
    fault(config, FaultKind::kill_agent, seconds(60), "db-1");
    Cluster cluster = build(config, seed);
    World& world = cluster.world();
    advance(cluster, at(milliseconds(65'900)));
    REQUIRE(is_in(world, first));
    advance(cluster, at(milliseconds(69'100)));
    REQUIRE_FALSE(is_in(world, first));
    REQUIRE(server_state(world, first) == ServerState::primary);
    run_checked(cluster, at(seconds(150)));
    REQUIRE_FALSE(is_in(world, first));
    REQUIRE(is_in(world, second) != is_in(world, third));
    REQUIRE(world.control.log.promotions.size() == 1);
    REQUIRE_FALSE(world.control.log.promotions[0].needless);  // nobody's writes went to the old one
    const Duration outage = longest_outage(world, world.now());
    CAPTURE(seed, outage.ns);
    REQUIRE(outage >= seconds(14));
    REQUIRE(outage <= seconds(34));
  }
}

}  // namespace longhaul
