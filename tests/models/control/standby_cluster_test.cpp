// A standby cluster of Patroni in a second region: its leader, the loss of that, the loss of the
// first cluster, and the operator who promotes it.

#include "models/control/agents.h"
#include "models/control/lease_store.h"
#include "models/control/slots.h"
#include "models/pg/losses.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId first{0}, second{1}, leader{2}, other{3};

// r0: a primary, a standby and three members of a store; r1, 40 ms away (round trip): two replicas,
// of which the second follows the first, and three members of a store of their own.
ClusterConfig two_clusters() {
  ClusterConfig config = empty({"r0", "r1"});
  config.duration = minutes(10);
  config.canary = per_second(10);
  link(config, "r0", "r1", milliseconds(40));
  primary(config, "db-1", "r0");
  replica(config, "db-2", "r0", "db-1");
  replica(config, "db-3", "r1", "db-1");
  replica(config, "db-4", "r1", "db-3");
  for (const char* region : {"r0", "r1"}) {
    app(config, std::string("app-") + region, region).statement_timeout = seconds(2);
  }
  rows(config, microseconds(100));
  users(config, "writers", "r0", 10, {write()}).rate = per_second(20);
  users(config, "others", "r1", 2, {write()}).rate = per_second(5);
  config.policy.failover.manager = FailoverManager::patroni;
  LeaseStoreConfig store;
  // As a scenario may have them, out of order.
  store.members = {{"m0", "r0", "a"}, {"n0", "r1", "a"}, {"m1", "r0", "b"},
                   {"n1", "r1", "b"}, {"m2", "r0", "c"}, {"n2", "r1", "c"}};
  store.fsync = always(milliseconds(1));
  config.lease_store = store;
  config.standby_cluster = {{"db-3", "db-4"}, {"n0", "n1", "n2"}};
  return config;
}

FaultConfig& fault(ClusterConfig& config, FaultKind kind, Duration when) {
  FaultConfig fault;
  fault.kind = kind;
  fault.at = when;
  config.faults.push_back(fault);
  return config.faults.back();
}

bool holds_key(const World& world, NodeId node) {
  const AgentId id = world.control.agent_of_node[node.value];
  const Agent& agent = world.control.agents[id.value];
  return agent.running && agent.holds_leader_key;
}

bool streams_from(const World& world, NodeId standby, NodeId upstream) {
  const Node& node = world.node(standby);
  return !node.is_primary && node.liveness == Liveness::up && node.upstream == upstream &&
         node.feed != no_stream && world.streams[node.feed].has_receiver;
}

std::size_t primaries(const World& world) {
  std::size_t count = 0;
  for (const Node& node : world.nodes) count += node.is_primary && node.liveness == Liveness::up;
  return count;
}

}  // namespace

TEST_CASE("standby_cluster: before Patroni 4.0 its leader makes slots for those below it",
          "[models][control][standby_cluster][slots]") {
  // db-4 and its agent are gone from 60 to 120 s: its key expires within 30 s, so its slot goes. It
  // touches its key again within a round of 10 s after it is up (2 s), the leader makes the slot in
  // a round of its own, and the standby's attempts are 5 s apart: by 150 s it streams.
  ClusterConfig config = two_clusters();
  config.policy.failover.patroni.member_slots_ttl = Duration{};
  for (const FaultKind kind : {FaultKind::crash, FaultKind::kill_agent}) {
    FaultConfig& gone = fault(config, kind, seconds(60));
    gone.node = "db-4";
    gone.lasts = seconds(60);
  }
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(119)));
  REQUIRE_FALSE(has_slot(cluster.world(), leader, other));
  REQUIRE(holds_key(cluster.world(), leader));
  advance(cluster, at(seconds(150)));
  REQUIRE(has_slot(cluster.world(), leader, other));
  REQUIRE(streams_from(cluster.world(), other, leader));
}

TEST_CASE("standby_cluster: two stores, each with a leader and a majority of its own",
          "[models][control][standby_cluster]") {
  ClusterConfig config = two_clusters();
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  REQUIRE(store_leader(world, 0) < 3);
  REQUIRE(store_leader(world, 1) >= 3);
  REQUIRE(store_leader(world, 1) < 6);
  // The second leader goes: its two fellows elect another, and the first store does not notice.
  const std::uint32_t before = store_leader(world, 0);
  const std::uint32_t gone = store_leader(world, 1);
  advance(cluster, at(seconds(30)));
  stop_store_member(cluster.world(), gone, false);
  advance(cluster, at(seconds(40)));
  REQUIRE(store_leader(world, 1) != gone);
  REQUIRE(store_leader(world, 1) >= 3);
  REQUIRE(store_leader(world, 0) == before);
  REQUIRE(world.lease_store.elections == 1);
  // With one of three members left it has no leader, and the first still has.
  stop_store_member(cluster.world(), store_leader(world, 1), false);
  advance(cluster, at(seconds(60)));
  REQUIRE(store_leader(world, 1) == nobody);
  REQUIRE(store_leader(world, 0) == before);
}

TEST_CASE("standby_cluster: facts 79: its leader holds a key of its own and streams from the other",
          "[models][control][standby_cluster]") {
  Cluster cluster = build(two_clusters(), 1);
  const World& world = cluster.world();
  advance(cluster, at(seconds(60)));
  REQUIRE(holds_key(world, first));
  REQUIRE(holds_key(world, leader));
  REQUIRE(primaries(world) == 1);
  REQUIRE(streams_from(world, second, first));
  REQUIRE(streams_from(world, leader, first));
  REQUIRE(streams_from(world, other, leader));
  REQUIRE(world.control.log.promotions.empty());
}

TEST_CASE("standby_cluster: facts 79: when its leader is lost its replica takes over as one",
          "[models][control][standby_cluster]") {
  // The key's ttl of 30 s, of which the last 10 s at most have passed, then a race: the other holds
  // the key 20 to 32 s after the loss, and follows the primary itself.
  ClusterConfig config = two_clusters();
  fault(config, FaultKind::node_loss, seconds(60)).node = "db-3";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Cluster cluster = build(config, seed);
    const World& world = cluster.world();
    advance(cluster, at(seconds(79)));
    REQUIRE_FALSE(holds_key(world, other));
    advance(cluster, at(seconds(105)));
    REQUIRE(holds_key(world, other));
    REQUIRE(streams_from(world, other, first));
    REQUIRE(primaries(world) == 1);
    REQUIRE(world.node(first).is_primary);
    REQUIRE(world.control.log.promotions.empty());
  }
}

TEST_CASE("standby_cluster: it follows the new primary of the first cluster",
          "[models][control][standby_cluster]") {
  // The first cluster promotes db-2 on its own, 20 to 32 s after the loss. The standby leader hears
  // nothing more of db-1, whose host is silent, and closes the connection after
  // wal_receiver_timeout, 60 s; it tries the next host when it has not streamed for a round of 10
  // s.
  ClusterConfig config = two_clusters();
  fault(config, FaultKind::node_loss, seconds(60)).node = "db-1";
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  advance(cluster, at(minutes(5)));
  REQUIRE(world.node(second).is_primary);
  REQUIRE(primaries(world) == 1);
  REQUIRE(streams_from(world, leader, second));
  REQUIRE(streams_from(world, other, leader));
  REQUIRE(world.node(leader).timeline == world.node(second).timeline);
  REQUIRE(world.control.log.promotions.size() == 1);
}

TEST_CASE("standby_cluster: facts 78: the loss of the first region promotes nobody",
          "[models][control][standby_cluster]") {
  ClusterConfig config = two_clusters();
  fault(config, FaultKind::region_loss, seconds(60)).region = "r0";
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  advance(cluster, at(minutes(9)));
  REQUIRE(primaries(world) == 0);
  REQUIRE(world.control.log.promotions.empty());
  REQUIRE(holds_key(world, leader));
}

TEST_CASE("standby_cluster: an operator promotes it: outage by people, loss by lag",
          "[models][control][standby_cluster]") {
  // The first region is gone at 60 s and somebody runs patronictl at 4:00. The leader finds it in
  // its next round, within 10 s, and promotes; so writes are out for 180 s and at most 12 more.
  // Lost is what was acknowledged within the one-way delay of 20 ms before the loss and the
  // walsender's batches, of 25 writes a second and 20 of the canaries: a few.
  ClusterConfig config = two_clusters();
  fault(config, FaultKind::region_loss, seconds(60)).region = "r0";
  fault(config, FaultKind::promote_standby_cluster, minutes(4));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Cluster cluster = build(config, seed);
    World& world = cluster.world();
    advance(cluster, at(seconds(239)));
    REQUIRE(primaries(world) == 0);
    advance(cluster, at(minutes(6)));
    REQUIRE(primaries(world) == 1);
    REQUIRE(world.node(leader).is_primary);
    REQUIRE(world.node(leader).timeline == 2);
    REQUIRE(streams_from(world, other, leader));
    CanaryWatch& canary = world.canaries[1];  // of the users of r1
    canary.finish(world.now());
    REQUIRE(canary.outages().size() == 1);
    const Duration outage = canary.outages().front().ended - canary.outages().front().began;
    REQUIRE(outage >= seconds(179));
    REQUIRE(outage <= seconds(193));
    REQUIRE(total(world, Metric::lost_transactions) <= 10);
  }
}

}  // namespace longhaul
