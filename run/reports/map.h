// The regions of a scenario on a map, with their servers, lag and the ways between them.
//
// Plate carrée, cut where the regions leave the widest gap and cropped around them, over the land
// of run/land.h as far as it is seen, in whole pixels. Replication is a thick line with its lag,
// other traffic a thin one; both say the round trip, dashed where it is an estimate. Regions that
// the catalogue has no position of make it a schematic: all on a circle.
#pragma once

#include <cstdint>
#include <string>

#include "run/reports/material.h"

namespace longhaul {

std::string map_svg(const Material& material, std::int64_t width, std::int64_t height);

}  // namespace longhaul
