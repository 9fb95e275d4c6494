// A drill of one primary and one replica an ocean apart: the primary's region goes dark at 60 s,
// for half a minute (blip) or for good (lost). Times of actions are constants.
#pragma once

#include <string>

#include "base/units_text.h"
#include "run/drill/script.h"
#include "tests/catch.h"

namespace longhaul::small_drill {

inline const char* const text = R"({
  "format": 1, "name": "small", "purpose": "A drill for tests.", "duration": "5min",
  "warmup": "20s", "canary": "2/s",
  "topology": {
    "regions": ["aws:us-east-1", "aws:eu-west-1"],
    "nodes": [
      {"name": "db-us", "region": "aws:us-east-1", "role": "primary"},
      {"name": "db-eu", "region": "aws:eu-west-1", "role": "replica", "follows": "db-us"}
    ],
    "apps": [
      {"name": "app-us", "region": "aws:us-east-1", "statement_timeout": "2s"},
      {"name": "app-eu", "region": "aws:eu-west-1", "statement_timeout": "2s"}
    ]
  },
  "data": [{"name": "rows", "rows": "1k"}],
  "workload": [
    {"name": "us", "from": "aws:us-east-1", "enters": "app-us", "sessions": 8, "rate": "2/s",
     "pages": [{"name": "save", "calls": [{"write": "rows"}]}]},
    {"name": "eu", "from": "aws:eu-west-1", "enters": "app-eu", "sessions": 8, "rate": "2/s",
     "pages": [{"name": "save", "calls": [{"write": "rows"}]}]}
  ],
  "drill": {
    "briefing": "Something happens.",
    "signals": {"region": "aws:eu-west-1", "interval": "5s", "delay": "2s", "lasting": "5s"},
    "decide_every": "60s",
    "costs": {"split_brain_write": 4},
    "variants": [
      {"name": "blip", "weight": 7,
       "faults": [{"kind": "region_isolated", "region": "aws:us-east-1", "at": "60s",
                   "for": "60s"}]},
      {"name": "lost", "weight": 3,
       "faults": [{"kind": "region_loss", "region": "aws:us-east-1", "at": "60s"}]}
    ],
    "actions": [
      {"command": "promote db-eu", "takes": "5s",
       "faults": [{"kind": "promote", "node": "db-eu", "at": "0s"}]},
      {"command": "stop db-us", "takes": "5s",
       "faults": [{"kind": "node_loss", "node": "db-us", "at": "0s"}]},
      {"command": "power off db-us", "takes": "5s", "approval": "10s", "reaches": "",
       "faults": [{"kind": "node_loss", "node": "db-us", "at": "0s"}]},
      {"command": "check db-us", "checks": "db-us", "takes": "4s"},
      {"command": "ask virginia", "asks": "aws:us-east-1", "takes": "10s"},
      {"command": "never works", "ends": "pause_replay", "takes": "3s", "fails": "100%"}
    ],
    "injects": [{"name": "boss", "at": "30s", "text": "Well?"}, {"name": "late", "text": "Oh."}]
  }
})";

inline Result<Scenario> load(const std::string& json = text) {
  const auto read = [&json](const std::string&) { return Result<std::string>(json); };
  return load_scenario("small.json", {}, read);
}

inline const Scenario& scenario() {
  static const Scenario loaded = [] {
    Result<Scenario> result = load();
    if (!result) FAIL(to_text(result.errors().front()));
    return std::move(result).value();
  }();
  return loaded;
}

constexpr std::size_t blip = 0;
constexpr std::size_t lost = 1;

inline DrillCommand command(const DrillSetup& setup, const std::string& typed, Duration at = {}) {
  const std::optional<DrillCommand> parsed = parse_command(setup, typed);
  REQUIRE(parsed);
  DrillCommand result = *parsed;
  result.at = at;
  return result;
}

}  // namespace longhaul::small_drill
