// The old primary's return, and a second failure during a promotion, under Patroni.
#include "models/outages.h"
#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

namespace {

// db-1 is cut off for a second, in which it goes on to commit, and then its host is gone for two
// minutes: it comes back with log that the new timeline never had.
ClusterConfig killed_hard() {
  ClusterConfig config = managed(FailoverManager::patroni, minutes(10));
  FaultConfig& cut = fault(config, FaultKind::region_isolated, seconds(59), {}, seconds(3));
  cut.region = "r0";
  fault(config, FaultKind::node_loss, seconds(60), "db-1", seconds(120));
  config.policy.failover.patroni.use_pg_rewind = true;
  config.postgres.wal_log_hints = true;
  config.postgres.full_page_writes = true;
  return config;
}

struct Return {
  bool streams = false;
  RewindState rewind = RewindState::none;
  std::size_t backups = 0;
  std::int64_t rejoins = 0;
  Duration rejoin;
};

Return run_to_the_end(const ClusterConfig& config) {
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(config.duration));
  REQUIRE(world.control.log.promotions.size() == 1);
  const NodeId now = world.control.log.promotions[0].to;
  REQUIRE(now != first);
  REQUIRE_FALSE(lost_commits(world).empty());
  Return result;
  result.streams = streams_from(world, first, now) && world.node(first).timeline == 2;
  result.rewind = rewind_state(world, first);
  result.backups = world.backups.size();
  const Histogram rejoins = all(world, Metric::rejoin_duration);
  result.rejoins = rejoins.count();
  result.rejoin = {rejoins.max()};
  return result;
}

}  // namespace

TEST_CASE("rejoin: patroni rewinds an old primary that was killed hard", "[models][rejoin]") {
  // Its agent starts 2 s after its host, sees a leader on a newer timeline within a round of 10 s,
  // and rewinds: recovery, some round trips and little log.
  const Return back = run_to_the_end(killed_hard());
  REQUIRE(back.rewind == RewindState::done);
  REQUIRE(back.backups == 0);
  REQUIRE(back.streams);
  REQUIRE(back.rejoins == 1);
  REQUIRE(back.rejoin > seconds(2));
  REQUIRE(back.rejoin < seconds(60));
}

TEST_CASE("rejoin: patroni: without hint bits nothing is rewound: a base backup, or a person",
          "[models][rejoin]") {
  // pg_rewind needs wal_log_hints or checksums (facts 60).
  ClusterConfig config = killed_hard();
  config.postgres.wal_log_hints = false;
  config.policy.failover.patroni.remove_data_directory_on_rewind_failure = true;
  const Return rebuilt = run_to_the_end(config);
  REQUIRE(rebuilt.rewind == RewindState::none);
  REQUIRE(rebuilt.backups == 1);
  REQUIRE(rebuilt.streams);
  REQUIRE(rebuilt.rejoins == 1);

  config.policy.failover.patroni.remove_data_directory_on_rewind_failure = false;
  const Return left = run_to_the_end(config);
  REQUIRE(left.backups == 0);
  REQUIRE_FALSE(left.streams);
  REQUIRE(left.rejoins == 0);
}

TEST_CASE("rejoin: patroni: the candidate dies while it is promoted", "[models][rejoin]") {
  // The first run tells when the promotion is ordered; it takes 5 s, so a second later the
  // candidate is in the middle of it. If its server crashed, its agent gives the key up at once,
  // and the third member has it after a poll; if its host is gone, the key runs out first, 30 s.
  const FaultKind second_failure = GENERATE(FaultKind::crash, FaultKind::node_loss);
  ClusterConfig config = managed(FailoverManager::patroni, minutes(5));
  config.postgres.end_of_recovery = always(seconds(5));
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  Cluster known = build(config, 1);
  advance(known, at(minutes(3)));
  const PromotionNote once = known.world().control.log.promotions.at(0);
  REQUIRE(once.opened - once.ordered >= seconds(5));
  const NodeId candidate = once.to;
  const NodeId other = candidate == second ? third : second;

  const TimePoint dies = once.ordered + seconds(1);
  fault(config, second_failure, dies - TimePoint{}, candidate == second ? "db-2" : "db-3",
        minutes(2));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(config.duration));
  const auto& promotions = world.control.log.promotions;
  REQUIRE(promotions.size() >= 2);
  REQUIRE(promotions[0].to == candidate);
  REQUIRE(promotions[0].ordered == once.ordered);
  const PromotionNote& last = promotions.back();
  REQUIRE(last.to == other);
  REQUIRE(last.opened != TimePoint::never());
  const Duration took = last.opened - dies;
  if (second_failure == FaultKind::crash) REQUIRE(took < seconds(30));
  if (second_failure == FaultKind::node_loss) REQUIRE(took > seconds(20));
  REQUIRE(took < seconds(60));
  // The candidate comes back and follows.
  REQUIRE(streams_from(world, candidate, other));
}

// The host stands, so the server is up again within a second, as a standby: the file that ordered
// the promotion is gone. pg_ctl and pg_promote() say so to those who wait for them.
TEST_CASE("rejoin: a backend of the candidate crashes while it is promoted", "[models][rejoin]") {
  const FailoverManager manager =
      GENERATE(FailoverManager::patroni, FailoverManager::first_to_answer,
               FailoverManager::pg_auto_failover, FailoverManager::managed);
  ClusterConfig config = managed(manager, minutes(5));
  config.postgres.end_of_recovery = always(seconds(5));
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  Cluster known = build(config, 1);
  advance(known, at(minutes(4)));
  const PromotionNote once = known.world().control.log.promotions.at(0);
  const std::string candidate = once.to == second ? "db-2" : "db-3";
  fault(config, FaultKind::backend_crash, once.ordered + seconds(1) - TimePoint{}, candidate);
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(config.duration));
  const auto& promotions = world.control.log.promotions;
  REQUIRE(promotions[0].to == once.to);
  REQUIRE(promotions[0].opened == TimePoint::never());
  if (manager != FailoverManager::patroni) {
    REQUIRE(promotions.size() == 2);
    REQUIRE(world.node(promotions[1].to).is_primary);
    return;
  }
  // Its agent takes the server for promoted and keeps the key, so that nobody else is.
  REQUIRE(promotions.size() == 1);
  REQUIRE_FALSE(world.node(once.to).is_primary);
  REQUIRE(world.node(once.to).liveness == Liveness::up);
  const StoreData& data = world.lease_store.members[1].data;
  REQUIRE(data.items[data.at({0, StoreName::leader, 0})].present);
}

// Patroni keeps the lease alive whenever it touches its member key (etcd3.py, touch_member). The
// leader writes those it sees into the failsafe key, and who is missing there may not be promoted.
TEST_CASE("patroni: the member keys of healthy members do not expire", "[models][rejoin]") {
  ClusterConfig config = managed(FailoverManager::patroni, minutes(3));
  config.policy.failover.patroni.failsafe_mode = true;
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  for (Duration until = seconds(30); until <= minutes(3); until = until + seconds(1)) {
    run_checked(cluster, at(until));
    const StoreData& data = world.lease_store.members[1].data;
    for (std::uint32_t member = 0; member < 3; ++member) {
      REQUIRE(data.items[data.at({0, StoreName::member, member})].present);
    }
    REQUIRE(data.items[data.at({0, StoreName::failsafe, 0})].value[0] == 7);
  }
}

// The leader's renewal is answered while its host stands still. Its agent would feed the watchdog
// with that answer, 60 s late, and its server accept writes beside the one promoted by then.
TEST_CASE("patroni: the watchdog resets a host that stood still before its agent can feed it",
          "[models][rejoin]") {
  ClusterConfig config = managed(FailoverManager::patroni, minutes(3));
  config.policy.failover.patroni.watchdog.device = true;
  config.lease_store->members = {{"m1", "r1", "a"}};  // 20 ms from it
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  const AgentId leader = world.control.agent_of_node[0];
  const auto renews = [&world, leader] {
    const auto& uses = world.control.store_uses;
    return std::any_of(uses.begin(), uses.end(), [leader](const StoreUse& use) {
      return use.agent == leader && use.action.kind == FailoverActionKind::renew_leader;
    });
  };
  Duration until = seconds(50);
  for (; until < seconds(70) && !renews(); until = until + milliseconds(1)) {
    advance(cluster, at(until));
  }
  REQUIRE(renews());
  stall_host(world, first);
  advance(cluster, at(until + seconds(60)));
  REQUIRE(world.control.log.promotions.size() == 1);
  REQUIRE(world.node(first).liveness == Liveness::up);
  resume_host(world, first);
  REQUIRE(world.node(first).liveness == Liveness::vanished);
}

// The link to db-3 is cut two seconds before db-1 is lost: commits go on with db-2 alone, and db-3,
// which is to be promoted, fetches from it what it lacks.
TEST_CASE("pg_auto_failover: who is promoted by priority fetches what another has",
          "[models][rejoin]") {
  ClusterConfig config = managed(FailoverManager::pg_auto_failover);
  config.nodes[2].failover.priority = 60;
  config.nodes[1].failover.priority = 50;
  FaultConfig& cut = fault(config, FaultKind::cut_link, seconds(58), {}, seconds(200));
  cut.between = {"r0", "r2"};
  fault(config, FaultKind::node_loss, seconds(60), "db-1");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(minutes(5)));
  REQUIRE(world.control.log.promotions.size() == 1);
  REQUIRE(world.control.log.promotions[0].to == third);
  REQUIRE(lost_commits(world).empty());
  REQUIRE(streams_from(world, second, third));
}

// db-1 returns as a standby, its host is lost and returns once more: what its keeper goes on from
// is in its state file, not that it began as the primary. So it can be promoted again.
TEST_CASE("pg_auto_failover: a keeper begins again with the state that it had reached",
          "[models][rejoin]") {
  ClusterConfig config = managed(FailoverManager::pg_auto_failover, minutes(8));
  config.nodes.pop_back();  // two servers
  fault(config, FaultKind::node_loss, seconds(60), "db-1", seconds(60));
  fault(config, FaultKind::node_loss, seconds(180), "db-1", seconds(10));
  fault(config, FaultKind::node_loss, seconds(240), "db-2");
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(235)));
  REQUIRE(streams_from(world, first, second));
  run_checked(cluster, at(minutes(8)));
  REQUIRE(world.node(first).is_primary);
  REQUIRE(world.control.log.promotions.size() == 2);
}

// The agent of a server that is restored stops it, because another leads, copies the leader and
// starts that. When it is restored again meanwhile, the order to start a standby is in vain, and a
// later round begins anew. Found by chaos seed 430.
TEST_CASE("rejoin: patroni stops a server that is restored while it is started as a standby",
          "[models][rejoin]") {
  for (Duration again = seconds(11); again < seconds(18); again += milliseconds(250)) {
    ClusterConfig config = managed(FailoverManager::patroni, minutes(3));
    config.policy.failover.patroni.remove_data_directory_on_diverged_timelines = true;
    config.policy.failover.patroni.loop_wait = seconds(1);
    fault(config, FaultKind::base_backup, seconds(1)).to = "r1";
    fault(config, FaultKind::restore_backup, seconds(10), "db-2");
    fault(config, FaultKind::restore_backup, again, "db-2");
    Cluster cluster = build(config, 1);
    const World& world = cluster.world();
    run_checked(cluster, at(config.duration));
    INFO(again.ns);
    REQUIRE(world.node(first).is_primary);
    REQUIRE(streams_from(world, second, first));
  }
}

}  // namespace longhaul
