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

Duration latency_between(const ClusterConfig& config, const std::string& from,
                         const std::string& to) {
  if (from == to) return {};
  const std::vector<LinkId> way =
      ways(config, index_of(config.regions, from))[index_of(config.regions, to)];
  Duration total;
  for (LinkId link : way) total += config.links[link.value].latency;
  return way.empty() ? Duration::max() : total;
}

GroupId nearest_group(const ClusterConfig& config, const Plan& plan, const std::string& region) {
  GroupId best{0};
  Duration best_latency = Duration::max();
  for (std::uint32_t i = 0; i < plan.groups.size(); ++i) {
    const NodePlan& primary = plan.nodes[plan.groups[i].primary.value];
    const Duration latency = latency_between(config, region, primary.config.region);
    if (latency >= best_latency) continue;
    best = {i};
    best_latency = latency;
  }
  return best;
}

GroupId group_named(const Plan& plan, const std::string& primary) {
  for (std::uint32_t i = 0; i < plan.groups.size(); ++i) {
    if (plan.nodes[plan.groups[i].primary.value].config.name == primary) return {i};
  }
  CHECK(false);
  __builtin_unreachable();
}

DataSetId set_of(const Plan& plan, const std::string& name) {
  for (std::uint32_t i = 0; i < plan.sets.size(); ++i) {
    if (plan.sets[i].config.name == name) return {i};
  }
  CHECK(false);
  __builtin_unreachable();
}

}  // namespace longhaul
