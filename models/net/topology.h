// Regions and the links between them as a graph: who reaches whom over which links.
//
// The graph lives here, while the world is built; the world itself holds a vector of links and a
// path for each pair of places (models/net/network.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/units.h"

namespace longhaul {

struct TopologyEdge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  Duration latency;
  LinkId link;
};

// The fastest way from one region to every other, as links in travelling order; empty where there
// is none, and from a region to itself. Ties go to the way whose last hop leaves the lower region.
std::vector<std::vector<LinkId>> fastest_ways(std::uint32_t regions,
                                              const std::vector<TopologyEdge>& edges,
                                              std::uint32_t from);

// An order in which every member comes after the one it follows, or nothing when they form a cycle.
// follows[i] is the one that i follows, or i itself.
std::optional<std::vector<std::uint32_t>> following_order(
    const std::vector<std::uint32_t>& follows);

}  // namespace longhaul
