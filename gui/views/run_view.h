// One design in time: the map at an instant, lanes of what happened when, figures, faults to throw
// in.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class RunViewPanel {
 public:
  void draw(App& app, Area area);
};

}  // namespace longhaul
