// An outage drill: briefing, dashboard, actions, clock; then the debriefing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/drill_play.h"
#include "gui/model/templates.h"
#include "gui/widgets/area.h"

namespace longhaul {

struct App;
struct Design;

// What the parts of the view remember of their user.
struct DrillUi {
  bool facilitator = false;
  std::optional<std::size_t> confirming;  // an action that is to be confirmed
  bool confirming_done = false;
  char note[256] = {};
  std::size_t log_lines = 0;
  std::optional<std::size_t> chosen_variant;
  float page_height = 0;                // of the briefing's text, in the last frame
  std::optional<std::size_t> decision;  // that is looked at in the debriefing
};

class DrillView {
 public:
  void draw(App& app, Area area);
  bool is_busy() const;    // the world warms up, or the play is judged
  bool is_moving() const;  // the clock goes
  void toggle_pause();
  // Whether somebody plays the drill of this design, or is judged: what it really is stays hidden.
  bool hides(const Design& design) const;
  void give_up();

 private:
  void draw_play(App& app, Area area);
  void draw_no_drill(App& app, Area area);

  std::unique_ptr<DrillSitting> sitting_;
  DrillUi ui_;
  std::optional<std::vector<Template>> drills_;
};

// Its parts, each in a file of its own.
void draw_drill_briefing(DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_dashboard(const DrillSitting& sitting, Area area);
void draw_drill_actions(DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_log(DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_truth(DrillSitting& sitting, Area area);
void draw_drill_debrief(App& app, DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_timeline(const DrillSitting& sitting, const DrillDebrief& debrief, DrillUi& ui);

}  // namespace longhaul
