// Baselines: figures of scenarios as they were once, which later runs are held to.
//
// An expectation says how bad a figure may be at all; a baseline says how much worse than last
// time. The file is JSON that people edit: tolerance and direction are theirs, values are renewed
// from runs. Whoever compares runs the same seeds, on the same catalogue, as far as the same time.
//
// Held are what the scenario expects something of, and the core of default_figures(). A figure is a
// metric with labels and an aggregation over all seeds together. It may worsen by the larger of
//   relative × |value of the baseline|   and   absolute;
// without either, not at all. With direction `either` any change counts. A figure that cannot be
// measured any more, or has no samples, is a miss: silence is no success.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "run/scenario.h"
#include "run/sweep.h"

namespace longhaul {

enum class BaselineDirection : std::uint8_t { lower_is_better, higher_is_better, either };

struct BaselineTolerance {
  std::optional<Ratio> relative;
  std::optional<std::string> absolute;  // a value of the figure's own kind

  static const FieldTable& fields();
  friend bool operator==(const BaselineTolerance&, const BaselineTolerance&) = default;
};

struct BaselineFigure {
  std::string metric;       // read_latency{region:aws:eu-west-1,outcome:ok}
  std::string aggregation;  // p(95)
  std::string value;        // 24.183ms
  BaselineTolerance tolerance;
  BaselineDirection direction = BaselineDirection::lower_is_better;

  static const FieldTable& fields();
  friend bool operator==(const BaselineFigure&, const BaselineFigure&) = default;
};

// What the figure's values are written like. Nothing when this release knows no such metric, or the
// metric no such aggregation.
std::optional<Expectation> unit_of(const BaselineFigure& figure);

// The same for figures that mean the same, however their labels are written.
std::string key_of(const BaselineFigure& figure);

struct BaselineScenario {
  std::string scenario;  // its name
  std::string file;
  std::string digest;  // of the effective scenario, as reports print it
  SeedRange seeds;
  std::optional<Duration> until;
  std::vector<std::string> leave_out;  // "metric aggregation" or a whole metric: not held to
  std::vector<BaselineFigure> figures;

  bool leaves_out(const BaselineFigure& figure) const;
  static const FieldTable& fields();
  friend bool operator==(const BaselineScenario&, const BaselineScenario&) = default;
};

struct BaselineConfig {
  std::int64_t format = 1;
  std::string release;    // that wrote it
  std::string catalogue;  // digest of regions and round trips
  std::vector<BaselineScenario> scenarios;

  static const FieldTable& fields();
  friend bool operator==(const BaselineConfig&, const BaselineConfig&) = default;
};

struct Baseline {
  std::string file;
  BaselineConfig config;
  int catalogue_line = 0;
  std::vector<int> scenario_lines;             // by scenario
  std::vector<std::vector<int>> figure_lines;  // by scenario and figure

  std::optional<std::size_t> find(const std::string& scenario) const;
};

// Every mistake at once: of the JSON, of values that are none of their metric, of what stands
// twice. A metric that this release does not know is none: it is a miss when somebody compares.
Result<Baseline> parse_baseline(const std::string& file, const std::string& text);
// A line a figure, in the order of the config.
std::string baseline_text(const BaselineConfig& config);

// What a scenario is held to unless its file says otherwise, without values: see docs/ci.md.
std::vector<BaselineFigure> default_figures(const Scenario& scenario);

// Figures that a sweep shall find beside the expectations of the scenario.
struct WantedFigures {
  struct One {
    BaselineFigure figure;
    std::optional<std::size_t> place;  // in Scenario::expectations; none: not to be had
    std::string why_not;
  };
  std::vector<One> figures;
  std::size_t own = 0;  // so many expectations were there before
};

// Appends the figures to what the scenario expects.
WantedFigures want_figures(Scenario& scenario, const std::vector<BaselineFigure>& figures);

struct FoundFigure {
  BaselineFigure figure;              // with the value that was found
  std::optional<std::int64_t> value;  // in the unit of the figure
  std::string why_not;
};

// Takes them out of the result, which is then as if nobody had wanted them.
std::vector<FoundFigure> take_figures(const WantedFigures& wanted, const Scenario& scenario,
                                      SweepResult& result);

enum class BaselineState : std::uint8_t { held, worse, missing, better, added };

struct BaselineRow {
  BaselineState state = BaselineState::held;
  std::string metric;
  std::string aggregation;
  std::string was;
  std::string is;       // empty: missing
  std::string change;   // "+21.4%"; empty: from or to nothing
  std::string allowed;  // "5% or 1ms"
  std::string why;      // missing
  int line = 0;         // of the baseline's file

  bool missed() const { return state == BaselineState::worse || state == BaselineState::missing; }
  std::string name() const;  // "read_latency{region:x} p(95)"
  // "was 24.2ms, is 31ms (+28.1%), tolerance 5% or 1ms"
  std::string text() const;
};

BaselineRow judge_figure(const BaselineFigure& held, int line, const FoundFigure& found);
// All of a scenario: what the baseline holds, and what it does not know yet. `found` is of
// figures_to_find().
std::vector<BaselineRow> judge_scenario(const Baseline& baseline, std::size_t scenario,
                                        const std::vector<FoundFigure>& found);

// Of a scenario that the baseline does not know.
std::vector<BaselineRow> judge_new(const std::vector<FoundFigure>& found);

// Those of the baseline's scenario in its order, and behind them the defaults that it lacks.
std::vector<BaselineFigure> figures_to_find(const BaselineScenario* held, const Scenario& scenario);

// Renewed values under the tolerances, directions and omissions of `before`; what was not found is
// left out.
BaselineScenario renewed(const BaselineScenario* before, const std::vector<FoundFigure>& found);

}  // namespace longhaul
