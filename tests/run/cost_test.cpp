#include "run/cost.h"

#include <memory>

#include "run/runner.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

TEST_CASE("cost: the source of a transfer pays the price of the pair", "[run][cost]") {
  const auto price = [](std::string_view from, std::string_view to) {
    return TransferPrices::builtin().between(from, to)->micro_usd_per_gb;
  };
  REQUIRE(price("aws:us-east-1", "aws:us-east-2") == 10'000);       // named in the table
  REQUIRE(price("aws:us-east-1", "aws:eu-west-1") == 20'000);       // any other of the cloud
  REQUIRE(price("aws:ap-southeast-1", "aws:us-east-1") == 90'000);  // dearer from there
  REQUIRE(price("aws:us-east-1", "gcp:us-east4") == 90'000);        // another cloud
  REQUIRE(!TransferPrices::builtin().between("ibm:eu-de", "ibm:us-south"));
  REQUIRE(TransferPrices::builtin().between("aws:us-east-1", "aws:eu-west-1")->source ==
          "AWS inter-region and internet transfer list prices, 2022-12 (file as of 2024-01)");
}

TEST_CASE("cost: a row of prices that is wrong is named with its line", "[run][cost]") {
  const std::string sources = "id,title,captured,origin\nlist,A list,2026,here\n";
  const auto read = [&](const std::string& rows) {
    return TransferPrices::from_text("src,dst,micro_usd_per_gb,source\n" + rows, sources);
  };
  REQUIRE(read("a:b,*,20000,list\n").ok());
  for (const char* wrong : {"a:b,*,20000,other", "a:b,*,-1,list", "a:b,*,list", "a:b,*,2x,list"}) {
    const auto result = read("a:b,*,1,list\n" + std::string(wrong) + "\n");
    CAPTURE(wrong);
    REQUIRE(!result.ok());
    REQUIRE(result.errors().front().line == 3);
  }
}

TEST_CASE("cost: a month of two servers and two instances", "[run][cost]") {
  // Two servers of 4 processors at 0.12 USD an hour, two instances at 0.05 USD: 730 hours each.
  const Scenario scenario = load_tiny();
  const MonthlyCost cost = monthly_cost(scenario, {});
  REQUIRE(cost[CostKind::servers] == 2 * 4 * 120'000 * 730LL);
  REQUIRE(cost[CostKind::apps] == 2 * 50'000 * 730LL);
  REQUIRE(cost[CostKind::transfer] == 0);  // nothing was measured
  // 10 GB on each of the two, whatever the rows come to.
  const Scenario sized = load_tiny({"postgres.database_size=10000000000B"});
  REQUIRE(monthly_cost(sized, {})[CostKind::storage] == 2 * 10 * 115'000);
  REQUIRE(cost.total() == cost[CostKind::servers] + cost[CostKind::apps] + cost[CostKind::storage]);
}

TEST_CASE("cost: transfer is what was measured, for a month", "[run][cost]") {
  // All that crosses does so between us-east-1 and eu-west-1, at 0.02 USD per GB from both. Half
  // the measured time with the same bytes would cost twice as much; two seeds cost their mean.
  const Scenario scenario = load_tiny();
  const RunResult one = run(scenario, 1);
  const RunResult two = run(scenario, 2);
  std::int64_t bytes = 0;
  for (const Traffic traffic : {Traffic::wal, Traffic::statements, Traffic::probes}) {
    for (std::uint32_t from : {0u, 1u}) {
      Measures measures = *one.figures.parts[0];
      bytes += measures.counter(Metric::cross_region_bytes, from, 1 - from, traffic).count;
    }
  }
  REQUIRE(bytes > 0);
  const std::int64_t measured_s = one.figures.measured.ns / 1'000'000'000;
  const MonthlyCost cost = monthly_cost(scenario, one.figures);
  REQUIRE(cost[CostKind::transfer] ==
          div_floor(Int128{bytes} * 20'000 * 730 * 3600 / measured_s, 1'000'000'000));
  REQUIRE(cost.sources.size() == 1);
  REQUIRE(cost.unpriced.empty());

  Figures both = one.figures;
  both.add(two.figures);
  const std::int64_t other = monthly_cost(scenario, two.figures)[CostKind::transfer];
  const std::int64_t mean = monthly_cost(scenario, both)[CostKind::transfer];
  REQUIRE(std::abs(2 * mean - cost[CostKind::transfer] - other) <= 2);  // rounding

  // The user's own price, twice the list's.
  const Scenario dear = load_tiny({"cost.transfer_gb_micro_usd=40000"});
  REQUIRE(std::abs(monthly_cost(dear, one.figures)[CostKind::transfer] -
                   2 * cost[CostKind::transfer]) <= 1);
}

TEST_CASE("cost: what is copied anew is paid as often as it happens, however long a run is",
          "[run][cost]") {
  const Scenario scenario = load_tiny();
  const RunResult one = run(scenario, 1);
  const MonthlyCost before = monthly_cost(scenario, one.figures);
  REQUIRE(before[CostKind::rebuilds] == 0);
  auto measures = std::make_shared<Measures>(*one.figures.parts[0]);
  measures->counter(Metric::cross_region_bytes, 0, 1, Traffic::base_backup).count += 10'000'000'000;
  Figures figures = one.figures;
  figures.parts = {measures};
  // 10 GB at 0.02 USD, once a month unless told otherwise.
  REQUIRE(monthly_cost(scenario, figures)[CostKind::rebuilds] == 200'000);
  REQUIRE(monthly_cost(scenario, figures)[CostKind::transfer] == before[CostKind::transfer]);
  figures.measured = Duration{2 * figures.measured.ns};
  REQUIRE(monthly_cost(scenario, figures)[CostKind::rebuilds] == 200'000);
  const Scenario often = load_tiny({"cost.rebuilds_per_month=30"});
  REQUIRE(monthly_cost(often, figures)[CostKind::rebuilds] == 6'000'000);
}

TEST_CASE("cost: the bill is a metric that can be expected, one sample a run", "[run][cost]") {
  // Two servers of 350.40 USD, two instances of 36.50 USD: 773.80 USD and some cents of transfer.
  const Scenario scenario =
      load_tiny({"expect.cost_usd_per_month=[\"avg > 773\", \"avg < 780\", \"max < 700\"]"});
  Figures figures = run(scenario, 1).figures;
  figures.add(run(scenario, 2).figures);
  REQUIRE(figures.select({Metric::cost_usd_per_month, {}}).count() == 2);
  std::vector<bool> holds;
  for (std::size_t i = 0; i < scenario.expectations.size(); ++i) {
    if (scenario.expectations[i].selector.metric != Metric::cost_usd_per_month) continue;
    holds.push_back(judge(scenario.expectations[i], figures).holds);
  }
  REQUIRE(holds == std::vector<bool>{true, true, false});
}

TEST_CASE("cost: dollars for people are rounded to whole ones", "[run][cost]") {
  REQUIRE(usd_text(1'499'999) == "1 USD");
  REQUIRE(usd_text(1'234'500'000) == "1,235 USD");
}

}  // namespace
}  // namespace longhaul
