// Faults of zones and regions, as the faults of servers, apps, caches, store members and links that
// they are made of. What is lost with a zone or a region vanishes at one instant and is started
// again at one instant. Left out: that users of an app whose region is lost meet silence where the
// crash of an app meets resets.
#pragma once

#include <vector>

#include "models/build.h"

namespace longhaul {

std::vector<FaultConfig> parts_of_faults(const ClusterConfig& config);

}  // namespace longhaul
