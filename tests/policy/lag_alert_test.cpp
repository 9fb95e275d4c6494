#include "policy/lag_alert.h"

#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint at(std::int64_t s) { return TimePoint{} + seconds(s); }

// A sample a second from `from` to `to`, both included, all with this lag.
LagAlertChange sampled(LagAlert& alert, std::int64_t from, std::int64_t to,
                       std::optional<Duration> lag) {
  LagAlertChange last = LagAlertChange::none;
  for (std::int64_t s = from; s <= to; ++s) last = alert.handle(at(s), lag);
  return last;
}

}  // namespace

TEST_CASE("lag_alert: above the threshold for longer than a minute raises it once",
          "[policy][lag_alert]") {
  LagAlert alert{LagAlertConfig{}};
  // First above at 10 s: 70 s is a minute and not longer.
  REQUIRE(sampled(alert, 0, 9, seconds(5)) == LagAlertChange::none);
  REQUIRE(sampled(alert, 10, 70, seconds(6)) == LagAlertChange::none);
  REQUIRE(sampled(alert, 71, 71, seconds(6)) == LagAlertChange::raised);
  REQUIRE(sampled(alert, 72, 200, minutes(5)) == LagAlertChange::none);
  REQUIRE(alert.is_raised());
  REQUIRE(sampled(alert, 201, 201, seconds(5)) == LagAlertChange::ended);
}

TEST_CASE("lag_alert: one sample that is not above starts the minute again",
          "[policy][lag_alert]") {
  for (const std::optional<Duration> good :
       {std::optional(seconds(1)), std::optional<Duration>()}) {
    LagAlert alert{LagAlertConfig{}};
    REQUIRE(sampled(alert, 0, 60, seconds(6)) == LagAlertChange::none);
    REQUIRE(sampled(alert, 61, 61, good) == LagAlertChange::none);
    REQUIRE(sampled(alert, 62, 122, seconds(6)) == LagAlertChange::none);
    REQUIRE(sampled(alert, 123, 123, seconds(6)) == LagAlertChange::raised);
  }
}

TEST_CASE("lag_alert: NULL ends an alert, as a comparison with it is not true",
          "[policy][lag_alert]") {
  LagAlert alert{LagAlertConfig{}};
  REQUIRE(sampled(alert, 0, 61, seconds(6)) == LagAlertChange::raised);
  REQUIRE(sampled(alert, 62, 62, std::nullopt) == LagAlertChange::ended);
  REQUIRE_FALSE(alert.is_raised());
}

}  // namespace longhaul
