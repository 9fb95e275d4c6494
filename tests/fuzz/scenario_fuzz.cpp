// libFuzzer entry: any bytes at all as a scenario, its layers and its assignments.
//
// The text is fuzz.json. What stands behind a line "//# base.json" is the file base.json, for
// "extends"; no other file exists. Lines in front that begin with "//=" are --set assignments, as
// in //=duration=1s. Whatever loads must survive being printed and loaded again, and, when it is
// small, being built and run for a while: no CHECK, no sanitizer report, no hang.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "run/config_json.h"
#include "run/overrides.h"
#include "run/runner.h"
#include "run/scenario.h"

using namespace longhaul;

namespace {

constexpr std::string_view base_mark = "\n//# base.json\n";
constexpr std::uint64_t events_max = 3'000;

struct Input {
  std::string file;
  std::string base;
  std::vector<std::string> sets;
};

Input split(std::string_view text) {
  Input input;
  const std::size_t mark = text.find(base_mark);
  if (mark != std::string_view::npos) input.base = text.substr(mark + base_mark.size());
  input.file = text.substr(0, mark);
  std::string_view rest = input.file;
  while (rest.starts_with("//=") && input.sets.size() < 8) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    input.sets.emplace_back(rest.substr(3, end - 3));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return input;
}

Result<Scenario> load(const Input& input) {
  const ReadText read = [&](const std::string& path) -> Result<std::string> {
    if (path == "fuzz.json") return input.file;
    if (path == "base.json" && !input.base.empty()) return input.base;
    Error error;
    error.file = path;
    error.value = "no such file";
    return error;
  };
  ScenarioOptions options;
  options.sets = input.sets;
  return load_scenario("fuzz.json", options, read);
}

bool is_small(const ClusterConfig& config) {
  std::int64_t things = 0;
  for (const PopulationConfig& population : config.workload) things += population.sessions;
  for (const AppConfig& app : config.apps) things += app.instances * 16;
  for (const DataSetConfig& set : config.data) things += set.rows.value / 1000;
  return things < 3'000;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input = split({reinterpret_cast<const char*>(data), size});
  const Result<Scenario> scenario = load(input);
  for (const Error& error : scenario.errors()) to_text(error);
  if (!scenario.ok()) return 0;

  Input printed;
  printed.file = dump(ScenarioConfig::fields(), &scenario.value().config).dump();
  const Result<Scenario> again = load(printed);
  CHECK(again.ok() && again.value().config == scenario.value().config);
  CHECK(again.value().digest == scenario.value().digest);
  if (!is_small(scenario.value().cluster)) return 0;

  RunOptions options;
  options.event_limit = events_max;
  const RunResult result = run(scenario.value(), 1, options);
  const std::vector<Verdict> verdicts = judge_all(scenario.value(), result.figures);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    value_text(scenario.value().expectations[i], verdicts[i].value);
  }
  return 0;
}
