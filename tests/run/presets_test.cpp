// Policies that begin with the defaults of a product.

#include <algorithm>

#include "policy/breaker_presets.h"
#include "policy/freshness_presets.h"
#include "policy/retry_presets.h"
#include "run/manual.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

PolicyConfig policy_with(std::vector<std::string> sets) {
  return load_tiny(std::move(sets)).config.policy;
}

}  // namespace

TEST_CASE("presets: a preset fills its block, and what stands beside it wins", "[run][presets]") {
  const PolicyConfig hystrix = policy_with({"policy.call_breaker.preset=hystrix"});
  REQUIRE(hystrix.call_breaker == call_breaker_presets[1].config);
  REQUIRE(hystrix.call_breaker.minimum_calls == 20);
  REQUIRE(hystrix.lag_breaker == LagBreakerConfig{});
  // Wherever it stands: the preset is the last key here.
  const PolicyConfig mine =
      policy_with({"policy.call_breaker.minimum_calls=7", "policy.call_breaker.preset=hystrix"});
  CallBreakerConfig expected = call_breaker_presets[1].config;
  expected.minimum_calls = 7;
  REQUIRE(mine.call_breaker == expected);
}

TEST_CASE("presets: GitLab, pgpool-II and Envoy as the facts sheet has them", "[run][presets]") {
  const LagBreakerConfig gitlab = policy_with({"policy.lag_breaker.preset=gitlab"}).lag_breaker;
  REQUIRE(gitlab.open_above == seconds(60));
  REQUIRE(gitlab.open_above_bytes == mebibytes(8));
  REQUIRE(gitlab.bad_when == BadWhen::both_above);
  REQUIRE(gitlab.probe_interval == seconds(60));
  REQUIRE(gitlab.probe_jitter == percent(100));
  REQUIRE_FALSE(policy_with({"policy.lag_breaker.preset=pgpool"}).lag_breaker.enabled);
  const OutlierEjectionConfig envoy =
      policy_with({"policy.outlier_ejection.preset=envoy"}).outlier_ejection;
  REQUIRE(envoy.enabled);
  REQUIRE(envoy.consecutive_failures == 5);
  REQUIRE(envoy.base_ejection_time == seconds(30));
}

TEST_CASE("presets: freshness rules of products are named too", "[run][presets]") {
  const FreshnessConfig rails = policy_with({"policy.freshness.preset=rails"}).freshness;
  REQUIRE(rails.rule == FreshnessRule::pin_after_write);
  REQUIRE(rails.pin == seconds(2));
  const FreshnessConfig longer =
      policy_with({"policy.freshness.preset=rails", "policy.freshness.pin=3s"}).freshness;
  REQUIRE(longer.pin == seconds(3));
  REQUIRE(longer.store.kind == TokenPlace::cookie);
}

TEST_CASE("presets: retries as resilience4j and GitLab have them", "[run][presets]") {
  // Facts sheet 124 and 134: three attempts 500 ms apart; connection errors after 2, 4 and 16 s.
  const RetryConfig fixed = policy_with({"policy.retries.preset=resilience4j"}).retries;
  REQUIRE(fixed == RetryConfig{.attempts = 3, .backoff = Backoff::fixed});
  REQUIRE(pause_after(fixed, 1, 0) == milliseconds(500));
  const RetryConfig gitlab = policy_with({"policy.retries.preset=gitlab"}).retries;
  REQUIRE(gitlab.attempts == 4);
  REQUIRE(pause_after(gitlab, 3, 0) == seconds(16));
}

TEST_CASE("presets: every one of them is a valid policy and can be run", "[run][presets]") {
  const auto runs = [](const std::string& block, std::string_view name) {
    const std::string set = "policy." + block + ".preset=" + std::string(name);
    INFO(set);
    const Scenario scenario = load_tiny({set, "duration=5s"});
    REQUIRE(validate(scenario.config.policy).empty());
  };
  for (const auto& preset : freshness_presets) runs("freshness", preset.name);
  for (const auto& preset : lag_breaker_presets) runs("lag_breaker", preset.name);
  for (const auto& preset : call_breaker_presets) runs("call_breaker", preset.name);
  for (const auto& preset : outlier_ejection_presets) runs("outlier_ejection", preset.name);
  for (const auto& preset : retry_presets) runs("retries", preset.name);
}

TEST_CASE("presets: the manual says their values and their source", "[run][presets]") {
  const std::string manual = manual_markdown(PolicyConfig::fields(), "call_breaker.preset");
  REQUIRE(manual.find("hystrix: mode automatic, window time_based, window_time 10s, minimum_calls "
                      "20, wait_in_open 5s, half_open_calls 1 (Netflix "
                      "HystrixCommandProperties.java") != std::string::npos);
}

TEST_CASE("presets: an unknown one is an error with the list", "[run][presets]") {
  const ReadText read = [](const std::string&) -> Result<std::string> { return tiny_scenario; };
  const auto scenario =
      load_scenario("tiny.json", {.sets = {"policy.call_breaker.preset=hystrics"}}, read);
  REQUIRE_FALSE(scenario);
  REQUIRE(scenario.errors().front().expected == "a preset: resilience4j, hystrix");
}

}  // namespace longhaul
