// The command line: subcommands, their options, exit codes. What they do is in cmd_*.cpp.
#include <CLI/CLI.hpp>
#include <functional>
#include <new>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "run/report.h"

namespace longhaul {
namespace {

struct Parsed {
  bool quiet = false;
  bool verbose = false;
  RunArgs run;
  std::function<int(Terminal&)> command;
};

// A text that a reader of ours understands, or a usage error.
template <class T>
void add_parsed(CLI::App& app, const std::string& name, std::optional<T>& value,
                const std::string& expected,
                const std::function<std::optional<T>(const std::string&)>& parse,
                const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [&value, name, expected, parse](const std::string& text) {
           value = parse(text);
           if (!value) throw CLI::ValidationError(name, text + ": expected " + expected);
         },
         help)
      ->type_name(expected);
}

std::optional<std::uint64_t> parse_whole(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  try {
    return std::stoull(text);
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

std::optional<Duration> parse_duration(const std::string& text) {
  const Result<Duration> parsed = parse_text<Duration>(text);
  if (!parsed) return std::nullopt;
  return parsed.value();
}

std::optional<std::uint64_t> parse_tie_order(const std::string& text) {
  const std::string prefix = "permute:";
  return text.starts_with(prefix) ? parse_whole(text.substr(prefix.size())) : std::nullopt;
}

void add_common(CLI::App& app, Parsed& parsed) {
  app.add_flag("--quiet", parsed.quiet, "No progress and no log");
  app.add_flag("--verbose", parsed.verbose, "The log also when standard error is no terminal");
}

void add_scenario_options(CLI::App& app, ScenarioArgs& args) {
  app.add_option("--set", args.sets, "Puts a value over the scenario's: workload.eu.rate=50/s")
      ->type_name("PATH=VALUE")->allow_extra_args(false);
  app.add_option("--rtt-csv", args.rtt_csv, "Your own round trips, rows of from,to,milliseconds")
      ->type_name("FILE");
  add_parsed<Duration>(app, "--until", args.until, "TIME", parse_duration,
                       "Ends the run at this simulated time, such as 5min");
  add_parsed<std::uint64_t>(app, "--tie-order", args.permute_ties, "permute:SEED", parse_tie_order,
                            "Shuffles events of one instant between different targets");
}

void add_run(CLI::App& app, Parsed& parsed) {
  CLI::App& sub = *app.add_subcommand("run", "Runs one scenario with one seed");
  RunArgs& args = parsed.run;
  sub.add_option("scenario", args.scenario, "The scenario file")->required()->type_name("FILE");
  add_parsed<std::uint64_t>(sub, "--seed", args.seed, "N", parse_whole,
                            "Instead of the scenario's first");
  sub.add_flag("--json", args.json, "The result as JSON");
  sub.add_option("--out", args.out, "Keeps result.json, report.txt and scenario.json there")
      ->type_name("DIR");
  add_scenario_options(sub, args.with);
  add_common(sub, parsed);
  sub.callback([&] {
    parsed.command = [&](Terminal& terminal) { return cmd_run(args, terminal); };
  });
}

int main_of(int argc, char** argv) {
  Parsed parsed;
  CLI::App app("Rehearses a multi-region PostgreSQL system before anyone provisions it.");
  app.name("longhaul");
  app.require_subcommand(1);
  app.set_version_flag("--version", "longhaul " + std::string(release));
  add_run(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_code::ok : exit_code::usage;
  }
  Terminal terminal;
  terminal.set_quiet(parsed.quiet);
  terminal.set_verbose(parsed.verbose);
  watch_for_interrupt();
  const int code = parsed.command(terminal);
  return terminal.finish() ? code : exit_code::fault;
}

}  // namespace
}  // namespace longhaul

int main(int argc, char** argv) {
  try {
    return longhaul::main_of(argc, argv);
  } catch (const std::exception& error) {
    // A library of ours gave up, most likely for lack of memory.
    std::fprintf(stderr, "longhaul: internal fault: %s\n", error.what());
    return longhaul::exit_code::fault;
  }
}
