#include <fmt/format.h>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/kept.h"
#include "cli/loading.h"
#include "run/diff.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

std::string side_text(const char* side, const std::string& path, const KeptRun& run) {
  return fmt::format("{}  {}, seed {}\n", side, path, run.seed);
}

std::string tie_order_text(const KeptRun& run) {
  return run.permute_ties ? "permute:" + std::to_string(*run.permute_ties) : "-";
}

// Of the scenarios, and of what a run has besides: its end and its order of ties.
std::string parameters_text(const KeptRun& a, const KeptRun& b, bool colour) {
  TextTable table({"CHANGED PARAMETERS", "<A", "<B"});
  for (const ChangedParameter& change : changed_parameters(a.scenario.config, b.scenario.config)) {
    table.row({change.path, change.a.empty() ? "-" : change.a, change.b.empty() ? "-" : change.b});
  }
  const Duration end_a = a.scenario.cluster.duration;
  const Duration end_b = b.scenario.cluster.duration;
  if (end_a != end_b) table.row({"end of the run (--until)", to_text(end_a), to_text(end_b)});
  if (a.permute_ties != b.permute_ties) {
    table.row({"--tie-order", tie_order_text(a), tie_order_text(b)});
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

// Whose page has been the first to fare differently.
std::string requests_text(const Plan& a, const Plan& b, const RunDiff& diff) {
  const auto first = [](const Plan& plan, const std::vector<NumberedEvent>& events) {
    const bool has = !events.empty() && events.front().request;
    return has ? request_text(plan, *events.front().request) : std::string();
  };
  const std::string of_a = first(a, diff.a);
  const std::string of_b = first(b, diff.b);
  if (of_a.empty() && of_b.empty()) return "";
  std::string text = "The first difference is about request ";
  if (of_a == of_b) {
    text += of_a;
  } else {
    text += of_a.empty() ? of_b + " of B" : of_a + " of A";
    if (!of_a.empty() && !of_b.empty()) text += " and " + of_b + " of B";
  }
  return text + "; `longhaul explain` tells it.\n";
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
  text += events_text(a, "A", diff.a) + events_text(b, "B", diff.b);
  return text + requests_text(a, b, diff);
}

}  // namespace

int cmd_diff(const DiffArgs& args, Terminal& terminal) {
  const std::string& file_b = args.b.empty() ? args.a : args.b;
  const Result<KeptRun> a = load_run(args.a, args.with, args.seed, args.sets_a);
  if (!a) return refuse(a.errors(), terminal);
  std::optional<std::uint64_t> seed_b = args.seed_b;
  if (!seed_b && !kept_directory(file_b)) seed_b = a.value().seed;
  const Result<KeptRun> b = load_run(file_b, args.with, seed_b, args.sets_b);
  if (!b) return refuse(b.errors(), terminal);
  warn_of(args.a, a.value(), terminal);
  if (file_b != args.a) warn_of(file_b, b.value(), terminal);
  // What differs would be this program, and not the two runs.
  if (a.value().other || b.value().other) return exit_code::bad_input;
  Cluster world_a = build_kept_run(a.value());
  Cluster world_b = build_kept_run(b.value());
  const std::shared_ptr<const Plan> plan_a = world_a.world().plan;
  const std::shared_ptr<const Plan> plan_b = world_b.world().plan;

  const bool colour = terminal.out_colour();
  terminal.out(side_text("A", args.a, a.value()) + side_text("B", file_b, b.value()) + "\n");
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
