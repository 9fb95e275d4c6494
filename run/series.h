// A run over time: what a look at the world at even moments finds, for plots and for tables.
//
// A look changes nothing and posts no event, so a run with looks has the digest of one without.
// Each is taken just before its moment: after all that happened earlier, before what happens then.
// The interval is the smallest of 100ms, 200ms, 500ms, 1s and so on with at most 300 looks a run.
//
// What counts (reads, latencies) is of the interval that ends at the moment; the end of the warm-up
// restarts the counters, so the first interval after it begins there. Columns that never get a
// value are left out. docs/reports.md has the table of all of them.
//
// Lag rises and falls many times in an interval, often in step with the looks (a heartbeat that
// writes ten times a second), so no instant stands for it. Its least, mean and greatest value over
// the interval come from the histories that its own metric keeps, without an event more or less:
// the mean is exact, the ends are less than 1/32 off.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/cluster.h"
#include "run/scenario.h"

namespace longhaul {

struct RunResult;

using SeriesLabels = std::vector<std::pair<std::string, std::string>>;

struct SeriesColumn {
  std::string metric;  // replication_lag
  MetricUnit unit = MetricUnit::count;
  SeriesLabels labels;
  std::vector<std::optional<std::int64_t>> values;  // by moment

  // Empty: it has no such label.
  std::string_view label(std::string_view name) const;
};

struct RunSeries {
  std::vector<TimePoint> at;
  std::vector<SeriesColumn> columns;

  // All columns of a metric, in their order.
  std::vector<const SeriesColumn*> of(std::string_view metric) const;
};

Duration series_interval(Duration whole);

class SeriesSampler {
 public:
  explicit SeriesSampler(const Scenario& scenario);

  // When it wants to look next: run the world up to there, inclusively. Never: no more.
  TimePoint next() const;
  void look(const World& world);

  // Everything that was seen, with the outages of the finished run.
  RunSeries take(const RunResult& result);

 private:
  // What had been counted at the look before.
  struct Counted {
    TimePoint at;
    TimePoint from;                     // measured since then
    std::vector<std::int64_t> counts;   // by column
    std::vector<Int128> busy;           // of the processors, by node
    std::vector<Histogram> latency[2];  // by users' region, of pages and of reads
    std::vector<RampHistogram> lag;     // by replica and stage
    std::vector<Histogram> lag_bytes;   // likewise
  };

  std::size_t column(std::string_view metric, MetricUnit unit, SeriesLabels labels);
  void put(std::string_view metric, MetricUnit unit, SeriesLabels labels, std::int64_t value);
  void count(std::string_view metric, MetricUnit unit, SeriesLabels labels, std::int64_t total);
  void look_at_nodes(const World& world);
  void look_at_lag(const World& world);
  void look_at_apps(const World& world);
  void look_at_counters(const World& world);
  void look_at_latency(const World& world);
  void look_at_faults();

  struct Fault {
    std::string name;
    TimePoint from;
    TimePoint to;  // the same moment: it is one
  };
  std::vector<Fault> faults_;
  Duration whole_;
  Duration interval_;
  TimePoint now_;
  Duration since_;  // length of the interval that ends now, as far as it is measured
  RunSeries series_;
  std::map<std::pair<std::string, SeriesLabels>, std::size_t> places_;
  std::vector<bool> counts_;  // by column: absent is zero
  Counted before_;
  std::vector<RampHistogram> lag_now_;                 // kept for its room
  std::vector<std::vector<std::size_t>> lag_columns_;  // by replica and stage
};

// A quantile of what came to a histogram since it was `before`: the upper bound of its bucket.
// Zero when nothing came.
std::int64_t quantile_since(const Histogram& before, const Histogram& now, Ratio q);

// A fault of a scenario in a few words: "region_isolated aws:eu-west-1".
std::string fault_text(const FaultConfig& fault);

// RFC 4180, one line a value: run, seed, t, metric, labels, value.
std::string series_csv(const RunSeries& series, std::string_view run, std::uint64_t seed);

// In the base unit: seconds, bytes, a share of one; exact.
std::string base_unit_text(MetricUnit unit, std::int64_t value);
// "_seconds", "_bytes", "_ratio" or nothing.
std::string_view base_unit_suffix(MetricUnit unit);

}  // namespace longhaul
