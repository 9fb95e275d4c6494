#include <fmt/format.h>

#include <string_view>

#include "cli/test_report.h"

namespace longhaul {
namespace {

// Workflow commands of GitHub Actions: % and line ends are escaped, in properties : and , too.
std::string escaped(std::string_view text, bool property) {
  std::string result;
  for (char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    result += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return result;
}

std::string annotation(const std::string& file, int line, int column, const std::string& message) {
  std::string place;
  if (!file.empty()) place = " file=" + escaped(file, true);
  if (!file.empty() && line > 0) place += fmt::format(",line={}", line);
  if (!file.empty() && line > 0 && column > 0) place += fmt::format(",col={}", column);
  return "::error" + place + "::" + escaped(message, false) + "\n";
}

}  // namespace

std::string github_annotation(const Error& error) {
  Error without_place = error;
  without_place.file.clear();
  return annotation(error.file, error.line, error.column, to_text(without_place));
}

std::string github_annotations(const TestReport& report) {
  std::string text;
  for (const TestedScenario& scenario : report.scenarios) {
    for (const Error& error : scenario.errors) text += github_annotation(error);
    for (const TestedExpectation& row : scenario.expectations) {
      if (row.holds()) continue;
      text += annotation(scenario.file, row.line, 0,
                         fmt::format("{}: {} {}: found {}; missed in seeds {}. Replay: {}",
                                     scenario.name, row.metric, row.text, row.pooled,
                                     seeds_text(row.failing_seeds), scenario.replays.front()));
    }
    for (const BaselineRow& row : scenario.baseline) {
      if (!row.missed()) continue;
      const std::string& replay = scenario.baseline_replay;
      text += annotation(scenario.baseline_file, row.line, 0,
                         fmt::format("{}: {}: {}{}", scenario.name, row.name(), row.text(),
                                     replay.empty() ? "" : ". Replay: " + replay));
    }
  }
  return text;
}

}  // namespace longhaul
