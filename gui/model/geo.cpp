#include "gui/model/geo.h"

#include <algorithm>
#include <array>
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

float overlap(const LabelBox& a, const LabelBox& b) {
  const float x = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float y = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return x > 0 && y > 0 ? x * y : 0;
}

namespace {

struct LabelRoom {
  const std::vector<LabelBox>& dots;
  const std::vector<LabelBox>& obstacles;
  const LabelBox& bounds;
  float gap;
};

LabelBox inside(LabelBox box, const LabelBox& bounds) {
  box.x = std::clamp(box.x, bounds.x, std::max(bounds.x, bounds.x + bounds.width - box.width));
  box.y = std::clamp(box.y, bounds.y, std::max(bounds.y, bounds.y + bounds.height - box.height));
  return box;
}

// Of what it must not lie on, the area.
float taken_by(const LabelBox& box, const std::vector<LabelBox>& placed, std::size_t own,
               const LabelRoom& room) {
  const float gap = room.gap;
  const LabelBox wide{box.x - gap / 2, box.y - gap / 2, box.width + gap, box.height + gap};
  float taken = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (i != own) taken += overlap(wide, placed[i]);
  }
  for (const LabelBox& dot : room.dots) taken += overlap(box, dot);
  return taken;
}

PlanePoint nearest_in(const LabelBox& box, PlanePoint p) {
  return {std::clamp(p.x, box.x, box.x + box.width), std::clamp(p.y, box.y, box.y + box.height)};
}

// Liang and Barsky's test of a line that ends at a and b.
bool crosses(PlanePoint a, PlanePoint b, const LabelBox& box) {
  float from = 0;
  float to = 1;
  const auto cut = [&](float step, float room) {
    if (step == 0) return room >= 0;
    const float at = room / step;
    if (step < 0) {
      from = std::max(from, at);
    } else {
      to = std::min(to, at);
    }
    return from <= to;
  };
  return cut(a.x - b.x, a.x - box.x) && cut(b.x - a.x, box.x + box.width - a.x) &&
         cut(a.y - b.y, a.y - box.y) && cut(b.y - a.y, box.y + box.height - a.y);
}

bool holds(const LabelBox& box, PlanePoint p) {
  return p.x >= box.x && p.x <= box.x + box.width && p.y >= box.y && p.y <= box.y + box.height;
}

// Lines from labels to their anchors that lead through something: its own through others' labels
// and dots, and the others' through it.
int crossings(const std::vector<LabelWish>& wishes, const LabelBox& box,
              const std::vector<LabelBox>& placed, std::size_t own,
              const std::vector<LabelBox>& dots) {
  const PlanePoint anchor = wishes[own].anchor;
  const PlanePoint end = nearest_in(box, anchor);
  int count = 0;
  for (const LabelBox& dot : dots) {
    count += !holds(dot, anchor) && crosses(anchor, end, dot) ? 1 : 0;
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (i == own) continue;
    const PlanePoint other = wishes[i].anchor;
    count += crosses(anchor, end, placed[i]) ? 1 : 0;
    count += crosses(other, nearest_in(placed[i], other), box) ? 1 : 0;
  }
  return count;
}

// The best place of one label beside the others that stand.
LabelBox best_place(const std::vector<LabelWish>& wishes, const std::vector<LabelBox>& placed,
                    std::size_t own, const LabelRoom& room) {
  const LabelWish& wish = wishes[own];
  constexpr std::array<PlanePoint, 8> sides = {
      {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}}};
  constexpr int rings = 24;
  constexpr int grid = 24;  // places across and down, where none of the rings is free
  LabelBox best{};
  float least = -1;
  const auto consider = [&](const LabelBox& box, float far) {
    // In order of weight: labels and dots, obstacles, lines that are crossed, how far away it is.
    const float ring = 0.02f * wish.width * wish.height;
    float cost = far * ring;
    if (least >= 0 && cost >= least) return;
    cost += 4 * ring * static_cast<float>(crossings(wishes, box, placed, own, room.dots));
    cost += 1000 * taken_by(box, placed, own, room);
    for (const LabelBox& obstacle : room.obstacles) cost += 10 * overlap(box, obstacle);
    if (least >= 0 && cost >= least) return;
    least = cost;
    best = box;
  };
  const auto ring_distance = [&](int ring) {
    return room.gap * static_cast<float>(ring * ring + 3) / 4;
  };
  for (int ring = 1; ring <= rings; ++ring) {
    const float distance = ring_distance(ring);
    for (const PlanePoint& side : sides) {
      const LabelBox box{wish.anchor.x + side.x * (wish.width / 2 + distance) - wish.width / 2,
                         wish.anchor.y + side.y * (wish.height / 2 + distance) - wish.height / 2,
                         wish.width, wish.height};
      consider(inside(box, room.bounds), static_cast<float>(ring));
    }
  }
  if (taken_by(best, placed, own, room) == 0) return best;
  const LabelBox& all = room.bounds;
  for (int i = 0; i < grid * grid; ++i) {
    const float across = static_cast<float>(i % grid) / (grid - 1);
    const float down = static_cast<float>(i / grid) / (grid - 1);
    const LabelBox box =
        inside({all.x + across * (all.width - wish.width),
                all.y + down * (all.height - wish.height), wish.width, wish.height},
               all);
    const float x = box.x + box.width / 2 - wish.anchor.x;
    const float y = box.y + box.height / 2 - wish.anchor.y;
    // As far as a ring is that reaches there.
    consider(box, std::sqrt(4 * std::sqrt(x * x + y * y) / room.gap));
  }
  return best;
}

}  // namespace

LabelPlaces place_labels(const std::vector<LabelWish>& wishes, const std::vector<LabelBox>& dots,
                         const std::vector<LabelBox>& obstacles, const LabelBox& bounds,
                         float gap) {
  const LabelRoom room{dots, obstacles, bounds, gap};
  LabelPlaces places;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.boxes.push_back(best_place(wishes, places.boxes, i, room));
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.boxes[i] = best_place(wishes, places.boxes, i, room);
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.free = places.free && taken_by(places.boxes[i], places.boxes, i, room) == 0;
  }
  return places;
}

}  // namespace longhaul
