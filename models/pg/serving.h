// Whether a server does what only a primary does, which others may ask before they do it for it.
#pragma once

#include "models/world.h"

namespace longhaul {

// It is up and a primary, of whichever timeline.
inline bool is_serving_primary(const World& world, NodeId node) {
  return world.node(node).is_primary && world.node(node).liveness == Liveness::up;
}

}  // namespace longhaul
