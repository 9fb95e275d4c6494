#include "run/report.h"

#include <algorithm>

namespace longhaul {
namespace {

using Where = std::vector<std::pair<Label, std::uint32_t>>;

Figure select(const Figures& figures, Metric metric, Where where) {
  return figures.select({metric, std::move(where)});
}

Summary summary(const Figures& figures, Metric metric, Where where) {
  return summary_of(select(figures, metric, std::move(where)));
}

std::string label_text(const Figures& figures, Label label, std::uint32_t value) {
  return figures.labels[label][value];
}

MetricRow make_row(const Figures& figures, const Selector& selector, const Figure& figure) {
  MetricRow row;
  for (const auto& [label, value] : selector.where) {
    row.labels.emplace_back(label_name(label), label_text(figures, label, value));
  }
  row.counter = figure.counter;
  if (figure.kind != MetricKind::counter) row.summary = summary_of(figure);
  return row;
}

bool is_blank(const Figure& figure) {
  return figure.empty() || (figure.kind == MetricKind::counter && figure.counter.count == 0);
}

// Every node is a value of the label, the primary too.
bool is_replica(const Scenario& scenario, const std::string& name) {
  return std::any_of(
      scenario.config.topology.nodes.begin(), scenario.config.topology.nodes.end(),
      [&](const NodeConfig& node) { return node.name == name && node.role == NodeRole::replica; });
}

MetricReport metric_report(const Scenario& scenario, const Figures& figures,
                           const MetricInfo& row) {
  MetricReport report;
  report.metric = row.metric;
  const Selector everything{row.metric, {}};
  report.total = make_row(figures, everything, figures.select(everything));
  if (row.labels.empty()) return report;
  const Label first = row.labels.front();
  for (std::uint32_t value = 0; value < figures.labels[first].size(); ++value) {
    if (first == Label::replica && !is_replica(scenario, figures.labels[first][value])) continue;
    const Selector selector{row.metric, {{first, value}}};
    report.rows.push_back(make_row(figures, selector, figures.select(selector)));
  }
  if (row.labels.size() == 1) return report;
  for (std::size_t cell = 0; cell < figures.parts.front()->cells(row.metric); ++cell) {
    Figure figure = figures.cell(row.metric, cell);
    if (is_blank(figure)) continue;
    Selector selector{row.metric, {}};
    const std::vector<std::uint32_t> values = figures.parts.front()->labels_of(row.metric, cell);
    for (std::size_t i = 0; i < row.labels.size(); ++i) {
      selector.where.emplace_back(row.labels[i], values[i]);
    }
    // The population of a share may span cells.
    if (row.share_ignores) figure = figures.select(selector);
    report.rows.push_back(make_row(figures, selector, figure));
  }
  return report;
}

// ---- overviews ----------------------------------------------------------------------------------

void add_pages(RegionReport& report, const Figures& figures, std::uint32_t region,
               const ScenarioConfig& config) {
  Figure pages;
  pages.kind = MetricKind::distribution;
  const std::vector<std::string>& names = figures.labels[Label::page];
  for (std::uint32_t page = 0; page < names.size(); ++page) {
    const bool canary = config.canary.milli_per_day > 0 && names[page] == "canary";
    if (canary) continue;
    const Where where{{Label::region, region}, {Label::page, page}};
    pages.merge(select(figures, Metric::page_latency, where));
    Where failed = where;
    failed.emplace_back(Label::outcome, static_cast<std::uint32_t>(Outcome::error));
    report.page_errors += select(figures, Metric::page_latency, failed).count();
  }
  report.pages = summary_of(pages);
}

RegionReport region_report(const Figures& figures, std::uint32_t region,
                           const ScenarioConfig& config) {
  RegionReport report;
  const Where here{{Label::region, region}};
  report.region = label_text(figures, Label::region, region);
  add_pages(report, figures, region, config);
  report.reads = select(figures, Metric::reads, here).counter.count;
  for (std::uint32_t node = 0; node < figures.labels[Label::served_by].size(); ++node) {
    Where there = here;
    there.emplace_back(Label::served_by, node);
    const std::int64_t reads = select(figures, Metric::reads, there).counter.count;
    if (reads == 0) continue;
    report.reads_by_node.emplace_back(label_text(figures, Label::served_by, node), reads);
  }
  for (std::uint32_t kind = 0; kind < figures.labels[Label::kind].size(); ++kind) {
    Where such = here;
    such.emplace_back(Label::kind, kind);
    const std::int64_t errors = select(figures, Metric::errors, such).counter.count;
    if (errors == 0) continue;
    report.errors_by_kind.emplace_back(label_text(figures, Label::kind, kind), errors);
  }
  for (std::uint32_t reason = 0; reason < figures.labels[Label::reason].size(); ++reason) {
    Where such = here;
    such.emplace_back(Label::reason, reason);
    const std::int64_t decisions = select(figures, Metric::decisions, such).counter.count;
    if (decisions == 0) continue;
    report.decisions_by_reason.emplace_back(label_text(figures, Label::reason, reason), decisions);
  }
  for (auto* list : {&report.reads_by_node, &report.errors_by_kind, &report.decisions_by_reason}) {
    std::stable_sort(list->begin(), list->end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  report.read_latency = summary(figures, Metric::read_latency, here);
  report.write_latency = summary(figures, Metric::write_latency, here);
  report.transaction_latency = summary(figures, Metric::transaction_latency, here);
  const auto failed = [&](Metric metric) {
    const auto error = static_cast<std::uint32_t>(Outcome::error);
    return summary(figures, metric, {{Label::region, region}, {Label::outcome, error}}).count;
  };
  report.reads_failed = failed(Metric::read_latency);
  report.writes_failed = failed(Metric::write_latency);
  report.transactions_failed = failed(Metric::transaction_latency);
  report.stale_reads = select(figures, Metric::stale_reads, here).counter;
  report.staleness = summary(figures, Metric::read_staleness, here);
  report.own_writes_missed = select(figures, Metric::read_your_writes_violations, here).counter;
  report.went_back = select(figures, Metric::monotonic_reads_violations, here).counter;
  report.users_hit = select(figures, Metric::users_hit, here).counter;
  report.write_outage = summary(figures, Metric::write_outage, here);
  report.availability = select(figures, Metric::availability, here).counter;
  return report;
}

ReplicaReport replica_report(const Figures& figures, std::uint32_t replica) {
  ReplicaReport report;
  const Where here{{Label::replica, replica}};
  report.name = label_text(figures, Label::replica, replica);
  for (std::uint32_t stage = 0; stage < report.lag.size(); ++stage) {
    Where at_stage = here;
    at_stage.emplace_back(Label::stage, stage);
    report.lag[stage] = summary(figures, Metric::replication_lag, at_stage);
  }
  Where replayed = here;
  replayed.emplace_back(Label::stage, static_cast<std::uint32_t>(LagStage::replay));
  report.lag_bytes = summary(figures, Metric::replication_lag_bytes, replayed);
  report.observed_lag = summary(figures, Metric::observed_lag, here);
  report.breaker_moves = select(figures, Metric::breaker_transitions, here).counter.count;
  Where opened = here;
  opened.emplace_back(Label::to, static_cast<std::uint32_t>(BreakerState::open));
  report.breaker_opened = select(figures, Metric::breaker_transitions, opened).counter.count;
  report.breaker_open = summary(figures, Metric::breaker_open_duration, here);
  return report;
}

NodeReport node_report(const Figures& figures, std::uint32_t node, const NodeConfig& config) {
  NodeReport report;
  const Where here{{Label::node, node}};
  report.name = config.name;
  report.region = config.region;
  report.primary = config.role == NodeRole::primary;
  report.cpu = summary(figures, Metric::cpu_utilisation, here);
  report.connections = summary(figures, Metric::connections, here);
  report.max_connections = config.max_connections;
  report.commit_latency = summary(figures, Metric::commit_latency, here);
  report.wal_bytes = select(figures, Metric::wal_bytes, here).counter.count;
  return report;
}

std::vector<TrafficReport> traffic_report(const Figures& figures) {
  std::vector<TrafficReport> rows;
  const std::vector<std::string>& regions = figures.labels[Label::from_region];
  for (std::uint32_t from = 0; from < regions.size(); ++from) {
    for (std::uint32_t to = 0; to < regions.size(); ++to) {
      TrafficReport row{regions[from], regions[to], {}};
      for (std::uint32_t purpose = 0; purpose < figures.labels[Label::purpose].size(); ++purpose) {
        const Where where{
            {Label::from_region, from}, {Label::to_region, to}, {Label::purpose, purpose}};
        row.bytes.push_back(select(figures, Metric::cross_region_bytes, where).counter.count);
      }
      if (row.total() > 0) rows.push_back(row);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const TrafficReport& a, const TrafficReport& b) {
    return a.total() > b.total();
  });
  return rows;
}

std::string unit_of(const Expectation& expectation) {
  const MetricInfo& row = info(expectation.selector.metric);
  switch (expectation.aggregation) {
    case Aggregation::share:
      return "ppm";
    case Aggregation::rate:
      return row.unit == MetricUnit::bytes ? "bytes_per_s" : "milli_per_day";
    case Aggregation::count:
      return std::string(unit_name(row.kind == MetricKind::counter ? row.unit : MetricUnit::count));
    default:
      return std::string(unit_name(row.unit));
  }
}

void add_overviews(Report& report, const Scenario& scenario, const Figures& figures) {
  const std::vector<NodeConfig>& nodes = scenario.config.topology.nodes;
  for (std::uint32_t region = 0; region < figures.labels[Label::region].size(); ++region) {
    RegionReport row = region_report(figures, region, scenario.config);
    const bool has_users = std::any_of(
        scenario.config.workload.begin(), scenario.config.workload.end(),
        [&](const PopulationConfig& population) { return population.from == row.region; });
    if (has_users) report.regions.push_back(std::move(row));
  }
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    report.nodes.push_back(node_report(figures, node, nodes[node]));
    if (nodes[node].role == NodeRole::replica) {
      report.replicas.push_back(replica_report(figures, node));
    }
  }
  report.traffic = traffic_report(figures);
}

void add_verdicts(Report& report, const Scenario& scenario, const Figures& figures) {
  for (const Expectation& expectation : scenario.expectations) {
    const Verdict verdict = judge(expectation, figures);
    report.expectations.push_back({expectation.selector_text, expectation.text, verdict,
                                   unit_of(expectation), value_text(expectation, verdict.value)});
  }
}

}  // namespace

std::string_view release() { return LONGHAUL_RELEASE; }

Summary summary_of(const Figure& figure) {
  Summary summary;
  summary.count = figure.kind == MetricKind::ramp ? figure.ramp.weight().ns : figure.count();
  if (figure.kind == MetricKind::counter) return summary;
  summary.min = figure.min();
  summary.avg = figure.average();
  summary.med = figure.quantile(percent(50));
  summary.p90 = figure.quantile(percent(90));
  summary.p95 = figure.quantile(percent(95));
  summary.p99 = figure.quantile(percent(99));
  summary.p999 = figure.quantile({999'000});
  summary.max = figure.max();
  return summary;
}

bool Report::holds() const {
  return std::all_of(expectations.begin(), expectations.end(),
                     [](const ExpectationReport& row) { return row.verdict.holds; });
}

Report make_report(const Scenario& scenario, const RunResult& result, const RunOptions& options) {
  const Figures& figures = result.figures;
  Report report;
  report.effective = scenario.config;
  report.file = scenario.file;
  report.scenario_digest = scenario.digest;
  report.seed = result.seed;
  report.permute_ties = options.permute_ties;
  report.simulated = scenario.cluster.duration;
  report.measured = figures.measured;
  report.warnings = scenario.warnings;
  report.estimates = scenario.estimates;
  for (const MetricInfo& row : metric_table()) {
    report.metrics.push_back(metric_report(scenario, figures, row));
  }
  add_overviews(report, scenario, figures);
  add_verdicts(report, scenario, figures);
  for (const OutageRecord& outage : result.write_outages) {
    const std::string region = label_text(figures, Label::region, outage.region);
    report.write_outages.push_back({region, outage.began, outage.ended, outage.censored});
    for (RegionReport& row : report.regions) {
      if (row.region == region) row.write_outage_censored |= outage.censored;
    }
  }
  for (std::size_t i = 0; i < report.nodes.size(); ++i) {
    const RunResult::NodeAtEnd& end = result.nodes[i];
    report.nodes[i].role_at_end = !end.up ? "down" : end.primary ? "primary" : "replica";
  }
  add_failovers(report, result);
  report.events = result.events;
  report.ties = result.ties;
  report.statements = result.statements;
  report.unfinished_pages = result.unfinished_pages;
  report.digest = result.digest;
  report.event_limit_reached = result.event_limit_reached;
  return report;
}

}  // namespace longhaul
