// The bar above a run: where the clock stands and how it moves, the seed, work under way.
#pragma once

#include "gui/views/run_look.h"
#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class RunTransport {
 public:
  void draw(App& app, const RunLook& look, Area area);

 private:
  void instant(App& app);
  void speed(App& app);
  void seed(App& app, const RunLook& look, bool tight);

  char instant_[32] = {};
  bool typing_ = false;
  char seed_[24] = {};
  bool typing_seed_ = false;
  double running_since_ = -1;
};

}  // namespace longhaul
