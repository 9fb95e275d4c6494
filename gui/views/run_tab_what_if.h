// Sliders on the parameters that matter, and what they change.
//
// A change goes into the document as text; the run restarts by itself. What it changed is told
// against the last complete run before the first slider moved, until that is forgotten.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gui/model/knobs.h"
#include "gui/views/run_look.h"

namespace longhaul {

struct App;

class RunWhatIfTab {
 public:
  void draw(App& app, const RunLook& look);

 private:
  void knob(App& app, const RunLook& look, Knob knob);
  void set(App& app, const RunLook& look, const Knob& knob, const std::string& json);
  void set_value(App& app, const RunLook& look, const Knob& knob, std::int64_t value);
  void remember(const RunLook& look);
  void changes(const RunLook& look);

  const Design* design_ = nullptr;
  std::map<std::string, Knob> ranges_;  // as they were first seen, so that sliders stand still
  std::string held_;                    // the path of the slider that is dragged
  float position_ = 0;                  // of that one
  std::string typed_;                   // the path of the value that is typed
  char text_[48] = {};
  std::vector<FigureGroup> before_;
};

}  // namespace longhaul
