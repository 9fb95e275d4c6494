// Draw a system: regions on a map, an inspector made of the field tables, what is wrong with it.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class BuildView {
 public:
  void draw(App& app, Area area);
};

}  // namespace longhaul
