// Keeps calls away from one database while too many of them fail or are slow.
//
//   closed     all calls; opens when the share of failures or of slow calls in the window reaches
//              its threshold, once the window holds minimum_calls
//   open       no calls; the first call after wait_in_open half opens
//   half_open  half_open_calls calls; their results alone decide: closed or open again
//
// The breaker judges results, not calls: what hangs is recorded when it ends. Calls that vanish
// without a time-out never open it, and neither does a caller so rare that minimum_calls do not fit
// into its window. One breaker belongs to one database as one process sees it, so processes open at
// different times.
//
// This is resilience4j's circuit breaker, state by state (CircuitBreakerStateMachine.java,
// CircuitBreakerMetrics.java): thresholds are inclusive, a call is slow above slow_call_duration; a
// window of calls shorter than minimum_calls lowers that number; while half open the window is one
// of half_open_calls; closed and half open begin with an empty window. A result that arrives while
// open changes nothing, whenever its call began; one that arrives while half open counts like that
// of a trial, because nothing tells them apart. Trials that never end keep it half open for ever
// unless half_open_wait is set. Hystrix is a setting of it; see call_breaker_presets: its health
// snapshots every 500 ms are left out, a result is judged at once.
//
// The host asks permits() before a call, says take_call() when it makes it, and handle() with its
// result, or give_back() when there will be none; then it drains poll() and arms next_deadline().
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/fields.h"
#include "policy/call_window.h"
#include "policy/types.h"

namespace longhaul {

// `automatic` goes by the table; the others stand still, as an operator sets them.
enum class CallBreakerMode : std::uint8_t { disabled, automatic, forced_open, metrics_only };
enum class CallWindowKind : std::uint8_t { count_based, time_based };

template <>
const EnumNames& enum_names<CallBreakerMode>();
template <>
const EnumNames& enum_names<CallWindowKind>();

struct CallBreakerConfig {
  CallBreakerMode mode = CallBreakerMode::disabled;
  CallWindowKind window = CallWindowKind::count_based;
  std::int32_t window_calls = 100;
  Duration window_time = seconds(100);
  std::int32_t minimum_calls = 100;
  Ratio failure_rate = percent(50);
  Ratio slow_call_rate = percent(100);
  Duration slow_call_duration = seconds(60);
  Duration wait_in_open = seconds(60);
  std::int32_t half_open_calls = 10;
  Duration half_open_wait{};
  bool half_opens_by_itself = false;

  static const FieldTable& fields();
  friend constexpr bool operator==(const CallBreakerConfig&, const CallBreakerConfig&) = default;
};

enum class CallState : std::uint8_t {
  closed,
  open,
  half_open,
  disabled,
  forced_open,
  metrics_only
};
enum class CallEvent : std::uint8_t { call, result, timer };

// The condition of a row. Those of one (state, event) are tried in the order of the table.
enum class CallGuard : std::uint8_t {
  waited,                // open for longer than wait_in_open
  waited_by_itself,      // open for wait_in_open, half_opens_by_itself
  failure_rate_reached,  // the window is judged, and its share of failures is too high
  slow_call_rate_reached,
  below_both,     // the window is judged and good
  trial_expired,  // half open for half_open_wait
};

struct CallBreakerRow {
  CallState from;
  CallEvent event;
  CallGuard guard;
  CallState to;
  Reason reason;
  std::string_view sentence;
};

// Everything that an automatic breaker ever does by itself; an operator may force() any state.
constexpr std::size_t call_breaker_row_count = 8;
extern const std::array<CallBreakerRow, call_breaker_row_count> call_breaker_table;

std::string_view to_text(CallState state);
std::string_view to_text(CallEvent event);
std::string_view to_text(CallGuard guard);

// How a call ended.
struct CallResult {
  bool failed = false;
  Duration took{};
};

// An action: the breaker has moved.
struct CallBreakerTransition {
  CallState from = CallState::closed;
  CallState to = CallState::closed;
  Reason reason = Reason::ordered;

  friend constexpr bool operator==(const CallBreakerTransition&,
                                   const CallBreakerTransition&) = default;
};

class CallBreaker {
 public:
  CallBreaker() : CallBreaker(CallBreakerConfig{}) {}
  explicit CallBreaker(const CallBreakerConfig& config);  // valid: see policy/config.h

  bool permits(TimePoint now) const;  // whether a call may be made now
  void take_call(TimePoint now);      // one that is permitted is made; may half open the breaker
  void give_back(TimePoint now);      // it was not made after all, and has no result
  void handle(TimePoint now, const CallResult& result);
  void on_timer(TimePoint now);
  void force(TimePoint now, CallState state);   // by an operator
  std::optional<CallBreakerTransition> poll();  // drain after each of the above
  std::optional<TimePoint> next_deadline() const;

  CallState state() const { return state_; }
  const CallCounts& counts() const { return window_.counts(); }
  const CallBreakerConfig& config() const { return config_; }

 private:
  void advance(TimePoint now);
  bool is_recording() const;
  bool is_judged() const;
  bool holds(CallGuard guard) const;
  void fire(CallEvent event);
  void enter(CallState state, Reason reason);

  CallBreakerConfig config_;
  CallState state_ = CallState::closed;
  TimePoint now_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  TimePoint since_{};               // when it entered its state
  std::int64_t trials_left_ = 0;    // half open
  std::int64_t minimum_calls_ = 0;  // of the present window
  CallWindow window_;
  std::optional<CallBreakerTransition> pending_;
};

}  // namespace longhaul
