#include <fmt/format.h>

#include <chrono>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/watched_run.h"
#include "run/report.h"

namespace longhaul {
namespace {

int keep(const Report& report, const std::string& directory, Terminal& terminal) {
  const std::pair<const char*, std::string> files[] = {
      {"result.json", report_json(report)},
      {"report.txt", report_text(report)},
      {"scenario.json", scenario_json(report.effective)},
  };
  for (const auto& [name, text] : files) {
    if (const auto wrong = write_file(directory + "/" + name, text)) {
      terminal.error("--out " + *wrong);
      return exit_code::fault;
    }
  }
  return exit_code::ok;
}

}  // namespace

int cmd_run(const RunArgs& args, Terminal& terminal) {
  const Result<Scenario> loaded = load(args.scenario, args.with);
  if (!loaded) return refuse(loaded.errors(), terminal);
  const Scenario& scenario = loaded.value();
  if (!args.out.empty()) {
    if (const auto wrong = make_directory(args.out)) {
      terminal.error("--out " + *wrong);
      return exit_code::usage;
    }
  }
  const std::uint64_t seed =
      args.seed.value_or(static_cast<std::uint64_t>(scenario.config.seeds.first));
  RunOptions options;
  options.permute_ties = args.with.permute_ties;
  const auto began = std::chrono::steady_clock::now();
  const std::optional<RunResult> result =
      watched_run(scenario, seed, options, [&](Duration done, Duration whole) {
        terminal.progress(fmt::format("{} seed {}: {} of {}", scenario.config.name, seed,
                                      to_short_text(done), to_short_text(whole)));
      });
  if (!result) {
    terminal.error("interrupted; half a run has no result");
    return exit_code::interrupted;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  terminal.log(fmt::format("simulated {} in {:.2f} s, {:.2f} million events a second",
                           to_text(scenario.cluster.duration), took.count(),
                           static_cast<double>(result->events) / took.count() / 1e6));

  const Report report = make_report(scenario, *result, options);
  terminal.out(args.json ? report_json(report) : report_text(report, terminal.out_colour()));
  if (!args.out.empty()) {
    if (const int code = keep(report, args.out, terminal); code != exit_code::ok) return code;
  }
  return report.holds() ? exit_code::ok : exit_code::missed;
}

}  // namespace longhaul
