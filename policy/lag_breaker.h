// Keeps reads away from one database while its replication lag is too high or unknown.
//
//   closed     all reads; opens when lag passes open_above `confirm` times in a row, or news stop
//   open       no reads; half opens when lag has come down to close_below
//   half_open  a few reads per probe; closes after `close_after` good probes in a row, opens
//              again at the first bad one
//
// The breaker judges the lag that a probe reported, not the lag of this moment: a replica that
// stalls right after a probe serves reads up to open_above + probe_interval + the probe's way back
// behind. A failed probe counts like a lag above the threshold. No observation younger than
// `stale_after` opens the breaker too. While half open a few reads per probe try the database. A
// breaker starts open, before anything is known; the first observation alone decides.
//
// Time: compares Observation::lag. Bytes (only when configured): Observation::lag_bytes, or the
// primary's last observed position minus the replica's. Both count, either one opens; or with
// bad_when = both_above a lag is bad only when both are: bytes tell a replica that is behind from a
// primary that is idle. Both figures are samples.
//
// With a ramp a breaker that has closed admits a growing share of the reads, from none to all in
// that time: a replica that comes back meets its load with cold caches. The host brings an evenly
// spread number with each read. One that closes at its first observation admits everything, or a
// new process would send all to the primary.
//
// A lag of NULL is zero when no byte is missing. Otherwise it says nothing of time: the bytes alone
// judge, and when they do not count either the reading is no news, so that stale_after runs on.
//
// Instances do not move together: each has its own probes and breakers, begins to probe at a moment
// of its own and, with probe_jitter, waits another time after every probe (probe_pause()).
//
// The host sends a probe every probe_pause(), calls handle() with each answer, or with ProbeFailed
// after probe_timeout, then drains poll() and arms next_deadline(). `now` never goes back. Answers
// that arrive out of order are told apart by the time of sending and only the newest counts.
//
// Sources: the three states are Nygard's, Release It!; Hystrix and resilience4j for the trial
// reads; hysteresis on lag as pgpool-II delay_threshold_by_time lacks it (close_below = open_above
// and close_after = 0 are without); the ramp is Envoy's slow start; jitter and both_above are
// GitLab's, lib/gitlab/database/load_balancing/host.rb.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

enum class BadWhen : std::uint8_t { either_above, both_above };

template <>
const EnumNames& enum_names<BadWhen>();

struct LagBreakerConfig {
  bool enabled = true;
  Duration open_above = seconds(3);
  Duration close_below = seconds(1);
  std::optional<Bytes> open_above_bytes;
  std::optional<Bytes> close_below_bytes;
  BadWhen bad_when = BadWhen::either_above;
  Duration probe_interval = seconds(1);
  Ratio probe_jitter{};
  Duration probe_timeout = seconds(1);
  std::optional<Duration> stale_after;
  std::int32_t confirm = 1;
  std::int32_t close_after = 3;
  std::int32_t half_open_reads = 1;
  Duration ramp{};

  static const FieldTable& fields();
  friend constexpr bool operator==(const LagBreakerConfig&, const LagBreakerConfig&) = default;
};

// How long to wait after a probe before the next one is sent. `number` is evenly spread over 64
// bits and differs from probe to probe.
Duration probe_pause(const LagBreakerConfig& config, std::uint64_t number);

// The age at which an observation stops being news: stale_after, or three probe pauses, but
// never less than the age at which the next answer may still arrive in time.
Duration news_age_max(const LagBreakerConfig& config);

enum class BreakerState : std::uint8_t { closed, open, half_open };
enum class BreakerEvent : std::uint8_t { observed, probe_failed, no_news };

// The condition of a row. Those of one (state, event) are tried in the order of the table.
enum class BreakerGuard : std::uint8_t {
  always,
  first_above,        // never observed before, and above open_above
  first_bytes_above,  // the same in bytes
  first_within,       // never observed before, not above
  recovered_at_once,  // at most close_below, and close_after is 0
  recovered,          // at most close_below
  confirmed_above,    // above open_above, the `confirm`th bad probe in a row
  confirmed_bytes_above,
  confirmed_failures,  // a failed probe, the `confirm`th bad one in a row
  not_recovered,       // above close_below
  proven,              // at most close_below, for the `close_after`th time in a row
};

struct BreakerRow {
  BreakerState from;
  BreakerEvent event;
  BreakerGuard guard;
  BreakerState to;
  Reason reason;
  std::string_view sentence;
};

// Everything a breaker ever does; defined with the machine.
constexpr std::size_t breaker_row_count = 13;
extern const std::array<BreakerRow, breaker_row_count> breaker_table;

std::string_view to_text(BreakerState state);
std::string_view to_text(BreakerEvent event);
std::string_view to_text(BreakerGuard guard);

// What one answered probe says about lag.
struct LagReading {
  TimePoint measured_at{};           // when the probe was sent
  std::optional<Duration> lag{};     // absent: NULL
  std::optional<Bytes> lag_bytes{};  // absent while the primary's position is not known
};

// An action: the breaker has moved. `lag` and `lag_bytes` are the last ones seen.
struct BreakerTransition {
  BreakerState from = BreakerState::open;
  BreakerState to = BreakerState::open;
  Reason reason = Reason::not_observed;
  std::optional<Duration> lag{};
  std::optional<Bytes> lag_bytes{};

  friend constexpr bool operator==(const BreakerTransition&, const BreakerTransition&) = default;
};

// The lag in time that a reading says: NULL is zero when no byte is missing.
std::optional<Duration> known_lag(const LagReading& reading);

class LagBreaker {
 public:
  LagBreaker() : LagBreaker(LagBreakerConfig{}) {}
  explicit LagBreaker(const LagBreakerConfig& config);  // the config is valid: see policy/config.h

  void handle(TimePoint now, const LagReading& reading);
  void handle(TimePoint now, ProbeFailed failure);
  void on_timer(TimePoint now);
  std::optional<BreakerTransition> poll();  // drain after every handle() and on_timer()
  std::optional<TimePoint> next_deadline() const;

  // Whether a read may go here now. A late timer does not matter: old news admit nothing.
  bool admits(TimePoint now) const;  // some of them, at least
  // The same of one read, with a number of its own that is evenly spread over 64 bits.
  bool admits(TimePoint now, std::uint64_t number) const;
  void take_read();  // a read goes here: uses up one trial read when half open

  BreakerState state() const { return state_; }
  Reason reason() const { return reason_; }             // why it is in its state
  std::optional<Duration> lag() const { return lag_; }  // as last judged
  std::optional<Bytes> lag_bytes() const { return lag_bytes_; }
  const LagBreakerConfig& config() const { return config_; }

 private:
  void advance(TimePoint now, TimePoint sent_at);
  bool is_news(TimePoint sent_at) const;
  bool needs_both() const;
  bool is_above() const;
  bool is_above_bytes() const;
  bool is_low() const;
  bool holds(BreakerGuard guard) const;
  void fire(BreakerEvent event);
  void enter(const BreakerRow& row);

  LagBreakerConfig config_;
  Duration news_age_max_{};
  BreakerState state_ = BreakerState::open;
  Reason reason_ = Reason::not_observed;
  bool observed_ = false;  // an observation arrived before the current event
  TimePoint now_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  TimePoint news_at_{};  // sending time of the newest answered probe, once there is one
  std::optional<Duration> lag_;
  std::optional<Bytes> lag_bytes_;
  std::int32_t bad_in_a_row_ = 0;      // closed
  std::int32_t good_in_a_row_ = 0;     // half open
  std::int32_t trial_reads_left_ = 0;  // half open
  TimePoint ramp_ends_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  std::optional<BreakerTransition> pending_;
};

}  // namespace longhaul
