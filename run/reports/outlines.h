// Land, drawn by hand in whole degrees: enough to know where one is.
#pragma once

#include <span>

namespace longhaul {

struct Degrees {
  int lon = 0;
  int lat = 0;
};

// Closed outlines, one after another.
std::span<const std::span<const Degrees>> land();

}  // namespace longhaul
