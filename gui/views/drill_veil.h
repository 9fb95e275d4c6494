// What stands in place of views that would tell the truth about a drill before it has been played,
// and while it is.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

// True when it has drawn over the area: an open design is a drill that hides what it is about
// (DrillView::hides()). `all`: of any of them, else of the active one.
bool draw_drill_veil(App& app, Area area, bool all);

}  // namespace longhaul
