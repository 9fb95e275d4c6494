// Every file of tests/bad_scenarios is a small scenario with one thing wrong, named for it. Its
// first lines say what the loader must answer, one line for each error and no error more:
//
//   // semantic
//   // expect: 8:82 topology.nodes.db-eu.follows | did you mean "db-us"?
//
// place (line:column, or file:line:column when it is in another file), path, and a piece of the
// text that tells the way out. Where a comment cannot stand, NAME.expect holds the same lines.
#include "tests/run/bad_scenarios.h"

#include <nlohmann/json.hpp>

#include "run/scenario.h"
#include "tests/catch.h"

using namespace longhaul;

namespace {

std::string without(std::string text, const std::string& prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

// "12:18 path" as the expectations write it.
std::string place_of(const Error& error, const BadScenario& bad) {
  const std::string file = without(error.file, bad_scenarios_dir());
  std::string place = file == bad.name + ".json" ? "" : file + ":";
  place += std::to_string(error.line) + ":" + std::to_string(error.column);
  return error.path.empty() ? place : place + " " + error.path;
}

std::vector<std::string> lines_of(const std::vector<Error>& errors) {
  std::vector<std::string> lines;
  for (const Error& error : errors) lines.push_back(to_text(error));
  return lines;
}

Result<Scenario> load_text(const std::string& text, std::vector<std::string> sets = {}) {
  const ReadText read = [&](const std::string&) -> Result<std::string> { return text; };
  return load_scenario("x.json", {.sets = std::move(sets)}, read);
}

std::string sound_text() {
  return read_text_file(bad_scenarios_dir() + "parts/sound.json").value();
}

}  // namespace

TEST_CASE("bad_scenarios: each is refused at its place with the way out", "[run][bad_scenarios]") {
  const std::vector<BadScenario> all = bad_scenarios();
  REQUIRE(all.size() >= 150);
  for (const BadScenario& bad : all) {
    CAPTURE(bad.name);
    const Result<Scenario> scenario = load_scenario(bad_scenarios_dir() + bad.name + ".json");
    CAPTURE(lines_of(scenario.errors()));
    REQUIRE_FALSE(scenario.ok());
    REQUIRE(scenario.errors().size() == bad.expected.size());
    for (std::size_t i = 0; i < bad.expected.size(); ++i) {
      const Error& error = scenario.errors()[i];
      REQUIRE(place_of(error, bad) == bad.expected[i].place);
      REQUIRE_THAT(to_text(error), Catch::Contains(bad.expected[i].piece));
      REQUIRE_FALSE(error.expected.empty());
    }
  }
}

TEST_CASE("bad_scenarios: what they are broken copies of loads", "[run][bad_scenarios]") {
  REQUIRE(load_text(sound_text()).ok());
  // A byte order mark is a courtesy of some editors, not a mistake.
  REQUIRE(load_text("\xef\xbb\xbf" + sound_text()).ok());
}

TEST_CASE("bad_scenarios: a file cut off anywhere is refused", "[run][bad_scenarios]") {
  const std::string text = sound_text();
  const std::size_t end = text.rfind('}');
  for (std::size_t length = 0; length <= end; ++length) {
    CAPTURE(length);
    const Result<Scenario> scenario = load_text(text.substr(0, length));
    REQUIRE_FALSE(scenario.ok());
    REQUIRE(scenario.errors().front().line > 0);
  }
}

TEST_CASE("bad_scenarios: any one byte made another is refused or loads", "[run][bad_scenarios]") {
  const std::string text = sound_text();
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char c : {'\0', '"', '{', ']', '0', '-', '\\', '\xff'}) {
      std::string changed = text;
      changed[at] = c;
      const Result<Scenario> scenario = load_text(changed);
      if (!scenario.ok()) REQUIRE_FALSE(to_text(scenario.errors().front()).empty());
    }
  }
}

TEST_CASE("bad_scenarios: hostile sizes are refused at once", "[run][bad_scenarios]") {
  // 20 MB is above the 16 MiB of a file, 1 MB of brackets above the depth of 64.
  REQUIRE_FALSE(load_text(std::string(20'000'000, '[')).ok());
  REQUIRE_THAT(to_text(load_text(std::string(1'000'000, '[')).errors().front()),
               Catch::Contains("deeper than 64"));
  std::string keys = "{";
  for (int i = 0; i < 150'000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
  // 500 errors are shown and the last line counts the others.
  const std::vector<Error> errors = load_text(keys + "}").errors();
  REQUIRE(errors.size() == 501);
  REQUIRE_THAT(to_text(errors.back()), Catch::Contains("more mistakes"));
}

TEST_CASE("bad_scenarios: more combinations of names than memory is refused",
          "[run][bad_scenarios]") {
  // 200 pages x 2 regions x N apps, of at most 20,000: 50 apps are enough, 51 are too many.
  std::string pages;
  for (int i = 0; i < 200; ++i) {
    pages += std::string(i == 0 ? "" : ", ") + R"({"name": "page-)" + std::to_string(i) +
             R"(", "calls": [{"read": "profile"}]})";
  }
  const auto with_apps = [&](int count) {
    std::string apps;
    for (int i = 0; i < count; ++i) {
      apps += std::string(i == 0 ? "" : ", ") + R"({"name": "app-)" + std::to_string(i) +
              R"(", "region": "aws:us-east-1"})";
    }
    return lines_of(load_text(sound_text(),
                              {"topology.apps=[" + apps + "]", "workload.eu.pages=[" + pages + "]"})
                        .errors());
  };
  REQUIRE(with_apps(50) == std::vector<std::string>{});
  REQUIRE(with_apps(51).size() == 1);
  REQUIRE_THAT(with_apps(51).front(), Catch::Contains("20400 combinations"));
}

TEST_CASE("bad_scenarios: --set says what is not modelled and what is unknown",
          "[run][bad_scenarios]") {
  const auto answer = [](const std::string& set) {
    return to_text(load_text(sound_text(), {set}).errors().front());
  };
  REQUIRE_THAT(answer("faults=[{\"kind\": \"crash\", \"at\": \"1s\", \"ramp\": \"1s\"}]"),
               Catch::Contains("\"ramp\" is not modelled in this version"));
  REQUIRE_THAT(answer("policy.freshness.rule=session_on_replica"),
               Catch::Contains("\"session_on_replica\" is not modelled in this version"));
  REQUIRE_THAT(answer("topology.nodes.db-eu.follws=db-us"),
               Catch::Contains("did you mean \"follows\"?"));
  REQUIRE_THAT(answer("duration=10 s"), Catch::Contains("did you mean \"10s\"?"));
  REQUIRE_THAT(answer("nonsense"), Catch::Contains("PATH=VALUE"));
}
