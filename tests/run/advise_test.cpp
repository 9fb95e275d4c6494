#include "run/advise.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/app/page_time.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

// An app and its users in Ireland, the database in Virginia: 69.6 ms.
const std::string far_away = R"({
  "format": 1, "name": "far_away", "purpose": "A test.", "seeds": "1..2",
  "duration": "70s", "warmup": "10s", "canary": "0/s",
  "topology": {
    "regions": ["aws:us-east-1", "aws:eu-west-1"],
    "nodes": [{"name": "db-us", "region": "aws:us-east-1", "role": "primary"}],
    "apps": [{"name": "app-eu", "region": "aws:eu-west-1", "pool": {"size": 40}}]
  },
  "data": [{"name": "item", "rows": "10k", "row_bytes": "400B"}],
  "workload": [{"name": "eu", "from": "aws:eu-west-1", "last_mile": "20ms",
    "sessions": 50, "rate": "10/s",
    "pages": [{"name": "list", "calls": [{"read": "item", "times": 10}]}]}]
})";

AdviceReport advice(std::vector<std::string> sets = {}, std::string page = {}) {
  const Scenario scenario =
      load_scenario("far_away.json", {.sets = std::move(sets)},
                    [](const std::string&) -> Result<std::string> { return far_away; })
          .value();
  return advise(scenario, {std::move(page), {1, 2}, nullptr}, {.jobs = 2}).value();
}

const Advice* find(const AdviceReport& report, OptionKind kind) {
  const auto at = std::find_if(report.options.begin(), report.options.end(),
                               [&](const Advice& advice) { return advice.option.kind == kind; });
  return at == report.options.end() ? nullptr : &*at;
}

bool near(Duration value, Duration expected) {
  return value > expected - milliseconds(3) && value < expected + milliseconds(3);
}

TEST_CASE("advise: ten reads in a row across an ocean are one query, and no replica",
          "[run][advise]") {
  // 20 ms of last mile and ten legs of 69.6 ms + 0.4 ms of jitter, each with 0.5 ms of service: 725
  // ms. One query: 90.5 ms. A replica: 20 + 10 x (0.1 + 0.5) = 26 ms, of 634 ms the one query saves
  // 91 %. Entering an app in Virginia costs the ocean once: 20 + 70 + 10 x 0.6 = 96 ms.
  const AdviceReport report = advice();
  REQUIRE(report.pages.size() == 1);
  REQUIRE(near(report.pages[0].mean(), milliseconds(725)));
  REQUIRE(report.pages[0].time.legs[0].count == 10 * report.pages[0].time.pages);
  REQUIRE(report.pages[0].time.legs[0].repeats == 9 * report.pages[0].time.pages);

  REQUIRE(near(find(report, OptionKind::one_query)->pages[0].mean, microseconds(90'500)));
  REQUIRE(near(find(report, OptionKind::replica)->pages[0].mean, milliseconds(26)));
  REQUIRE(near(find(report, OptionKind::app_there)->pages[0].mean, milliseconds(96)));
  REQUIRE(report.options.front().option.kind == OptionKind::replica);
  REQUIRE(std::is_sorted(report.options.begin(), report.options.end(),
                         [](const Advice& a, const Advice& b) { return a.saved > b.saved; }));

  // The query saves a dollar or two of transfer, the replica costs a server.
  const std::int64_t spared =
      report.cost.total() - find(report, OptionKind::one_query)->cost.total();
  REQUIRE(spared > 0);
  REQUIRE(spared < 5'000'000);
  REQUIRE(find(report, OptionKind::replica)->cost[CostKind::servers] ==
          2 * report.cost[CostKind::servers]);
  REQUIRE(report.answers.size() == 1);
  REQUIRE(report.answers[0].starts_with("Users of aws:eu-west-1 do not need a replica: "));
}

TEST_CASE("advise: where reads differ and travel, a replica pays", "[run][advise]") {
  // Four different reads: nothing to merge. Entering the app in Virginia saves three of four legs,
  // 210 of 280 ms; a replica saves all four, and four fifths would be enough.
  const std::string calls = R"(workload.eu.pages.list.calls=[{"read":"item"},{"read":"item"},)"
                            R"({"read":"item"},{"read":"item"}])";
  const AdviceReport report = advice({calls});
  REQUIRE(find(report, OptionKind::one_query) == nullptr);
  REQUIRE(near(report.pages[0].mean(), milliseconds(20) + microseconds(4 * 70'500)));
  REQUIRE(report.answers[0].starts_with("For users of aws:eu-west-1 a replica pays: "));
}

TEST_CASE("advise: nothing is offered that cannot help", "[run][advise]") {
  // App, users and database in one place: a page is the last mile and service.
  const AdviceReport report =
      advice({"topology.apps.app-eu.region=aws:us-east-1", "workload.eu.from=aws:us-east-1",
              "workload.eu.pages.list.calls[0].times=1"});
  REQUIRE(report.options.empty());
  REQUIRE(report.answers[0].starts_with("Nobody needs another replica: "));
  REQUIRE(advice_text(report, false).find("Nothing that is tried here would help.") !=
          std::string::npos);
}

TEST_CASE("advise: a bigger pool is offered to those who wait for one", "[run][advise]") {
  // Each page keeps a connection for 705 ms: 10 pages a second want 7 of them on average.
  REQUIRE(find(advice(), OptionKind::pool) == nullptr);
  const AdviceReport report = advice({"topology.apps.app-eu.pool.size=8"});
  const Advice* pool = find(report, OptionKind::pool);
  REQUIRE(pool != nullptr);
  REQUIRE(pool->saved > Duration{});
  REQUIRE(pool->saved <= report.pages[0].mean(PagePart::pool) + milliseconds(1));
}

TEST_CASE("advise: an edge before pages for everybody, a cache beside far reads", "[run][advise]") {
  // Ten rows, read 10 times a second at random. A CDN keeps each for a minute: of its 60 pages all
  // but the first are 20 + 5 ms. A cache has ten of ten rows after some seconds: 20 ms and ten
  // look-ups of 0.15 ms.
  const AdviceReport report = advice({"data.item.rows=10"});
  const Advice* edge = find(report, OptionKind::edge);
  REQUIRE(edge != nullptr);
  REQUIRE(near(edge->pages[0].p50, milliseconds(25)));
  REQUIRE(edge->option.what.starts_with("a CDN that keeps list for "));
  const Advice* cache = find(report, OptionKind::cache);
  REQUIRE(cache != nullptr);
  REQUIRE(near(cache->pages[0].p50, milliseconds(22)));
  REQUIRE(cache->cost.total() < report.cost.total());  // less transfer; its own price is left out
  // Neither for what is the user's own; no edge for a page that must be fresh.
  const AdviceReport own = advice({"workload.eu.pages.list.calls[0].own=true"});
  REQUIRE(find(own, OptionKind::edge) == nullptr);
  REQUIRE(find(own, OptionKind::cache) == nullptr);
  REQUIRE(find(advice({"workload.eu.pages.list.max_staleness=0s"}), OptionKind::edge) == nullptr);
}

TEST_CASE("advise: only the page that is asked for", "[run][advise]") {
  const std::string pages =
      R"(workload.eu.pages=[{"name":"list","calls":[{"read":"item","times":10}]},)"
      R"({"name":"show","calls":[{"read":"item","times":2}]}])";
  const AdviceReport report = advice({pages}, "show");
  REQUIRE(report.pages.size() == 1);
  REQUIRE(find(report, OptionKind::one_query)->option.what ==
          "one query for 2 reads in a row of show");
  const Scenario scenario =
      load_scenario("far_away.json", {}, [](const std::string&) -> Result<std::string> {
        return far_away;
      }).value();
  const auto unknown = advise(scenario, {"lsit", {1, 1}, nullptr}, {.jobs = 1});
  REQUIRE(!unknown);
  REQUIRE(unknown.errors()[0].value == "lsit");
  REQUIRE(unknown.errors()[0].expected == "a page of the scenario: list");
}

TEST_CASE("advise: the JSON of a page adds up", "[run][advise]") {
  const AdviceReport report = advice();
  const auto json = nlohmann::json::parse(advice_json(report));
  const auto& page = json["pages"][0];
  std::int64_t sum = 0;
  for (const auto& [part, ns] : page["sum_ns"].items()) sum += ns.get<std::int64_t>();
  REQUIRE(sum == report.pages[0].time.total().ns);
  REQUIRE(Int128{sum} == report.pages[0].latency.distribution.sum());
  REQUIRE(json["options"].size() == report.options.size());
}

TEST_CASE("advise: legs in words", "[run][advise]") {
  PageTime time;
  time.pages = 10;
  time.legs[0] = {30, 20, milliseconds(30 * 70)};
  time.legs[1] = {25, 0, milliseconds(25)};
  REQUIRE(mean_text(4, 100) == "0.04");
  REQUIRE(mean_text(1, 1000) == "<0.01");
  REQUIRE(mean_text(1, 10) == "0.1");
  LabelValues labels;
  labels[Label::node] = {"db-us", "db-eu"};
  REQUIRE(legs_text(time, labels) == "3 x 70ms to db-us, 2 of them N + 1; 2.5 x 1ms to db-eu");
}

}  // namespace
}  // namespace longhaul
