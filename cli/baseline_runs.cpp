#include "cli/baseline_runs.h"

#include <algorithm>
#include <filesystem>

#include "base/units_text.h"
#include "cli/loading.h"

namespace longhaul {
namespace {

bool may_differ(const TestArgs& args, const char* what) {
  return std::find(args.allow_other.begin(), args.allow_other.end(), what) !=
         args.allow_other.end();
}

std::string until_text(const std::optional<Duration>& until) {
  return until ? to_text(*until) : "the end";
}

}  // namespace

Result<std::optional<Baseline>> load_baseline(const std::string& file, bool must_exist) {
  std::error_code unknown;
  if (!must_exist && !std::filesystem::exists(file, unknown)) {
    return std::optional<Baseline>{};
  }
  const Result<std::string> text = read_text_file(file);
  if (!text) return text.errors();
  Result<Baseline> baseline = parse_baseline(file, text.value());
  if (!baseline) return baseline.errors();
  return std::optional<Baseline>{std::move(baseline).value()};
}

std::optional<Error> other_catalogue(const Baseline& baseline, const TestArgs& args) {
  const Result<Catalogue> catalogue = load_catalogue(args.with.rtt_csv);
  if (!catalogue || catalogue.value().version() == baseline.config.catalogue) return std::nullopt;
  if (may_differ(args, "catalogue")) return std::nullopt;
  return Error{baseline.file,
               baseline.catalogue_line,
               0,
               "catalogue",
               '"' + baseline.config.catalogue + '"',
               "this catalogue, " + catalogue.value().version() +
                   ": renew the baseline, or say --allow-other catalogue",
               ""};
}

std::vector<Error> differences(const Baseline& baseline, std::size_t scenario, const TestArgs& args,
                               SeedRange seeds) {
  const BaselineScenario& held = baseline.config.scenarios[scenario];
  std::vector<Error> wrong;
  const auto add = [&](const char* what, const std::string& value, const std::string& now) {
    if (may_differ(args, what)) return;
    wrong.push_back({baseline.file, baseline.scenario_lines[scenario], 0,
                     "scenarios[" + std::to_string(scenario) + "]." + what, value,
                     now + ", as now: renew the baseline, or say --allow-other " + what, ""});
  };
  if (held.seeds != seeds) {
    add("seeds", '"' + text_type<SeedRange>().print(&held.seeds) + '"',
        text_type<SeedRange>().print(&seeds));
  }
  if (held.until != args.with.until) {
    add("until", until_text(held.until), until_text(args.with.until));
  }
  return wrong;
}

}  // namespace longhaul
