// One trainee at a drill, without a window: the briefing, the play on a clock, the debriefing.
//
//   DrillSitting sitting(wake);
//   sitting.open(scenario, seed);    // the briefing
//   sitting.start();                 // the world warms up beside the frame loop
//   sitting.update(elapsed_s);       // once a frame: the clock goes on
//   sitting.enter(command);          // as `longhaul drill` would take it, at this second
//
// The session advances by whole seconds, a few in a frame, so a frame never waits for it. The play
// is that of the terminal: its commands as a file give `longhaul drill --actions FILE` the same
// transcript and the same score.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/background.h"
#include "gui/model/drill_truth.h"
#include "run/drill/score.h"
#include "run/drill/script.h"

namespace longhaul {

// A line of the log: what was shown, and what was entered.
struct DrillLogLine {
  TimePoint at;
  ShownKind kind = ShownKind::command;
  std::string text;
};

struct DrillSpan {
  std::string name;
  Duration from;
  Duration to;
};

// All that is told when the play is over.
struct DrillDebrief {
  DrillVerdict verdict;
  std::vector<DrillSpan> alarms;   // up, as the dashboard had them
  std::vector<DrillSpan> outages;  // in truth: users of a region could not write
  std::vector<DrillSpan> works;    // from the order to the end
  std::string runbook;             // Markdown
  std::string actions;             // the file for --actions
  std::string text;                // as the terminal has it
};

class DrillSitting {
 public:
  enum class Stage : std::uint8_t { nothing, briefing, preparing, playing, judging, judged };

  explicit DrillSitting(std::function<void()> wake = {});

  // A scenario with a drill. The seed draws what is hidden, unless the facilitator chose it.
  void open(std::shared_ptr<const Scenario> scenario, std::uint64_t seed);
  void choose(std::uint64_t seed, std::optional<std::size_t> variant);  // before the start
  void start();
  // Once a frame; `elapsed_s` is how long the one before took.
  void update(double elapsed_s);
  void leave();  // back to the briefing; what was played is forgotten

  Stage stage() const { return stage_; }
  const std::shared_ptr<const Scenario>& scenario() const { return scenario_; }
  const DrillSetup& setup() const { return *setup_; }
  // Whether that is the scenario that is played, whatever its text looks like.
  bool is_of(const Scenario& scenario) const {
    return scenario_ && scenario_->digest == scenario.digest;
  }
  std::uint64_t seed() const { return play_.luck; }
  const DrillPlay& play() const { return play_; }
  // Null before the play begins. After its end it stands where the trainee left it.
  const DrillSession* session() const { return session_ ? &*session_ : nullptr; }

  // ---- The clock: seconds of the drill in one on the wall; 0: it stands
  std::int64_t pace() const { return pace_; }
  void set_pace(std::int64_t pace);
  void toggle_pause();
  void run_to_news();  // fast, until something is shown
  bool runs_to_news() const { return to_news_; }
  Duration now() const;
  Duration ends() const { return setup_->ends; }
  // Somebody plays, or it is judged: leaving it loses something.
  bool is_played() const {
    return stage_ == Stage::preparing || stage_ == Stage::playing || stage_ == Stage::judging;
  }

  // ---- What is entered
  void enter(DrillCommand command);
  void act(std::size_t action) { enter({{}, CommandKind::action, action, {}}); }
  void say(CommandKind kind) { enter({{}, kind, 0, {}}); }
  bool has_said(CommandKind kind) const;  // since the last alarm went off
  // Works of that action that are not over.
  bool is_under_way(std::size_t action) const;

  const std::vector<DrillLogLine>& log();

  // For the facilitator: who answered the reads of late.
  const DrillReads& reads() const { return reads_; }

  // ---- The judgement
  std::uint64_t decisions_judged() const { return judging_.done(); }
  std::shared_ptr<const DrillDebrief> debrief() const { return judging_.result(); }

 private:
  void finish();

  std::function<void()> wake_;
  Stage stage_ = Stage::nothing;
  std::shared_ptr<const Scenario> scenario_;
  std::shared_ptr<const DrillSetup> setup_;  // stays while a session or a judge looks at it
  DrillPlay play_;
  std::optional<DrillSession> session_;
  std::int64_t pace_ = 1;
  std::int64_t last_pace_ = 1;
  bool to_news_ = false;
  double owed_s_ = 0;
  DrillReads reads_;
  std::vector<DrillLogLine> log_;
  std::size_t logged_ = 0;                 // shown lines and commands in it
  std::vector<std::size_t> shown_before_;  // lines, by command
  Background<DrillSession> preparing_;
  Background<DrillDebrief> judging_;
};

// How far a work has come by what it usually takes, 0 to 950; how long it takes this time nobody
// knows before it is over. Of one that waits for approval 0.
std::int64_t progress_permille(const DrillAction& action, const Work& work, TimePoint now);

// "34s", "4min 7s": whole seconds, as the terminal says them.
std::string drill_time_text(Duration time);
// "1,240"
std::string points_text(std::int64_t points);
// "needs approval, about 60s; fails 10% of the time"; empty: neither.
std::string action_remark(const DrillAction& action);
// Why no action of the drill ends an alarm; empty: one may, or it may end by itself. Of two
// primaries one has to be stopped.
std::string why_it_stays(const DrillConfig& drill, const Alarm& alarm);
// What its points are: "100 for a minute in which the users of a region cannot write, ..."
std::string points_meaning(const DrillCosts& costs);
// How the terminal plays it: "longhaul drill x.json --seed 3", with the variant if that is no
// secret, and with the file of actions if there is one.
std::string drill_command_line(const std::string& scenario, const DrillSitting& sitting,
                               bool with_variant, const std::string& actions);
// The file for --actions, with a remark of what it is of.
std::string actions_file(const DrillSitting& sitting, const DrillDebrief& debrief);

}  // namespace longhaul
