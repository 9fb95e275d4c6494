// The settings of Patroni that decide when and to whom it fails over, with its own defaults.
//
// Patroni keeps loop_wait + 2 retry_timeout <= ttl, so that a leader that cannot renew its key has
// stepped down before the key expires. Settings that break the rule are reduced the way it does it:
// loop_wait first, then retry_timeout.
//
// Left out: maximum_lag_on_syncnode, primary_race_backoff (off by default), and
// the minima of 20 s, 1 s and 3 s that Patroni raises ttl, loop_wait and retry_timeout to: what
// happens below them is worth seeing.
#pragma once

#include <cstdint>

#include "base/fields.h"

namespace longhaul {

enum class PatroniSync : std::uint8_t { off, on, quorum };

template <>
const EnumNames& enum_names<PatroniSync>();

enum class WatchdogMode : std::uint8_t { off, automatic, required };

template <>
const EnumNames& enum_names<WatchdogMode>();

struct PatroniWatchdog {
  WatchdogMode mode = WatchdogMode::automatic;
  bool device = false;
  Duration safety_margin = seconds(5);

  static const FieldTable& fields();
  friend constexpr bool operator==(const PatroniWatchdog&, const PatroniWatchdog&) = default;
};

struct PatroniConfig {
  Duration ttl = seconds(30);
  Duration loop_wait = seconds(10);
  Duration retry_timeout = seconds(10);
  Bytes maximum_lag_on_failover = mebibytes(1);
  Duration primary_start_timeout = seconds(300);
  Duration primary_stop_timeout{};
  PatroniSync synchronous_mode = PatroniSync::off;
  bool synchronous_mode_strict = false;
  std::int32_t synchronous_node_count = 1;
  bool failsafe_mode = false;
  bool check_timeline = false;
  bool compare_leader_key = true;
  PatroniWatchdog watchdog;
  Duration member_slots_ttl = minutes(30);
  bool use_pg_rewind = false;
  bool remove_data_directory_on_rewind_failure = false;
  bool remove_data_directory_on_diverged_timelines = false;

  static const FieldTable& fields();
  friend constexpr bool operator==(const PatroniConfig&, const PatroniConfig&) = default;
};

// As Patroni runs with these settings.
constexpr PatroniConfig with_adjusted_timeouts(PatroniConfig config) {
  if (config.loop_wait + config.retry_timeout * 2 <= config.ttl) return config;
  const Duration loop_wait_min = config.loop_wait < seconds(1) ? config.loop_wait : seconds(1);
  const Duration left = config.ttl - config.retry_timeout * 2;
  if (left >= loop_wait_min) {
    config.loop_wait = left;
  } else {
    config.loop_wait = loop_wait_min;
    config.retry_timeout = Duration{(config.ttl - loop_wait_min).ns / 2};
  }
  return config;
}

// A watchdog is there and used.
constexpr bool has_watchdog(const PatroniWatchdog& watchdog) {
  return watchdog.mode != WatchdogMode::off && watchdog.device;
}

}  // namespace longhaul
