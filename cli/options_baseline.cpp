// `longhaul baseline write` and `longhaul baseline diff`.
#include "cli/options_baseline.h"

namespace longhaul {
namespace {

void add_shared(CLI::App& sub, TestArgs& args) {
  sub.add_option("PATH", args.paths, "Scenario files, and directories of them")
      ->required()
      ->type_name("");
  sub.add_option("--baseline", args.baseline, "The baseline's file")->required()->type_name("FILE");
  add_seeds(sub, args.seeds, "Instead of each scenario's own");
  add_jobs(sub, args.jobs);
  add_scenario_options(sub, args.with);
}

}  // namespace

void add_allow_other(CLI::App& sub, TestArgs& args) {
  sub.add_option("--allow-other", args.allow_other,
                 "What may differ from the baseline's runs: seeds, until, catalogue")
      ->type_name("WHAT")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"seeds", "until", "catalogue"}));
}

void add_baseline(CLI::App& app, Common& parsed) {
  CLI::App& both = *app.add_subcommand("baseline", "Keeps figures of scenarios, to be held to");
  both.require_subcommand(1);

  TestArgs& write = parsed.keep<TestArgs>();
  CLI::App& written =
      add_command(both, parsed, "write", "Runs scenarios and keeps their figures in a file",
                  [&](Terminal& terminal) { return cmd_baseline_write(write, terminal); });
  add_shared(written, write);
  written.footer(
      "Tolerances, directions and omissions that somebody edited in the file stay. Example:\n"
      "  longhaul baseline write scenarios/patterns --baseline baseline.json");

  TestArgs& diff = parsed.keep<TestArgs>();
  diff.baseline_only = true;
  CLI::App& compared = add_command(
      both, parsed, "diff", "Runs scenarios and holds them to the file", [&](Terminal& terminal) {
        diff.quiet = parsed.quiet;
        return cmd_test(diff, terminal);
      });
  add_shared(compared, diff);
  add_allow_other(compared, diff);
  compared.footer(
      "Exit code 99 when a figure is worse than its tolerance allows, or missing. Example:\n"
      "  longhaul baseline diff scenarios/patterns --baseline baseline.json");
}

}  // namespace longhaul
