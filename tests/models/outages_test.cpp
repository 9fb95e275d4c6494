// Hosts that stand still, links that flap, zones and regions that are lost.

#include "models/outages.h"

#include "models/app/crashes.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId us{0};
constexpr NodeId eu{1};

ClusterConfig pair() {
  ClusterConfig config = empty({"us", "eu", "ap"});
  link(config, "us", "eu", milliseconds(80));
  link(config, "us", "ap", milliseconds(200));
  link(config, "eu", "ap", milliseconds(200));
  primary(config, "db-us", "us");
  replica(config, "db-eu", "eu", "db-us");
  return config;
}

FaultConfig& fault(ClusterConfig& config, FaultKind kind, Duration at, Duration lasts) {
  FaultConfig result;
  result.kind = kind;
  result.at = at;
  result.lasts = lasts;
  config.faults.push_back(result);
  return config.faults.back();
}

void writer(ClusterConfig& config) {
  app(config, "app", "us").statement_timeout = seconds(60);
  rows(config, {});
  users(config, "writer", "us", 1, {write()}).think = always(milliseconds(100));
}

bool is_cut(const World& world, std::uint32_t link) { return world.network.links()[link].cuts > 0; }

}  // namespace

TEST_CASE("outages: a stalled standby keeps its connection and goes on where it was",
          "[models][outages]") {
  ClusterConfig config = pair();
  fault(config, FaultKind::vm_stall, seconds(10), seconds(20)).node = "db-eu";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(11)));
  produce(cluster, {1'000});
  const Lsn before = world.node(eu).received;
  run_checked(cluster, at(seconds(29)));
  REQUIRE(world.node(eu).received == before);
  REQUIRE(world.streams[0].has_receiver);
  REQUIRE(world.streams[0].has_sender);
  run_checked(cluster, at(seconds(31)));
  REQUIRE(world.node(eu).replayed == world.node(us).flushed);
  REQUIRE(world.held.empty());
}

TEST_CASE("outages: a stalled primary answers nobody, then everybody", "[models][outages]") {
  // The one session waits for its answer for the whole stall: no error, and one write of 20 s.
  ClusterConfig config = pair();
  writer(config);
  fault(config, FaultKind::vm_stall, seconds(10), seconds(20)).node = "db-us";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(11)));
  const std::int64_t before = total(world, Metric::writes);
  run_checked(cluster, at(seconds(29)));
  REQUIRE(total(world, Metric::writes) == before);
  run_checked(cluster, at(seconds(40)));
  REQUIRE(total(world, Metric::writes) > before + 90);
  REQUIRE(total(world, Metric::errors) == 0);
  REQUIRE(all(world, Metric::write_latency).max() > seconds(19).ns);
}

TEST_CASE("outages: a standby that stalls beyond wal_sender_timeout is dropped, and comes back",
          "[models][outages]") {
  ClusterConfig config = pair();
  fault(config, FaultKind::vm_stall, seconds(10), seconds(100)).node = "db-eu";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(100)));
  REQUIRE_FALSE(world.streams[0].has_sender);
  produce(cluster, {1'000});
  run_checked(cluster, at(seconds(130)));
  REQUIRE(world.streams[0].streaming);
  REQUIRE(world.node(eu).replayed == world.node(us).flushed);
}

TEST_CASE("outages: a link that flaps is cut for its share of each period", "[models][outages]") {
  // 3 s of each 10 s, from 10 s to 32 s: cut at 10, 20 and 30 s, healed by its end while cut.
  ClusterConfig config = pair();
  FaultConfig& flap = fault(config, FaultKind::flapping, seconds(10), seconds(22));
  flap.between = {{"us", "eu"}};
  flap.every = seconds(10);
  flap.share = percent(30);
  Cluster cluster = build(config, 1);
  for (int s = 0; s < 60; ++s) {
    run_checked(cluster, at(seconds(s) + milliseconds(500)));
    const bool expected = s >= 10 && s < 32 && s % 10 < 3;
    REQUIRE(is_cut(cluster.world(), 0) == expected);
    REQUIRE(is_cut(cluster.world(), 1) == expected);
    REQUIRE_FALSE(is_cut(cluster.world(), 2));
  }
}

TEST_CASE("outages: an isolated region lives behind cuts of all its links", "[models][outages]") {
  ClusterConfig config = pair();
  fault(config, FaultKind::region_isolated, seconds(10), seconds(10)).region = "eu";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  for (const bool during : {true, false}) {
    run_checked(cluster, at(seconds(during ? 15 : 25)));
    for (const std::uint32_t link : {0u, 1u, 4u, 5u}) REQUIRE(is_cut(world, link) == during);
    for (const std::uint32_t link : {2u, 3u}) REQUIRE_FALSE(is_cut(world, link));
    REQUIRE(world.node(eu).liveness == Liveness::up);
  }
}

TEST_CASE("outages: a lost region takes its servers and apps with it", "[models][outages]") {
  ClusterConfig config = pair();
  writer(config);
  app(config, "app-eu", "eu");
  fault(config, FaultKind::region_loss, seconds(10), seconds(10)).region = "us";
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  run_checked(cluster, at(seconds(15)));
  REQUIRE(world.node(us).liveness == Liveness::vanished);
  REQUIRE(world.node(eu).liveness == Liveness::up);
  REQUIRE_FALSE(is_up(world, InstanceId{0}));
  REQUIRE(is_up(world, InstanceId{static_cast<std::uint32_t>(world.instances.size() - 1)}));
  run_checked(cluster, at(seconds(25)));
  REQUIRE(world.node(us).liveness == Liveness::up);
  REQUIRE(is_up(world, InstanceId{0}));
}

TEST_CASE("outages: a lost zone leaves the others alone", "[models][outages]") {
  ClusterConfig config = pair();
  replica(config, "db-b", "us", "db-us").zone = "b";
  FaultConfig& loss = fault(config, FaultKind::zone_loss, seconds(10), seconds(10));
  loss.region = "us";
  loss.zone = "b";
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(15)));
  REQUIRE(cluster.world().nodes[2].liveness == Liveness::vanished);
  REQUIRE(cluster.world().node(us).liveness == Liveness::up);
  run_checked(cluster, at(seconds(25)));
  REQUIRE(cluster.world().nodes[2].liveness == Liveness::up);
}

}  // namespace longhaul
