#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/watched_run.h"
#include "run/advise.h"

namespace longhaul {

int cmd_advise(const AdviseArgs& args, Terminal& terminal) {
  const Result<Catalogue> catalogue = load_catalogue(args.with.rtt_csv);
  if (!catalogue) return refuse(catalogue.errors(), terminal);
  const Result<Scenario> scenario = load(args.scenario, args.with);
  if (!scenario) return refuse(scenario.errors(), terminal);
  RunOptions run_options;
  run_options.permute_ties = args.with.permute_ties;
  run_options.time_pages = true;
  SweepOptions options;
  options.jobs = args.jobs.value_or(default_jobs());
  options.run_seed = [&](const Scenario& variant, std::uint64_t seed) {
    return watched_run(variant, seed, run_options);
  };
  options.progress = [&](std::uint64_t finished, std::uint64_t whole) {
    terminal.progress(fmt::format("{} of {} runs", finished, whole));
  };
  const SeedRange seeds = args.seeds.value_or(scenario.value().config.seeds);
  const Result<AdviceReport> report =
      advise(scenario.value(), {args.page, seeds, &catalogue.value()}, options);
  if (!report) return refuse(report.errors(), terminal);
  if (interrupted()) return exit_code::interrupted;
  terminal.out(args.json ? advice_json(report.value())
                         : advice_text(report.value(), terminal.out_colour()));
  return exit_code::ok;
}

}  // namespace longhaul
