#include "run/freshness_table.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

// The tiny scenario's users, who look again at what they saved.
FreshnessTableAsked asked(std::vector<Duration> lags) {
  FreshnessTableAsked question;
  question.lags = std::move(lags);
  question.seeds = SeedRange{1, 2};
  question.load = [](const Variant& variant) -> Result<Scenario> {
    return load_tiny(variant.sets);
  };
  return question;
}

}  // namespace

TEST_CASE("freshness table: rules in one order at each lag, none first, the scenario's own last",
          "[run][freshness_table]") {
  const FreshnessTable table = freshness_table(asked({Duration{0}, seconds(1)}), {}).value();
  REQUIRE(table.lags == std::vector<Duration>{Duration{0}, seconds(1)});
  REQUIRE(table.rows.size() == 2);
  REQUIRE(table.rows[0].size() == table.rows[1].size());
  for (const std::vector<FreshnessRow>& rows : table.rows) {
    REQUIRE(rows.front().rule == "none");
    REQUIRE(rows.front().moved_ppm == 0);
    REQUIRE(rows.back().configured);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      REQUIRE(rows[i].rule == table.rows[0][i].rule);
      REQUIRE(rows[i].at_most_ppm.has_value() == (rows[i].broken_reads == 0));
    }
  }
  REQUIRE_FALSE(table.conclusions.empty());
}

TEST_CASE("freshness table: a longer lag changes nothing but the lag", "[run][freshness_table]") {
  const FreshnessTable one = freshness_table(asked({seconds(1)}), {}).value();
  const FreshnessTable both =
      freshness_table(asked({Duration{0}, seconds(1)}), {.jobs = 3}).value();
  REQUIRE(freshness_json(both).find("\"lag_ns\": 1000000000") != std::string::npos);
  for (std::size_t i = 0; i < one.rows[0].size(); ++i) {
    REQUIRE(one.rows[0][i].broken_reads == both.rows[1][i].broken_reads);
    REQUIRE(one.rows[0][i].page_average == both.rows[1][i].page_average);
  }
}

TEST_CASE("freshness table: text and JSON name the same rules", "[run][freshness_table]") {
  const FreshnessTable table = freshness_table(asked({Duration{0}}), {}).value();
  const std::string text = freshness_text(table);
  const nlohmann::json json = nlohmann::json::parse(freshness_json(table));
  REQUIRE(json.at("lags").at(0).at("rules").size() == table.rows[0].size());
  for (const FreshnessRow& row : table.rows[0]) {
    REQUIRE(text.find(row.rule) != std::string::npos);
  }
  REQUIRE(json.at("conclusions").size() == table.conclusions.size());
}

TEST_CASE("freshness table: an unknown replica is an error", "[run][freshness_table]") {
  FreshnessTableAsked question = asked({Duration{0}});
  question.replica = "db-mars";
  const auto table = freshness_table(question, {});
  REQUIRE_FALSE(table);
  REQUIRE(table.errors().front().path == "--replica");
}

TEST_CASE("freshness table: what an open breaker keeps away is not judged",
          "[run][freshness_table]") {
  // The breaker opens above 3 s, within the warm-up: at 10 s no rule sees a read of the replica.
  const auto warm = [](std::vector<Duration> lags) {
    FreshnessTableAsked question = asked(std::move(lags));
    question.load = [](const Variant& variant) -> Result<Scenario> {
      std::vector<std::string> sets{"duration=40s", "warmup=20s", "canary=10/s"};
      sets.insert(sets.end(), variant.sets.begin(), variant.sets.end());
      return load_tiny(sets);
    };
    return freshness_table(question, {}).value();
  };
  const FreshnessTable table = warm({seconds(1), seconds(10)});
  REQUIRE(table.untested[0].empty());
  REQUIRE(table.untested[1].starts_with("the breaker was open"));
  for (const std::string& sentence : table.conclusions) {
    // At 1 s alone it may be "none"; of 10 s nothing is concluded.
    REQUIRE(sentence.find("does not hold when db-eu lags by 10s") == std::string::npos);
  }
  const FreshnessTable open = warm({seconds(10)});
  REQUIRE(open.conclusions.back().starts_with("Nothing to recommend"));
}

}  // namespace longhaul
