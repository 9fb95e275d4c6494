#include "models/net/topology.h"

#include <algorithm>
#include <iterator>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/topological_sort.hpp>

namespace longhaul {
namespace {

using Weighted =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                          boost::property<boost::edge_weight_t, std::int64_t>>;
using Plain = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

}  // namespace

std::vector<std::vector<LinkId>> fastest_ways(std::uint32_t regions,
                                              const std::vector<TopologyEdge>& edges,
                                              std::uint32_t from) {
  Weighted graph(regions);
  for (const TopologyEdge& edge : edges) {
    boost::add_edge(edge.from, edge.to, edge.latency.ns, graph);
  }
  constexpr std::int64_t unreachable = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> distance(regions, unreachable);
  boost::dijkstra_shortest_paths(graph, from,
                                 boost::distance_map(boost::make_iterator_property_map(
                                     distance.begin(), boost::get(boost::vertex_index, graph))));

  // Walks back from each region by the edges that lie on a fastest way. Every step needs a positive
  // latency to be sure to end, hence the bound on hops.
  std::vector<std::vector<LinkId>> ways(regions);
  for (std::uint32_t to = 0; to < regions; ++to) {
    if (distance[to] == unreachable) continue;
    std::uint32_t at = to;
    for (std::uint32_t hops = 0; at != from && hops < regions; ++hops) {
      const TopologyEdge* best = nullptr;
      for (const TopologyEdge& edge : edges) {
        if (edge.to != at || distance[edge.from] == unreachable) continue;
        if (distance[edge.from] + edge.latency.ns != distance[at]) continue;
        if (best == nullptr || edge.from < best->from) best = &edge;
      }
      ways[to].push_back(best->link);
      at = best->from;
    }
    if (at != from) ways[to].clear();
    std::reverse(ways[to].begin(), ways[to].end());
  }
  return ways;
}

std::optional<std::vector<std::uint32_t>> following_order(
    const std::vector<std::uint32_t>& follows) {
  Plain graph(follows.size());
  for (std::uint32_t i = 0; i < follows.size(); ++i) {
    if (follows[i] != i) boost::add_edge(i, follows[i], graph);
  }
  std::vector<std::uint32_t> order;
  try {
    boost::topological_sort(graph, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    return std::nullopt;
  }
  return order;
}

}  // namespace longhaul
