#include "run/series.h"

#include <string>

#include "run/runner.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

struct Seen {
  RunResult result;
  RunSeries series;
};

Seen look_at(const Scenario& scenario) {
  SeriesSampler sampler(scenario);
  RunOptions options;
  options.sampler = &sampler;
  Seen seen;
  seen.result = run(scenario, 1, options);
  seen.series = sampler.take(seen.result);
  return seen;
}

std::int64_t sum_of(const RunSeries& series, std::string_view metric, TimePoint after) {
  std::int64_t sum = 0;
  for (const SeriesColumn* column : series.of(metric)) {
    for (std::size_t i = 0; i < column->values.size(); ++i) {
      if (series.at[i] > after) sum += column->values[i].value_or(0);
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("series: a run that is looked at is the same run", "[run][series]") {
  const Scenario scenario = load_tiny();
  const RunResult plain = run(scenario, 1);
  const Seen seen = look_at(scenario);
  REQUIRE(seen.result.digest == plain.digest);
  REQUIRE(seen.result.events == plain.events);
  REQUIRE(seen.result.figures.select({Metric::reads, {}}).counter.count ==
          plain.figures.select({Metric::reads, {}}).counter.count);
}

TEST_CASE("series: at most 300 looks, however long the run", "[run][series]") {
  REQUIRE(series_interval(seconds(20)) == milliseconds(100));  // 200 looks
  REQUIRE(series_interval(seconds(31)) == milliseconds(200));  // 310 would be too many
  REQUIRE(series_interval(minutes(10)) == seconds(2));         // 300
  REQUIRE(series_interval(minutes(60 * 24)) == seconds(500));  // 172; every 200 s were 432
  const Seen seen = look_at(load_tiny());
  REQUIRE(seen.series.at.size() == 200);
  REQUIRE(seen.series.at.back() == TimePoint{} + seconds(20));
  for (const SeriesColumn& column : seen.series.columns) {
    REQUIRE(column.values.size() == seen.series.at.size());
  }
}

TEST_CASE("series: what is counted in the intervals is what the run counted", "[run][series]") {
  const Seen seen = look_at(load_tiny());
  const TimePoint warm = TimePoint{} + seconds(1);
  const auto counted = [&](Metric metric) {
    return seen.result.figures.select({metric, {}}).counter.count;
  };
  REQUIRE(counted(Metric::reads) > 100);
  REQUIRE(sum_of(seen.series, "reads", warm) == counted(Metric::reads));
  REQUIRE(sum_of(seen.series, "writes", warm) == counted(Metric::writes));
  REQUIRE(sum_of(seen.series, "wal_bytes", warm) == counted(Metric::wal_bytes));
  // The warm-up is in the series, though in no figure.
  REQUIRE(sum_of(seen.series, "reads", TimePoint{}) > counted(Metric::reads));
}

TEST_CASE("series: processors are as busy in the intervals as in the whole", "[run][series]") {
  const Seen seen = look_at(load_tiny());
  // Ten intervals are warm-up, 190 of equal length are measured: the mean of their means is the
  // mean, but for the rounding down of each.
  for (const SeriesColumn* column : seen.series.of("cpu_utilisation")) {
    const std::uint32_t node = column->label("node") == "db-us" ? 0 : 1;
    std::int64_t sum = 0;
    for (std::size_t i = 10; i < column->values.size(); ++i) sum += *column->values[i];
    const std::int64_t whole =
        seen.result.figures.select({Metric::cpu_utilisation, {{Label::node, node}}}).average();
    REQUIRE(whole > 0);
    REQUIRE(std::abs(sum / 190 - whole) <= 1);
  }
}

TEST_CASE("series: a server that is down, its fault and the writes that are out", "[run][series]") {
  const Scenario scenario =
      load_tiny({R"(faults=[{"kind": "crash", "node": "db-us", "at": "5s", "for": "5s"}])"});
  const Seen seen = look_at(scenario);
  const auto at = [&](std::string_view metric, std::string_view label, std::string_view value,
                      Duration when) {
    for (const SeriesColumn* column : seen.series.of(metric)) {
      if (column->label(label) != value) continue;
      return *column->values[static_cast<std::size_t>(when.ns / milliseconds(100).ns) - 1];
    }
    return std::int64_t{-1};
  };
  REQUIRE(at("up", "node", "db-us", seconds(5)) == 1);  // just before the fault
  REQUIRE(at("up", "node", "db-us", seconds(8)) == 0);
  REQUIRE(at("up", "node", "db-eu", seconds(8)) == 1);
  REQUIRE(at("up", "node", "db-us", seconds(15)) == 1);
  REQUIRE(at("primary", "node", "db-us", seconds(15)) == 1);
  REQUIRE(at("fault", "fault", "1 crash db-us", seconds(5)) == 0);
  REQUIRE(at("fault", "fault", "1 crash db-us", seconds(8)) == 1);
  REQUIRE(at("fault", "fault", "1 crash db-us", milliseconds(10'100)) == 0);
  // The intervals' shares of the outages are the outages.
  std::int64_t outages = 0;
  for (const OutageRecord& outage : seen.result.write_outages) {
    outages += (outage.ended - outage.began).ns;
  }
  REQUIRE(outages > seconds(5).ns);
  REQUIRE(sum_of(seen.series, "write_outage", TimePoint{}) == outages);
}

TEST_CASE("series: lag as it is beside what applications believe", "[run][series]") {
  const Scenario scenario = load_tiny(
      {R"(faults=[{"kind": "pause_replay", "node": "db-eu", "at": "5s", "for": "10s"}])"});
  const Seen seen = look_at(scenario);
  const auto value = [&](std::string_view metric, std::string_view stage, std::size_t i) {
    for (const SeriesColumn* column : seen.series.of(metric)) {
      const bool other = column->label("replica") != "db-eu" ||
                         (!stage.empty() && (column->label("stage") != stage ||
                                             column->label("statistic") != "max")) ||
                         (stage.empty() && column->label("app") != "app-eu");
      if (!other) return column->values[i].value_or(-1);
    }
    return std::int64_t{-1};
  };
  // At 14 s nothing is replayed for 9 s; with ten writes a second the oldest missing one is about
  // that old: at most what was under way for less than 100 ms when replay stopped. It is received
  // and flushed all the same.
  REQUIRE(value("replication_lag", "replay", 139) > seconds(8).ns);
  REQUIRE(value("replication_lag", "replay", 139) < milliseconds(9'100).ns);
  REQUIRE(value("replication_lag", "flush", 139) < seconds(1).ns);
  // Probes are a second apart, so what an app believes is older: no more than the truth.
  REQUIRE(value("observed_lag", "", 139) > seconds(6).ns);
  REQUIRE(value("observed_lag", "", 139) < seconds(10).ns);
  std::int64_t open = 0;
  for (const SeriesColumn* column : seen.series.of("breakers")) {
    if (column->label("app") == "app-eu" && column->label("state") == "open") {
      open = column->values[139].value_or(0);
    }
  }
  REQUIRE(open == 1);  // its one instance
}

// A heartbeat alone commits every 100 ms, in step with the looks, and Ireland sees each commit d
// later: half a round trip, 1 ms to write and flush it, and the hops between processes.
TEST_CASE("series: lag in step with the looks is shown with all that it ran through",
          "[run][series]") {
  struct Case {
    std::string_view rtt;
    Duration d;
  };
  for (const Case& one : {Case{"150ms", milliseconds(76)}, Case{"300ms", milliseconds(151)}}) {
    const std::string link =
        R"(topology.links=[{"between": ["aws:us-east-1", "aws:eu-west-1"], "rtt": ")" +
        std::string(one.rtt) + R"("}])";
    const Scenario scenario = load_tiny(
        {link, "network.jitter=0ms", "canary=0/s", "monitoring.heartbeat_interval=100ms",
         "workload.eu.rate=1/h", "workload.eu.from=aws:us-east-1"});
    const Seen seen = look_at(scenario);
    const auto values = [&](std::string_view statistic) -> const auto& {
      for (const SeriesColumn* column : seen.series.of("replication_lag")) {
        const bool found =
            column->label("stage") == "replay" && column->label("statistic") == statistic;
        if (found) return column->values;
      }
      FAIL("no " << statistic);
      return seen.series.columns.front().values;
    };
    // With d below 100 ms lag grows from zero to d and waits at zero for the next commit: its mean
    // is d * d / 2 in 100 ms. Above, it moves between d - 100 ms and d.
    const bool rests = one.d < milliseconds(100);
    const std::int64_t least = rests ? 0 : (one.d - milliseconds(100)).ns;
    const std::int64_t mean = rests ? narrow(static_cast<Int128>(one.d.ns) * one.d.ns / 200'000'000)
                                    : (one.d - milliseconds(50)).ns;
    // A bucket, and 2 ms for the log of the server itself, which is flushed in between.
    const auto close = [](std::int64_t value, std::int64_t exact) {
      return std::abs(value - exact) <= exact / 32 + milliseconds(2).ns;
    };
    // Behind the first checkpoint, whose pages are logged in full.
    for (std::size_t i = 20; i < seen.series.at.size(); ++i) {
      CAPTURE(one.rtt, i, *values("min")[i], *values("avg")[i], *values("max")[i]);
      REQUIRE(close(*values("min")[i], least));
      REQUIRE(std::abs(*values("avg")[i] - mean) <= milliseconds(2).ns);
      REQUIRE(close(*values("max")[i], one.d.ns));
    }
  }
}

// Whole and parts: the means of the intervals, by their length, are the mean of the metric.
TEST_CASE("series: lag of the intervals adds up to the lag of the run", "[run][series]") {
  const Scenario scenario =
      load_tiny({R"(faults=[{"kind": "pause_replay", "node": "db-eu", "at": "5s", "for": "3s"}])"});
  const Seen seen = look_at(scenario);
  const Figure& whole = seen.result.figures.select({Metric::replication_lag, {{Label::stage, 3}}});
  std::int64_t sum = 0;
  std::int64_t most = 0;
  for (const SeriesColumn* column : seen.series.of("replication_lag")) {
    if (column->label("stage") != "replay") continue;
    for (std::size_t i = 10; i < column->values.size(); ++i) {  // behind the warm-up
      if (column->label("statistic") == "avg") sum += *column->values[i];
      if (column->label("statistic") == "max") most = std::max(most, *column->values[i]);
    }
  }
  REQUIRE(std::abs(sum / 190 - whole.average()) <= 1);
  REQUIRE(most >= whole.ramp.max().ns);
  REQUIRE(most <= whole.ramp.max().ns + whole.ramp.max().ns / 32);
  REQUIRE(whole.ramp.max() > milliseconds(2'500));
}

TEST_CASE("series: CSV in base units, with hostile names quoted", "[run][series]") {
  RunSeries series;
  series.at = {TimePoint{} + milliseconds(2500), TimePoint{} + seconds(5)};
  series.columns = {
      {"replication_lag", MetricUnit::duration, {{"replica", "db;eu"}}, {1'500'000, std::nullopt}},
      {"wal_bytes", MetricUnit::bytes, {{"node", "a,\"b\""}}, {7, 8}},
      {"cpu_utilisation", MetricUnit::ratio, {}, {250'000, 0}}};
  REQUIRE(series_csv(series, "x", 3) ==
          "run,seed,t,metric,labels,value\r\n"
          "x,3,2.5,replication_lag_seconds,replica=db\\;eu,0.0015\r\n"
          "x,3,2.5,wal_bytes,\"node=a,\"\"b\"\"\",7\r\n"
          "x,3,2.5,cpu_utilisation_ratio,,0.25\r\n"
          "x,3,5,wal_bytes,\"node=a,\"\"b\"\"\",8\r\n"
          "x,3,5,cpu_utilisation_ratio,,0\r\n");
}

}  // namespace longhaul
