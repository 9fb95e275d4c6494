#include <array>
#include <map>
#include <vector>

#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

namespace {

using Indices = std::vector<DatabaseIndex>;

Indices order(const Router& router) {
  const auto databases = router.preference_order();
  return {databases.begin(), databases.end()};
}

// Primary elsewhere; replicas: farther zone first, own zone, another region that is closer by wire.
constexpr std::array<Candidate, 4> zones{
    {{.latency = milliseconds(80), .is_primary = true},
     {.latency = milliseconds(2), .nearness = Nearness::same_region},
     {.latency = milliseconds(3), .nearness = Nearness::same_zone},
     {.latency = milliseconds(1), .nearness = Nearness::elsewhere}}};

PolicyConfig by_weight() {
  PolicyConfig config;
  config.router.balance = Balance::by_weight;
  return config;
}

// Where the reads with evenly spread numbers go.
std::map<std::uint32_t, int> spread(Host& host, int reads, TimePoint now = second_1) {
  std::map<std::uint32_t, int> served;
  for (int i = 0; i < reads; ++i) {
    SessionToken nothing;
    const auto number = (2 * static_cast<std::uint64_t>(i) + 1) * (~std::uint64_t{0} / 2000);
    served[host.router.decide(now, {.number = number}, nothing).database.value] += 1;
  }
  return served;
}

}  // namespace

TEST_CASE("router: the app's zone comes first, then its region, then the round trip",
          "[policy][router][preference]") {
  REQUIRE(order(Host({}, zones).router) == Indices{{2}, {1}, {3}, {0}});
  PolicyConfig config;
  config.router.prefer = Prefer::latency;
  REQUIRE(order(Host(config, zones).router) == Indices{{3}, {1}, {2}, {0}});
}

TEST_CASE("router: equals share reads by weight, whoever the others are",
          "[policy][router][preference]") {
  const std::array<Candidate, 4> candidates{
      {{.latency = milliseconds(1), .is_primary = true, .nearness = Nearness::same_zone},
       {.latency = milliseconds(2), .nearness = Nearness::same_zone, .weight = 3},
       {.latency = milliseconds(3), .nearness = Nearness::same_zone, .weight = 1},
       {.latency = milliseconds(1), .nearness = Nearness::same_region, .weight = 100}}};
  Host host(by_weight(), candidates);
  // The primary comes last among its equals, although its round trip is the shortest.
  REQUIRE(order(host.router) == Indices{{1}, {2}, {0}, {3}});
  for (std::uint32_t i = 1; i < 4; ++i) host.probe_replica(seconds(0), {i}, 900);
  host.probe_primary(seconds(0), us, 1000);
  // 1000 numbers, spread evenly: three quarters to the weight of three.
  REQUIRE(spread(host, 1000) == std::map<std::uint32_t, int>{{1, 750}, {2, 250}});
  // The heavier one drops out: the other takes all.
  host.probe_replica(milliseconds(1500), {1}, 900, seconds(9));
  REQUIRE(spread(host, 1000, at(seconds(2))) == std::map<std::uint32_t, int>{{2, 1000}});
}

TEST_CASE("router: when one of three equals drops out, the two that are left share its reads",
          "[policy][router][preference]") {
  const std::array<Candidate, 4> candidates{{{.latency = milliseconds(80), .is_primary = true},
                                             {.latency = milliseconds(1)},
                                             {.latency = milliseconds(1)},
                                             {.latency = milliseconds(2)}}};
  Host host(by_weight(), candidates);
  for (std::uint32_t i = 1; i < 4; ++i) host.probe_replica(seconds(0), {i}, 900);
  auto served = spread(host, 1000);
  for (std::uint32_t i = 1; i < 4; ++i) REQUIRE(std::abs(served[i] - 333) <= 1);
  host.probe_replica(milliseconds(1500), {1}, 900, seconds(9));
  // A third of the numbers draw again between the other two: 167 each, as evenly as a hash does
  // (the standard deviation of 333 fair coins is 9).
  served = spread(host, 1000, at(seconds(2)));
  REQUIRE(served[1] == 0);
  REQUIRE(std::abs(served[2] - 500) < 30);
}

TEST_CASE("router: a weight of zero gets reads only when its equals are out",
          "[policy][router][preference]") {
  const std::array<Candidate, 3> candidates{{{.latency = milliseconds(80), .is_primary = true},
                                             {.latency = milliseconds(1), .weight = 0},
                                             {.latency = milliseconds(1)}}};
  Host host(by_weight(), candidates);
  host.probe_replica(seconds(0), eu1, 900);
  host.probe_replica(seconds(0), eu2, 900);
  REQUIRE(spread(host, 100) == std::map<std::uint32_t, int>{{2, 100}});
  host.probe_replica(milliseconds(1500), eu2, 900, seconds(9));
  REQUIRE(spread(host, 100, at(seconds(2))) == std::map<std::uint32_t, int>{{1, 100}});
}

TEST_CASE("router: farther databases are equal when their round trips are",
          "[policy][router][preference]") {
  std::array<Candidate, 3> candidates{{{.latency = milliseconds(80), .is_primary = true},
                                       {.latency = milliseconds(10)},
                                       {.latency = milliseconds(11)}}};
  const auto served_with = [&](Duration second) {
    candidates[2].latency = second;
    Host host(by_weight(), candidates);
    host.probe_replica(seconds(0), eu1, 900);
    host.probe_replica(seconds(0), eu2, 900);
    return spread(host, 1000);
  };
  REQUIRE(served_with(milliseconds(11)) == std::map<std::uint32_t, int>{{1, 500}, {2, 500}});
  REQUIRE(served_with(microseconds(11'001)) == std::map<std::uint32_t, int>{{1, 1000}});
}

TEST_CASE("router: the order follows a round trip that has changed, not noise",
          "[policy][router][preference]") {
  const std::array<Candidate, 3> candidates{{{.latency = milliseconds(80), .is_primary = true},
                                             {.latency = milliseconds(20)},
                                             {.latency = milliseconds(22)}}};
  Host host({}, candidates);
  const auto probe = [&](std::int64_t second, Duration round_trip) {
    host.probe(seconds(second), eu1,
               {.timeline = 1, .lag = milliseconds(1), .round_trip = round_trip});
  };
  // Noise of half the round trip around 20 ms moves the average by a sixteenth at most: below 25 %.
  for (int i = 1; i <= 100; ++i) probe(i, milliseconds(i % 2 == 0 ? 10 : 30));
  REQUIRE(host.router.latency(eu1) == milliseconds(20));
  REQUIRE(order(host.router) == Indices{{1}, {2}, {0}});
  // From 20 ms to 60 ms: after n probes the average is 60 - 40 (7/8)^n, above 25 ms from n = 2 on,
  // since 60 - 40 * 49/64 = 29.4.
  probe(101, milliseconds(60));
  REQUIRE(order(host.router) == Indices{{1}, {2}, {0}});
  probe(102, milliseconds(60));
  REQUIRE(order(host.router) == Indices{{2}, {1}, {0}});
  // And back.
  for (int i = 103; i < 140; ++i) probe(i, milliseconds(20));
  REQUIRE(order(host.router) == Indices{{1}, {2}, {0}});
}

TEST_CASE("router: without smoothing the first figure stays", "[policy][router][preference]") {
  PolicyConfig config;
  config.router.latency_smoothing = Ratio{0};
  Host host(config);
  for (int i = 0; i < 100; ++i) {
    host.probe(seconds(i), eu1,
               {.timeline = 1, .lag = milliseconds(1), .round_trip = milliseconds(500)});
  }
  REQUIRE(host.router.latency(eu1) == milliseconds(1));
}

}  // namespace longhaul
