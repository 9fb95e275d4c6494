// Random worlds: `longhaul test --chaos N`, and `longhaul shrink`, which reduces what goes wrong.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/watched_run.h"
#include "run/chaos_report.h"
#include "run/report.h"
#include "run/shrink.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

// A failed CHECK says which world it was.
ChaosOutcome watched(const Scenario& scenario, std::uint64_t seed) {
  const RunOptions options;
  RunningNow running{&scenario, seed, &options, nullptr};
  const Announced announced(running);
  return judge_chaos(scenario, seed,
                     [&running](const Cluster& cluster) { running.cluster = &cluster; });
}

ChaosOutcome watched_seed(std::uint64_t seed) {
  Result<Scenario> scenario = chaos_scenario(seed);
  if (!scenario) return refused(seed, scenario.errors().front());
  scenario.value().file = fmt::format("longhaul shrink --chaos-seed {}", seed);
  return watched(scenario.value(), seed);
}

// ---- What goes wrong with a scenario -----------------------------------------------------------

// The same text: the same failure.
using Wrong = std::string;

Wrong failure_of(const ChaosOutcome& outcome) {
  if (outcome.violation != Violation::none) return std::string(enum_text(outcome.violation));
  if (outcome.two_writers > Duration{}) return "two servers accepted writes at once";
  if (outcome.lost_commits() > 0) return "acknowledged commits were lost";
  return {};
}

Wrong missed_expectation(const Scenario& scenario, std::uint64_t seed) {
  const auto result = watched_run(scenario, seed, {});
  if (!result) return {};
  const std::vector<Verdict> verdicts = judge_all(scenario, result->figures);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (!verdicts[i].holds) return scenario.expectations[i].text;
  }
  return {};
}

// In a process of its own, for a failed CHECK ends it.
Wrong in_child(const std::function<Wrong()>& find) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    close(pipe_ends[0]);
    dup2(pipe_ends[1], STDERR_FILENO);  // what a failed CHECK says goes the same way
    const Wrong found = find();
    const bool written =
        write(pipe_ends[1], found.data(), found.size()) == static_cast<ssize_t>(found.size());
    _exit(written ? exit_code::ok : exit_code::usage);
  }
  close(pipe_ends[1]);
  Wrong text;
  char part[4096];
  for (ssize_t got = 0; (got = read(pipe_ends[0], part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == exit_code::ok) return text;
  const std::string first_line = text.substr(0, text.find('\n'));
  return first_line.empty() ? "internal fault" : first_line;
}

struct Case {
  ScenarioConfig config;
  std::uint64_t seed = 1;
  bool is_chaos = false;
};

Wrong look_at(const Case& what, const Scenario& scenario) {
  return in_child([&] {
    return what.is_chaos ? failure_of(judge_chaos(scenario, what.seed))
                         : missed_expectation(scenario, what.seed);
  });
}

// What a run of the reduced file is to show.
TextLists expectations_of(const Wrong& failure) {
  if (failure == enum_text(Violation::lost_commit) || failure.starts_with("acknowledged")) {
    return {{"lost_transactions", {"count == 0"}}};
  }
  if (failure == enum_text(Violation::two_writers) || failure.starts_with("two servers")) {
    return {{"split_brain_duration", {"max == 0s"}}};
  }
  return {};
}

Result<Case> case_of(const ShrinkArgs& args) {
  Case what;
  if (args.chaos_seed) {
    what.seed = *args.chaos_seed;
    what.config = chaos_config(what.seed);
    what.is_chaos = true;
    return what;
  }
  const Result<Scenario> scenario = load(args.scenario, args.with);
  if (!scenario) return scenario.errors();
  what.config = scenario.value().config;
  what.seed = args.seed.value_or(static_cast<std::uint64_t>(what.config.seeds.first));
  return what;
}

}  // namespace

int cmd_chaos(const TestArgs& args, Terminal& terminal) {
  const std::uint64_t first = args.chaos_first;
  std::vector<ChaosOutcome> outcomes(*args.chaos);
  std::uint64_t finished = 0;
  const bool complete = run_in_order(
      outcomes.size(), args.jobs.value_or(default_jobs()),
      [&](std::uint64_t number) {
        if (interrupted()) return false;
        outcomes[number] = watched_seed(first + number);
        return true;
      },
      [&](std::uint64_t number) {
        finished = number + 1;
        terminal.progress(fmt::format("{} of {} worlds", finished, outcomes.size()));
      });
  outcomes.resize(finished);
  terminal.out(chaos_text(outcomes, terminal.out_colour()));
  if (!complete) return exit_code::interrupted;
  return chaos_holds(outcomes) ? exit_code::ok : exit_code::missed;
}

int cmd_shrink(const ShrinkArgs& args, Terminal& terminal) {
  if (args.scenario.empty() && !args.chaos_seed) {
    terminal.error("shrink: expected SCENARIO or --chaos-seed");
    return exit_code::usage;
  }
  if (!can_write("--out", args.out, terminal)) return exit_code::usage;
  Result<Case> found = case_of(args);
  if (!found) return refuse(found.errors(), terminal);
  Case& what = found.value();
  const Result<Scenario> whole = scenario_of(what.config, what.config.name + ".json");
  if (!whole) return refuse(whole.errors(), terminal);
  const Wrong wrong = look_at(what, whole.value());
  if (wrong.empty()) {
    terminal.error(fmt::format("{}, seed {}: nothing goes wrong", what.config.name, what.seed));
    return exit_code::usage;
  }
  what.config.seeds = {static_cast<std::int64_t>(what.seed), static_cast<std::int64_t>(what.seed)};
  what.config.purpose = "Reduced by longhaul shrink: " + wrong + ".";
  if (what.is_chaos) what.config.expect = expectations_of(wrong);
  std::size_t tries = 0;
  const Shrunk shrunk = shrink(what.config, [&](const Scenario& scenario) {
    terminal.progress(fmt::format("{} tries", ++tries));
    return !interrupted() && look_at(what, scenario) == wrong;
  });
  terminal.clear_progress();
  if (args.out.empty()) {
    terminal.out(shrunk.text);
  } else if (const auto reason = write_file(args.out, shrunk.text)) {
    terminal.error(args.out + " " + *reason);
    return exit_code::fault;
  }
  terminal.error(fmt::format("{}, seed {}: {} of {} faults left after {} tries{}{}: {}",
                             what.config.name, what.seed, shrunk.faults, what.config.faults.size(),
                             shrunk.tries, shrunk.complete ? "" : ", which were not enough",
                             args.out.empty() ? "" : ", in " + args.out, wrong));
  return interrupted() ? exit_code::interrupted : exit_code::ok;
}

}  // namespace longhaul
