// Expectations in the manner of k6: a metric with labels, an aggregation, an operator, a value.
//
//   "read_latency{region:aws:eu-west-1}": ["med < 15ms", "p(99) < 100ms"]
//   "read_your_writes_violations":        ["count == 0"]
//
// Aggregations: avg min med max p(N) count rate of distributions; count, rate (per second of
// measured time) and share (of the metric's population) of counters. A label that is not named
// takes all its values together; the lag of a stage or of a source has to name it. An unknown
// metric or label, or a label value that the scenario does not have, is an error. An empty
// distribution misses every expectation on its values: no samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "models/measures.h"
#include "run/figures.h"

namespace longhaul {

enum class Aggregation : std::uint8_t { avg, min, med, max, quantile, count, rate, share };
enum class Comparison : std::uint8_t {
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
};

struct Expectation {
  Selector selector;
  Aggregation aggregation = Aggregation::count;
  Ratio quantile;  // Aggregation::quantile
  Comparison comparison = Comparison::equal;
  std::int64_t value = 0;     // ns, bytes, count, ppm, or milli-events per day by aggregation
  std::string selector_text;  // as written
  std::string text;           // as written: "p(99) < 100ms"
};

// "read_latency{region:aws:eu-west-1}". `labels` are the scenario's values; Error::path stays
// empty.
Result<Selector> parse_selector(std::string_view text, const LabelValues& labels);
Result<Expectation> parse_expectation(std::string_view selector, std::string_view text,
                                      const LabelValues& labels);

// A figure that nothing is expected of: the comparison means nothing. `aggregation` is "p(95)".
Result<Expectation> parse_figure(std::string_view selector, std::string_view aggregation,
                                 const LabelValues& labels);

// The figure without its labels: what its values are written like. Needs no scenario.
Result<Expectation> parse_figure_unit(std::string_view selector, std::string_view aggregation);
// Reads a value of that figure; what was expected when it is none.
std::optional<std::string> parse_value(const Expectation& figure, const std::string& text,
                                       std::int64_t& value);
// Its exact text: parse_value() gives it back.
std::string exact_text(const Expectation& figure, std::int64_t value);

// What an expectation found.
struct Verdict {
  bool holds = false;
  bool no_samples = false;
  std::int64_t value = 0;  // in the unit of Expectation::value
  // For a count of zero, or a share of zero: the share that the sample still allows at 95 %
  // (3 / n, the rule of three), in ppm; absent when it does not apply.
  std::optional<std::int64_t> upper_bound_ppm;
};

Verdict judge(const Expectation& expectation, const Figures& figures);
// The same on what the expectation's selector adds up to over `measured`.
Verdict judge(const Expectation& expectation, const Figure& figure, Duration measured);

// A value of that expectation in its own text: "83.2ms", "0.1%", "12/s".
std::string value_text(const Expectation& expectation, std::int64_t value);

}  // namespace longhaul
