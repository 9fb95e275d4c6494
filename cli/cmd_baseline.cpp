#include <fmt/format.h>

#include <algorithm>

#include "cli/baseline_runs.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/sweeping.h"
#include "run/report.h"

namespace longhaul {
namespace {

struct ToWrite {
  std::vector<Scenario> scenarios;
  std::vector<SweepTask> tasks;
  std::vector<WantedFigures> figures;  // by task
  std::vector<Error> wrong;
};

const BaselineScenario* held_before(const std::optional<Baseline>& before,
                                    const std::string& scenario) {
  if (!before) return nullptr;
  const std::optional<std::size_t> at = before->find(scenario);
  return at ? &before->config.scenarios[*at] : nullptr;
}

void load_all(const TestArgs& args, const std::vector<std::string>& files,
              const std::optional<Baseline>& before, ToWrite& all) {
  all.scenarios.reserve(files.size());  // tasks point at them
  std::vector<std::string> names;
  for (const std::string& file : files) {
    Result<Scenario> loaded = load(file, args.with);
    if (!loaded) {
      all.wrong.insert(all.wrong.end(), loaded.errors().begin(), loaded.errors().end());
      continue;
    }
    Scenario& scenario = all.scenarios.emplace_back(std::move(loaded).value());
    const std::string& name = scenario.config.name;
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      all.wrong.push_back({file, 0, 0, "name", '"' + name + '"',
                           "a name that no other scenario has: a baseline goes by names", ""});
    }
    names.push_back(name);
    const SeedRange seeds = args.seeds.value_or(scenario.config.seeds);
    all.figures.push_back(
        want_figures(scenario, figures_to_find(held_before(before, name), scenario)));
    all.tasks.push_back({&scenario, seeds});
  }
}

struct Counts {
  std::size_t figures = 0;
  std::size_t added = 0;
  std::size_t changed = 0;
  std::vector<std::string> dropped;
};

void count(const BaselineScenario* before, const BaselineScenario& now, Counts& counts) {
  counts.figures += now.figures.size();
  for (const BaselineFigure& figure : now.figures) {
    const BaselineFigure* old = nullptr;
    for (std::size_t i = 0; before != nullptr && i < before->figures.size(); ++i) {
      if (key_of(before->figures[i]) == key_of(figure)) old = &before->figures[i];
    }
    counts.added += old == nullptr;
    counts.changed += old != nullptr && old->value != figure.value;
  }
  for (std::size_t i = 0; before != nullptr && i < before->figures.size(); ++i) {
    const BaselineFigure& old = before->figures[i];
    const bool stays =
        std::any_of(now.figures.begin(), now.figures.end(),
                    [&](const BaselineFigure& one) { return key_of(one) == key_of(old); });
    if (stays) continue;
    counts.dropped.push_back(now.scenario + ": " + old.metric + " " + old.aggregation);
  }
}

// What other scenarios are held to stays, as long as it was found on the same catalogue.
std::vector<Error> mixed(const std::optional<Baseline>& before, const ToWrite& all,
                         const TestArgs& args) {
  if (!before) return {};
  for (const BaselineScenario& old : before->config.scenarios) {
    const bool renewed =
        std::any_of(all.scenarios.begin(), all.scenarios.end(),
                    [&](const Scenario& scenario) { return scenario.config.name == old.scenario; });
    if (renewed) continue;
    if (auto error = other_catalogue(*before, args)) {
      error->expected += "; " + old.scenario + " would stay as it is";
      return {*error};
    }
  }
  return {};
}

BaselineConfig begin(const std::optional<Baseline>& before, const TestArgs& args) {
  BaselineConfig config;
  if (before) config = before->config;
  config.release = std::string(release());
  config.catalogue = load_catalogue(args.with.rtt_csv).value().version();
  return config;
}

void put(BaselineConfig& config, BaselineScenario scenario) {
  for (BaselineScenario& old : config.scenarios) {
    if (old.scenario != scenario.scenario) continue;
    old = std::move(scenario);
    return;
  }
  config.scenarios.push_back(std::move(scenario));
}

std::string told(const TestArgs& args, const BaselineConfig& config, const Counts& counts) {
  std::string text = fmt::format(
      "{}: {}; {} of those that ran, {} new, {} with another value\n", args.baseline,
      counted(static_cast<std::int64_t>(config.scenarios.size()), "scenario"),
      counted(static_cast<std::int64_t>(counts.figures), "figure"), counts.added, counts.changed);
  for (const std::string& figure : counts.dropped) {
    text += "  dropped, it cannot be found any more: " + figure + "\n";
  }
  return text;
}

}  // namespace

int cmd_baseline_write(const TestArgs& args, Terminal& terminal) {
  if (!can_write("--baseline", args.baseline, terminal)) return exit_code::usage;
  const Result<std::vector<std::string>> files = scenario_files(args.paths);
  if (!files) return refuse(files.errors(), terminal);
  if (const auto catalogue = load_catalogue(args.with.rtt_csv); !catalogue) {
    return refuse(catalogue.errors(), terminal);
  }
  const Result<std::optional<Baseline>> loaded = load_baseline(args.baseline, false);
  if (!loaded) return refuse(loaded.errors(), terminal);
  const std::optional<Baseline>& before = loaded.value();
  ToWrite all;
  load_all(args, files.value(), before, all);
  if (!all.wrong.empty()) return refuse(all.wrong, terminal);
  if (const auto wrong = mixed(before, all, args); !wrong.empty()) return refuse(wrong, terminal);
  BaselineConfig config = begin(before, args);
  Counts counts;
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  sweep(all.tasks, options, [&](std::size_t task, SweepResult result) {
    if (!result.complete) return;
    const Scenario& scenario = all.scenarios[task];
    const BaselineScenario* held = held_before(before, scenario.config.name);
    BaselineScenario now = renewed(held, take_figures(all.figures[task], scenario, result));
    now.scenario = scenario.config.name;
    now.file = scenario.file;
    now.digest = hex_text(scenario.digest);
    now.seeds = all.tasks[task].seeds;
    now.until = args.with.until;
    count(held, now, counts);
    put(config, std::move(now));
  });
  if (interrupted()) {
    terminal.error("interrupted; the baseline is as it was");
    return exit_code::interrupted;
  }
  if (const auto failed = write_file(args.baseline, baseline_text(config))) {
    terminal.error("--baseline " + *failed);
    return exit_code::fault;
  }
  terminal.out(told(args, config, counts));
  return exit_code::ok;
}

}  // namespace longhaul
