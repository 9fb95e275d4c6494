// What breakers, outlier ejection and alerts cost a production process, in ns per call, beside the
// same loop around nothing (A B A B ..., the best of five each). Numbers of calls and times are
// those of an app instance that sees 10,000 statements a second.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>

#include "policy/call_breaker.h"
#include "policy/lag_alert.h"
#include "policy/lag_breaker.h"
#include "policy/outlier_ejection.h"

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

template <class Work>
void measure(const char* name, Work work) {
  double nothing = 1e9;
  double something = 1e9;
  for (int round = 0; round < rounds; ++round) {
    nothing = std::min(nothing, ns_per_call([] {
                         for (std::int64_t i = 0; i < calls; ++i) {
                           sink += static_cast<std::uint64_t>(time_of(i).ns) ^ number_of(i);
                         }
                       }));
    something = std::min(something, ns_per_call([&work] { work(); }));
  }
  std::printf("%-34s %7.1f ns, an empty loop %4.1f ns\n", name, something, nothing);
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
    for (const std::int64_t lag : {0, 9, 0}) {
      breaker.handle(time_of(lag), {.measured_at = time_of(lag), .lag = seconds(lag)});
      breaker.poll();
    }
    for (std::int64_t i = 10; i < calls; ++i) sink += breaker.admits(time_of(i), number_of(i));
  });
}

void measure_call_breaker(const char* name, CallWindowKind window) {
  measure(name, [window] {
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
  });
}

void measure_ejection() {
  measure("outlier_ejection: a result", [] {
    OutlierEjectionConfig config;
    config.enabled = true;
    OutlierEjection outliers(config, databases, TimePoint{});
    for (std::int64_t i = 0; i < calls; ++i) {
      outliers.handle(time_of(i), {static_cast<std::uint32_t>(i % databases)},
                      number_of(i) % 4 == 0);
      sink += outliers.poll().has_value() ? 1 : 0;
    }
  });
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
  measure_alert();
  std::printf("(%llu)\n", static_cast<unsigned long long>(sink));
}
