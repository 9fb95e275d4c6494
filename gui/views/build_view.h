// Draw a system: regions on a map, an inspector made of the field tables, what is wrong with it.
#pragma once

#include <cstdint>

#include "gui/widgets/area.h"
#include "gui/widgets/map_canvas.h"

namespace longhaul {

struct App;

class BuildView {
 public:
  void draw(App& app, Area area);

 private:
  void draw_canvas(App& app, Area area);

  MapState map_;
};

}  // namespace longhaul
