#include "models/pg/cold_cache.h"

namespace longhaul {

Duration on_cold_pages(World& world, NodeId id, Duration demand, std::int64_t rows) {
  Node& node = world.node(id);
  if (!node.is_primary) {
    node.cold = 0;
    return demand;
  }
  const ColdCacheConfig& config = *world.plan->postgres.cold_cache;
  const auto pages = static_cast<std::uint64_t>(config.pages);
  const std::int64_t more_ppm = div_floor(
      static_cast<Int128>(config.slowdown.ppm - 1'000'000) * static_cast<Int128>(node.cold),
      static_cast<Int128>(all_cold));
  for (std::int64_t i = 0; i < rows; ++i) node.cold -= (node.cold + pages - 1) / pages;
  return demand + Duration{div_floor(static_cast<Int128>(demand.ns) * more_ppm, Int128{1'000'000})};
}

}  // namespace longhaul
