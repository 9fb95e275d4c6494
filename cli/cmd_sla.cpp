#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/site_loss_request.h"
#include "run/sla.h"
#include "run/text_table.h"

namespace longhaul {

int cmd_sla(const SiteLossArgs& args, Terminal& terminal) {
  if (sets_end(args, terminal)) return exit_code::usage;
  SiteLossRequest request = site_loss_request(args, terminal);
  const Result<Scenario> scenario = request.load({});
  if (!scenario) return refuse(scenario.errors(), terminal);
  request.seeds = args.seeds.value_or(scenario.value().config.seeds);
  const SlaConfig& rates = scenario.value().config.sla;
  set_rates(request, rates);
  const Result<SiteLoss> table = make_site_loss(request);
  if (!table) return refuse(table.errors(), terminal);
  if (interrupted()) return exit_code::interrupted;  // half of the failures say nothing
  const SlaReport report = sla_report(table.value(), rates);
  if (args.json) {
    terminal.out(sla_json(report));
    return exit_code::ok;
  }
  terminal.out(fmt::format("{}, seeds {}..{}: how long writing is down in a year\n\n",
                           report.scenario, request.seeds.first, request.seeds.last));
  terminal.out(sla_text(report, terminal.out_colour()));
  terminal.out(wrapped(conclusion(report), 100, 0) + "\n");
  return exit_code::ok;
}

}  // namespace longhaul
