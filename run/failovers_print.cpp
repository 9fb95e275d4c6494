// The failovers table as text and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/failovers_table.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

std::string_view phase_name(std::size_t phase) {
  return to_text(static_cast<FailoverPhase>(phase));
}

// To the millisecond: more is the seed's.
std::string shown(Duration duration) {
  return to_short_text(Duration{(duration.ns + 500'000) / 1'000'000 * 1'000'000});
}

std::string shown(const CountSummary& count) {
  return fmt::format("{} / {} / {}", count_text(count.median), count_text(count.p99),
                     count_text(count.max));
}

std::string shown(const DurationSummary& one) {
  return fmt::format("{} / {} / {} / {}", shown(one.min), shown(one.mean), shown(one.p95),
                     shown(one.max));
}

// To a tenth of a percent.
std::string share_text(std::int64_t part, std::int64_t whole) {
  return to_text(Ratio{whole == 0 ? 0 : (part * 2000 + whole) / (2 * whole) * 1000});
}

// "db-2 67.6%, db-3 32.4%"; empty without any.
std::string shares_text(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
  std::int64_t all = 0;
  for (const auto& [name, count] : counts) all += count;
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, share_text(count, all));
  }
  return text;
}

std::string setting_text(const FailoversTable& table, const FailoversRow& row) {
  std::string text;
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", table.paths[i], row.values[i]);
  }
  return text;
}

void add_summary(TextTable& columns, const std::string& name,
                 const std::optional<DurationSummary>& summary) {
  if (!summary) return;
  columns.row(
      {name, shown(summary->min), shown(summary->mean), shown(summary->p95), shown(summary->max)});
}

std::string row_text(const FailoversTable& table, const FailoversRow& row, bool colour) {
  std::string text = "\n" + (row.values.empty() ? "" : setting_text(table, row) + "\n");
  text += fmt::format("{} in {} of {}", counted(row.failovers, "failover"),
                      count_text(row.runs_with_failover), counted(row.runs, "run"));
  text += row.to.empty() ? "\n" : fmt::format(", to {}\n", shares_text(row.to));
  if (row.out_by_region.size() > 1 && !row.longest_in.empty()) {
    text += fmt::format("phases of the region out for longest: {}\n", shares_text(row.longest_in));
  }
  TextTable columns({"PHASE", "MIN", "MEAN", "P95", "MAX"});
  for (std::size_t i = 0; i < row.phases.size(); ++i) {
    const std::optional<DurationSummary>& phase = row.phases[i];
    if (phase && phase->max > Duration{}) add_summary(columns, std::string(phase_name(i)), phase);
  }
  add_summary(columns, "writes out", row.outage);
  if (!columns.empty()) text += columns.text(colour);
  const auto note = [&](std::int64_t count, const char* what) {
    if (count > 0) text += fmt::format("  {} {}\n", count_text(count), what);
  };
  note(row.without_outage, "without an outage of writes longer than 2 s");
  note(row.unopened, "promoted and not open for writes at the end");
  note(row.censored, "with writes still out at the end of the run");
  text += fmt::format("  writes out by run, min / mean / p95 / max: {}\n", shown(row.out_by_run));
  if (row.out_by_region.size() > 1) {
    for (const auto& [region, out] : row.out_by_region) {
      text += fmt::format("    {}: {}\n", region, shown(out));
    }
  }
  text += fmt::format("  needless failovers: {}, in {} of the runs\n", count_text(row.needless),
                      share_text(row.runs_with_needless, row.runs));
  text += fmt::format("  lost transactions by run, p50 / p99 / worst: {}\n", shown(row.lost));
  for (const auto& [cause, count] : row.lost_by_cause) {
    text += fmt::format("    {}: {}\n", cause, shown(count));
  }
  text += fmt::format("  writes of a split brain by run, p50 / p99 / worst: {}\n",
                      shown(row.split_brain_writes));
  return text;
}

json duration_object(const DurationSummary& summary) {
  return {{"min_ns", summary.min.ns},
          {"mean_ns", summary.mean.ns},
          {"p95_ns", summary.p95.ns},
          {"max_ns", summary.max.ns}};
}

json count_object(const CountSummary& count) {
  return {{"p50", count.median}, {"p99", count.p99}, {"max", count.max}};
}

json row_object(const FailoversTable& table, const FailoversRow& row) {
  json object;
  json setting = json::object();
  for (std::size_t i = 0; i < row.values.size(); ++i) setting[table.paths[i]] = row.values[i];
  object["setting"] = std::move(setting);
  object["runs"] = row.runs;
  object["runs_with_failover"] = row.runs_with_failover;
  object["failovers"] = row.failovers;
  json to = json::object();
  for (const auto& [node, count] : row.to) to[node] = count;
  object["to"] = std::move(to);
  object["needless"] = row.needless;
  object["runs_with_needless"] = row.runs_with_needless;
  object["without_outage"] = row.without_outage;
  object["unopened"] = row.unopened;
  object["censored"] = row.censored;
  json phases = json::object();
  for (std::size_t i = 0; i < row.phases.size(); ++i) {
    if (row.phases[i]) phases[std::string(phase_name(i))] = duration_object(*row.phases[i]);
  }
  object["phases"] = std::move(phases);
  if (row.outage) object["outage"] = duration_object(*row.outage);
  json longest = json::object();
  for (const auto& [region, count] : row.longest_in) longest[region] = count;
  object["longest_in"] = std::move(longest);
  object["writes_out_by_run"] = duration_object(row.out_by_run);
  json regions = json::object();
  for (const auto& [region, out] : row.out_by_region) regions[region] = duration_object(out);
  object["writes_out_by_run_and_region"] = std::move(regions);
  object["lost_transactions"] = count_object(row.lost);
  json causes = json::object();
  for (const auto& [cause, count] : row.lost_by_cause) causes[cause] = count_object(count);
  object["lost_transactions_by_cause"] = std::move(causes);
  object["split_brain_writes"] = count_object(row.split_brain_writes);
  return object;
}

}  // namespace

std::string failovers_text(const FailoversTable& table, bool colour) {
  std::string text = fmt::format("{}: failovers over seeds {} to {}\n", table.scenario,
                                 table.seeds.first, table.seeds.last);
  if (table.rows.size() > 1) {
    TextTable columns({"SETTING", "FAILOVERS", "IN RUNS", "NEEDLESS", "IN RUNS", "OUT MIN", "MEAN",
                       "P95", "MAX", "OUT BY RUN", "LOST P50 / P99 / WORST"});
    for (const FailoversRow& row : table.rows) {
      std::string setting;
      for (const std::string& value : row.values) setting += (setting.empty() ? "" : " ") + value;
      const auto out = [&](Duration DurationSummary::*which) {
        return row.outage ? shown((*row.outage).*which) : std::string("-");
      };
      columns.row({setting, std::to_string(row.failovers),
                   share_text(row.runs_with_failover, row.runs), std::to_string(row.needless),
                   share_text(row.runs_with_needless, row.runs), out(&DurationSummary::min),
                   out(&DurationSummary::mean), out(&DurationSummary::p95),
                   out(&DurationSummary::max), shown(row.out_by_run.mean), shown(row.lost)});
    }
    text += "\n" + columns.text(colour);
  }
  for (const FailoversRow& row : table.rows) text += row_text(table, row, colour);
  return text;
}

std::string failovers_json(const FailoversTable& table) {
  json settings = json::array();
  for (const FailoversRow& row : table.rows) settings.push_back(row_object(table, row));
  const json object{{"format", 1},
                    {"scenario", table.scenario},
                    {"seeds", {{"first", table.seeds.first}, {"last", table.seeds.last}}},
                    {"settings", std::move(settings)}};
  return object.dump(2) + "\n";
}

}  // namespace longhaul
