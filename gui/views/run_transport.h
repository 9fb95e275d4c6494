// The bar above a run: where the clock stands and how it moves, the seed, work under way. Where
// there is little room, speed and seed are behind a button.
#pragma once

#include "gui/views/run_look.h"
#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class RunTransport {
 public:
  void draw(App& app, const RunLook& look, Area area);
  void ask_instant() { asks_instant_ = true; }  // the keyboard goes to its field

 private:
  void instant(App& app);
  void speed(App& app);
  void seed(App& app, const RunLook& look);
  void branch(App& app, bool tight);
  void more(App& app, const RunLook& look);
  void progress(const RunLook& look, TimePoint end, float room);

  char instant_[32] = {};
  bool typing_ = false;
  bool asks_instant_ = false;
  char seed_[24] = {};
  bool typing_seed_ = false;
  double running_since_ = -1;
};

}  // namespace longhaul
