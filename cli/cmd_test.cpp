#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/units_text.h"
#include "cli/baseline_runs.h"
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
  std::optional<Baseline> baseline;
  std::vector<std::optional<std::size_t>> held;  // in the baseline, by task
  std::vector<WantedFigures> figures;            // by task, if there is a baseline
  std::vector<Error> wrong;                      // runs that are none of the baseline's
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

// What holds this one alone to the baseline again.
std::string baseline_replay(const TestArgs& args, const std::string& file) {
  std::string text =
      "longhaul baseline diff " + shell_word(file) + " --baseline " + shell_word(args.baseline);
  if (args.seeds) text += " --seeds " + text_type<SeedRange>().print(&*args.seeds);
  for (const std::string& other : args.allow_other) text += " --allow-other " + other;
  return text + options_text(args.with);
}

// What the last scenario that was loaded is held to.
void hold(const TestArgs& args, Loaded& loaded) {
  if (!loaded.baseline) return;
  Scenario& scenario = loaded.scenarios.back();
  const SeedRange seeds = loaded.tasks.back().seeds;
  const std::optional<std::size_t> at = loaded.baseline->find(scenario.config.name);
  const BaselineScenario* held = at ? &loaded.baseline->config.scenarios[*at] : nullptr;
  if (at) {
    const std::vector<Error> other = differences(*loaded.baseline, *at, args, seeds);
    loaded.wrong.insert(loaded.wrong.end(), other.begin(), other.end());
  }
  if (args.baseline_only) {
    // The figures of the expectations are among those of the baseline, or new to it.
    const std::vector<BaselineFigure> figures = figures_to_find(held, scenario);
    scenario.expectations.clear();
    scenario.expectation_lines.clear();
    loaded.figures.push_back(want_figures(scenario, figures));
  } else {
    loaded.figures.push_back(want_figures(scenario, figures_to_find(held, scenario)));
  }
  loaded.held.push_back(at);
}

Loaded load_all(const TestArgs& args, const std::vector<std::string>& files,
                std::optional<Baseline> baseline, TestReport& report) {
  Loaded loaded;
  loaded.baseline = std::move(baseline);
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
    hold(args, loaded);
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
      // Interrupted before it began.
      if (row.loaded() && row.seeds.empty() && !row.is_absent()) continue;
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

// Holds what a task found to the baseline, and leaves the result of the scenario alone.
void judge(Loaded& loaded, std::size_t task, SweepResult& result, TestedScenario& row) {
  Scenario& scenario = loaded.scenarios[task];
  const std::vector<FoundFigure> found = take_figures(loaded.figures[task], scenario, result);
  scenario.expectations.resize(result.pooled.size());
  const std::optional<std::size_t> at = loaded.held[task];
  row.baseline_file = loaded.baseline->file;
  if (!result.complete) return;  // fewer seeds are other runs
  if (at) {
    row.baseline = judge_scenario(*loaded.baseline, *at, found);
    row.changed_since = loaded.baseline->config.scenarios[*at].digest != hex_text(scenario.digest);
  } else {
    row.baseline = judge_new(found);
  }
}

// Whether a file is there and lies below none of the directories.
bool is_elsewhere(const std::string& file, const std::vector<std::string>& directories) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  if (!fs::exists(file, unknown)) return false;
  const fs::path whole = fs::weakly_canonical(file, unknown);
  return std::none_of(directories.begin(), directories.end(), [&](const std::string& path) {
    const fs::path above = fs::weakly_canonical(path, unknown) / "";
    return whole.string().starts_with(above.string());
  });
}

// What the baseline knows and nobody ran. Who names files asks about these; who names a directory
// asks about all of it, and a scenario that was deleted or renamed there shall not go unnoticed.
void add_absent(const TestArgs& args, const Loaded& loaded, TestReport& report) {
  if (!loaded.baseline || report.bad_count() > 0) return;
  std::vector<std::string> directories;
  for (const std::string& path : args.paths) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) directories.push_back(path);
  }
  if (directories.empty()) return;
  for (std::size_t i = 0; i < loaded.baseline->config.scenarios.size(); ++i) {
    if (std::find(loaded.held.begin(), loaded.held.end(), i) != loaded.held.end()) continue;
    if (is_elsewhere(loaded.baseline->config.scenarios[i].file, directories)) continue;
    TestedScenario& row = report.scenarios.emplace_back();
    row.name = loaded.baseline->config.scenarios[i].scenario;
    row.file = row.baseline_file = loaded.baseline->file;
    BaselineRow& missing = row.baseline.emplace_back();
    missing.state = BaselineState::missing;
    missing.metric = "scenario";
    missing.was = "held";
    missing.why = "the baseline holds it, and it is not among those that ran";
    missing.line = loaded.baseline->scenario_lines[i];
  }
}

void run_all(const TestArgs& args, Loaded& loaded, TestReport& report, Printer& printer,
             Terminal& terminal) {
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  sweep(loaded.tasks, options, [&](std::size_t task, SweepResult result) {
    TestedScenario against;
    if (loaded.baseline) judge(loaded, task, result, against);
    const Scenario& scenario = loaded.scenarios[task];
    TestedScenario& row = report.scenarios[loaded.place[task]];
    row = tested(scenario, loaded.tasks[task].seeds, result, replays(args, scenario, result));
    row.baseline = std::move(against.baseline);
    row.baseline_file = std::move(against.baseline_file);
    row.changed_since = against.changed_since;
    if (loaded.baseline) row.baseline_replay = baseline_replay(args, scenario.file);
    printer.up_to(loaded.place[task] + 1);
  });
  report.interrupted = interrupted();
  if (!report.interrupted) add_absent(args, loaded, report);
  printer.up_to(report.scenarios.size());
  if (!report.interrupted) return;
  // What was not begun is not in the report.
  std::erase_if(report.scenarios,
                [](const TestedScenario& row) { return row.loaded() && row.seeds.empty(); });
}

std::string renew_command(const TestArgs& args) {
  std::string text = "longhaul baseline write";
  for (const std::string& path : args.paths) text += " " + shell_word(path);
  text += " --baseline " + shell_word(args.baseline);
  if (args.seeds) text += " --seeds " + text_type<SeedRange>().print(&*args.seeds);
  return text + options_text(args.with);
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
  if (!can_write("--junit", args.junit, terminal)) return exit_code::usage;
  if (!can_write("--summary", args.summary, terminal)) return exit_code::usage;
  const Result<std::vector<std::string>> files = scenario_files(args.paths);
  if (!files) return refuse(files.errors(), terminal);
  // What is wrong with the user's round trips is said once.
  if (const auto catalogue = load_catalogue(args.with.rtt_csv); !catalogue) {
    return refuse(catalogue.errors(), terminal);
  }
  std::optional<Baseline> baseline;
  if (!args.baseline.empty()) {
    Result<std::optional<Baseline>> read = load_baseline(args.baseline, true);
    if (!read) return refuse(read.errors(), terminal);
    baseline = std::move(read).value();
    if (const auto other = other_catalogue(*baseline, args)) return refuse({*other}, terminal);
  }
  TestReport report;
  report.renew = renew_command(args);
  Loaded loaded = load_all(args, files.value(), std::move(baseline), report);
  if (!loaded.wrong.empty()) return refuse(loaded.wrong, terminal);
  Printer printer(args, report, terminal);
  run_all(args, loaded, report, printer, terminal);
  terminal.out(summary_text(report, terminal.out_colour()));
  const int told = tell_others(args, report, terminal);
  return told == exit_code::ok ? report.code() : told;
}

}  // namespace longhaul
