// The cache of a standby that served no reads, when it has become the primary.
//
// Replay has touched the pages that were written, not those that are read. What a statement needs
// and nobody has touched comes from the disk:
//
//   time of a statement = its time x (1 + (slowdown - 1) x cold)
//   cold is 1 at first and is multiplied by 1 - 1 / pages with each row touched
//
// so that `pages` rows leave 37 % of it cold. A standby that has served a statement is warm, since
// in production it has done so for long. Where postgres.cold_cache is absent every node is warm.
//
// Left out: how hot rows differ from cold ones, the disk as a queue, pg_prewarm.
#pragma once

#include "models/world.h"

namespace longhaul {

constexpr std::uint64_t all_cold = std::uint64_t{1} << 32;

// The processor time of a statement on a node with cold pages, which it warms.
Duration on_cold_pages(World& world, NodeId node, Duration demand, std::int64_t rows);

}  // namespace longhaul
