#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

constexpr std::size_t columns = 100;
constexpr std::size_t traffic_rows_max = 12;

std::string time_text(std::int64_t ns) { return to_short_text(Duration{ns}); }
std::string size_text(std::int64_t bytes) { return to_short_text(Bytes{bytes}); }

// A figure of a distribution, or a dash when there was no sample.
std::string time_or_dash(const Summary& summary, std::int64_t ns) {
  return summary.count == 0 ? "-" : time_text(ns);
}

Cell count_cell(std::int64_t count, Tone when_positive) {
  return {count_text(count), count > 0 ? when_positive : Tone::plain};
}

// "5,012, 825 failed": times beside it are of both.
Cell tried_cell(std::int64_t count, std::int64_t failed) {
  if (failed == 0) return count_text(count);
  return {fmt::format("{}, {} failed", count_text(count), count_text(failed)), Tone::bad};
}

std::string counter_share(const Counter& counter) {
  const auto ppm = share_ppm(counter);
  return ppm ? share_text(*ppm) : "-";
}

// "0 (< 0.0037%)": what the sample still allows stands beside a zero.
Cell violations_cell(const Counter& counter) {
  if (counter.population == 0) return "-";
  if (const auto bound = share_bound_ppm(counter)) {
    return Cell("0 (< " + share_text(*bound) + ")");
  }
  return {count_text(counter.count) + " (" + counter_share(counter) + ")", Tone::bad};
}

std::string header(const Report& report, bool colour) {
  const ScenarioConfig& config = report.effective;
  std::string seed = fmt::format("seed {}", report.seed);
  if (report.permute_ties) seed += fmt::format(", ties permuted by {}", *report.permute_ties);
  std::string text = toned(config.name, Tone::strong, colour) + "  " + seed + "\n";
  text += wrapped(config.purpose, columns, 0) + "\n";
  text += fmt::format("{} simulated, the last {} measured\n", to_text(report.simulated),
                      to_short_text(report.measured));
  for (const std::string& warning : report.warnings) {
    text +=
        toned("warning", Tone::warning, colour) + "  " + wrapped(warning, columns - 9, 9) + "\n";
  }
  for (const std::string& link : report.estimates) {
    text += toned("estimate", Tone::warning, colour) + "  round trip " + link +
            ": nobody measured it\n";
  }
  return text;
}

Cell outage_cell(const RegionReport& region) {
  if (region.write_outage.count == 0) return "-";
  if (region.write_outage.max == 0) return "none";
  std::string text = time_text(region.write_outage.max);
  if (region.write_outage.count > 1) {
    text = fmt::format("{} x, {}", region.write_outage.count, text);
  }
  if (region.write_outage_censored) text += ", open at the end";
  return {text, Tone::bad};
}

std::string pages_table(const Report& report, bool colour) {
  TextTable table(
      {"PAGES", "count", "errors", "median", "p95", "p99", "max", "good minutes", "write outage"});
  for (const RegionReport& region : report.regions) {
    const Summary& pages = region.pages;
    const Counter& minutes = region.availability;
    table.row({region.region,
               count_text(pages.count),
               count_cell(region.page_errors, Tone::bad),
               time_or_dash(pages, pages.med),
               time_or_dash(pages, pages.p95),
               time_or_dash(pages, pages.p99),
               time_or_dash(pages, pages.max),
               {fmt::format("{} of {}", minutes.count, minutes.population),
                minutes.count < minutes.population ? Tone::bad : Tone::plain},
               outage_cell(region)});
  }
  return table.text(colour);
}

// "timeout 12, deadlock 3"
std::string errors_table(const Report& report, bool colour) {
  TextTable table({"ERRORS", "<kinds"});
  for (const RegionReport& region : report.regions) {
    std::string text;
    for (const auto& [kind, count] : region.errors_by_kind) {
      text += (text.empty() ? "" : ", ") + kind + " " + count_text(count);
    }
    if (!text.empty()) table.row({region.region, {text, Tone::bad}});
  }
  return table.empty() ? "" : table.text(colour);
}

// "db-eu 97.4%, db-us 2.6%"
std::string answered_by(const RegionReport& region) {
  constexpr std::size_t shown_max = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown_max, region.reads_by_node.size()); ++i) {
    const auto& [node, count] = region.reads_by_node[i];
    text += (i == 0 ? "" : ", ") + node + " " + counter_share({count, region.reads});
  }
  const std::size_t others =
      region.reads_by_node.size() - std::min(shown_max, region.reads_by_node.size());
  return others == 0 ? text : text + fmt::format(", {} more", others);
}

std::string reads_table(const Report& report, bool colour) {
  TextTable table({"READS", "count", "median", "p95", "p99", "max", "<answered by"});
  for (const RegionReport& region : report.regions) {
    const Summary& latency = region.read_latency;
    if (latency.count == 0) continue;
    table.row({region.region, tried_cell(latency.count, region.reads_failed),
               time_or_dash(latency, latency.med), time_or_dash(latency, latency.p95),
               time_or_dash(latency, latency.p99), time_or_dash(latency, latency.max),
               answered_by(region)});
  }
  return table.empty() ? "" : table.text(colour);
}

std::string latency_table(const Report& report, const char* title, Summary RegionReport::*member,
                          std::int64_t RegionReport::*failed, bool colour) {
  TextTable table({title, "count", "median", "p95", "p99", "max"});
  for (const RegionReport& region : report.regions) {
    const Summary& latency = region.*member;
    if (latency.count == 0) continue;
    table.row({region.region, tried_cell(latency.count, region.*failed), time_text(latency.med),
               time_text(latency.p95), time_text(latency.p99), time_text(latency.max)});
  }
  return table.empty() ? "" : table.text(colour);
}

std::string promises_table(const Report& report, bool colour) {
  TextTable table(
      {"PROMISES", "stale reads", "staleness p99", "own writes missed", "went back", "users hit"});
  for (const RegionReport& region : report.regions) {
    if (region.stale_reads.population == 0) continue;
    table.row({region.region, counter_share(region.stale_reads),
               time_or_dash(region.staleness, region.staleness.p99),
               violations_cell(region.own_writes_missed), violations_cell(region.went_back),
               count_cell(region.users_hit.count, Tone::bad)});
  }
  return table.empty() ? "" : table.text(colour);
}

Cell breaker_cell(const ReplicaReport& replica) {
  const bool was_open = replica.breaker_open.count > 0;
  if (replica.breaker_moves == 0 && !was_open) return "no moves";
  std::string text = replica.breaker_opened > 0 ? fmt::format("opened {} x", replica.breaker_opened)
                     : was_open                 ? breakers_opened_text(replica)
                                                : fmt::format("{} moves", replica.breaker_moves);
  if (was_open) text += ", up to " + time_text(replica.breaker_open.max);
  return {text, was_open ? Tone::warning : Tone::plain};
}

std::string replicas_table(const Report& report, bool colour) {
  TextTable table({"TRUE LAG", "sent med", "flush med", "replay med", "p99", "max", "bytes max",
                   "probes p99", "<breakers"});
  for (const ReplicaReport& replica : report.replicas) {
    const Summary& replay = replica.lag[static_cast<std::size_t>(LagStage::replay)];
    table.row({replica.name, time_text(replica.lag[static_cast<std::size_t>(LagStage::send)].med),
               time_text(replica.lag[static_cast<std::size_t>(LagStage::flush)].med),
               time_text(replay.med), time_text(replay.p99), time_text(replay.max),
               size_text(replica.lag_bytes.max),
               time_or_dash(replica.observed_lag, replica.observed_lag.p99),
               breaker_cell(replica)});
  }
  return table.empty() ? "" : table.text(colour);
}

// "replica > primary": as the run began, and as it ended.
std::string role_text(const NodeReport& node) {
  const std::string first = node.primary ? "primary" : "replica";
  return node.role_at_end == first ? first : first + " > " + node.role_at_end;
}

std::string nodes_table(const Report& report, bool colour) {
  TextTable table({"NODES", "<role", "cpu avg", "p99", "max", "connections avg", "max", "of",
                   "commit median", "p99", "wal"});
  for (const NodeReport& node : report.nodes) {
    const bool full = node.connections.max >= node.max_connections;
    table.row({node.name,
               role_text(node),
               share_text(node.cpu.avg),
               share_text(node.cpu.p99),
               share_text(node.cpu.max),
               count_text(node.connections.avg),
               {count_text(node.connections.max), full ? Tone::bad : Tone::plain},
               count_text(node.max_connections),
               time_or_dash(node.commit_latency, node.commit_latency.med),
               time_or_dash(node.commit_latency, node.commit_latency.p99),
               node.wal_bytes == 0 ? "-" : size_text(node.wal_bytes)});
  }
  return table.text(colour);
}

std::string rate_text(std::int64_t bytes, Duration over) {
  if (over.ns == 0) return "-";
  return to_short_text(ByteRate{div_floor(static_cast<Int128>(bytes) * 1'000'000'000, over.ns)});
}

// A column for each purpose that some bytes had.
std::string traffic_table(const Report& report, bool colour) {
  const std::vector<std::string_view>& names = enum_names<Traffic>().names;
  std::vector<std::size_t> purposes;
  for (std::size_t purpose = 0; purpose < names.size(); ++purpose) {
    const bool used = std::any_of(report.traffic.begin(), report.traffic.end(),
                                  [&](const auto& row) { return row.bytes.at(purpose) > 0; });
    if (used) purposes.push_back(purpose);
  }
  std::vector<std::string> head{"BETWEEN REGIONS", "<"};
  for (const std::size_t purpose : purposes) {
    head.emplace_back(names[purpose]);
    std::replace(head.back().begin(), head.back().end(), '_', ' ');
  }
  head.insert(head.end(), {"in all", "average"});
  TextTable table(head);
  for (std::size_t i = 0; i < std::min(traffic_rows_max, report.traffic.size()); ++i) {
    const TrafficReport& row = report.traffic[i];
    std::vector<Cell> cells{row.from, "> " + row.to};
    for (const std::size_t purpose : purposes) {
      const std::int64_t bytes = row.bytes[purpose];
      cells.emplace_back(bytes == 0 ? "-" : size_text(bytes));
    }
    cells.emplace_back(size_text(row.total()));
    cells.emplace_back(rate_text(row.total(), report.measured));
    table.row(std::move(cells));
  }
  if (report.traffic.size() > traffic_rows_max) {
    table.row({Cell(fmt::format("and {} more", report.traffic.size() - traffic_rows_max))});
  }
  return table.empty() ? "" : table.text(colour);
}

std::string expectations_table(const Report& report, bool colour, bool only_missed = false) {
  TextTable table({"EXPECTATIONS", "<", "<", "<found"});
  for (const ExpectationReport& row : report.expectations) {
    if (only_missed && row.verdict.holds) continue;
    std::string found = row.verdict.no_samples ? "-" : row.value_text;
    if (row.verdict.upper_bound_ppm) {
      found += fmt::format(" (at 95% less than {})", share_text(*row.verdict.upper_bound_ppm));
    }
    table.row({{verdict_word(row.verdict), row.verdict.holds ? Tone::good : Tone::bad},
               row.metric,
               row.text,
               found});
  }
  return table.empty() ? "" : table.text(colour);
}

std::string outages_list(const Report& report, bool colour) {
  constexpr std::size_t shown_max = 10;
  TextTable table({"WRITE OUTAGES", "began at", "lasted", "<"});
  for (std::size_t i = 0; i < std::min(shown_max, report.write_outages.size()); ++i) {
    const OutageReport& outage = report.write_outages[i];
    table.row({outage.region, time_text((outage.began - TimePoint{}).ns),
               time_text((outage.ended - outage.began).ns),
               outage.censored ? "open at the end of the run" : ""});
  }
  if (report.write_outages.size() > shown_max) {
    table.row({Cell(fmt::format("and {} more", report.write_outages.size() - shown_max))});
  }
  return table.empty() ? "" : table.text(colour);
}

std::string footer(const Report& report, bool colour) {
  std::string text = fmt::format(
      "{} events, {} ties, digest {}\n", count_text(static_cast<std::int64_t>(report.events)),
      count_text(static_cast<std::int64_t>(report.ties)), hex_text(report.digest));
  if (report.unfinished_pages > 0) text += unfinished_text(report.unfinished_pages) + "\n";
  if (report.event_limit_reached) {
    text += toned("stopped early: the limit of events was reached", Tone::bad, colour) + "\n";
  }
  return text;
}

}  // namespace

std::string breakers_opened_text(const ReplicaReport& replica) {
  if (replica.breaker_opened > 0 || replica.breaker_open.count == 0) {
    return count_text(replica.breaker_opened);
  }
  return replica.breaker_moves == 0 ? "open all the time" : "open at first";
}

std::string counted(std::int64_t count, const char* noun) {
  return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::string unfinished_text(std::uint64_t pages, std::int64_t runs) {
  if (pages == 0) return "";
  return fmt::format(
      "{} still waiting for {} answer at the end{} and count{} nowhere above",
      counted(static_cast<std::int64_t>(pages), "page") + (pages == 1 ? " was" : " were"),
      pages == 1 ? "its" : "their", runs == 1 ? "" : " of " + counted(runs, "run"),
      pages == 1 ? "s" : "");
}

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string share_text(std::int64_t ppm) {
  if (ppm == 1'000'000) return "100%";
  // Three digits: 12.3%, 1.23%, 0.123% and every ppm below.
  const std::int64_t step = ppm >= 100'000 ? 1'000 : ppm >= 10'000 ? 100 : ppm >= 1'000 ? 10 : 1;
  std::int64_t rounded = div_floor(ppm + step / 2, step) * step;
  if (ppm < 1'000'000 && rounded >= 1'000'000) rounded = 999'000;
  return to_text(Ratio{rounded});
}

std::string_view unit_name(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::duration:
      return "ns";
    case MetricUnit::bytes:
      return "bytes";
    case MetricUnit::ratio:
      return "ppm";
    case MetricUnit::count:
      return "count";
  }
  __builtin_unreachable();
}

std::string verdict_word(const Verdict& verdict) {
  return verdict.no_samples ? "NO SAMPLES" : verdict.holds ? "ok" : "MISSED";
}

std::optional<std::int64_t> share_ppm(const Counter& counter) {
  if (counter.population == 0) return std::nullopt;
  return div_floor(static_cast<Int128>(counter.count) * 1'000'000, counter.population);
}

std::optional<std::int64_t> share_bound_ppm(const Counter& counter) {
  if (counter.count != 0 || counter.population == 0) return std::nullopt;
  return std::min<std::int64_t>(1'000'000, div_ceil(3'000'000, counter.population));
}

std::string missed_text(const Report& report, bool colour) {
  if (report.holds()) return "";
  return fmt::format("{}  seed {}\n", report.effective.name, report.seed) +
         expectations_table(report, colour, true);
}

std::string report_text(const Report& report, bool colour) {
  const std::vector<std::string> parts = {
      header(report, colour),
      pages_table(report, colour),
      errors_table(report, colour),
      reads_table(report, colour),
      latency_table(report, "WRITES", &RegionReport::write_latency, &RegionReport::writes_failed,
                    colour),
      latency_table(report, "TRANSACTIONS", &RegionReport::transaction_latency,
                    &RegionReport::transactions_failed, colour),
      promises_table(report, colour),
      replicas_table(report, colour),
      nodes_table(report, colour),
      traffic_table(report, colour),
      other_figures_text(report, colour),
      outages_list(report, colour),
      failovers_text(report, colour),
      expectations_table(report, colour),
      footer(report, colour),
  };
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += "\n";
    text += part;
  }
  return text;
}

}  // namespace longhaul
