#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/watched_run.h"
#include "run/freshness_table.h"

namespace longhaul {

int cmd_freshness(const FreshnessArgs& args, Terminal& terminal) {
  FreshnessTableAsked asked;
  asked.replica = args.replica;
  if (args.lags) asked.lags = *args.lags;
  asked.seeds = args.seeds;
  asked.load = [&](const Variant& variant) {
    ScenarioArgs with = args.with;
    with.sets.insert(with.sets.end(), variant.sets.begin(), variant.sets.end());
    return load(args.scenario, with);
  };
  RunOptions run_options;
  run_options.permute_ties = args.with.permute_ties;
  SweepOptions options;
  options.jobs = args.jobs.value_or(default_jobs());
  options.run_seed = [&](const Scenario& scenario, std::uint64_t seed) {
    return watched_run(scenario, seed, run_options);
  };
  options.progress = [&](std::uint64_t finished, std::uint64_t whole) {
    terminal.progress(fmt::format("{} of {} runs", finished, whole));
  };
  const Result<FreshnessTable> table = freshness_table(asked, options);
  if (!table) return refuse(table.errors(), terminal);
  terminal.out(args.json ? freshness_json(table.value())
                         : freshness_text(table.value(), terminal.out_colour()));
  return table.value().rows.size() < asked.lags.size() ? exit_code::interrupted : exit_code::ok;
}

}  // namespace longhaul
