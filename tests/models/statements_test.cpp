// An app whose database is cut off: what waits, what is lost, and what is left of it afterwards.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// One database, one app beside it, statements of `service`.
ClusterConfig one_database(Duration service, std::int64_t sessions, std::int64_t pool) {
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", milliseconds(80));
  primary(config, "db", "here").cpus = 64;
  app(config, "app", "here").pool.size = pool;
  rows(config, service);
  users(config, "us", "here", sessions, {read()}).think = always(seconds(10));
  return config;
}

std::uint32_t abandoned(const World& world) {
  std::uint32_t count = 0;
  for (const Request& request : world.requests) count += request.phase == Phase::abandoned;
  return count;
}

}  // namespace

TEST_CASE("statements: pool: a wave of time-outs leaves no ghosts in the queue",
          "[models][statements]") {
  // Nobody gets through to "there" for 20 s. All time out after 200 ms. After the heal the queue
  // holds those that wait, and everybody is served.
  ClusterConfig config = one_database(milliseconds(1), 200, 2);
  config.nodes[0].region = "there";
  config.workload[0].think = always(milliseconds(100));
  config.apps[0].pool.wait_timeout = milliseconds(200);
  config.apps[0].pool.queue = 250;
  config.apps[0].pool.connect_timeout = seconds(1);
  Cluster cluster = build(config, 5);
  World& world = cluster.world();
  cut(cluster, 0);
  advance(cluster, at(seconds(20)));
  REQUIRE(errors(world, ErrorKind::pool_timeout) > 10'000);
  REQUIRE(errors(world, ErrorKind::pool_full) == 0);
  heal(cluster, 0);
  advance(cluster, at(seconds(25)));
  const std::int64_t before = total(world, Metric::reads);
  run_checked(cluster, at(seconds(35)));
  // Two connections, 81 ms each: 24.7 reads a second.
  REQUIRE(total(world, Metric::reads) - before == Approx(247).margin(3));
}

TEST_CASE("statements: lost: when TCP gives up, nothing is held for ever", "[models][statements]") {
  // Two retransmissions within (80 + 200) x (1 + 2) ms = 0.84 s, then statements, answers, pages
  // and connections that a cut of either direction swallowed are gone for good.
  for (const std::uint32_t direction : {0u, 1u}) {
    ClusterConfig config = one_database(milliseconds(20), 30, 4);
    config.nodes[0].region = "there";
    config.workload[0].pages[0].calls = {read(3), write()};
    config.workload[0].think = always(milliseconds(200));
    config.network.retransmits_max = 2;
    config.apps[0].statement_timeout = seconds(3);
    config.apps[0].pool.wait_timeout = seconds(1);
    config.apps[0].pool.connect_timeout = seconds(2);
    Cluster cluster = build(config, 5);
    World& world = cluster.world();
    run_checked(cluster, at(seconds(10)));
    cut(cluster, direction);
    run_checked(cluster, at(seconds(30)));
    heal(cluster, direction);
    run_checked(cluster, at(seconds(40)));
    REQUIRE(abandoned(world) == 0);
    REQUIRE(world.nodes[0].connections == world.pools[0].open);
    REQUIRE(world.pools[0].open == 4);
    const std::int64_t failed = total(world, Metric::errors);
    const std::int64_t served = total(world, Metric::writes);
    REQUIRE(failed > 30);
    run_checked(cluster, at(seconds(50)));
    REQUIRE(total(world, Metric::errors) == failed);
    REQUIRE(total(world, Metric::writes) > served + 50);
    REQUIRE(world.parked.free.size() == world.parked.slots.size());
  }
}

}  // namespace longhaul
