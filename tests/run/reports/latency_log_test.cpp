#include "run/reports/latency_log.h"

#include <algorithm>
#include <string>

#include "run/runner.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

LatencyLog log_of(const Scenario& scenario) {
  return latency_log(scenario, run(scenario, 1).figures);
}

const LatencyLogRow& row(const LatencyLog& log, const std::string& to, const std::string& query,
                         const std::string& page) {
  const auto found = std::find_if(log.rows.begin(), log.rows.end(), [&](const LatencyLogRow& one) {
    return one.to == to && one.query == query && one.page == page;
  });
  REQUIRE(found != log.rows.end());
  return *found;
}

std::string complaint(const std::string& csv) {
  const Result<LatencyLog> read = read_latency_log(csv, "log.csv");
  REQUIRE_FALSE(read);
  return to_text(read.errors().front());
}

const std::string header = "from_region,to_region,query,page,after_count,after_p50_ms\n";

}  // namespace

TEST_CASE("latency_log: reads stay, writes cross the ocean", "[run][reports]") {
  const LatencyLog log = log_of(load_tiny());
  const LatencyLogRow& reads = row(log, "aws:eu-west-1", "read", "show");
  const LatencyLogRow& writes = row(log, "aws:us-east-1", "write", "save");
  // The round trip of the catalogue is 69.6 ms.
  REQUIRE(reads.after->p50_us < 5'000);
  REQUIRE(writes.after->p50_us > 69'000);
  REQUIRE(reads.from == "aws:eu-west-1");
  REQUIRE(row(log, "*", "write", "*").after->count == writes.after->count);
  REQUIRE(*row(log, "*", "page", "*").after->count ==
          *row(log, "*", "page", "show").after->count +
              *row(log, "*", "page", "save").after->count);
}

TEST_CASE("latency_log: what is written can be read and is the next run's baseline",
          "[run][reports]") {
  const LatencyLog before = log_of(load_tiny());
  const Result<LatencyLog> read = read_latency_log(latency_log_csv(before), "log.csv");
  REQUIRE(read);
  REQUIRE(read.value().rows.size() == before.rows.size());
  LatencyLog after = log_of(load_tiny(
      {R"(topology.nodes=[{"name": "db-us", "region": "aws:us-east-1", "role": "primary"}])"}));
  add_baseline(after, read.value());
  // Without the replica all reads go to Virginia: 69.6 ms and more.
  const LatencyLogRow& all = row(after, "*", "read", "*");
  REQUIRE(all.after->p50_us - all.baseline->p50_us > 60'000);
  const LatencyLogRow& gone = row(after, "aws:eu-west-1", "read", "*");
  REQUIRE(gone.baseline);
  REQUIRE_FALSE(gone.after);
  const LatencyLogRow& added = row(after, "aws:us-east-1", "read", "*");
  REQUIRE(*added.after->count > 10 * *added.baseline->count);
}

TEST_CASE("latency_log: changes in milliseconds and per cent", "[run][reports]") {
  LatencyLog log;
  log.rows.push_back({"eu", "*", "read", "*", {}, LatencyLogRow::Side{10, 0, 1'500, 2'000, 3'000}});
  LatencyLog before;
  before.rows.push_back(
      {"eu", "*", "read", "*", {}, LatencyLogRow::Side{20, 1, 60'000, 70'000, 80'000}});
  add_baseline(log, before);
  // 1.5 after 60: -58.5 ms, -97.5 %.
  const std::string csv = latency_log_csv(log);
  REQUIRE(
      csv.ends_with("eu,*,read,*,20,1,60.000,70.000,80.000,10,0,1.500,2.000,3.000,"
                    "-58.500,-68.000,-97.5\r\n"));
}

TEST_CASE("latency_log: a log by hand needs five columns, and mistakes have their line",
          "[run][reports]") {
  const Result<LatencyLog> read =
      read_latency_log("from_region,to_region,query,page,after_p50_ms\neu,*,read,*,12.5\n", "x");
  REQUIRE(read);
  REQUIRE(read.value().rows[0].after->p50_us == 12'500);
  // What it does not give is no zero.
  LatencyLog log;
  log.rows.push_back({"eu", "*", "read", "*", {}, LatencyLogRow::Side{10, 0, 1'500, 2'000, 3'000}});
  add_baseline(log, read.value());
  REQUIRE(latency_log_csv(log).ends_with(
      "eu,*,read,*,,,12.500,,,10,0,1.500,2.000,3.000,-11.000,,-88.0\r\n"));
  REQUIRE(complaint("").starts_with("log.csv:1"));
  REQUIRE(complaint("from_region,to_region,query,page\n").find("after_p50_ms") !=
          std::string::npos);
  REQUIRE(complaint(header + "eu,*,read,*,1,2\neu,*,write,*,1,soon\n").starts_with("log.csv:3"));
  REQUIRE(complaint(header + "eu,,read,*,1,2\n").starts_with("log.csv:2"));
  REQUIRE(complaint(header + "eu,*,read,*,1,-2\n").starts_with("log.csv:2"));
}

}  // namespace longhaul
