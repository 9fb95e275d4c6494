#include "gui/model/geo.h"

#include <cmath>

#include "tests/catch.h"

using namespace longhaul;

TEST_CASE("geo: Equal Earth there and back", "[geo]") {
  for (double lat = -89; lat <= 89; lat += 8.9) {
    for (double lon = -180; lon <= 180; lon += 30) {
      const auto back = unproject(project({lon * 0.999, lat}));
      REQUIRE(back);
      CHECK(back->lon == Approx(lon * 0.999).margin(1e-3));  // floats in the plane
      CHECK(back->lat == Approx(lat).margin(1e-3));
    }
  }
  CHECK_FALSE(unproject({2.8f, 0}));
  CHECK_FALSE(unproject({0, 1.4f}));
  CHECK_FALSE(unproject({2.7f, 1.2f}));  // beyond the rounded side
}

TEST_CASE("geo: Equal Earth keeps areas and has the published extent", "[geo]") {
  // Equations 1 to 3 of the paper at theta = 0: x = lon / (sqrt(3)/2 * a1) * 1 = 2.70663 at 180;
  // at the pole theta = pi/3: y = 1.31736.
  CHECK(project({180, 0}).x == Approx(plane_half_width));
  CHECK(project({0, 90}).y == Approx(plane_half_height));
  // A cell of 1 by 1 degree covers cos(lat) * (pi/180)^2 of a unit sphere.
  const double cell = std::pow(3.14159265358979 / 180, 2);
  for (const double lat : {0.0, 30.0, 60.0, 80.0}) {
    const PlanePoint a = project({100, lat - 0.5});
    const PlanePoint b = project({101, lat - 0.5});
    const PlanePoint c = project({100, lat + 0.5});
    const PlanePoint d = project({101, lat + 0.5});
    const double height = c.y - a.y;
    const double width = ((b.x - a.x) + (d.x - c.x)) / 2;
    CHECK(width * height == Approx(cell * std::cos(lat * 3.14159265358979 / 180)).epsilon(0.002));
  }
}

TEST_CASE("geo: The middle of a great circle", "[geo]") {
  // Two points of latitude 45 that are 90 degrees apart: the middle has the direction of their sum,
  // tan(lat) = sin 45 / (cos 45 * cos 45) = sqrt(2), lat = 54.7356.
  const auto pieces = great_circle({0, 45}, {90, 45}, 1);
  REQUIRE(pieces.size() == 1);
  const auto& way = pieces[0];
  CHECK(way.front().lon == 0);
  CHECK(way.back().lon == 90);
  // cos(arc) = sin^2 45 + cos^2 45 * cos 90 = 1/2: 60 degrees, so 61 points.
  REQUIRE(way.size() == 61);
  CHECK(way[30].lon == Approx(45));
  CHECK(way[30].lat == Approx(std::atan(std::sqrt(2.0)) * 180 / 3.14159265358979));
  for (std::size_t i = 1; i < way.size(); ++i) CHECK(arc_between(way[i - 1], way[i]) == Approx(1));
}

TEST_CASE("geo: Ways are cut at the antimeridian", "[geo]") {
  const auto pieces = great_circle({139.7, 35.7}, {-122.3, 47.6});  // Tokyo to Seattle
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].back().lon == 180);
  CHECK(pieces[1].front().lon == -180);
  CHECK(pieces[0].back().lat == Approx(pieces[1].front().lat));
  for (const auto& piece : pieces) {
    for (std::size_t i = 1; i < piece.size(); ++i) {
      CHECK(std::abs(piece[i].lon - piece[i - 1].lon) < 90);
    }
  }
  CHECK(great_circle({10, 20}, {10, 20}).size() == 1);
  CHECK(great_circle({0, 0}, {180, 0}).size() == 2);  // over the pole
}
