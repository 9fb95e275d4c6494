// How commands take their options: the texts that are understood, the options that many share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"

namespace longhaul {

// What the command line was parsed into, as far as all commands share it.
struct Common {
  bool quiet = false;
  bool verbose = false;
  std::function<int(Terminal&)> command;
  std::vector<std::shared_ptr<void>> kept;

  // Arguments that live as long as this.
  template <class Args>
  Args& keep() {
    auto args = std::make_shared<Args>();
    kept.push_back(args);
    return *args;
  }
};

std::optional<std::uint64_t> parse_whole(const std::string& text);
std::optional<Duration> parse_duration(const std::string& text);
// At most a week, as far as recovery_min_apply_delay goes.
std::optional<std::vector<Duration>> parse_durations(const std::string& text);
std::optional<std::uint64_t> parse_tie_order(const std::string& text);
std::optional<SeedRange> parse_seed_range(const std::string& text);
std::optional<unsigned> parse_jobs(const std::string& text);
// "1min..5min"
std::optional<std::pair<Duration, Duration>> parse_window(const std::string& text);

// A text that a reader of ours understands, or a usage error.
template <class T>
void add_parsed(CLI::App& app, const std::string& name, std::optional<T>& value,
                const std::string& type, const std::string& expected,
                const std::function<std::optional<T>(const std::string&)>& parse,
                const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [&value, name, expected, parse](const std::string& text) {
           value = parse(text);
           if (!value) throw CLI::ValidationError(name, text + ": expected " + expected);
         },
         help)
      ->type_name(type);
}

void add_list(CLI::App& app, const std::string& name, std::vector<std::string>& list,
              const std::string& type, const std::string& help);
void add_scenario_options(CLI::App& app, ScenarioArgs& args);
void add_seeds(CLI::App& app, std::optional<SeedRange>& seeds, const std::string& help);
void add_jobs(CLI::App& app, std::optional<unsigned>& jobs);
void add_json(CLI::App& app, bool& json, const std::string& help = "As JSON");

// A subcommand with what all have. `run` is called when it is chosen and everything is parsed.
CLI::App& add_command(CLI::App& app, Common& parsed, const std::string& name,
                      const std::string& help, std::function<int(Terminal&)> run);

void add_crash_options(CLI::App& sub, CrashPlan& crash);
void add_sweep(CLI::App& app, Common& parsed);
void add_merge(CLI::App& app, Common& parsed);
void add_explain(CLI::App& app, Common& parsed);

}  // namespace longhaul
