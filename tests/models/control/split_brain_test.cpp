// A primary whose host stands still while another is promoted: it is no second primary until it
// goes on.
#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

namespace {

struct Split {
  std::int64_t needless = 0;
  Histogram lasted;
};

// Patroni at its defaults promotes another 20 to 34 s after the first stall, and a run lasts 300 s.
// The agent of db-1 dies with its host asleep, so nobody stops the server when it goes on.
Split after(const std::vector<std::pair<Duration, Duration>>& stalls) {
  ClusterConfig config = managed(FailoverManager::patroni);
  for (const auto& [when, lasts] : stalls) fault(config, FaultKind::vm_stall, when, "db-1", lasts);
  fault(config, FaultKind::kill_agent, stalls.front().first + seconds(1), "db-1");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(config.duration));
  cluster.finish();
  REQUIRE(world.control.log.promotions.size() == 1);
  return {total(world, Metric::needless_failovers), all(world, Metric::split_brain_duration)};
}

}  // namespace

TEST_CASE("split_brain: a primary that stands still to the end is none", "[models][split_brain]") {
  const Split split = after({{seconds(60), minutes(10)}});
  REQUIRE(split.needless == 0);
  REQUIRE(split.lasted.count() == 0);
}

TEST_CASE("split_brain: a primary that goes on is a second one from then on",
          "[models][split_brain]") {
  // From 120 s to 300 s.
  const Split split = after({{seconds(60), seconds(60)}});
  REQUIRE(split.needless == 0);
  REQUIRE(split.lasted.count() == 1);
  REQUIRE(split.lasted.max() == seconds(180).ns);
}

TEST_CASE("split_brain: stalls that overlap are left out once", "[models][split_brain]") {
  // 60 s to 120 s in three stalls, and 200 s to 210 s: 180 s less 10 s.
  const Split split = after({{seconds(60), seconds(30)},
                             {seconds(70), seconds(10)},
                             {seconds(85), seconds(35)},
                             {seconds(200), seconds(10)}});
  REQUIRE(split.lasted.count() == 1);
  REQUIRE(split.lasted.max() == seconds(170).ns);
}

}  // namespace longhaul
