#include "models/app/pages.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// Pages that the users have got until `when`.
std::int64_t pages_until(Cluster& cluster, Duration when) {
  cluster.run_until(at(when));
  return static_cast<std::int64_t>(all(cluster.world(), Metric::page_latency).count());
}

ClusterConfig one_place() {
  ClusterConfig config = empty({"here"});
  primary(config, "db", "here");
  app(config, "app", "here");
  rows(config, milliseconds(1));
  return config;
}

TEST_CASE("pages: a closed population asks between its begin and its end only", "[models][pages]") {
  // Service 1 ms and a pause of 99 ms: one page each 100 ms. The first begins within 99 ms after
  // 10 s, so that 10 of them begin before 11 s and none after; the last is answered.
  ClusterConfig config = one_place();
  PopulationConfig& us = users(config, "us", "here", 1, {read()});
  us.think = always(milliseconds(99));
  us.begins = seconds(10);
  us.ends = seconds(11);
  Cluster cluster = build(config, 1);
  REQUIRE(pages_until(cluster, seconds(10)) == 0);
  REQUIRE(pages_until(cluster, milliseconds(11'001)) == 10);
  REQUIRE(pages_until(cluster, seconds(60)) == 10);
}

TEST_CASE("pages: an open population asks between its begin and its end only", "[models][pages]") {
  // 400 a second for 4 s: 1600, with a standard deviation of 40.
  ClusterConfig config = one_place();
  config.nodes[0].cpus = 16;
  PopulationConfig& us = users(config, "us", "here", 20, {read()});
  us.rate = per_second(400);
  us.begins = seconds(10);
  us.ends = seconds(14);
  Cluster cluster = build(config, 1);
  REQUIRE(pages_until(cluster, seconds(10)) == 0);
  const std::int64_t pages = pages_until(cluster, seconds(15));
  REQUIRE(pages > 1'440);
  REQUIRE(pages < 1'760);
  REQUIRE(pages_until(cluster, seconds(60)) == pages);
}

TEST_CASE("pages: a begin shifts what a population asks for and changes nothing else",
          "[models][pages]") {
  ClusterConfig config = one_place();
  users(config, "us", "here", 3, {read()}).rate = per_second(10);
  Cluster early = build(config, 1);
  config.workload[0].begins = seconds(100);
  Cluster late = build(config, 1);
  for (const std::int64_t second : {1, 3, 10}) {
    REQUIRE(pages_until(early, seconds(second)) == pages_until(late, seconds(100 + second)));
  }
}

}  // namespace
}  // namespace longhaul
