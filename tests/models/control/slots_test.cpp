// A standby without a slot on its upstream waits for the leader's round under Patroni.
#include "models/control/slots.h"

#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

namespace {

struct Comeback {
  TimePoint slot;     // the leader has it; zero: it always had
  TimePoint streams;  // the standby
};

// The standby's server and its agent are gone from 60 s to 120 s: its key expires at 90 s.
Comeback comeback(Duration member_slots_ttl, std::uint64_t seed) {
  ClusterConfig config = managed(FailoverManager::patroni, minutes(3));
  config.policy.failover.patroni.member_slots_ttl = member_slots_ttl;
  fault(config, FaultKind::crash, seconds(60), "db-2", seconds(60));
  fault(config, FaultKind::kill_agent, seconds(60), "db-2", seconds(60));
  Cluster cluster = build(config, seed);
  World& world = cluster.world();
  advance(cluster, at(seconds(119)));
  const bool had_slot = has_slot(world, first, second);
  REQUIRE(had_slot == (member_slots_ttl > Duration{}));
  REQUIRE(has_slot(world, first, third));
  Comeback result;
  for (TimePoint now = at(seconds(119)); now < at(minutes(3)); now = now + milliseconds(10)) {
    run_checked(cluster, now);
    const bool waits = !had_slot && result.slot == TimePoint{};
    if (waits && has_slot(world, first, second)) result.slot = now;
    if (!streams_from(world, second, first)) continue;
    result.streams = now;
    break;
  }
  return result;
}

}  // namespace

TEST_CASE("slots: a standby that Patroni kept a slot for streams at once", "[models][slots]") {
  // It is started after 2 s, has recovered within a second, asks and is answered.
  const Comeback back = comeback(minutes(30), 1);
  REQUIRE(back.streams > at(seconds(122)));
  REQUIRE(back.streams < at(seconds(123)));
}

TEST_CASE("slots: before Patroni 4.0 it waits for the leader's round and its own next attempt",
          "[models][slots]") {
  // Its agent is up 2 s after 120 s and touches its key in its first round, which begins within
  // 10 s; the leader makes the slot within 10 s of that. The standby's attempts are 5 s apart
  // (wal_retrieve_retry_interval) from when it has recovered, and the first that finds the slot
  // succeeds: so it streams within 5 s of it, and 5, 10, ... s after the one that had it.
  const Comeback kept = comeback(minutes(30), 2);
  const Comeback back = comeback(Duration{}, 2);
  REQUIRE(back.slot > at(seconds(120)));
  REQUIRE(back.slot < at(seconds(143)));
  REQUIRE(back.streams > back.slot);
  REQUIRE(back.streams < back.slot + milliseconds(5'200));
  const Duration later = back.streams - kept.streams;
  const Duration beside{later.ns % seconds(5).ns};
  REQUIRE(later >= seconds(5) - milliseconds(50));
  REQUIRE((beside < milliseconds(50) || beside > seconds(5) - milliseconds(50)));
}

TEST_CASE("slots: an agent that starts again takes its members for seen", "[models][slots]") {
  // The second server is gone from 60 to 360 s: its slot goes two minutes after its key. The
  // leader's agent is killed at 300 s; the new one knows of no absence, so the slot is there.
  ClusterConfig config = managed(FailoverManager::patroni, minutes(10));
  config.policy.failover.patroni.member_slots_ttl = minutes(2);
  fault(config, FaultKind::crash, seconds(60), "db-2", seconds(300));
  fault(config, FaultKind::kill_agent, seconds(60), "db-2", seconds(300));
  fault(config, FaultKind::kill_agent, seconds(300), "db-1", seconds(10));
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(299)));
  REQUIRE_FALSE(has_slot(cluster.world(), first, second));
  advance(cluster, at(seconds(330)));
  REQUIRE(has_slot(cluster.world(), first, second));
  advance(cluster, at(seconds(400)));
  REQUIRE(streams_from(cluster.world(), second, first));
}

}  // namespace longhaul
