// What `longhaul failovers` adds up.
#include "run/failovers_table.h"

#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string lost_host =
    std::string(LONGHAUL_ROOT) + "/scenarios/limits/patroni_primary_host_lost.json";

FailoversTable table_of(const std::vector<Axis>& vary, SeedRange seeds,
                        const std::vector<Axis>& along = {}) {
  FailoversAsked asked;
  asked.vary = vary;
  asked.along = along;
  asked.seeds = seeds;
  asked.load = [](const Variant& variant) {
    ScenarioOptions options;
    options.sets = variant.sets;
    return load_scenario(lost_host, options);
  };
  const Result<FailoversTable> table = failovers_table(asked, {.jobs = 2});
  REQUIRE(table);
  return table.value();
}

}  // namespace

TEST_CASE("failovers: phases sum to the outage, and everybody is counted", "[run][failovers]") {
  const FailoversTable table = table_of({}, {1, 8});
  REQUIRE(table.rows.size() == 1);
  const FailoversRow& row = table.rows.front();
  REQUIRE(row.runs == 8);
  REQUIRE(row.failovers == 8);
  REQUIRE(row.runs_with_failover == 8);
  REQUIRE(row.needless == 0);
  std::int64_t promoted = 0;
  for (const auto& [node, count] : row.to) promoted += count;
  REQUIRE(promoted == 8);
  REQUIRE(row.outage);
  Duration sum;
  for (const std::optional<DurationSummary>& phase : row.phases) {
    REQUIRE(phase);  // an outage without it counts zero
    sum = sum + phase->mean;
    REQUIRE(phase->min <= phase->mean);
    REQUIRE(phase->mean <= phase->max);
  }
  // Each of the seven means is rounded down by less than a nanosecond.
  REQUIRE(sum <= row.outage->mean);
  REQUIRE(row.outage->mean.ns - sum.ns <= 7);
}

TEST_CASE("failovers: what goes along changes with the parameter that varies", "[run][failovers]") {
  const FailoversTable table = table_of({{"policy.failover.patroni.ttl", {"20s", "60s"}}}, {1, 4},
                                        {{"policy.failover.patroni.loop_wait", {"5s", "5s"}}});
  REQUIRE(table.rows.size() == 2);
  REQUIRE(table.rows[1].values == std::vector<std::string>{"60s", "5s"});
  // 15 to 20 s are left of a ttl of 20 s, 55 to 60 s of one of 60 s.
  REQUIRE(table.rows[0].outage->max < seconds(30));
  REQUIRE(table.rows[1].outage->min > seconds(50));
}

TEST_CASE("failovers: parameters that vary are crossed, as in a sweep", "[run][failovers]") {
  const FailoversTable table = table_of({{"policy.failover.patroni.ttl", {"20s", "60s"}},
                                         {"policy.failover.patroni.loop_wait", {"4s", "5s"}}},
                                        {1, 1});
  std::vector<std::vector<std::string>> settings;
  for (const FailoversRow& row : table.rows) settings.push_back(row.values);
  REQUIRE(settings == std::vector<std::vector<std::string>>{
                          {"20s", "4s"}, {"20s", "5s"}, {"60s", "4s"}, {"60s", "5s"}});
}

TEST_CASE("failovers: names of anybody are text in the picture", "[run][failovers]") {
  FailoversTable table;
  table.scenario = "a<b>&\"c";
  table.paths = {"x"};
  table.axes = 1;
  table.rows.resize(2);
  table.rows[0].values = {"<i>"};
  table.rows[1].values = {"2"};
  const std::string svg = failovers_svg(table);
  REQUIRE(svg.find("a&lt;b&gt;&amp;&quot;c") != svg.npos);
  REQUIRE(svg.find("<b>") == svg.npos);
  REQUIRE(svg.find("<i>") == svg.npos);
}

TEST_CASE("failovers: a scenario without a canary is refused", "[run][failovers]") {
  FailoversAsked asked;
  asked.load = [](const Variant&) { return load_scenario(lost_host, {.sets = {"canary=0/s"}}); };
  REQUIRE(failovers_table(asked, {}).errors().front().path == "canary");
}

// Nobody writes from two of the regions, which have voters of the lease store only: they have no
// outage, and none of length 0 either.
TEST_CASE("failovers: a region without users has no phases", "[run][failovers]") {
  const Scenario scenario = load_scenario(lost_host).value();
  REQUIRE(scenario.cluster.regions.size() == 3);
  const Figures figures = run(scenario, 1).figures;
  const auto lease = static_cast<std::uint32_t>(FailoverPhase::lease);
  const Figure& found = figures.select({Metric::failover_duration, {{Label::phase, lease}}});
  REQUIRE(found.count() == 1);
  REQUIRE(found.min() >= seconds(19).ns);  // ttl - loop_wait, less a round's way
}

TEST_CASE("failovers: what cannot go along is refused", "[run][failovers]") {
  FailoversAsked asked;
  asked.vary = {{"a", {"1", "2"}}};
  asked.along = {{"b", {"1"}}};
  REQUIRE(failovers_table(asked, {}).errors().front().path == "--along b");
  asked.along = {{"b", {"1", "2"}}};
  asked.vary.push_back({"c", {"1", "2"}});
  REQUIRE(failovers_table(asked, {}).errors().front().value == "2 times --vary");
}

}  // namespace longhaul
