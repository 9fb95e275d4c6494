// The world's land, coarse enough for a map of cloud regions: outlines, and triangles that fill
// them. data/land.csv, which tools/convert_land.py makes from Natural Earth.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace longhaul {

struct LandPoint {
  std::int64_t lon_udeg = 0;
  std::int64_t lat_udeg = 0;
};

struct Land {
  std::vector<LandPoint> points;
  std::vector<std::uint32_t> ring_ends;  // positions in `points` behind each ring
  std::vector<std::uint32_t> corners;    // positions in `points`, three a triangle

  static const Land& builtin();
  static Result<Land> from_text(std::string_view csv);
};

}  // namespace longhaul
