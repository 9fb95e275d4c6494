#include "gui/model/sweep_model.h"

#include <algorithm>
#include <utility>

#include "base/units_text.h"
#include "gui/model/runs.h"
#include "gui/model/workspace.h"
#include "run/grid.h"

namespace longhaul {

// Where the work hands out what it has.
struct SweepModel::Board {
  std::mutex mutex;
  std::shared_ptr<const SweepPicture> newest;
  std::function<void()> wake;

  void show(SweepPicture picture) {
    auto made = std::make_shared<const SweepPicture>(std::move(picture));
    {
      const std::lock_guard lock(mutex);
      newest = std::move(made);
    }
    if (wake) wake();
  }
};

namespace {

using Show = std::function<void(SweepPicture)>;
using Load = std::function<Result<Scenario>(const std::vector<std::string>& sets)>;

SeedRange seeds_of(const SweepAsked& asked, const ScenarioConfig& config) {
  return {config.seeds.first, config.seeds.first + asked.seeds - 1};
}

// What is swept is laid over the scenario by options of the command line; here it was chosen.
SweepPicture refused(const SweepAsked& asked, std::vector<Error> errors) {
  SweepPicture picture;
  picture.kind = asked.kind;
  for (Error& error : errors) {
    if (error.file.starts_with("--")) {
      const bool length = error.path == "duration";
      error.file.clear();
      if (length) error.path = "run length";
    } else if (!asked.duration.empty()) {
      error.expected += "; the run length chosen here is " + asked.duration;
    }
  }
  picture.errors = std::move(errors);
  return picture;
}

SweepOptions options_of(const SweepAsked& asked, BackgroundControl& control) {
  SweepOptions options;
  options.jobs = asked.jobs;
  options.run_seed = [&control](const Scenario& scenario, std::uint64_t seed) {
    return run_while(scenario, seed, [&] { return !control.cancelled(); });
  };
  options.progress = [&control](std::uint64_t done, std::uint64_t whole) {
    control.progress(done, whole);
  };
  return options;
}

SweepPicture run_lag_threshold(const SweepAsked& asked, SeedRange seeds, const Load& load,
                               BackgroundControl& control, const Show& show) {
  const auto picture_of = [](const LagThreshold& answer) {
    SweepPicture picture;
    picture.kind = SweepKind::lag_threshold;
    picture.lag_threshold = answer;
    picture.complete = answer.complete;
    return picture;
  };
  LagThresholdAsked such;
  such.values = usual_thresholds();
  such.seeds = seeds;
  such.load = load;
  such.so_far = [&](const LagThreshold& answer) { show(picture_of(answer)); };
  const Result<LagThreshold> answer = lag_threshold(such, options_of(asked, control));
  if (!answer) return refused(asked, answer.errors());
  return picture_of(answer.value());
}

SweepPicture run_parameter(const SweepAsked& asked, SeedRange seeds, const Load& load,
                           BackgroundControl& control, const Show& show) {
  const auto picture_of = [](const ParameterSweep& answer) {
    SweepPicture picture;
    picture.kind = SweepKind::parameter;
    picture.parameter = answer;
    picture.complete = answer.complete;
    return picture;
  };
  ParameterAsked such{asked.axis, asked.figure, seeds, load,
                      [&](const ParameterSweep& answer) { show(picture_of(answer)); }};
  const Result<ParameterSweep> answer = sweep_parameter(such, options_of(asked, control));
  if (!answer) return refused(asked, answer.errors());
  return picture_of(answer.value());
}

SweepPicture run_crashes(const SweepAsked& asked, SeedRange seeds, const Load& load,
                         BackgroundControl& control, const Show& show) {
  GridAsked such;
  such.seeds = seeds;
  such.load = load;
  such.crash.instants = asked.instants;
  such.crash.horizon = asked.horizon;
  such.crash.fault = asked.fault;
  const Result<Grid> grid = make_grid(such);
  if (!grid) return refused(asked, grid.errors());
  Result<Store> store = Store::open(":memory:", grid.value().key);
  if (!store) return refused(asked, store.errors());
  const auto picture_of = [&](bool complete) {
    SweepPicture picture;
    picture.kind = asked.kind;
    picture.data_loss = data_loss(store.value());
    picture.outages = outages(store.value());
    picture.complete = complete;
    return picture;
  };
  GridOptions options;
  options.jobs = asked.jobs;
  options.go_on = [&] { return !control.cancelled(); };
  options.progress = [&](std::int64_t done, std::int64_t whole) {
    control.progress(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(whole));
    if (done < whole) show(picture_of(false));
  };
  const Result<bool> filled = fill(grid.value(), store.value(), options);
  if (!filled) return refused(asked, filled.errors());
  return picture_of(filled.value());
}

bool is_crash(SweepKind kind) { return kind == SweepKind::data_loss || kind == SweepKind::outage; }

const NodeConfig* primary_of(const ScenarioConfig& config) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role == NodeRole::primary) return &node;
  }
  return nullptr;
}

std::uint64_t cells_of(const SweepAsked& asked) {
  const auto seeds = static_cast<std::uint64_t>(asked.seeds);
  if (is_crash(asked.kind)) return seeds * static_cast<std::uint64_t>(asked.instants);
  if (asked.kind == SweepKind::parameter) return seeds * asked.axis.values.size();
  return seeds * usual_thresholds().size();
}

}  // namespace

std::string_view name_of(SweepKind kind) {
  switch (kind) {
    case SweepKind::lag_threshold:
      return "lag_threshold";
    case SweepKind::data_loss:
      return "data_loss";
    case SweepKind::outage:
      return "outage";
    case SweepKind::parameter:
      return "parameter";
  }
  __builtin_unreachable();
}

bool SweepPicture::has(SweepKind of) const {
  switch (of) {
    case SweepKind::lag_threshold:
      return lag_threshold && !lag_threshold->lines.empty();
    case SweepKind::data_loss:
      return data_loss && data_loss->crashes.crashes() > 0;
    case SweepKind::outage:
      return outages && outages->crashes.crashes() > 0;
    case SweepKind::parameter:
      return parameter && !parameter->points.empty();
  }
  __builtin_unreachable();
}

std::string SweepPicture::sentence() const {
  if (!has(kind)) return "";
  switch (kind) {
    case SweepKind::lag_threshold:
      return lag_threshold_sentence(*lag_threshold);
    case SweepKind::data_loss:
      return data_loss_sentence(*data_loss);
    case SweepKind::outage:
      return outages_sentence(*outages);
    case SweepKind::parameter:
      return parameter_sentence(*parameter);
  }
  __builtin_unreachable();
}

std::string SweepPicture::svg(SweepKind of) const {
  if (!has(of)) return "";
  switch (of) {
    case SweepKind::lag_threshold:
      return lag_threshold_svg(*lag_threshold);
    case SweepKind::data_loss:
      return data_loss_svg(*data_loss);
    case SweepKind::outage:
      return outages_svg(*outages);
    case SweepKind::parameter:
      return parameter_svg(*parameter);
  }
  __builtin_unreachable();
}

std::string why_not(SweepKind kind, const ScenarioConfig& config) {
  const bool has_replica =
      std::any_of(config.topology.nodes.begin(), config.topology.nodes.end(),
                  [](const NodeConfig& node) { return node.role != NodeRole::primary; });
  switch (kind) {
    case SweepKind::lag_threshold:
      if (!has_replica) return "Needs a replica to read from: this scenario has none.";
      if (primary_of(config) == nullptr) return "Needs a primary: this scenario has none.";
      return "";
    case SweepKind::data_loss:
    case SweepKind::outage:
      if (config.policy.failover.manager == FailoverManager::none) {
        return "Needs a failover manager (policy.failover.manager): without one nobody takes over.";
      }
      if (!has_replica) return "Needs a standby that can take over: this scenario has none.";
      return "";
    case SweepKind::parameter:
      return "";
  }
  __builtin_unreachable();
}

std::vector<std::size_t> movable_faults(const ScenarioConfig& config) {
  std::vector<std::size_t> movable;
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    if (is_injectable(config.faults[i].kind)) movable.push_back(i);
  }
  return movable;
}

std::vector<std::string> sweep_sets(const SweepAsked& asked, const ScenarioConfig& config) {
  std::vector<std::string> sets;
  if (!asked.duration.empty()) sets.push_back("duration=" + asked.duration);
  const NodeConfig* primary = primary_of(config);
  if (is_crash(asked.kind) && movable_faults(config).empty() && primary != nullptr) {
    sets.push_back("faults=[{\"kind\": \"node_loss\", \"node\": \"" + primary->name +
                   "\", \"at\": \"" + to_text(config.warmup) + "\"}]");
  }
  return sets;
}

std::string sweep_command_line(const SweepAsked& asked, const ScenarioConfig& config) {
  std::vector<std::string> words{"longhaul"};
  switch (asked.kind) {
    case SweepKind::lag_threshold:
      words.emplace_back("lag-threshold");
      break;
    case SweepKind::data_loss:
      words.emplace_back("data-loss");
      break;
    case SweepKind::outage:
      words.emplace_back("outage");
      break;
    case SweepKind::parameter:
      words.emplace_back("sweep");
      break;
  }
  words.push_back(asked.file);
  if (asked.kind == SweepKind::parameter) {
    std::string vary = asked.axis.path + "=";
    for (std::size_t i = 0; i < asked.axis.values.size(); ++i) {
      vary += (i > 0 ? "," : "") + asked.axis.values[i];
    }
    words.insert(words.end(), {"--vary", vary});
  }
  if (is_crash(asked.kind)) {
    words.insert(words.end(), {"--crash-instants", std::to_string(asked.instants), "--horizon",
                               to_text(asked.horizon)});
    if (asked.fault && config.faults.size() > 1) {
      words.insert(words.end(), {"--crash-fault", std::to_string(*asked.fault)});
    }
  }
  const SeedRange seeds = seeds_of(asked, config);
  words.insert(words.end(),
               {"--seeds", std::to_string(seeds.first) + ".." + std::to_string(seeds.last)});
  for (const std::string& set : sweep_sets(asked, config)) {
    words.insert(words.end(), {"--set", set});
  }
  return shell_words(words);
}

void SweepModel::start(SweepAsked asked, const ScenarioConfig& config, std::function<void()> wake) {
  work_.cancel();
  asked_ = asked;
  config_ = config;
  board_ = std::make_shared<Board>();
  board_->wake = wake;
  began_ = std::chrono::steady_clock::now();
  work_.start(
      [asked, board = board_, seeds = seeds_of(asked, config),
       sets = sweep_sets(asked, config)](BackgroundControl& control) {
        control.progress(0, cells_of(asked));
        const Load load = [&](const std::vector<std::string>& own) {
          std::vector<std::string> all = sets;
          all.insert(all.end(), own.begin(), own.end());
          return load_text(asked.file, asked.text, all);
        };
        const Show show = [&](SweepPicture picture) { board->show(std::move(picture)); };
        switch (asked.kind) {
          case SweepKind::lag_threshold:
            board->show(run_lag_threshold(asked, seeds, load, control, show));
            break;
          case SweepKind::data_loss:
          case SweepKind::outage:
            board->show(run_crashes(asked, seeds, load, control, show));
            break;
          case SweepKind::parameter:
            board->show(run_parameter(asked, seeds, load, control, show));
            break;
        }
        return std::optional<bool>(true);
      },
      std::move(wake));
}

std::string SweepModel::command_line(SweepKind kind, const Document& now) const {
  SweepAsked asked = asked_;
  asked.kind = kind;
  const std::string line = sweep_command_line(asked, config_);
  if (asked.file != now.path() || asked.text != now.text()) {
    return line + "   # of the scenario as it was";
  }
  return once_saved(line, now.saved());
}

std::optional<Duration> SweepModel::left() const {
  if (!running() || done() == 0 || whole() <= done()) return std::nullopt;
  const std::int64_t ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                              std::chrono::steady_clock::now() - began_)
                              .count();
  return Duration{div_floor(Int128{ns} * static_cast<std::int64_t>(whole() - done()),
                            static_cast<std::int64_t>(done()))};
}

std::shared_ptr<const SweepPicture> SweepModel::newest() const {
  if (!board_) return nullptr;
  const std::lock_guard lock(board_->mutex);
  return board_->newest;
}

}  // namespace longhaul
