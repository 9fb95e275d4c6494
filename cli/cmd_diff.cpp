#include <fmt/format.h>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "run/diff.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

ScenarioArgs with_more(const ScenarioArgs& args, const std::vector<std::string>& sets) {
  ScenarioArgs side = args;
  side.sets.insert(side.sets.end(), sets.begin(), sets.end());
  return side;
}

std::string parameters_text(const Scenario& a, const Scenario& b, bool colour) {
  TextTable table({"CHANGED PARAMETERS", "<A", "<B"});
  for (const ChangedParameter& change : changed_parameters(a.config, b.config)) {
    table.row({change.path, change.a.empty() ? "-" : change.a, change.b.empty() ? "-" : change.b});
  }
  return table.empty() ? "" : table.text(colour) + "\n";
}

std::string events_text(const Plan& plan, const char* side,
                        const std::vector<NumberedEvent>& events) {
  std::string text;
  for (const NumberedEvent& event : events) {
    text += fmt::format("  {}  {}\n", side, event_text(plan, event));
  }
  return events.empty() ? fmt::format("  {}  has ended\n", side) : text;
}

std::string divergence_text(const Plan& a, const Plan& b, const RunDiff& diff, bool colour) {
  std::string text = toned(fmt::format("The runs differ after {} equal events.",
                                       count_text(static_cast<std::int64_t>(diff.events))),
                           Tone::bad, colour) +
                     "\n";
  if (!diff.shared.empty()) text += "The last of them, in both:\n";
  for (const NumberedEvent& event : diff.shared) {
    text += fmt::format("  =  {}\n", event_text(a, event));
  }
  text += "What comes then, the first difference first:\n";
  return text + events_text(a, "A", diff.a) + events_text(b, "B", diff.b);
}

}  // namespace

int cmd_diff(const DiffArgs& args, Terminal& terminal) {
  const std::string& file_b = args.b.empty() ? args.a : args.b;
  const Result<Scenario> a = load(args.a, with_more(args.with, args.sets_a));
  const Result<Scenario> b = load(file_b, with_more(args.with, args.sets_b));
  if (!a) refuse(a.errors(), terminal);
  if (!b) refuse(b.errors(), terminal);
  if (!a || !b) return exit_code::bad_input;

  const auto first_seed = static_cast<std::uint64_t>(a.value().config.seeds.first);
  const std::uint64_t seed_a = args.seed.value_or(first_seed);
  const std::uint64_t seed_b = args.seed_b.value_or(seed_a);
  RunOptions options;
  options.permute_ties = args.with.permute_ties;
  Cluster world_a = build_run(a.value(), seed_a, options);
  Cluster world_b = build_run(b.value(), seed_b, options);
  const std::shared_ptr<const Plan> plan_a = world_a.world().plan;
  const std::shared_ptr<const Plan> plan_b = world_b.world().plan;

  const bool colour = terminal.out_colour();
  terminal.out(fmt::format("A  {}, seed {}\nB  {}, seed {}\n\n", args.a, seed_a, file_b, seed_b));
  terminal.out(parameters_text(a.value(), b.value(), colour));
  DiffOptions diff_options;
  diff_options.go_on = [&](TimePoint now) {
    terminal.progress(fmt::format("equal up to {}", to_short_text(now - TimePoint{})));
    return !interrupted();
  };
  const RunDiff diff = diff_runs(std::move(world_a), std::move(world_b), diff_options);
  if (diff.interrupted) return exit_code::interrupted;
  if (diff.differ) {
    terminal.out(divergence_text(*plan_a, *plan_b, diff, colour));
    return exit_code::missed;
  }
  terminal.out(fmt::format("no difference: {} events, digest {}\n",
                           count_text(static_cast<std::int64_t>(diff.events)),
                           hex_text(diff.digest)));
  return exit_code::ok;
}

}  // namespace longhaul
