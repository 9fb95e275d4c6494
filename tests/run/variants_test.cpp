#include "run/variants.h"

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

VariantPlan tiny_plan() {
  VariantPlan plan;
  plan.variants = {{"as it is", {}},
                   {"half", {"workload.eu.rate=10/s"}},
                   {"no replica reads", {"policy.router.use_replica_reads=false"}}};
  plan.wanted = {
      {"reads", "count"}, {"read_latency", "p(95)"}, {"reads{served_by:db-us}", "share"}};
  plan.seeds = {1, 3};
  plan.load = [](const Variant& variant) -> Result<Scenario> { return load_tiny(variant.sets); };
  return plan;
}

}  // namespace

TEST_CASE("variants: each is the scenario with its own values, over the same seeds",
          "[run][variants]") {
  const VariantPlan plan = tiny_plan();
  const std::vector<VariantResult> results = run_variants(plan, {.jobs = 2}).value();
  REQUIRE(results.size() == 3);
  for (std::size_t i = 0; i < results.size(); ++i) {
    // The same as running its seeds by hand and pooling them.
    const Scenario scenario = load_tiny(plan.variants[i].sets);
    Figures all;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) all.add(run(scenario, seed).figures);
    const std::vector<Verdict> pooled = judge_all(results[i].scenario, all);
    for (std::size_t figure = 0; figure < plan.wanted.size(); ++figure) {
      REQUIRE(results[i].figure(figure).value == pooled[figure].value);
    }
    REQUIRE(results[i].runs.seeds.size() == 3);
  }
  // 20 pages a second for 19 s over 3 seeds, three of four read: 855 expected, Poisson.
  REQUIRE(results[0].figure(0).value > 735);
  REQUIRE(results[0].figure(0).value < 975);
  REQUIRE(results[1].figure(0).value < results[0].figure(0).value * 2 / 3);
  REQUIRE(results[2].text(2) == "100%");
}

TEST_CASE("variants: the number of threads changes nothing", "[run][variants]") {
  const std::vector<VariantResult> one = run_variants(tiny_plan(), {.jobs = 1}).value();
  const std::vector<VariantResult> four = run_variants(tiny_plan(), {.jobs = 4}).value();
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (std::size_t figure = 0; figure < 3; ++figure) {
      REQUIRE(one[i].text(figure) == four[i].text(figure));
    }
  }
}

TEST_CASE("variants: what cannot be loaded or measured is an error", "[run][variants]") {
  VariantPlan plan = tiny_plan();
  plan.wanted.push_back({"reads{served_by:db-mars}", "count"});
  REQUIRE_FALSE(run_variants(plan, {}));
  plan = tiny_plan();
  plan.wanted.push_back({"reads", "p(95)"});
  REQUIRE_FALSE(run_variants(plan, {}));
  plan = tiny_plan();
  plan.load = [](const Variant&) -> Result<Scenario> { return Error{}; };
  REQUIRE_FALSE(run_variants(plan, {}));
}

TEST_CASE("variants: a stop keeps those that are complete", "[run][variants]") {
  SweepOptions options;
  int runs = 0;
  options.run_seed = [&](const Scenario& what, std::uint64_t seed) -> std::optional<RunResult> {
    if (++runs > 5) return std::nullopt;
    return run(what, seed);
  };
  REQUIRE(run_variants(tiny_plan(), options).value().size() == 1);
}

}  // namespace longhaul
