// What `longhaul explain` is asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace longhaul {

struct ExplainArgs {
  std::string run;  // a directory of `run --out`, or a scenario
  ScenarioArgs with;
  std::optional<std::uint64_t> seed;
  std::string request;             // empty: those that --find names, or the worst of each kind
  std::vector<std::string> finds;  // stale, slowest, error, ryw_violation, region:NAME
  bool json = false;
};

int cmd_explain(const ExplainArgs& args, Terminal& terminal);

}  // namespace longhaul
