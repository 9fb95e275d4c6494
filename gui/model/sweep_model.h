// Sweeps in the background, and what of their picture is known so far.
//
// The figures are those of `longhaul lag-threshold`, `data-loss`, `outage` and `sweep` for the same
// file, seeds and options; while cells are missing, they are those of the cells that are there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/background.h"
#include "gui/model/document.h"
#include "gui/model/sweep_parameter.h"
#include "run/answers/data_loss.h"
#include "run/answers/lag_threshold.h"
#include "run/answers/outage.h"

namespace longhaul {

enum class SweepKind : std::uint8_t { lag_threshold, data_loss, outage, parameter };
std::string_view name_of(SweepKind kind);  // "lag_threshold"

struct SweepAsked {
  SweepKind kind = SweepKind::lag_threshold;
  std::string file;
  std::string text;
  std::int64_t seeds = 5;
  std::string duration;  // of the runs, instead of the scenario's; empty: as it is
  unsigned jobs = 1;
  // Of crashes.
  std::int64_t instants = 20;
  Duration horizon = seconds(90);
  std::optional<std::size_t> fault;
  // Of a parameter.
  Axis axis;
  WantedFigure figure{"page_latency", "p(95)"};
};

struct SweepPicture {
  SweepKind kind = SweepKind::lag_threshold;
  std::optional<LagThreshold> lag_threshold;
  std::optional<DataLoss> data_loss;  // a sweep of crashes has both of these
  std::optional<Outages> outages;
  std::optional<ParameterSweep> parameter;
  std::vector<Error> errors;  // why there is nothing
  bool complete = false;
  std::string sentence() const;
  // Whether there is anything to be drawn of that kind.
  bool has(SweepKind kind) const;
  std::string svg(SweepKind kind) const;
};

// Empty when such a sweep makes sense of this scenario, else why it does not.
std::string why_not(SweepKind kind, const ScenarioConfig& config);

// Faults that may strike at any instant, as positions in the scenario's list.
std::vector<std::size_t> movable_faults(const ScenarioConfig& config);

// What is laid over the scenario for the whole sweep: "path=value". A scenario without a failure
// gets the loss of its primary's host.
std::vector<std::string> sweep_sets(const SweepAsked& asked, const ScenarioConfig& config);

std::string sweep_command_line(const SweepAsked& asked, const ScenarioConfig& config);

class SweepModel {
 public:
  void start(SweepAsked asked, const ScenarioConfig& config, std::function<void()> wake);
  void cancel() { work_.request_cancel(); }
  bool running() const { return work_.running(); }
  std::uint64_t done() const { return work_.done(); }
  std::uint64_t whole() const { return work_.whole(); }
  std::optional<Duration> left() const;  // as long as so far, in proportion

  // Null before the first cell; then never changes once it is handed out.
  std::shared_ptr<const SweepPicture> newest() const;
  const SweepAsked& asked() const { return asked_; }  // of the newest
  // What gives that in the terminal; a picture of crashes is of both kinds. `now` is what is open.
  std::string command_line(SweepKind kind, const Document& now) const;

 private:
  struct Board;
  SweepAsked asked_;
  ScenarioConfig config_;  // of what is asked
  std::shared_ptr<Board> board_;
  std::chrono::steady_clock::time_point began_;
  Background<bool> work_;
};

}  // namespace longhaul
