#include <cstdint>
#include <map>
#include <vector>

#include "models/app/canary.h"
#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

TimePoint ms(std::int64_t n) { return TimePoint{} + milliseconds(n); }

// `all` clicks, one every 100 ms from `from` on; the first `bad` fail, the others are good at once.
void click(AvailabilityWatch& watch, TimePoint from, int all, int bad) {
  for (int i = 0; i < all; ++i) {
    const TimePoint at = from + milliseconds(100) * i;
    watch.clicked(at);
    watch.answered(at, at, i >= bad);
  }
}

}  // namespace

TEST_CASE("availability: a minute is good from 99 % on", "[models][availability]") {
  // 100 pages a minute. Minute 0: 1 bad, 99 % good. Minute 1: 2 bad, 98 %. Minute 2: none bad.
  AvailabilityWatch watch;
  click(watch, ms(0), 100, 1);
  click(watch, ms(60'000), 100, 2);
  click(watch, ms(120'000), 100, 0);
  watch.finish(ms(180'000));
  REQUIRE(watch.windows() == 3);
  REQUIRE(watch.good_windows() == 2);
}

TEST_CASE("availability: 99 % of few pages means all of them", "[models][availability]") {
  // 98 of 99 are 98.99 %; 198 of 200 are 99 %.
  AvailabilityWatch watch;
  click(watch, ms(0), 99, 1);
  click(watch, ms(60'000), 200, 2);
  watch.finish(ms(180'000));
  REQUIRE(watch.windows() == 2);
  REQUIRE(watch.good_windows() == 1);
}

TEST_CASE("availability: a page counts in the minute of its click", "[models][availability]") {
  // Clicked at 59.9 s, failed at 60.5 s: minute 0 is bad, minute 1 is not.
  AvailabilityWatch watch;
  watch.clicked(ms(59'900));
  watch.clicked(ms(60'000));
  watch.answered(ms(60'000), ms(60'100), true);
  watch.answered(ms(59'900), ms(60'500), false);
  watch.finish(ms(70'000));
  REQUIRE(watch.windows() == 2);
  REQUIRE(watch.good_windows() == 1);
  // And good when it is answered well after the minute's end.
  AvailabilityWatch late;
  late.clicked(ms(59'900));
  late.answered(ms(59'900), ms(61'900), true);  // 2 s: just within the bound
  late.finish(ms(70'000));
  REQUIRE(late.windows() == 1);
  REQUIRE(late.good_windows() == 1);
}

TEST_CASE("availability: unanswered, late and failed pages are bad", "[models][availability]") {
  AvailabilityWatch watch;
  watch.clicked(ms(0));  // never answered
  watch.clicked(ms(60'000));
  watch.answered(ms(60'000), ms(62'000) + nanoseconds(1), true);  // past the bound
  watch.clicked(ms(120'000));
  watch.answered(ms(120'000), ms(120'001), false);
  watch.clicked(ms(180'000));
  watch.answered(ms(180'000), ms(180'001), true);
  watch.finish(ms(190'000));
  REQUIRE(watch.windows() == 4);
  REQUIRE(watch.good_windows() == 1);
}

TEST_CASE("availability: minutes without a click are no windows", "[models][availability]") {
  AvailabilityWatch watch;
  click(watch, ms(0), 10, 0);
  click(watch, ms(600'000), 10, 0);
  watch.finish(ms(900'000));
  REQUIRE(watch.windows() == 2);
  REQUIRE(watch.good_windows() == 2);
}

TEST_CASE("availability: finish: clicks younger than the bound do not count",
          "[models][availability]") {
  // Unanswered clicks at 57 s and 58 s. At 59 s only the first is 2 s old, at 60 s it is older; the
  // second is exactly 2 s old then. A good page at 10 s makes the window in any case.
  for (const std::int64_t end : {59'000, 60'000}) {
    AvailabilityWatch watch;
    watch.clicked(ms(10'000));
    watch.answered(ms(10'000), ms(10'100), true);
    if (end == 60'000) watch.clicked(ms(57'000));
    watch.clicked(ms(58'000));
    watch.finish(ms(end));
    REQUIRE(watch.windows() == 1);
    REQUIRE(watch.good_windows() == (end == 59'000 ? 1 : 0));
  }
  AvailabilityWatch young;
  young.clicked(ms(58'000));
  young.finish(ms(60'000));
  REQUIRE(young.windows() == 0);
}

TEST_CASE("availability: finish: a good page counts though a younger one was answered before it",
          "[models][availability]") {
  // At 61 s the click of 58 s has been answered in 1.9 s, after that of 59.5 s, which is too young.
  AvailabilityWatch watch;
  watch.clicked(ms(58'000));
  watch.clicked(ms(59'500));
  watch.answered(ms(59'500), ms(59'600), true);
  watch.answered(ms(58'000), ms(59'900), true);
  watch.finish(ms(61'000));
  REQUIRE(watch.windows() == 1);
  REQUIRE(watch.good_windows() == 1);
}

TEST_CASE("availability: restart: pages clicked before do not count", "[models][availability]") {
  AvailabilityWatch watch;
  click(watch, ms(0), 100, 50);
  watch.clicked(ms(60'000));  // answered after the restart
  watch.restart(ms(60'500));
  watch.answered(ms(60'000), ms(60'600), true);
  watch.clicked(ms(61'000));  // never answered
  watch.finish(ms(70'000));
  REQUIRE(watch.windows() == 1);
  REQUIRE(watch.good_windows() == 0);
}

TEST_CASE("availability: random histories: windows equal a count over all pages",
          "[models][availability]") {
  std::int64_t good_seen = 0, bad_seen = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomStream random{{seed}};
    AvailabilityWatch watch;
    std::multimap<TimePoint, TimePoint> due;  // answers under way: when, of which click
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> minutes;  // all and good
    const TimePoint end = ms(400'000 + static_cast<std::int64_t>(random.bits() % 60'000));
    const std::uint64_t bad = random.bits() % 200;
    const auto deliver_up_to = [&](TimePoint now) {
      while (!due.empty() && due.begin()->first <= now) {
        watch.answered(due.begin()->second, due.begin()->first, true);
        due.erase(due.begin());
      }
    };
    for (TimePoint now = ms(0); now < end;) {
      deliver_up_to(now);
      watch.clicked(now);
      const bool answered = random.bits() % 200 >= bad % 7;
      Duration latency = milliseconds(static_cast<std::int64_t>(random.bits() % 1'990));
      if (random.bits() % 200 < bad % 3) latency += seconds(2);
      if (answered) due.emplace(now + latency, now);
      if (end - now > AvailabilityWatch::bound) {
        auto& [all, good] = minutes[now.ns / 60'000'000'000];
        all += 1;
        good += answered && latency <= AvailabilityWatch::bound;
      }
      std::int64_t pause = static_cast<std::int64_t>(random.bits() % 1'000);
      if (random.bits() % 400 == 0) pause += 150'000;  // nobody comes for minutes
      now = now + milliseconds(pause + 1);
    }
    deliver_up_to(end);
    watch.finish(end);
    std::int64_t good_windows = 0;
    for (const auto& [number, counts] : minutes) {
      good_windows += counts.second * 100 >= counts.first * 99;
    }
    CAPTURE(seed);
    REQUIRE(watch.windows() == static_cast<std::int64_t>(minutes.size()));
    REQUIRE(watch.good_windows() == good_windows);
    good_seen += good_windows;
    bad_seen += watch.windows() - good_windows;
  }
  REQUIRE(good_seen > 300);
  REQUIRE(bad_seen > 300);
}

}  // namespace longhaul
