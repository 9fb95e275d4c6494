#include "policy/call_breaker.h"

#include <algorithm>

namespace longhaul {

using enum CallState;

const std::array<CallBreakerRow, call_breaker_row_count> call_breaker_table{{
    // Closed: every result is judged together with those before it.
    {closed, CallEvent::result, CallGuard::failure_rate_reached, open, Reason::too_many_failures,
     "Of at least minimum_calls in the window a share of failure_rate or more has failed."},
    {closed, CallEvent::result, CallGuard::slow_call_rate_reached, open,
     Reason::too_many_slow_calls,
     "Of at least minimum_calls in the window a share of slow_call_rate or more was slow."},
    // Open: time alone leads out.
    {open, CallEvent::call, CallGuard::waited, half_open, Reason::open_long_enough,
     "A call comes after wait_in_open: it is the first trial."},
    {open, CallEvent::timer, CallGuard::waited_by_itself, half_open, Reason::open_long_enough,
     "wait_in_open has passed and the breaker half opens by itself."},
    // Half open: half_open_calls results decide together.
    {half_open, CallEvent::result, CallGuard::failure_rate_reached, open, Reason::too_many_failures,
     "Too many of the trials have failed."},
    {half_open, CallEvent::result, CallGuard::slow_call_rate_reached, open,
     Reason::too_many_slow_calls, "Too many of the trials were slow."},
    {half_open, CallEvent::result, CallGuard::below_both, closed, Reason::trials_passed,
     "The trials are over and good."},
    {half_open, CallEvent::timer, CallGuard::trial_expired, open, Reason::trials_too_long,
     "The trials were not over within half_open_wait."},
}};

namespace {

// Inclusive, as resilience4j compares percentages.
bool reaches(std::int64_t part, std::int64_t whole, Ratio threshold) {
  return part * percent(100).ppm >= whole * threshold.ppm;
}

CallState first_state(CallBreakerMode mode) {
  switch (mode) {
    case CallBreakerMode::disabled:
      return disabled;
    case CallBreakerMode::automatic:
      return closed;
    case CallBreakerMode::forced_open:
      return forced_open;
    case CallBreakerMode::metrics_only:
      return metrics_only;
  }
  return disabled;
}

CallWindow long_window(const CallBreakerConfig& config) {
  if (config.window == CallWindowKind::count_based) {
    return CallWindow::of_calls(config.window_calls);
  }
  return CallWindow::of_seconds(static_cast<std::int32_t>(config.window_time.ns / seconds(1).ns));
}

}  // namespace

CallBreaker::CallBreaker(const CallBreakerConfig& config) : config_(config) {
  enter(first_state(config.mode), Reason::ordered);
  pending_.reset();
}

bool CallBreaker::permits(TimePoint now) const {
  switch (state_) {
    case closed:
    case disabled:
    case metrics_only:
      return true;
    case open:
      return now - since_ > config_.wait_in_open;
    case half_open:
      return trials_left_ > 0;
    case forced_open:
      return false;
  }
  return false;
}

void CallBreaker::take_call(TimePoint now) {
  CHECK(permits(now));
  advance(now);
  fire(CallEvent::call);
  if (state_ == half_open) trials_left_ -= 1;
}

void CallBreaker::give_back(TimePoint now) {
  advance(now);
  if (state_ == half_open && trials_left_ < config_.half_open_calls) trials_left_ += 1;
}

void CallBreaker::handle(TimePoint now, const CallResult& result) {
  advance(now);
  if (!is_recording()) return;
  window_.record(now, result.failed, result.took > config_.slow_call_duration);
  fire(CallEvent::result);
}

void CallBreaker::on_timer(TimePoint now) {
  advance(now);
  fire(CallEvent::timer);
}

void CallBreaker::force(TimePoint now, CallState state) {
  advance(now);
  if (state != state_) enter(state, Reason::ordered);
}

std::optional<CallBreakerTransition> CallBreaker::poll() {
  const std::optional<CallBreakerTransition> action = pending_;
  pending_.reset();
  return action;
}

std::optional<TimePoint> CallBreaker::next_deadline() const {
  if (state_ == open && config_.half_opens_by_itself) return since_ + config_.wait_in_open;
  if (state_ == half_open && config_.half_open_wait > Duration{}) {
    return since_ + config_.half_open_wait;
  }
  return std::nullopt;
}

void CallBreaker::advance(TimePoint now) {
  CHECK(now >= now_);
  CHECK(!pending_);  // the host drains poll() after every event
  now_ = now;
}

bool CallBreaker::is_recording() const {
  return state_ == closed || state_ == half_open || state_ == metrics_only;
}

bool CallBreaker::is_judged() const { return counts().calls >= minimum_calls_; }

bool CallBreaker::holds(CallGuard guard) const {
  const CallCounts& seen = counts();
  const bool fails = reaches(seen.failures, seen.calls, config_.failure_rate);
  const bool is_slow = reaches(seen.slow, seen.calls, config_.slow_call_rate);
  switch (guard) {
    case CallGuard::waited:
      return now_ - since_ > config_.wait_in_open;
    case CallGuard::waited_by_itself:
      return config_.half_opens_by_itself && now_ - since_ >= config_.wait_in_open;
    case CallGuard::failure_rate_reached:
      return is_judged() && fails;
    case CallGuard::slow_call_rate_reached:
      return is_judged() && is_slow;
    case CallGuard::below_both:
      return is_judged() && !fails && !is_slow;
    case CallGuard::trial_expired:
      return config_.half_open_wait > Duration{} && now_ - since_ >= config_.half_open_wait;
  }
  return false;
}

void CallBreaker::fire(CallEvent event) {
  for (const CallBreakerRow& row : call_breaker_table) {
    if (row.from == state_ && row.event == event && holds(row.guard)) {
      enter(row.to, row.reason);
      return;
    }
  }
}

void CallBreaker::enter(CallState state, Reason reason) {
  pending_ = CallBreakerTransition{.from = state_, .to = state, .reason = reason};
  state_ = state;
  since_ = now_;
  if (state == half_open) {
    window_ = CallWindow::of_calls(config_.half_open_calls);
    minimum_calls_ = std::min(config_.minimum_calls, config_.half_open_calls);
    trials_left_ = config_.half_open_calls;
  } else if (is_recording()) {
    window_ = long_window(config_);
    minimum_calls_ = config_.window == CallWindowKind::count_based
                         ? std::min(config_.minimum_calls, config_.window_calls)
                         : config_.minimum_calls;
  }
}

std::string_view to_text(CallState state) {
  switch (state) {
    case closed:
      return "closed";
    case open:
      return "open";
    case half_open:
      return "half_open";
    case disabled:
      return "disabled";
    case forced_open:
      return "forced_open";
    case metrics_only:
      return "metrics_only";
  }
  return "?";
}

std::string_view to_text(CallEvent event) {
  switch (event) {
    case CallEvent::call:
      return "call";
    case CallEvent::result:
      return "result";
    case CallEvent::timer:
      return "timer";
  }
  return "?";
}

std::string_view to_text(CallGuard guard) {
  switch (guard) {
    case CallGuard::waited:
      return "waited";
    case CallGuard::waited_by_itself:
      return "waited_by_itself";
    case CallGuard::failure_rate_reached:
      return "failure_rate_reached";
    case CallGuard::slow_call_rate_reached:
      return "slow_call_rate_reached";
    case CallGuard::below_both:
      return "below_both";
    case CallGuard::trial_expired:
      return "trial_expired";
  }
  return "?";
}

}  // namespace longhaul
