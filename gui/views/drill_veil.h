// What stands in place of views that would tell the truth about a drill while it is being played.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

// True when it has drawn over the area: a drill of an open design is being played. `all`: of any
// of them, else of the active one.
bool draw_drill_veil(App& app, Area area, bool all);

}  // namespace longhaul
