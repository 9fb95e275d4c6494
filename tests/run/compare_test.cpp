#include "run/compare.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

SweepOptions two_jobs() {
  SweepOptions options;
  options.jobs = 2;
  return options;
}

CompareReport compared(const std::vector<std::string>& sets_b, SeedRange seeds = {1, 20}) {
  const std::vector<std::string> common{"duration=20s", "warmup=5s", "canary=10/s"};
  std::vector<std::string> all = common;
  all.insert(all.end(), sets_b.begin(), sets_b.end());
  const std::vector<Scenario> scenarios{load_tiny(common), load_tiny(all)};
  std::vector<CompareSide> sides(2);
  sides[0].name = "A";
  sides[1].name = "B";
  return *compare(scenarios, sides, seeds, two_jobs());
}

const CompareRow& row_of(const CompareReport& report, const std::string& region,
                         const std::string& key) {
  const auto row = std::find_if(
      report.rows.begin(), report.rows.end(),
      [&](const CompareRow& each) { return each.region == region && each.key == key; });
  REQUIRE(row != report.rows.end());
  return *row;
}

TEST_CASE("run compare a design against itself is equal in every row", "[run][compare]") {
  const CompareReport report = compared({});
  REQUIRE(!report.rows.empty());
  for (const CompareRow& row : report.rows) {
    REQUIRE(row.cells[1].verdict == PairedVerdict::equal);
    REQUIRE(row.cells[1].mean == row.cells[0].mean);
  }
  REQUIRE(report.verdicts[0] == "B against A: no difference that would decide anything.");
  // As much is not said of fewer pairs.
  REQUIRE(compared({}, {1, 2}).verdicts[0] == "B against A: no verdict below 20 pairs.");
}

TEST_CASE("run compare reads that cross the ocean cost Ireland a round trip", "[run][compare]") {
  const CompareReport report = compared({"policy.router.use_replica_reads=false"});
  // 69.6 ms of round trip for each read, that came from the next machine before.
  const CompareRow& reads = row_of(report, "aws:eu-west-1", "read_p95");
  REQUIRE(reads.cells[1].verdict == PairedVerdict::higher);
  REQUIRE(reads.cells[1].difference.mean_milli > 65 * 1'000'000'000LL);
  REQUIRE(reads.cells[1].difference.pairs == 20);
  REQUIRE(report.verdicts[0].find("pages, mean (aws:eu-west-1 +") != std::string::npos);
}

TEST_CASE("run compare the price of a bigger server stands beside what it brings",
          "[run][compare]") {
  const CompareReport report = compared({"topology.nodes.db-us.cpus=32"});
  const CompareRow& cost = row_of(report, "", "cost_usd_per_month");
  REQUIRE(cost.cells[1].verdict == PairedVerdict::higher);
  const CompareRow& servers = row_of(report, "", "cost_servers");
  REQUIRE(*cost.cells[1].mean - *cost.cells[0].mean >=
          *servers.cells[1].mean - *servers.cells[0].mean - 1'000'000);
  REQUIRE(report.verdicts[0].starts_with("Keep A"));
}

TEST_CASE("run compare fewer than twenty seeds give figures and no verdict", "[run][compare]") {
  const CompareReport report = compared({"policy.router.use_replica_reads=false"}, {1, 3});
  REQUIRE(row_of(report, "aws:eu-west-1", "read_p95").cells[1].verdict == PairedVerdict::too_few);
  REQUIRE(report.verdicts[0] == "B against A: no verdict below 20 pairs.");
  REQUIRE(!report.cautions.empty());
}

TEST_CASE("run compare warns when the users are others", "[run][compare]") {
  const CompareReport report = compared({"workload.eu.rate=1/s"}, {1, 2});
  const bool warned =
      std::any_of(report.cautions.begin(), report.cautions.end(),
                  [](const std::string& caution) { return caution.starts_with("The users of B"); });
  REQUIRE(warned);
}

}  // namespace
}  // namespace longhaul
