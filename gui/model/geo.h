// The geometry of the map: from the globe to the plane, ways over the globe, room for labels.
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

// A rectangle of the screen, for labels.
struct LabelBox {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
};

struct LabelWish {
  PlanePoint anchor;  // what it belongs to
  float width = 0;
  float height = 0;
};

float overlap(const LabelBox& a, const LabelBox& b);  // area

struct LabelPlaces {
  std::vector<LabelBox> boxes;  // by wish
  bool free = true;             // no label lies on another or on a dot
};

// A place for each label: near its anchor, inside of `bounds`, on no other label, on no dot and, if
// it can be, on no obstacle and no line from another label to its anchor. The first ones choose
// first, and each once more when all stand; the same wishes get the same places. Labels lie on one
// another or on a dot only if there is no room for them.
LabelPlaces place_labels(const std::vector<LabelWish>& wishes, const std::vector<LabelBox>& dots,
                         const std::vector<LabelBox>& obstacles, const LabelBox& bounds, float gap);

}  // namespace longhaul
