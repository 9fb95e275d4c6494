#include "policy/throttle.h"

#include <array>

#include "policy/router.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint at(Duration since) { return TimePoint{} + since; }

Observation lagging(TimePoint when, std::optional<Duration> lag) {
  return {.measured_at = when, .timeline = 1, .lag = lag};
}

}  // namespace

TEST_CASE("throttle: a write waits while the lag is above, and no longer than its bound",
          "[policy][throttle]") {
  ThrottleConfig config;
  config.above = seconds(1);
  const TimePoint since = at(seconds(10));
  using enum ThrottleAction;
  REQUIRE(judge_write(config, since, since, std::nullopt).action == proceed);
  REQUIRE(judge_write(config, since, since, seconds(1)).action == proceed);
  REQUIRE(judge_write(config, since, since, milliseconds(1001)) ==
          ThrottleVerdict{wait, milliseconds(100)});
  // 950 ms of 1 s have passed: the last pause is 50 ms.
  REQUIRE(judge_write(config, since + milliseconds(950), since, seconds(2)) ==
          ThrottleVerdict{wait, milliseconds(50)});
  REQUIRE(judge_write(config, since + seconds(1), since, seconds(2)).action == proceed);
  config.otherwise = ThrottleOtherwise::fail;
  REQUIRE(judge_write(config, since + seconds(1), since, seconds(2)).action == refuse);
  config.above.reset();
  REQUIRE(judge_write(config, since, since, minutes(5)).action == proceed);
}

TEST_CASE("throttle: the largest lag of those that answer and are not broken counts",
          "[policy][throttle]") {
  const std::array<Candidate, 5> candidates = {{{milliseconds(1), true},
                                                {milliseconds(1)},
                                                {milliseconds(2)},
                                                {milliseconds(3)},
                                                {milliseconds(4)}}};
  Router router(PolicyConfig{}, candidates);
  const ThrottleConfig config;
  const TimePoint now = at(seconds(100));
  REQUIRE_FALSE(lag_that_counts(config, now, router));
  router.handle(now, {4}, lagging(now - seconds(6), seconds(50)));  // silent for more than 5 s
  router.handle(now, {0}, {.measured_at = now, .is_primary = true, .timeline = 1});
  router.handle(now, {3}, lagging(now, std::nullopt));
  REQUIRE_FALSE(lag_that_counts(config, now, router));
  router.handle(now, {1}, lagging(now - seconds(5), milliseconds(300)));
  REQUIRE(lag_that_counts(config, now, router) == milliseconds(300));
  router.handle(now, {2}, lagging(now, seconds(2)));
  REQUIRE(lag_that_counts(config, now, router) == seconds(2));
  router.handle(now, {3}, lagging(now, seconds(61)));  // broken
  REQUIRE(lag_that_counts(config, now, router) == seconds(2));
}

}  // namespace longhaul
