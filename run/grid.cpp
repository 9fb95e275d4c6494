#include "run/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units_text.h"
#include "models/build.h"
#include "run/cost.h"
#include "sim/rng.h"

namespace longhaul {
namespace {

Error wrong(const std::string& path, const std::string& value, const std::string& expected) {
  Error error;
  error.path = path;
  error.value = value;
  error.expected = expected;
  return error;
}

// The failure leaves the scenario's own faults: each branch brings it at its instant.
std::optional<Error> take_failure(const CrashPlan& crash, Scenario& scenario, Grid& grid) {
  std::vector<FaultConfig>& faults = scenario.cluster.faults;
  if (faults.empty()) return wrong("faults", "none", "the failure that --crash-instants moves");
  if (!crash.fault && faults.size() > 1) {
    return wrong("--crash-fault", std::to_string(faults.size()) + " faults",
                 "which of them is the failure, from 0");
  }
  const std::size_t index = crash.fault.value_or(0);
  if (index >= faults.size()) {
    return wrong("--crash-fault", std::to_string(index),
                 "a fault of the scenario, below " + std::to_string(faults.size()));
  }
  if (!is_injectable(faults[index].kind)) {
    return wrong("--crash-fault", std::to_string(index),
                 "a failure: this operation is prepared from the start of a run");
  }
  grid.failures.push_back(faults[index]);
  grid.key.failure = fmt::format("{}: {}", index, failure_text(faults[index]));
  faults.erase(faults.begin() + static_cast<std::ptrdiff_t>(index));
  scenario.cluster.interactive = true;
  return std::nullopt;
}

std::optional<Error> set_window(const CrashPlan& crash, const Scenario& scenario, SweepKey& key) {
  Duration from = scenario.config.warmup;
  Duration until = scenario.cluster.duration;
  if (crash.during) {
    const auto users = std::find_if(
        scenario.config.workload.begin(), scenario.config.workload.end(),
        [&](const PopulationConfig& population) { return population.name == *crash.during; });
    if (users == scenario.config.workload.end()) {
      return wrong("--crash-during", *crash.during, "the name of users in the workload");
    }
    from = std::max(from, users->begins);
    until = std::min(until, users->ends.value_or(until));
  }
  from = crash.from.value_or(from);
  until = crash.until.value_or(until);
  if (from >= until || from < scenario.config.warmup) {
    return wrong("--crash-window", to_text(from) + ".." + to_text(until),
                 "a window after the warm-up that has not ended when it begins");
  }
  key.crash_from_ns = from.ns;
  key.crash_until_ns = until.ns;
  key.crash_instants = crash.instants;
  key.horizon_ns = crash.horizon.ns;
  return std::nullopt;
}

CellResult cell_of(const Grid& grid, std::int64_t cell, const RunResult& result) {
  const std::int64_t instants = std::max<std::int64_t>(1, grid.key.crash_instants);
  const std::int64_t stem = cell / instants;
  const std::int64_t seeds = grid.key.last_seed - grid.key.first_seed + 1;
  CellResult made;
  made.cell = cell;
  made.setting = stem / seeds;
  made.seed = result.seed;
  const Scenario& scenario = grid.settings[static_cast<std::size_t>(made.setting)];
  made.report = make_report(scenario, result);
  made.cost_micro_usd = monthly_cost(scenario, result.figures).total();
  return made;
}

// A cell of a run that ended some time after its failure.
void strikes(const Grid& grid, CellResult& cell, TimePoint at) {
  cell.crash_ns = at.ns;
  cell.report.simulated = at - TimePoint{} + Duration{grid.key.horizon_ns};
}

struct Stem {
  std::size_t setting;
  std::uint64_t seed;
};

Stem stem_of(const Grid& grid, std::int64_t stem) {
  const std::int64_t seeds = grid.key.last_seed - grid.key.first_seed + 1;
  return {static_cast<std::size_t>(stem / seeds),
          static_cast<std::uint64_t>(grid.key.first_seed + stem % seeds)};
}

constexpr std::int64_t slices = 100;

// False when it shall stop.
bool run_until(Cluster& cluster, TimePoint until, const std::function<bool()>& go_on) {
  const Duration slice{std::max<std::int64_t>(1, (cluster.end() - TimePoint{}).ns / slices)};
  for (TimePoint at = cluster.world().now() + slice; at < until; at = at + slice) {
    if (go_on && !go_on()) return false;
    if (!cluster.run_until(at)) return true;
  }
  cluster.run_until(until);
  return !go_on || go_on();
}

FaultConfig failure_at(const Grid& grid, std::size_t setting, TimePoint at) {
  FaultConfig failure = grid.failures[setting];
  failure.at = at - TimePoint{};
  return failure;
}

RunOptions run_options(const Grid& grid) {
  RunOptions options;
  options.permute_ties = grid.key.tie_order;
  return options;
}

// The branch as a run of its own that planned the failure from the start.
Scenario whole_scenario(const Grid& grid, std::size_t setting, TimePoint at) {
  Scenario scenario = grid.settings[setting];
  scenario.cluster.faults.push_back(failure_at(grid, setting, at));
  scenario.cluster.duration = at - TimePoint{} + Duration{grid.key.horizon_ns};
  return scenario;
}

// "cell 17 of 400: policy.lag_breaker.open_above=1s, failure at 34.2s"
std::string name_of(const Grid& grid, std::int64_t cell, std::optional<TimePoint> at) {
  const std::int64_t instants = std::max<std::int64_t>(1, grid.key.crash_instants);
  const std::int64_t stem = grid.key.crash_instants == 0 || at ? cell / instants : cell;
  std::string name =
      at || grid.key.crash_instants == 0
          ? "cell " + std::to_string(cell) + " of " + std::to_string(grid.key.cells())
          : "the warm run of cell " + std::to_string(cell * instants) + " and on";
  const std::vector<std::string> values =
      values_of(grid.key.axes, static_cast<std::int64_t>(stem_of(grid, stem).setting));
  const char* before = ": ";
  for (const std::string& set : sets_of(grid.key.axes, values)) {
    name += std::exchange(before, ", ") + set;
  }
  if (at) name += std::exchange(before, ", ") + ("failure at " + to_text(*at - TimePoint{}));
  return name;
}

void around_cell(const AroundCell& around, const RunningCell& cell,
                 const std::function<void()>& work) {
  around ? around(cell, work) : work();
}

// The cells of a warm run, each forked from it; none after a stop.
std::vector<CellResult> branches(const Grid& grid, std::int64_t number, Cluster& warm,
                                 const std::function<bool()>& go_on, const AroundCell& around) {
  const Stem stem = stem_of(grid, number);
  const RunOptions options = run_options(grid);
  std::vector<CellResult> cells;
  for (const TimePoint at : crash_instants(grid.key, stem.seed)) {
    // What happens at the very instant comes after the failure.
    if (!run_until(warm, at - Duration{1}, go_on)) return {};
    const std::uint64_t shared = warm.world().scheduler.events();
    Cluster branch = warm;
    inject(branch, grid.settings[stem.setting].cluster, failure_at(grid, stem.setting, at));
    end_at(branch, at + Duration{grid.key.horizon_ns});
    const std::int64_t cell =
        number * grid.key.crash_instants + static_cast<std::int64_t>(cells.size());
    const Scenario whole = whole_scenario(grid, stem.setting, at);
    bool finished = false;
    around_cell(around, {name_of(grid, cell, at), &whole, stem.seed, &options, &branch}, [&] {
      finished = run_until(branch, branch.end(), go_on);
      if (finished)
        cells.push_back(cell_of(grid, cell, finish_run(std::move(branch), whole, options)));
    });
    if (!finished) return {};
    cells.back().shared_events = shared;
    strikes(grid, cells.back(), at);
  }
  return cells;
}

struct CannotWrite {
  std::string why;
};

}  // namespace

std::string failure_text(const FaultConfig& fault) {
  std::string text(enum_text(fault.kind));
  for (const auto& target : {fault.node, fault.app, fault.member, fault.region, fault.zone}) {
    if (target) text += " " + *target;
  }
  if (fault.between) text += fmt::format(" {}", fmt::join(*fault.between, " - "));
  if (fault.from && fault.to) text += " " + *fault.from + " to " + *fault.to;
  return text;
}

Result<Grid> make_grid(const GridAsked& asked) {
  if (auto wrong = mistakes_in(asked.axes); !wrong.empty()) return wrong;
  const Result<Scenario> base = asked.load({});
  if (!base) return base.errors();
  Grid grid;
  grid.key.release = std::string(release());
  grid.key.scenario = scenario_json(base.value().config);
  grid.key.digest = hex_text(base.value().digest);
  grid.key.axes = asked.axes;
  const SeedRange seeds = asked.seeds.value_or(base.value().config.seeds);
  grid.key.first_seed = seeds.first;
  grid.key.last_seed = seeds.last;
  grid.key.tie_order = asked.tie_order;
  grid.key.until_ns = base.value().cluster.duration.ns;
  const bool crashes = asked.crash.instants > 0;
  if (crashes) {
    if (auto error = set_window(asked.crash, base.value(), grid.key)) return *error;
  }
  SettingErrors errors;
  for (std::int64_t i = 0; i < grid.key.settings(); ++i) {
    const std::vector<std::string> sets = sets_of(asked.axes, values_of(asked.axes, i));
    Result<Scenario> scenario = asked.load(sets);
    if (!scenario) {
      errors.add(scenario.errors(), sets);
      continue;
    }
    if (crashes) {
      if (auto error = take_failure(asked.crash, scenario.value(), grid)) {
        errors.add({*error}, sets);
        continue;
      }
    }
    grid.settings.push_back(std::move(scenario).value());
  }
  if (!errors.empty()) return errors.all(asked.axes, asked.load);
  return grid;
}

std::vector<TimePoint> crash_instants(const SweepKey& key, std::uint64_t seed) {
  RandomStream luck{stream(seed, "crash instants")};
  std::vector<TimePoint> instants;
  const Int128 span = key.crash_until_ns - key.crash_from_ns;
  for (std::int64_t i = 0; i < key.crash_instants; ++i) {
    const std::int64_t begin = div_floor(span * i, key.crash_instants);
    const std::int64_t end = div_floor(span * (i + 1), key.crash_instants);
    const Int128 part = Int128{end - begin} * static_cast<std::int64_t>(luck.bits() >> 33);
    instants.push_back(
        TimePoint{} + Duration{key.crash_from_ns + begin + div_floor(part, std::int64_t{1} << 31)});
  }
  return instants;
}

std::vector<CellResult> run_stem(const Grid& grid, std::int64_t number,
                                 const std::function<bool()>& go_on, const AroundCell& around) {
  const Stem stem = stem_of(grid, number);
  const RunOptions options = run_options(grid);
  Cluster cluster = build_run(grid.settings[stem.setting], stem.seed, options);
  std::vector<CellResult> cells;
  const RunningCell running{name_of(grid, number, {}), &grid.settings[stem.setting], stem.seed,
                            &options, &cluster};
  around_cell(around, running, [&] {
    if (grid.key.crash_instants > 0) {
      cells = branches(grid, number, cluster, go_on, around);
    } else if (run_until(cluster, cluster.end(), go_on)) {
      cells.push_back(cell_of(
          grid, number, finish_run(std::move(cluster), grid.settings[stem.setting], options)));
    }
  });
  return cells;
}

CellResult run_cell_whole(const Grid& grid, std::int64_t cell) {
  const std::int64_t number = cell / grid.key.crash_instants;
  const Stem stem = stem_of(grid, number);
  const TimePoint at =
      crash_instants(grid.key, stem.seed)[static_cast<std::size_t>(cell % grid.key.crash_instants)];
  const Scenario scenario = whole_scenario(grid, stem.setting, at);
  CellResult made = cell_of(grid, cell, run(scenario, stem.seed, run_options(grid)));
  strikes(grid, made, at);
  return made;
}

Result<bool> fill(const Grid& grid, Store& store, const GridOptions& options) {
  const std::vector<bool> finished = store.finished();
  const std::int64_t instants = std::max<std::int64_t>(1, grid.key.crash_instants);
  std::vector<std::int64_t> missing;  // stems
  std::int64_t whole = 0;
  for (std::int64_t stem = 0; stem < grid.key.stems(); ++stem) {
    if (stem % options.shard.of != options.shard.part - 1) continue;
    whole += instants;
    if (!finished[static_cast<std::size_t>(stem * instants)]) missing.push_back(stem);
  }
  const auto left = static_cast<std::int64_t>(missing.size());
  std::vector<std::vector<CellResult>> results(missing.size());
  try {
    return run_in_order(
        missing.size(), options.jobs,
        [&](std::uint64_t item) {
          results[item] = run_stem(grid, missing[item], options.go_on, options.around);
          return !results[item].empty();
        },
        [&](std::uint64_t item) {
          if (auto why = store.add(std::exchange(results[item], {}))) throw CannotWrite{*why};
          const std::int64_t still = left - static_cast<std::int64_t>(item) - 1;
          if (options.progress) options.progress(whole - still * instants, whole);
        });
  } catch (const CannotWrite& cannot) {
    return wrong("--store", cannot.why, "a file that can be written");
  }
}

}  // namespace longhaul
