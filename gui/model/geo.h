// The geometry of the map: from the globe to the plane, ways over the globe.
//
// The projection is Equal Earth (Šavrič, Patterson and Jenny, "The Equal Earth map projection",
// 2018): areas are true and continents look as people know them. Degrees on the globe; in the
// plane, a unit is the radius of a sphere of the same area, y goes up. Great circles are sampled by
// spherical interpolation (Shoemake 1985). For pictures only: nothing comes back into a simulation.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace longhaul {

struct GeoPoint {
  double lon = 0;
  double lat = 0;
};

struct PlanePoint {
  float x = 0;
  float y = 0;

  bool operator==(const PlanePoint&) const = default;
};

constexpr float plane_half_width = 2.7066299f;   // of the equator
constexpr float plane_half_height = 1.3173628f;  // of the poles

PlanePoint project(GeoPoint point);
// Absent beyond the edge of the map.
std::optional<GeoPoint> unproject(PlanePoint point);

// The shortest way between two points in pieces that do not cross the antimeridian, both ends
// included. `step` is in degrees. Antipodes have no shortest way: one over the pole is taken.
std::vector<std::vector<GeoPoint>> great_circle(GeoPoint a, GeoPoint b, double step = 2);

// Degrees of arc.
double arc_between(GeoPoint a, GeoPoint b);

}  // namespace longhaul
