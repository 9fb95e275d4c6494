// An outage drill: briefing, dashboard, actions, clock; then the debriefing.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gui/model/drill_play.h"
#include "gui/model/templates.h"
#include "gui/widgets/area.h"
#include "gui/widgets/map_canvas.h"

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
  bool begins_note = false;             // the keyboard goes to its field
  float say_height = 0;                 // of what stays below the actions, in the last frame
  bool scrolls = false;                 // to what is to be confirmed, in the next frame
  float page_height = 0;                // of the briefing's text, in the last frame
  std::optional<std::size_t> decision;  // that is looked at in the debriefing
  float truth_share = 0.52f;            // of the height, for the facilitator
  MapState map;                         // of the truth
  std::string on_map;                   // what was clicked there
  std::string actions;                  // the file that was saved last
};

class DrillView {
 public:
  void draw(App& app, Area area);
  // Once a frame, whatever is shown: an outage does not wait for who looks elsewhere.
  void update(App& app, double elapsed_s);
  // In the bar above other modes while there is a play: where it stands; leads back to it.
  void draw_badge(App& app);
  std::string badge() const;  // empty: there is none
  bool plays() const { return sitting_ && sitting_->is_played(); }
  // Whether what a drill is really about stays hidden: whenever it is played, and before that until
  // it has been judged once, or somebody has said that they are no trainee (reveal()). Who writes a
  // drill into what was none sees it.
  bool hides(const Design& design) const;
  void reveal(const Design& design);
  bool is_of(const Design& design) const;  // it is lost with that one
  void give_up();
  // What is played, in the terminal; empty without a drill.
  std::string command_line(const App& app) const;
  bool is_busy() const;    // the world warms up, or the play is judged
  bool is_moving() const;  // the clock goes
  void toggle_pause();

  // ---- By the keyboard
  bool is_briefed(const App& app) const;
  bool is_playing() const { return sitting_ && sitting_->stage() == DrillSitting::Stage::playing; }
  void start() { sitting_->start(); }
  void enter(CommandKind kind) { sitting_->say(kind); }
  void begin_note() { ui_.begins_note = true; }
  void leave_it();
  void run_to_news() { sitting_->run_to_news(); }
  void change_pace(bool faster);
  void toggle_facilitator() { ui_.facilitator = !ui_.facilitator; }

 private:
  void draw_play(App& app, Area area);
  void draw_play_page(Area area);
  void draw_no_drill(App& app, Area area);

  void draw_strip(App& app, Area area);

  std::unique_ptr<DrillSitting> sitting_;
  std::uint64_t design_ = 0;  // Design::number of what it is of
  // What is no secret any more: designs, and whatever has the name of one of them.
  std::set<std::uint64_t> revealed_;
  std::set<std::string> revealed_names_;
  DrillUi ui_;
  std::optional<std::vector<Template>> drills_;
};

// Its parts, each in a file of its own.
void draw_drill_briefing(DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_dashboard(const DrillSitting& sitting, Area area);
void draw_drill_actions(DrillSitting& sitting, DrillUi& ui, Area area);
// Where the window is small or the letters are large, one page scrolls in place of panels that
// would be slits; what is in them, then.
bool is_drill_page(Area area);
void draw_drill_signals(const DrillSitting& sitting, std::optional<float> plot_height);
void draw_drill_orders(DrillSitting& sitting, DrillUi& ui);
void draw_drill_news(DrillSitting& sitting);                 // the last line of the log
void draw_drill_record(DrillSitting& sitting, DrillUi& ui);  // the log, and where notes are written
void draw_drill_facts(DrillSitting& sitting);                // for the facilitator
// Done, unless something speaks against it: then it is asked.
void leave_drill(DrillSitting& sitting, DrillUi& ui);
void draw_drill_log(DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_truth(DrillSitting& sitting, DrillUi& ui, bool moves, Area area);
void draw_drill_debrief(App& app, DrillSitting& sitting, DrillUi& ui, Area area);
void draw_drill_timeline(const DrillSitting& sitting, const DrillDebrief& debrief, DrillUi& ui);

}  // namespace longhaul
