#include "tests/groundtruth/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longhaul::groundtruth {
namespace {

double in_ms(const Figure& figure, double value) {
  return figure.unit == "s" ? value * 1000 : value;
}

std::string number(const Figure& figure, double value) {
  if (figure.unit == "bytes") return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, std::abs(value) < 10 ? 3 : std::abs(value) < 1000 ? 2 : 1);
}

std::string measured_text(const Figure& figure) {
  const std::string median = number(figure, figure.median);
  if (figure.min == figure.max) return median;
  return fmt::format("{} [{}..{}]", median, number(figure, figure.min), number(figure, figure.max));
}

std::string error_text(const Row& row) {
  if (!row.simulated) return "-";
  if (row.is_small()) return fmt::format("{:+.3f} ms", row.error_ms());
  return fmt::format("{:+.1f} %", row.error_percent());
}

std::string row_text(const Row& row) {
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", row.experiment, row.measured.name,
                     row.measured.unit, measured_text(row.measured),
                     row.simulated ? number(row.measured, *row.simulated) : row.missing,
                     error_text(row));
}

std::string verdict_text(const Verdict& verdict) {
  std::string text = fmt::format(
      "| | bound | simulator |\n|---|---|---|\n"
      "| figures compared | | {} |\n"
      "| figures without a simulated one | 0 | {} |\n"
      "| above 5 ms: median of the absolute errors | {} % | {:.1f} % |\n"
      "| above 5 ms: largest absolute error | {} % | {:.1f} % |\n"
      "| up to 5 ms: largest absolute error | {} ms | {:.3f} ms |\n",
      verdict.compared, verdict.missing, median_percent_max, verdict.median_percent,
      worst_percent_max, verdict.worst_percent, worst_ms_max, verdict.worst_ms);
  if (!verdict.broken.empty()) text += "\nOut of bounds:\n\n";
  for (const std::string& broken : verdict.broken) text += fmt::format("- {}\n", broken);
  return text;
}

std::string definitions_of(const std::vector<Experiment>& experiments) {
  std::string text;
  std::string kind;
  for (const Experiment& experiment : experiments) {
    text += fmt::format("\n### {}\n\n{}.\n\n", experiment.id, experiment.parameters);
    if (experiment.kind() != kind) {
      for (const Figure& figure : experiment.figures) {
        text += fmt::format("- `{}` ({}): {}\n", figure.name, figure.unit, figure.definition);
      }
    }
    kind = experiment.kind();
    for (const NotCompared& rest : experiment.not_compared) {
      std::string names;
      for (const std::string& name : rest.figures) {
        names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
      }
      text += fmt::format("- not compared: {}: {}\n", names, rest.reason);
    }
  }
  return text;
}

constexpr const char* head = R"(# Ground truth

What the simulator says beside what PostgreSQL 15.18 did on emulated wide-area links, figure by
figure. `./dev groundtruth` prints this table and fails when a bound is missed;
`./dev groundtruth --update` writes it and the curves below. The scenarios are in
`tests/groundtruth/scenarios`: they state the conditions of each experiment (round trips, bandwidth,
what was written and how often) and leave everything else at the program's defaults. Measured
figures are medians with the range over repetitions, from `tests/groundtruth/figures.json`.

)";

}  // namespace

bool Row::is_small() const {
  if (measured.unit != "ms" && measured.unit != "s") return false;
  return std::abs(in_ms(measured, measured.median)) <= small_ms;
}

double Row::error_ms() const {
  return in_ms(measured, *simulated) - in_ms(measured, measured.median);
}

double Row::error_percent() const {
  return 100 * (*simulated - measured.median) / std::abs(measured.median);
}

std::vector<Row> rows_of(const Experiment& experiment, const Simulated& simulated) {
  std::vector<Row> rows;
  for (const Figure& figure : experiment.figures) {
    Row row{experiment.id, figure, std::nullopt, simulated.missing};
    const auto found = simulated.figures.find(figure.name);
    if (found != simulated.figures.end()) row.simulated = found->second;
    if (!row.simulated && row.missing.empty()) row.missing = "did not happen";
    rows.push_back(std::move(row));
  }
  return rows;
}

Verdict judge(const std::vector<Row>& rows) {
  Verdict verdict;
  std::vector<double> shares;
  for (const Row& row : rows) {
    const std::string name = row.experiment + " " + row.measured.name;
    if (!row.simulated) {
      verdict.missing += 1;
      continue;
    }
    verdict.compared += 1;
    if (row.is_small()) {
      verdict.worst_ms = std::max(verdict.worst_ms, std::abs(row.error_ms()));
      if (std::abs(row.error_ms()) > worst_ms_max) verdict.broken.push_back(name);
    } else {
      shares.push_back(std::abs(row.error_percent()));
      if (shares.back() > worst_percent_max) verdict.broken.push_back(name);
    }
  }
  if (shares.empty()) return verdict;
  std::sort(shares.begin(), shares.end());
  verdict.median_percent = shares[shares.size() / 2];
  verdict.worst_percent = shares.back();
  if (verdict.median_percent > median_percent_max) verdict.broken.push_back("the median");
  return verdict;
}

std::string to_markdown(const std::vector<Experiment>& experiments, const std::vector<Row>& rows,
                        const std::vector<Chart>& charts) {
  std::string text = head;
  text += verdict_text(judge(rows));
  text +=
      "\n## Figures\n\n| experiment | figure | unit | measured [min..max] | simulated | error |\n";
  text += "|---|---|---|---|---|---|\n";
  for (const Row& row : rows) text += row_text(row);
  text += "\n## Curves\n\n";
  for (const Chart& chart : charts) {
    text += fmt::format("![{}](groundtruth/{})\n\n", chart.title, chart.file);
  }
  text += "## What is compared, and what is not\n";
  return text + definitions_of(experiments);
}

}  // namespace longhaul::groundtruth
