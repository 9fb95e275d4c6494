#include <fmt/format.h>

#include "cli/test_report.h"
#include "run/escaped_text.h"

namespace longhaul {
namespace {

std::string replays_text(const TestedScenario& scenario) {
  std::string text;
  for (const std::string& replay : scenario.replays) text += replay + "\n";
  return text;
}

std::string place(const std::string& file, int line) {
  return line > 0 ? fmt::format("{}:{}", file, line) : file;
}

struct Case {
  std::string scenario;
  std::string name;
  std::string found;    // whether it failed or not
  std::string problem;  // its kind; empty: none
  std::string message;
  std::string text;
};

std::string case_xml(const Case& one, const char* element = "failure") {
  std::string xml = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\">\n",
                                escaped(one.scenario), escaped(one.name));
  if (!one.problem.empty()) {
    xml += fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", element,
                       escaped(one.problem), escaped(one.message), escaped(one.text));
  }
  if (!one.found.empty()) {
    xml += fmt::format("      <system-out>{}</system-out>\n", escaped(one.found));
  }
  return xml + "    </testcase>\n";
}

std::string case_xml(const TestedScenario& scenario, const TestedExpectation& row) {
  Case one{scenario.name,
           row.metric + " " + row.text,
           fmt::format("{} over seeds {}", row.pooled, seeds_text(scenario.seeds)),
           "",
           "",
           ""};
  if (!row.holds()) {
    one.problem = row.no_samples ? "no samples" : "missed";
    one.message =
        fmt::format("found {}; missed in seeds {}", row.pooled, seeds_text(row.failing_seeds));
    one.text = fmt::format("{}\n{}: {} {}\n{}", one.message, place(scenario.file, row.line),
                           row.metric, row.text, replays_text(scenario));
  }
  return case_xml(one);
}

std::string case_xml(const TestedScenario& scenario, const BaselineRow& row) {
  Case one{scenario.name, "baseline " + row.name(), row.text(), "", "", ""};
  if (row.missed()) {
    one.problem = row.state == BaselineState::missing ? "missing" : "worse";
    one.message = row.text();
    one.text = fmt::format("{}\n{}\n", row.text(), place(scenario.baseline_file, row.line));
    if (!scenario.baseline_replay.empty()) one.text += scenario.baseline_replay + "\n";
  }
  return case_xml(one);
}

std::string bad_xml(const TestedScenario& scenario) {
  std::string errors;
  for (const Error& error : scenario.errors) errors += to_text(error) + "\n";
  return case_xml(
      {scenario.file, "check", "", "bad scenario", to_text(scenario.errors.front()), errors},
      "error");
}

// What the baseline does not know yet is nothing to judge.
bool is_case(const BaselineRow& row) { return row.state != BaselineState::added; }

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
};

std::string counts_xml(const Counts& counts) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\"", counts.tests,
                     counts.failures, counts.errors);
}

Counts count(const TestedScenario& scenario) {
  if (!scenario.loaded()) return {1, 0, 1};
  Counts counts;
  for (const TestedExpectation& row : scenario.expectations) {
    counts.tests += 1;
    counts.failures += !row.holds();
  }
  for (const BaselineRow& row : scenario.baseline) {
    counts.tests += is_case(row);
    counts.failures += row.missed();
  }
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
    suites += fmt::format("  <testsuite name=\"{}\" {} skipped=\"0\" file=\"{}\">\n",
                          escaped(scenario.name), counts_xml(counts), escaped(scenario.file));
    if (!scenario.loaded()) suites += bad_xml(scenario);
    if (!scenario.seeds.empty()) {
      suites += fmt::format(
          "    <properties>\n      <property name=\"seeds\" value=\"{}\"/>\n"
          "    </properties>\n",
          seeds_text(scenario.seeds));
    }
    for (const TestedExpectation& row : scenario.expectations) suites += case_xml(scenario, row);
    for (const BaselineRow& row : scenario.baseline) {
      if (is_case(row)) suites += case_xml(scenario, row);
    }
    suites += "  </testsuite>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"longhaul\" {}>\n{}</testsuites>\n",
      counts_xml(all), suites);
}

}  // namespace longhaul
