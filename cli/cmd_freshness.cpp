#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/sweeping.h"
#include "run/freshness_table.h"

namespace longhaul {

int cmd_freshness(const FreshnessArgs& args, Terminal& terminal) {
  FreshnessTableAsked asked;
  asked.replica = args.replica;
  if (args.lags) asked.lags = *args.lags;
  asked.seeds = args.seeds;
  asked.load = [&](const Variant& variant) { return load(args.scenario, args.with, variant.sets); };
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  const Result<FreshnessTable> table = freshness_table(asked, options);
  if (!table) return refuse(table.errors(), terminal);
  terminal.out(args.json ? freshness_json(table.value())
                         : freshness_text(table.value(), terminal.out_colour()));
  return table.value().rows.size() < asked.lags.size() ? exit_code::interrupted : exit_code::ok;
}

}  // namespace longhaul
