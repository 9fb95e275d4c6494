#include "gui/model/runs.h"

#include <algorithm>
#include <utility>

#include "models/app/witness.h"
#include "run/trace.h"

namespace longhaul {

Result<Scenario> load_text(const std::string& path, const std::string& text,
                           const std::vector<std::string>& sets) {
  ScenarioOptions options;
  options.sets = sets;
  return load_scenario(path, options, [&](const std::string& file) -> Result<std::string> {
    if (file == path) return text;
    return read_text_file(file);
  });
}

namespace {

// Up to its end, but for what finish_run() does; false when `go_on` said no in between.
bool run_up(Cluster& cluster, const RunOptions& options, const std::function<bool()>& go_on) {
  constexpr std::int64_t slices = 50;
  const Duration slice{std::max<std::int64_t>(1, (cluster.end() - TimePoint{}).ns / slices)};
  for (TimePoint at = TimePoint{} + slice; at < cluster.end(); at = at + slice) {
    if (!go_on()) return false;
    if (!advance(cluster, at, options)) break;
  }
  return go_on();
}

}  // namespace

std::optional<RunResult> run_while(const Scenario& scenario, std::uint64_t seed,
                                   const std::function<bool()>& go_on) {
  const RunOptions options;
  Cluster cluster = build_run(scenario, seed, options);
  if (!run_up(cluster, options, go_on)) return std::nullopt;
  return finish_run(std::move(cluster), scenario, options);
}

std::optional<std::string> trace_while(const Scenario& scenario, std::uint64_t seed,
                                       const std::function<bool()>& go_on) {
  TraceRecorder recorder(default_trace_window(scenario.cluster));
  RunOptions options;
  options.observer = &recorder;
  Cluster cluster = build_run(scenario, seed, options);
  watch_pages(cluster.world(), trace_witness(recorder.window()));
  if (!run_up(cluster, options, go_on)) return std::nullopt;
  advance(cluster, cluster.end(), options);
  recorder.finish(cluster.world());
  const RunResult result = finish_run(std::move(cluster), scenario, options);
  return trace_json(scenario, result, recorder);
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += " ";
    const bool plain =
        !word.empty() && word.find_first_of(" '\"\\$`&|;<>()*?[]#~!{}\t\n") == word.npos;
    if (plain) {
      text += word;
      continue;
    }
    text += "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
  }
  return text;
}

}  // namespace longhaul
