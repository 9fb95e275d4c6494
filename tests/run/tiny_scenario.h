// A scenario of two regions that runs in some milliseconds, for tests of what comes after the run.
#pragma once

#include <string>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

inline const std::string tiny_scenario = R"({
  "format": 1, "name": "tiny", "purpose": "A test.", "seeds": "1..3",
  "duration": "20s", "warmup": "1s",
  "topology": {
    "regions": ["aws:us-east-1", "aws:eu-west-1"],
    "nodes": [{"name": "db-us", "region": "aws:us-east-1", "role": "primary"},
              {"name": "db-eu", "region": "aws:eu-west-1", "role": "replica", "follows": "db-us"}],
    "apps": [{"name": "app-us", "region": "aws:us-east-1", "instances": 1},
             {"name": "app-eu", "region": "aws:eu-west-1", "instances": 1}]
  },
  "data": [{"name": "profile", "rows": "1000", "row_bytes": "400B"}],
  "workload": [{"name": "eu", "from": "aws:eu-west-1", "sessions": 10, "rate": "20/s",
    "pages": [{"name": "show", "weight": 3, "calls": [{"read": "profile"}]},
              {"name": "save", "weight": 1, "calls": [{"write": "profile"}]}]}],
  "expect": {
    "page_latency{region:aws:eu-west-1}": ["p(95) < 10s", "max < 1ms"],
    "read_your_writes_violations": ["count == 0"]
  }
})";

inline Scenario load_tiny(std::vector<std::string> sets = {}) {
  const ReadText read = [](const std::string&) -> Result<std::string> { return tiny_scenario; };
  return load_scenario("tiny.json", {.sets = std::move(sets)}, read).value();
}

}  // namespace longhaul
