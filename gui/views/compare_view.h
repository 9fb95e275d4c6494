// Two to four designs on one clock: what differs, by how much, how surely.
#pragma once

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class CompareView {
 public:
  void draw(App& app, Area area);
  bool is_busy() const { return false; }
};

}  // namespace longhaul
