#include "run/drill/runbook.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/drill/screen.h"
#include "run/escaped_text.h"
#include "sim/rng.h"

namespace longhaul {
namespace {

constexpr std::uint64_t draws = 1'000;
constexpr std::uint64_t tries_max = 20;

// One way through a step: each try takes its time, approval comes once.
Duration one_draw(const DrillAction& action, StreamKey key, std::uint64_t number) {
  Duration time;
  if (action.approval) time += sample(*action.approval, draw_bits(key, number, 0));
  for (std::uint32_t k = 0; k < tries_max; ++k) {
    time += sample(action.takes, draw_bits(key, number, 1, k));
    const bool fails = below(draw_bits(key, number, 2, k), 1'000'000) <
                       static_cast<std::uint64_t>(action.fails.ppm);
    if (!fails) break;
  }
  return seconds(div_ceil(time.ns, seconds(1).ns));
}

std::string on_node(const std::string& node, const std::string& command) {
  return "ssh " + node + " " + command;
}

std::string command_of_manager(FaultKind kind, FailoverManager manager, const std::string& node,
                               const std::string& to) {
  const bool planned = kind == FaultKind::switchover || kind == FaultKind::failback;
  const bool pause = kind == FaultKind::pause_failover;
  const bool resume = kind == FaultKind::resume_failover;
  if (manager == FailoverManager::patroni) {
    if (planned) return "patronictl switchover" + to + " --force";
    if (kind == FaultKind::failover) return "patronictl failover" + to + " --force";
    if (pause) return "patronictl pause --wait";
    if (resume) return "patronictl resume --wait";
  }
  if (manager == FailoverManager::repmgr) {
    if (planned) return on_node(node, "repmgr standby switchover --siblings-follow");
    if (kind == FaultKind::failover) {
      return on_node(node, "repmgr standby promote --siblings-follow");
    }
    if (pause) return "repmgr service pause";
    if (resume) return "repmgr service unpause";
  }
  if (manager == FailoverManager::pg_auto_failover) {
    if (planned) return "pg_autoctl perform switchover";
    if (kind == FaultKind::failover) return "pg_autoctl perform failover";
  }
  return std::string(enum_text(kind)) + " " + node;
}

// What one types for a fault of the list, by whoever manages the servers.
std::string command_of(const FaultConfig& fault, FailoverManager manager) {
  const std::string node = fault.node.value_or("NODE");
  const std::string kind(enum_text(fault.kind));
  const std::string to = fault.node ? " --candidate " + *fault.node : "";
  if (rule_of(fault.kind).subject == FaultSubject::manager) {
    return command_of_manager(fault.kind, manager, node, to);
  }
  if (kind == "promote") {
    if (manager == FailoverManager::patroni) return "patronictl failover" + to + " --force";
    if (manager == FailoverManager::repmgr) {
      return on_node(node, "repmgr standby promote --siblings-follow");
    }
    return "psql -h " + node + " -c \"SELECT pg_promote(wait => true)\"";
  }
  if (kind == "node_loss") {
    return "power " + node +
           " off from outside, such as: aws ec2 stop-instances --force "
           "--instance-ids ID-OF-" +
           node;
  }
  if (kind == "crash") return on_node(node, "pg_ctl restart -m fast");
  if (kind == "checkpoint") return "psql -h " + node + " -c CHECKPOINT";
  if (kind == "cancel_waits") {
    return "psql -h " + node +
           " -c \"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = "
           "'SyncRep'\"";
  }
  if (kind == "set_synchronous_standby_names") {
    return "psql -c \"ALTER SYSTEM SET synchronous_standby_names = '" + fault.value.value_or("") +
           "'\" -c \"SELECT pg_reload_conf()\"";
  }
  return kind + (fault.node ? " " + node : "");
}

std::string command_of(const DrillAction& action, FailoverManager manager) {
  if (!action.how.empty()) return action.how;
  if (action.checks) {
    const std::string jump = action.from ? "ssh -J jump-" + *action.from + " " : "ssh ";
    return jump + *action.checks +
           " psql -c \"SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn(), "
           "pg_is_wal_replay_paused()\"";
  }
  if (action.asks) return "call the people in " + *action.asks + "; look at the provider's page";
  std::string text;
  for (const FaultConfig& fault : action.faults) {
    text += (text.empty() ? "" : " && ") + command_of(fault, manager);
  }
  if (action.ends == FaultKind::pause_replay) {
    text += "psql -h " + action.node.value_or("NODE") + " -c \"SELECT pg_wal_replay_resume()\"";
  }
  return text.empty() ? action.command : text;
}

// Between backticks in a table, where only the bar means something.
std::string code_cell(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '|' ? "\\|" : std::string(1, c);
  return result;
}

std::string meaning(const Alarm& alarm, const DrillSignals& signals) {
  const std::string lasting = " for " + to_text(signals.lasting);
  switch (alarm.kind) {
    case AlarmKind::server_down:
      return "a probe of the server fails" + lasting;
    case AlarmKind::no_data:
      return "the application reports nothing" + lasting;
    case AlarmKind::errors:
      return "more than " + to_text(signals.errors_above) + " of pages fail" + lasting;
    case AlarmKind::slow:
      return "p95 of pages above " + to_text(signals.slow_above) + lasting;
    case AlarmKind::lag:
      return "the replica lags by more than " + to_text(signals.lag_above) + lasting;
    case AlarmKind::two_primaries:
      return "two servers say that they are not in recovery" + lasting;
  }
  return {};
}

std::string trigger(const DrillSession& session, const DrillPlay& play) {
  const DrillConfig& drill = session.setup().drill();
  Duration first = session.setup().ends;
  for (const DrillCommand& command : play.commands) {
    const bool changes =
        command.kind == CommandKind::action && !drill.actions[command.of].is_question();
    if (changes) first = std::min(first, command.at);
  }
  std::string text = "## Trigger\n\n";
  std::vector<std::string> named;
  for (const Shown& shown : session.shown()) {
    if (shown.kind != ShownKind::alarm || shown.at > TimePoint{} + first) continue;
    if (std::find(named.begin(), named.end(), shown.text) != named.end()) continue;
    named.push_back(shown.text);
    for (const Alarm& alarm : session.alarms()) {
      if (alarm_text(session.plan(), session.post(), alarm) != shown.text) continue;
      text += "- `" + shown.text + "`: " + meaning(alarm, drill.signals) + "\n";
    }
  }
  return text + (named.empty() ? "- no alarm went off in this play\n" : "") + "\n";
}

std::string checks(const DrillSession& session, FailoverManager manager) {
  const DrillConfig& drill = session.setup().drill();
  std::string text;
  for (const Work& work : session.works()) {
    const DrillAction& action = drill.actions[work.action];
    if (!action.is_question() || work.answer.empty()) continue;
    const StepTime time = step_time(action);
    text += fmt::format("| {} | `{}` | {} | {} | {} |\n", escaped_markdown(action.command),
                        code_cell(command_of(action, manager)), to_text(time.p50),
                        to_text(time.p95), escaped_markdown(work.answer));
  }
  if (text.empty()) return "## Checks\n\nNone in this play: the alarms were enough.\n\n";
  return "## Checks\n\n| check | command | p50 | p95 | went on when it said |\n"
         "|---|---|---|---|---|\n" +
         text + "\n";
}

std::string steps(const DrillSession& session, FailoverManager manager) {
  const DrillConfig& drill = session.setup().drill();
  std::string text =
      "## Steps\n\n| # | step | command | approval | p50 | p95 |\n|---|---|---|---|---|---|\n";
  int number = 0;
  for (const Work& work : session.works()) {
    const DrillAction& action = drill.actions[work.action];
    if (action.is_question()) continue;
    if (work.state != WorkState::done && work.state != WorkState::under_way) continue;
    const StepTime time = step_time(action);
    text += fmt::format("| {} | {} | `{}` | {} | {} | {} |\n", ++number,
                        escaped_markdown(action.command), code_cell(command_of(action, manager)),
                        action.approval ? "yes" : "no", to_text(time.p50), to_text(time.p95));
  }
  if (number == 0)
    return "## Steps\n\nNone: watch until the alarms clear. Doing nothing is right.\n\n";
  return text + "\n";
}

std::string stakes(const DrillSession& session, const DrillVerdict& verdict) {
  const DrillConfig& drill = session.setup().drill();
  std::string text =
      "## Why\n\nExpected cost of what could have been done, in points of the scenario's `costs`, "
      "over what was possible still on what was visible.\n\n"
      "| when | alarms | could be | expected cost |\n|---|---|---|---|\n";
  for (const DrillDecision& decision : verdict.decisions) {
    std::string costs;
    for (std::size_t i = 0; i < decision.options.size(); ++i) {
      const DrillDecision::Option& option = decision.options[i];
      const std::string mark = i == decision.chosen ? "**" : "";
      costs += fmt::format("{}{}{} {}{}", costs.empty() ? "" : ", ", mark, option.what,
                           option.expected, mark);
    }
    std::string beliefs;
    for (const DrillDecision::Belief& belief : decision.beliefs) {
      beliefs +=
          fmt::format("{}{} {}%", beliefs.empty() ? "" : ", ", drill.variants[belief.variant].name,
                      (belief.probability.ppm + 5'000) / 10'000);
    }
    text += fmt::format("| {} | {} | {} | {} |\n", clock_text(decision.at),
                        decision.alarms.empty() ? "none" : escaped_markdown(decision.alarms),
                        escaped_markdown(beliefs), escaped_markdown(costs));
  }
  return text + "\n";
}

std::string way_back(const DrillSession& session) {
  const DrillConfig& drill = session.setup().drill();
  std::string abort;
  std::string rollback;
  bool promoted = false;
  for (const Work& work : session.works()) {
    const DrillAction& action = drill.actions[work.action];
    if (action.is_question()) continue;
    for (const FaultConfig& fault : action.faults) {
      promoted = promoted || fault.kind == FaultKind::promote;
    }
    if (!action.abort_when.empty()) {
      abort += "- before `" + action.command + "`: " + action.abort_when + "\n";
    }
    if (!action.rollback.empty()) {
      rollback += "- `" + action.command + "`: " + action.rollback + "\n";
    }
  }
  abort += "- the alarms clear before the first step that changes something\n";
  if (promoted) {
    abort += "- a check finds the old primary taking writes, and nobody has fenced it\n";
    rollback +=
        "- a promotion is not undone: do not start the old primary as one; what it took "
        "since the fork is compared and merged by hand\n";
  }
  if (rollback.empty()) rollback = "- nothing was changed\n";
  return "## Abort when\n\n" + abort + "\n## Rollback\n\n" + rollback + "\n";
}

std::string ending(const DrillSession& session) {
  const DrillConfig& drill = session.setup().drill();
  std::string text =
      "## Verify\n\n"
      "- exactly one server says `SELECT pg_is_in_recovery()` = false, and writes reach it\n"
      "- no alarm for two rounds of samples; pages of every region succeed\n"
      "- replicas stream from it: `SELECT application_name, state, replay_lag FROM "
      "pg_stat_replication`\n\n## Failback\n\n";
  if (!drill.failback.empty()) return text + drill.failback + "\n";
  return text +
         "1. Rebuild the old primary as a replica: `pg_rewind --target-pgdata=$PGDATA "
         "--source-server='host=NEW'`, or a base backup if it cannot.\n"
         "2. Wait until its lag is back to normal for an hour.\n"
         "3. In a quiet hour, switch over: stop writes, wait until it has everything, promote it, "
         "let the others follow.\n";
}

}  // namespace

StepTime step_time(const DrillAction& action) {
  const StreamKey key = stream(1, "drill/runbook/" + action.command);
  std::vector<Duration> times;
  for (std::uint64_t i = 0; i < draws; ++i) times.push_back(one_draw(action, key, i));
  std::sort(times.begin(), times.end());
  return {times[draws / 2], times[draws * 95 / 100]};
}

std::string runbook_markdown(const DrillSession& session, const DrillPlay& play,
                             const DrillVerdict& verdict) {
  const Scenario& scenario = *session.setup().scenario;
  const FailoverManager manager = scenario.config.policy.failover.manager;
  std::string text = "# Runbook: " + scenario.config.name + "\n\n" + scenario.config.purpose +
                     "\n\n" +
                     fmt::format(
                         "From a play of seed {}, score {} %. Times are simulated: review "
                         "it, then drill it (`longhaul drill --actions`).\n\n",
                         play.hidden.seed, (verdict.score.ppm + 5'000) / 10'000);
  if (verdict.score < session.setup().drill().pass) {
    text +=
        "> **This play did not pass.** Its runbook is here to be reviewed, not to be followed.\n\n";
  }
  text += trigger(session, play) + checks(session, manager) + steps(session, manager);
  return text + way_back(session) + ending(session) + "\n" + stakes(session, verdict);
}

}  // namespace longhaul
