#include "run/drill/script.h"

#include <algorithm>

#include "base/units_text.h"

namespace longhaul {
namespace {

struct Word {
  std::string_view name;
  CommandKind kind;
};
constexpr Word words[] = {
    {"ack", CommandKind::acknowledge}, {"declare", CommandKind::declare},
    {"verify", CommandKind::verify},   {"note", CommandKind::note},
    {"approve", CommandKind::approve}, {"reject", CommandKind::reject},
    {"inject", CommandKind::inject},   {"done", CommandKind::done},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

// Takes `word` and the space behind it off the front.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  const std::string_view rest = text.substr(word.size());
  if (!rest.empty() && rest.front() != ' ') return false;
  text = trimmed(rest);
  return true;
}

class ScriptReader {
 public:
  ScriptReader(const DrillSetup& setup, std::string file) : setup_(setup), file_(std::move(file)) {}

  void line(int number, std::string_view text) {
    number_ = number;
    text = trimmed(text);
    if (text.empty() || text.front() == '#') return;
    const std::size_t colon = text.find(": ");
    if (colon == text.npos) return wrong(text, "a condition, a colon and a command");
    ScriptRule rule;
    const std::string_view command = trimmed(text.substr(colon + 2));
    const std::optional<DrillCommand> parsed = parse_command(setup_, command);
    if (!parsed) {
      const std::vector<std::string> known = command_names(setup_);
      return wrong(command, "a command of this drill", nearest_of(std::string(command), known));
    }
    rule.command = *parsed;
    if (condition(trimmed(text.substr(0, colon)), rule)) rules_.push_back(rule);
  }

  Result<std::vector<ScriptRule>> result() {
    if (!errors_.empty()) return errors_;
    return std::move(rules_);
  }

 private:
  void wrong(std::string_view value, std::string expected, std::string nearest = {}) {
    Error error;
    error.file = file_;
    error.line = number_;
    error.value = std::string(value);
    error.expected = std::move(expected);
    error.nearest = std::move(nearest);
    errors_.push_back(error);
  }

  bool duration(std::string_view text, ScriptRule& rule) {
    const Result<Duration> parsed = parse_text<Duration>(text);
    const bool whole = parsed && parsed.value().ns >= 0 && parsed.value().ns % seconds(1).ns == 0;
    if (whole) rule.time = parsed.value();
    if (!whole) wrong(text, "whole seconds such as \"90s\"");
    return whole;
  }

  bool condition(std::string_view text, ScriptRule& rule) {
    const std::string_view all = text;
    if (take(text, "at")) return duration(text, rule);
    rule.again = take(text, "whenever");
    bool known = rule.again || take(text, "when");
    if (take(text, "alarm")) {
      rule.when = When::alarm;
    } else if (take(text, "cleared")) {
      rule.when = When::cleared;
    } else if (take(text, "done")) {
      rule.when = When::done;
    } else if (take(text, "failed")) {
      rule.when = When::failed;
    } else if (take(text, "answer")) {
      rule.when = When::answer;
    } else {
      known = false;
    }
    if (!known) {
      wrong(
          all,
          "\"at TIME\" or \"when\" (each time: \"whenever\") with alarm, cleared, done, failed or "
          "answer");
      return false;
    }
    if (const std::size_t at = text.rfind(" for "); at != text.npos) {
      if (!duration(trimmed(text.substr(at + 5)), rule)) return false;
      text = trimmed(text.substr(0, at));
    }
    if (rule.when == When::answer) {
      const std::size_t quote = text.find('"');
      if (quote == text.npos || text.back() != '"' || quote + 1 == text.size()) {
        wrong(all, "a question and a part of its answer in quotes");
        return false;
      }
      rule.answer = std::string(text.substr(quote + 1, text.size() - quote - 2));
      text = trimmed(text.substr(0, quote));
    }
    rule.of = std::string(text);
    return names_something(rule);
  }

  bool names_something(const ScriptRule& rule) {
    const bool alarm = rule.when == When::alarm || rule.when == When::cleared;
    std::vector<std::string> names = alarm ? alarms() : std::vector<std::string>();
    for (const DrillAction& action : setup_.drill().actions) {
      if (!alarm) names.push_back(action.command);
    }
    if (std::find(names.begin(), names.end(), rule.of) != names.end()) return true;
    wrong(rule.of, alarm ? "an alarm such as \"server_down(NODE)\", or \"any\"" : "an action",
          nearest_of(rule.of, names));
    return false;
  }

  std::vector<std::string> alarms() const {
    std::vector<std::string> names{"any", "two_primaries"};
    const ScenarioConfig& config = setup_.scenario->config;
    for (const NodeConfig& node : config.topology.nodes) {
      for (const char* kind : {"server_down", "lag"}) {
        names.push_back(std::string(kind) + "(" + node.name + ")");
      }
    }
    for (const PopulationConfig& population : config.workload) {
      for (const char* kind : {"no_data", "errors", "slow"}) {
        names.push_back(std::string(kind) + "(" + population.from + ")");
      }
    }
    return names;
  }

  const DrillSetup& setup_;
  std::string file_;
  int number_ = 0;
  std::vector<ScriptRule> rules_;
  std::vector<Error> errors_;
};

bool is_raised(const DrillSession& session, const std::string& name) {
  return std::any_of(session.alarms().begin(), session.alarms().end(), [&](const Alarm& alarm) {
    return alarm.raised &&
           (name == "any" || alarm_text(session.plan(), session.post(), alarm) == name);
  });
}

// Works that are over as the rule says.
std::size_t works_of(const ScriptRule& rule, const DrillSession& session) {
  const std::vector<DrillAction>& actions = session.setup().drill().actions;
  const auto fits = [&](const Work& work) {
    if (work.is_open() || actions[work.action].command != rule.of) return false;
    if (rule.when == When::failed) return work.state != WorkState::done;
    return work.state == WorkState::done &&
           (rule.when == When::done || work.answer.find(rule.answer) != std::string::npos);
  };
  return static_cast<std::size_t>(
      std::count_if(session.works().begin(), session.works().end(), fits));
}

}  // namespace

std::optional<DrillCommand> parse_command(const DrillSetup& setup, std::string_view text) {
  DrillCommand command;
  const std::vector<DrillAction>& actions = setup.drill().actions;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].command != text) continue;
    command.kind = CommandKind::action;
    command.of = i;
    return command;
  }
  for (const Word& word : words) {
    std::string_view rest = text;
    if (!take(rest, word.name)) continue;
    command.kind = word.kind;
    if (word.kind == CommandKind::note) {
      command.text = std::string(rest);
      return command;
    }
    if (word.kind != CommandKind::inject) {
      if (!rest.empty()) return std::nullopt;
      return command;
    }
    const std::vector<DrillInject>& injects = setup.drill().injects;
    for (std::size_t i = 0; i < injects.size(); ++i) {
      if (injects[i].name != rest) continue;
      command.of = i;
      return command;
    }
  }
  return std::nullopt;
}

std::string command_text(const DrillSetup& setup, const DrillCommand& command) {
  if (command.kind == CommandKind::action) return setup.drill().actions[command.of].command;
  for (const Word& word : words) {
    if (word.kind != command.kind) continue;
    std::string text(word.name);
    if (command.kind == CommandKind::note) text += " " + command.text;
    if (command.kind == CommandKind::inject) text += " " + setup.drill().injects[command.of].name;
    return text;
  }
  return {};
}

std::vector<std::string> command_names(const DrillSetup& setup) {
  std::vector<std::string> names;
  for (const DrillAction& action : setup.drill().actions) names.push_back(action.command);
  for (const Word& word : words) names.emplace_back(word.name);
  return names;
}

Result<std::vector<ScriptRule>> parse_script(const DrillSetup& setup, const std::string& file,
                                             std::string_view text) {
  ScriptReader reader(setup, file);
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(++number, text.substr(0, end));
    text = text.substr(std::min(end + 1, text.size()));
  }
  return reader.result();
}

std::string script_text(const DrillSetup& setup, const std::vector<DrillCommand>& commands) {
  std::string text;
  for (const DrillCommand& command : commands) {
    text += "at " + to_text(command.at) + ": " + command_text(setup, command) + "\n";
  }
  return text;
}

DrillSession begin_play(const DrillSetup& setup, const DrillPlay& play) {
  return DrillSession(setup, play.hidden, play.luck);
}

bool ScriptPlayer::holds(const ScriptRule& rule, State& state, const DrillSession& session) const {
  switch (rule.when) {
    case When::at:
      return session.now() >= TimePoint{} + rule.time;
    case When::alarm:
      return is_raised(session, rule.of);
    case When::cleared: {
      const bool raised = is_raised(session, rule.of);
      state.seen = state.seen || raised;
      return state.seen && !raised;
    }
    case When::done:
    case When::failed:
    case When::answer:
      break;
  }
  return works_of(rule, session) > state.known;
}

std::vector<DrillCommand> ScriptPlayer::due(const DrillSession& session) {
  std::vector<DrillCommand> commands;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const ScriptRule& rule = rules_[i];
    State& state = state_[i];
    if (state.fired && !rule.again) continue;
    if (!holds(rule, state, session)) {
      state.held_since.reset();
      state.fired = false;
      continue;
    }
    if (state.fired) continue;
    if (!state.held_since) state.held_since = session.now();
    const Duration least = rule.when == When::at ? Duration{} : rule.time;
    if (session.now() - *state.held_since < least) continue;
    // An alarm that stays up has been answered; a new answer may come at any time.
    state.fired = !rule.again || rule.when == When::alarm;
    state.seen = false;
    state.known = works_of(rule, session);
    state.held_since.reset();
    commands.push_back(rule.command);
    commands.back().at = session.now() - TimePoint{};
  }
  return commands;
}

DrillSession play_script(const DrillSetup& setup, std::vector<ScriptRule> rules, DrillPlay& play) {
  DrillSession session = begin_play(setup, play);
  ScriptPlayer player(std::move(rules));
  for (Duration at = setup.begins; at <= setup.ends; at += seconds(1)) {
    session.advance(TimePoint{} + at);
    for (const DrillCommand& command : player.due(session)) {
      session.enter(command);
      play.commands.push_back(command);
      if (command.kind == CommandKind::done) return session;
    }
  }
  return session;
}

}  // namespace longhaul
