#include "cli/test_report.h"

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

TestedScenario good() {
  TestedScenario row;
  row.file = "good.json";
  row.name = "good";
  row.seeds_asked = 3;
  row.seeds = {1, 2, 3};
  row.expectations = {{"reads", "count > 5", 12, "812", {}, false}};
  return row;
}

TestedScenario missed() {
  TestedScenario row = good();
  row.file = "a|b.json";
  row.name = "missed";
  row.expectations.push_back({"read_latency{region:x}", "p(99) < 5ms", 13, "9ms", {1, 3}, false});
  row.replays = {"longhaul run 'a|b.json' --seed 1", "longhaul run 'a|b.json' --seed 3"};
  return row;
}

TestedScenario bad() {
  TestedScenario row;
  row.file = row.name = "bad.json";
  row.errors = {{"bad.json", 4, 9, "topology.nodes.a", "\"x\" & <y>", "a node", "b"}};
  return row;
}

TestReport all() { return {{good(), missed(), bad()}, false}; }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("test_report: codes: bad input wins over a miss, an interrupt over both", "[cli][test]") {
  REQUIRE(TestReport{{good()}, false}.code() == 0);
  REQUIRE(TestReport{{good(), missed()}, false}.code() == 99);
  REQUIRE(all().code() == 65);
  TestReport interrupted = all();
  interrupted.interrupted = true;
  REQUIRE(interrupted.code() == 130);
}

TEST_CASE("test_report: seeds are told as ranges", "[cli][test]") {
  REQUIRE(seeds_text({}).empty());
  REQUIRE(seeds_text({7}) == "7");
  REQUIRE(seeds_text({1, 2}) == "1, 2");
  REQUIRE(seeds_text({1, 2, 3, 5, 8, 9, 10, 11}) == "1..3, 5, 8..11");
}

TEST_CASE("test_report: text: a miss names its seeds and how to replay them", "[cli][test]") {
  REQUIRE(scenario_text(missed(), false, false) ==
          "MISSED  missed  a|b.json, seeds 1..3\n"
          "  ok      reads                   count > 5    812\n"
          "  MISSED  read_latency{region:x}  p(99) < 5ms  9ms  in 2 of 3: 1, 3\n"
          "  longhaul run 'a|b.json' --seed 1\n"
          "  longhaul run 'a|b.json' --seed 3\n");
  REQUIRE(scenario_text(good(), true, false).empty());
  REQUIRE(!contains(scenario_text(missed(), true, false), "count > 5"));
  REQUIRE(summary_text(all(), false) == "3 scenarios: 1 ok, 1 missed, 1 bad\n");
}

TEST_CASE("test_report: text: an interrupted scenario says how far it came", "[cli][test]") {
  TestedScenario row = good();
  row.seeds_asked = 100;
  REQUIRE(contains(scenario_text(row, false, false), "seeds 1..3 of 100, interrupted"));
}

TEST_CASE("test_report: a seed that misses is found, also when all together hold", "[cli][test]") {
  Scenario scenario = load_tiny();
  SweepResult result;
  result.seeds = {{1, {{.holds = true}, {.holds = true}, {.holds = true}}, 10, 1},
                  {2, {{.holds = true}, {.no_samples = true}, {.holds = false}}, 10, 2}};
  result.pooled = {{.holds = true}, {.holds = true}, {.holds = true}};
  const TestedScenario row = tested(scenario, {1, 2}, result, {"replay"});
  REQUIRE(!row.holds());
  REQUIRE(row.expectations[0].failing_seeds.empty());
  REQUIRE(row.expectations[1].failing_seeds == std::vector<std::uint64_t>{2});
  REQUIRE(row.expectations[1].no_samples);
  REQUIRE(!row.expectations[2].no_samples);
  REQUIRE(row.complete());
}

TEST_CASE("test_report: junit: a suite a scenario, a case an expectation", "[cli][test]") {
  REQUIRE(
      junit_xml(all()) ==
      R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="longhaul" tests="4" failures="1" errors="1" time="0">
  <testsuite name="good" tests="1" failures="0" errors="0" time="0" skipped="0" file="good.json">
    <properties>
      <property name="seeds" value="1..3"/>
    </properties>
    <testcase classname="good" name="reads count &gt; 5" time="0">
      <system-out>812 over seeds 1..3</system-out>
    </testcase>
  </testsuite>
  <testsuite name="missed" tests="2" failures="1" errors="0" time="0" skipped="0" file="a|b.json">
    <properties>
      <property name="seeds" value="1..3"/>
    </properties>
    <testcase classname="missed" name="reads count &gt; 5" time="0">
      <system-out>812 over seeds 1..3</system-out>
    </testcase>
)"
      "    <testcase classname=\"missed\" name=\"read_latency{region:x} p(99) &lt; 5ms\" "
      "time=\"0\">\n"
      "      <failure type=\"missed\" message=\"found 9ms; missed in seeds 1, 3\">"
      "found 9ms; missed in seeds 1, 3&#10;a|b.json:13: read_latency{region:x} p(99) &lt; 5ms"
      "&#10;longhaul run &#39;a|b.json&#39; --seed 1&#10;longhaul run &#39;a|b.json&#39; --seed 3"
      "&#10;</failure>\n"
      R"(      <system-out>9ms over seeds 1..3</system-out>
    </testcase>
  </testsuite>
  <testsuite name="bad.json" tests="1" failures="0" errors="1" time="0" skipped="0" file="bad.json">
    <testcase classname="bad.json" name="check" time="0">
)"
      "      <error type=\"bad scenario\" message=\"bad.json:4:9: topology.nodes.a: "
      "&quot;x&quot; &amp; &lt;y&gt;; expected a node; did you mean &quot;b&quot;?\">"
      "bad.json:4:9: topology.nodes.a: &quot;x&quot; &amp; &lt;y&gt;; expected a node; did you "
      "mean "
      "&quot;b&quot;?&#10;</error>\n"
      R"(    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("test_report: junit: control characters cannot break it", "[cli][test]") {
  TestedScenario row = good();
  row.expectations[0].pooled = std::string("a\x01\x1b") + "b\xEF\xBF\xBE" + "\u00E9";
  REQUIRE(contains(junit_xml({{row}, false}), "<system-out>a\uFFFD\uFFFDb\uFFFD\u00E9 over"));
  row.expectations[0].pooled = "no UTF-8: \xE9";
  REQUIRE(contains(junit_xml({{row}, false}), "<system-out>no UTF-8: \uFFFD over"));
}

TEST_CASE("test_report: a baseline that is missed is told wherever expectations are",
          "[cli][test]") {
  TestedScenario row = good();
  row.baseline_file = "base.json";
  row.baseline = {
      {BaselineState::held, "errors", "share", "0%", "0%", "", "none", "", 7},
      {BaselineState::worse, "write_outage", "max", "10s", "20s", "+100.0%", "10%", "", 8},
      {BaselineState::missing, "looks", "count", "5", "", "", "none", "no such metric", 9},
      {BaselineState::better, "stale_reads", "share", "2%", "1%", "-50.0%", "10%", "", 10},
      {BaselineState::added, "reads", "count", "", "812", "", "", "", 0}};
  TestReport report{{row}, false};
  report.renew = "longhaul baseline write x --baseline base.json";
  REQUIRE(report.code() == 99);
  REQUIRE(scenario_text(row, false, false) ==
          "MISSED  good  good.json, seeds 1..3\n"
          "  ok  reads  count > 5  812\n"
          "  base.json: 1 of 4 figures as they were\n"
          "  WORSE    write_outage  max    was 10s  is 20s          +100.0%  tolerance 10%\n"
          "  MISSING  looks         count  was 5    no such metric\n"
          "  better   stale_reads   share  was 2%   is 1%           -50.0%   tolerance 10%\n"
          "  new      reads         count           is 812\n");
  REQUIRE(
      summary_text(report, false) ==
      "1 scenario: 0 ok, 1 missed\n2 figures are better than the baseline or new to it. To hold "
      "on to that:\n  longhaul baseline write x --baseline base.json\n");
  const std::string xml = junit_xml(report);
  REQUIRE(contains(xml, "tests=\"5\" failures=\"2\""));  // what is new is no case
  REQUIRE(contains(xml,
                   "<testcase classname=\"good\" name=\"baseline write_outage max\" time=\"0\">"
                   "\n      <failure type=\"worse\" message=\"was 10s, is 20s (+100.0%), "
                   "tolerance 10%\">was 10s, is 20s (+100.0%), tolerance 10%&#10;base.json:8"
                   "&#10;</failure>"));
  REQUIRE(contains(summary_markdown(report),
                   "| **missed** | good | baseline: looks count | was 5, "
                   "is missing: no such metric | 1..3 |"));
  REQUIRE(github_annotations(report) ==
          "::error file=base.json,line=8::good: write_outage max: was 10s, is 20s (+100.0%25), "
          "tolerance 10%25\n"
          "::error file=base.json,line=9::good: looks count: was 5, is missing: no such metric\n");
  row.baseline.resize(1);
  REQUIRE(row.holds());
}

TEST_CASE("test_report: what only the baseline knows is a miss", "[cli][test]") {
  TestedScenario row;
  row.name = "gone";
  row.file = row.baseline_file = "base.json";
  row.baseline = {{BaselineState::missing, "scenario", "", "held", "", "", "", "nobody ran it", 3}};
  REQUIRE(TestReport{{row}, false}.code() == 99);
  REQUIRE(scenario_text(row, false, false) == "MISSED  gone  base.json: nobody ran it\n");
}

TEST_CASE("test_report: markdown: misses come first and cells stay cells", "[cli][test]") {
  const std::string text = summary_markdown(all());
  REQUIRE(contains(text, "3 scenarios: 1 ok, 1 missed, 1 bad"));
  REQUIRE(contains(text,
                   "| **missed** | missed | read\\_latency{region:x} p(99) &lt; 5ms | 9ms "
                   "| missed in 1, 3 |\n"));
  REQUIRE(text.find("**missed**") < text.find("| ok | good"));
  REQUIRE(contains(text, "```sh\nlonghaul run 'a|b.json' --seed 1\n"));
  // Each row has as many bars as the header, the escaped ones left out.
  const std::string row =
      "| bad | bad.json | bad.json:4:9: topology.nodes.a: \"x\" &amp; &lt;y&gt;";
  REQUIRE(contains(text, row));
}

TEST_CASE("test_report: markdown: it is cut before GitHub refuses it", "[cli][test]") {
  TestReport report = all();
  for (int i = 0; i < 20'000; ++i) report.scenarios.push_back(missed());
  const std::string text = summary_markdown(report);
  REQUIRE(text.size() < (1u << 20));
  REQUIRE(text.size() > (1u << 20) - 2'000);
  REQUIRE(contains(text, "Cut here"));
}

TEST_CASE("test_report: annotations point at the line and cannot be broken out of", "[cli][test]") {
  REQUIRE(github_annotations({{missed()}, false}) ==
          "::error file=a|b.json,line=13::missed: read_latency{region:x} p(99) < 5ms: found 9ms; "
          "missed in seeds 1, 3. Replay: longhaul run 'a|b.json' --seed 1\n");
  Error error{"a,b:c.json", 2, 3, "", "100%\n::error::x", "a share", ""};
  REQUIRE(github_annotation(error) ==
          "::error file=a%2Cb%3Ac.json,line=2,col=3::100%25%0A::error::x; expected a share\n");
}

}  // namespace longhaul
