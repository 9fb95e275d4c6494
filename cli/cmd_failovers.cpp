#include "cli/answers.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/sweeping.h"
#include "run/failovers_table.h"

namespace longhaul {

int cmd_failovers(const FailoversArgs& args, Terminal& terminal) {
  if (!can_write("--svg", args.svg, terminal)) return exit_code::usage;
  FailoversAsked asked;
  asked.seeds = args.seeds;
  const Result<std::vector<Axis>> vary = parse_axes(args.vary);
  if (!vary) return refuse(vary.errors(), terminal);
  asked.vary = vary.value();
  for (const std::string& text : args.along) {
    const Result<Axis> along = parse_axis("--along", text);
    if (!along) return refuse(along.errors(), terminal);
    asked.along.push_back(along.value());
  }
  asked.load = [&](const Variant& variant) { return load(args.scenario, args.with, variant.sets); };
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  const Result<FailoversTable> table = failovers_table(asked, options);
  if (!table) return refuse(table.errors(), terminal);
  terminal.out(args.json ? failovers_json(table.value())
                         : failovers_text(table.value(), terminal.out_colour()));
  if (!write_picture(args.svg, failovers_svg(table.value()), terminal)) return exit_code::fault;
  const auto rows = static_cast<std::int64_t>(table.value().rows.size());
  return rows < settings_of(asked.vary) ? exit_code::interrupted : exit_code::ok;
}

}  // namespace longhaul
