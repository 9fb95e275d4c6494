// One design in time: the map at an instant, lanes of what happened when, figures, what-ifs,
// requests, and faults to throw in.
#pragma once

#include <string>
#include <utility>

#include "gui/views/run_look.h"
#include "gui/views/run_tab_figures.h"
#include "gui/views/run_tab_inject.h"
#include "gui/views/run_tab_requests.h"
#include "gui/views/run_tab_what_if.h"
#include "gui/views/run_transport.h"
#include "gui/widgets/area.h"
#include "gui/widgets/map_canvas.h"
#include "gui/widgets/timeline.h"

namespace longhaul {

struct App;

class RunViewPanel {
 public:
  void draw(App& app, Area area);
  void scrub(App& app, int hundredths);  // of what is seen of the timeline
  void ask_instant() { transport_.ask_instant(); }
  void show_tab(std::string tab) { tab_ = std::move(tab); }  // figures, what_if, requests, inject

 private:
  void look(App& app);
  void map(App& app, Area area);
  void side(App& app, Area area);
  void mistakes(App& app);
  void variant();
  void unknown(App& app, Area area);
  void lanes(App& app, Area area, bool axis_only);
  void timeline(App& app, bool axis_only);

  RunLook look_;
  std::string path_;  // of the design that is looked at
  TimelineState timeline_;
  MapState map_;
  RunTransport transport_;
  RunFiguresTab figures_;
  RunWhatIfTab what_if_;
  RunRequestsTab requests_;
  RunInjectTab inject_;
  std::string tab_ = "figures";  // also map and lanes, where there is no room for more panels
  bool narrow_ = false;          // the map is a tab
  bool low_ = false;             // the lanes are one as well, with the axis below all tabs
  float side_width_ = 428;
  float timeline_share_ = 0.45f;  // of the height
  double late_since_ = -1;
};

}  // namespace longhaul
