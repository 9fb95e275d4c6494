#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/kept.h"
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

// The text of the user's own round trips; empty: there are none.
Result<std::string> round_trips_of(const RunArgs& args) {
  std::string file = args.with.rtt_csv;
  const std::optional<std::string> directory = kept_directory(args.scenario);
  if (file.empty() && directory) file = kept_round_trips(*directory);
  if (file.empty()) return std::string();
  return read_text_file(file);
}

TraceWindow trace_window(const RunArgs& args, const ClusterConfig& config) {
  if (!args.trace_window) return default_trace_window(config);
  return {TimePoint{} + args.trace_window->first, TimePoint{} + args.trace_window->second};
}

}  // namespace

int cmd_run(const RunArgs& args, Terminal& terminal) {
  const Result<KeptRun> loaded = load_run(args.scenario, args.with, args.seed);
  if (!loaded) return refuse(loaded.errors(), terminal);
  const KeptRun& kept = loaded.value();
  warn_of(args.scenario, kept, terminal);
  const Scenario& scenario = kept.scenario;
  const std::uint64_t seed = kept.seed;
  if (args.trace_window && args.trace_window->first >= scenario.cluster.duration) {
    terminal.error(
        fmt::format("--trace-window {}..{}: expected a window that begins before the "
                    "run ends, at {}",
                    to_text(args.trace_window->first), to_text(args.trace_window->second),
                    to_text(scenario.cluster.duration)));
    return exit_code::usage;
  }
  std::optional<LatencyLog> baseline;
  if (!args.latency_baseline.empty()) {
    Result<LatencyLog> read = load_baseline(args.latency_baseline);
    if (!read) return refuse(read.errors(), terminal);
    baseline = std::move(read.value());
  }
  // Read before a directory is written, which may be the one that is made again.
  const Result<std::string> round_trips = round_trips_of(args);
  if (!round_trips) return refuse(round_trips.errors(), terminal);
  if (!args.out.empty()) {
    if (const auto wrong = make_directory(args.out)) {
      terminal.error("--out " + *wrong);
      return exit_code::usage;
    }
  }
  RunOptions options;
  options.permute_ties = kept.permute_ties;
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
  const auto at_end = [&](const World& world) {
    if (!args.out.empty()) recorder.finish(world);
  };
  const std::optional<RunResult> result = watched_run(scenario, seed, options, show, watch, at_end);
  if (!result) {
    terminal.error("interrupted; half a run has no result");
    return exit_code::interrupted;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  terminal.log(fmt::format("simulated {} in {:.2f} s, {:.2f} million events a second",
                           to_text(scenario.cluster.duration), took.count(),
                           static_cast<double>(result->events) / took.count() / 1e6));

  if (!recorder.left_out().empty()) {
    terminal.log("trace.json leaves out " + recorder.left_out());
  }
  const Report report = make_report(scenario, *result, options);
  if (args.json) {
    terminal.out(report_json(report));
  } else if (args.quiet) {
    terminal.out(missed_text(report, terminal.out_colour()));
  } else {
    terminal.out(report_text(report, terminal.out_colour()));
  }
  if (!args.out.empty()) {
    auto files = files_of(scenario, *result, report, sampler, recorder, baseline);
    if (!round_trips.value().empty()) files.push_back({"rtt.csv", round_trips.value()});
    if (const int code = keep(files, args.out, terminal); code != exit_code::ok) return code;
    // Of an earlier run there.
    if (round_trips.value().empty()) std::remove((args.out + "/rtt.csv").c_str());
  }
  if (kept.digest != 0 && kept.digest != result->digest && args.with.sets.empty()) {
    terminal.error("warning: " + args.scenario + ": this is another run: digest " +
                   hex_text(result->digest) + ", and result.json has " + hex_text(kept.digest));
    return exit_code::bad_input;
  }
  return report.holds() ? exit_code::ok : exit_code::missed;
}

}  // namespace longhaul
