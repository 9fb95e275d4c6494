#include "gui/model/geo.h"

#include <algorithm>
#include <cmath>

namespace longhaul {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double degree = pi / 180;

// The polynomial's coefficients, table 1 of the paper.
constexpr double a1 = 1.340264;
constexpr double a2 = -0.081106;
constexpr double a3 = 0.000893;
constexpr double a4 = 0.003796;
const double half_root_3 = std::sqrt(3.0) / 2;

double y_of(double theta) {
  const double t2 = theta * theta;
  const double t6 = t2 * t2 * t2;
  return theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2));
}

double slope_of(double theta) {
  const double t2 = theta * theta;
  const double t6 = t2 * t2 * t2;
  return a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2);
}

struct Vector {
  double x = 0;
  double y = 0;
  double z = 0;
};

Vector vector_of(GeoPoint p) {
  const double lon = p.lon * degree;
  const double lat = p.lat * degree;
  return {std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)};
}

GeoPoint point_of(Vector v) {
  return {std::atan2(v.y, v.x) / degree, std::atan2(v.z, std::hypot(v.x, v.y)) / degree};
}

}  // namespace

PlanePoint project(GeoPoint point) {
  const double theta = std::asin(half_root_3 * std::sin(point.lat * degree));
  const double x = point.lon * degree * std::cos(theta) / (half_root_3 * slope_of(theta));
  return {static_cast<float>(x), static_cast<float>(y_of(theta))};
}

std::optional<GeoPoint> unproject(PlanePoint point) {
  if (std::abs(point.y) > plane_half_height) return std::nullopt;
  double theta = point.y / a1;
  for (int i = 0; i < 12; ++i) theta -= (y_of(theta) - point.y) / slope_of(theta);  // Newton
  const double sine = std::sin(theta) / half_root_3;
  const double lat = std::asin(std::clamp(sine, -1.0, 1.0)) / degree;
  const double lon = point.x * half_root_3 * slope_of(theta) / std::cos(theta) / degree;
  if (std::abs(lon) > 180) return std::nullopt;
  return GeoPoint{lon, lat};
}

double arc_between(GeoPoint a, GeoPoint b) {
  const Vector u = vector_of(a);
  const Vector v = vector_of(b);
  const Vector cross{u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x};
  const double sine = std::sqrt(cross.x * cross.x + cross.y * cross.y + cross.z * cross.z);
  return std::atan2(sine, u.x * v.x + u.y * v.y + u.z * v.z) / degree;
}

std::vector<std::vector<GeoPoint>> great_circle(GeoPoint a, GeoPoint b, double step) {
  const double arc = arc_between(a, b);
  if (arc > 179.999) {
    auto pieces = great_circle(a, {a.lon, 90}, step);
    for (auto& piece : great_circle({b.lon, 90}, b, step)) pieces.push_back(std::move(piece));
    return pieces;
  }
  const Vector u = vector_of(a);
  const Vector v = vector_of(b);
  const int count = std::max(1, static_cast<int>(std::ceil(arc / step - 1e-9)));
  std::vector<std::vector<GeoPoint>> pieces{{a}};
  for (int i = 1; i <= count; ++i) {
    GeoPoint next = b;
    if (i < count) {
      const double t = static_cast<double>(i) / count;
      const double p = std::sin((1 - t) * arc * degree);
      const double q = std::sin(t * arc * degree);
      next = point_of({p * u.x + q * v.x, p * u.y + q * v.y, p * u.z + q * v.z});
    }
    const GeoPoint last = pieces.back().back();
    if (std::abs(next.lon - last.lon) > 180) {
      // Where it meets the antimeridian, along the chord of this short step.
      const double edge = last.lon > 0 ? 180 : -180;
      const double beyond = next.lon + 2 * edge;
      const double share = (edge - last.lon) / (beyond - last.lon);
      const double lat = last.lat + (next.lat - last.lat) * share;
      pieces.back().push_back({edge, lat});
      pieces.push_back({{-edge, lat}});
    }
    pieces.back().push_back(next);
  }
  return pieces;
}

}  // namespace longhaul
