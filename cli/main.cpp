// The command line: subcommands, their options, exit codes. What they do is in cmd_*.cpp.
#include <CLI/CLI.hpp>
#include <functional>
#include <new>

#include "cli/answers.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/options_baseline.h"
#include "cli/site_loss_options.h"
#include "run/report.h"

namespace longhaul {
namespace {

const char* const help_footer =
    "Examples:\n"
    "  longhaul run scenarios/patterns/three_regions_read_replicas.json\n"
    "  longhaul run x.json --seed 3 --set workload.eu.rate=80/s --json\n"
    "  longhaul test scenarios/ --junit longhaul.xml\n"
    "  longhaul params policy.lag_breaker\n"
    "Exit codes:\n"
    "  0 all expectations hold    99 one was missed, or runs differ    2 wrong usage\n"
    "  65 bad scenario or data    70 internal fault                    130 interrupted\n";

struct Parsed : Common {
  RunArgs run;
  TestArgs test;
  ShrinkArgs shrink;
  CheckArgs check;
  ParamsArgs params;
  RegionsArgs regions;
  DiffArgs diff;
  CompareArgs compare;
  FailoversArgs failovers;
  ClassifyArgs classify;
  AdviseArgs advise;
  ClaimsArgs claims;
  FreshnessArgs freshness;
  BreakersArgs breakers;
  DrillArgs drill;
};

std::optional<std::uint64_t> parse_worlds(const std::string& text) {
  const std::optional<std::uint64_t> worlds = parse_whole(text);
  return worlds && *worlds >= 1 && *worlds <= 10'000'000 ? worlds : std::nullopt;
}

void add_run(CLI::App& app, Parsed& parsed) {
  RunArgs& args = parsed.run;
  CLI::App& sub =
      add_command(app, parsed, "run", "Runs one scenario with one seed", [&](Terminal& terminal) {
        args.quiet = parsed.quiet;
        return cmd_run(args, terminal);
      });
  sub.add_option("SCENARIO", args.scenario,
                 "The scenario file, or a directory that --out has written: its run again")
      ->required()
      ->type_name("");
  add_parsed<std::uint64_t>(sub, "--seed", args.seed, "N", "a whole number", parse_whole,
                            "Instead of the scenario's first");
  add_json(sub, args.json, "The result as JSON");
  CLI::Option* out =
      sub.add_option("--out", args.out,
                     "Keeps the result there: a page, tables, series over time (docs/reports.md)")
          ->type_name("DIR");
  sub.add_option("--latency-baseline", args.latency_baseline,
                 "What latency_log.csv compares with: an earlier one, or its directory")
      ->type_name("PATH")
      ->needs(out);
  add_parsed<std::pair<Duration, Duration>>(
      sub, "--trace-window", args.trace_window, "A..B", "two times such as 1min..5min",
      parse_window, "Whose pages trace.json has; ten seconds from the first fault unless given");
  sub.get_option("--trace-window")->needs(out);
  add_scenario_options(sub, args.with);
  sub.footer(
      "Example: longhaul run scenarios/patterns/three_regions_read_replicas.json \\\n"
      "           --seed 3 --set policy.freshness.wait=20ms");
}

void add_test(CLI::App& app, Parsed& parsed) {
  TestArgs& args = parsed.test;
  CLI::App& sub = add_command(
      app, parsed, "test", "Runs scenarios over their seeds and judges their expectations",
      [&](Terminal& terminal) {
        args.quiet = parsed.quiet;
        return args.chaos ? cmd_chaos(args, terminal) : cmd_test(args, terminal);
      });
  CLI::Option* paths =
      sub.add_option("PATH", args.paths, "Scenario files, and directories of them")->type_name("");
  add_parsed<std::uint64_t>(sub, "--chaos", args.chaos, "N", "a number of worlds up to 10,000,000",
                            parse_worlds, "Instead: so many random worlds with random faults");
  sub.get_option("--chaos")->excludes(paths);
  sub.add_option("--first-seed", args.chaos_first, "Seed of the first random world; 1 unless given")
      ->type_name("N")
      ->needs(sub.get_option("--chaos"));
  add_seeds(sub, args.seeds, "Instead of each scenario's own");
  add_jobs(sub, args.jobs);
  sub.add_option("--junit", args.junit, "Verdicts as JUnit XML")->type_name("FILE");
  sub.add_option("--summary", args.summary,
                 "Verdicts as Markdown; also appended to $GITHUB_STEP_SUMMARY when that is set")
      ->type_name("FILE");
  sub.add_option(
         "--baseline", args.baseline,
         "Also holds the scenarios to what `longhaul baseline write` kept there: all of its "
         "scenarios when PATH is a directory, else those that run")
      ->type_name("FILE");
  add_allow_other(sub, args);
  sub.get_option("--allow-other")->needs(sub.get_option("--baseline"));
  add_scenario_options(sub, args.with);
  for (const char* other : {"--seeds", "--junit", "--summary", "--baseline", "--set", "--rtt-csv",
                            "--until", "--tie-order"}) {
    sub.get_option("--chaos")->excludes(sub.get_option(other));
  }
  sub.footer(
      "Every seed must hold. Examples:\n"
      "  longhaul test scenarios/ --junit longhaul.xml\n"
      "  longhaul test --chaos 500");
}

void add_shrink(CLI::App& app, Parsed& parsed) {
  ShrinkArgs& args = parsed.shrink;
  CLI::App& sub =
      add_command(app, parsed, "shrink", "Reduces a scenario that goes wrong to what matters",
                  [&](Terminal& terminal) { return cmd_shrink(args, terminal); });
  CLI::Option* scenario =
      sub.add_option("SCENARIO", args.scenario, "A scenario that misses an expectation")
          ->type_name("");
  add_parsed<std::uint64_t>(sub, "--seed", args.seed, "N", "a whole number", parse_whole,
                            "Instead of the scenario's first");
  add_parsed<std::uint64_t>(sub, "--chaos-seed", args.chaos_seed, "N", "a whole number",
                            parse_whole, "Instead: the random world of that seed");
  sub.get_option("--chaos-seed")->excludes(scenario);
  sub.add_option("-o,--out", args.out, "Writes the reduced scenario there")->type_name("FILE");
  add_scenario_options(sub, args.with);
  sub.footer(
      "Examples:\n"
      "  longhaul shrink --chaos-seed 17 -o small.json && longhaul run small.json\n"
      "  longhaul shrink x.json --seed 3");
}

void add_check(CLI::App& app, Parsed& parsed) {
  CheckArgs& args = parsed.check;
  CLI::App& sub = add_command(app, parsed, "check",
                              "Says what is wrong with scenarios and what is probably not meant",
                              [&](Terminal& terminal) {
                                args.quiet = parsed.quiet;
                                return cmd_check(args, terminal);
                              });
  sub.add_option("SCENARIO", args.paths, "Scenario files, and directories of them")
      ->required()
      ->type_name("");
  add_scenario_options(sub, args.with);
}

void add_advise(CLI::App& app, Parsed& parsed) {
  AdviseArgs& args = parsed.advise;
  CLI::App& sub =
      add_command(app, parsed, "advise", "Where the time of pages goes, and what would help",
                  [&](Terminal& terminal) { return cmd_advise(args, terminal); });
  sub.add_option("SCENARIO", args.scenario, "The scenario file")->required()->type_name("");
  sub.add_option("--page", args.page, "Only this page shall become faster")->type_name("NAME");
  add_seeds(sub, args.seeds, "Instead of the scenario's own");
  add_jobs(sub, args.jobs);
  add_json(sub, args.json);
  add_scenario_options(sub, args.with);
  sub.footer(
      "Everything that is offered has been simulated. Example:\n"
      "  longhaul advise scenarios/patterns/thirty_sequential_queries.json");
}

void add_claims(CLI::App& app, Parsed& parsed) {
  ClaimsArgs& args = parsed.claims;
  CLI::App& sub = add_command(app, parsed, "claims", "Judges claims of the literature, as Markdown",
                              [&](Terminal& terminal) { return cmd_claims(args, terminal); });
  sub.add_option("FILE", args.file, "The claims; data/claims.json unless given")->type_name("");
  sub.add_option("--rtt-csv", args.rtt_csv, "Your own round trips, rows of from,to,milliseconds")
      ->type_name("FILE");
  add_jobs(sub, args.jobs);
}

void add_diff(CLI::App& app, Parsed& parsed) {
  DiffArgs& args = parsed.diff;
  CLI::App& sub = add_command(app, parsed, "diff", "Names the first event at which two runs differ",
                              [&](Terminal& terminal) { return cmd_diff(args, terminal); });
  sub.add_option("A", args.a,
                 "A scenario file, or a directory that `longhaul run --out` has written")
      ->required()
      ->type_name("");
  sub.add_option("B", args.b, "Another one; the same unless given")->type_name("");
  add_parsed<std::uint64_t>(sub, "--seed", args.seed, "N", "a whole number", parse_whole,
                            "Of both, instead of A's first");
  add_parsed<std::uint64_t>(sub, "--seed-b", args.seed_b, "N", "a whole number", parse_whole,
                            "Of B, instead of A's");
  add_list(sub, "--set-a", args.sets_a, "PATH=VALUE", "Like --set, for A only");
  add_list(sub, "--set-b", args.sets_b, "PATH=VALUE", "Like --set, for B only");
  add_scenario_options(sub, args.with);
  sub.footer(
      "Exit code 99 when they differ. Example: \n"
      "  longhaul diff x.json --set-b policy.lag_breaker.probe_interval=2s");
}

void add_compare(CLI::App& app, Parsed& parsed) {
  CompareArgs& args = parsed.compare;
  CLI::App& sub = add_command(app, parsed, "compare",
                              "Puts up to four designs side by side, on the same users and luck",
                              [&](Terminal& terminal) { return cmd_compare(args, terminal); });
  sub.add_option("SCENARIO", args.scenarios, "Scenario files: A, B, C and D")
      ->required()
      ->expected(1, 4)
      ->type_name("");
  for (std::size_t i = 0; i < args.sets.size(); ++i) {
    const std::string letter(1, static_cast<char>('a' + i));
    add_list(sub, "--set-" + letter, args.sets[i], "PATH=VALUE",
             "Like --set, for that design only; without a file of its own it is A otherwise");
  }
  add_seeds(sub, args.seeds, "Instead of A's own, made up to 20");
  add_jobs(sub, args.jobs);
  add_json(sub, args.json);
  add_scenario_options(sub, args.with);
  sub.footer(
      "Examples:\n"
      "  longhaul compare one_region.json three_regions.json\n"
      "  longhaul compare x.json --set-b policy.freshness.wait=20ms --seeds 1..50");
}

void add_classify(CLI::App& app, Parsed& parsed) {
  ClassifyArgs& args = parsed.classify;
  CLI::App& sub =
      add_command(app, parsed, "classify", "Says which SQL statements a replica may serve, and why",
                  [&](Terminal& terminal) { return cmd_classify(args, terminal); });
  sub.add_option("SQL", args.statements, "Statements; those of standard input unless given")
      ->type_name("");
  add_list(sub, "--read-only-function", args.read_only_functions, "NAME",
           "A function of your own that only reads, such as app.totals; may be repeated");
  add_json(sub, args.json);
  sub.footer(
      "Exit code 65 when one does not parse. Examples: \n"
      "  longhaul classify \"SELECT * FROM users WHERE id = 1 FOR UPDATE\"\n"
      "  longhaul classify --json < queries.sql");
}

// Of the commands that put a table side by side while a replica lags.
template <class Args>
void add_lag_table_options(CLI::App& sub, Args& args) {
  sub.add_option("SCENARIO", args.scenario, "The scenario file")->required()->type_name("");
  add_parsed<std::vector<Duration>>(sub, "--lag", args.lags, "TIME,TIME...",
                                    "durations up to 7d such as 0s,1s,3s,10s", parse_durations,
                                    "How far the replica lags; 0s,1s,3s,10s unless given");
  sub.add_option("--replica", args.replica, "The replica that lags; the first unless given")
      ->type_name("NAME");
  add_seeds(sub, args.seeds, "Instead of the scenario's own");
  add_jobs(sub, args.jobs);
  add_json(sub, args.json, "The table as JSON");
  add_scenario_options(sub, args.with);
}

void add_breakers(CLI::App& app, Parsed& parsed) {
  BreakersArgs& args = parsed.breakers;
  CLI::App& sub = add_command(app, parsed, "breakers", "What settings of the lag breaker are worth",
                              [&](Terminal& terminal) { return cmd_breakers(args, terminal); });
  add_lag_table_options(sub, args);
  sub.footer(
      "Examples:\n"
      "  longhaul breakers scenarios/patterns/three_regions_read_replicas.json --lag 0s,3s\n"
      "  longhaul breakers x.json --replica db-eu --json");
}

void add_freshness(CLI::App& app, Parsed& parsed) {
  FreshnessArgs& args = parsed.freshness;
  CLI::App& sub =
      add_command(app, parsed, "freshness", "Puts the rules of read-your-writes side by side",
                  [&](Terminal& terminal) { return cmd_freshness(args, terminal); });
  add_lag_table_options(sub, args);
  sub.footer(
      "Example: longhaul freshness scenarios/patterns/three_regions_read_replicas.json \\\n"
      "           --replica db-eu --lag 0s,3s");
}

void add_drill(CLI::App& app, Parsed& parsed) {
  DrillArgs& args = parsed.drill;
  CLI::App& sub = add_command(app, parsed, "drill",
                              "Lets somebody handle an incident, and judges what they decided",
                              [&](Terminal& terminal) { return cmd_drill(args, terminal); });
  sub.add_option("SCENARIO", args.scenario, "A scenario with a \"drill\"")
      ->required()
      ->type_name("");
  add_parsed<std::uint64_t>(sub, "--seed", args.seed, "N", "a whole number", parse_whole,
                            "Draws what is the matter, and all luck; the scenario's first unless "
                            "given");
  sub.add_option("--variant", args.variant, "What is the matter, for a facilitator")
      ->type_name("NAME");
  sub.add_option("--clock", args.clock, "paused (time passes when you wait), real, or 20x")
      ->type_name("SPEED");
  sub.add_option("--actions", args.actions, "Plays a record or a runbook instead of you")
      ->type_name("FILE");
  sub.add_option("--record", args.record, "Keeps what was typed, for --actions")->type_name("FILE");
  sub.add_option("--runbook", args.runbook, "Writes a runbook of the play, as Markdown")
      ->type_name("FILE");
  add_jobs(sub, args.jobs);
  add_scenario_options(sub, args.with);
  sub.footer(
      "Exit code 99 when the score is below the drill's \"pass\". Example:\n"
      "  longhaul drill scenarios/drills/drill_region_dark.json --seed 7");
}

void add_failovers(CLI::App& app, Parsed& parsed) {
  FailoversArgs& args = parsed.failovers;
  CLI::App& sub =
      add_command(app, parsed, "failovers", "How long writes are out in failovers, over many seeds",
                  [&](Terminal& terminal) { return cmd_failovers(args, terminal); });
  sub.add_option("SCENARIO", args.scenario, "The scenario file")->required()->type_name("");
  add_list(sub, "--vary", args.vary, "PATH=A,B,...",
           "Values of a parameter; may be repeated: every combination is a setting");
  add_list(sub, "--along", args.along, "PATH=A,B,...",
           "Another parameter whose values go along with those of the one --vary");
  add_seeds(sub, args.seeds, "Instead of the scenario's own");
  add_jobs(sub, args.jobs);
  add_json(sub, args.json, "The table as JSON");
  sub.add_option("--svg", args.svg, "Draws needless failovers and outages by setting there")
      ->type_name("FILE");
  add_scenario_options(sub, args.with);
  sub.footer(
      "Examples:\n"
      "  longhaul failovers scenarios/limits/patroni_primary_host_lost.json --seeds 1..200\n"
      "  longhaul failovers x.json --vary policy.failover.patroni.ttl=30s,45s,60s");
}

void add_reference(CLI::App& app, Parsed& parsed) {
  ParamsArgs& params = parsed.params;
  CLI::App& manual = add_command(app, parsed, "params", "The manual of all parameters",
                                 [&](Terminal& terminal) { return cmd_params(params, terminal); });
  manual.add_option("PATH", params.under, "Only what is at or below it, such as policy.router")
      ->type_name("");
  manual.add_flag("--markdown", params.markdown, "As Markdown");
  manual.add_flag("--metrics", params.metrics, "Metrics instead, those that begin with PATH");
  add_command(app, parsed, "schema", "The JSON Schema of scenario files, for editors", cmd_schema);

  RegionsArgs& regions = parsed.regions;
  CLI::App& sub = add_command(app, parsed, "regions", "The catalogue of regions and round trips",
                              [&](Terminal& terminal) { return cmd_regions(regions, terminal); });
  sub.add_option("TEXT", regions.text, "Only those with that in id, name, city or country")
      ->type_name("");
  sub.add_option("--between", regions.between, "The round trip between two")
      ->type_name("A B")
      ->expected(2);
  add_json(sub, regions.json);
  sub.add_option("--rtt-csv", regions.rtt_csv, "Your own round trips over the catalogue's")
      ->type_name("FILE");
  sub.footer("Example: longhaul regions --between aws:us-east-1 aws:eu-west-1 --json");
}

// CLI11 says only that a command is required. False: every word where one is expected names one.
bool names_no_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* sub : at->get_subcommands({})) {
      names.push_back(sub->get_name());
      if (names.back() == word) next = sub;
    }
    if (names.empty() || word.starts_with('-')) return false;
    if (next == nullptr) {
      const std::string nearest = nearest_of(word, names);
      const std::string hint = nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?";
      std::fprintf(stderr, "%s: no such command%s\nRun with --help for more information.\n",
                   word.c_str(), hint.c_str());
      return true;
    }
    at = next;
  }
  return false;
}

int main_of(int argc, char** argv) {
  Parsed parsed;
  CLI::App app("Rehearses a multi-region PostgreSQL system before anyone provisions it.");
  app.name("longhaul");
  app.require_subcommand(1);
  app.set_version_flag("--version", "longhaul " + std::string(release()));
  app.footer(help_footer);
  add_run(app, parsed);
  add_test(app, parsed);
  add_baseline(app, parsed);
  add_shrink(app, parsed);
  add_check(app, parsed);
  add_compare(app, parsed);
  add_sweep(app, parsed);
  add_merge(app, parsed);
  add_diff(app, parsed);
  add_explain(app, parsed);
  add_classify(app, parsed);
  add_advise(app, parsed);
  add_claims(app, parsed);
  add_freshness(app, parsed);
  add_breakers(app, parsed);
  add_drill(app, parsed);
  add_site_loss(app, parsed);
  add_sla(app, parsed);
  add_failovers(app, parsed);
  add_answers(app, parsed);
  add_reference(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (names_no_command(app, argc, argv)) return exit_code::usage;
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
