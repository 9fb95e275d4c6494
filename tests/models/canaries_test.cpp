// Outages of durable writing and of reading, and what catching up takes.
#include "models/app/canaries.h"

#include "models/pg/server.h"
#include "tests/models/control/managed_worlds.h"

namespace longhaul {

using namespace worlds;

namespace {

Duration longest(World& world, Metric metric) { return Duration{all(world, metric).max()}; }

ClusterConfig two_minutes() { return managed(FailoverManager::none, minutes(2)); }

}  // namespace

TEST_CASE("canaries: what is acknowledged and lost is an outage of durable writing",
          "[models][canaries]") {
  // db-1 is cut off from its replicas at 60 s and goes on to acknowledge what its app writes; db-2
  // is promoted by hand at 70 s and its timeline survives. Nothing that was acknowledged after
  // 60 s - 10 ms survives: 60 s, to the end of the run.
  ClusterConfig config = two_minutes();
  fault(config, FaultKind::region_isolated, seconds(60)).region = "r0";
  fault(config, FaultKind::promote, seconds(70), "db-2");
  Cluster cluster = build(config, 1);
  advance(cluster, at(config.duration));
  cluster.finish();
  World& world = cluster.world();
  REQUIRE(longest(world, Metric::write_outage) == Duration{});
  REQUIRE(longest(world, Metric::durable_write_outage) > seconds(60) - milliseconds(200));
  REQUIRE(longest(world, Metric::durable_write_outage) < seconds(60) + milliseconds(200));
}

TEST_CASE("canaries: where nothing is lost both outages of writing are the same",
          "[models][canaries]") {
  const bool fails = GENERATE(false, true);
  ClusterConfig config = two_minutes();
  if (fails) fault(config, FaultKind::crash, seconds(60), "db-1", seconds(20));
  Cluster cluster = build(config, 1);
  advance(cluster, at(config.duration));
  cluster.finish();
  World& world = cluster.world();
  REQUIRE(longest(world, Metric::write_outage) == longest(world, Metric::durable_write_outage));
  REQUIRE(all(world, Metric::durable_write_outage).count() == 1);  // of one region's users
  if (fails) REQUIRE(longest(world, Metric::write_outage) >= seconds(20));
}

TEST_CASE("canaries: acknowledgements that every database shows are not kept",
          "[models][canaries]") {
  ClusterConfig config = two_minutes();
  fault(config, FaultKind::promote, seconds(110), "db-2");
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(100)));
  REQUIRE(cluster.world().canary_acks.size() < 20);  // of 1,000
}

TEST_CASE("canaries: reading goes on where a replica is", "[models][canaries]") {
  // The primary is down for 20 s; an app beside a replica reads on.
  const bool has_replicas = GENERATE(false, true);
  ClusterConfig config = two_minutes();
  config.canary_reads = per_second(10);
  config.policy.lag_breaker.enabled = false;  // a replica of a silent primary looks late
  config.policy.router.use_replica_reads = true;
  config.apps[0].region = "r1";
  if (!has_replicas) config.nodes.resize(1);
  fault(config, FaultKind::crash, seconds(60), "db-1", seconds(20));
  Cluster cluster = build(config, 1);
  advance(cluster, at(config.duration));
  cluster.finish();
  const Duration outage = longest(cluster.world(), Metric::read_outage);
  INFO(outage.ns);
  if (has_replicas) {
    REQUIRE(outage < seconds(5));
  } else {
    REQUIRE(outage >= seconds(20) - milliseconds(200));
    REQUIRE(outage < seconds(40));
  }
}

TEST_CASE("canaries: no reads, no samples", "[models][canaries]") {
  Cluster cluster = build(two_minutes(), 1);
  advance(cluster, at(minutes(2)));
  cluster.finish();
  REQUIRE(all(cluster.world(), Metric::read_outage).count() == 0);
}

TEST_CASE("catch_up_duration: what was missed over the link's bandwidth", "[models][canaries]") {
  // db-2 is down for 60 s. Streaming begins again at the start of the segment (facts 14), which is
  // the start of the log here, so all that there is by then goes over 1 MB/s.
  ClusterConfig config = two_minutes();
  config.data[0].row_bytes = kibibytes(4);
  config.links.clear();
  link(config, "r0", "r1", milliseconds(20), {1'000'000});
  link(config, "r0", "r2", milliseconds(20));
  link(config, "r1", "r2", milliseconds(20));
  fault(config, FaultKind::crash, seconds(20), "db-2", seconds(60));
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(80)));
  const Bytes log = cluster.world().node(first).flushed - Lsn{first_lsn};
  REQUIRE(log > mebibytes(2));
  REQUIRE(log < mebibytes(16));
  advance(cluster, at(config.duration));
  cluster.finish();
  const Histogram caught_up = all(cluster.world(), Metric::catch_up_duration);
  REQUIRE(caught_up.count() == 1);
  const std::int64_t least = log.value * 1000;  // ns at 1 MB/s
  INFO(caught_up.max() << " " << least);
  REQUIRE(caught_up.max() > least);
  REQUIRE(caught_up.max() < least * 5 / 4 + seconds(1).ns);
}

}  // namespace longhaul
