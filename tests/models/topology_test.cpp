#include "models/net/topology.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

using Way = std::vector<LinkId>;
using Members = std::vector<std::uint32_t>;

// Link numbers are positions in the list of edges.
std::vector<TopologyEdge> edges_of(std::vector<TopologyEdge> edges) {
  for (std::uint32_t i = 0; i < edges.size(); ++i) edges[i].link = {i};
  return edges;
}

std::size_t place_in(const Members& order, std::uint32_t member) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), member) - order.begin());
}

}  // namespace

TEST_CASE("fastest_ways: spokes reach each other over the hub", "[models][topology]") {
  // Region 0 is the hub of 1, 2 and 3; links 0..5 are 0->1, 1->0, 0->2, 2->0, 0->3, 3->0.
  const auto edges = edges_of({{0, 1, milliseconds(10), {}},
                               {1, 0, milliseconds(10), {}},
                               {0, 2, milliseconds(20), {}},
                               {2, 0, milliseconds(20), {}},
                               {0, 3, milliseconds(30), {}},
                               {3, 0, milliseconds(30), {}}});
  const auto from_1 = fastest_ways(4, edges, 1);
  REQUIRE(from_1 == std::vector<Way>{{{1}}, {}, {{1}, {2}}, {{1}, {4}}});
  const auto from_hub = fastest_ways(4, edges, 0);
  REQUIRE(from_hub == std::vector<Way>{{}, {{0}}, {{2}}, {{4}}});
}

TEST_CASE("fastest_ways: a detour wins when it is faster, not when it has fewer hops",
          "[models][topology]") {
  // 0->3 directly takes 50 ms; 0->1->2->3 takes 10 + 10 + 10 = 30 ms.
  auto edges = edges_of({{0, 3, milliseconds(50), {}},
                         {0, 1, milliseconds(10), {}},
                         {1, 2, milliseconds(10), {}},
                         {2, 3, milliseconds(10), {}}});
  REQUIRE(fastest_ways(4, edges, 0)[3] == Way{{1}, {2}, {3}});
  edges[0].latency = milliseconds(29);
  REQUIRE(fastest_ways(4, edges, 0)[3] == Way{{0}});
}

TEST_CASE("fastest_ways: a tie goes to the last hop from the lower region", "[models][topology]") {
  // 0->2->3 and 0->1->3 both take 30 ms, whatever the order of the edges: the last hop from 1 wins.
  const auto edges = edges_of({{0, 2, milliseconds(10), {}},
                               {2, 3, milliseconds(20), {}},
                               {0, 1, milliseconds(20), {}},
                               {1, 3, milliseconds(10), {}}});
  REQUIRE(fastest_ways(4, edges, 0)[3] == Way{{2}, {3}});
  // A direct link of 30 ms leaves region 0, lower still.
  auto with_direct = edges;
  with_direct.push_back({0, 3, milliseconds(30), {4}});
  REQUIRE(fastest_ways(4, with_direct, 0)[3] == Way{{4}});
}

TEST_CASE("fastest_ways: directions count: nothing leads back over a one-way link",
          "[models][topology]") {
  const auto edges = edges_of({{0, 1, milliseconds(10), {}}});
  REQUIRE(fastest_ways(3, edges, 0) == std::vector<Way>{{}, {{0}}, {}});
  REQUIRE(fastest_ways(3, edges, 1) == std::vector<Way>{{}, {}, {}});
  REQUIRE(fastest_ways(1, {}, 0) == std::vector<Way>{{}});
}

// The reference relaxes every edge as often as there are regions (Bellman-Ford).
TEST_CASE("fastest_ways: random graphs: connected, and as fast as any way", "[models][topology]") {
  constexpr std::int64_t none = -1;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    RandomStream random{{seed}};
    const auto regions = static_cast<std::uint32_t>(2 + random.bits() % 6);
    std::vector<TopologyEdge> edges;
    for (std::uint64_t left = random.bits() % 16; left > 0; --left) {
      const auto from = static_cast<std::uint32_t>(random.bits() % regions);
      const auto to = static_cast<std::uint32_t>(random.bits() % regions);
      const auto latency = static_cast<std::int64_t>(1 + random.bits() % 5);  // small: many ties
      if (from != to) edges.push_back({from, to, {latency}, {}});
    }
    edges = edges_of(edges);
    std::vector<std::int64_t> fastest(regions, none);
    fastest[0] = 0;
    for (std::uint32_t round = 0; round < regions; ++round) {
      for (const TopologyEdge& edge : edges) {
        if (fastest[edge.from] == none) continue;
        const std::int64_t over = fastest[edge.from] + edge.latency.ns;
        std::int64_t& best = fastest[edge.to];
        if (best == none || over < best) best = over;
      }
    }
    const auto ways = fastest_ways(regions, edges, 0);
    for (std::uint32_t to = 1; to < regions; ++to) {
      if (fastest[to] == none) {
        REQUIRE(ways[to].empty());
        continue;
      }
      std::uint32_t at = 0;
      std::int64_t taken = 0;
      for (const LinkId link : ways[to]) {
        REQUIRE(edges[link.value].from == at);
        at = edges[link.value].to;
        taken += edges[link.value].latency.ns;
      }
      REQUIRE(at == to);
      REQUIRE(taken == fastest[to]);
    }
  }
}

TEST_CASE("following_order: everyone comes after the one it follows", "[models][topology]") {
  // 0 follows 1, 1 follows 2, 2 leads; 3 follows 2; 4 stands alone.
  const Members follows = {1, 2, 2, 2, 4};
  const std::optional<Members> order = following_order(follows);
  REQUIRE(order.has_value());
  REQUIRE(order->size() == 5);
  for (std::uint32_t member = 0; member < follows.size(); ++member) {
    REQUIRE(place_in(*order, member) < 5);
    REQUIRE(place_in(*order, follows[member]) <= place_in(*order, member));
  }
}

TEST_CASE("following_order: a long chain has one order", "[models][topology]") {
  REQUIRE(following_order({1, 2, 3, 3}) == Members{3, 2, 1, 0});
  REQUIRE(following_order({}) == Members{});
}

TEST_CASE("following_order: a cycle has none", "[models][topology]") {
  REQUIRE(following_order({1, 0}) == std::nullopt);
  REQUIRE(following_order({1, 2, 0}) == std::nullopt);
  // A leader with a follower beside the cycle 2, 3 does not help; nor does one that leads into it.
  REQUIRE(following_order({0, 0, 3, 2}) == std::nullopt);
  REQUIRE(following_order({1, 2, 1}) == std::nullopt);
}

}  // namespace longhaul
