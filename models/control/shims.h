// Temporary.
#pragma once
#include "models/world.h"
namespace longhaul {
inline bool rewind(World&, NodeId, NodeId) { return false; }
inline bool reinit(World&, NodeId, NodeId) { return false; }
}
