// What a run counts: every metric with its kind, unit, labels and definition, and its cells.
//
// The names of all label values are known when the world is built, so a label set is resolved to a
// cell by a few multiplications and no text is touched while the run lasts. Cells hold integers:
// nanoseconds, bytes, counts. Distributions of the plain kind count events; time-weighted ones
// integrate over simulated time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "models/app/page_parts.h"
#include "sim/histogram.h"
#include "sim/series.h"

namespace longhaul {

enum class Metric : std::uint8_t {
  read_latency,
  write_latency,
  transaction_latency,
  page_latency,
  commit_latency,
  lock_wait,
  pool_wait,
  connect_duration,
  read_staleness,
  breaker_open_duration,
  write_outage,
  read_outage,
  durable_write_outage,
  initial_sync_duration,
  catch_up_duration,
  base_backup_duration,
  rejoin_duration,
  replication_lag,
  replication_lag_bytes,
  observed_lag,
  observed_lag_bytes,
  reported_lag,
  cpu_utilisation,
  connections,
  stale_reads,
  read_your_writes_violations,
  monotonic_reads_violations,
  users_hit,
  availability,
  reads,
  writes,
  errors,
  timeouts,
  cancelled_waits,
  breaker_transitions,
  call_breaker_transitions,
  ejections,
  apply_errors,
  lag_alerts,
  conflicts,
  lost_updates,
  wal_bytes,
  wal_image_bytes,
  checkpoints,
  retained_wal_bytes,
  replicas_lost,
  cross_region_bytes,
  conflict_wait,
  recovery_conflicts,
  dead_rows,
  decisions,
  retries,
  in_doubt_transactions,
  duplicate_writes,
  freshness_moved_reads,
  freshness_wait,
  replay_wait,
  token_store_errors,
  cache_hits,
  cache_misses,
  cache_stale_reads,
  cache_refilled_stale,
  cache_refused_fills,
  cache_lost_invalidations,
  invalidation_latency,
  edge_hits,
  entries,
  unhealthy_duration,
  throttled_writes,
  throttle_wait,
  outbox_depth,
  outbox_delay,
  outbox_lost,
  outbox_alerts,
  outbox_reordered,
  optimistic_lies,
  failover_duration,
  needless_failovers,
  lost_own_writes,
  lost_transactions,
  lost_bytes,
  lost_seconds,
  split_brain_writes,
  split_brain_duration,
  cost_usd_per_month,
};
constexpr std::size_t metric_count = static_cast<std::size_t>(Metric::cost_usd_per_month) + 1;

enum class MetricKind : std::uint8_t {
  distribution,  // one sample an event
  ramp,          // time-weighted, grows one second a second: lag
  gauge,         // time-weighted steps
  counter,       // how many, and of how many when `share_of` is named
};

enum class MetricUnit : std::uint8_t { duration, bytes, ratio, count };

enum class Label : std::uint8_t {
  region,
  page,
  served_by,
  outcome,
  node,
  app,
  replica,
  stage,
  rule,
  to,
  synchronous_commit,
  from_region,
  to_region,
  purpose,
  kind,
  source,
  cause,
  conflict,
  reason,
  fate,
  cache,
  phase,
  loss,
};
constexpr std::size_t label_count = static_cast<std::size_t>(Label::loss) + 1;

enum class Outcome : std::uint8_t { ok, error };
enum class LagStage : std::uint8_t { send, write, flush, replay };
enum class Traffic : std::uint8_t {
  wal,
  statements,
  pages,
  probes,
  base_backup,
  logical,
  invalidations,
  lease_store
};
enum class ErrorKind : std::uint8_t {
  timeout,
  pool_timeout,
  pool_full,
  too_many_connections,
  refused,
  overload,
  server_down,
  deadlock,
  lock_timeout,
  statement_timeout,
  recovery_conflict,
  no_entry,
  rejected,
  throttled,
  outbox_full,
  app_down,
  undefined_column,
  read_only,  // SQLSTATE 25006: a write at a standby, or default_transaction_read_only
  no_primary,
  cannot_connect_now,  // 57P03: the server starts up or shuts down
  login_retry,         // PgBouncer: the last login failed, and no connection is left
};
enum class ConflictKind : std::uint8_t { snapshot, lock };
// Why an acknowledged commit is lost (models/pg/losses.h).
enum class Loss : std::uint8_t {
  unreplicated,
  after_the_cut,
  cancelled_wait,
  asynchronous_commit,
  restored_backup
};
enum class Fate : std::uint8_t { present, absent };  // of a write in doubt

template <>
const EnumNames& enum_names<Outcome>();
template <>
const EnumNames& enum_names<LagStage>();
template <>
const EnumNames& enum_names<Traffic>();
template <>
const EnumNames& enum_names<ErrorKind>();
template <>
const EnumNames& enum_names<ConflictKind>();
template <>
const EnumNames& enum_names<Fate>();
template <>
const EnumNames& enum_names<Loss>();

struct MetricInfo {
  Metric metric;
  std::string_view name;
  MetricKind kind;
  MetricUnit unit;
  std::vector<Label> labels;
  std::string_view share_of;  // population of a share; empty: none
  std::string_view definition;
  std::optional<Label> share_ignores = {};  // a label that the count has and its population has not
};

const std::vector<MetricInfo>& metric_table();
const MetricInfo& info(Metric metric);
// Metrics that users know from the manual of failover and cost, and that nothing here
// counts yet. "cost_*" stands for every name that begins so.
const std::vector<std::string_view>& absent_metrics();
std::string_view label_name(Label label);

// The values that each label can take in one scenario, in the order of their indices.
struct LabelValues {
  std::array<std::vector<std::string>, label_count> of;
  const std::vector<std::string>& operator[](Label label) const {
    return of[static_cast<std::size_t>(label)];
  }
  std::vector<std::string>& operator[](Label label) { return of[static_cast<std::size_t>(label)]; }
};

struct Counter {
  std::int64_t count = 0;
  std::int64_t population = 0;
};

class Measures {
 public:
  Measures() = default;
  explicit Measures(const LabelValues& labels);

  // One cell of a metric; the labels stand in the order of the metric's table row.
  template <class... Labels>
  Histogram& distribution(Metric metric, Labels... labels) {
    return distributions_[cell(metric, {static_cast<std::uint32_t>(labels)...})];
  }
  template <class... Labels>
  RampHistogram& ramp(Metric metric, Labels... labels) {
    return ramps_[cell(metric, {static_cast<std::uint32_t>(labels)...})];
  }
  template <class... Labels>
  TimeWeighted& gauge(Metric metric, Labels... labels) {
    return gauges_[cell(metric, {static_cast<std::uint32_t>(labels)...})];
  }
  template <class... Labels>
  Counter& counter(Metric metric, Labels... labels) {
    return counters_[cell(metric, {static_cast<std::uint32_t>(labels)...})];
  }

  // Takes over the present values of a gauge, and nothing of its history.
  void continue_gauges(Metric metric, const Measures& before, TimePoint now);
  void finish_gauges(TimePoint now);

  std::size_t cells(Metric metric) const { return shapes_[index(metric)].cells; }
  const Histogram& distribution_at(Metric metric, std::size_t cell) const;
  const RampHistogram& ramp_at(Metric metric, std::size_t cell) const;
  const TimeWeighted& gauge_at(Metric metric, std::size_t cell) const;
  const Counter& counter_at(Metric metric, std::size_t cell) const;
  // The label indices of a cell, in the order of the metric's table row.
  std::vector<std::uint32_t> labels_of(Metric metric, std::size_t cell) const;

  // Region of the users × page × outcome; empty unless pages are timed (models/app/page_time.h).
  std::vector<PageTime> page_times;

 private:
  struct Shape {
    std::size_t first = 0;  // in the vector of its kind
    std::size_t cells = 0;
    std::array<std::uint32_t, 4> sizes{1, 1, 1, 1};
  };

  static constexpr std::size_t index(Metric metric) { return static_cast<std::size_t>(metric); }

  std::size_t cell(Metric metric, std::initializer_list<std::uint32_t> labels) const {
    const Shape& shape = shapes_[index(metric)];
    std::size_t at = 0;
    std::size_t position = 0;
    for (std::uint32_t label : labels) at = at * shape.sizes[position++] + label;
    return shape.first + at;
  }

  std::array<Shape, metric_count> shapes_{};
  std::vector<Histogram> distributions_;
  std::vector<RampHistogram> ramps_;
  std::vector<TimeWeighted> gauges_;
  std::vector<Counter> counters_;
};

}  // namespace longhaul
