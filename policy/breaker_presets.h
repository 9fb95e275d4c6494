// What well-known products do by default, as configurations of the lag breaker, the call breaker
// and outlier ejection. Those of freshness rules: policy/freshness_presets.h.
#pragma once

#include <array>
#include <string_view>

#include "policy/call_breaker.h"
#include "policy/lag_breaker.h"
#include "policy/outlier_ejection.h"

namespace longhaul {

template <class Config>
struct BreakerPreset {
  std::string_view name;
  Config config;
  std::string_view source;
};

namespace breaker_presets_detail {

// Without hysteresis or trial: a reading above the threshold takes the database out, the next one
// that is not brings it back.
constexpr LagBreakerConfig plain(Duration threshold, Duration interval, Duration timeout) {
  LagBreakerConfig config;
  config.open_above = config.close_below = threshold;
  config.probe_interval = interval;
  config.probe_timeout = timeout;
  config.close_after = 0;
  return config;
}

// pgpool-II, ProxySQL and MaxScale look at lag only when a threshold is configured.
constexpr LagBreakerConfig off(LagBreakerConfig config) {
  config.enabled = false;
  return config;
}

// Online is what lags by at most 60 s or by at most 8 MiB, checked every one to two minutes.
constexpr LagBreakerConfig gitlab() {
  LagBreakerConfig config = plain(seconds(60), seconds(60), seconds(1));
  config.open_above_bytes = config.close_below_bytes = mebibytes(8);
  config.bad_when = BadWhen::both_above;
  config.probe_jitter = percent(100);
  return config;
}

constexpr CallBreakerConfig resilience4j() {
  CallBreakerConfig config;
  config.mode = CallBreakerMode::automatic;
  return config;
}

constexpr CallBreakerConfig hystrix() {
  CallBreakerConfig config;
  config.mode = CallBreakerMode::automatic;
  config.window = CallWindowKind::time_based;
  config.window_time = seconds(10);
  config.minimum_calls = 20;
  config.wait_in_open = seconds(5);
  config.half_open_calls = 1;
  return config;
}

constexpr OutlierEjectionConfig envoy() {
  OutlierEjectionConfig config;
  config.enabled = true;
  return config;
}

}  // namespace breaker_presets_detail

inline constexpr std::array<BreakerPreset<LagBreakerConfig>, 4> lag_breaker_presets{{
    {"gitlab", breaker_presets_detail::gitlab(),
     "GitLab max_replication_lag_time, replica_check_interval 60 s, max_replication_difference 8 "
     "MiB; its 100 ms limit on checks is behind a feature flag"},
    {"pgpool",
     breaker_presets_detail::off(
         breaker_presets_detail::plain(seconds(10), seconds(10), seconds(20))),
     "pgpool-II delay_threshold_by_time 0 is off; sr_check_period 10 s, health_check_timeout 20 s; "
     "enable it with a threshold of your own"},
    {"proxysql",
     breaker_presets_detail::off(
         breaker_presets_detail::plain(seconds(10), seconds(10), seconds(1))),
     "ProxySQL max_replication_lag 0 is off; check interval 10 s (unverified), "
     "replication_lag_count 1; enable it with a threshold of your own"},
    {"maxscale",
     breaker_presets_detail::off(
         breaker_presets_detail::plain(seconds(10), seconds(2), seconds(3))),
     "MaxScale max_replication_lag 0 is off (unverified); monitor_interval 2 s (unverified); "
     "enable "
     "it with a threshold of your own"},
}};

inline constexpr std::array<BreakerPreset<CallBreakerConfig>, 2> call_breaker_presets{{
    {"resilience4j", breaker_presets_detail::resilience4j(),
     "resilience4j CircuitBreakerConfig.java"},
    {"hystrix", breaker_presets_detail::hystrix(),
     "Netflix HystrixCommandProperties.java; its time-out of 1 s is the application's "
     "statement_timeout here"},
}};

inline constexpr std::array<BreakerPreset<OutlierEjectionConfig>, 1> outlier_ejection_presets{{
    {"envoy", breaker_presets_detail::envoy(), "Envoy v1.30, Outlier detection (proto)"},
}};

}  // namespace longhaul
