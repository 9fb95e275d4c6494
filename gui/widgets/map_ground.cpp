#include "gui/widgets/map_ground.h"

#include <algorithm>
#include <cmath>

#include "gui/widgets/theme.h"
#include "run/land.h"

namespace longhaul {
namespace {

struct Ring {
  std::size_t begin = 0;
  std::size_t end = 0;
  PlanePoint least;
  PlanePoint most;
};

// The land in the plane, projected once.
struct PlaneLand {
  std::vector<PlanePoint> points;
  std::vector<bool> at_edge;  // on the cut of the map, where there is no shore
  std::vector<Ring> rings;
};

constexpr double degrees(std::int64_t udeg) { return static_cast<double>(udeg) / 1e6; }

const PlaneLand& plane_land() {
  static const PlaneLand made = [] {
    const Land& land = Land::builtin();
    PlaneLand plane;
    for (const LandPoint& point : land.points) {
      plane.points.push_back(project({degrees(point.lon_udeg), degrees(point.lat_udeg)}));
      plane.at_edge.push_back(std::abs(point.lon_udeg) == 180'000'000 ||
                              point.lat_udeg == -90'000'000);
    }
    std::size_t begin = 0;
    for (const std::uint32_t end : land.ring_ends) {
      Ring ring{begin, end, plane.points[begin], plane.points[begin]};
      for (std::size_t i = begin; i < end; ++i) {
        const PlanePoint p = plane.points[i];
        ring.least = {std::min(ring.least.x, p.x), std::min(ring.least.y, p.y)};
        ring.most = {std::max(ring.most.x, p.x), std::max(ring.most.y, p.y)};
      }
      plane.rings.push_back(ring);
      begin = end;
    }
    return plane;
  }();
  return made;
}

void draw_sea(ImDrawList* list, const MapView& view) {
  list->PathClear();
  for (int lat = -90; lat <= 90; lat += 3) {
    list->PathLineTo(view.at(project({180, static_cast<double>(lat)})));
  }
  for (int lat = 90; lat >= -90; lat -= 3) {
    list->PathLineTo(view.at(project({-180, static_cast<double>(lat)})));
  }
  list->PathFillConvex(colour(Tint::sea));
}

void draw_graticule(ImDrawList* list, const MapView& view) {
  const ImU32 ink = colour(Tint::line, 0.22f);
  for (int lon = -180; lon <= 180; lon += 30) {
    for (int lat = -90; lat <= 90; lat += 5) {
      list->PathLineTo(view.at(project({static_cast<double>(lon), static_cast<double>(lat)})));
    }
    list->PathStroke(ink, 0, 1);
  }
  for (int lat = -60; lat <= 60; lat += 30) {
    list->AddLine(view.at(project({-180, static_cast<double>(lat)})),
                  view.at(project({180, static_cast<double>(lat)})), ink, 1);
  }
}

// Raw triangles: antialiased ones would show their seams. Those out of sight, or smaller than can
// be seen below the shores, are left out.
void fill_land(ImDrawList* list, const MapView& view) {
  const PlaneLand& plane = plane_land();
  const std::vector<std::uint32_t>& corners = Land::builtin().corners;
  static std::vector<ImVec2> pixels;  // kept for its room
  pixels.clear();
  for (const PlanePoint& point : plane.points) pixels.push_back(view.at(point));
  const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
  const ImU32 ink = colour(Tint::land);
  const Area& area = view.area;
  for (std::size_t i = 0; i + 2 < corners.size(); i += 3) {
    const ImVec2 a = pixels[corners[i]];
    const ImVec2 b = pixels[corners[i + 1]];
    const ImVec2 c = pixels[corners[i + 2]];
    const float doubled = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if (std::abs(doubled) < 0.5f) continue;
    if (std::max({a.x, b.x, c.x}) < area.from.x || std::min({a.x, b.x, c.x}) > area.to.x) continue;
    if (std::max({a.y, b.y, c.y}) < area.from.y || std::min({a.y, b.y, c.y}) > area.to.y) continue;
    list->PrimReserve(3, 3);
    const auto first = static_cast<ImDrawIdx>(list->_VtxCurrentIdx);
    list->PrimWriteVtx(a, white, ink);
    list->PrimWriteVtx(b, white, ink);
    list->PrimWriteVtx(c, white, ink);
    for (unsigned k = 0; k < 3; ++k) list->PrimWriteIdx(static_cast<ImDrawIdx>(first + k));
  }
}

bool is_seen(const Ring& ring, const MapView& view) {
  const ImVec2 a = view.at({ring.least.x, ring.most.y});
  const ImVec2 b = view.at({ring.most.x, ring.least.y});
  return a.x < view.area.to.x && b.x > view.area.from.x && a.y < view.area.to.y &&
         b.y > view.area.from.y;
}

void draw_shores(ImDrawList* list, const MapView& view) {
  const PlaneLand& plane = plane_land();
  const ImU32 ink = colour(Tint::shore);
  for (const Ring& ring : plane.rings) {
    if (!is_seen(ring, view)) continue;
    ImVec2 last{-1e9f, -1e9f};
    for (std::size_t i = ring.begin; i <= ring.end; ++i) {
      const std::size_t at = i < ring.end ? i : ring.begin;
      const std::size_t before = at > ring.begin ? at - 1 : ring.end - 1;
      if (plane.at_edge[at] && plane.at_edge[before] && i > ring.begin) {
        list->PathStroke(ink, 0, px(1));
        last = {-1e9f, -1e9f};
      }
      const ImVec2 pixel = view.at(plane.points[at]);
      const float moved = std::abs(pixel.x - last.x) + std::abs(pixel.y - last.y);
      if (moved < 1.5f && i < ring.end) continue;  // less than can be seen
      list->PathLineTo(pixel);
      last = pixel;
    }
    list->PathStroke(ink, 0, px(1));
  }
}

}  // namespace

void draw_ground(ImDrawList* list, const MapView& view) {
  draw_sea(list, view);
  draw_graticule(list, view);
  fill_land(list, view);
  draw_shores(list, view);
}

void draw_dashes(ImDrawList* list, const std::vector<ImVec2>& points, ImU32 colour, float thickness,
                 float dash, float gap) {
  float left = dash;
  bool on = true;
  for (std::size_t i = 1; i < points.size(); ++i) {
    ImVec2 a = points[i - 1];
    const ImVec2 b = points[i];
    float length = std::hypot(b.x - a.x, b.y - a.y);
    while (length > 0) {
      const float part = std::min(left, length);
      const ImVec2 c{a.x + (b.x - a.x) * part / length, a.y + (b.y - a.y) * part / length};
      if (on) list->AddLine(a, c, colour, thickness);
      a = c;
      length -= part;
      left -= part;
      if (left > 0) continue;
      on = !on;
      left = on ? dash : gap;
    }
  }
}

}  // namespace longhaul
