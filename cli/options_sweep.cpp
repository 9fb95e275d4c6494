// The options of `longhaul sweep` and `longhaul merge`.
#include "base/units_text.h"
#include "cli/options.h"

namespace longhaul {
namespace {

std::optional<Shard> parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto part = parse_whole(text.substr(0, slash));
  const auto of = parse_whole(text.substr(slash + 1));
  if (!part || !of || *part < 1 || *part > *of || *of > 1'000'000) return std::nullopt;
  return Shard{static_cast<std::int64_t>(*part), static_cast<std::int64_t>(*of)};
}

}  // namespace

void add_crash_options(CLI::App& sub, CrashPlan& crash) {
  sub.add_option("--crash-instants", crash.instants,
                 "Forks each run at so many instants, into the failure: a fault of the scenario")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  crash.horizon = seconds(90);
  sub.add_option_function<std::string>(
         "--horizon",
         [&crash](const std::string& text) {
           const auto horizon = parse_duration(text);
           if (!horizon || *horizon <= Duration{}) {
             throw CLI::ValidationError("--horizon", text + ": expected a duration such as 90s");
           }
           crash.horizon = *horizon;
         },
         "How long each branch is followed after its failure; 90s unless given")
      ->type_name("TIME");
  sub.add_option("--crash-fault", crash.fault,
                 "Which of the scenario's faults is the failure, from 0; its only one unless given")
      ->type_name("N");
  sub.add_option_function<std::string>(
         "--crash-window",
         [&crash](const std::string& text) {
           const auto window = parse_window(text);
           if (!window) {
             throw CLI::ValidationError("--crash-window",
                                        text + ": expected two times such as 1min..5min");
           }
           crash.from = window->first;
           crash.until = window->second;
         },
         "When it may strike; from the warm-up to the end unless given")
      ->type_name("A..B");
  sub.add_option("--crash-during", crash.during,
                 "Likewise, while these users are there: a batch, a storm")
      ->type_name("NAME");
}

void add_sweep(CLI::App& app, Common& parsed) {
  SweepArgs& args = parsed.keep<SweepArgs>();
  CLI::App& sub =
      add_command(app, parsed, "sweep", "Runs every setting of some parameters, with every seed",
                  [&](Terminal& terminal) { return cmd_sweep(args, terminal); });
  sub.add_option("SCENARIO", args.scenario, "The scenario file")->required()->type_name("");
  add_list(sub, "--vary", args.vary, "PATH=A,B,C",
           "Values of a parameter, such as policy.lag_breaker.open_above=1s,3s; may be repeated");
  add_seeds(sub, args.seeds, "Instead of the scenario's own");
  add_crash_options(sub, args.crash);
  sub.add_option("--store", args.store, "Keeps all results there and goes on where it stopped")
      ->type_name("FILE.sqlite");
  add_parsed<Shard>(sub, "--shard", args.shard, "I/N", "a part such as 1/8", parse_shard,
                    "Only that part of the work; `longhaul merge` puts the files together");
  sub.get_option("--shard")->needs(sub.get_option("--store"));
  add_jobs(sub, args.jobs);
  add_json(sub, args.json);
  add_scenario_options(sub, args.with);
  sub.footer(
      "Examples:\n"
      "  longhaul sweep x.json --vary policy.lag_breaker.open_above=500ms,1s,3s \\\n"
      "           --seeds 1..20 --store x.sqlite\n"
      "  longhaul sweep x.json --crash-instants 200 --horizon 90s --crash-during batch");
}

void add_merge(CLI::App& app, Common& parsed) {
  MergeArgs& args = parsed.keep<MergeArgs>();
  CLI::App& sub = add_command(app, parsed, "merge", "Puts the parts of a sweep into one file",
                              [&](Terminal& terminal) { return cmd_merge(args, terminal); });
  sub.add_option("INTO", args.into, "The file, new or of the same sweep")
      ->required()
      ->type_name("");
  sub.add_option("PART", args.parts, "Files that `longhaul sweep --shard` has written")
      ->required()
      ->type_name("");
  add_json(sub, args.json, "What is in it, as JSON");
  sub.footer("Example: longhaul merge whole.sqlite part-*.sqlite");
}

}  // namespace longhaul
