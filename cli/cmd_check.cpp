#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cli/commands.h"
#include "cli/loading.h"
#include "cli/test_report.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

template <class List>
std::int64_t of(const List& list) {
  return static_cast<std::int64_t>(list.size());
}

std::string checked_text(const Scenario& scenario, bool quiet, bool colour) {
  const bool nothing = scenario.warnings.empty() && scenario.estimates.empty();
  if (quiet && nothing) return "";
  std::string text = toned("ok", Tone::good, colour) + "  " +
                     toned(scenario.file, Tone::strong, colour) + "  " +
                     counted(of(scenario.expectations), "expectation");
  if (!scenario.warnings.empty()) text += ", " + counted(of(scenario.warnings), "warning");
  if (!scenario.estimates.empty()) {
    text += ", " + counted(of(scenario.estimates), "estimated link");
  }
  text += "\n";
  for (const std::string& warning : scenario.warnings) {
    text +=
        "  " + toned("warning", Tone::warning, colour) + "   " + wrapped(warning, 88, 12) + "\n";
  }
  for (const std::string& link : scenario.estimates) {
    text += "  " + toned("estimate", Tone::warning, colour) + "  round trip " + link +
            ": nobody measured it\n";
  }
  return text;
}

}  // namespace

int cmd_check(const CheckArgs& args, Terminal& terminal) {
  const Result<std::vector<std::string>> files = scenario_files(args.paths);
  if (!files) return refuse(files.errors(), terminal);
  if (const auto catalogue = load_catalogue(args.with.rtt_csv); !catalogue) {
    return refuse(catalogue.errors(), terminal);
  }
  const char* actions = std::getenv("GITHUB_ACTIONS");
  const bool annotate = actions != nullptr && std::strcmp(actions, "true") == 0;
  int code = exit_code::ok;
  for (const std::string& file : files.value()) {
    const Result<Scenario> scenario = load(file, args.with);
    if (scenario) {
      terminal.out(checked_text(scenario.value(), args.quiet, terminal.out_colour()));
      continue;
    }
    code = std::max(code, refuse(scenario.errors(), terminal));
    if (!annotate) continue;
    for (const Error& error : scenario.errors()) terminal.raw_error(github_annotation(error));
  }
  return code;
}

}  // namespace longhaul
