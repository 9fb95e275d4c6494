// Sea and land below a map, and how the plane of the projection lies on the screen.
#pragma once

#include <imgui.h>

#include <vector>

#include "gui/model/geo.h"
#include "gui/widgets/area.h"

namespace longhaul {

struct MapView {
  Area area;
  PlanePoint centre;
  float scale = 1;  // pixels of a unit of the plane

  ImVec2 at(PlanePoint point) const {
    return {(area.from.x + area.to.x) / 2 + (point.x - centre.x) * scale,
            (area.from.y + area.to.y) / 2 - (point.y - centre.y) * scale};
  }
  PlanePoint from(ImVec2 pixel) const {
    return {centre.x + (pixel.x - (area.from.x + area.to.x) / 2) / scale,
            centre.y - (pixel.y - (area.from.y + area.to.y) / 2) / scale};
  }
};

void draw_ground(ImDrawList* list, const MapView& view);

// Points on the screen joined by dashes.
void draw_dashes(ImDrawList* list, const std::vector<ImVec2>& points, ImU32 colour, float thickness,
                 float dash, float gap);

}  // namespace longhaul
