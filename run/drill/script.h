// What a trainee types, one command at a time, and scripts of it: a recorded play, or a runbook
// that says when to do what.
//
//   # a line of comment
//   at 95s: ack
//   when alarm server_down(db-us) for 60s: check db-us
//   when answer check db-us "connection refused": promote db-eu
//   when done promote db-eu for 15s: verify
//   when failed promote db-eu: promote db-eu
//   when cleared server_down(db-us): done
//
// Each rule fires once, as soon as its condition has held for so long; several of one second in the
// order of the file. One that begins with "whenever" fires each time: when the alarm is up anew, at
// each new answer or outcome. Times are whole seconds from the start of the run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/drill/session.h"

namespace longhaul {

// "promote db-eu", "ack", "note ...": what may be entered; nothing if it is none of these.
std::optional<DrillCommand> parse_command(const DrillSetup& setup, std::string_view text);
std::string command_text(const DrillSetup& setup, const DrillCommand& command);

// Every command there is, for help and for finding the one that was meant.
std::vector<std::string> command_names(const DrillSetup& setup);

enum class When : std::uint8_t { at, alarm, cleared, done, failed, answer };

struct ScriptRule {
  When when = When::at;
  std::string of;      // alarm, or command of an action
  std::string answer;  // that the answer contains
  Duration time;       // at; or for how long
  bool again = false;  // whenever
  DrillCommand command;
};

Result<std::vector<ScriptRule>> parse_script(const DrillSetup& setup, const std::string& file,
                                             std::string_view text);

std::string script_text(const DrillSetup& setup, const std::vector<DrillCommand>& commands);

// A play: what was hidden, and everything that was entered.
struct DrillPlay {
  Hidden hidden;
  std::uint64_t luck = 0;
  std::vector<DrillCommand> commands;
};

// A new session of it, as the run begins.
DrillSession begin_play(const DrillSetup& setup, const DrillPlay& play);

// Who follows a script in a session, second by second.
class ScriptPlayer {
 public:
  explicit ScriptPlayer(std::vector<ScriptRule> rules) : rules_(std::move(rules)) {
    state_.resize(rules_.size());
  }

  // What is to be entered now.
  std::vector<DrillCommand> due(const DrillSession& session);

 private:
  struct State {
    bool fired = false;
    bool seen = false;      // cleared: the alarm was up
    std::size_t known = 0;  // answers and outcomes that it has fired for
    std::optional<TimePoint> held_since;
  };
  bool holds(const ScriptRule& rule, State& state, const DrillSession& session) const;

  std::vector<ScriptRule> rules_;
  std::vector<State> state_;
};

// Follows the script to "done" or to the end of the run, and fills play.commands.
DrillSession play_script(const DrillSetup& setup, std::vector<ScriptRule> rules, DrillPlay& play);

}  // namespace longhaul
