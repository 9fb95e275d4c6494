// Users who enter by latency DNS: where to, and how fast they leave an app that its health checks
// take for unhealthy.

#include "models/app/entry.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// Apps in "us" and "ap", 100 ms apart. The primary is near "us", in a region that can be cut off.
ClusterConfig two_regions(std::int64_t sessions) {
  ClusterConfig config = empty({"us", "ap", "db"});
  link(config, "us", "ap", milliseconds(100));
  link(config, "us", "db", milliseconds(2));
  link(config, "ap", "db", milliseconds(100));
  primary(config, "db-us", "db");
  replica(config, "db-ap", "ap", "db-us");
  for (const char* region : {"us", "ap"}) {
    app(config, std::string("app-") + region, region).statement_timeout = milliseconds(500);
    config.apps.back().pool.connect_timeout = milliseconds(500);
    config.apps.back().pool.wait_timeout = milliseconds(500);
  }
  config.policy.lag_breaker.enabled = false;
  rows(config, {});
  PopulationConfig& users_of = users(config, "us", "us", sessions, {read()});
  users_of.enters = "latency_dns";
  users_of.think = always(seconds(1));
  config.dns.ttl = seconds(40);
  config.dns.interval = seconds(10);
  config.dns.timeout = seconds(2);
  return config;
}

constexpr std::uint32_t us = 0, ap = 1;

// The primary is lost to both.
void lose(ClusterConfig& config, Duration when, std::optional<Duration> lasts = {}) {
  for (const char* region : {"us", "ap"}) {
    FaultConfig fault;
    fault.kind = FaultKind::cut_link;
    fault.between = {region, "db"};
    fault.at = when;
    fault.lasts = lasts;
    config.faults.push_back(fault);
  }
}

std::int64_t entries(const World& world, std::uint32_t app) {
  return world.measures.counter_at(Metric::entries, app).count;  // of region "us"
}

// When the app was taken for unhealthy, from the moment of its database's loss.
Duration detection(Cluster& cluster, std::uint32_t app, TimePoint lost) {
  for (TimePoint now = lost;; now = now + milliseconds(10)) {
    advance(cluster, now);
    if (!cluster.world().entrances[app].healthy) return now - lost;
    REQUIRE(now < lost + minutes(5));
  }
}

}  // namespace

TEST_CASE("entry: a name server sends users where it is near itself", "[models][entry]") {
  ClusterConfig config = two_regions(1000);
  config.dns.elsewhere = percent(20);
  config.dns.resolver_region = "ap";
  config.duration = seconds(60);
  Cluster cluster = build(config, 1);
  cluster.run_until(cluster.end());
  const auto here = static_cast<double>(entries(cluster.world(), us));
  const auto there = static_cast<double>(entries(cluster.world(), ap));
  // Of 1000 sessions 200 +- sqrt(1000 x 0.2 x 0.8) = 13; each is somewhere for good, so three
  // times. A page over there takes 100 ms longer of some 1000: 9 % less of them.
  REQUIRE(there / (here + there) == Approx(0.2 / (0.2 + 0.8 * 1.1)).margin(0.045));
}

TEST_CASE("entry: an app is unhealthy after threshold checks in a row, and healthy likewise",
          "[models][entry]") {
  // The first check after the loss comes within an interval, the third two intervals later, and
  // fails at its time-out: between 2 x 10 + 2 and 3 x 10 + 2 s.
  std::vector<Duration> found;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    ClusterConfig config = two_regions(1);
    config.dns.checks = HealthCheck::nearest_database;
    lose(config, seconds(100), seconds(100));
    Cluster cluster = build(config, seed);
    found.push_back(detection(cluster, us, at(seconds(100))));
    REQUIRE(found.back() >= seconds(22));
    REQUIRE(found.back() <= seconds(32) + milliseconds(10));
    REQUIRE(cluster.world().entrances[ap].healthy);
    // Back after three checks that succeed, each at once.
    advance(cluster, at(seconds(219)));
    REQUIRE_FALSE(cluster.world().entrances[us].healthy);
    advance(cluster, at(seconds(231)));
    REQUIRE(cluster.world().entrances[us].healthy);
  }
  // The phase of the checks is drawn.
  const auto [least, most] = std::minmax_element(found.begin(), found.end());
  REQUIRE(*most - *least > seconds(2));
}

TEST_CASE("entry: the last user leaves a time to live after the detection, the mean one half of it",
          "[models][entry]") {
  ClusterConfig config = two_regions(500);
  config.dns.checks = HealthCheck::nearest_database;
  lose(config, seconds(100));
  Cluster cluster = build(config, 3);
  const Duration detected = detection(cluster, us, at(seconds(100)));
  const TimePoint then = at(seconds(100)) + detected;
  const std::int64_t at_detection = entries(cluster.world(), us);
  // Each session clicks every 1.5 s: an answer or the time-out of 0.5 s, and a second of thought.
  // Answers are spread evenly over their 40 s (and the pause before the click that renews): 20 s
  // each, 500 x 20 / 1.5 = 6,667 pages that still enter the dead app.
  advance(cluster, then + seconds(42));
  const std::int64_t left = entries(cluster.world(), us);
  REQUIRE(static_cast<double>(left - at_detection) == Approx(6667).epsilon(0.1));
  advance(cluster, then + seconds(120));
  REQUIRE(entries(cluster.world(), us) == left);
  REQUIRE(entries(cluster.world(), ap) > 30'000);
}

TEST_CASE("entry: who overstays the time to live stays", "[models][entry]") {
  ClusterConfig config = two_regions(1000);
  config.dns.checks = HealthCheck::nearest_database;
  config.dns.overstay = percent(30);
  config.dns.overstay_for = minutes(60 * 10);
  lose(config, seconds(100));
  Cluster cluster = build(config, 4);
  advance(cluster, at(seconds(200)));
  const std::int64_t before = entries(cluster.world(), us);
  const std::int64_t over_there = entries(cluster.world(), ap);
  advance(cluster, at(seconds(300)));
  // 300 +- 14.5 of 1000 sessions, less those whose first answer was nearly ten hours old: 100 s
  // / 1.5 s pages each; the others 100 / 1.1.
  const auto stayed = static_cast<double>(entries(cluster.world(), us) - before);
  const auto moved = static_cast<double>(entries(cluster.world(), ap) - over_there);
  REQUIRE(stayed / (100 / 1.5) == Approx(300).margin(45));
  REQUIRE(moved / (100 / 1.1) == Approx(700).margin(45));
}

TEST_CASE("entry: what each health check makes of the primary's death", "[models][entry]") {
  struct Case {
    HealthCheck checks;
    bool us_healthy, ap_healthy;
  };
  for (const Case& expected :
       {Case{HealthCheck::shallow, true, true}, Case{HealthCheck::nearest_database, false, true},
        Case{HealthCheck::any_database, true, true}, Case{HealthCheck::primary, false, false}}) {
    ClusterConfig config = two_regions(100);
    config.dns.checks = expected.checks;
    lose(config, seconds(60));
    Cluster cluster = build(config, 1);
    advance(cluster, at(seconds(200)));
    const World& world = cluster.world();
    REQUIRE(world.entrances[us].healthy == expected.us_healthy);
    REQUIRE(world.entrances[ap].healthy == expected.ap_healthy);
    // All unhealthy counts as all healthy: users stay with the nearest.
    const std::int64_t before = entries(world, us);
    advance(cluster, at(seconds(260)));
    const bool moved = !expected.us_healthy && expected.ap_healthy;
    REQUIRE((entries(world, us) == before) == moved);
  }
}

TEST_CASE("entry: where nobody healthy means nobody, users get no answer", "[models][entry]") {
  ClusterConfig config = two_regions(100);
  config.dns.checks = HealthCheck::primary;
  config.dns.none_healthy = NoneHealthy::nobody;
  lose(config, seconds(60));
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(59)));
  REQUIRE(errors(cluster.world(), ErrorKind::no_entry) == 0);
  advance(cluster, at(seconds(60 + 32 + 40)));  // detection, then the names' time to live
  const std::int64_t before = errors(cluster.world(), ErrorKind::no_entry);
  const std::int64_t entered = entries(cluster.world(), us) + entries(cluster.world(), ap);
  advance(cluster, at(seconds(60 + 32 + 40 + 50)));
  // Each of 100 sessions once a second. A page that nobody answers fails at once.
  REQUIRE(errors(cluster.world(), ErrorKind::no_entry) - before == Approx(5000).margin(110));
  REQUIRE(entries(cluster.world(), us) + entries(cluster.world(), ap) == entered);
}

TEST_CASE("entry: an app cut off from the primary is left by a check of the primary",
          "[models][entry]") {
  // Users of "ap" read a replica beside them that works; the check sends them to "us" all the same.
  ClusterConfig config = two_regions(1);
  config.dns.checks = HealthCheck::primary;
  config.regions.push_back({"users", {}, {}});  // on a way of their own
  link(config, "users", "ap", milliseconds(10));
  link(config, "users", "us", milliseconds(90));
  link(config, "users", "db", milliseconds(90));
  PopulationConfig& users_of = users(config, "far", "users", 50, {read()});
  users_of.enters = "latency_dns";
  users_of.think = always(seconds(1));
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(60)));
  cut(cluster, 4);  // between "ap" and "db"
  cut(cluster, 5);
  advance(cluster, at(seconds(60 + 32 + 40)));
  const World& world = cluster.world();
  REQUIRE(world.entrances[us].healthy);
  REQUIRE_FALSE(world.entrances[ap].healthy);
  const Counter& there = world.measures.counter_at(Metric::entries, 3 * 2 + ap);
  const std::int64_t before = there.count;
  REQUIRE(before > 1000);
  advance(cluster, at(seconds(200)));
  REQUIRE(there.count == before);
}

TEST_CASE("entry: nobody who enters by latency, no checks", "[models][entry]") {
  ClusterConfig config = two_regions(10);
  config.workload[0].enters = "nearest";
  config.dns.checks = HealthCheck::primary;
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(60)));
  REQUIRE(cluster.world().entrances.empty());
  REQUIRE(entries(cluster.world(), us) == 0);
}

TEST_CASE("entry: an app that has crashed fails its checks, shallow ones too", "[models][entry]") {
  // Refused at once: the third check comes between 20 and 30 s after the crash.
  for (const HealthCheck checks : {HealthCheck::shallow, HealthCheck::nearest_database}) {
    ClusterConfig config = two_regions(10);
    config.dns.checks = checks;
    FaultConfig crash;
    crash.kind = FaultKind::app_crash;
    crash.app = "app-us";
    crash.at = seconds(100);
    crash.lasts = seconds(100);
    config.faults = {crash};
    Cluster cluster = build(config, 1);
    const Duration detected = detection(cluster, us, at(seconds(100)));
    REQUIRE(detected >= seconds(20));
    REQUIRE(detected <= seconds(30) + milliseconds(10));
    REQUIRE(cluster.world().entrances[ap].healthy);
    advance(cluster, at(seconds(219)));
    REQUIRE_FALSE(cluster.world().entrances[us].healthy);
    advance(cluster, at(seconds(231)));
    REQUIRE(cluster.world().entrances[us].healthy);
  }
}

}  // namespace longhaul
