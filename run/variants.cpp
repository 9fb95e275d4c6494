#include "run/variants.h"

#include <algorithm>
#include <set>
#include <utility>

namespace longhaul {
namespace {

constexpr std::int64_t settings_max = 100'000;

// The figures that are wanted take the place of the scenario's expectations.
std::vector<Error> want(Scenario& scenario, const std::vector<WantedFigure>& wanted) {
  std::vector<Error> wrong;
  scenario.expectations.clear();
  scenario.expectation_lines.assign(wanted.size(), 0);
  const LabelValues labels = label_values(scenario.cluster);
  for (const WantedFigure& figure : wanted) {
    Result<Expectation> parsed = parse_figure(figure.selector, figure.aggregation, labels);
    if (parsed) {
      scenario.expectations.push_back(std::move(parsed).value());
    } else {
      wrong.push_back(parsed.errors().front());
      wrong.back().path = figure.selector;
    }
  }
  return wrong;
}

}  // namespace

std::int64_t settings_of(const std::vector<Axis>& axes) {
  std::int64_t product = 1;
  for (const Axis& axis : axes) product *= static_cast<std::int64_t>(axis.values.size());
  return product;
}

std::vector<std::string> values_of(const std::vector<Axis>& axes, std::int64_t setting) {
  std::vector<std::string> values(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    const auto count = static_cast<std::int64_t>(axes[i].values.size());
    values[i] = axes[i].values[static_cast<std::size_t>(setting % count)];
    setting /= count;
  }
  return values;
}

std::vector<std::string> sets_of(const std::vector<Axis>& axes,
                                 const std::vector<std::string>& values) {
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < axes.size(); ++i) sets.push_back(axes[i].path + "=" + values[i]);
  return sets;
}

std::vector<Error> mistakes_in(const std::vector<Axis>& axes) {
  std::vector<Error> wrong;
  const auto add = [&](const Axis& axis, const char* expected) {
    wrong.push_back({"", 0, 0, "--vary", axis.path, expected, ""});
  };
  std::set<std::string> paths;
  std::int64_t settings = 1;
  for (const Axis& axis : axes) {
    if (!paths.insert(axis.path).second) add(axis, "each path once, with all its values");
    const std::set<std::string> values(axis.values.begin(), axis.values.end());
    if (values.size() != axis.values.size()) add(axis, "values that differ from one another");
    settings *= static_cast<std::int64_t>(axis.values.size());
    if (settings > settings_max) {
      add(axis, "no more than 100,000 settings in all");
      return wrong;
    }
  }
  return wrong;
}

void SettingErrors::add(const std::vector<Error>& errors, const std::vector<std::string>& sets) {
  for (const Error& error : errors) {
    if (std::find(found_.begin(), found_.end(), error) != found_.end()) continue;
    found_.push_back(error);
    Error shown = error;
    if (error.file == "--set") {
      shown.file = "--vary";
    } else {
      std::string with;
      for (const std::string& set : sets) with += (with.empty() ? "; that is with " : ", ") + set;
      shown.expected += with;
    }
    shown_.push_back(std::move(shown));
  }
}

std::vector<Error> SettingErrors::all(
    const std::vector<Axis>& axes,
    const std::function<Result<Scenario>(const std::vector<std::string>& sets)>& load) {
  for (const Axis& axis : axes) {
    for (const std::string& value : axis.values) {
      const std::vector<std::string> alone{axis.path + "=" + value};
      const Result<Scenario> scenario = load(alone);
      if (scenario) continue;
      std::vector<Error> errors = scenario.errors();
      std::erase_if(errors, [](const Error& error) { return error.file != "--set"; });
      add(errors, alone);
    }
  }
  return shown_;
}

std::string VariantResult::text(std::size_t wanted) const {
  const Verdict& verdict = figure(wanted);
  return verdict.no_samples ? "-" : value_text(scenario.expectations[wanted], verdict.value);
}

Result<std::vector<VariantResult>> run_variants(const VariantPlan& plan,
                                                const SweepOptions& options) {
  std::vector<VariantResult> results;
  for (const Variant& variant : plan.variants) {
    Result<Scenario> scenario = plan.load(variant);
    if (!scenario) return scenario.errors();
    if (auto wrong = want(scenario.value(), plan.wanted); !wrong.empty()) return wrong;
    results.push_back({std::move(scenario).value(), {}});
  }
  std::vector<SweepTask> tasks;
  for (const VariantResult& result : results) tasks.push_back({&result.scenario, plan.seeds});
  sweep(tasks, options, [&](std::size_t task, SweepResult runs) {
    results[task].runs = std::move(runs);
    if (plan.finished && results[task].runs.complete) plan.finished(results[task]);
  });
  while (!results.empty() && !results.back().runs.complete) results.pop_back();
  return results;
}

}  // namespace longhaul
