#include <fmt/format.h>

#include "base/units_text.h"
#include "cli/answers.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/site_loss_request.h"
#include "cli/watched_run.h"
#include "run/text_table.h"

namespace longhaul {

bool sets_end(const SiteLossArgs& args, Terminal& terminal) {
  if (!args.with.until) return false;
  terminal.error("--until " + to_text(*args.with.until) +
                 ": expected nothing here; a run lasts as long as the loss, and what follows it");
  return true;
}

SiteLossRequest site_loss_request(const SiteLossArgs& args, Terminal& terminal) {
  SiteLossRequest request;
  request.load = [&args](const std::vector<std::string>& sets) -> Result<Scenario> {
    return load(args.scenario, args.with, sets);
  };
  request.run = [&args](const Scenario& what, std::uint64_t seed, EventObserver& observer) {
    RunOptions options;
    options.permute_ties = args.with.permute_ties;
    options.observer = &observer;
    return watched_run(what, seed, options);
  };
  request.jobs = args.jobs.value_or(default_jobs());
  request.progress = [&terminal](std::uint64_t finished, std::uint64_t whole) {
    terminal.progress(fmt::format("{} of {} runs", finished, whole));
  };
  return request;
}

int cmd_site_loss(const SiteLossArgs& args, Terminal& terminal) {
  if (sets_end(args, terminal)) return exit_code::usage;
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  SiteLossRequest request = site_loss_request(args, terminal);
  if (args.lasts) request.lasts.fill(*args.lasts);
  const Result<Scenario> scenario = request.load({});
  if (!scenario) return refuse(scenario.errors(), terminal);
  request.seeds = args.seeds.value_or(scenario.value().config.seeds);
  const Result<SiteLoss> table = make_site_loss(request);
  if (!table) return refuse(table.errors(), terminal);
  if (!write_picture(args.svg, site_loss_svg(table.value()), terminal)) return exit_code::fault;
  if (args.json) {
    terminal.out(site_loss_json(table.value()));
    return interrupted() ? exit_code::interrupted : exit_code::ok;
  }
  terminal.out(fmt::format("{}, seeds {}..{}: one thing lost for {}\n\n", table.value().scenario,
                           request.seeds.first, request.seeds.last,
                           to_text(request.lasts.front())));
  terminal.out(site_loss_text(table.value(), terminal.out_colour()));
  if (interrupted()) return exit_code::interrupted;
  terminal.out(wrapped(conclusion(table.value()), 100, 0) + "\n");
  return exit_code::ok;
}

}  // namespace longhaul
