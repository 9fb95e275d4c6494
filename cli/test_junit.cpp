#include <fmt/format.h>

#include <string_view>

#include "cli/test_report.h"

namespace longhaul {
namespace {

// XML 1.0 knows no control characters but tab and line ends, not even escaped.
std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\n':
        result += "&#10;";
        break;
      case '\t':
        result += "&#9;";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return result;
}

std::string replays_text(const TestedScenario& scenario) {
  std::string text;
  for (const std::string& replay : scenario.replays) text += replay + "\n";
  return text;
}

std::string case_xml(const TestedScenario& scenario, const TestedExpectation& row) {
  std::string xml = fmt::format(
      "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\"{} time=\"0\">\n",
      escaped(scenario.name), escaped(row.metric + " " + row.text), escaped(scenario.file),
      row.line > 0 ? fmt::format(" line=\"{}\"", row.line) : "");
  if (!row.holds()) {
    xml += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                       row.no_samples ? "no samples" : "missed",
                       escaped(fmt::format("found {}; missed in seeds {}", row.pooled,
                                           seeds_text(row.failing_seeds))),
                       escaped(replays_text(scenario)));
  }
  xml +=
      fmt::format("      <system-out>{}</system-out>\n",
                  escaped(fmt::format("{} over seeds {}", row.pooled, seeds_text(scenario.seeds))));
  return xml + "    </testcase>\n";
}

std::string bad_xml(const TestedScenario& scenario) {
  std::string errors;
  for (const Error& error : scenario.errors) errors += to_text(error) + "\n";
  return fmt::format(
      "    <testcase classname=\"{0}\" name=\"check\" file=\"{0}\" time=\"0\">\n"
      "      <error type=\"bad scenario\" message=\"{1}\">{2}</error>\n"
      "    </testcase>\n",
      escaped(scenario.file), escaped(to_text(scenario.errors.front())), escaped(errors));
}

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
};

std::string counts_xml(const Counts& counts) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"0\"",
                     counts.tests, counts.failures, counts.errors);
}

Counts count(const TestedScenario& scenario) {
  if (!scenario.loaded()) return {1, 0, 1};
  Counts counts{scenario.expectations.size(), 0, 0};
  for (const TestedExpectation& row : scenario.expectations) counts.failures += !row.holds();
  return counts;
}

}  // namespace

std::string junit_xml(const TestReport& report) {
  Counts all;
  std::string suites;
  for (const TestedScenario& scenario : report.scenarios) {
    const Counts counts = count(scenario);
    all.tests += counts.tests;
    all.failures += counts.failures;
    all.errors += counts.errors;
    suites +=
        fmt::format("  <testsuite name=\"{}\" {}>\n", escaped(scenario.name), counts_xml(counts));
    if (!scenario.loaded()) suites += bad_xml(scenario);
    if (scenario.loaded()) {
      suites += fmt::format(
          "    <properties>\n      <property name=\"seeds\" value=\"{}\"/>\n"
          "    </properties>\n",
          seeds_text(scenario.seeds));
    }
    for (const TestedExpectation& row : scenario.expectations) suites += case_xml(scenario, row);
    suites += "  </testsuite>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"longhaul\" {}>\n{}</testsuites>\n",
      counts_xml(all), suites);
}

}  // namespace longhaul
