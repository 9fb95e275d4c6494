// What breakers, outlier ejection, retries, the write throttle and alerts cost a production
// process, in ns per call, beside what a team writes by hand in an afternoon, or a loop around
// nothing (A B A B ..., the best of five each). Numbers of calls and times are those of an app
// instance that sees 10,000 statements a second.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>

#include "policy/call_breaker.h"
#include "policy/lag_alert.h"
#include "policy/lag_breaker.h"
#include "policy/outlier_ejection.h"
#include "policy/retry.h"
#include "policy/router.h"
#include "policy/throttle.h"

namespace longhaul::bench {
namespace {

constexpr std::int64_t calls = 2'000'000;
constexpr std::size_t databases = 8;
constexpr int rounds = 5;

std::uint64_t sink = 0;  // what a compiler must not leave out

TimePoint time_of(std::int64_t call) { return TimePoint{} + seconds(1) + microseconds(100) * call; }

std::uint64_t number_of(std::int64_t call) {
  return static_cast<std::uint64_t>(call) * 0x9e3779b97f4a7c15u;
}

double ns_per_call(const std::function<void()>& run) {
  const auto began = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
  return took.count() / static_cast<double>(calls);
}

void empty_loop() {
  for (std::int64_t i = 0; i < calls; ++i) {
    sink += static_cast<std::uint64_t>(time_of(i).ns) ^ number_of(i);
  }
}

template <class Work, class Hand>
void measure(const char* name, Work work, const char* beside, Hand hand) {
  double by_hand = 1e9;
  double something = 1e9;
  for (int round = 0; round < rounds; ++round) {
    by_hand = std::min(by_hand, ns_per_call([&hand] { hand(); }));
    something = std::min(something, ns_per_call([&work] { work(); }));
  }
  std::printf("%-36s %6.1f ns, %s %4.1f ns\n", name, something, beside, by_hand);
}

template <class Work>
void measure(const char* name, Work work) {
  measure(name, work, "an empty loop", empty_loop);
}

// Fifty failures in a row: away for a minute. One database, or several in turn.
void count_failures_in_a_row(std::size_t hosts) {
  struct Host {
    std::int32_t failures = 0;
    TimePoint until{};
  };
  std::array<Host, databases> all{};
  for (std::int64_t i = 0; i < calls; ++i) {
    volatile Host& host = all[static_cast<std::size_t>(i) % hosts];
    if (time_of(i).ns < host.until.ns) continue;
    host.failures = number_of(i) % 4 == 0 ? host.failures + 1 : 0;
    if (host.failures >= 50) host.until.ns = (time_of(i) + minutes(1)).ns;
    sink += static_cast<std::uint64_t>(host.failures);
  }
}

void measure_lag_breaker() {
  measure("lag_breaker: a probe", [] {
    LagBreaker breaker;
    for (std::int64_t i = 0; i < calls; ++i) {
      breaker.handle(time_of(i), {.measured_at = time_of(i), .lag = milliseconds(i % 4000)});
      sink += breaker.poll().has_value() ? 1 : 0;
    }
  });
  measure("lag_breaker: a read on its ramp", [] {
    LagBreakerConfig config;
    config.close_after = 0;
    config.ramp = minutes(60);
    config.stale_after = minutes(60);
    LagBreaker breaker(config);
    for (const std::int64_t probe : {0, 1, 2}) {  // good, bad, good: open and closed again
      breaker.handle(time_of(probe),
                     {.measured_at = time_of(probe), .lag = seconds(probe % 2 * 9)});
      breaker.poll();
    }
    for (std::int64_t i = 10; i < calls; ++i) sink += breaker.admits(time_of(i), number_of(i));
  });
}

void measure_call_breaker(const char* name, CallWindowKind window) {
  measure(
      name,
      [window] {
        CallBreakerConfig config;
        config.mode = CallBreakerMode::automatic;
        config.window = window;
        CallBreaker breaker(config);
        for (std::int64_t i = 0; i < calls; ++i) {
          if (!breaker.permits(time_of(i))) continue;
          breaker.take_call(time_of(i));
          sink += breaker.poll().has_value() ? 1 : 0;
          breaker.handle(time_of(i), {number_of(i) % 4 == 0, milliseconds(3)});
          sink += breaker.poll().has_value() ? 1 : 0;
        }
      },
      "a counter by hand", [] { count_failures_in_a_row(1); });
}

void measure_ejection() {
  measure(
      "outlier_ejection: a result",
      [] {
        OutlierEjectionConfig config;
        config.enabled = true;
        OutlierEjection outliers(config, databases, TimePoint{});
        for (std::int64_t i = 0; i < calls; ++i) {
          outliers.handle(time_of(i), {static_cast<std::uint32_t>(i % databases)},
                          number_of(i) % 4 == 0);
          sink += outliers.poll().has_value() ? 1 : 0;
        }
      },
      "counters by hand", [] { count_failures_in_a_row(databases); });
}

RetryConfig retries() {
  RetryConfig config;
  config.attempts = 3;
  config.backoff = Backoff::exponential;
  config.base = milliseconds(50);
  config.jitter = Jitter::full;
  return config;
}

// Three tries, 50 ms doubled, a random part of it.
void double_the_pause() {
  for (std::int64_t i = 0; i < calls; ++i) {
    volatile std::int64_t attempts = 1 + i % 3;
    if (attempts >= 3) continue;
    const std::int64_t most = milliseconds(50).ns << (attempts - 1);
    sink += number_of(i) % static_cast<std::uint64_t>(most);
  }
}

void measure_retries() {
  const auto judge = [](const RetryConfig& config) {
    RetryBudget budget(config.budget);
    for (std::int64_t i = 0; i < calls; ++i) {
      budget.note_request(time_of(i));
      const FailedTry failed{.failure = Failure::timed_out, .attempts = 1 + i % 3};
      const RetryVerdict verdict = judge_retry(config, budget, time_of(i), failed, number_of(i));
      sink += static_cast<std::uint64_t>(verdict.after.ns);
    }
  };
  const RetryConfig plain = retries();
  measure(
      "retry: a failed read", [&] { judge(plain); }, "by hand", double_the_pause);
  RetryConfig bounded = retries();
  bounded.budget = RetryBudgetConfig{.share = percent(50)};
  measure(
      "retry: the same within a budget", [&] { judge(bounded); }, "by hand", double_the_pause);
  measure("retry: a request that succeeds", [] {
    RetryBudget budget{RetryBudgetConfig{}};
    for (std::int64_t i = 0; i < calls; ++i) budget.note_request(time_of(i));
    sink += budget.take(time_of(calls)) ? 1 : 0;
  });
}

// The largest lag of an array that the probes fill.
void look_at_the_largest_lag() {
  std::array<std::int64_t, databases> lags;
  for (std::size_t i = 0; i < databases; ++i) lags[i] = milliseconds(20).ns;
  for (std::int64_t i = 0; i < calls; ++i) {
    std::int64_t largest = 0;
    for (volatile std::int64_t& lag : lags) {
      const std::int64_t seen = lag;
      largest = std::max(largest, seen);
    }
    sink += largest > seconds(1).ns ? 1 : 2;
  }
}

void measure_throttle() {
  std::array<Candidate, databases> candidates;
  candidates[0].is_primary = true;
  Router router(PolicyConfig{}, candidates);
  for (std::uint32_t i = 0; i < databases; ++i) {
    router.handle(time_of(0), {i},
                  Observation{.measured_at = time_of(0),
                              .is_primary = i == 0,
                              .timeline = 1,
                              .replay_lsn = Lsn{1000},
                              .lag = milliseconds(20)});
    while (router.poll()) {
    }
  }
  ThrottleConfig config;
  config.above = seconds(1);
  config.heard_within = minutes(10);
  measure(
      "throttle: a write",
      [&] {
        for (std::int64_t i = 0; i < calls; ++i) {
          const std::optional<Duration> lag = lag_that_counts(config, time_of(i), router);
          sink +=
              static_cast<std::uint64_t>(judge_write(config, time_of(i), time_of(i), lag).action);
        }
      },
      "by hand", look_at_the_largest_lag);
}

void measure_alert() {
  measure("lag_alert: a sample", [] {
    LagAlert alert{LagAlertConfig{}};
    for (std::int64_t i = 0; i < calls; ++i) {
      sink += static_cast<std::uint64_t>(alert.handle(time_of(i), milliseconds(i % 9000)));
    }
  });
}

}  // namespace
}  // namespace longhaul::bench

int main() {
  using namespace longhaul;
  using namespace longhaul::bench;
  measure_lag_breaker();
  measure_call_breaker("call_breaker: a call, count_based", CallWindowKind::count_based);
  measure_call_breaker("call_breaker: a call, time_based", CallWindowKind::time_based);
  measure_ejection();
  measure_retries();
  measure_throttle();
  measure_alert();
  std::printf("(%llu)\n", static_cast<unsigned long long>(sink));
}
