#include "run/reports/files.h"

#include "run/reports/html.h"
#include "run/reports/markdown.h"
#include "run/reports/open_metrics.h"

namespace longhaul {

std::vector<OutFile> report_files(const Material& material) {
  const Report& report = material.report;
  return {
      {"result.json", report_json(report)},
      {"scenario.json", scenario_json(report.effective)},
      {"report.txt", report_text(report)},
      {"report.html", report_html(material)},
      {"report.md", report_markdown(material)},
      {"series.csv", series_csv(material.series, report.effective.name, report.seed)},
      {"metrics.txt", open_metrics(material)},
      {"latency_log.csv", latency_log_csv(material.latency_log)},
  };
}

}  // namespace longhaul
