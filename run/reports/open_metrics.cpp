#include "run/reports/open_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace longhaul {
namespace {

std::string escaped_value(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') result += '\\';
    result += c;
  }
  return result;
}

std::string braces(const SeriesLabels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", key, escaped_value(value));
  }
  return text.empty() ? "" : "{" + text + "}";
}

std::string_view unit_text(MetricUnit unit) {
  const std::string_view suffix = base_unit_suffix(unit);
  return suffix.empty() ? suffix : suffix.substr(1);
}

// The sum of many figures may pass 64 bits.
std::string sum_text(MetricUnit unit, Int128 sum) {
  constexpr Int128 billion = 1'000'000'000;
  if (unit != MetricUnit::duration) return base_unit_text(unit, narrow(sum));
  const std::string rest = base_unit_text(unit, static_cast<std::int64_t>(sum % billion));
  const std::string whole = std::to_string(static_cast<std::int64_t>(sum / billion));
  return rest.size() > 1 ? whole + rest.substr(1) : whole;
}

class Text {
 public:
  explicit Text(TimePoint end)
      : stamp_(" " + base_unit_text(MetricUnit::duration, end.ns) + "\n") {}

  void family(const std::string& name, std::string_view type, std::string_view unit,
              std::string_view help) {
    text_ += fmt::format("# TYPE {} {}\n", name, type);
    if (!unit.empty()) text_ += fmt::format("# UNIT {} {}\n", name, unit);
    text_ += fmt::format("# HELP {} {}\n", name, escaped_value(help));
  }
  void sample(const std::string& name, const SeriesLabels& labels, const std::string& value) {
    text_ += name + braces(labels) + " " + value + stamp_;
  }
  std::string finish() && { return std::move(text_) + "# EOF\n"; }

 private:
  std::string stamp_;
  std::string text_;
};

struct CellOfMetric {
  SeriesLabels labels;
  Figure figure;
};

std::vector<CellOfMetric> cells_of(const Figures& figures, const MetricInfo& row) {
  std::vector<CellOfMetric> cells;
  for (std::size_t i = 0; i < figures.parts.front()->cells(row.metric); ++i) {
    Figure figure = figures.cell(row.metric, i);
    const bool blank = row.kind == MetricKind::counter
                           ? figure.counter.count == 0 && figure.counter.population == 0
                           : figure.empty();
    if (blank) continue;
    SeriesLabels labels;
    const std::vector<std::uint32_t> values = figures.parts.front()->labels_of(row.metric, i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      labels.emplace_back(label_name(row.labels[k]), figures.labels[row.labels[k]][values[k]]);
    }
    cells.push_back({std::move(labels), std::move(figure)});
  }
  return cells;
}

SeriesLabels with(SeriesLabels labels, std::string key, std::string value) {
  labels.emplace_back(std::move(key), std::move(value));
  return labels;
}

void counters(Text& text, const std::string& name, const MetricInfo& row,
              const std::vector<CellOfMetric>& cells) {
  text.family(name, "counter", unit_text(row.unit), row.definition);
  for (const CellOfMetric& cell : cells) {
    text.sample(name + "_total", cell.labels, base_unit_text(row.unit, cell.figure.counter.count));
  }
  if (row.share_of.empty()) return;
  text.family(name + "_of", "counter", "",
              fmt::format("{}, of which {} counts some.", row.share_of, name));
  for (const CellOfMetric& cell : cells) {
    text.sample(name + "_of_total", cell.labels, std::to_string(cell.figure.counter.population));
  }
}

void summaries(Text& text, const std::string& name, const MetricInfo& row,
               const std::vector<CellOfMetric>& cells) {
  text.family(name, "summary", unit_text(row.unit), row.definition);
  constexpr std::array<std::pair<const char*, std::int64_t>, 5> quantiles{{{"0.5", 500'000},
                                                                           {"0.9", 900'000},
                                                                           {"0.95", 950'000},
                                                                           {"0.99", 990'000},
                                                                           {"0.999", 999'000}}};
  for (const CellOfMetric& cell : cells) {
    for (const auto& [quantile, ppm] : quantiles) {
      text.sample(name, with(cell.labels, "quantile", quantile),
                  base_unit_text(row.unit, cell.figure.quantile({ppm})));
    }
    text.sample(name + "_count", cell.labels, std::to_string(cell.figure.count()));
    text.sample(name + "_sum", cell.labels, sum_text(row.unit, cell.figure.distribution.sum()));
  }
}

void gauges(Text& text, const std::string& name, const MetricInfo& row,
            const std::vector<CellOfMetric>& cells) {
  text.family(name, "gauge", unit_text(row.unit), row.definition);
  for (const CellOfMetric& cell : cells) {
    const std::array<std::pair<const char*, std::int64_t>, 5> statistics{
        {{"avg", cell.figure.average()},
         {"p50", cell.figure.quantile(percent(50))},
         {"p95", cell.figure.quantile(percent(95))},
         {"p99", cell.figure.quantile(percent(99))},
         {"max", cell.figure.max()}}};
    for (const auto& [statistic, value] : statistics) {
      text.sample(name, with(cell.labels, "statistic", statistic), base_unit_text(row.unit, value));
    }
  }
}

void verdicts(Text& text, const Report& report) {
  if (report.expectations.empty()) return;
  text.family("longhaul_expectation_holds", "gauge", "", "Whether what is expected holds: 1 or 0.");
  for (const ExpectationReport& row : report.expectations) {
    text.sample("longhaul_expectation_holds", {{"metric", row.metric}, {"expect", row.text}},
                row.verdict.holds ? "1" : "0");
  }
}

void costs(Text& text, const MonthlyCost& cost) {
  const std::string name = "longhaul_cost_usd_per_month_by_kind";
  text.family(name, "gauge", "", "List prices of a month of 730 hours, in US dollars.");
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto kind = static_cast<CostKind>(i);
    text.sample(name, {{"kind", std::string(title_of(kind))}},
                base_unit_text(MetricUnit::ratio, cost[kind]));
  }
}

}  // namespace

std::string open_metrics(const Material& material) {
  const Report& report = material.report;
  Text text(TimePoint{} + report.simulated);
  text.family("longhaul_run", "info", "", "The run that the other figures are of.");
  text.sample("longhaul_run_info",
              {{"scenario", report.effective.name},
               {"scenario_digest", hex_text(report.scenario_digest)},
               {"seed", std::to_string(report.seed)},
               {"digest", hex_text(report.digest)},
               {"release", std::string(release())}},
              "1");
  for (const MetricInfo& row : metric_table()) {
    const std::vector<CellOfMetric> cells = cells_of(material.result.figures, row);
    if (cells.empty()) continue;
    const std::string_view suffix = base_unit_suffix(row.unit);
    const std::string name =
        fmt::format("longhaul_{}{}", row.name, row.name.ends_with(suffix) ? "" : suffix);
    switch (row.kind) {
      case MetricKind::counter:
        counters(text, name, row, cells);
        break;
      case MetricKind::distribution:
        summaries(text, name, row, cells);
        break;
      case MetricKind::ramp:
      case MetricKind::gauge:
        gauges(text, name, row, cells);
        break;
    }
  }
  verdicts(text, report);
  costs(text, material.cost);
  return std::move(text).finish();
}

}  // namespace longhaul
