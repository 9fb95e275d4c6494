#include "models/control/commands.h"

#include <array>
#include <vector>

#include "models/net/messages.h"
#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

namespace {

// There and back: to db-2 at 60 s, home at 150 s; everything is read off at the end.
struct Tour {
  Duration outage;
  std::size_t lost = 0;
  std::size_t promotions = 0;
  bool was_there = false;
  bool is_home = false;
  bool all_follow = false;
};

Tour there_and_back(ClusterConfig config, Duration back_at = seconds(150)) {
  fault(config, FaultKind::switchover, seconds(60), "db-2");
  fault(config, FaultKind::failback, back_at);
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(back_at));
  Tour tour;
  tour.was_there = world.node(second).is_primary && streams_from(world, first, second) &&
                   streams_from(world, third, second);
  run_checked(cluster, at(config.duration));
  tour.is_home = world.node(first).is_primary && !world.node(second).is_primary;
  tour.all_follow = streams_from(world, second, first) && streams_from(world, third, first);
  tour.outage = longest_outage(world, world.now());
  tour.lost = lost_commits(world).size();
  tour.promotions = world.control.log.promotions.size();
  return tour;
}

void check(const Tour& tour) {
  REQUIRE(tour.was_there);
  REQUIRE(tour.is_home);
  REQUIRE(tour.all_follow);
  REQUIRE(tour.lost == 0);
  REQUIRE(tour.promotions == 2);
}

}  // namespace

TEST_CASE("commands: patroni: a planned switchover and home again lose nothing",
          "[models][commands]") {
  // Stop in order, release the key, the watch wakes the others, one polls, takes the key and
  // promotes: some round trips of 20 ms and a promotion. What is left is the two seconds' rest of
  // the old leader, which does not keep the new one: facts 83, a gap of 2 to 10 s.
  const Tour tour = there_and_back(managed(FailoverManager::patroni));
  check(tour);
  INFO(tour.outage.ns);
  REQUIRE(tour.outage < seconds(10));
}

TEST_CASE("commands: manual_runbook: a planned switchover and home again lose nothing",
          "[models][commands]") {
  // Ten seconds a step; writes stop when the old primary stops and come back when clients have
  // moved: promote, repoint and move lie in between.
  ClusterConfig config = managed(FailoverManager::manual_runbook);
  steps_take(config.policy.failover.manual_runbook, seconds(10));
  const Tour tour = there_and_back(config);
  check(tour);
  INFO(tour.outage.ns);
  REQUIRE(tour.outage < seconds(35));
}

TEST_CASE("commands: managed: a planned switchover and home again lose nothing",
          "[models][commands]") {
  ClusterConfig config = managed(FailoverManager::managed);
  config.policy.failover.managed.operate = {seconds(10), seconds(10), seconds(10)};
  config.policy.failover.managed.endpoint = {seconds(1), seconds(1), seconds(1)};
  const Tour tour = there_and_back(config);
  check(tour);
  INFO(tour.outage.ns);
  REQUIRE(tour.outage < seconds(20));
}

TEST_CASE("commands: a pause lasts as long as it lasts", "[models][commands]") {
  // The primary's host is gone at 60 s and the pause over at 150 s. Its key has long expired then:
  // somebody is promoted within a round and a poll, 15 s.
  ClusterConfig config = managed(FailoverManager::patroni);
  fault(config, FaultKind::pause_failover, seconds(30), {}, seconds(120));
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(150)));
  REQUIRE(world.control.log.promotions.empty());
  run_checked(cluster, at(seconds(165)));
  REQUIRE(world.control.log.promotions.size() == 1);
}

TEST_CASE("commands: the pause of a controller", "[models][commands]") {
  const FailoverManager manager = GENERATE(
      FailoverManager::first_to_answer, FailoverManager::manual_runbook, FailoverManager::managed,
      FailoverManager::pg_auto_failover, FailoverManager::consensus_without_fencing);
  CAPTURE(static_cast<int>(manager));
  ClusterConfig config = managed(manager, minutes(12));
  steps_take(config.policy.failover.manual_runbook, seconds(5));
  config.policy.failover.manual_runbook.alarm.failures = 1;
  fault(config, FaultKind::pause_failover, seconds(30), {}, minutes(6));
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(minutes(6)));
  REQUIRE(world.control.log.promotions.empty());
  run_checked(cluster, at(minutes(12)));
  REQUIRE(world.control.log.promotions.size() == 1);
}

TEST_CASE("commands: repmgr: who was paused stays degraded until a promotion is ordered",
          "[models][commands]") {
  ClusterConfig config = managed(FailoverManager::repmgr, minutes(12));
  fault(config, FaultKind::pause_failover, seconds(30), {}, minutes(6));
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  fault(config, FaultKind::failover, minutes(8), "db-3");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(minutes(8)));
  REQUIRE(world.control.log.promotions.empty());
  run_checked(cluster, at(minutes(12)));
  REQUIRE(world.control.log.promotions.size() == 1);
  REQUIRE(world.node(third).is_primary);
  REQUIRE(streams_from(world, second, third));
}

TEST_CASE("commands: repmgr: a planned switchover and home again lose nothing",
          "[models][commands]") {
  const Tour tour = there_and_back(managed(FailoverManager::repmgr));
  check(tour);
  INFO(tour.outage.ns);
  REQUIRE(tour.outage < seconds(10));
}

TEST_CASE("commands: pg_auto_failover: a planned switchover and home again lose nothing",
          "[models][commands]") {
  // Draining, reports of all positions, fetching what another has, promotion and the old primary's
  // stop: some ticks of the keepers, one second each.
  // It forces wal_log_hints and wal_keep_size 8 GB (facts 85).
  ClusterConfig config = managed(FailoverManager::pg_auto_failover);
  config.postgres.wal_log_hints = true;
  config.postgres.wal_keep_size = mebibytes(8192);
  const Tour tour = there_and_back(config);
  check(tour);
  INFO(tour.outage.ns);
  REQUIRE(tour.outage < seconds(20));
}

TEST_CASE("commands: frozen from the start, until an operator resumes", "[models][commands]") {
  const FailoverManager manager =
      GENERATE(FailoverManager::patroni, FailoverManager::first_to_answer,
               FailoverManager::manual_runbook, FailoverManager::managed,
               FailoverManager::pg_auto_failover, FailoverManager::consensus_without_fencing);
  CAPTURE(static_cast<int>(manager));
  ClusterConfig config = managed(manager, minutes(12));
  config.policy.failover.guards.frozen = true;
  steps_take(config.policy.failover.manual_runbook, seconds(5));
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  fault(config, FaultKind::resume_failover, minutes(6));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(minutes(6)));
  REQUIRE(world.control.log.promotions.empty());
  run_checked(cluster, at(minutes(12)));
  REQUIRE(world.control.log.promotions.size() == 1);
}

TEST_CASE("commands: a failover by name does not ask the primary", "[models][commands]") {
  // db-1 is well; the runbook fences it, which here it cannot, and promotes db-3 all the same.
  ClusterConfig config = managed(FailoverManager::manual_runbook);
  steps_take(config.policy.failover.manual_runbook, seconds(5));
  config.policy.failover.manual_runbook.fences = false;
  fault(config, FaultKind::failover, seconds(60), "db-3");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  advance(cluster, at(minutes(3)));
  REQUIRE(world.node(third).is_primary);
  REQUIRE(world.node(first).is_primary);  // two of them
  REQUIRE(world.control.log.promotions.at(0).reason == FailoverReason::most_advanced);
}

TEST_CASE("commands: an operator's terminal dies with the old primary stopped",
          "[models][commands]") {
  // At 60 s the check, at 70 s the stop, at 80 s it is over and nobody promotes. The alarm sees an
  // outage after three minutes, and the runbook begins anew: acknowledge, decide, check, fence,
  // promote, repoint and move take 70 s more.
  ClusterConfig config = managed(FailoverManager::manual_runbook, minutes(10));
  steps_take(config.policy.failover.manual_runbook, seconds(10));
  fault(config, FaultKind::switchover, seconds(60), "db-2").stops_after = OperatorStep::stop_old;
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  advance(cluster, at(seconds(240)));
  REQUIRE(world.node(first).liveness == Liveness::stopped);
  REQUIRE_FALSE(world.node(second).is_primary);
  REQUIRE(was_refused(world, FailoverReason::rejected));
  advance(cluster, at(minutes(10)));
  REQUIRE(world.control.log.promotions.size() == 1);
  const Duration outage = longest_outage(world, world.now());
  INFO(outage.ns);
  REQUIRE(outage > minutes(3));
  REQUIRE(outage < minutes(6));
}

TEST_CASE("commands: an operator's terminal dies with the new primary promoted",
          "[models][commands]") {
  // Clients that ask for the primary's name are left with the old one, which is stopped: nothing is
  // written from about 70 s to the end at 240 s. With the last steps done it is 15 s, the TTL and
  // the drivers' part.
  const auto outage = [](std::optional<OperatorStep> step) {
    ClusterConfig config = managed(FailoverManager::manual_runbook, minutes(4));
    config.apps[0].connect.by = FindPrimary::dns;
    config.apps[0].connect.ttl = seconds(1);
    config.apps[0].connect.close_on_read_only = true;  // or it stays with the old one
    steps_take(config.policy.failover.manual_runbook, seconds(5));
    fault(config, FaultKind::switchover, seconds(60), "db-2").stops_after = step;
    Cluster cluster = build(config, 1);
    advance(cluster, at(minutes(4)));
    REQUIRE(cluster.world().node(second).is_primary);
    return longest_outage(cluster.world(), cluster.world().now());
  };
  REQUIRE(outage({}) < seconds(40));
  REQUIRE(outage(OperatorStep::promote) > seconds(160));
}

TEST_CASE("commands: by_hand: a person approves, sooner, later or never", "[models][commands]") {
  // The key of db-1 has expired 30 s after its loss at 60 s; the person takes 60 s; then a round.
  const auto promoted_at = [](std::optional<FaultKind> order) {
    ClusterConfig config = managed(FailoverManager::patroni);
    config.policy.failover.guards.across_regions = AcrossRegions::by_hand;
    config.policy.failover.guards.approval = {seconds(60), seconds(60), seconds(60)};
    fault(config, FaultKind::node_loss, seconds(60), "db-1");
    if (order) fault(config, *order, seconds(100));
    Cluster cluster = build(config, 1);
    advance(cluster, at(minutes(5)));
    const auto& promotions = cluster.world().control.log.promotions;
    return promotions.empty() ? Duration::max() : promotions[0].ordered - TimePoint{};
  };
  const Duration alone = promoted_at({});
  REQUIRE(alone > seconds(60 + 20 + 60));
  REQUIRE(alone < seconds(60 + 30 + 60 + 15));
  const Duration sooner = promoted_at(FaultKind::approve);
  REQUIRE(sooner >= seconds(100));
  REQUIRE(sooner < seconds(115));
  REQUIRE(promoted_at(FaultKind::reject) == Duration::max());
}

namespace {

// When the agent of each server asks the store to keep its lease alive.
class KeepAlives : public EventObserver {
 public:
  void before(const World& world, const Event& event) override {
    if (static_cast<EventKind>(event.kind) != EventKind::store_asked) return;
    const StoreAsk& ask = world.lease_store.asks.slots[MessageArg::unpack(event.arg).slot];
    if (ask.command.operation != StoreOperation::keep_alive) return;
    for (std::uint32_t node = 0; node < 3; ++node) {
      const AgentId agent = world.control.agent_of_node[node];
      if (world.control.agents[agent.value].store == ask.origin.client)
        at[node].push_back(event.at);
    }
  }

  std::array<std::vector<TimePoint>, 3> at;
};

}  // namespace

// The leader renews its key in each round, ten in 100 s. A standby's round begins when it sees the
// leader's write, every 10 s too, but never 10 s after the answer to its last keep-alive: so every
// second one keeps its lease alive.
TEST_CASE("commands: a standby keeps its lease alive once in a loop_wait, no sooner",
          "[models][commands]") {
  Cluster cluster = build(managed(FailoverManager::patroni), 1);
  cluster.run_until(at(seconds(60)));
  KeepAlives kept;
  cluster.run_until(at(seconds(160)), &kept);
  REQUIRE(kept.at[0].size() == 10);
  for (const NodeId standby : {second, third}) {
    const std::vector<TimePoint>& times = kept.at[standby.value];
    REQUIRE(times.size() >= 4);
    for (std::size_t i = 1; i < times.size(); ++i) {
      REQUIRE(times[i] - times[i - 1] >= seconds(10));
      REQUIRE(times[i] - times[i - 1] <= seconds(21));
    }
  }
}

}  // namespace longhaul
