// The options of the ready answers.
#include "cli/answers.h"

namespace longhaul {
namespace {

void add_common(CLI::App& sub, AnswerArgs& args, const std::string& seeds) {
  add_seeds(sub, args.seeds, seeds);
  add_jobs(sub, args.jobs);
  add_json(sub, args.json);
  sub.add_option("--svg", args.svg, "Draws it there")->type_name("FILE");
  add_scenario_options(sub, args.with);
}

void add_scenario(CLI::App& sub, AnswerArgs& args) {
  sub.add_option("SCENARIO", args.scenario, "The scenario file")->required()->type_name("");
}

constexpr const char* own_seeds = "Instead of the scenario's own";
constexpr const char* twenty_seeds = "Instead of the scenario's own, made up to 20";

void add_lag_threshold(CLI::App& app, Common& parsed) {
  LagThresholdArgs& args = parsed.keep<LagThresholdArgs>();
  CLI::App& sub =
      add_command(app, parsed, "lag-threshold",
                  "At which lag to stop reading from a replica, and where the knee is",
                  [&](Terminal& terminal) { return cmd_lag_threshold(args, terminal); });
  add_scenario(sub, args);
  add_parsed<std::vector<Duration>>(sub, "--values", args.values, "TIME,TIME...",
                                    "durations up to 7d such as 500ms,1s,3s", parse_durations,
                                    "Of policy.lag_breaker.open_above; 100ms to 30s unless given");
  add_common(sub, args, twenty_seeds);
  sub.footer("Example: longhaul lag-threshold scenarios/patterns/page_classes.json --svg knee.svg");
}

void add_crash_command(CLI::App& app, Common& parsed, const char* name, const char* help,
                       int (*run)(const CrashArgs&, Terminal&)) {
  CrashArgs& args = parsed.keep<CrashArgs>();
  CLI::App& sub = add_command(app, parsed, name, help,
                              [&args, run](Terminal& terminal) { return run(args, terminal); });
  add_scenario(sub, args);
  args.crash.instants = 40;
  add_crash_options(sub, args.crash);
  sub.add_option("--store", args.store,
                 "Keeps all results there and goes on where it stopped; data-loss and outage share "
                 "one")
      ->type_name("FILE.sqlite");
  add_common(sub, args, own_seeds);
  sub.footer(std::string("Example: longhaul ") + name +
             " scenarios/patterns/three_regions_with_failover.json --crash-instants 40");
}

void add_pareto(CLI::App& app, Common& parsed) {
  ParetoArgs& args = parsed.keep<ParetoArgs>();
  CLI::App& sub = add_command(app, parsed, "pareto",
                              "Which designs no other one beats in cost, latency and loss",
                              [&](Terminal& terminal) { return cmd_pareto(args, terminal); });
  sub.add_option("SCENARIO", args.scenarios, "Scenario files")->required()->type_name("");
  add_list(sub, "--vary", args.vary, "PATH=A,B,C",
           "Values of a parameter, each a design of every scenario; may be repeated");
  sub.add_option("--latency", args.latency, "The figure; page_latency of all pages unless given")
      ->type_name("METRIC");
  sub.add_option("--value", args.value, "avg, med, p(N) or max of it; p(95) unless given")
      ->type_name("VALUE");
  add_crash_options(sub, args.crash);
  add_common(sub, args, "Instead of the first scenario's own");
  sub.footer(
      "Example: longhaul pareto one.json two.json --crash-instants 20 \\\n"
      "           --vary policy.failover.patroni.synchronous_mode=off,on --svg pareto.svg");
}

void add_sensitivity(CLI::App& app, Common& parsed) {
  SensitivityArgs& args = parsed.keep<SensitivityArgs>();
  CLI::App& sub = add_command(app, parsed, "sensitivity",
                              "Which number of a scenario moves a figure most, one at a time",
                              [&](Terminal& terminal) { return cmd_sensitivity(args, terminal); });
  add_scenario(sub, args);
  sub.add_option("--metric", args.metric, "With labels or without; page_latency unless given")
      ->type_name("METRIC");
  sub.add_option("--value", args.value, "avg, med, p(N), max, count or share; p(95) unless given")
      ->type_name("VALUE");
  add_list(sub, "--knob", args.knobs, "PATH",
           "A parameter, or all below it, defaults among them; may be repeated. Unless given: what "
           "the scenario sets");
  sub.add_option("--by", args.by, "Times and divided by this; 2 unless given")->type_name("FACTOR");
  add_common(sub, args, twenty_seeds);
  sub.footer(
      "Example: longhaul sensitivity scenarios/patterns/three_regions_read_replicas.json \\\n"
      "           --metric \"page_latency{region:aws:eu-west-1}\" --svg tornado.svg");
}

}  // namespace

void add_answers(CLI::App& app, Common& parsed) {
  add_lag_threshold(app, parsed);
  add_crash_command(app, parsed, "data-loss", "What a crash loses, over many instants of it",
                    cmd_data_loss);
  add_crash_command(app, parsed, "outage",
                    "How long writes are out after a crash, over many instants of it, by phase",
                    cmd_outage);
  add_pareto(app, parsed);
  add_sensitivity(app, parsed);
}

}  // namespace longhaul
