#include "run/baseline.h"

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

BaselineFigure latency(const std::string& value, BaselineTolerance tolerance,
                       BaselineDirection direction = BaselineDirection::lower_is_better) {
  return {"read_latency{region:x}", "p(95)", value, std::move(tolerance), direction};
}

BaselineTolerance relative(std::int64_t percents) { return {percent(percents), std::nullopt}; }

BaselineState state_of(const BaselineFigure& held, Duration is) {
  return judge_figure(held, 7, {held, is.ns, ""}).state;
}

Baseline read(const std::string& text) { return parse_baseline("b.json", text).value(); }

const std::string one_scenario = R"json({
  "format": 1, "release": "1", "catalogue": "c",
  "scenarios": [{
    "scenario": "tiny", "file": "tiny.json", "digest": "d", "seeds": "1..2",
    "figures": [
      {"metric": "reads", "aggregation": "count", "value": "812", "tolerance": {"relative": "10%"},
       "direction": "higher_is_better"},
      {"metric": "page_latency{region:aws:eu-west-1}", "aggregation": "p(95)", "value": "24.5ms",
       "tolerance": {"absolute": "1ms"}, "direction": "either"}
    ]
  }]
})json";

}  // namespace

TEST_CASE("run baseline a figure may worsen by the larger of both tolerances", "[run][baseline]") {
  // 5 % of 100 ms is 5 ms, more than 1 ms; of 10 ms it is 0.5 ms, less.
  const BaselineTolerance both{percent(5), "1ms"};
  REQUIRE(state_of(latency("100ms", both), milliseconds(105)) == BaselineState::held);
  REQUIRE(state_of(latency("100ms", both), milliseconds(106)) == BaselineState::worse);
  REQUIRE(state_of(latency("10ms", both), milliseconds(11)) == BaselineState::held);
  REQUIRE(state_of(latency("10ms", both), microseconds(11'001)) == BaselineState::worse);
  REQUIRE(state_of(latency("100ms", both), milliseconds(95)) == BaselineState::held);
  REQUIRE(state_of(latency("100ms", both), milliseconds(94)) == BaselineState::better);
  // Without either, any change counts; of nothing, a share is nothing.
  REQUIRE(state_of(latency("10ms", {}), milliseconds(10)) == BaselineState::held);
  REQUIRE(state_of(latency("10ms", {}), Duration{10'000'001}) == BaselineState::worse);
  REQUIRE(state_of(latency("0s", relative(50)), Duration{1}) == BaselineState::worse);
}

TEST_CASE("run baseline the direction says what is worse", "[run][baseline]") {
  const auto higher = BaselineDirection::higher_is_better;
  const auto either = BaselineDirection::either;
  REQUIRE(state_of(latency("10ms", relative(10), higher), milliseconds(8)) == BaselineState::worse);
  REQUIRE(state_of(latency("10ms", relative(10), higher), milliseconds(12)) ==
          BaselineState::better);
  REQUIRE(state_of(latency("10ms", relative(10), either), milliseconds(8)) == BaselineState::worse);
  REQUIRE(state_of(latency("10ms", relative(10), either), milliseconds(12)) ==
          BaselineState::worse);
  REQUIRE(state_of(latency("10ms", relative(10), either), milliseconds(11)) == BaselineState::held);
}

TEST_CASE("run baseline a miss says what was, what is and what was allowed", "[run][baseline]") {
  const BaselineFigure held = latency("24.2ms", {percent(5), "1ms"});
  const BaselineRow row = judge_figure(held, 7, {held, milliseconds(31).ns, ""});
  REQUIRE(row.missed());
  REQUIRE(row.line == 7);
  // 31 / 24.2 is 1.281
  REQUIRE(row.text() == "was 24.2ms, is 31ms (+28.1%), tolerance 5% or 1ms");
  const BaselineRow gone = judge_figure(held, 7, {held, std::nullopt, "no samples"});
  REQUIRE(gone.missed());
  REQUIRE(gone.text() == "was 24.2ms, is missing: no samples");
  // Three digits alone would say "was 1s, is 1s".
  const BaselineFigure close = latency("1s", {});
  REQUIRE(judge_figure(close, 1, {close, milliseconds(1001).ns, ""}).text() ==
          "was 1s, is 1.001s (+0.1%), tolerance none");
}

TEST_CASE("run baseline the file is read as it is written", "[run][baseline]") {
  const Baseline baseline = read(one_scenario);
  REQUIRE(baseline.find("tiny") == std::optional<std::size_t>{0});
  REQUIRE_FALSE(baseline.find("large"));
  REQUIRE(baseline.figure_lines == std::vector<std::vector<int>>{{6, 8}});
  REQUIRE(baseline.catalogue_line == 2);
  const std::string text = baseline_text(baseline.config);
  REQUIRE(read(text).config == baseline.config);
  REQUIRE(baseline_text(read(text).config) == text);
  BaselineConfig edited = baseline.config;
  edited.scenarios[0].until = minutes(1);
  edited.scenarios[0].leave_out = {"stale_reads", "a \"quoted\" one"};
  edited.scenarios.push_back({"empty", "", "", {3, 3}, std::nullopt, {}, {}});
  REQUIRE(read(baseline_text(edited)).config == edited);
}

TEST_CASE("run baseline every mistake of a file comes with its place", "[run][baseline]") {
  std::string text = one_scenario;
  const auto put = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  put("\"812\"", "\"812ms\"");
  put("\"1ms\"", "\"-1ms\"");
  const std::vector<Error> values = parse_baseline("b.json", text).errors();
  REQUIRE(values.size() == 2);
  REQUIRE(to_text(values[0]) ==
          "b.json:6:60: scenarios[0].figures[0].value: \"812ms\"; expected a whole number");
  REQUIRE(values[1].path == "scenarios[0].figures[1].tolerance.absolute");
  REQUIRE(values[1].line == 9);
  put("\"direction\": \"higher_is_better\"", "\"direktion\": \"up\"");
  put("\"format\": 1", "\"format\": 2");
  const std::vector<Error> keys = parse_baseline("b.json", text).errors();
  REQUIRE(keys.size() == 2);
  REQUIRE(keys[0].path == "format");
  REQUIRE(keys[1].nearest == "direction");
  text = one_scenario;
  put("\"page_latency{region:aws:eu-west-1}\", \"aggregation\": \"p(95)\", \"value\": "
      "\"24.5ms\"",
      "\"reads\", \"aggregation\": \" count\", \"value\": \"1\"");
  put("\"1ms\"", "\"1\"");
  REQUIRE(parse_baseline("b.json", text).errors()[0].expected == "each figure of a scenario once");
}

TEST_CASE("run baseline figures are the same however their labels are written", "[run][baseline]") {
  const auto key = [](const char* metric) { return key_of({metric, "p(95)", "", {}, {}}); };
  REQUIRE(key("a{x:1,y:2}") == key("a{ y:2, x:1 }"));
  REQUIRE(key("a{x:1}") != key("a{x:2}"));
  REQUIRE(key("a") != key("a{x:1}"));
}

TEST_CASE("run baseline held is what a scenario expects, and the core", "[run][baseline]") {
  const Scenario scenario =
      load_tiny({R"json(expect={"reads": ["count > 5"], "errors": ["share == 0%"],
      "availability": ["share == 100%"], "page_latency": ["p(50) > 1ms", "p(50) < 9s"]})json"});
  const std::vector<BaselineFigure> figures = default_figures(scenario);
  REQUIRE(figures[0].metric == "reads");
  REQUIRE(figures[0].direction == BaselineDirection::higher_is_better);
  REQUIRE(figures[1].direction == BaselineDirection::lower_is_better);   // errors: from zero
  REQUIRE(figures[2].direction == BaselineDirection::higher_is_better);  // availability
  REQUIRE(figures[3].direction == BaselineDirection::either);            // between two bounds
  std::vector<std::string> keys;
  for (const BaselineFigure& figure : figures) keys.push_back(key_of(figure));
  for (const char* wanted : {"write_outage max", "lost_transactions count", "stale_reads share",
                             "read_your_writes_violations count", "cost_usd_per_month avg"}) {
    REQUIRE(std::count(keys.begin(), keys.end(), wanted) == 1);
  }
  REQUIRE(std::count(keys.begin(), keys.end(), "errors share") == 1);  // of expect and of the core
}

TEST_CASE("run baseline what is found leaves a sweep as it was", "[run][baseline]") {
  const Scenario alone = load_tiny();
  const SweepResult before = run_seeds(alone, {1, 2}, 1);
  Scenario scenario = load_tiny();
  const WantedFigures wanted = want_figures(
      scenario, {{"reads", "count", "", {}, {}},
                 {"looks", "count", "", {}, {}},
                 {"cost_usd_per_month", "avg", "", {}, {}},
                 {"read_latency{region:aws:us-east-1}", "p(95)", "", {}, {}}});  // nobody's users
  SweepResult result = run_seeds(scenario, {1, 2}, 1);
  const std::vector<FoundFigure> found = take_figures(wanted, scenario, result);
  REQUIRE(result.pooled.size() == before.pooled.size());
  REQUIRE(result.seeds[1].verdicts.size() == before.seeds[1].verdicts.size());
  REQUIRE(result.seeds[1].digest == before.seeds[1].digest);
  REQUIRE(*found[0].value > 100);
  REQUIRE(found[0].figure.value == std::to_string(*found[0].value));
  REQUIRE(found[1].why_not.find("looks") != std::string::npos);
  REQUIRE(*found[2].value > 0);
  REQUIRE(found[3].why_not == "no samples");
  REQUIRE_FALSE(found[3].value);
}

TEST_CASE("run baseline renewing keeps what somebody decided", "[run][baseline]") {
  const Baseline baseline = read(one_scenario);
  BaselineScenario before = baseline.config.scenarios[0];
  before.leave_out = {"errors"};
  const std::vector<BaselineFigure> figures = figures_to_find(&before, load_tiny());
  REQUIRE(figures[0] == before.figures[0]);
  REQUIRE(figures[1] == before.figures[1]);
  std::vector<FoundFigure> found;
  for (const BaselineFigure& figure : figures) {
    REQUIRE(figure.metric != "errors");
    found.push_back({figure, 1, ""});
    found.back().figure.value = "new";
  }
  found[0] = {figures[0], std::nullopt, "no samples"};
  const BaselineScenario after = renewed(&before, found);
  REQUIRE(after.figures.size() == figures.size() - 1);
  REQUIRE(after.figures[0].value == "new");
  REQUIRE(after.figures[0].tolerance == before.figures[1].tolerance);
  REQUIRE(after.figures[0].direction == BaselineDirection::either);
  REQUIRE(after.leave_out == before.leave_out);
}

}  // namespace longhaul
