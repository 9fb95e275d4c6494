#include "run/kept_run.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "run/layers.h"
#include "run/report.h"

namespace longhaul {
namespace {

using json = nlohmann::json;

Error about(const std::string& file, const std::string& path, const std::string& value,
            const std::string& expected) {
  Error error;
  error.file = file;
  error.path = path;
  error.value = value;
  error.expected = expected;
  return error;
}

std::string word_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<std::uint64_t> order_of_ties(const std::string& text) {
  const std::string prefix = "permute:";
  if (!text.starts_with(prefix)) return std::nullopt;
  return std::strtoull(text.c_str() + prefix.size(), nullptr, 10);
}

void compare(KeptRun& run, const json& result) {
  const std::string made_by = word_at(result, "release");
  if (made_by != release()) {
    run.notes.push_back("made by release " + (made_by.empty() ? "?" : made_by) +
                        ", this program is " + std::string(release()));
  }
  const auto scenario = result.find("scenario");
  const std::string digest =
      scenario != result.end() && scenario->is_object() ? word_at(*scenario, "digest") : "";
  if (digest == hex_text(run.scenario.digest)) return;
  const auto kept = result.find("effective");
  const bool same = kept != result.end() &&
                    json::parse(scenario_json(run.scenario.config), nullptr, false) == *kept;
  run.notes.push_back(same ? "the catalogue of regions was another one"
                           : "scenario.json is not what result.json was made of");
  run.other = true;
}

}  // namespace

std::optional<std::string> kept_directory(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) return path;
  const std::filesystem::path file(path);
  if (file.filename() != "result.json") return std::nullopt;
  return file.has_parent_path() ? file.parent_path().string() : ".";
}

std::string kept_round_trips(const std::string& directory) {
  const std::string file = directory + "/rtt.csv";
  std::error_code unknown;
  return std::filesystem::exists(file, unknown) ? file : "";
}

Result<KeptRun> read_kept_run(const std::string& directory, const ScenarioOptions& options) {
  const std::string file = directory + "/result.json";
  const Result<std::string> text = read_text_file(file);
  if (!text) return text.errors();
  const json result = json::parse(text.value(), nullptr, false);
  if (!result.is_object()) {
    return about(file, "", "no JSON object", "a result that `longhaul run --out` has written");
  }
  const std::optional<std::int64_t> seed = number_at(result, "seed");
  const std::optional<std::int64_t> simulated = number_at(result, "simulated_ns");
  if (!seed || !simulated) {
    return about(file, seed ? "simulated_ns" : "seed", "absent",
                 "a result that `longhaul run --out` has written");
  }
  Result<Scenario> scenario = load_scenario(directory + "/scenario.json", options);
  if (!scenario) return scenario.errors();
  KeptRun run;
  run.scenario = std::move(scenario).value();
  run.seed = static_cast<std::uint64_t>(*seed);
  run.permute_ties = order_of_ties(word_at(result, "tie_order"));
  const std::string digest = word_at(result, "digest");
  run.digest = std::strtoull(digest.c_str(), nullptr, 16);
  if (*simulated > 0 && *simulated < run.scenario.cluster.duration.ns) {
    run.scenario.cluster.duration = Duration{*simulated};  // --until
  }
  if (options.sets.empty()) compare(run, result);
  return run;
}

}  // namespace longhaul
