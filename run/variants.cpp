#include "run/variants.h"

#include <utility>

namespace longhaul {
namespace {

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
  sweep(tasks, options,
        [&](std::size_t task, SweepResult runs) { results[task].runs = std::move(runs); });
  while (!results.empty() && !results.back().runs.complete) results.pop_back();
  return results;
}

}  // namespace longhaul
