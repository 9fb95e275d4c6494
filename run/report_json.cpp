#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/config_json.h"
#include "run/report.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

json summary_object(const Summary& summary, MetricKind kind) {
  json object;
  object[kind == MetricKind::distribution ? "count" : "time_ns"] = summary.count;
  if (summary.count == 0) return object;
  object["min"] = summary.min;
  object["avg"] = summary.avg;
  object["med"] = summary.med;
  object["p90"] = summary.p90;
  object["p95"] = summary.p95;
  object["p99"] = summary.p99;
  object["p999"] = summary.p999;
  object["max"] = summary.max;
  return object;
}

json counter_object(const Counter& counter, bool share) {
  json object{{"count", counter.count}};
  if (!share) return object;
  object["of"] = counter.population;
  if (const auto ppm = share_ppm(counter)) object["share_ppm"] = *ppm;
  if (const auto bound = share_bound_ppm(counter)) object["share_ppm_max_95"] = *bound;
  return object;
}

json metrics_object(const Report& report) {
  json metrics = json::object();
  for (const MetricReport& metric : report.metrics) {
    const MetricInfo& row = info(metric.metric);
    json series = json::array();
    for (const MetricRow& cell : metric.rows) {
      json entry;
      entry["labels"] = json::object();
      for (const auto& [label, value] : cell.labels) entry["labels"][label] = value;
      entry.update(row.kind == MetricKind::counter
                       ? counter_object(cell.counter, !row.share_of.empty())
                       : summary_object(cell.summary, row.kind));
      series.push_back(std::move(entry));
    }
    metrics[std::string(row.name)] = {{"unit", unit_name(row.unit)}, {"series", std::move(series)}};
  }
  return metrics;
}

json expectations_list(const Report& report) {
  json list = json::array();
  for (const ExpectationReport& row : report.expectations) {
    json entry{{"metric", row.metric}, {"expect", row.text}, {"holds", row.verdict.holds}};
    if (row.verdict.no_samples) {
      entry["no_samples"] = true;
    } else {
      entry["value"] = row.verdict.value;
      entry["unit"] = row.unit;
    }
    if (row.verdict.upper_bound_ppm) {
      entry["share_ppm_max_95"] = *row.verdict.upper_bound_ppm;
    }
    list.push_back(std::move(entry));
  }
  return list;
}

json outages_list(const Report& report) {
  json list = json::array();
  for (const OutageReport& outage : report.write_outages) {
    list.push_back({{"region", outage.region},
                    {"began_ns", outage.began.ns},
                    {"ended_ns", outage.ended.ns},
                    {"duration_ns", (outage.ended - outage.began).ns},
                    {"censored", outage.censored}});
  }
  return list;
}

json refusals_list(const std::vector<FailoverReport::Refusal>& refusals) {
  json list = json::array();
  for (const FailoverReport::Refusal& refusal : refusals) {
    list.push_back({{"at_ns", refusal.at.ns}, {"node", refusal.node}, {"reason", refusal.reason}});
  }
  return list;
}

json failovers_list(const Report& report) {
  json list = json::array();
  for (const FailoverReport& failover : report.failovers) {
    json entry = {{"from", failover.from},
                  {"to", failover.to},
                  {"reason", failover.reason},
                  {"ordered_ns", failover.ordered.ns},
                  {"needless", failover.needless}};
    if (failover.opened) entry["opened_ns"] = failover.opened->ns;
    if (!failover.region.empty()) {
      entry["outage"] = {{"region", failover.region},
                         {"began_ns", failover.began.ns},
                         {"ended_ns", failover.ended.ns},
                         {"censored", failover.censored}};
    }
    json phases = json::array();
    for (const FailoverReport::Part& part : failover.parts) {
      phases.push_back({{"phase", part.phase},
                        {"began_ns", part.began.ns},
                        {"duration_ns", (part.ended - part.began).ns},
                        {"why", part.why}});
    }
    entry["phases"] = std::move(phases);
    json candidates = json::array();
    for (const FailoverReport::Candidate& candidate : failover.candidates) {
      candidates.push_back({{"node", candidate.node},
                            {"state", candidate.state},
                            {"timeline", candidate.timeline},
                            {"position", to_text(candidate.position)},
                            {"eligible", candidate.eligible},
                            {"reason", candidate.reason}});
    }
    entry["candidates"] = std::move(candidates);
    if (!failover.refusals.empty()) entry["refusals"] = refusals_list(failover.refusals);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string hex_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

std::string scenario_json(const ScenarioConfig& config) {
  return dump(ScenarioConfig::fields(), &config).dump(2) + "\n";
}

std::string report_json(const Report& report) {
  json object;
  object["format"] = 1;
  object["release"] = release();
  object["scenario"] = {{"name", report.effective.name},
                        {"purpose", report.effective.purpose},
                        {"digest", hex_text(report.scenario_digest)}};
  object["seed"] = report.seed;
  if (report.permute_ties) object["tie_order"] = "permute:" + std::to_string(*report.permute_ties);
  object["simulated_ns"] = report.simulated.ns;
  object["measured_ns"] = report.measured.ns;
  object["holds"] = report.holds();
  object["expectations"] = expectations_list(report);
  object["write_outages"] = outages_list(report);
  if (!report.failovers.empty()) object["failovers"] = failovers_list(report);
  if (!report.refusals.empty()) object["refusals"] = refusals_list(report.refusals);
  object["metrics"] = metrics_object(report);
  object["warnings"] = report.warnings;
  object["estimates"] = report.estimates;
  object["effective"] = dump(ScenarioConfig::fields(), &report.effective);
  object["statements"] = report.statements;
  object["unfinished_pages"] = report.unfinished_pages;
  if (report.event_limit_reached) object["event_limit_reached"] = true;
  object["events"] = report.events;
  object["ties"] = report.ties;
  object["digest"] = hex_text(report.digest);
  return object.dump(2) + "\n";
}

}  // namespace longhaul
