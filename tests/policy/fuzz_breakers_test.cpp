// Random histories of breakers: every move is a row of its table, trials are bounded, and windows
// count what a list of all results counts. The long versions run a million events each.
#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include "policy/call_breaker.h"
#include "policy/lag_breaker.h"
#include "policy/outlier_ejection.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::int64_t roll(std::int64_t sides) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(sides));
  }
  bool one_in(std::int64_t sides) { return roll(sides) == 0; }

 private:
  std::uint64_t state_;
};

// ---- call breaker -------------------------------------------------------------------------------

// All results since the window began, counted anew each time.
struct NaiveWindow {
  struct Result {
    TimePoint at;
    bool failed;
    bool slow;
  };
  std::deque<Result> results;

  CallCounts counts(const CallBreakerConfig& config, bool half_open) {
    const bool by_time = !half_open && config.window == CallWindowKind::time_based;
    const auto calls =
        static_cast<std::size_t>(half_open ? config.half_open_calls : config.window_calls);
    const auto second = [](TimePoint at) { return at.ns / seconds(1).ns; };
    while (!results.empty() &&
           (by_time ? second(results.front().at) + config.window_time.ns / seconds(1).ns <=
                          second(results.back().at)
                    : results.size() > calls)) {
      results.pop_front();
    }
    CallCounts sum;
    for (const Result& result : results) {
      sum.calls += 1;
      sum.failures += result.failed ? 1 : 0;
      sum.slow += result.slow ? 1 : 0;
    }
    return sum;
  }
};

CallBreakerConfig random_call_config(Dice& dice) {
  CallBreakerConfig config;
  config.mode = CallBreakerMode::automatic;
  config.window = dice.one_in(2) ? CallWindowKind::count_based : CallWindowKind::time_based;
  config.window_calls = static_cast<std::int32_t>(1 + dice.roll(dice.one_in(9) ? 1024 : 90));
  config.window_time = seconds(1 + dice.roll(dice.one_in(9) ? 120 : 12));
  config.minimum_calls = static_cast<std::int32_t>(1 + dice.roll(40));
  config.failure_rate = percent(1 + dice.roll(100));
  config.slow_call_rate = percent(1 + dice.roll(100));
  config.slow_call_duration = milliseconds(1 + dice.roll(100));
  config.wait_in_open = milliseconds(1 + dice.roll(10'000));
  config.half_open_calls = static_cast<std::int32_t>(1 + dice.roll(12));
  config.half_open_wait = dice.one_in(2) ? Duration{} : milliseconds(1 + dice.roll(5'000));
  config.half_opens_by_itself = dice.one_in(2);
  return config;
}

void check_move(const CallBreakerTransition& move, CallEvent event) {
  const bool is_row = std::any_of(call_breaker_table.begin(), call_breaker_table.end(),
                                  [&](const CallBreakerRow& row) {
                                    return row.from == move.from && row.to == move.to &&
                                           row.reason == move.reason && row.event == event;
                                  });
  if (!is_row) FAIL("no row for " << to_text(move.from) << " -> " << to_text(move.to));
}

// A history of one breaker beside a naive one; counts the rows that were taken.
void live_through(CallBreaker& breaker, Dice& dice, int events, std::set<Reason>& reasons) {
  const CallBreakerConfig& config = breaker.config();
  NaiveWindow naive;
  TimePoint now{seconds(1000).ns + dice.roll(1'000'000'000)};
  std::int64_t trials = 0;  // made since it half opened
  const std::int64_t bad = 1 + dice.roll(4);
  const auto drain = [&](CallEvent event) {
    while (const auto move = breaker.poll()) {
      check_move(*move, event);
      reasons.insert(move->reason);
      naive.results.clear();
      trials = 0;
    }
  };
  for (int i = 0; i < events; ++i) {
    now = now + nanoseconds(dice.roll(dice.one_in(50) ? 4'000'000'000 : 60'000'000));
    const std::int64_t what = dice.roll(20);
    if (what < 8) {
      if (!breaker.permits(now)) {
        if (breaker.state() == CallState::closed) FAIL("closed and rejecting");
        continue;
      }
      breaker.take_call(now);
      drain(CallEvent::call);
      if (breaker.state() == CallState::open) FAIL("open and calling");
      if (breaker.state() == CallState::half_open && ++trials > config.half_open_calls) {
        FAIL("too many trials");
      }
    } else if (what < 18) {
      const CallResult result{dice.one_in(bad), milliseconds(dice.roll(120))};
      const CallState before = breaker.state();
      const bool counts = before == CallState::closed || before == CallState::half_open;
      if (counts) {
        naive.results.push_back({now, result.failed, result.took > config.slow_call_duration});
      }
      const CallCounts expected = naive.counts(config, before == CallState::half_open);
      breaker.handle(now, result);
      if (counts && breaker.state() == before && !(breaker.counts() == expected)) {
        FAIL("counts " << breaker.counts().calls << " and " << expected.calls);
      }
      const bool by_calls =
          before == CallState::half_open || config.window == CallWindowKind::count_based;
      const std::int64_t size =
          before == CallState::half_open ? config.half_open_calls : config.window_calls;
      const std::int64_t minimum =
          by_calls ? std::min<std::int64_t>(size, config.minimum_calls) : config.minimum_calls;
      const bool judged = counts && expected.calls >= minimum;
      const bool over =
          judged && (expected.failures * 1'000'000 >= expected.calls * config.failure_rate.ppm ||
                     expected.slow * 1'000'000 >= expected.calls * config.slow_call_rate.ppm);
      const CallState after = over                                       ? CallState::open
                              : judged && before == CallState::half_open ? CallState::closed
                                                                         : before;
      if (breaker.state() != after) FAIL("not in state " << to_text(after));
      drain(CallEvent::result);
    } else if (const auto deadline = breaker.next_deadline(); deadline && *deadline > now) {
      now = *deadline;
      breaker.on_timer(now);
      if (breaker.next_deadline() == deadline) FAIL("a timer that does nothing");
      drain(CallEvent::timer);
    } else {
      breaker.on_timer(now);
      drain(CallEvent::timer);
    }
  }
}

void fuzz_call_breakers(std::uint64_t seed, int events) {
  Dice dice(seed);
  std::set<Reason> reasons;
  for (int done = 0; done < events; done += 2000) {
    CallBreaker breaker(random_call_config(dice));
    live_through(breaker, dice, 2000, reasons);
  }
  const std::set<Reason> all{Reason::too_many_failures, Reason::too_many_slow_calls,
                             Reason::open_long_enough, Reason::trials_passed,
                             Reason::trials_too_long};
  REQUIRE(reasons == all);
}

// ---- outlier ejection ---------------------------------------------------------------------------

// What the machine should remember of each host, kept in the plainest way.
struct NaiveHost {
  std::int64_t in_a_row = 0;
  std::int64_t times = 0;
  bool out = false;
  TimePoint since;
};

OutlierEjectionConfig random_ejection_config(Dice& dice) {
  OutlierEjectionConfig config;
  config.enabled = true;
  config.consecutive_failures = static_cast<std::int32_t>(1 + dice.roll(6));
  config.interval = milliseconds(1 + dice.roll(5'000));
  config.base_ejection_time = milliseconds(1 + dice.roll(20'000));
  config.max_ejection_time = milliseconds(1 + dice.roll(90'000));
  config.max_ejected = percent(dice.roll(101));
  return config;
}

class NaiveEjection {
 public:
  NaiveEjection(const OutlierEjectionConfig& config, std::size_t hosts, TimePoint begins)
      : config_(config), hosts_(hosts), next_sweep_(begins + config.interval) {}

  void sweep_until(TimePoint now) {
    for (; next_sweep_ <= now; next_sweep_ = next_sweep_ + config_.interval) {
      for (NaiveHost& host : hosts_) {
        if (!host.out) {
          host.times = std::max<std::int64_t>(0, host.times - 1);
        } else if (next_sweep_ - host.since >= time_of(host)) {
          host.out = false;
        }
      }
    }
  }

  void result(TimePoint now, std::size_t at, bool failed) {
    NaiveHost& host = hosts_[at];
    if (host.out) return;
    host.in_a_row = failed ? host.in_a_row + 1 : 0;
    if (host.in_a_row < config_.consecutive_failures) return;
    host.in_a_row = 0;
    if (out() * 1'000'000 >= static_cast<std::int64_t>(hosts_.size()) * config_.max_ejected.ppm) {
      return;
    }
    host.out = true;
    host.since = now;
    const Duration most = std::max(config_.base_ejection_time, config_.max_ejection_time);
    if (config_.base_ejection_time * host.times < most) host.times += 1;
  }

  DatabaseSet set() const {
    unsigned bits = 0;
    for (std::size_t i = 0; i < hosts_.size(); ++i) bits |= hosts_[i].out ? 1u << i : 0u;
    return static_cast<DatabaseSet>(bits);
  }
  std::int64_t out() const {
    return std::count_if(hosts_.begin(), hosts_.end(), [](const NaiveHost& h) { return h.out; });
  }

 private:
  Duration time_of(const NaiveHost& host) const {
    return std::min(config_.base_ejection_time * host.times,
                    std::max(config_.base_ejection_time, config_.max_ejection_time));
  }

  OutlierEjectionConfig config_;
  std::vector<NaiveHost> hosts_;
  TimePoint next_sweep_;
};

void fuzz_ejections(std::uint64_t seed, int events) {
  Dice dice(seed);
  std::set<Reason> reasons;
  for (int done = 0; done < events; done += 2000) {
    const OutlierEjectionConfig config = random_ejection_config(dice);
    const auto hosts = static_cast<std::size_t>(1 + dice.roll(databases_max));
    TimePoint now{dice.roll(1'000'000'000)};
    OutlierEjection outliers(config, hosts, now);
    NaiveEjection naive(config, hosts, now);
    const std::int64_t bad = 1 + dice.roll(3);
    const auto most = static_cast<std::int64_t>(
        (static_cast<std::int64_t>(hosts) * config.max_ejected.ppm + 999'999) / 1'000'000);
    const auto drain = [&] {
      while (const auto move = outliers.poll()) {
        reasons.insert(move->reason);
        if ((move->to == EjectionState::ejected) != outliers.is_ejected(move->database)) {
          FAIL("a move that did not happen");
        }
      }
    };
    for (int i = 0; i < 2000; ++i) {
      now = now + nanoseconds(dice.roll(dice.one_in(30) ? 20'000'000'000 : 500'000'000));
      // The host's timer, as late as the next event.
      if (const auto deadline = outliers.next_deadline(); deadline && *deadline <= now) {
        outliers.on_timer(now);
        drain();
      }
      const auto host = static_cast<std::uint32_t>(dice.roll(static_cast<std::int64_t>(hosts)));
      const bool failed = dice.one_in(bad);
      outliers.handle(now, {host}, failed);
      drain();
      naive.sweep_until(now);
      naive.result(now, host, failed);
      if (outliers.ejected_set() != naive.set()) FAIL("another set is out than should be");
      if (naive.out() > most) FAIL("more are out than the share allows");
    }
  }
  const std::set<Reason> all{Reason::failing_in_a_row, Reason::too_many_ejected,
                             Reason::ejection_over};
  REQUIRE(reasons == all);
}

// ---- lag breaker --------------------------------------------------------------------------------

LagBreakerConfig random_lag_config(Dice& dice) {
  LagBreakerConfig config;
  config.open_above = milliseconds(dice.roll(4000));
  config.close_below = Duration{dice.roll(config.open_above.ns + 1)};
  if (dice.one_in(2)) {
    config.open_above_bytes = kibibytes(dice.roll(4000));
    config.close_below_bytes = Bytes{dice.roll(config.open_above_bytes->value + 1)};
    if (dice.one_in(2)) config.bad_when = BadWhen::both_above;
  }
  config.probe_interval = milliseconds(1 + dice.roll(2000));
  config.probe_jitter = percent(dice.roll(3) * 50);
  config.probe_timeout = milliseconds(1 + dice.roll(2000));
  config.confirm = static_cast<std::int32_t>(1 + dice.roll(3));
  config.close_after = static_cast<std::int32_t>(dice.roll(4));
  config.half_open_reads = static_cast<std::int32_t>(dice.roll(4));
  config.ramp = dice.one_in(2) ? Duration{} : milliseconds(1 + dice.roll(10'000));
  return config;
}

void fuzz_lag_breakers(std::uint64_t seed, int events) {
  Dice dice(seed);
  std::set<std::pair<BreakerState, Reason>> taken;
  for (int done = 0; done < events; done += 500) {
    const LagBreakerConfig config = random_lag_config(dice);
    LagBreaker breaker(config);
    TimePoint now{dice.roll(1'000'000'000)};
    std::int64_t trials = 0;  // since the latest good news
    TimePoint closed_at{};
    const auto drain = [&](BreakerEvent event) {
      const auto moved = breaker.poll();
      if (!moved) return;
      taken.insert({moved->from, moved->reason});
      const bool is_row =
          std::any_of(breaker_table.begin(), breaker_table.end(), [&](const BreakerRow& row) {
            return row.from == moved->from && row.to == moved->to && row.reason == moved->reason &&
                   row.event == event;
          });
      if (!is_row) FAIL("no row for " << to_text(moved->reason));
      if (moved->to == BreakerState::closed) closed_at = now;
    };
    for (int i = 0; i < 500; ++i) {
      now = now + nanoseconds(dice.roll(dice.one_in(20) ? 8'000'000'000 : 900'000'000));
      const TimePoint sent = now - nanoseconds(dice.roll(300'000'000));
      const std::int64_t what = dice.roll(10);
      if (what == 0) {
        breaker.handle(now, ProbeFailed{sent});
        drain(BreakerEvent::probe_failed);
      } else if (what == 1) {
        breaker.on_timer(now);
        drain(BreakerEvent::no_news);
      } else if (what < 6) {
        LagReading reading{.measured_at = sent};
        if (!dice.one_in(9)) reading.lag = milliseconds(dice.roll(dice.one_in(3) ? 8000 : 1500));
        if (!dice.one_in(9)) reading.lag_bytes = kibibytes(dice.roll(dice.one_in(3) ? 8000 : 900));
        breaker.handle(now, reading);
        drain(BreakerEvent::observed);
        trials = 0;
      }
      const auto number = (static_cast<std::uint64_t>(dice.roll(1ll << 31)) << 33) ^
                          static_cast<std::uint64_t>(dice.roll(1ll << 31)) << 1;
      if (!breaker.admits(now, number)) continue;
      if (!breaker.admits(now)) FAIL("one read is admitted where none are");
      if (breaker.state() == BreakerState::open) FAIL("open and admitting");
      if (now - closed_at < Duration{} || *breaker.next_deadline() <= now) FAIL("old news admit");
      breaker.take_read();
      if (breaker.state() == BreakerState::half_open && ++trials > config.half_open_reads) {
        FAIL("too many trial reads");
      }
    }
  }
  std::set<std::pair<BreakerState, Reason>> all;
  for (const BreakerRow& row : breaker_table) all.insert({row.from, row.reason});
  REQUIRE(taken == all);
}

}  // namespace

TEST_CASE("fuzz_breakers: lag breakers move by their table and try no more than they may",
          "[policy][fuzz][lag_breaker]") {
  fuzz_lag_breakers(1, 100'000);
}

TEST_CASE("fuzz_breakers: a million events of lag breakers", "[policy][fuzz][.slow]") {
  fuzz_lag_breakers(2, 1'000'000);
}

TEST_CASE("fuzz_breakers: call breakers move by their table and count what a list counts",
          "[policy][fuzz][call_breaker]") {
  fuzz_call_breakers(1, 60'000);
}

TEST_CASE("fuzz_breakers: a million events of call breakers", "[policy][fuzz][.slow]") {
  fuzz_call_breakers(2, 1'000'000);
}

TEST_CASE("fuzz_breakers: never more databases are ejected than the share allows",
          "[policy][fuzz][outlier_ejection]") {
  fuzz_ejections(1, 100'000);
}

TEST_CASE("fuzz_breakers: a million results of outlier ejection", "[policy][fuzz][.slow]") {
  fuzz_ejections(2, 1'000'000);
}

}  // namespace longhaul
