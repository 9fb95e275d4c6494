// An outage drill: briefing, dashboard, actions, clock; then the debriefing.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class DrillView {
 public:
  void draw(App& app, Area area);
  bool is_busy() const { return false; }
};

}  // namespace longhaul
