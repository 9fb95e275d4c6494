// One parameter over a row of values, and one figure of it: how it moves.
//
// Every value runs over the same seeds; a value's figure is the mean of the seeds with the 95 %
// interval of that mean. A move counts when the difference between the least and the most, taken
// within each seed, lies beyond its own interval (run/paired.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "run/answers/lag_threshold.h"
#include "run/quantity.h"
#include "run/variants.h"

namespace longhaul {

struct ParameterPoint {
  std::string value;
  MeanOfSeeds mean;         // of the figure
  bool no_samples = false;  // in any seed
};

struct ParameterSweep {
  std::string scenario;
  Axis axis;
  std::string figure;  // "page_latency p(95)"
  Quantity quantity = Quantity::duration;
  SeedRange seeds;
  std::vector<ParameterPoint> points;  // of the values that are finished, in order
  bool complete = false;
};

struct ParameterAsked {
  Axis axis;
  WantedFigure figure;
  SeedRange seeds;
  std::function<Result<Scenario>(const std::vector<std::string>& sets)> load;
  std::function<void(const ParameterSweep& answer)> so_far;  // after each value; may be empty
};

Result<ParameterSweep> sweep_parameter(const ParameterAsked& asked, const SweepOptions& options);
std::string parameter_sentence(const ParameterSweep& answer);
std::string parameter_svg(const ParameterSweep& answer);

// A row of values around what a parameter is: a quarter to four times, as far as its bounds allow.
std::vector<std::string> values_around(const ScenarioConfig& config, const std::string& path);

// Numbers of a scenario whose path has all the words of `wanted`, with what they are.
struct FoundParameter {
  std::string path;
  std::string value;
};
std::vector<FoundParameter> find_parameters(const ScenarioConfig& config, const std::string& wanted,
                                            std::size_t most);

}  // namespace longhaul
