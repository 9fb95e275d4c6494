#include "cli/kept.h"

#include "cli/loading.h"
#include "run/runner.h"

namespace longhaul {
namespace {

Error not_with(const std::string& directory, const std::string& option) {
  Error error;
  error.file = directory;
  error.path = option;
  error.value = "given";
  error.expected = "nothing: the directory says it";
  return error;
}

}  // namespace

Result<KeptRun> load_run(const std::string& path, const ScenarioArgs& args,
                         std::optional<std::uint64_t> seed, const std::vector<std::string>& sets) {
  const std::optional<std::string> directory = kept_directory(path);
  if (!directory) {
    Result<Scenario> scenario = load(path, args, sets);
    if (!scenario) return scenario.errors();
    KeptRun run;
    run.scenario = std::move(scenario).value();
    run.seed = seed.value_or(static_cast<std::uint64_t>(run.scenario.config.seeds.first));
    run.permute_ties = args.permute_ties;
    return run;
  }
  if (seed) return not_with(path, "--seed");
  if (args.until) return not_with(path, "--until");
  if (args.permute_ties) return not_with(path, "--tie-order");
  const Result<Catalogue> catalogue =
      load_catalogue(args.rtt_csv.empty() ? kept_round_trips(*directory) : args.rtt_csv);
  if (!catalogue) return catalogue.errors();
  std::vector<std::string> all = args.sets;
  all.insert(all.end(), sets.begin(), sets.end());
  return read_kept_run(*directory, {.sets = std::move(all), .catalogue = &catalogue.value()});
}

void warn_of(const std::string& path, const KeptRun& run, Terminal& terminal) {
  for (const std::string& note : run.notes) terminal.error("warning: " + path + ": " + note);
}

Cluster build_kept_run(const KeptRun& run) {
  RunOptions options;
  options.permute_ties = run.permute_ties;
  return build_run(run.scenario, run.seed, options);
}

}  // namespace longhaul
