// The ready answers: lag-threshold, data-loss, outage, pareto and sensitivity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/options.h"

namespace longhaul {

// What all of them take.
struct AnswerArgs {
  std::string scenario;
  ScenarioArgs with;
  std::optional<SeedRange> seeds;
  std::optional<unsigned> jobs;
  bool json = false;
  std::string svg;  // file; empty: none
};

struct LagThresholdArgs : AnswerArgs {
  std::optional<std::vector<Duration>> values;
};

struct CrashArgs : AnswerArgs {
  CrashPlan crash;
  std::string store;  // empty: nothing is kept
};

struct ParetoArgs : AnswerArgs {
  std::vector<std::string> scenarios;
  std::vector<std::string> vary;
  std::string latency = "page_latency";
  std::string value = "p(95)";
  CrashPlan crash;
};

struct SensitivityArgs : AnswerArgs {
  std::string metric = "page_latency";
  std::string value = "p(95)";
  std::vector<std::string> knobs;
  std::string by = "2";
};

int cmd_lag_threshold(const LagThresholdArgs& args, Terminal& terminal);
int cmd_data_loss(const CrashArgs& args, Terminal& terminal);
int cmd_outage(const CrashArgs& args, Terminal& terminal);
int cmd_pareto(const ParetoArgs& args, Terminal& terminal);
int cmd_sensitivity(const SensitivityArgs& args, Terminal& terminal);

void add_answers(CLI::App& app, Common& parsed);

// False, and the reason is said, when the file cannot be written. Nothing to do without a name.
bool write_picture(const std::string& file, const std::string& svg, Terminal& terminal);

}  // namespace longhaul
