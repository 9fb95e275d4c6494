#include "run/drill/screen.h"

#include <fmt/format.h>

#include "base/units_text.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

constexpr std::size_t columns = 100;

std::string points_text(std::int64_t points) {
  std::string text = std::to_string(points < 0 ? -points : points);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return (points < 0 ? "-" : "") + text;
}

std::string percent_text(Ratio ratio) { return std::to_string((ratio.ppm + 5'000) / 10'000) + "%"; }

std::string seen_text(NodeSignal::Seen seen) {
  switch (seen) {
    case NodeSignal::Seen::no_data:
      return "down";
    case NodeSignal::Seen::refused:
      return "refuses";
    case NodeSignal::Seen::up:
      return "up";
  }
  return {};
}

std::string servers(const DrillSession& session, const Frame& frame, bool colour) {
  TextTable table({"SERVERS", "<region", "<probe", "<role", "lag", "connections"});
  for (std::size_t i = 0; i < frame.nodes.size(); ++i) {
    const NodeSignal& node = frame.nodes[i];
    const NodeConfig& config = session.plan().nodes[i].config;
    const bool up = node.seen == NodeSignal::Seen::up;
    table.row({config.name,
               config.region,
               {seen_text(node.seen), up ? Tone::good : Tone::bad},
               !up            ? "?"
               : node.primary ? "primary"
                              : "replica",
               up && node.lag_ns >= 0 ? to_short_text(Duration{node.lag_ns}) : "-",
               up ? std::to_string(node.connections) : "-"});
  }
  return table.text(colour);
}

std::string users(const DrillSession& session, const Frame& frame, bool colour) {
  const DrillSignals& signals = session.setup().drill().signals;
  const std::int64_t interval = signals.interval.ns / seconds(1).ns;
  TextTable table({"USERS", "pages/s", "failed", "p95", "<"});
  for (std::size_t i = 0; i < frame.users.size(); ++i) {
    const UsersSignal& of = frame.users[i];
    const std::string& name = session.post().users[i].name;
    if (!of.data) {
      table.row({name, "-", "-", "-", {"no data", Tone::bad}});
      continue;
    }
    const bool bad = of.failed * 1'000'000 > of.pages * signals.errors_above.ppm;
    const std::int64_t tenths = of.pages * 10 / interval;
    const bool none = of.pages == 0;  // nothing was answered, well or badly
    table.row({name,
               fmt::format("{}.{}", tenths / 10, tenths % 10),
               {none ? "-" : fmt::format("{}%", of.failed * 100 / of.pages),
                bad ? Tone::bad : Tone::plain},
               none ? "-" : to_short_text(Duration{of.p95_ns})});
  }
  return table.text(colour);
}

// "68s", "4min 7s": whole seconds.
std::string seconds_text(Duration time) {
  const std::int64_t all = div_ceil(time.ns, seconds(1).ns);
  if (all < 120) return std::to_string(all) + "s";
  return fmt::format("{}min {}s", all / 60, all % 60);
}

std::string duration_text(const DurationDistribution& distribution) {
  return "about " + seconds_text(mean(distribution));
}

std::string time_text(const std::optional<Duration>& time) {
  return time ? seconds_text(*time) : "never";
}

Tone tone_of(ShownKind kind) {
  switch (kind) {
    case ShownKind::alarm:
      return Tone::bad;
    case ShownKind::cleared:
      return Tone::good;
    case ShownKind::inject:
      return Tone::warning;
    case ShownKind::command:
      return Tone::strong;
    default:
      return Tone::plain;
  }
}

std::string belief_text(const DrillConfig& drill, const DrillDecision& decision) {
  std::string text;
  for (const DrillDecision::Belief& belief : decision.beliefs) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", drill.variants[belief.variant].name,
                        percent_text(belief.probability));
  }
  return text;
}

std::string decisions_text(const DrillConfig& drill, const DrillVerdict& verdict, bool colour) {
  TextTable table({"DECISIONS", "<what you did", "expected", "<best on what was visible",
                   "expected", "regret", "<still possible"});
  for (const DrillDecision& decision : verdict.decisions) {
    if (decision.stake() == 0) continue;  // it was all the same
    const DrillDecision::Option& chosen = decision.options[decision.chosen];
    const DrillDecision::Option& best = decision.options[decision.best()];
    const std::int64_t regret = decision.regret();
    table.row({"  " + clock_text(decision.at),
               chosen.what,
               points_text(chosen.expected),
               best.what,
               points_text(best.expected),
               {points_text(regret), regret > 0 ? Tone::warning : Tone::plain},
               belief_text(drill, decision)});
  }
  return table.text(colour);
}

std::string times_text(const DrillTimes& times, bool colour) {
  if (!times.alarm) return "No alarm went off.\n";
  TextTable table({"TIMES", "after the first alarm", "<"});
  table.row({"detect", time_text(times.detect), "anything typed"});
  table.row({"acknowledge", time_text(times.acknowledge), "ack"});
  table.row(
      {"decide", time_text(times.decide), "the first action that changes something, or done"});
  std::string mitigated = "users could write again, in truth";
  for (const std::string& region : times.still_out) mitigated += "; not those of " + region;
  table.row({"mitigate", times.had_outage ? time_text(times.mitigate) : "-",
             times.had_outage ? mitigated : "nobody was kept from writing"});
  table.row({"verify", time_text(times.verify), "verify"});
  return "First alarm at " + clock_text(*times.alarm) + ".\n" + table.text(colour);
}

std::string hindsight_text(const DrillSetup& setup, const DrillPlay& play,
                           const DrillVerdict& verdict, bool colour) {
  const DrillVariant& variant = setup.drill().variants[play.hidden.variant];
  std::string text = toned("HINDSIGHT, not part of the score", Tone::strong, colour) + "\n";
  text +=
      wrapped("  It was " + variant.name + (variant.reveals.empty() ? "." : ": " + variant.reveals),
              columns, 2) +
      "\n";
  TextTable table({"", "", "points"});
  for (const DrillCost::Part& part : verdict.cost.parts) {
    if (part.amount == 0) continue;
    table.row({part.what,
               part.is_time ? seconds_text(Duration{part.amount}) : points_text(part.amount),
               points_text(part.points)});
  }
  table.row({"this play cost", "", points_text(verdict.cost.total())});
  table.row(
      {"the best single action for who knew: " + verdict.best, "", points_text(verdict.best_cost)});
  return text + table.text(colour);
}

}  // namespace

std::string clock_text(Duration since_start) {
  const std::int64_t all = div_floor(since_start.ns, seconds(1).ns);
  return fmt::format("{}:{:02}", all / 60, all % 60);
}

std::string actions_text(const DrillSetup& setup, bool colour) {
  TextTable table({"YOU MAY", "<takes", "<"});
  for (const DrillAction& action : setup.drill().actions) {
    std::string remark = action.is_question() ? "a question" : "";
    if (action.approval) remark = "needs approval, " + duration_text(*action.approval);
    if (action.fails.ppm > 0) {
      remark +=
          (remark.empty() ? "" : "; ") + ("fails " + percent_text(action.fails)) + " of the time";
    }
    table.row({action.command, duration_text(action.takes), remark});
  }
  table.row({"ack, declare, verify", "", "say so; times are taken"});
  table.row({"note TEXT", "", "kept with the play"});
  table.row({"wait [TIME]", "", "until something happens, or for so long"});
  table.row({"look", "", "the dashboards again"});
  table.row({"done", "", "you leave it at that"});
  table.row({"help", "", "this list; pause, resume, 20x: the clock"});
  return table.text(colour);
}

std::string briefing_text(const DrillSetup& setup, bool colour) {
  const DrillConfig& drill = setup.drill();
  const DrillSignals& signals = drill.signals;
  const std::string& monitored =
      signals.region ? *signals.region : setup.scenario->config.topology.regions.front();
  std::string text = toned("DRILL " + setup.scenario->config.name, Tone::strong, colour) + "\n";
  if (!drill.role.empty()) text += wrapped("You are " + drill.role, columns, 0) + "\n";
  text += wrapped(drill.briefing, columns, 0) + "\n";
  text += wrapped(fmt::format("The dashboards are in {}, sampled every {} and {} late. It is {} "
                              "now; the drill ends at {}.",
                              monitored, to_text(signals.interval), to_text(signals.delay),
                              clock_text(setup.begins), clock_text(setup.ends)),
                  columns, 0) +
          "\n\n";
  return text + actions_text(setup, colour) + "\n";
}

std::string dashboard_text(const DrillSession& session, bool colour) {
  if (session.frames().empty()) return "No sample has arrived yet.\n";
  const Frame& frame = session.frames().back();
  std::string text =
      toned(fmt::format("{}  DASHBOARD, sample of {}", clock_text(session.now() - TimePoint{}),
                        clock_text(frame.taken - TimePoint{})),
            Tone::strong, colour) +
      "\n";
  text += servers(session, frame, colour) + users(session, frame, colour);
  std::string alarms;
  for (const Alarm& alarm : session.alarms()) {
    if (!alarm.raised) continue;
    alarms += (alarms.empty() ? "" : ", ") + alarm_text(session.plan(), session.post(), alarm);
  }
  text += "ALARMS  " + (alarms.empty() ? "none" : toned(alarms, Tone::bad, colour)) + "\n";
  for (const Work& work : session.works()) {
    if (!work.is_open()) continue;
    text += fmt::format("{}  {}, since {}\n",
                        work.state == WorkState::approval ? "WAITS FOR APPROVAL" : "UNDER WAY",
                        session.setup().drill().actions[work.action].command,
                        clock_text(work.ordered - TimePoint{}));
  }
  return text;
}

std::string shown_text(const Shown& shown, bool colour) {
  static const char* const titles[] = {"ALARM", "clear", "answer", "action", "NEWS", ">"};
  const auto kind = static_cast<std::size_t>(shown.kind);
  return fmt::format("{:>6}  {:<6}  {}\n", clock_text(shown.at - TimePoint{}), titles[kind],
                     toned(shown.text, tone_of(shown.kind), colour));
}

std::string transcript_text(const DrillSession& session, const DrillPlay& play, bool colour) {
  std::string text;
  std::size_t next = 0;
  for (const Shown& shown : session.shown()) {
    for (; next < play.commands.size(); ++next) {
      const TimePoint at = TimePoint{} + play.commands[next].at;
      if (at >= shown.at) break;
      text += shown_text(
          {at, ShownKind::command, command_text(session.setup(), play.commands[next])}, colour);
    }
    text += shown_text(shown, colour);
  }
  for (; next < play.commands.size(); ++next) {
    text += shown_text({TimePoint{} + play.commands[next].at, ShownKind::command,
                        command_text(session.setup(), play.commands[next])},
                       colour);
  }
  return text;
}

std::string debrief_text(const DrillSetup& setup, const DrillPlay& play,
                         const DrillVerdict& verdict, bool colour) {
  const DrillConfig& drill = setup.drill();
  const bool passed = verdict.score >= drill.pass;
  std::string text = toned("DEBRIEFING", Tone::strong, colour) + "\n";
  text += decisions_text(drill, verdict, colour);
  if (verdict.closest_only) {
    text += "No continuation looked quite like this play; those that looked most like it count.\n";
  }
  text += fmt::format(
      "SCORE  {}  {}; {} are needed\n"
      "       Regret {} points; of doing nothing {}; {} at stake in the dearest decision.\n\n",
      toned(percent_text(verdict.score), passed ? Tone::good : Tone::bad, colour),
      passed ? "passed" : "not passed", percent_text(drill.pass), points_text(verdict.regret),
      points_text(verdict.idle_regret), points_text(verdict.stake));
  text += times_text(verdict.times, colour) + "\n";
  return text + hindsight_text(setup, play, verdict, colour);
}

}  // namespace longhaul
