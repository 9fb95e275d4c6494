#include "cli/loading.h"

#include "base/units_text.h"

namespace longhaul {
namespace {

// As a shell takes it.
std::string quoted(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789_-./:=,%+@") == word.npos;
  if (plain) return word;
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// A run that ends early is the beginning of the whole run; faults after its end do not happen.
std::optional<Error> end_early(Scenario& scenario, Duration until) {
  if (until > scenario.config.warmup && until <= scenario.config.duration) {
    scenario.cluster.duration = until;
    return std::nullopt;
  }
  Error error;
  error.path = "--until";
  error.value = to_text(until);
  error.expected = "a time after the warm-up (" + to_text(scenario.config.warmup) +
                   ") and up to the duration (" + to_text(scenario.config.duration) + ")";
  return error;
}

}  // namespace

Result<Catalogue> load_catalogue(const std::string& rtt_csv) {
  if (rtt_csv.empty()) return Catalogue::builtin();
  const Result<std::string> text = read_text_file(rtt_csv);
  if (!text) return text.errors();
  return Catalogue::builtin().with_overrides(text.value(), rtt_csv);
}

Result<Scenario> load(const std::string& path, const ScenarioArgs& args) {
  const Result<Catalogue> catalogue = load_catalogue(args.rtt_csv);
  if (!catalogue) return catalogue.errors();
  Result<Scenario> scenario =
      load_scenario(path, {.sets = args.sets, .catalogue = &catalogue.value()});
  if (scenario && args.until) {
    if (const auto error = end_early(scenario.value(), *args.until)) return *error;
  }
  return scenario;
}

int refuse(const std::vector<Error>& errors, Terminal& terminal) {
  for (const Error& error : errors) terminal.error(to_text(error));
  return exit_code::bad_input;
}

std::string replay_command(const std::string& scenario, std::uint64_t seed,
                           const ScenarioArgs& args) {
  std::string text = "longhaul run " + quoted(scenario) + " --seed " + std::to_string(seed);
  for (const std::string& set : args.sets) text += " --set " + quoted(set);
  if (args.until) text += " --until " + to_text(*args.until);
  if (args.permute_ties) text += " --tie-order permute:" + std::to_string(*args.permute_ties);
  if (!args.rtt_csv.empty()) text += " --rtt-csv " + quoted(args.rtt_csv);
  return text;
}

}  // namespace longhaul
