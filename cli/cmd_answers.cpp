#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "cli/answers.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/sweeping.h"
#include "cli/watched_run.h"
#include "run/answers/data_loss.h"
#include "run/answers/lag_threshold.h"
#include "run/answers/outage.h"
#include "run/answers/pareto.h"
#include "run/answers/sensitivity.h"
#include "run/canary_needed.h"
#include "run/compare.h"

namespace longhaul {
namespace {

// An answer that is an answer has the three faces. `complete`: nobody stopped it.
int print(const AnswerArgs& args, const std::string& text, const std::string& json,
          const std::string& svg, bool complete, Terminal& terminal) {
  terminal.out(args.json ? json : text);
  if (!write_picture(args.svg, svg, terminal)) return exit_code::fault;
  return complete ? exit_code::ok : exit_code::interrupted;
}

GridOptions grid_options(const AnswerArgs& args, Terminal& terminal) {
  GridOptions options;
  options.jobs = args.jobs.value_or(default_jobs());
  options.go_on = [] { return !interrupted(); };
  options.around = announced_cell;
  options.progress = [&terminal](std::int64_t done, std::int64_t whole) {
    terminal.progress(fmt::format("{} of {} cells", done, whole));
  };
  return options;
}

auto loader_of(const AnswerArgs& args) {
  return [&args](const std::vector<std::string>& sets) {
    return load(args.scenario, args.with, sets);
  };
}

// The scenario with what one sets over it, and enough seeds for differences. What is wrong with it.
template <class Asked>
std::optional<std::vector<Error>> ask_of(const AnswerArgs& args, Asked& asked) {
  asked.load = loader_of(args);
  const Result<Scenario> scenario = asked.load({});
  if (!scenario) return scenario.errors();
  asked.seeds = args.seeds.value_or(seeds_to_compare(scenario.value()));
  return std::nullopt;
}

struct Crashed {
  Store store;
  bool complete;
};

// The cells of the crashes, those that the file lacks run now.
Result<Crashed> run_crashes(const CrashArgs& args, Terminal& terminal) {
  GridAsked asked;
  asked.seeds = args.seeds;
  asked.crash = args.crash;
  asked.tie_order = args.with.permute_ties;
  asked.load = loader_of(args);
  const Result<Grid> grid = make_grid(asked);
  if (!grid) return grid.errors();
  Result<Store> store = Store::open(args.store.empty() ? ":memory:" : args.store, grid.value().key);
  if (!store) return store.errors();
  const Result<bool> complete = fill(grid.value(), store.value(), grid_options(args, terminal));
  if (!complete) return complete.errors();
  return Crashed{std::move(store).value(), complete.value()};
}

// "2" or "1.5", in thousandths.
std::optional<std::int64_t> parse_factor(const std::string& text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto whole = parse_whole(text.substr(0, dot));
  std::string fraction = dot < text.size() ? text.substr(dot + 1) : "0";
  if (!whole || *whole > 1'000 || fraction.empty() || fraction.size() > 3) return std::nullopt;
  fraction.resize(3, '0');
  const auto milli = parse_whole(fraction);
  if (!milli) return std::nullopt;
  const auto factor = static_cast<std::int64_t>(*whole * 1'000 + *milli);
  return factor > 1'000 ? std::optional(factor) : std::nullopt;
}

int wrong_usage(const std::string& text, Terminal& terminal) {
  terminal.error(text);
  return exit_code::usage;
}

}  // namespace

bool write_picture(const std::string& file, const std::string& svg, Terminal& terminal) {
  if (file.empty()) return true;
  const std::optional<std::string> error = write_file(file, svg);
  if (error) terminal.error("--svg " + *error);
  return !error;
}

int cmd_lag_threshold(const LagThresholdArgs& args, Terminal& terminal) {
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  LagThresholdAsked asked;
  asked.values = args.values.value_or(usual_thresholds());
  std::sort(asked.values.begin(), asked.values.end());
  if (const auto wrong = ask_of(args, asked)) return refuse(*wrong, terminal);
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  const Result<LagThreshold> answer = lag_threshold(asked, options);
  if (!answer) return refuse(answer.errors(), terminal);
  return print(args, lag_threshold_text(answer.value(), terminal.out_colour()),
               lag_threshold_json(answer.value()), lag_threshold_svg(answer.value()),
               answer.value().complete, terminal);
}

int cmd_data_loss(const CrashArgs& args, Terminal& terminal) {
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  const Result<Crashed> crashed = run_crashes(args, terminal);
  if (!crashed) return refuse(crashed.errors(), terminal);
  const DataLoss loss = data_loss(crashed.value().store);
  return print(args, data_loss_text(loss, terminal.out_colour()), data_loss_json(loss),
               data_loss_svg(loss), crashed.value().complete, terminal);
}

int cmd_outage(const CrashArgs& args, Terminal& terminal) {
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  const Result<Scenario> scenario = load(args.scenario, args.with);
  if (!scenario) return refuse(scenario.errors(), terminal);
  if (const auto blind = canary_missing(scenario.value()); !blind.empty()) {
    return refuse(blind, terminal);
  }
  const Result<Crashed> crashed = run_crashes(args, terminal);
  if (!crashed) return refuse(crashed.errors(), terminal);
  const Outages answer = outages(crashed.value().store);
  return print(args, outages_text(answer, terminal.out_colour()), outages_json(answer),
               outages_svg(answer), crashed.value().complete, terminal);
}

int cmd_pareto(const ParetoArgs& args, Terminal& terminal) {
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  ParetoAsked asked;
  const Result<std::vector<Axis>> axes = parse_axes(args.vary);
  if (!axes) return refuse(axes.errors(), terminal);
  asked.axes = axes.value();
  asked.latency = {args.latency, args.value};
  if (args.scenarios.size() == 1 && asked.axes.empty()) {
    return wrong_usage("pareto: expected several scenarios, or --vary", terminal);
  }
  asked.seeds = args.seeds;
  asked.crash = args.crash;
  asked.tie_order = args.with.permute_ties;
  for (const std::string& file : args.scenarios) {
    asked.load.emplace_back([&args, &file](const std::vector<std::string>& sets) {
      return load(file, args.with, sets);
    });
  }
  const Result<Pareto> answer =
      pareto(asked, sweep_options(run_options(args.with), args.jobs, terminal),
             grid_options(args, terminal));
  if (!answer) return refuse(answer.errors(), terminal);
  return print(args, pareto_text(answer.value(), terminal.out_colour()),
               pareto_json(answer.value()), pareto_svg(answer.value()), answer.value().complete,
               terminal);
}

int cmd_sensitivity(const SensitivityArgs& args, Terminal& terminal) {
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  SensitivityAsked asked;
  asked.figure = {args.metric, args.value};
  asked.knobs = args.knobs;
  const std::optional<std::int64_t> factor = parse_factor(args.by);
  if (!factor) {
    return wrong_usage("--by " + args.by + ": expected a number above 1, such as 2 or 1.25",
                       terminal);
  }
  asked.factor_milli = *factor;
  if (const auto wrong = ask_of(args, asked)) return refuse(*wrong, terminal);
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  const Result<Sensitivity> answer = sensitivity(asked, options);
  if (!answer) return refuse(answer.errors(), terminal);
  return print(args, sensitivity_text(answer.value(), terminal.out_colour()),
               sensitivity_json(answer.value()), sensitivity_svg(answer.value()),
               answer.value().complete, terminal);
}

}  // namespace longhaul
