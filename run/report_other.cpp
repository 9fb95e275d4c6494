#include <array>

#include <algorithm>

#include "base/units_text.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

// What the other tables of the text show.
constexpr std::array shown_elsewhere{
    Metric::page_latency,
    Metric::errors,
    Metric::timeouts,
    Metric::reads,
    Metric::writes,
    Metric::read_latency,
    Metric::write_latency,
    Metric::transaction_latency,
    Metric::commit_latency,
    Metric::stale_reads,
    Metric::read_staleness,
    Metric::read_your_writes_violations,
    Metric::monotonic_reads_violations,
    Metric::users_hit,
    Metric::write_outage,
    Metric::availability,
    Metric::observed_lag,
    Metric::observed_lag_bytes,
    Metric::reported_lag,
    Metric::breaker_transitions,
    Metric::breaker_open_duration,
    Metric::wal_bytes,
    Metric::cross_region_bytes,
    Metric::decisions,
    Metric::failover_duration,  // by phase
};

// Lag, load and sizes over time need their labels: they stand in the JSON.
bool is_listed(const MetricInfo& row) {
  return (row.kind == MetricKind::distribution || row.kind == MetricKind::counter) &&
         std::find(shown_elsewhere.begin(), shown_elsewhere.end(), row.metric) ==
             shown_elsewhere.end();
}

std::string value_in(MetricUnit unit, std::int64_t value) {
  switch (unit) {
    case MetricUnit::duration:
      return to_short_text(Duration{value});
    case MetricUnit::bytes:
      return to_short_text(Bytes{value});
    case MetricUnit::ratio:
      return share_text(value);
    case MetricUnit::count:
      return count_text(value);
  }
  __builtin_unreachable();
}

// "nearest_replica 84.1%, write_statement 15.9%"
std::string decisions_text(const Report& report, bool colour) {
  TextTable table({"DECISIONS", "count", "<of the routers, by reason"});
  for (const RegionReport& region : report.regions) {
    std::int64_t all = 0;
    for (const auto& [reason, count] : region.decisions_by_reason) all += count;
    const std::size_t shown = std::min<std::size_t>(3, region.decisions_by_reason.size());
    std::string text;
    for (std::size_t i = 0; i < shown; ++i) {
      const auto& [reason, count] = region.decisions_by_reason[i];
      const auto share = share_ppm({count, all});
      text += (i == 0 ? "" : ", ") + reason + " " + share_text(share.value_or(0));
    }
    const std::size_t more = region.decisions_by_reason.size() - shown;
    if (more > 0) text += ", " + std::to_string(more) + " more";
    if (all > 0) table.row({region.region, count_text(all), text});
  }
  return table.empty() ? "" : table.text(colour);
}

}  // namespace

std::string other_figures_text(const Report& report, bool colour) {
  TextTable table({"ALSO COUNTED", "count", "share", "median", "p95", "max"});
  for (const MetricReport& metric : report.metrics) {
    const MetricInfo& row = info(metric.metric);
    if (!is_listed(row)) continue;
    const std::string name(row.name);
    if (row.kind == MetricKind::counter) {
      const Counter& counter = metric.total.counter;
      if (counter.count == 0) continue;
      const auto share = row.share_of.empty() ? std::nullopt : share_ppm(counter);
      table.row({name, value_in(row.unit, counter.count), share ? share_text(*share) : "-", "-",
                 "-", "-"});
    } else if (const Summary& samples = metric.total.summary; samples.max > 0) {
      table.row({name, count_text(samples.count), "-", value_in(row.unit, samples.med),
                 value_in(row.unit, samples.p95), value_in(row.unit, samples.max)});
    }
  }
  const std::string others = table.empty() ? "" : table.text(colour);
  const std::string decisions = decisions_text(report, colour);
  return decisions + (decisions.empty() || others.empty() ? "" : "\n") + others;
}

}  // namespace longhaul
