// A parameter over a row of values, or a crash at many instants, as a picture that fills in.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class SweepView {
 public:
  void draw(App& app, Area area);
  bool is_busy() const { return false; }
};

}  // namespace longhaul
