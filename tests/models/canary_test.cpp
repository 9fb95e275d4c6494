#include "models/app/canary.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

TimePoint ms(std::int64_t n) { return TimePoint{} + milliseconds(n); }

struct Write {
  TimePoint sent;
  TimePoint answered = TimePoint::never();
};

// The writes of one canary, one every 100 ms from 0, with the watch being told in order of time.
class Canary {
 public:
  // Writes sent from `from` until before `to` are answered after `latency`.
  void answered(TimePoint from, TimePoint to, Duration latency) {
    for (TimePoint at = from; at < to; at = at + milliseconds(100)) {
      writes_.push_back({at, at + latency});
    }
  }

  // ... all at one instant, `at`.
  void answered_at(TimePoint from, TimePoint to, TimePoint at) {
    for (TimePoint t = from; t < to; t = t + milliseconds(100)) writes_.push_back({t, at});
  }

  void unanswered(TimePoint from, TimePoint to) { answered_at(from, to, TimePoint::never()); }

  std::vector<CanaryWatch::Outage> outages(TimePoint now) const {
    CanaryWatch watch;
    tell(watch, writes_, now);
    watch.finish(now);
    return watch.outages();
  }

  static void tell(CanaryWatch& watch, const std::vector<Write>& writes, TimePoint now) {
    struct Tidings {
      TimePoint at;
      std::size_t write;
      bool answer;
    };
    std::vector<Tidings> all;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      all.push_back({writes[i].sent, i, false});
      if (writes[i].answered < now) all.push_back({writes[i].answered, i, true});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Tidings& a, const Tidings& b) { return a.at < b.at; });
    for (const Tidings& tidings : all) {
      if (tidings.answer) {
        watch.answered(tidings.write, tidings.at);
      } else {
        REQUIRE(watch.sent(tidings.at) == tidings.write);
      }
    }
  }

 private:
  std::vector<Write> writes_;
};

// The definition, read off the whole history. An outage begins with the first missed write and ends
// with the first acknowledgement after it that no missed write follows within the calm.
std::vector<CanaryWatch::Outage> defined_outages(const std::vector<Write>& writes, TimePoint now) {
  std::vector<TimePoint> misses, answers;
  for (const Write& write : writes) {
    const bool never = write.answered >= now;
    if (!never) answers.push_back(write.answered);
    if (never ? now - write.sent > CanaryWatch::bound
              : write.answered - write.sent > CanaryWatch::bound) {
      misses.push_back(write.sent);
    }
  }
  std::sort(answers.begin(), answers.end());
  std::vector<CanaryWatch::Outage> outages;
  for (const TimePoint began : misses) {
    if (!outages.empty() && (outages.back().censored || began < outages.back().ended)) continue;
    const auto ends_it = [&](TimePoint at) {
      return at > began && std::none_of(misses.begin(), misses.end(), [&](TimePoint miss) {
               return miss >= at && miss < at + CanaryWatch::calm;
             });
    };
    const auto end = std::find_if(answers.begin(), answers.end(), ends_it);
    if (end == answers.end()) {
      outages.push_back({began, now, true});
    } else {
      outages.push_back({began, *end, now < *end + CanaryWatch::calm});
    }
  }
  return outages;
}

void require_outage(const CanaryWatch::Outage& outage, TimePoint began, TimePoint ended,
                    bool censored) {
  REQUIRE(outage.began == began);
  REQUIRE(outage.ended == ended);
  REQUIRE(outage.censored == censored);
}

}  // namespace

TEST_CASE("canary: no outage while every write meets the bound of 2 s", "[models][canary]") {
  Canary canary;
  canary.answered(ms(0), ms(30'000), seconds(2));  // just meets it
  REQUIRE(canary.outages(ms(40'000)).empty());
}

TEST_CASE("canary: an outage lasts from the first miss to the first acknowledgement after it",
          "[models][canary]") {
  // Writes sent from 20 s to before 50 s are never answered; those from 50 s on after 30 ms.
  Canary canary;
  canary.answered(ms(0), ms(20'000), milliseconds(30));
  canary.unanswered(ms(20'000), ms(50'000));
  canary.answered(ms(50'000), ms(80'000), milliseconds(30));
  const auto outages = canary.outages(ms(90'000));
  REQUIRE(outages.size() == 1);
  require_outage(outages[0], ms(20'000), ms(50'030), false);
}

TEST_CASE("canary: a late acknowledgement ends an outage too", "[models][canary]") {
  // Writes sent from 20 s to before 22.5 s are all answered at 22.5 s: those before 20.5 s miss
  // the bound, the last of them at 20.4 s; nothing else was acknowledged in between.
  Canary canary;
  canary.answered(ms(0), ms(20'000), {});
  canary.answered_at(ms(20'000), ms(22'500), ms(22'500));
  canary.answered(ms(22'500), ms(50'000), {});
  const auto outages = canary.outages(ms(60'000));
  REQUIRE(outages.size() == 1);
  require_outage(outages[0], ms(20'000), ms(22'500), false);
}

TEST_CASE("canary: a single late write is out until the next acknowledgement", "[models][canary]") {
  // The write of 20 s is answered after 2.5 s, but that of 20.1 s was at 20.13 s.
  Canary canary;
  canary.answered(ms(0), ms(20'000), milliseconds(30));
  canary.answered(ms(20'000), ms(20'100), milliseconds(2'500));
  canary.answered(ms(20'100), ms(50'000), milliseconds(30));
  const auto outages = canary.outages(ms(60'000));
  REQUIRE(outages.size() == 1);
  require_outage(outages[0], ms(20'000), ms(20'130), false);
}

TEST_CASE("canary: a second miss within the calm extends the outage", "[models][canary]") {
  // Missed: 20..21 s and the write of 30.9 s. Recovery at 21.03 s; 30.9 s is 9.87 s after it.
  Canary canary;
  canary.answered(ms(0), ms(20'000), milliseconds(30));
  canary.unanswered(ms(20'000), ms(21'000));
  canary.answered(ms(21'000), ms(30'900), milliseconds(30));
  canary.unanswered(ms(30'900), ms(31'000));
  canary.answered(ms(31'000), ms(50'000), milliseconds(30));
  const auto outages = canary.outages(ms(60'000));
  REQUIRE(outages.size() == 1);
  require_outage(outages[0], ms(20'000), ms(31'030), false);
}

TEST_CASE("canary: a miss once the calm is over begins another outage", "[models][canary]") {
  // As before with the write of 31.1 s: 10.07 s after the recovery, the first sent since 10 s.
  Canary canary;
  canary.answered(ms(0), ms(20'000), milliseconds(30));
  canary.unanswered(ms(20'000), ms(21'000));
  canary.answered(ms(21'000), ms(31'100), milliseconds(30));
  canary.unanswered(ms(31'100), ms(31'200));
  canary.answered(ms(31'200), ms(50'000), milliseconds(30));
  const auto outages = canary.outages(ms(60'000));
  REQUIRE(outages.size() == 2);
  require_outage(outages[0], ms(20'000), ms(21'030), false);
  require_outage(outages[1], ms(31'100), ms(31'230), false);
}

TEST_CASE("canary: censored: the run ends before recovery or before the calm", "[models][canary]") {
  Canary out;
  out.answered(ms(0), ms(20'000), milliseconds(30));
  out.unanswered(ms(20'000), ms(25'000));
  auto outages = out.outages(ms(25'000));
  REQUIRE(outages.size() == 1);
  require_outage(outages[0], ms(20'000), ms(25'000), true);
  // Answered again from 25 s on. The calm is over at 35.03 s.
  for (const std::int64_t end : {35'000, 36'000}) {
    Canary canary = out;
    canary.answered(ms(25'000), ms(end), milliseconds(30));
    outages = canary.outages(ms(end));
    REQUIRE(outages.size() == 1);
    require_outage(outages[0], ms(20'000), ms(25'030), end == 35'000);
  }
}

TEST_CASE("canary: finish: writes younger than the bound say nothing yet", "[models][canary]") {
  // The last answered write is that of 19.9 s. At 22 s that of 20 s is 2 s old, not older.
  Canary canary;
  canary.answered(ms(0), ms(20'000), milliseconds(30));
  canary.unanswered(ms(20'000), ms(22'000));
  REQUIRE(canary.outages(ms(22'000)).empty());
  REQUIRE(canary.outages(ms(22'001)).size() == 1);
}

TEST_CASE("canary: failed: an error is a miss however fast it came", "[models][canary]") {
  CanaryWatch watch;
  watch.failed(watch.sent(ms(0)));
  watch.answered(watch.sent(ms(100)), ms(130));
  watch.finish(ms(20'000));
  REQUIRE(watch.outages().size() == 1);
  require_outage(watch.outages()[0], ms(0), ms(130), false);
}

TEST_CASE("canary: restart: forgets outages, the open one and writes still under way",
          "[models][canary]") {
  CanaryWatch watch;
  watch.failed(watch.sent(ms(0)));
  const std::uint64_t pending = watch.sent(ms(900));
  watch.restart(ms(1'000));
  watch.failed(pending);  // sent before the restart
  watch.answered(watch.sent(ms(1'000)), ms(1'030));
  const std::uint64_t missed = watch.sent(ms(1'100));
  watch.answered(watch.sent(ms(1'200)), ms(1'230));
  watch.failed(missed);
  watch.finish(ms(20'000));
  REQUIRE(watch.outages().size() == 1);
  require_outage(watch.outages()[0], ms(1'100), ms(1'230), false);
}

TEST_CASE(
    "canary: random histories: outages equal those of the definition, in whatever order "
    "answers come",
    "[models][canary]") {
  std::size_t found = 0, censored = 0;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    RandomStream random{{seed}};
    std::vector<Write> writes;
    const TimePoint end = ms(60'000);
    bool bad = false;
    for (TimePoint at = ms(0); at < end; at = at + milliseconds(100)) {
      if (random.bits() % (bad ? 20 : 80) == 0) bad = !bad;
      const std::uint64_t kind = random.bits() % 8;
      Duration latency = milliseconds(static_cast<std::int64_t>(random.bits() % 1'900));
      if (bad && kind < 4) latency = milliseconds(static_cast<std::int64_t>(random.bits() % 9'000));
      const bool never = bad && kind == 7;
      writes.push_back({at, never ? TimePoint::never() : at + latency});
    }
    CanaryWatch watch;
    Canary::tell(watch, writes, end);
    watch.finish(end);
    const auto expected = defined_outages(writes, end);
    CAPTURE(seed);
    REQUIRE(watch.outages().size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      require_outage(watch.outages()[i], expected[i].began, expected[i].ended,
                     expected[i].censored);
      censored += expected[i].censored;
    }
    found += expected.size();
  }
  REQUIRE(found > 2'000);
  REQUIRE(censored > 200);
}

}  // namespace longhaul
