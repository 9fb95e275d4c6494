#include "policy/call_breaker.h"

#include <set>
#include <tuple>

#include "policy/config.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint start{seconds(1000).ns};

CallBreakerConfig automatic() {
  CallBreakerConfig config;
  config.mode = CallBreakerMode::automatic;
  return config;
}

// Takes a call and hands over its result at once; returns where the breaker has moved to.
std::optional<CallBreakerTransition> call(CallBreaker& breaker, TimePoint now, bool failed,
                                          Duration took = milliseconds(10)) {
  breaker.take_call(now);
  const std::optional<CallBreakerTransition> asked = breaker.poll();
  breaker.handle(now, {failed, took});
  const std::optional<CallBreakerTransition> moved = breaker.poll();
  return moved ? moved : asked;
}

void open_it(CallBreaker& breaker, TimePoint now) {
  for (int i = 0; i < 100; ++i) call(breaker, now, true);
  REQUIRE(breaker.state() == CallState::open);
}

}  // namespace

TEST_CASE("call_breaker: the threshold is inclusive and waits for the minimum of calls",
          "[policy][call_breaker]") {
  CallBreaker breaker(automatic());
  // 50 failures, 49 successes: half of the calls and more, but of 99 only.
  for (int i = 0; i < 50; ++i) REQUIRE_FALSE(call(breaker, start, true));
  for (int i = 0; i < 49; ++i) REQUIRE_FALSE(call(breaker, start, false));
  REQUIRE(breaker.counts() == CallCounts{99, 50, 0});
  // The hundredth is good: 50 of 100 is 50 %, and the threshold is reached.
  REQUIRE(call(breaker, start, false) ==
          CallBreakerTransition{CallState::closed, CallState::open, Reason::too_many_failures});
  REQUIRE_FALSE(breaker.permits(start));
}

TEST_CASE("call_breaker: 49 of 100 do not open it, whatever comes before them",
          "[policy][call_breaker]") {
  CallBreaker breaker(automatic());
  for (int i = 0; i < 1000; ++i) REQUIRE_FALSE(call(breaker, start, i % 100 < 49));
  REQUIRE(breaker.counts() == CallCounts{100, 49, 0});
}

TEST_CASE("call_breaker: slow calls count by themselves, above the duration only",
          "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  config.slow_call_rate = percent(30);
  config.slow_call_duration = milliseconds(200);
  CallBreaker breaker(config);
  for (int i = 0; i < 71; ++i) REQUIRE_FALSE(call(breaker, start, false, milliseconds(200)));
  for (int i = 0; i < 29; ++i) REQUIRE_FALSE(call(breaker, start, false, milliseconds(201)));
  // One more pushes a quick one out: 30 slow of 100.
  const auto moved = call(breaker, start, false, milliseconds(201));
  REQUIRE(moved ==
          CallBreakerTransition{CallState::closed, CallState::open, Reason::too_many_slow_calls});
}

TEST_CASE("call_breaker: a window of fewer calls than the minimum is judged when it is full",
          "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  config.window_calls = 4;
  CallBreaker breaker(config);
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(call(breaker, start, true));
  REQUIRE(call(breaker, start, true).has_value());
}

TEST_CASE("call_breaker: a window of seconds forgets whole seconds", "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  config.window = CallWindowKind::time_based;
  config.window_time = seconds(10);
  config.minimum_calls = 20;
  CallBreaker breaker(config);
  for (int i = 0; i < 19; ++i) REQUIRE_FALSE(call(breaker, start + milliseconds(999), true));
  REQUIRE(breaker.counts().calls == 19);
  // The second of `start` and nine more are ten; with the next one it falls out.
  CallBreaker later = breaker;
  REQUIRE(call(breaker, start + milliseconds(9999), false).has_value());
  REQUIRE_FALSE(call(later, start + milliseconds(10000), false).has_value());
  REQUIRE(later.counts() == CallCounts{1, 0, 0});
}

TEST_CASE("call_breaker: a caller too rare for the window never opens it",
          "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  config.window = CallWindowKind::time_based;
  config.window_time = seconds(10);
  config.minimum_calls = 20;
  CallBreaker breaker(config);
  // Two failing calls a second are 20 in any ten of them; one in 0.6 s is 17 at most.
  for (int i = 0; i < 5000; ++i) {
    REQUIRE_FALSE(call(breaker, start + milliseconds(600) * i, true));
  }
}

TEST_CASE("call_breaker: the first call after the wait is a trial", "[policy][call_breaker]") {
  CallBreaker breaker(automatic());
  open_it(breaker, start);
  REQUIRE_FALSE(breaker.next_deadline().has_value());
  // Java's isAfter is strict.
  REQUIRE_FALSE(breaker.permits(start + seconds(60)));
  const TimePoint later = start + seconds(60) + nanoseconds(1);
  REQUIRE(breaker.permits(later));
  REQUIRE(breaker.state() == CallState::open);
  REQUIRE(call(breaker, later, false) ==
          CallBreakerTransition{CallState::open, CallState::half_open, Reason::open_long_enough});
  // Nine more, then nobody, until their results are there.
  for (int i = 0; i < 9; ++i) {
    REQUIRE(breaker.permits(later));
    breaker.take_call(later);
  }
  REQUIRE_FALSE(breaker.permits(later + seconds(3600)));
  for (int i = 0; i < 8; ++i) {
    breaker.handle(later, {i < 4, milliseconds(1)});
    REQUIRE_FALSE(breaker.poll());
  }
  // 4 of 10 have failed: below 50 %.
  breaker.handle(later, {false, milliseconds(1)});
  REQUIRE(breaker.poll() ==
          CallBreakerTransition{CallState::half_open, CallState::closed, Reason::trials_passed});
  REQUIRE(breaker.counts() == CallCounts{});
}

TEST_CASE("call_breaker: half of the trials failing opens it for another wait",
          "[policy][call_breaker]") {
  CallBreaker breaker(automatic());
  open_it(breaker, start);
  const TimePoint later = start + seconds(61);
  for (int i = 0; i < 9; ++i) call(breaker, later, i < 5);
  REQUIRE(call(breaker, later, false) ==
          CallBreakerTransition{CallState::half_open, CallState::open, Reason::too_many_failures});
  REQUIRE_FALSE(breaker.permits(later + seconds(60)));
  REQUIRE(breaker.permits(later + seconds(61)));
}

TEST_CASE("call_breaker: results of earlier calls change nothing while open",
          "[policy][call_breaker]") {
  CallBreaker breaker(automatic());
  breaker.take_call(start);  // hangs
  open_it(breaker, start);
  breaker.handle(start + seconds(30), {false, seconds(30)});
  REQUIRE_FALSE(breaker.poll());
  // While half open nothing tells them from a trial, as in resilience4j.
  breaker.take_call(start + seconds(61));
  REQUIRE(breaker.poll().has_value());
  REQUIRE(breaker.counts().calls == 0);
  breaker.handle(start + seconds(62), {true, seconds(62)});
  REQUIRE(breaker.counts().calls == 1);
}

TEST_CASE("call_breaker: trials that hang keep it half open unless half_open_wait is set",
          "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  CallBreaker patient(config);
  config.half_open_wait = seconds(20);
  CallBreaker strict(config);
  for (CallBreaker* breaker : {&patient, &strict}) {
    open_it(*breaker, start);
    const TimePoint later = start + seconds(61);
    for (int i = 0; i < 10; ++i) {
      breaker->take_call(later);
      breaker->poll();
    }
    if (breaker == &strict) REQUIRE(breaker->next_deadline() == later + seconds(20));
    breaker->on_timer(later + seconds(20));
    breaker->poll();
  }
  REQUIRE(patient.state() == CallState::half_open);
  REQUIRE_FALSE(patient.permits(start + minutes(60 * 24)));
  REQUIRE(strict.state() == CallState::open);
}

TEST_CASE("call_breaker: a permission that is given back may be taken again",
          "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  config.half_open_calls = 1;
  CallBreaker breaker(config);
  open_it(breaker, start);
  const TimePoint later = start + seconds(61);
  breaker.take_call(later);
  breaker.poll();
  REQUIRE_FALSE(breaker.permits(later));
  breaker.give_back(later);
  REQUIRE(breaker.permits(later));
}

TEST_CASE("call_breaker: it half opens by itself when told to", "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  config.half_opens_by_itself = true;
  CallBreaker breaker(config);
  open_it(breaker, start);
  REQUIRE(breaker.next_deadline() == start + seconds(60));
  breaker.on_timer(start + seconds(60));
  REQUIRE(breaker.poll().has_value());
  REQUIRE(breaker.state() == CallState::half_open);
}

TEST_CASE("call_breaker: the modes that stand still", "[policy][call_breaker]") {
  CallBreakerConfig config = automatic();
  for (const CallBreakerMode mode :
       {CallBreakerMode::disabled, CallBreakerMode::forced_open, CallBreakerMode::metrics_only}) {
    config.mode = mode;
    CallBreaker breaker(config);
    const CallState before = breaker.state();
    for (int i = 0; i < 200; ++i) {
      breaker.handle(start, {true, seconds(1)});
      REQUIRE_FALSE(breaker.poll());
    }
    REQUIRE(breaker.state() == before);
    REQUIRE(breaker.permits(start) == (mode != CallBreakerMode::forced_open));
    REQUIRE(breaker.counts().calls == (mode == CallBreakerMode::metrics_only ? 100 : 0));
    breaker.force(start, CallState::closed);
    REQUIRE(breaker.poll()->reason == Reason::ordered);
    REQUIRE(breaker.counts().calls == 0);
  }
}

TEST_CASE("call_breaker: table: no row twice, every sentence said", "[policy][call_breaker]") {
  std::set<std::tuple<CallState, CallEvent, CallGuard>> seen;
  for (const CallBreakerRow& row : call_breaker_table) {
    REQUIRE(seen.insert({row.from, row.event, row.guard}).second);
    REQUIRE(row.from != row.to);
    REQUIRE_FALSE(row.sentence.empty());
    REQUIRE(to_text(row.guard) != "?");
  }
}

TEST_CASE("call_breaker: windows of a fraction of a second are refused", "[policy][call_breaker]") {
  PolicyConfig config;
  REQUIRE(validate(config).empty());
  config.call_breaker.window_time = milliseconds(1500);
  REQUIRE(validate(config).at(0).path == "call_breaker.window_time");
}

// Facts sheet, check 16.
TEST_CASE(
    "call_breaker: Breaker with 100-call minimum never opens when fewer calls completed, "
    "even if all hang",
    "[policy][call_breaker][facts]") {
  CallBreaker breaker(automatic());
  TimePoint now = start;
  for (int i = 0; i < 99; ++i) REQUIRE_FALSE(call(breaker, now, true));
  // A hundred thousand more calls are made, and none of them ever ends.
  for (int i = 0; i < 100'000; ++i) {
    now = now + milliseconds(10);
    REQUIRE(breaker.permits(now));
    breaker.take_call(now);
    REQUIRE_FALSE(breaker.poll());
  }
  REQUIRE(breaker.state() == CallState::closed);
  // The first that does end, by a time-out of the client, is the hundredth.
  breaker.handle(now, {true, seconds(30)});
  REQUIRE(breaker.poll().has_value());
  REQUIRE(breaker.state() == CallState::open);
}

}  // namespace longhaul
