#include "run/land.h"

#include "tests/catch.h"

using namespace longhaul;

namespace {

// Twice the area between three points, in square hundredths of a degree; positive when they go
// against the clock.
std::int64_t doubled_area(const LandPoint& a, const LandPoint& b, const LandPoint& c) {
  const auto hundredths = [](std::int64_t udeg) { return udeg / 10'000; };
  return hundredths(b.lon_udeg - a.lon_udeg) * hundredths(c.lat_udeg - a.lat_udeg) -
         hundredths(b.lat_udeg - a.lat_udeg) * hundredths(c.lon_udeg - a.lon_udeg);
}

// Whether a triangle holds the point.
bool is_land(const Land& land, double lon, double lat) {
  const LandPoint p{static_cast<std::int64_t>(lon * 1e6), static_cast<std::int64_t>(lat * 1e6)};
  for (std::size_t i = 0; i < land.corners.size(); i += 3) {
    const LandPoint& a = land.points[land.corners[i]];
    const LandPoint& b = land.points[land.corners[i + 1]];
    const LandPoint& c = land.points[land.corners[i + 2]];
    if (doubled_area(a, b, p) >= 0 && doubled_area(b, c, p) >= 0 && doubled_area(c, a, p) >= 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("land: The triangles fill the outlines exactly", "[land]") {
  const Land& land = Land::builtin();
  std::int64_t filled = 0;
  for (std::size_t i = 0; i < land.corners.size(); i += 3) {
    const std::int64_t area =
        doubled_area(land.points[land.corners[i]], land.points[land.corners[i + 1]],
                     land.points[land.corners[i + 2]]);
    CHECK(area > 0);
    filled += area;
  }
  std::int64_t outlined = 0;  // holes go round the other way
  std::size_t begin = 0;
  for (const std::uint32_t end : land.ring_ends) {
    for (std::size_t i = begin + 1; i + 1 < end; ++i) {
      outlined += doubled_area(land.points[begin], land.points[i], land.points[i + 1]);
    }
    begin = end;
  }
  CHECK(filled == outlined);
  CHECK(begin == land.points.size());
}

TEST_CASE("land: Land is where it is and seas are not", "[land]") {
  const Land& land = Land::builtin();
  CHECK(is_land(land, 2.35, 48.86));   // Paris
  CHECK(is_land(land, -47.9, -15.8));  // Brasilia
  CHECK(is_land(land, 138.5, 36.5));   // Honshu
  CHECK(is_land(land, -175.0, 66.5));  // Chukotka, beyond the antimeridian
  CHECK(is_land(land, 0.0, -85.0));    // Antarctica
  CHECK(is_land(land, 179.0, -86.0));
  CHECK_FALSE(is_land(land, -30.0, 40.0));  // Atlantic
  CHECK_FALSE(is_land(land, 51.0, 42.0));   // Caspian Sea, a hole
  CHECK_FALSE(is_land(land, 178.0, 10.0));  // Pacific
}

TEST_CASE("land: A bad row is refused with its line", "[land]") {
  CHECK(Land::from_text("ring,0,0,1,0,1,1\ntriangles,0,1,2\n").ok());
  for (const char* bad :
       {"ring,0,0,1,0", "ring,0,0,1,0,1,9001", "ring,0,0,1,0,1,1\ntriangles,0,1,3",
        "ring,0,0,1,0,1,1\ntriangles,0,1", "ring,0,0,1,0,1,x", "sea,1"}) {
    CHECK_FALSE(Land::from_text(bad).ok());
  }
  CHECK(Land::from_text("# note\nring,0,0,1,0,1,1,").errors().front().line == 2);
}
