#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/watched_run.h"
#include "run/report.h"
#include "run/reports/files.h"
#include "run/series.h"
#include "run/trace.h"

namespace longhaul {
namespace {

// The log that --latency-baseline names, or the one in that directory.
Result<LatencyLog> load_baseline(const std::string& path) {
  std::error_code unknown;
  const bool directory = std::filesystem::is_directory(path, unknown);
  const std::string file = directory ? path + "/latency_log.csv" : path;
  const Result<std::string> text = read_text_file(file);
  if (!text) return text.errors();
  return read_latency_log(text.value(), file);
}

int keep(const std::vector<OutFile>& files, const std::string& directory, Terminal& terminal) {
  for (const OutFile& file : files) {
    if (const auto wrong = write_file(directory + "/" + file.name, file.text)) {
      terminal.error("--out " + *wrong);
      return exit_code::fault;
    }
  }
  return exit_code::ok;
}

// Everything that --out keeps of a run.
std::vector<OutFile> files_of(const Scenario& scenario, const RunResult& result,
                              const Report& report, SeriesSampler& sampler,
                              const TraceRecorder& recorder,
                              const std::optional<LatencyLog>& baseline) {
  const RunSeries series = sampler.take(result);
  const MonthlyCost cost = monthly_cost(scenario, result.figures);
  LatencyLog log = latency_log(scenario, result.figures);
  if (baseline) add_baseline(log, *baseline);
  std::vector<OutFile> files = report_files({scenario, result, report, series, cost, log});
  files.push_back({"trace.json", trace_json(scenario, result, recorder)});
  return files;
}

TraceWindow trace_window(const RunArgs& args, const ClusterConfig& config) {
  if (!args.trace_window) return default_trace_window(config);
  return {TimePoint{} + args.trace_window->first, TimePoint{} + args.trace_window->second};
}

}  // namespace

int cmd_run(const RunArgs& args, Terminal& terminal) {
  const Result<Scenario> loaded = load(args.scenario, args.with);
  if (!loaded) return refuse(loaded.errors(), terminal);
  const Scenario& scenario = loaded.value();
  std::optional<LatencyLog> baseline;
  if (!args.latency_baseline.empty()) {
    Result<LatencyLog> read = load_baseline(args.latency_baseline);
    if (!read) return refuse(read.errors(), terminal);
    baseline = std::move(read.value());
  }
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
  SeriesSampler sampler(scenario);
  TraceRecorder recorder(trace_window(args, scenario.cluster));
  if (!args.out.empty()) {
    options.sampler = &sampler;
    options.observer = &recorder;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto show = [&](Duration done, Duration whole) {
    terminal.progress(fmt::format("{} seed {}: {} of {}", scenario.config.name, seed,
                                  to_short_text(done), to_short_text(whole)));
  };
  const auto watch = [&](World& world) {
    if (!args.out.empty()) watch_pages(world, trace_witness(recorder.window()));
  };
  const std::optional<RunResult> result = watched_run(scenario, seed, options, show, watch);
  if (!result) {
    terminal.error("interrupted; half a run has no result");
    return exit_code::interrupted;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  terminal.log(fmt::format("simulated {} in {:.2f} s, {:.2f} million events a second",
                           to_text(scenario.cluster.duration), took.count(),
                           static_cast<double>(result->events) / took.count() / 1e6));

  const Report report = make_report(scenario, *result, options);
  if (args.json) {
    terminal.out(report_json(report));
  } else if (args.quiet) {
    terminal.out(missed_text(report, terminal.out_colour()));
  } else {
    terminal.out(report_text(report, terminal.out_colour()));
  }
  if (!args.out.empty()) {
    const auto files = files_of(scenario, *result, report, sampler, recorder, baseline);
    if (const int code = keep(files, args.out, terminal); code != exit_code::ok) return code;
  }
  return report.holds() ? exit_code::ok : exit_code::missed;
}

}  // namespace longhaul
