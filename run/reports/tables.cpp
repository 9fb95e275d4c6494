#include "run/reports/tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/reports/pictures.h"
#include "run/svg.h"

namespace longhaul {
namespace {

std::string time_text(std::int64_t ns) { return to_short_text(Duration{ns}); }
std::string at_text(TimePoint at) { return to_short_text(at - TimePoint{}); }

std::string time_or_dash(const Summary& summary, std::int64_t ns) {
  return summary.count == 0 ? "-" : time_text(ns);
}

std::string share_or_dash(const Counter& counter) {
  const auto ppm = share_ppm(counter);
  return ppm ? share_text(*ppm) : "-";
}

std::string violations_text(const Counter& counter) {
  if (counter.population == 0) return "-";
  if (const auto bound = share_bound_ppm(counter)) return "0 (< " + share_text(*bound) + ")";
  return count_text(counter.count) + " (" + share_or_dash(counter) + ")";
}

std::string outage_text(const RegionReport& region) {
  if (region.write_outage.count == 0) return "-";
  if (region.write_outage.max == 0) return "none";
  std::string text = time_text(region.write_outage.max);
  if (region.write_outage.count > 1) {
    text = fmt::format("{} times, up to {}", region.write_outage.count, text);
  }
  return region.write_outage_censored ? text + ", open at the end" : text;
}

}  // namespace

bool ReportTable::is_left(std::size_t column) const {
  return column == 0 || titles[column].starts_with('<');
}

std::string ReportTable::title(std::size_t column) const {
  const std::string& title = titles[column];
  return title.starts_with('<') ? title.substr(1) : title;
}

std::string verdict_sentence(const Report& report) {
  const std::size_t all = report.expectations.size();
  if (all == 0) return "Nothing is expected of this scenario.";
  const auto missed = std::count_if(report.expectations.begin(), report.expectations.end(),
                                    [](const auto& row) { return !row.verdict.holds; });
  if (missed > 0) return fmt::format("{} of {} expectations do not hold.", missed, all);
  return all == 1 ? "The expectation holds." : fmt::format("All {} expectations hold.", all);
}

ReportTable expectations_table(const Report& report) {
  ReportTable table{{"", "<metric", "<expected", "found"}, {}};
  for (const bool holds : {false, true}) {
    for (const ExpectationReport& row : report.expectations) {
      if (row.verdict.holds != holds) continue;
      std::string found = row.verdict.no_samples ? "-" : row.value_text;
      if (row.verdict.upper_bound_ppm) {
        found += fmt::format(" (at 95% less than {})", share_text(*row.verdict.upper_bound_ppm));
      }
      table.rows.push_back({verdict_word(row.verdict), row.metric, row.text, found});
    }
  }
  return table;
}

ReportTable users_table(const Report& report) {
  ReportTable table{{"users in", "pages", "failed", "median", "p95", "p99", "reads p95",
                     "writes p95", "write outage"},
                    {}};
  for (const RegionReport& region : report.regions) {
    const Summary& pages = region.pages;
    const Summary& writes =
        region.write_latency.count > 0 ? region.write_latency : region.transaction_latency;
    table.rows.push_back({region.region, count_text(pages.count), count_text(region.page_errors),
                          time_or_dash(pages, pages.med), time_or_dash(pages, pages.p95),
                          time_or_dash(pages, pages.p99),
                          time_or_dash(region.read_latency, region.read_latency.p95),
                          time_or_dash(writes, writes.p95), outage_text(region)});
  }
  return table;
}

ReportTable promises_table(const Report& report) {
  ReportTable table{
      {"users in", "reads", "stale", "staleness p99", "own writes missed", "went back"}, {}};
  for (const RegionReport& region : report.regions) {
    if (region.stale_reads.population == 0) continue;
    table.rows.push_back(
        {region.region, count_text(region.reads), share_or_dash(region.stale_reads),
         time_or_dash(region.staleness, region.staleness.p99),
         violations_text(region.own_writes_missed), violations_text(region.went_back)});
  }
  return table;
}

ReportTable replicas_table(const Report& report) {
  ReportTable table{{"replica", "sent", "flushed", "replayed", "replayed p99", "max", "bytes max",
                     "probes saw p99", "breakers opened"},
                    {}};
  for (const ReplicaReport& replica : report.replicas) {
    const auto stage = [&](LagStage at) { return replica.lag[static_cast<std::size_t>(at)]; };
    const Summary replay = stage(LagStage::replay);
    table.rows.push_back(
        {replica.name, time_or_dash(stage(LagStage::send), stage(LagStage::send).med),
         time_or_dash(stage(LagStage::flush), stage(LagStage::flush).med),
         time_or_dash(replay, replay.med), time_or_dash(replay, replay.p99),
         time_or_dash(replay, replay.max), to_short_text(Bytes{replica.lag_bytes.max}),
         time_or_dash(replica.observed_lag, replica.observed_lag.p99),
         breakers_opened_text(replica)});
  }
  return table;
}

ReportTable servers_table(const Report& report) {
  ReportTable table{{"server", "<region", "<at first", "<at the end", "cpu avg", "max",
                     "connections max", "of", "commit p99", "log written"},
                    {}};
  for (const NodeReport& node : report.nodes) {
    table.rows.push_back({node.name, node.region, node.primary ? "primary" : "replica",
                          node.role_at_end, share_text(node.cpu.avg), share_text(node.cpu.max),
                          count_text(node.connections.max), count_text(node.max_connections),
                          time_or_dash(node.commit_latency, node.commit_latency.p99),
                          node.wal_bytes == 0 ? "-" : to_short_text(Bytes{node.wal_bytes})});
  }
  return table;
}

ReportTable faults_table(const Report& report) {
  ReportTable table{{"", "<what", "from", "<for"}, {}};
  const std::vector<FaultConfig>& faults = report.effective.faults;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const bool moment = rule_of(faults[i].kind).momentary;
    table.rows.push_back({fault_name(i), fault_text(faults[i]), to_short_text(faults[i].at),
                          moment            ? "a moment"
                          : faults[i].lasts ? to_short_text(*faults[i].lasts)
                                            : "until the end"});
  }
  return table;
}

ReportTable phases_table(const FailoverReport& failover) {
  ReportTable table{{"", "<phase", "began at", "lasted", "<because"}, {}};
  Duration sum;
  for (std::size_t i = 0; i < failover.parts.size(); ++i) {
    const FailoverReport::Part& part = failover.parts[i];
    sum += part.ended - part.began;
    table.rows.push_back({std::to_string(i + 1), part.phase, at_text(part.began),
                          to_short_text(part.ended - part.began), part.why});
  }
  if (!table.rows.empty()) {
    table.rows.push_back({"", "together", at_text(failover.began), to_short_text(sum),
                          failover.censored ? "Open at the end of the run." : ""});
  }
  return table;
}

ReportTable candidates_table(const FailoverReport& failover) {
  ReportTable table{{"candidate", "<was", "timeline", "position", "<may be promoted", "<why"}, {}};
  for (const FailoverReport::Candidate& candidate : failover.candidates) {
    table.rows.push_back({candidate.node, candidate.state, std::to_string(candidate.timeline),
                          to_text(candidate.position), candidate.eligible ? "yes" : "no",
                          candidate.why});
  }
  return table;
}

ReportTable refusals_table(const std::vector<FailoverReport::Refusal>& refusals) {
  ReportTable table{{"refused", "last at", "<because"}, {}};
  for (const FailoverReport::Refusal& refusal : refusals) {
    table.rows.push_back({refusal.node, at_text(refusal.at), refusal.why});
  }
  return table;
}

ReportTable losses_table(const Material& material) {
  ReportTable table{{"cause", "transactions"}, {}};
  const Figures& figures = material.result.figures;
  const std::vector<std::string>& causes = figures.labels[Label::loss];
  for (std::uint32_t cause = 0; cause < causes.size(); ++cause) {
    const Figure lost = figures.select({Metric::lost_transactions, {{Label::loss, cause}}});
    if (lost.counter.count > 0) {
      table.rows.push_back({causes[cause], count_text(lost.counter.count)});
    }
  }
  return table;
}

ReportTable traffic_table(const Report& report) {
  ReportTable table{{"from", "<to", "bytes", "average"}, {}};
  constexpr std::size_t shown_max = 12;
  for (const TrafficReport& row : report.traffic) {
    if (table.rows.size() == shown_max) break;
    const Int128 per_second = report.measured.ns == 0 ? Int128{}
                                                      : static_cast<Int128>(row.total()) *
                                                            1'000'000'000 / report.measured.ns;
    table.rows.push_back({row.from, row.to, to_short_text(Bytes{row.total()}),
                          to_short_text(ByteRate{narrow(per_second)})});
  }
  return table;
}

ReportTable cost_table(const MonthlyCost& cost) {
  ReportTable table{{"a month", "list price"}, {}};
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto kind = static_cast<CostKind>(i);
    table.rows.push_back({std::string(title_of(kind)), usd_text(cost[kind])});
  }
  table.rows.push_back({"together", usd_text(cost.total())});
  return table;
}

ReportTable latency_change_table(const LatencyLog& log) {
  ReportTable table{{"users in", "<query", "median before", "after", "p95 before", "after"}, {}};
  const auto shown = [](const auto& side, auto figure) {
    const std::optional<std::int64_t> us = side ? std::optional((*side).*figure) : std::nullopt;
    return us ? to_short_text(microseconds(*us)) : std::string("-");
  };
  for (const LatencyLogRow& row : log.rows) {
    if (row.to != "*" || row.page != "*") continue;
    table.rows.push_back({row.from, row.query, shown(row.baseline, &LatencyLogRow::Side::p50_us),
                          shown(row.after, &LatencyLogRow::Side::p50_us),
                          shown(row.baseline, &LatencyLogRow::Side::p95_us),
                          shown(row.after, &LatencyLogRow::Side::p95_us)});
  }
  return table;
}

std::string failover_title(const FailoverReport& failover) {
  std::string text = fmt::format("{} to {}, promoted at {}", failover.from, failover.to,
                                 at_text(failover.ordered));
  if (!failover.opened) return text + ", which did not take writes before the end";
  if (failover.needless) text += ", needless: the primary before took writes";
  return text;
}

std::string outage_sentence(const FailoverReport& failover) {
  if (failover.region.empty()) {
    return failover.watched ? "No region's writes were out for longer than 2 s."
                            : "Whether writes were out is unknown: the scenario has no canary.";
  }
  return fmt::format("Writes from {} were out for {}, from {} on{}.", failover.region,
                     to_short_text(failover.ended - failover.began), at_text(failover.began),
                     failover.censored ? " and still at the end" : "");
}

std::string table_html(const ReportTable& table) {
  if (table.rows.empty()) return "";
  std::string text = "<div class=\"scroll\"><table>\n<thead><tr>";
  const auto open = [&](const char* tag, std::size_t column) {
    return fmt::format("<{}{}>", tag, table.is_left(column) ? "" : " class=\"n\"");
  };
  for (std::size_t i = 0; i < table.titles.size(); ++i) {
    text += open("th", i) + escaped(table.title(i)) + "</th>";
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    const bool bad = row.front() == "MISSED" || row.front() == "NO SAMPLES";
    const bool sum = row.front() == "together" || (row.size() > 1 && row[1] == "together");
    text += bad ? "<tr class=\"missed\">" : sum ? "<tr class=\"sum\">" : "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += open("td", i) + escaped(row[i]) + "</td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string table_markdown(const ReportTable& table) {
  if (table.rows.empty()) return "";
  std::string text = "|";
  std::string rule = "|";
  for (std::size_t i = 0; i < table.titles.size(); ++i) {
    text += " " + escaped_markdown(table.title(i)) + " |";
    rule += table.is_left(i) ? " --- |" : " ---: |";
  }
  text += "\n" + rule + "\n";
  for (const std::vector<std::string>& row : table.rows) {
    text += "|";
    for (const std::string& cell : row) text += " " + escaped_markdown(cell) + " |";
    text += "\n";
  }
  return text + "\n";
}

}  // namespace longhaul
