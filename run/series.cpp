#include "run/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/fields.h"
#include "run/runner.h"

namespace longhaul {
namespace {

constexpr std::int64_t looks_max = 300;

std::string name_of(const World& world, NodeId node) {
  return world.plan->nodes[node.value].config.name;
}

const std::string& label_text(const World& world, Label label, std::uint32_t value) {
  return world.plan->labels[label][value];
}

bool is_canary_page(const World& world, std::uint32_t page) {
  return std::any_of(world.plan->populations.begin(), world.plan->populations.end(),
                     [&](const PopulationPlan& population) {
                       return population.canary &&
                              world.plan->pages[population.first_page].label == page;
                     });
}

// Regions that users come from.
std::vector<std::uint32_t> users_regions(const World& world) {
  std::vector<std::uint32_t> regions;
  for (const PopulationPlan& population : world.plan->populations) {
    if (population.canary) continue;
    if (std::find(regions.begin(), regions.end(), population.region) == regions.end()) {
      regions.push_back(population.region);
    }
  }
  std::sort(regions.begin(), regions.end());
  return regions;
}

// The upper bound of the last bucket that something came to.
std::int64_t greatest_since(const Histogram& before, const Histogram& now) {
  if (now.count() == before.count()) return 0;
  unsigned bucket = buckets::index_of(now.max());
  while (bucket > 0 && now.count_in(bucket) == before.count_in(bucket)) --bucket;
  return std::min(buckets::upper_of(bucket), now.max());
}

}  // namespace

std::string_view SeriesColumn::label(std::string_view name) const {
  for (const auto& [key, value] : labels) {
    if (key == name) return value;
  }
  return {};
}

std::vector<const SeriesColumn*> RunSeries::of(std::string_view metric) const {
  std::vector<const SeriesColumn*> found;
  for (const SeriesColumn& column : columns) {
    if (column.metric == metric) found.push_back(&column);
  }
  return found;
}

Duration series_interval(Duration whole) {
  Duration interval = milliseconds(100);
  for (int i = 0; whole.ns > interval.ns * looks_max; ++i) {
    interval.ns = i % 3 == 1 ? interval.ns / 2 * 5 : interval.ns * 2;  // 1, 2, 5, 10
  }
  return interval;
}

std::int64_t quantile_since(const Histogram& before, const Histogram& now, Ratio q) {
  const std::uint64_t count = now.count() - before.count();
  if (count == 0) return 0;
  const auto rank =
      static_cast<std::uint64_t>(div_ceil(static_cast<Int128>(count) * q.ppm, 1'000'000));
  std::uint64_t seen = 0;
  const unsigned last = buckets::index_of(now.max());
  for (unsigned bucket = buckets::index_of(now.min()); bucket <= last; ++bucket) {
    seen += now.count_in(bucket) - before.count_in(bucket);
    if (seen >= rank) return std::min(buckets::upper_of(bucket), now.max());
  }
  return now.max();
}

std::string fault_text(const FaultConfig& fault) {
  std::string text(enum_text(fault.kind));
  const auto add = [&](const std::optional<std::string>& part) {
    if (part) text += " " + *part;
  };
  if (fault.between) {
    for (const std::string& end : *fault.between) text += " " + end;
  }
  add(fault.from);
  if (fault.to) text += " > " + *fault.to;
  add(fault.node);
  add(fault.app);
  add(fault.data);
  add(fault.region);
  add(fault.zone);
  add(fault.member);
  add(fault.value);
  return text;
}

SeriesSampler::SeriesSampler(const Scenario& scenario)
    : whole_(scenario.cluster.duration), interval_(series_interval(whole_)) {
  for (const FaultConfig& fault : scenario.config.faults) {
    const TimePoint from = TimePoint{} + fault.at;
    const bool moment = rule_of(fault.kind).momentary;
    const TimePoint to = moment ? from : fault.lasts ? from + *fault.lasts : TimePoint::never();
    faults_.push_back({fmt::format("{} {}", faults_.size() + 1, fault_text(fault)), from, to});
  }
}

TimePoint SeriesSampler::next() const {
  const auto looks = static_cast<std::int64_t>(series_.at.size());
  const TimePoint moment = TimePoint{} + interval_ * (looks + 1);
  if (moment > TimePoint{} + whole_) return TimePoint::never();
  return moment - nanoseconds(1);
}

std::size_t SeriesSampler::column(std::string_view metric, MetricUnit unit, SeriesLabels labels) {
  const auto [place, is_new] =
      places_.try_emplace({std::string(metric), labels}, series_.columns.size());
  if (is_new) {
    series_.columns.push_back({std::string(metric), unit, std::move(labels), {}});
    counts_.push_back(false);
    before_.counts.push_back(0);
  }
  return place->second;
}

void SeriesSampler::put(std::string_view metric, MetricUnit unit, SeriesLabels labels,
                        std::int64_t value) {
  auto& values = series_.columns[column(metric, unit, std::move(labels))].values;
  values.resize(series_.at.size());
  values.back() = value;
}

void SeriesSampler::count(std::string_view metric, MetricUnit unit, SeriesLabels labels,
                          std::int64_t total) {
  if (total == 0 && !places_.contains({std::string(metric), labels})) return;
  const std::size_t place = column(metric, unit, std::move(labels));
  counts_[place] = true;
  auto& values = series_.columns[place].values;
  values.resize(series_.at.size());
  values.back() = total - before_.counts[place];
  before_.counts[place] = total;
}

void SeriesSampler::look(const World& world) {
  now_ = next() + nanoseconds(1);
  if (world.measured_from != before_.from) {
    before_.counts.assign(before_.counts.size(), 0);
    before_.busy.clear();
    for (auto& latency : before_.latency) latency.clear();
    before_.lag.clear();
    before_.lag_bytes.clear();
    before_.from = world.measured_from;
  }
  since_ = now_ - std::max(before_.at, before_.from);
  series_.at.push_back(now_);
  look_at_nodes(world);
  look_at_lag(world);
  look_at_apps(world);
  look_at_counters(world);
  look_at_latency(world);
  look_at_faults();
  before_.at = now_;
}

void SeriesSampler::look_at_nodes(const World& world) {
  before_.busy.resize(world.nodes.size());
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const Node& node = world.nodes[i];
    const SeriesLabels labels{{"node", name_of(world, {i})}};
    const bool up = node.liveness == Liveness::up && node.stalls == 0;
    put("up", MetricUnit::count, labels, up ? 1 : 0);
    put("primary", MetricUnit::count, labels, node.is_primary ? 1 : 0);
    put("timeline", MetricUnit::count, labels, node.timeline);
    put("connections", MetricUnit::count, labels, node.connections);
    TimeWeighted cpu = world.measures.gauge_at(Metric::cpu_utilisation, i);
    const Int128 busy = cpu.finish(now_).sum();
    if (since_.ns > 0) {
      put("cpu_utilisation", MetricUnit::ratio, labels,
          div_floor(busy - before_.busy[i], since_.ns));
    }
    before_.busy[i] = busy;
  }
}

// Of flush and replay: what is lost with the primary, and what readers see.
void SeriesSampler::look_at_lag(const World& world) {
  const std::size_t cells = world.measures.cells(Metric::replication_lag);
  constexpr std::size_t stages = std::tuple_size_v<decltype(WalStream::lag)>;
  lag_now_.resize(cells);
  lag_columns_.resize(cells);
  before_.lag.resize(cells);
  before_.lag_bytes.resize(cells);
  std::vector<bool> measured(cells);
  for (const WalStream& stream : world.streams) {
    if (!stream.feeds) continue;
    for (const LagStage stage : {LagStage::flush, LagStage::replay}) {
      // A subscriber of several publishers has one history for all of them.
      const auto place = static_cast<std::size_t>(stage);
      const std::size_t cell = stream.standby.value * stages + place;
      if (!measured[cell]) lag_now_[cell] = world.measures.ramp_at(Metric::replication_lag, cell);
      measured[cell] = true;
      StageLag lag = stream.lag[place];
      lag.settle(now_, lag_now_[cell]);
    }
  }
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (!measured[cell]) continue;
    const RampHistogram::Since lag = lag_now_[cell].since(before_.lag[cell]);
    std::swap(before_.lag[cell], lag_now_[cell]);
    // What stands now is not in the histogram yet.
    const TimeWeighted& behind = world.measures.gauge_at(Metric::replication_lag_bytes, cell);
    const std::int64_t most =
        std::max(behind.value(), greatest_since(before_.lag_bytes[cell], behind.histogram()));
    before_.lag_bytes[cell] = behind.histogram();
    if (lag.weight.ns == 0) continue;  // it has been away
    std::vector<std::size_t>& columns = lag_columns_[cell];
    const auto add_column = [&](std::string_view metric, MetricUnit unit, std::string statistic) {
      columns.push_back(
          column(metric, unit,
                 {{"replica", name_of(world, {static_cast<std::uint32_t>(cell / stages)})},
                  {"stage", std::string(enum_text(static_cast<LagStage>(cell % stages)))},
                  {"statistic", std::move(statistic)}}));
    };
    if (columns.empty()) {
      add_column("replication_lag", MetricUnit::duration, "min");
      add_column("replication_lag", MetricUnit::duration, "avg");
      add_column("replication_lag", MetricUnit::duration, "max");
      add_column("replication_lag_bytes", MetricUnit::bytes, "max");
    }
    const std::array<std::int64_t, 4> found{lag.min.ns, lag.average.ns, lag.max.ns, most};
    for (std::size_t i = 0; i < found.size(); ++i) {
      auto& values = series_.columns[columns[i]].values;
      values.resize(series_.at.size());
      values.back() = found[i];
    }
  }
}

// What the instances of an app know of each standby: the greatest of their lags, and how many of
// their breakers are in which state.
void SeriesSampler::look_at_apps(const World& world) {
  const Plan& plan = *world.plan;
  for (const AppPlan& app : plan.apps) {
    for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
      if (world.nodes[i].is_primary) continue;
      const NodePlan& node = plan.nodes[i];
      const SeriesLabels labels{{"replica", node.config.name}, {"app", app.config.name}};
      std::optional<std::int64_t> seen;
      std::array<std::int64_t, 3> states{};
      bool has_breakers = false;
      for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(app.config.instances); ++k) {
        const Instance& instance = world.instances[app.first_instance.value + k];
        if (node.group.value >= instance.routers.size()) continue;
        const Router& router = instance.routers[node.group.value];
        if (node.member >= router.size()) continue;
        const DatabaseIndex database{node.member};
        const auto& observation = router.last_observation(database);
        if (observation && observation->lag) {
          const std::int64_t lag = std::max<std::int64_t>(0, observation->lag->ns);
          seen = std::max(seen.value_or(0), lag);
        }
        const LagBreaker& breaker = router.breaker(database);
        has_breakers = has_breakers || breaker.config().enabled;
        states[static_cast<std::size_t>(breaker.state())] += 1;
      }
      if (seen) put("observed_lag", MetricUnit::duration, labels, *seen);
      for (std::size_t state = 0; has_breakers && state < states.size(); ++state) {
        SeriesLabels with_state = labels;
        with_state.emplace_back("state", to_text(static_cast<BreakerState>(state)));
        put("breakers", MetricUnit::count, with_state, states[state]);
      }
    }
  }
}

void SeriesSampler::look_at_counters(const World& world) {
  constexpr std::array by_cell{Metric::reads, Metric::writes, Metric::stale_reads,
                               Metric::wal_bytes, Metric::cross_region_bytes};
  if (since_.ns == 0) return;
  for (const Metric metric : by_cell) {
    const MetricInfo& row = info(metric);
    for (std::size_t cell = 0; cell < world.measures.cells(metric); ++cell) {
      const std::int64_t total = world.measures.counter_at(metric, cell).count;
      if (total == 0) continue;
      const std::vector<std::uint32_t> values = world.measures.labels_of(metric, cell);
      SeriesLabels labels;
      for (std::size_t i = 0; i < values.size(); ++i) {
        labels.emplace_back(label_name(row.labels[i]), label_text(world, row.labels[i], values[i]));
      }
      count(row.name, row.unit, std::move(labels), total);
    }
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> errors;
  for (std::size_t cell = 0; cell < world.measures.cells(Metric::errors); ++cell) {
    const std::int64_t total = world.measures.counter_at(Metric::errors, cell).count;
    const std::vector<std::uint32_t> values = world.measures.labels_of(Metric::errors, cell);
    if (total > 0) errors[{values[0], values[2]}] += total;
  }
  for (const auto& [key, total] : errors) {
    count("errors", MetricUnit::count,
          {{"region", label_text(world, Label::region, key.first)},
           {"kind", label_text(world, Label::kind, key.second)}},
          total);
  }
}

void SeriesSampler::look_at_latency(const World& world) {
  if (since_.ns == 0) return;
  constexpr std::array metrics{Metric::page_latency, Metric::read_latency};
  const std::vector<std::uint32_t> regions = users_regions(world);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const MetricInfo& row = info(metrics[i]);
    std::vector<Histogram> all(world.plan->labels[Label::region].size());
    for (std::size_t cell = 0; cell < world.measures.cells(row.metric); ++cell) {
      const std::vector<std::uint32_t> values = world.measures.labels_of(row.metric, cell);
      if (is_canary_page(world, values[1])) continue;
      all[values[0]].merge(world.measures.distribution_at(row.metric, cell));
    }
    before_.latency[i].resize(all.size());
    for (const std::uint32_t region : regions) {
      const Histogram& before = before_.latency[i][region];
      const Histogram& now = all[region];
      const SeriesLabels labels{{"region", label_text(world, Label::region, region)}};
      if (metrics[i] == Metric::page_latency) {
        count("pages", MetricUnit::count, labels, static_cast<std::int64_t>(now.count()));
      }
      if (now.count() == before.count()) continue;
      constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> quantiles{
          {{"0.5", 50}, {"0.95", 95}, {"0.99", 99}}};
      for (const auto& [name, q] : quantiles) {
        SeriesLabels such = labels;
        such.emplace_back("quantile", name);
        put(row.name, row.unit, such, quantile_since(before, now, percent(q)));
      }
    }
    before_.latency[i] = std::move(all);
  }
}

void SeriesSampler::look_at_faults() {
  const TimePoint began = now_ - interval_;
  for (const Fault& fault : faults_) {
    const bool moment = fault.from == fault.to;
    const bool on =
        moment ? fault.from >= began && fault.from < now_ : fault.from < now_ && fault.to > began;
    put("fault", MetricUnit::count, {{"fault", fault.name}}, on ? 1 : 0);
  }
}

RunSeries SeriesSampler::take(const RunResult& result) {
  for (std::size_t i = 0; i < series_.columns.size(); ++i) {
    auto& values = series_.columns[i].values;
    values.resize(series_.at.size());
    if (!counts_[i]) continue;
    for (auto& value : values) value = value.value_or(0);
  }
  for (const OutageRecord& outage : result.write_outages) {
    const std::size_t place =
        column("write_outage", MetricUnit::duration,
               {{"region", result.figures.labels[Label::region][outage.region]}});
    auto& values = series_.columns[place].values;
    values.resize(series_.at.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const TimePoint from = std::max(series_.at[i] - interval_, outage.began);
      const TimePoint to = std::min(series_.at[i], outage.ended);
      *values[i] += std::max<std::int64_t>(0, (to - from).ns);
    }
  }
  return std::move(series_);
}

}  // namespace longhaul
