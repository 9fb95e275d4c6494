#include "models/lag.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

// Each nanosecond counts at the lag it begins with, as the histogram's buckets below 64 do.
struct Reference {
  std::vector<FlushMark> marks;
  std::uint64_t passed = 0;  // marks before this one have passed
  std::vector<std::int64_t> weight_at = std::vector<std::int64_t>(64);
  std::int64_t twice_sum = 0;
  std::int64_t max = 0;
  std::int64_t weight = 0;

  bool lagging() const { return passed < marks.size(); }

  void live_through(std::int64_t ns) {
    const std::int64_t lag = lagging() ? ns - marks[passed].at.ns : 0;
    if (lag < 64) weight_at[static_cast<std::size_t>(lag)] += 1;
    weight += 1;
    if (!lagging()) return;
    twice_sum += 2 * lag + 1;  // the integral of a ramp from lag to lag + 1, doubled
    max = std::max(max, lag + 1);
  }
};

}  // namespace

TEST_CASE("stage_lag: a ramp: grows from the flush on, drops to the age of the next mark",
          "[models][lag]") {
  // Flushes at 10 s (up to 100) and 12 s (up to 200). The stage passes the first at 15 s, the
  // second at 16 s. Lag: 0 for 10 s, a ramp 0..5 s, a ramp 15-12 = 3..4 s, then 0 for 4 s until 20
  // s.
  StageLag stage;
  RampHistogram history;
  Ring<FlushMark> marks;
  const auto at = [](std::int64_t s) { return TimePoint{} + seconds(s); };
  marks.push_back({{100}, at(10)});
  stage.flushed(at(10), history);
  marks.push_back({{200}, at(12)});
  stage.flushed(at(12), history);
  REQUIRE(stage.lag(at(14)) == seconds(4));
  stage.advance(at(14), marks, {99}, history);  // not the whole record: nothing has passed
  REQUIRE(stage.lag(at(14)) == seconds(4));
  REQUIRE(stage.next_mark() == 0);
  stage.advance(at(15), marks, {100}, history);
  REQUIRE(stage.lag(at(15)) == seconds(3));
  REQUIRE(stage.last_passed() == at(10));
  stage.advance(at(16), marks, {250}, history);
  REQUIRE(stage.lag(at(18)) == Duration{});
  REQUIRE(stage.last_passed() == at(12));
  REQUIRE(stage.next_mark() == 2);
  stage.settle(at(20), history);
  // Integral: 25/2 + (16 - 9)/2 = 16 s^2 over 20 s, so 0.8 s on average.
  REQUIRE(history.weight() == seconds(20));
  REQUIRE(history.max() == seconds(5));
  REQUIRE(history.average() == milliseconds(800));
}

TEST_CASE(
    "stage_lag: random histories: mean, maximum and time at each lag equal sums by the "
    "nanosecond",
    "[models][lag]") {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    RandomStream random{{seed}};
    StageLag stage;
    RampHistogram history;
    Ring<FlushMark> marks;
    Reference reference;
    std::uint64_t flushed = 0;
    std::uint64_t position = 0;
    const std::uint64_t calm = 2 + random.bits() % 30;  // one step in so many does something
    for (std::int64_t ns = 0; ns < 300; ++ns) {
      const TimePoint now{ns};
      if (random.bits() % calm == 0) {
        flushed += 1 + random.bits() % 100;
        marks.push_back({{flushed}, now});
        reference.marks.push_back({{flushed}, now});
        stage.flushed(now, history);
      }
      if (random.bits() % calm == 0) {
        position += random.bits() % (flushed - position + 1);
        stage.advance(now, marks, {position}, history);
        while (reference.lagging() && reference.marks[reference.passed].end.value <= position) {
          reference.passed += 1;
        }
      }
      if (random.bits() % 50 == 0) stage.settle(now, history);  // at any time, without effect
      const std::int64_t lag =
          reference.lagging() ? ns - reference.marks[reference.passed].at.ns : 0;
      REQUIRE(stage.lag(now).ns == lag);
      REQUIRE(stage.next_mark() == reference.passed);
      reference.live_through(ns);
    }
    stage.settle({300}, history);
    REQUIRE(history.weight().ns == reference.weight);
    REQUIRE(history.max().ns == reference.max);
    REQUIRE(history.average().ns == reference.twice_sum / (2 * reference.weight));
    for (unsigned i = 0; i < 64; ++i) {
      REQUIRE(history.weight_in(i).ns == reference.weight_at[i]);
    }
  }
}

// A walsender may send on to a standby whose files are gone.
TEST_CASE("stage_lag: nothing is measured of a standby that is away", "[models][lag]") {
  StageLag stage;
  RampHistogram history;
  Ring<FlushMark> marks;
  marks.push_back({{100}, TimePoint{10}});
  stage.leave(TimePoint{20}, history);
  marks.pop_front();  // nobody needs it
  marks.push_back({{200}, TimePoint{30}});
  stage.advance(TimePoint{40}, marks, {200}, history);
  REQUIRE(stage.next_mark() == 0);
  stage.come_back(TimePoint{50}, marks, 1);
  REQUIRE(stage.lag(TimePoint{50}) == Duration{20});
}

}  // namespace longhaul
