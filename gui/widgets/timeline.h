// Lanes on one axis of time, with a playhead.
//
// A click or a drag on the lanes moves the playhead; with Shift, with the right button, or on the
// axis, a drag selects a range. The wheel zooms to the mouse, the middle button moves, a double
// click shows the whole run; so do the keys W, S, A and D. A click on a lane's title folds it.
// Where there is no room for all lanes, a line below names those that are not seen; it scrolls to
// them, as do the wheel over the titles and the keys PageUp and PageDown.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gui/model/lanes.h"
#include "gui/widgets/area.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {

struct TimelineState {
  TimeWindow window;             // what is seen
  std::set<std::string> folded;  // ids of lanes
  bool scrubbing = false;
  bool on_axis = false;                 // the drag that selects began there
  std::optional<TimePoint> range_from;  // a range is being dragged
  float scroll = 0;                     // of the lanes, in pixels of the screen
};

struct TimelineContent {
  const std::vector<Lane>* lanes = nullptr;
  TimePoint end;      // of the run
  TimePoint reached;  // simulated so far
  TimePoint now;      // the playhead
  std::optional<std::pair<TimePoint, TimePoint>> range;
  bool out_of_date = false;  // a newer run is young
};

struct TimelineAnswer {
  std::optional<TimePoint> go_to;
  std::optional<std::pair<TimePoint, TimePoint>> range;  // when the button is let go
  bool no_range = false;                                 // it was only a click
};

// Its marks: "run.timeline" the lanes, "run.timeline.LANE" one of them, "run.lane.LANE" its title,
// "run.lanes.above" and "run.lanes.below" where some are not seen.
TimelineAnswer draw_timeline(Area area, const TimelineContent& content, TimelineState& state);

}  // namespace longhaul
