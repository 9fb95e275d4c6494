#include "policy/outlier_ejection.h"

#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint start{seconds(1000).ns};
constexpr DatabaseIndex a{0};
constexpr DatabaseIndex b{1};

OutlierEjectionConfig enabled() {
  OutlierEjectionConfig config;
  config.enabled = true;
  return config;
}

std::optional<EjectionMove> fail(OutlierEjection& outliers, TimePoint now, DatabaseIndex database,
                                 int times = 5) {
  std::optional<EjectionMove> last;
  for (int i = 0; i < times; ++i) {
    outliers.handle(now, database, true);
    while (const auto move = outliers.poll()) last = move;
  }
  return last;
}

// The sweeps between two times; returns when the database came back.
std::optional<TimePoint> back_at(OutlierEjection& outliers, DatabaseIndex database,
                                 TimePoint until) {
  while (const auto deadline = outliers.next_deadline()) {
    if (*deadline > until) return std::nullopt;
    outliers.on_timer(*deadline);
    while (const auto move = outliers.poll()) {
      if (move->database == database && move->to == EjectionState::healthy) return deadline;
    }
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("outlier_ejection: the fifth failure in a row ejects at once",
          "[policy][outlier_ejection]") {
  OutlierEjection outliers(enabled(), 4, start);
  REQUIRE_FALSE(fail(outliers, start, a, 4));
  outliers.handle(start, a, false);  // a good one between
  REQUIRE_FALSE(fail(outliers, start, a, 4));
  REQUIRE(fail(outliers, start, a, 1) == EjectionMove{a, EjectionState::healthy,
                                                      EjectionState::ejected,
                                                      Reason::failing_in_a_row});
  REQUIRE(outliers.ejected_set() == 1);
}

TEST_CASE("outlier_ejection: it comes back at the first sweep after its time, which grows",
          "[policy][outlier_ejection]") {
  OutlierEjection outliers(enabled(), 2, start);
  REQUIRE_FALSE(outliers.next_deadline().has_value());  // nothing to sweep
  TimePoint now = start + seconds(3);
  fail(outliers, now, a);
  // 30 s are over at 33 s; sweeps are at 10, 20, 30, 40 s.
  std::optional<TimePoint> back = back_at(outliers, a, start + seconds(1000));
  REQUIRE(back == start + seconds(40));
  // Ejected again before a sweep finds it healthy: 60 s, over at 101 s, sweep at 110 s.
  fail(outliers, start + seconds(41), a);
  REQUIRE(outliers.ejection_time(a) == seconds(60));
  back = back_at(outliers, a, start + seconds(1000));
  REQUIRE(back == start + seconds(110));
  // Two healthy sweeps forgive both: the next ejection lasts 30 s again.
  outliers.on_timer(start + seconds(120));
  outliers.on_timer(start + seconds(130));
  REQUIRE_FALSE(outliers.next_deadline().has_value());
  fail(outliers, start + seconds(131), a);
  REQUIRE(outliers.ejection_time(a) == seconds(30));
}

TEST_CASE("outlier_ejection: the time grows to its maximum and not beyond",
          "[policy][outlier_ejection]") {
  OutlierEjectionConfig config = enabled();
  config.max_ejection_time = seconds(100);
  OutlierEjection outliers(config, 2, start);
  TimePoint now = start;
  for (const std::int64_t expected : {30, 60, 90, 100, 100, 100}) {
    fail(outliers, now, a);
    REQUIRE(outliers.ejection_time(a) == seconds(expected));
    now = *back_at(outliers, a, now + seconds(1000));
  }
}

TEST_CASE("outlier_ejection: one may always be out, more up to the share",
          "[policy][outlier_ejection]") {
  OutlierEjection two(enabled(), 2, start);
  fail(two, start, a);
  // Half of them are out, which is more than 10 %.
  REQUIRE(fail(two, start, b)->reason == Reason::too_many_ejected);
  REQUIRE(two.ejected_set() == 1);

  OutlierEjectionConfig config = enabled();
  config.max_ejected = percent(50);
  OutlierEjection four(config, 4, start);
  for (std::uint32_t i = 0; i < 4; ++i) fail(four, start, {i});
  // 0 of 4, 1 of 4 are below 50 %; 2 of 4 is not.
  REQUIRE(four.ejected_set() == 0b0011);

  config.max_ejected = percent(0);
  OutlierEjection never(config, 4, start);
  REQUIRE(fail(never, start, a)->reason == Reason::too_many_ejected);
  REQUIRE(never.ejected_set() == 0);
}

TEST_CASE("outlier_ejection: what an ejected database answers does not count",
          "[policy][outlier_ejection]") {
  OutlierEjection outliers(enabled(), 2, start);
  fail(outliers, start, a);
  fail(outliers, start + seconds(1), a, 100);
  REQUIRE(outliers.ejection_time(a) == seconds(30));
  REQUIRE(back_at(outliers, a, start + seconds(100)) == start + seconds(30));
  // A clean record: four failures are not enough.
  REQUIRE_FALSE(fail(outliers, start + seconds(31), a, 4));
}

TEST_CASE("outlier_ejection: switched off it does nothing", "[policy][outlier_ejection]") {
  OutlierEjection outliers(OutlierEjectionConfig{}, 2, start);
  REQUIRE_FALSE(fail(outliers, start, a, 100));
  REQUIRE(outliers.ejected_set() == 0);
  REQUIRE_FALSE(outliers.next_deadline().has_value());
}

}  // namespace longhaul
