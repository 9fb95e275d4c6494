#include "cli/loading.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/units_text.h"

namespace longhaul {
namespace {

// A run that ends early is the beginning of the whole run; faults after its end do not happen.
std::optional<Error> end_early(Scenario& scenario, Duration until) {
  if (until > scenario.config.warmup) {
    scenario.cluster.duration = std::min(until, scenario.config.duration);
    return std::nullopt;
  }
  Error error;
  error.path = "--until";
  error.value = to_text(until);
  error.file = scenario.file;
  error.expected = "a time after the warm-up, " + to_text(scenario.config.warmup);
  return error;
}

// A file that cannot be read as JSON counts: its errors are worth a message.
bool looks_like_scenario(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (!name.ends_with(".json") || name.ends_with(".schema.json")) return false;
  const Result<std::string> text = read_text_file(path.string());
  if (!text) return true;
  const Result<JsonDocument> document = parse_json(path.string(), text.value());
  if (!document) return true;
  const JsonNode& root = document.value().root;
  return root.find("format") != nullptr || root.find("extends") != nullptr;
}

Error about_path(const std::string& path, const std::string& value, const std::string& expected) {
  Error error;
  error.file = path;
  error.value = value;
  error.expected = expected;
  return error;
}

std::optional<Error> add_directory(const std::string& path, std::vector<std::string>& files) {
  std::vector<std::string> found;
  std::error_code failed;
  std::filesystem::recursive_directory_iterator entry(path, failed);
  for (; !failed && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(failed)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown) && looks_like_scenario(entry->path())) {
      found.push_back(entry->path().string());
    }
  }
  if (failed) return about_path(path, failed.message(), "a directory to read");
  if (found.empty()) return about_path(path, "a directory", "a scenario below it");
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
  return std::nullopt;
}

}  // namespace

Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::vector<Error> wrong;
  for (const std::string& path : paths) {
    std::error_code unknown;
    if (!std::filesystem::is_directory(path, unknown)) {
      files.push_back(path);
    } else if (const auto error = add_directory(path, files)) {
      wrong.push_back(*error);
    }
  }
  if (!wrong.empty()) return wrong;
  std::vector<std::string> once;
  for (const std::string& file : files) {
    if (std::find(once.begin(), once.end(), file) == once.end()) once.push_back(file);
  }
  return once;
}

Result<Catalogue> load_catalogue(const std::string& rtt_csv) {
  if (rtt_csv.empty()) return Catalogue::builtin();
  const Result<std::string> text = read_text_file(rtt_csv);
  if (!text) return text.errors();
  return Catalogue::builtin().with_overrides(text.value(), rtt_csv);
}

Result<Scenario> load(const std::string& path, const ScenarioArgs& args,
                      const std::vector<std::string>& sets) {
  std::vector<std::string> all = args.sets;
  all.insert(all.end(), sets.begin(), sets.end());
  const Result<Catalogue> catalogue = load_catalogue(args.rtt_csv);
  if (!catalogue) return catalogue.errors();
  Result<Scenario> scenario =
      load_scenario(path, {.sets = std::move(all), .catalogue = &catalogue.value()});
  if (scenario && args.until) {
    if (const auto error = end_early(scenario.value(), *args.until)) return *error;
  }
  return scenario;
}

bool is_usage(const std::vector<Error>& errors) {
  constexpr std::array<std::string_view, 9> options{"--replica", "--page",  "--seed",
                                                    "--seeds",   "--value", "--latency",
                                                    "--knob",    "--until", "--tie-order"};
  constexpr std::array<std::string_view, 3> begins{"--vary", "--along", "--crash"};
  return !errors.empty() && std::all_of(errors.begin(), errors.end(), [&](const Error& error) {
    return std::find(options.begin(), options.end(), error.path) != options.end() ||
           std::any_of(begins.begin(), begins.end(),
                       [&](std::string_view option) { return error.path.starts_with(option); });
  });
}

int refuse(const std::vector<Error>& errors, Terminal& terminal) {
  for (const Error& error : errors) terminal.error(to_text(error));
  return is_usage(errors) ? exit_code::usage : exit_code::bad_input;
}

std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./:=,%+@") == word.npos;
  if (plain) return word;
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string options_text(const ScenarioArgs& args) {
  std::string text;
  for (const std::string& set : args.sets) text += " --set " + shell_word(set);
  if (args.until) text += " --until " + to_text(*args.until);
  if (args.permute_ties) text += " --tie-order permute:" + std::to_string(*args.permute_ties);
  if (!args.rtt_csv.empty()) text += " --rtt-csv " + shell_word(args.rtt_csv);
  return text;
}

std::string replay_command(const std::string& scenario, std::uint64_t seed,
                           const ScenarioArgs& args) {
  return "longhaul run " + shell_word(scenario) + " --seed " + std::to_string(seed) +
         options_text(args);
}

}  // namespace longhaul
