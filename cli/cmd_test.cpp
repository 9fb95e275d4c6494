#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/sweeping.h"
#include "cli/test_report.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

constexpr std::size_t replays_max = 100;  // kept of one scenario

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A scenario with a place in the report; those that cannot be loaded have no task.
struct Loaded {
  std::vector<Scenario> scenarios;
  std::vector<SweepTask> tasks;
  std::vector<std::size_t> place;  // in the report, by task
};

std::vector<std::string> replays(const TestArgs& args, const Scenario& scenario,
                                 const SweepResult& result) {
  std::vector<std::string> commands;
  for (const SeedResult& seed : result.seeds) {
    const bool holds = std::all_of(seed.verdicts.begin(), seed.verdicts.end(),
                                   [](const Verdict& verdict) { return verdict.holds; });
    if (holds || commands.size() == replays_max) continue;
    commands.push_back(replay_command(scenario.file, seed.seed, args.with));
  }
  return commands;
}

Loaded load_all(const TestArgs& args, const std::vector<std::string>& files, TestReport& report) {
  Loaded loaded;
  loaded.scenarios.reserve(files.size());  // tasks point at them
  for (const std::string& file : files) {
    TestedScenario& row = report.scenarios.emplace_back();
    row.file = file;
    row.name = file;
    Result<Scenario> scenario = load(file, args.with);
    if (!scenario) {
      row.errors = scenario.errors();
      continue;
    }
    loaded.scenarios.push_back(std::move(scenario).value());
    const Scenario& kept = loaded.scenarios.back();
    row.name = kept.config.name;
    loaded.tasks.push_back({&kept, args.seeds.value_or(kept.config.seeds)});
    loaded.place.push_back(report.scenarios.size() - 1);
  }
  return loaded;
}

// Rows of the report are printed in its order; what could not be loaded stands between the others.
class Printer {
 public:
  Printer(const TestArgs& args, const TestReport& report, Terminal& terminal)
      : args_(args), report_(report), terminal_(terminal) {}

  void up_to(std::size_t end) {
    for (; next_ < end; ++next_) {
      const TestedScenario& row = report_.scenarios[next_];
      if (row.loaded() && row.seeds.empty()) continue;  // interrupted before it began
      terminal_.out(scenario_text(row, args_.quiet, terminal_.out_colour()));
      if (!row.loaded()) refuse(row.errors, terminal_);
    }
  }

 private:
  const TestArgs& args_;
  const TestReport& report_;
  Terminal& terminal_;
  std::size_t next_ = 0;
};

void run_all(const TestArgs& args, const Loaded& loaded, TestReport& report, Printer& printer,
             Terminal& terminal) {
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  sweep(loaded.tasks, options, [&](std::size_t task, SweepResult result) {
    const Scenario& scenario = *loaded.tasks[task].scenario;
    report.scenarios[loaded.place[task]] =
        tested(scenario, loaded.tasks[task].seeds, result, replays(args, scenario, result));
    printer.up_to(loaded.place[task] + 1);
  });
  report.interrupted = interrupted();
  printer.up_to(report.scenarios.size());
  if (!report.interrupted) return;
  // What was not begun is not in the report.
  std::erase_if(report.scenarios,
                [](const TestedScenario& row) { return row.loaded() && row.seeds.empty(); });
}

bool append(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  return static_cast<bool>(file << text << std::flush);
}

int tell_others(const TestArgs& args, const TestReport& report, Terminal& terminal) {
  std::vector<std::string> wrong;
  const auto write = [&](const std::string& option, const std::string& path,
                         const std::string& text) {
    if (path.empty()) return;
    if (const auto reason = write_file(path, text)) wrong.push_back(option + " " + *reason);
  };
  write("--junit", args.junit, junit_xml(report));
  write("--summary", args.summary, summary_markdown(report));
  const std::string step = environment("GITHUB_STEP_SUMMARY");
  if (!step.empty() && !append(step, summary_markdown(report))) {
    wrong.push_back("GITHUB_STEP_SUMMARY " + step + ": cannot be written");
  }
  if (environment("GITHUB_ACTIONS") == "true") terminal.raw_error(github_annotations(report));
  for (const std::string& reason : wrong) terminal.error(reason);
  return wrong.empty() ? exit_code::ok : exit_code::fault;
}

}  // namespace

int cmd_test(const TestArgs& args, Terminal& terminal) {
  if (args.paths.empty()) {
    terminal.error("test: expected PATH or --chaos");
    return exit_code::usage;
  }
  const Result<std::vector<std::string>> files = scenario_files(args.paths);
  if (!files) return refuse(files.errors(), terminal);
  // What is wrong with the user's round trips is said once.
  if (const auto catalogue = load_catalogue(args.with.rtt_csv); !catalogue) {
    return refuse(catalogue.errors(), terminal);
  }
  TestReport report;
  const Loaded loaded = load_all(args, files.value(), report);
  Printer printer(args, report, terminal);
  run_all(args, loaded, report, printer, terminal);
  terminal.out(summary_text(report, terminal.out_colour()));
  const int told = tell_others(args, report, terminal);
  return told == exit_code::ok ? report.code() : told;
}

}  // namespace longhaul
