#include "gui/model/runs.h"

#include <algorithm>
#include <utility>

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

std::optional<RunResult> run_while(const Scenario& scenario, std::uint64_t seed,
                                   const std::function<bool()>& go_on) {
  constexpr std::int64_t slices = 50;
  const RunOptions options;
  Cluster cluster = build_run(scenario, seed, options);
  const Duration slice{std::max<std::int64_t>(1, (cluster.end() - TimePoint{}).ns / slices)};
  for (TimePoint at = TimePoint{} + slice; at < cluster.end(); at = at + slice) {
    if (!go_on()) return std::nullopt;
    if (!advance(cluster, at, options)) break;
  }
  if (!go_on()) return std::nullopt;
  return finish_run(std::move(cluster), scenario, options);
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
