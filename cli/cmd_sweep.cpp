#include <fmt/format.h>

#include <chrono>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/sweeping.h"
#include "cli/watched_run.h"
#include "run/grid.h"
#include "run/grid_report.h"

namespace longhaul {
namespace {

// "about 3min left" once there is something to judge by.
class TimeLeft {
 public:
  std::string text(std::int64_t done, std::int64_t whole) {
    if (first_done_ < 0) first_done_ = done;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began_;
    if (done == first_done_ || spent.count() < 2) return "";
    const double left =
        spent.count() * static_cast<double>(whole - done) / static_cast<double>(done - first_done_);
    return fmt::format(", about {} left", to_short_text(seconds(static_cast<std::int64_t>(left))));
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::int64_t first_done_ = -1;
};

void print(const Store& store, bool as_json, Terminal& terminal) {
  const GridReport report = grid_report(store);
  terminal.out(as_json ? grid_json(report) : grid_text(report, terminal.out_colour()));
}

}  // namespace

int cmd_sweep(const SweepArgs& args, Terminal& terminal) {
  GridAsked asked;
  const Result<std::vector<Axis>> axes = parse_axes(args.vary);
  if (!axes) return refuse(axes.errors(), terminal);
  asked.axes = axes.value();
  asked.seeds = args.seeds;
  asked.crash = args.crash;
  asked.tie_order = args.with.permute_ties;
  asked.load = [&](const std::vector<std::string>& sets) {
    return load(args.scenario, args.with, sets);
  };
  const Result<Grid> grid = make_grid(asked);
  if (!grid) return refuse(grid.errors(), terminal);
  Result<Store> store = Store::open(args.store.empty() ? ":memory:" : args.store, grid.value().key);
  if (!store) return refuse(store.errors(), terminal);
  GridOptions options;
  options.jobs = args.jobs.value_or(default_jobs());
  options.shard = args.shard.value_or(Shard{});
  options.go_on = [] { return !interrupted(); };
  options.around = announced_cell;
  TimeLeft left;
  options.progress = [&](std::int64_t done, std::int64_t whole) {
    terminal.progress(fmt::format("{} of {} cells{}", done, whole, left.text(done, whole)));
  };
  const Result<bool> complete = fill(grid.value(), store.value(), options);
  if (!complete) {
    refuse(complete.errors(), terminal);
    return exit_code::fault;
  }
  print(store.value(), args.json, terminal);
  if (complete.value()) return exit_code::ok;
  terminal.error(args.store.empty() ? "interrupted"
                                    : "interrupted; the same command goes on where it stopped");
  return exit_code::interrupted;
}

int cmd_merge(const MergeArgs& args, Terminal& terminal) {
  const Result<Store> first = Store::read(args.parts[0]);
  if (!first) return refuse(first.errors(), terminal);
  Result<Store> whole = Store::open(args.into, first.value().key());
  if (!whole) return refuse(whole.errors(), terminal);
  for (const std::string& part : args.parts) {
    const Result<std::int64_t> added = whole.value().merge(part);
    if (!added) return refuse(added.errors(), terminal);
    terminal.log(fmt::format("{}: {} cells", part, added.value()));
  }
  print(whole.value(), args.json, terminal);
  return exit_code::ok;
}

}  // namespace longhaul
