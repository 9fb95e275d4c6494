// What `longhaul test` found, scenario by scenario, and the forms in which it is told.
//
// One struct is filled once; the text for people, JUnit XML, Markdown and annotations print it.
// Nothing in it depends on the number of threads or on the clock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/baseline.h"
#include "run/scenario.h"
#include "run/sweep.h"

namespace longhaul {

struct TestedExpectation {
  std::string metric;  // with its labels, as written
  std::string text;
  int line = 0;
  // Value over all seeds (of a count: its least and its most), with the bound of a zero.
  std::string pooled;
  std::vector<std::uint64_t> failing_seeds;
  bool no_samples = false;  // in a failing seed

  bool holds() const { return failing_seeds.empty(); }
};

struct TestedScenario {
  std::string file;
  std::string name;           // the file while the scenario is not known
  std::vector<Error> errors;  // it could not be loaded
  std::size_t seeds_asked = 0;
  std::vector<std::uint64_t> seeds;  // finished
  std::vector<TestedExpectation> expectations;
  std::vector<std::string> replays;  // a command for each failing seed
  std::string baseline_file;         // empty: it is held to none
  std::string baseline_replay;       // the command that holds it to that again
  std::vector<BaselineRow> baseline;
  bool changed_since = false;  // the scenario is not the one of the baseline

  bool loaded() const { return errors.empty(); }
  bool complete() const { return seeds.size() == seeds_asked; }
  // Only the baseline knows it.
  bool is_absent() const { return loaded() && seeds_asked == 0; }
  std::size_t count(BaselineState state) const;
  bool misses_baseline() const;
  bool holds() const;
};

struct TestReport {
  std::vector<TestedScenario> scenarios;
  bool interrupted = false;
  std::string renew = {};  // the command that writes the baseline anew

  std::size_t bad_count() const;
  std::size_t missed_count() const;
  int code() const;  // exit code
};

TestedScenario tested(const Scenario& scenario, const SeedRange& seeds, const SweepResult& result,
                      const std::vector<std::string>& replays);

// "1..5", "2, 4, 7..9"
std::string seeds_text(const std::vector<std::uint64_t>& seeds);

// `quiet`: only what did not hold.
std::string scenario_text(const TestedScenario& scenario, bool quiet, bool colour);
std::string summary_text(const TestReport& report, bool colour);

// testsuites > testsuite (a scenario) > testcase (an expectation, or a figure of the baseline), the
// core that Jenkins, GitLab and GitHub actions read. The scenario stands in classname and what was
// found in the text, because GitLab drops names of suites, properties and messages; files stand in
// the suite and in the text, because Jenkins' xUnit plug-in refuses a report with a file in a case.
// Times are 0: a report is the same on every machine. docs/ci.md names the schema.
std::string junit_xml(const TestReport& report);

// At most a mebibyte, which is what GitHub takes as a step's summary.
std::string summary_markdown(const TestReport& report);

// "::error file=,line=::" for each expectation that was missed and each mistake in a scenario.
std::string github_annotations(const TestReport& report);
std::string github_annotation(const Error& error);

}  // namespace longhaul
