// At which lag the breaker shall stop reading from a replica: policy.lag_breaker.open_above over a
// row of values, close_below in the scenario's proportion to it.
//
// A low threshold sends readers to the primary at every breath and back; a high one shows them what
// is old. The knee: stale reads and the primary's load are each scaled from the least to the most
// that any value brings (0 to 1); the value with the smallest sum lies farthest below the straight
// line between the two ends (the rule of Satopaa et al., "Finding a Kneedle in a Haystack", 2011).
// There is none when one of the two does not move by more than luck does, or when an end of the row
// has the smallest sum: then the row is too short, or the threshold does not matter here. One seed
// does not say what luck does, so nothing is said of a knee. The knee is one of several as long as
// the sums of others, seed by seed, are not larger beyond the 95 % interval of the difference.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/paired.h"
#include "run/variants.h"

namespace longhaul {

struct LagThreshold;

struct LagThresholdAsked {
  std::vector<Duration> values;  // of open_above, ascending
  SeedRange seeds;
  std::function<Result<Scenario>(const std::vector<std::string>& sets)> load;
  // The answer of the values that are finished, after each; on the caller's thread. May be empty.
  std::function<void(const LagThreshold& answer)> so_far;
};

// A figure over the seeds: their mean and the half of its 95 % interval, in thousandths.
struct MeanOfSeeds {
  std::vector<std::int64_t> by_seed;
  std::int64_t mean_milli = 0;
  std::int64_t half_width_milli = 0;
};
MeanOfSeeds over_seeds(std::vector<std::int64_t> values);

struct LagThresholdLine {
  Duration open_above;
  Duration close_below;
  MeanOfSeeds stale_ppm;   // of all reads
  MeanOfSeeds load_ppm;    // the primary's processors
  MeanOfSeeds openings;    // a run: moves of all instances' breakers to open
  MeanOfSeeds open_ppm;    // of the time of all breakers
  std::int64_t stale = 0;  // reads, over all seeds
  std::int64_t reads = 0;
  std::int64_t unfinished_pages = 0;
};

struct LagThreshold {
  std::string scenario;
  std::string primary;
  SeedRange seeds;
  Duration configured;  // open_above in the scenario
  std::vector<LagThresholdLine> lines;
  std::optional<std::size_t> knee;
  std::string without;             // why there is none
  std::vector<std::size_t> alike;  // no worse than the knee that luck could not have made them so
  bool complete = true;
};

// From 100 ms to 30 s.
const std::vector<Duration>& usual_thresholds();

Result<LagThreshold> lag_threshold(const LagThresholdAsked& asked, const SweepOptions& options);
// From the lines.
void find_knee(LagThreshold& answer);

// What the knee is called where it is marked: "knee", or what it is as long as others are alike.
std::string knee_name(const LagThreshold& answer);
std::string lag_threshold_sentence(const LagThreshold& answer);
std::string lag_threshold_text(const LagThreshold& answer, bool colour);
std::string lag_threshold_json(const LagThreshold& answer);
std::string lag_threshold_svg(const LagThreshold& answer);

}  // namespace longhaul
