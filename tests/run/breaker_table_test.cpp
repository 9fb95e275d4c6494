#include "run/breaker_table.h"

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

BreakerTableRequest request(std::vector<Duration> lags) {
  BreakerTableRequest result;
  result.lags = std::move(lags);
  result.seeds = {1, 2};
  result.load = [](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all{"warmup=5s", "canary=10/s"};
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  return result;
}

const BreakerLine& line(const BreakerTable& table, std::size_t block, const std::string& setting) {
  for (const BreakerLine& found : table.blocks.at(block).lines) {
    if (found.setting == setting) return found;
  }
  throw std::logic_error("no such setting");
}

}  // namespace

TEST_CASE("breaker_table: a threshold below the lag moves all reads, no breaker none",
          "[run][breaker_table]") {
  const BreakerTable table = make_breaker_table(request({{}, seconds(3)}), {.jobs = 2}).value();
  REQUIRE(table.replica == "db-eu");
  REQUIRE(table.blocks.size() == 2);
  REQUIRE(line(table, 0, "above 2 s").reads_on_primary_ppm == 0);
  REQUIRE(line(table, 0, "above 2 s").transitions == 0);
  // With a constant lag of 3 s and 15 s of measured time.
  REQUIRE(line(table, 1, "above 2 s").reads_on_primary_ppm == 1'000'000);
  REQUIRE(line(table, 1, "above 2 s").stale.value == 0);
  REQUIRE(line(table, 1, "above 2 s").stale.upper_bound_ppm.has_value());
  REQUIRE(line(table, 1, "above 2 s").open_ppm > 490'000);  // app-us has breakers too
  REQUIRE(line(table, 1, "off").reads_on_primary_ppm == 0);
  REQUIRE(line(table, 1, "off").stale.value > 0);
  // An ocean lies between: 70 ms and more instead of less than 10.
  REQUIRE(line(table, 1, "above 2 s").read_p95 > milliseconds(69));
  REQUIRE(line(table, 1, "off").read_p95 < milliseconds(10));
}

TEST_CASE("breaker_table: the advice names a setting and what it costs", "[run][breaker_table]") {
  BreakerTable table{"x", "db-eu", "db-us", {1, 1}, {}, 0};
  const auto line = [](std::string name, std::int64_t stale, std::int64_t cpu,
                       std::int64_t primary) {
    BreakerLine result;
    result.setting = std::move(name);
    result.stale.value = stale;
    result.primary_cpu_ppm = cpu;
    result.reads_on_primary_ppm = primary;
    result.reads = 1'000;
    return result;
  };
  table.blocks.push_back(
      {seconds(3),
       {line("off", 100'000, 100'000, 0), line("strict", 100, 950'000, 900'000),
        line("lax", 20'000, 300'000, 200'000), line("even", 19'900, 300'000, 400'000)}});
  // The strict one would drown the primary; the lax one is as good as the even one and moves less.
  REQUIRE(
      advice(table).starts_with("Take \"lax\": whatever db-eu does here, at most 2% of all "
                                "reads are stale (10% without a breaker)"));
  table.blocks[0].lines[2].violations.value = 7;
  REQUIRE(advice(table).find("(7 missed)") != std::string::npos);
  REQUIRE(advice(table).find("worse than no breaker in this: 7 own writes missed against 0") !=
          std::string::npos);
  // Pages that fail speak against it: the even one is the next.
  table.blocks[0].lines[2].errors = 50;
  REQUIRE(advice(table).starts_with("Take \"even\""));
  for (BreakerLine& silent : table.blocks[0].lines) silent.reads = 0;
  REQUIRE(advice(table) == "No reads: nothing to judge.");
}

TEST_CASE("breaker_table: a replica that is not there is an error", "[run][breaker_table]") {
  BreakerTableRequest wrong = request({seconds(1)});
  wrong.replica = "db-us";
  const auto table = make_breaker_table(wrong, {});
  REQUIRE_FALSE(table);
  REQUIRE(table.errors().front().path == "--replica");
}

}  // namespace longhaul
