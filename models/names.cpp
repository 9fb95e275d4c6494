#include "models/names.h"

#include "models/net/topology.h"

namespace longhaul {

std::vector<std::vector<LinkId>> ways(const ClusterConfig& config, std::uint32_t from) {
  std::vector<TopologyEdge> edges;
  std::vector<std::vector<LinkId>> direct(config.regions.size());
  for (std::uint32_t i = 0; i < config.links.size(); ++i) {
    const DirectedLink& link = config.links[i];
    edges.push_back({index_of(config.regions, link.from), index_of(config.regions, link.to),
                     link.latency, LinkId{i}});
    if (edges.back().from == from) direct[edges.back().to] = {LinkId{i}};
  }
  if (config.network.routes == Routes::direct) return direct;
  return fastest_ways(static_cast<std::uint32_t>(config.regions.size()), edges, from);
}

std::uint32_t place_of(const ClusterConfig& config, Plan& plan, const std::string& region,
                       const std::string& zone) {
  const std::uint32_t at = index_of(config.regions, region);
  for (std::uint32_t i = 0; i < plan.places.size(); ++i) {
    if (plan.places[i].region == at && plan.places[i].zone == zone) return i;
  }
  plan.places.push_back({at, zone});
  return static_cast<std::uint32_t>(plan.places.size() - 1);
}

DataSetId set_of(const Plan& plan, const std::string& name) {
  for (std::uint32_t i = 0; i < plan.sets.size(); ++i) {
    if (plan.sets[i].config.name == name) return {i};
  }
  CHECK(false);
  __builtin_unreachable();
}

}  // namespace longhaul
