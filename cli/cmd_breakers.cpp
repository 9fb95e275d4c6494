#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/sweeping.h"
#include "run/breaker_table.h"
#include "run/text_table.h"

namespace longhaul {

int cmd_breakers(const BreakersArgs& args, Terminal& terminal) {
  BreakerTableRequest request;
  if (args.lags) request.lags = *args.lags;
  request.replica = args.replica;
  request.load = [&](const std::vector<std::string>& sets) {
    return load(args.scenario, args.with, sets);
  };
  const Result<Scenario> scenario = request.load({});
  if (!scenario) return refuse(scenario.errors(), terminal);
  request.seeds = args.seeds.value_or(scenario.value().config.seeds);

  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  const Result<BreakerTable> table = make_breaker_table(request, options);
  if (!table) return refuse(table.errors(), terminal);
  if (args.json) {
    terminal.out(breaker_table_json(table.value()));
    return interrupted() ? exit_code::interrupted : exit_code::ok;
  }
  terminal.out(fmt::format("{}, seeds {}..{}: the lag breaker while {} lags\n\n",
                           table.value().scenario, request.seeds.first, request.seeds.last,
                           table.value().replica));
  terminal.out(breaker_table_text(table.value(), terminal.out_colour()));
  if (interrupted()) return exit_code::interrupted;
  terminal.out(wrapped(advice(table.value()), 100, 0) + "\n");
  return exit_code::ok;
}

}  // namespace longhaul
