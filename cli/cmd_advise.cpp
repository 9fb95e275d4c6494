#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/sweeping.h"
#include "run/advise.h"

namespace longhaul {

int cmd_advise(const AdviseArgs& args, Terminal& terminal) {
  const Result<Catalogue> catalogue = load_catalogue(args.with.rtt_csv);
  if (!catalogue) return refuse(catalogue.errors(), terminal);
  const Result<Scenario> scenario = load(args.scenario, args.with);
  if (!scenario) return refuse(scenario.errors(), terminal);
  RunOptions each = run_options(args.with);
  each.time_pages = true;
  SweepOptions options = sweep_options(each, args.jobs, terminal);
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
