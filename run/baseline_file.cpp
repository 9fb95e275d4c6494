// The file of a baseline: its tables, its reader, its printer.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/units_text.h"
#include "run/baseline.h"
#include "run/config_json.h"
#include "run/load_context.h"

namespace longhaul {

template <>
const EnumNames& enum_names<BaselineDirection>() {
  static const EnumNames names{
      {"lower_is_better", "higher_is_better", "either"},
      {"Growing is worse.", "Shrinking is worse.", "Any change is worse."}};
  return names;
}

const FieldTable& BaselineTolerance::fields() {
  static const FieldTable table = field_table<BaselineTolerance>(
      "tolerance", {
                       field<&BaselineTolerance::relative>("relative")
                           .about("So much of the baseline's value.")
                           .source("none")
                           .between(Ratio{0}, Ratio{1'000'000'000}),
                       field<&BaselineTolerance::absolute>("absolute")
                           .about("So much, whatever the value; the larger of both counts.")
                           .source("none"),
                   });
  return table;
}

const FieldTable& BaselineFigure::fields() {
  static const FieldTable table = field_table<BaselineFigure>(
      "figure",
      {
          field<&BaselineFigure::metric>("metric")
              .about("A metric with its labels.")
              .source("none")
              .required(),
          field<&BaselineFigure::aggregation>("aggregation")
              .about("As in expectations, over all seeds together.")
              .source("none")
              .required(),
          field<&BaselineFigure::value>("value").about("What it was.").source("none").required(),
          field<&BaselineFigure::tolerance>("tolerance")
              .about("How much worse it may become; not at all when empty.")
              .source("none"),
          field<&BaselineFigure::direction>("direction")
              .about("Which way is worse.")
              .source("most figures are better when they are lower"),
      });
  return table;
}

const FieldTable& BaselineScenario::fields() {
  static const FieldTable table = field_table<BaselineScenario>(
      "scenario",
      {
          field<&BaselineScenario::scenario>("scenario")
              .about("The scenario's name.")
              .source("none")
              .required(),
          field<&BaselineScenario::file>("file").about("Where it was.").source("none"),
          field<&BaselineScenario::digest>("digest")
              .about("Of the effective scenario and the catalogue.")
              .source("none"),
          field<&BaselineScenario::seeds>("seeds")
              .about("Those that ran.")
              .source("none")
              .required(),
          field<&BaselineScenario::until>("until")
              .about("The --until of the runs; absent: their end.")
              .source("none"),
          field<&BaselineScenario::leave_out>("leave_out")
              .about("Figures that the scenario is not held to: metrics, with or without labels "
                     "and aggregation.")
              .source("none"),
          field<&BaselineScenario::figures>("figures")
              .about("What it is held to.")
              .source("none")
              .required(),
      });
  return table;
}

const FieldTable& BaselineConfig::fields() {
  static const FieldTable table = field_table<BaselineConfig>(
      "baseline", {
                      field<&BaselineConfig::format>("format")
                          .about("Version of this file's form.")
                          .source("none")
                          .between(1, 1)
                          .required(),
                      field<&BaselineConfig::release>("release")
                          .about("Of the program that wrote it.")
                          .source("none"),
                      field<&BaselineConfig::catalogue>("catalogue")
                          .about("Digest of the regions and round trips.")
                          .source("none")
                          .required(),
                      field<&BaselineConfig::scenarios>("scenarios")
                          .about("By name.")
                          .source("none")
                          .required(),
                  });
  return table;
}

namespace {

void check_figure(const BaselineFigure& figure, const std::string& path, LoadContext& context) {
  const std::optional<Expectation> unit = unit_of(figure);
  if (!unit) return;  // a miss when somebody compares
  std::int64_t ignored = 0;
  if (const auto expected = parse_value(*unit, figure.value, ignored)) {
    context.add(context.at(path + ".value", *expected));
  }
  if (!figure.tolerance.absolute) return;
  const auto expected = parse_value(*unit, *figure.tolerance.absolute, ignored);
  if (expected || ignored < 0) {
    context.add(context.at(path + ".tolerance.absolute",
                           expected.value_or("a tolerance of at least nothing")));
  }
}

void check(const BaselineConfig& config, LoadContext& context) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < config.scenarios.size(); ++i) {
    const BaselineScenario& scenario = config.scenarios[i];
    const std::string path = fmt::format("scenarios[{}]", i);
    if (!names.insert(scenario.scenario).second) {
      context.add(context.at(path + ".scenario", "each scenario once"));
    }
    std::set<std::string> keys;
    for (std::size_t j = 0; j < scenario.figures.size(); ++j) {
      const std::string figure = fmt::format("{}.figures[{}]", path, j);
      check_figure(scenario.figures[j], figure, context);
      if (!keys.insert(key_of(scenario.figures[j])).second) {
        context.add(context.at(figure + ".metric", "each figure of a scenario once"));
      }
    }
  }
}

int line_of(const JsonNode& node) { return static_cast<int>(node.span.line); }

void note_lines(const JsonNode& root, Baseline& baseline) {
  baseline.catalogue_line = line_of(*root.find("catalogue"));
  for (const JsonNode& scenario : root.find("scenarios")->items) {
    baseline.scenario_lines.push_back(line_of(scenario));
    std::vector<int>& lines = baseline.figure_lines.emplace_back();
    for (const JsonNode& figure : scenario.find("figures")->items) {
      lines.push_back(line_of(figure));
    }
  }
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string figure_text(const BaselineFigure& figure) {
  std::string tolerance;
  if (figure.tolerance.relative) {
    tolerance = "\"relative\": " + quoted(to_text(*figure.tolerance.relative));
  }
  if (figure.tolerance.absolute) {
    tolerance += std::string(tolerance.empty() ? "" : ", ") +
                 "\"absolute\": " + quoted(*figure.tolerance.absolute);
  }
  return fmt::format(
      "{{\"metric\": {}, \"aggregation\": {}, \"value\": {}, \"tolerance\": {{{}}}, "
      "\"direction\": \"{}\"}}",
      quoted(figure.metric), quoted(figure.aggregation), quoted(figure.value), tolerance,
      enum_text(figure.direction));
}

std::string scenario_text(const BaselineScenario& scenario) {
  std::string text = "    {\n      \"scenario\": " + quoted(scenario.scenario) + ",\n";
  const auto add = [&](const char* name, const std::string& value) {
    text += fmt::format("      \"{}\": {},\n", name, quoted(value));
  };
  add("file", scenario.file);
  add("digest", scenario.digest);
  add("seeds", text_type<SeedRange>().print(&scenario.seeds));
  if (scenario.until) add("until", to_text(*scenario.until));
  if (!scenario.leave_out.empty()) {
    text += "      \"leave_out\": [";
    for (std::size_t i = 0; i < scenario.leave_out.size(); ++i) {
      text += (i == 0 ? "" : ", ") + quoted(scenario.leave_out[i]);
    }
    text += "],\n";
  }
  text += "      \"figures\": [";
  for (std::size_t i = 0; i < scenario.figures.size(); ++i) {
    text += (i == 0 ? "\n        " : ",\n        ") + figure_text(scenario.figures[i]);
  }
  return text + (scenario.figures.empty() ? "]\n    }" : "\n      ]\n    }");
}

}  // namespace

Result<Baseline> parse_baseline(const std::string& file, const std::string& text) {
  const Result<JsonDocument> document = parse_json(file, text);
  if (!document) return document.errors();
  Baseline baseline;
  baseline.file = file;
  LoadContext context(document.value());
  const bool loaded =
      load(document.value().root, BaselineConfig::fields(), &baseline.config, context);
  if (loaded) check(baseline.config, context);
  if (!context.ok()) return context.errors();
  note_lines(document.value().root, baseline);
  return baseline;
}

std::string baseline_text(const BaselineConfig& config) {
  std::string text = fmt::format(
      "{{\n  \"format\": {},\n  \"release\": {},\n  \"catalogue\": {},\n  \"scenarios\": [",
      config.format, quoted(config.release), quoted(config.catalogue));
  for (std::size_t i = 0; i < config.scenarios.size(); ++i) {
    text += (i == 0 ? "\n" : ",\n") + scenario_text(config.scenarios[i]);
  }
  return text + (config.scenarios.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace longhaul
