// What a scenario is held to by default, and how closely.
//
// Runs are deterministic: the same release, scenario and seeds give the same values, so a tolerance
// is no allowance for noise. It says which change is too small to hold up a pull request.
#include <algorithm>
#include <array>
#include <utility>

#include "run/baseline.h"

namespace longhaul {
namespace {

using Direction = BaselineDirection;

BaselineTolerance tolerance(Ratio relative, const char* absolute = nullptr) {
  BaselineTolerance both;
  if (relative > Ratio{0}) both.relative = relative;
  if (absolute != nullptr) both.absolute = absolute;
  return both;
}

bool is_outage(Metric metric) {
  return metric == Metric::write_outage || metric == Metric::read_outage ||
         metric == Metric::durable_write_outage || metric == Metric::failover_duration;
}

// See docs/ci.md for the reasons.
BaselineTolerance tolerance_of(const Expectation& figure, Direction direction) {
  const MetricInfo& row = info(figure.selector.metric);
  if (figure.selector.metric == Metric::availability) return {};
  if (figure.selector.metric == Metric::cost_usd_per_month) return tolerance(percent(1), "1");
  if (figure.aggregation == Aggregation::share) {
    return direction == Direction::lower_is_better ? tolerance(percent(10), "0.01%")
                                                   : tolerance(Ratio{0}, "0.5%");
  }
  if (figure.aggregation == Aggregation::rate) return tolerance(percent(10));
  if (figure.aggregation == Aggregation::count) return tolerance(percent(10));
  const bool extreme =
      figure.aggregation == Aggregation::max || figure.aggregation == Aggregation::min;
  switch (row.unit) {
    case MetricUnit::duration:
      if (is_outage(figure.selector.metric)) return tolerance(percent(10), "500ms");
      return extreme ? tolerance(percent(10), "1ms") : tolerance(percent(5), "100us");
    case MetricUnit::bytes:
      return tolerance(percent(10), "64KiB");
    case MetricUnit::ratio:
      return tolerance(percent(10), "1%");
    case MetricUnit::count:
      return tolerance(percent(10), "1");
  }
  __builtin_unreachable();
}

// Of what is expected equal to something, nothing is the best that can be.
Direction direction_of(const Expectation& expectation) {
  const bool share = expectation.aggregation == Aggregation::share;
  switch (expectation.comparison) {
    case Comparison::less:
    case Comparison::less_equal:
      return Direction::lower_is_better;
    case Comparison::greater:
    case Comparison::greater_equal:
      return Direction::higher_is_better;
    case Comparison::equal:
      if (expectation.value == 0) return Direction::lower_is_better;
      return share && expectation.value == 1'000'000 ? Direction::higher_is_better
                                                     : Direction::either;
    case Comparison::not_equal:
      return Direction::either;
  }
  __builtin_unreachable();
}

// "p(99)" of "p(99) < 100ms".
std::string aggregation_of(const Expectation& expectation) {
  std::string text = expectation.text.substr(0, expectation.text.find_first_of("<>=!"));
  while (text.ends_with(' ')) text.pop_back();
  while (text.starts_with(' ')) text.erase(0, 1);
  return text;
}

class Defaults {
 public:
  void expected(const Expectation& expectation) {
    BaselineFigure figure;
    figure.metric = expectation.selector_text;
    figure.aggregation = aggregation_of(expectation);
    figure.direction = direction_of(expectation);
    const std::string key = key_of(figure);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i] != key) continue;
      // "> 10ms" beside "< 30ms"
      if (figures_[i].direction != figure.direction) figures_[i].direction = Direction::either;
      return;
    }
    figure.tolerance = tolerance_of(expectation, figure.direction);
    keys_.push_back(key);
    figures_.push_back(std::move(figure));
  }

  void core(const std::string& metric, const std::string& aggregation,
            Direction direction = Direction::lower_is_better) {
    BaselineFigure figure;
    figure.metric = metric;
    figure.aggregation = aggregation;
    figure.direction = direction;
    std::string key = key_of(figure);
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return;
    const std::optional<Expectation> unit = unit_of(figure);
    CHECK(unit);
    figure.tolerance = tolerance_of(*unit, direction);
    keys_.push_back(std::move(key));
    figures_.push_back(std::move(figure));
  }

  std::vector<BaselineFigure> take() { return std::move(figures_); }

 private:
  std::vector<BaselineFigure> figures_;
  std::vector<std::string> keys_;
};

constexpr std::array promises = {
    "read_your_writes_violations", "monotonic_reads_violations", "lost_own_writes",
    "lost_transactions",           "split_brain_writes",         "needless_failovers",
};

}  // namespace

std::vector<BaselineFigure> default_figures(const Scenario& scenario) {
  Defaults figures;
  for (const Expectation& expectation : scenario.expectations) figures.expected(expectation);
  figures.core("write_outage", "max");
  const LabelValues labels = label_values(scenario.cluster);
  for (const std::string& phase : labels[Label::phase]) {
    figures.core("failover_duration{phase:" + phase + "}", "avg");
  }
  for (const char* metric : promises) figures.core(metric, "count");
  figures.core("stale_reads", "share");
  figures.core("errors", "share");
  figures.core("availability", "share", Direction::higher_is_better);
  for (const std::string& region : labels[Label::region]) {
    for (const char* metric : {"page_latency", "read_latency", "write_latency"}) {
      figures.core(std::string(metric) + "{region:" + region + ",outcome:ok}", "p(95)");
    }
  }
  for (const std::string& replica : labels[Label::replica]) {
    figures.core("replication_lag{replica:" + replica + ",stage:replay}", "p(99)");
  }
  figures.core("cost_usd_per_month", "avg");
  return figures.take();
}

}  // namespace longhaul
