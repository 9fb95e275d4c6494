#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "models/measures.h"
#include "run/manual.h"
#include "run/report.h"
#include "run/scenario.h"
#include "run/schema.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

std::string kind_text(const MetricInfo& row) {
  switch (row.kind) {
    case MetricKind::distribution:
      return "distribution";
    case MetricKind::ramp:
    case MetricKind::gauge:
      return "time-weighted distribution";
    case MetricKind::counter:
      if (row.unit == MetricUnit::bytes) return "sum";
      return row.share_of.empty() ? "count" : "count and share of " + std::string(row.share_of);
  }
  __builtin_unreachable();
}

std::string labels_text(const MetricInfo& row) {
  std::string text;
  for (Label label : row.labels) {
    text += (text.empty() ? "" : ", ") + std::string(label_name(label));
  }
  return text;
}

std::string metric_text(const MetricInfo& row) {
  const std::string unit =
      row.unit == MetricUnit::count ? "" : " in " + std::string(unit_name(row.unit));
  return fmt::format("{}{{{}}}\n    {}{}\n    {}\n", row.name, labels_text(row), kind_text(row),
                     unit, wrapped(row.definition, 96, 4));
}

std::string metric_markdown(const MetricInfo& row) {
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, kind_text(row),
                     unit_name(row.unit), labels_text(row), row.definition);
}

// Those whose name begins with `under`.
std::string metrics(std::string_view under, bool markdown) {
  std::string text;
  for (const MetricInfo& row : metric_table()) {
    if (!row.name.starts_with(under)) continue;
    if (!markdown && !text.empty()) text += "\n";
    text += markdown ? metric_markdown(row) : metric_text(row);
  }
  if (!markdown || text.empty()) return text;
  return "| metric | kind | unit | labels | definition |\n|---|---|---|---|---|\n" + text;
}

}  // namespace

int cmd_params(const ParamsArgs& args, Terminal& terminal) {
  const FieldTable& table = ScenarioConfig::fields();
  const std::string text = args.metrics    ? metrics(args.under, args.markdown)
                           : args.markdown ? manual_markdown(table, args.under)
                                           : manual_text(table, args.under);
  if (text.empty()) {
    terminal.error(args.metrics ? args.under + ": no metric begins like that"
                                : args.under +
                                      ": no parameter has that path; elements of lists "
                                      "stand as NAME or [N], as in topology.nodes.NAME");
    return exit_code::usage;
  }
  terminal.out(text);
  return exit_code::ok;
}

int cmd_schema(Terminal& terminal) {
  terminal.out(json_schema(ScenarioConfig::fields(), true).dump(2) + "\n");
  return exit_code::ok;
}

}  // namespace longhaul
