// How one lane of a timeline is drawn.
#pragma once

#include <imgui.h>

#include <algorithm>
#include <string>

#include "gui/model/lanes.h"
#include "gui/widgets/area.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {

// Where time stands on the screen.
struct TimeScale {
  float left = 0;
  float right = 1;
  TimePoint from;
  TimePoint to;

  float x_of(TimePoint at) const {
    const double share = static_cast<double>(at.ns - from.ns) /
                         static_cast<double>(std::max<std::int64_t>(1, to.ns - from.ns));
    return left + static_cast<float>(share * static_cast<double>(right - left));
  }
  TimePoint at(float x) const {
    const double share =
        static_cast<double>(x - left) / static_cast<double>(std::max(1.0f, right - left));
    return {from.ns + static_cast<std::int64_t>(share * static_cast<double>(to.ns - from.ns))};
  }
};

// With everything that stands in it; of a folded one the title.
float lane_height(const Lane& lane, bool folded);

// `gutter` holds the titles, `body` the lane; both have the lane's height.
void draw_lane(ImDrawList* list, const Lane& lane, bool folded, Area gutter, Area body,
               const TimeScale& scale);

// Diagonal lines over a rectangle.
void hatch(ImDrawList* list, ImVec2 from, ImVec2 to, ImU32 colour);

}  // namespace longhaul
