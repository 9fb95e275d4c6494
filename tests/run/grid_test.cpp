#include "run/grid.h"

#include <chrono>

#include "run/grid_report.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

const std::string crash = "faults=[{\"kind\": \"node_loss\", \"at\": \"5s\", \"node\": \"db-us\"}]";

const std::string desk =
    "control.controllers=[{\"name\": \"desk\", \"region\": \"aws:eu-west-1\"}]";

GridAsked asked_for(std::vector<std::string> base) {
  GridAsked asked;
  asked.load = [base = std::move(base)](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all = base;
    all.insert(all.end(), sets.begin(), sets.end());
    const ReadText read = [](const std::string&) -> Result<std::string> { return tiny_scenario; };
    return load_scenario("tiny.json", {.sets = std::move(all), .catalogue = nullptr}, read);
  };
  return asked;
}

GridAsked crashes(std::int64_t instants) {
  GridAsked asked = asked_for(
      {"duration=30s", "canary=10/s", crash, "policy.failover.manager=first_to_answer", desk});
  asked.seeds = SeedRange{1, 2};
  asked.crash.instants = instants;
  asked.crash.horizon = seconds(15);
  return asked;
}

}  // namespace

TEST_CASE("run grid a fork goes on as the whole run that planned the failure", "[run][grid]") {
  const Grid grid = make_grid(crashes(6)).value();
  for (std::int64_t stem = 0; stem < grid.key.stems(); ++stem) {
    const std::vector<CellResult> cells = run_stem(grid, stem, {});
    REQUIRE(cells.size() == 6);
    for (const CellResult& cell : cells) {
      const CellResult whole = run_cell_whole(grid, cell.cell);
      REQUIRE(cell.crash_ns == whole.crash_ns);
      REQUIRE(cell.report.digest == whole.report.digest);
      REQUIRE(cell.report.events == whole.report.events);
      REQUIRE(report_json(cell.report) == report_json(whole.report));
    }
  }
}

namespace {

// Events that 200 crashes of one seed cost by forks and by whole runs, which must say the same.
struct Executed {
  std::uint64_t by_forks = 0;
  std::uint64_t by_whole_runs = 0;
  std::chrono::steady_clock::duration forks_took{};
  std::chrono::steady_clock::duration whole_runs_took{};
};

Executed execute_both(const Grid& grid) {
  using Clock = std::chrono::steady_clock;
  Executed executed;
  const Clock::time_point begin = Clock::now();
  const std::vector<CellResult> cells = run_stem(grid, 0, {});
  executed.forks_took = Clock::now() - begin;
  REQUIRE(cells.size() == 200);
  // The warm run goes as far as the last fork; each branch goes on from there.
  executed.by_forks = cells.back().shared_events;
  for (const CellResult& cell : cells) {
    executed.by_forks += cell.report.events - cell.shared_events;
    const Clock::time_point started = Clock::now();
    const CellResult whole = run_cell_whole(grid, cell.cell);
    executed.whole_runs_took += Clock::now() - started;
    executed.by_whole_runs += whole.report.events;
    REQUIRE(report_json(cell.report) == report_json(whole.report));
  }
  return executed;
}

}  // namespace

TEST_CASE("run grid 200 crashes by forks cost a fifth of 200 whole runs", "[run][grid]") {
  // Over T = 120 s, each followed for H = 10 s: (T + 200 H) / (200 (T / 2 + H)) = 15 %.
  GridAsked asked = asked_for(
      {"duration=120s", "canary=10/s", crash, "policy.failover.manager=first_to_answer", desk});
  asked.seeds = SeedRange{1, 1};
  asked.crash.instants = 200;
  asked.crash.horizon = seconds(10);
  const Executed executed = execute_both(make_grid(asked).value());
  REQUIRE(executed.by_forks * 5 <= executed.by_whole_runs);
}

TEST_CASE("run grid 200 crashes of the pattern with failover by forks and by whole runs",
          "[.slow][run][grid]") {
  // T = 10 min, H = 60 s: 12,600 s of 75,000 s, 17 %.
  GridAsked asked;
  asked.load = [](std::vector<std::string> sets) {
    sets.emplace_back("duration=10min");
    return load_scenario(LONGHAUL_ROOT "/scenarios/patterns/three_regions_with_failover.json",
                         {.sets = std::move(sets), .catalogue = nullptr});
  };
  asked.seeds = SeedRange{1, 1};
  asked.crash.instants = 200;
  asked.crash.horizon = seconds(60);
  const Executed executed = execute_both(make_grid(asked).value());
  const auto milliseconds_of = [](std::chrono::steady_clock::duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  };
  WARN("events by forks " << executed.by_forks << " in " << milliseconds_of(executed.forks_took)
                          << " ms, by whole runs " << executed.by_whole_runs << " in "
                          << milliseconds_of(executed.whole_runs_took) << " ms");
  REQUIRE(executed.by_forks * 5 <= executed.by_whole_runs);
}

TEST_CASE("run grid instants lie one in each part of the window, where luck puts them",
          "[run][grid]") {
  const Grid grid = make_grid(crashes(10)).value();
  const std::vector<TimePoint> one = crash_instants(grid.key, 1);
  const std::vector<TimePoint> two = crash_instants(grid.key, 2);
  REQUIRE(one.size() == 10);
  REQUIRE(one != two);
  // From the warm-up's end at 1 s to 30 s: parts of 2.9 s.
  for (std::int64_t i = 0; i < 10; ++i) {
    const TimePoint at = one[static_cast<std::size_t>(i)];
    REQUIRE(at >= TimePoint{} + seconds(1) + milliseconds(2'900 * i));
    REQUIRE(at < TimePoint{} + seconds(1) + milliseconds(2'900 * (i + 1)));
  }
}

TEST_CASE("run grid what cannot be swept is an error before anything runs", "[run][grid]") {
  GridAsked twice = asked_for({});
  twice.axes = {{"workload.eu.rate", {"10/s", "10/s"}}};
  REQUIRE(make_grid(twice).errors()[0].value == "workload.eu.rate");
  GridAsked unknown = asked_for({});
  unknown.axes = {{"workload.eu.sped", {"10/s"}}};
  REQUIRE_FALSE(make_grid(unknown).ok());
  GridAsked none = crashes(3);
  none.load = asked_for({}).load;
  REQUIRE(make_grid(none).errors()[0].path == "faults");
  GridAsked late = crashes(3);
  late.crash.from = seconds(30);
  REQUIRE(make_grid(late).errors()[0].path == "--crash-window");
  GridAsked during = crashes(3);
  during.crash.during = "batch";
  REQUIRE(make_grid(during).errors()[0].value == "batch");
}

TEST_CASE("run grid every bad value of every axis is named once, at --vary", "[run][grid]") {
  GridAsked asked = asked_for({});
  asked.axes = {{"workload.eu.rate", {"10/s", "10", "fast"}},
                {"workload.eu.sessions", {"10", "-1"}},
                {"workload.eu.sped", {"1", "2"}}};
  const std::vector<Error> errors = make_grid(asked).errors();
  std::vector<std::string> paths;
  for (const Error& error : errors) {
    REQUIRE(error.file == "--vary");
    paths.push_back(error.path + " " + error.value);
  }
  REQUIRE(paths.size() == 4);
  REQUIRE(std::count_if(paths.begin(), paths.end(), [](const std::string& path) {
            return path.starts_with("workload.eu.rate ");
          }) == 2);
}

TEST_CASE("run grid a setting that cannot be is named by what makes it", "[run][grid]") {
  GridAsked asked = asked_for({});
  asked.axes = {{"warmup", {"1s", "1min"}}};
  const std::vector<Error> errors = make_grid(asked).errors();
  REQUIRE(errors.size() == 1);
  INFO(to_text(errors[0]));
  REQUIRE(to_text(errors[0]).find("warmup") != std::string::npos);
  REQUIRE(to_text(errors[0]).find("1min") != std::string::npos);
}

TEST_CASE("run grid whoever watches is told which cell a thread works on", "[run][grid]") {
  GridAsked asked = crashes(2);
  asked.axes = {{"workload.eu.rate", {"10/s", "20/s"}}};
  const Grid grid = make_grid(asked).value();
  std::vector<std::string> names;
  const AroundCell note = [&](const RunningCell& cell, const std::function<void()>& work) {
    names.push_back(cell.name.substr(0, cell.name.find(", failure at")));
    REQUIRE(cell.seed == 2);
    work();
  };
  REQUIRE(run_stem(grid, 3, {}, note).size() == 2);
  REQUIRE(names == std::vector<std::string>{"the warm run of cell 6 and on: workload.eu.rate=20/s",
                                            "cell 6 of 8: workload.eu.rate=20/s",
                                            "cell 7 of 8: workload.eu.rate=20/s"});
}

TEST_CASE("run grid the failure may strike while certain users are there", "[run][grid]") {
  GridAsked asked = crashes(4);
  asked.load = [load = asked.load](std::vector<std::string> sets) {
    sets.push_back("workload.eu.begins=10s");
    sets.push_back("workload.eu.ends=14s");
    return load(sets);
  };
  asked.crash.during = "eu";
  for (const TimePoint at : crash_instants(make_grid(asked).value().key, 7)) {
    REQUIRE(at >= TimePoint{} + seconds(10));
    REQUIRE(at < TimePoint{} + seconds(14));
  }
}

TEST_CASE("run grid spreads are read by nearest rank", "[run][grid]") {
  std::vector<std::int64_t> values;
  for (std::int64_t i = 200; i >= 1; --i) values.push_back(i);
  const Spread spread = spread_of(values);
  REQUIRE(spread.samples == 200);
  REQUIRE(spread.median == 100);
  REQUIRE(spread.p99 == 198);
  REQUIRE(spread.worst == 200);
  REQUIRE(spread_of({}).samples == 0);
}

}  // namespace longhaul
