#include "run/drill/script.h"

#include "tests/run/drill/small_drill.h"

using namespace longhaul;
namespace drill = longhaul::small_drill;

namespace {

std::string mistakes(const std::string& script) {
  const DrillSetup setup(drill::scenario());
  const Result<std::vector<ScriptRule>> parsed = parse_script(setup, "x.actions", script);
  std::string text;
  if (parsed) return text;
  for (const Error& error : parsed.errors()) text += to_text(error) + "\n";
  return text;
}

DrillPlay played(const std::string& script, std::size_t variant) {
  const DrillSetup setup(drill::scenario());
  DrillPlay play{{variant, 1}, 1, {}};
  play_script(setup, parse_script(setup, "x.actions", script).value(), play);
  return play;
}

}  // namespace

TEST_CASE("drill script: mistakes are named with their line", "[run][drill]") {
  REQUIRE(mistakes("# fine\nat 30s: ack\n\nwhen done promote db-eu for 10s: verify\n").empty());
  REQUIRE(mistakes("at 30s: promote db-ue\n") ==
          "x.actions:1: promote db-ue; expected a command of this drill; did you mean \"promote "
          "db-eu\"?\n");
  REQUIRE(mistakes("\nat 1500ms: ack\n") ==
          "x.actions:2: 1500ms; expected whole seconds such as \"90s\"\n");
  REQUIRE(mistakes("ack\n") == "x.actions:1: ack; expected a condition, a colon and a command\n");
  REQUIRE(mistakes("if rain: ack\n").find("\"at TIME\" or \"when\"") != std::string::npos);
  REQUIRE(mistakes("when alarm server_down(db-su): ack\n")
              .find("did you mean "
                    "\"server_down(db-us)\"") != std::string::npos);
  REQUIRE(mistakes("when answer check db-us: ack\n").find("in quotes") != std::string::npos);
}

TEST_CASE("drill script: a rule fires once, when its condition has held", "[run][drill]") {
  // The alarm is up at 67 s (session_test.cpp), the check of 4 s ordered at 77 s is answered at
  // 81 s. The cut ends at 120 s: the sample of that second is taken behind it and clears the alarm
  // at 122 s.
  const DrillPlay play = played(
      "when alarm server_down(db-us) for 10s: check db-us\n"
      "when answer check db-us \"no answer\": ack\n"
      "when answer check db-us \"up\": declare\n"
      "when cleared server_down(db-us) for 5s: done\n",
      drill::blip);
  const DrillSetup setup(drill::scenario());
  REQUIRE(script_text(setup, play.commands) == "at 77s: check db-us\nat 81s: ack\nat 127s: done\n");
}

TEST_CASE("drill script: whenever fires at each alarm and at each answer", "[run][drill]") {
  // As above, and again: the cut ends at 120 s and the alarm at 122 s; the second outage begins at
  // 180 s, so its alarm comes 120 s after the first, at 187 s, and lasts to the end.
  Scenario scenario = drill::scenario();
  FaultConfig second = scenario.config.drill->variants[drill::blip].faults.front();
  second.at = seconds(180);
  scenario.config.drill->variants[drill::blip].faults.push_back(second);
  const DrillSetup setup(scenario);
  const auto commands = [&](const std::string& script) {
    DrillPlay play{{drill::blip, 1}, 1, {}};
    play_script(setup, parse_script(setup, "x.actions", script).value(), play);
    return script_text(setup, play.commands);
  };
  REQUIRE(commands("whenever alarm server_down(db-us) for 10s: check db-us\n"
                   "whenever answer check db-us \"no answer\": ack\n"
                   "whenever cleared server_down(db-us): verify\n"
                   "when alarm server_down(db-us): declare\n") ==
          "at 67s: declare\nat 77s: check db-us\nat 81s: ack\nat 122s: verify\n"
          "at 197s: check db-us\nat 201s: ack\nat 242s: verify\n");
}

TEST_CASE("drill script: a record plays again as it was", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  const DrillPlay first =
      played("when alarm any: promote db-eu\nat 150s: note all is well\n", drill::lost);
  const std::string record = script_text(setup, first.commands);
  REQUIRE(record == "at 67s: promote db-eu\nat 150s: note all is well\n");
  REQUIRE(script_text(setup, played(record, drill::lost).commands) == record);
}
