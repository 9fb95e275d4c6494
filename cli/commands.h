// One function a subcommand: it gets its arguments, prints its result and returns the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "cli/terminal.h"

namespace longhaul {

namespace exit_code {
constexpr int ok = 0;
constexpr int usage = 2;
constexpr int bad_input = 65;   // a scenario, or data that goes with it
constexpr int fault = 70;       // ours: a failed CHECK, or nothing to write the result to
constexpr int missed = 99;      // an expectation; of diff: the runs differ
constexpr int interrupted = 130;
}  // namespace exit_code

// What every command that loads scenarios takes.
struct ScenarioArgs {
  std::vector<std::string> sets;
  std::string rtt_csv;
  std::optional<Duration> until;
  std::optional<std::uint64_t> permute_ties;
};

struct RunArgs {
  std::string scenario;
  ScenarioArgs with;
  std::optional<std::uint64_t> seed;
  bool json = false;
  std::string out;
};

int cmd_run(const RunArgs& args, Terminal& terminal);

}  // namespace longhaul
