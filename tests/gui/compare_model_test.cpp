#include "gui/model/compare_model.h"

#include <chrono>
#include <thread>

#include "gui/model/runs.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string root = LONGHAUL_ROOT;
const std::string file = root + "/scenarios/patterns/single_region.json";

ComparedDesign design(const std::string& name, const std::vector<std::string>& sets) {
  const Result<std::string> text = read_text_file(file);
  REQUIRE(text);
  std::vector<std::string> all{"duration=8s", "warmup=1s"};
  all.insert(all.end(), sets.begin(), sets.end());
  Result<Scenario> loaded = load_text(file, text.value(), all);
  REQUIRE(loaded);
  auto scenario = std::make_shared<const Scenario>(std::move(loaded).value());
  RunView view;
  view.scenario = scenario;
  view.seed = static_cast<std::uint64_t>(scenario->config.seeds.first);
  SeriesSampler sampler(*scenario);
  RunOptions options;
  options.sampler = &sampler;
  Cluster cluster = build_run(*scenario, view.seed, options);
  view.end = cluster.end();
  advance(cluster, cluster.end(), options);
  view.result = finish_run(std::move(cluster), *scenario, options);
  view.series = sampler.take(*view.result);
  return {name, file, scenario, std::make_shared<const RunView>(std::move(view))};
}

std::vector<ComparedDesign> two_designs() {
  return {design("A", {}), design("B", {"workload.us.last_mile=60ms"})};
}

void wait_for(const CompareModel& model) {
  while (model.work().running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

TEST_CASE("one run of each design is compared at once, and says that it decides nothing",
          "[gui][compare_model]") {
  CompareModel model;
  model.update(two_designs());
  REQUIRE(model.shown() != nullptr);
  REQUIRE_FALSE(model.over_seeds());
  const CompareReport& report = model.shown()->report;
  REQUIRE(report.seeds.first == report.seeds.last);
  REQUIRE(report.verdicts.size() == 1);
  REQUIRE(report.verdicts[0].find("no verdict below 20 pairs") != std::string::npos);
  // The last mile is a round trip: 40 ms more of it are 40 ms more for each page of these users.
  for (const CompareRow& row : report.rows) {
    if (row.key != "page_p50" || row.region != "aws:us-east-1") continue;
    const std::int64_t more = *row.cells[1].mean - *row.cells[0].mean;
    REQUIRE(more > 37'000'000);
    REQUIRE(more < 43'000'000);
  }
}

TEST_CASE("the figures over seeds are those of compare --json", "[gui][compare_model]") {
  const std::vector<ComparedDesign> designs = two_designs();
  CompareModel model;
  model.update(designs);
  model.start(3, 2, {});
  wait_for(model);
  model.update(designs);
  REQUIRE(model.over_seeds());
  // What `longhaul compare` does with the same scenarios and seeds.
  std::vector<CompareSide> sides(2);
  for (std::size_t i = 0; i < 2; ++i) {
    sides[i].name = designs[i].name;
    sides[i].scenario = designs[i].scenario->config.name;
    sides[i].file = file;
  }
  SweepOptions options;
  options.run_seed = [](const Scenario& scenario, std::uint64_t seed) {
    return std::optional(run(scenario, seed));
  };
  const std::int64_t first = designs[0].scenario->config.seeds.first;
  const auto report =
      compare({*designs[0].scenario, *designs[1].scenario}, sides, {first, first + 2}, options);
  REQUIRE(report);
  REQUIRE(compare_json(model.shown()->report) == compare_json(*report));
  REQUIRE(model.shown()->pareto.designs[0].cost.size() == 3);
}

TEST_CASE("figures over seeds are outdated as soon as a design changes", "[gui][compare_model]") {
  std::vector<ComparedDesign> designs = two_designs();
  CompareModel model;
  model.update(designs);
  model.start(2, 1, {});
  wait_for(model);
  model.update(designs);
  REQUIRE(model.over_seeds());
  designs[1] = design("B", {"workload.us.last_mile=30ms"});
  model.update(designs);
  REQUIRE_FALSE(model.over_seeds());
  REQUIRE(model.outdated());
  REQUIRE(model.shown() != nullptr);
}

TEST_CASE("distributions and series of the open runs are by side", "[gui][compare_model]") {
  CompareModel model;
  model.update(two_designs());
  REQUIRE(model.regions().size() >= 1);
  const auto lines = model.distributions(Metric::page_latency, model.regions()[0]);
  REQUIRE(lines.size() == 2);
  REQUIRE(lines[0].samples.back().y == 1'000'000);
  // B's fastest page is slower than A's.
  REQUIRE(lines[1].samples.front().x > lines[0].samples.front().x);
  REQUIRE_FALSE(model.quantile_series(1, "page_latency", model.regions()[0], "0.95").empty());
}

TEST_CASE("the command line gives the figures that are shown", "[gui][compare_model]") {
  std::vector<ComparedDesign> designs = two_designs();
  designs[1].file = "/tmp/a b.json";
  CompareModel model;
  REQUIRE(model.command_line().empty());
  model.update(designs);
  // One run of each is shown, and no more is claimed.
  const std::string words = "longhaul compare " + file + " '/tmp/a b.json' --seeds ";
  REQUIRE(model.command_line() == words + "1..1");
  model.start(3, 2, {});
  wait_for(model);
  model.update(designs);
  REQUIRE(model.command_line() == words + "1..3");
  designs[1].saved = false;
  model.update(designs);
  REQUIRE(model.command_line() == words + "1..3   # save first");
}

}  // namespace
}  // namespace longhaul
