#include "policy/lag_breaker.h"

namespace longhaul {

using enum BreakerState;
using enum BreakerEvent;

const std::array<BreakerRow, breaker_row_count> breaker_table{{
    // Start: nothing is known, the first observation alone decides.
    {open, observed, BreakerGuard::first_above, open, Reason::lag_above_threshold,
     "The first observation is already above open_above: reads stay away."},
    {open, observed, BreakerGuard::first_bytes_above, open, Reason::lag_bytes_above_threshold,
     "The first observation is already above open_above_bytes: reads stay away."},
    {open, observed, BreakerGuard::first_within, closed, Reason::first_observation,
     "The first observation holds nothing against the database: reads are admitted."},
    // Closed: reads are admitted until news are bad or stop.
    {closed, observed, BreakerGuard::confirmed_above, open, Reason::lag_above_threshold,
     "The lag is above open_above in as many probes as `confirm` asks for."},
    {closed, observed, BreakerGuard::confirmed_bytes_above, open, Reason::lag_bytes_above_threshold,
     "The lag in bytes is above open_above_bytes in as many probes as `confirm` asks for."},
    {closed, BreakerEvent::probe_failed, BreakerGuard::confirmed_failures, open,
     Reason::probe_failed, "As many probes as `confirm` asks for were bad, the last one failed."},
    {closed, BreakerEvent::no_news, BreakerGuard::always, open, Reason::no_news,
     "The newest observation has become older than stale_after."},
    // Open: reads stay away until the lag is low.
    {open, observed, BreakerGuard::recovered_at_once, closed, Reason::lag_recovered,
     "The lag has come down to close_below, and close_after asks for no trial."},
    {open, observed, BreakerGuard::recovered, half_open, Reason::lag_recovered,
     "The lag has come down to close_below: a few reads try the database."},
    // Half open: a trial under observation.
    {half_open, observed, BreakerGuard::not_recovered, open, Reason::lag_returned,
     "One observation above close_below ends the trial."},
    {half_open, observed, BreakerGuard::proven, closed, Reason::lag_stayed_low,
     "The lag stayed at most close_below for close_after probes in a row."},
    {half_open, BreakerEvent::probe_failed, BreakerGuard::always, open, Reason::probe_failed,
     "One failed probe ends the trial."},
    {half_open, BreakerEvent::no_news, BreakerGuard::always, open, Reason::no_news,
     "The newest observation has become older than stale_after during the trial."},
}};

Duration probe_pause(const LagBreakerConfig& config, std::uint64_t number) {
  const Int128 most = static_cast<Int128>(config.probe_interval.ns) * config.probe_jitter.ppm;
  const Duration extra{div_floor(most, percent(100).ppm)};
  return config.probe_interval +
         Duration{static_cast<std::int64_t>(static_cast<Int128>(extra.ns) * (number >> 32) >> 32)};
}

Duration news_age_max(const LagBreakerConfig& config) {
  if (config.stale_after) return *config.stale_after;
  const Duration longest = probe_pause(config, ~std::uint64_t{0});
  const Duration three_intervals = longest * 3;
  const Duration next_answer = longest + config.probe_timeout;
  return three_intervals > next_answer ? three_intervals : next_answer;
}

std::optional<Duration> known_lag(const LagReading& reading) {
  if (!reading.lag && reading.lag_bytes == Bytes{0}) return Duration{0};
  return reading.lag;
}

LagBreaker::LagBreaker(const LagBreakerConfig& config)
    : config_(config), news_age_max_(news_age_max(config)) {
  CHECK(config.close_below <= config.open_above);
  CHECK(config.open_above_bytes.has_value() == config.close_below_bytes.has_value());
  CHECK(!config.open_above_bytes || *config.close_below_bytes <= *config.open_above_bytes);
  if (!config.enabled) {
    state_ = closed;
    reason_ = Reason::breaker_off;
  }
}

void LagBreaker::handle(TimePoint now, const LagReading& reading) {
  advance(now, reading.measured_at);
  if (!is_news(reading.measured_at) || now - reading.measured_at >= news_age_max_) return;
  const std::optional<Duration> lag = known_lag(reading);
  if (!lag && !(config_.open_above_bytes && reading.lag_bytes)) return;
  lag_ = lag;
  lag_bytes_ = reading.lag_bytes;
  // Under both_above an unknown figure counts as bad, except for the first verdict: a process that
  // has just started may not have heard of the primary yet, and a database that is out for what
  // nobody knows would stay out between the thresholds.
  const bool is_partial = !lag_ || !lag_bytes_;
  if (!observed_ && is_partial && needs_both() && is_above()) return;
  news_at_ = reading.measured_at;
  trial_reads_left_ = config_.half_open_reads;
  if (!config_.enabled) return;
  if (state_ == closed) bad_in_a_row_ = is_above() || is_above_bytes() ? bad_in_a_row_ + 1 : 0;
  if (state_ == half_open) good_in_a_row_ = is_low() ? good_in_a_row_ + 1 : 0;
  fire(observed);
  observed_ = true;
}

void LagBreaker::handle(TimePoint now, ProbeFailed failure) {
  advance(now, failure.sent_at);
  if (!config_.enabled || !is_news(failure.sent_at)) return;
  if (state_ == closed) bad_in_a_row_ += 1;
  fire(BreakerEvent::probe_failed);
}

void LagBreaker::on_timer(TimePoint now) {
  advance(now, now);
  const std::optional<TimePoint> deadline = next_deadline();
  if (deadline && now >= *deadline) fire(BreakerEvent::no_news);
}

std::optional<BreakerTransition> LagBreaker::poll() {
  std::optional<BreakerTransition> action = pending_;
  pending_.reset();
  return action;
}

std::optional<TimePoint> LagBreaker::next_deadline() const {
  if (!config_.enabled || state_ == open) return std::nullopt;
  return news_at_ + news_age_max_;
}

bool LagBreaker::admits(TimePoint now) const {
  if (!config_.enabled) return true;
  if (state_ == open || now - news_at_ >= news_age_max_) return false;
  return state_ == closed || trial_reads_left_ > 0;
}

bool LagBreaker::admits(TimePoint now, std::uint64_t number) const {
  if (!admits(now)) return false;
  if (!config_.enabled || state_ != closed || now >= ramp_ends_) return true;
  const Duration since = config_.ramp - (ramp_ends_ - now);
  return static_cast<Int128>(config_.ramp.ns) * (number & 0xffffffffu) >> 32 < since.ns;
}

void LagBreaker::take_read() {
  if (!config_.enabled || state_ != half_open) return;
  CHECK(trial_reads_left_ > 0);
  trial_reads_left_ -= 1;
}

void LagBreaker::advance(TimePoint now, TimePoint sent_at) {
  CHECK(now >= now_);
  CHECK(sent_at <= now);
  CHECK(!pending_);  // the host drains poll() after every event
  now_ = now;
}

// What was sent before the newest answered probe says nothing new.
bool LagBreaker::is_news(TimePoint sent_at) const { return !observed_ || sent_at > news_at_; }

bool LagBreaker::needs_both() const {
  return config_.bad_when == BadWhen::both_above && config_.open_above_bytes;
}

// A figure that is not known speaks against the database when both have to.
bool LagBreaker::is_above() const {
  const bool is_late = lag_ && *lag_ > config_.open_above;
  if (!needs_both()) return is_late;
  return (is_late || !lag_) && (!lag_bytes_ || *lag_bytes_ > *config_.open_above_bytes);
}

bool LagBreaker::is_above_bytes() const {
  return !needs_both() && config_.open_above_bytes && lag_bytes_ &&
         *lag_bytes_ > *config_.open_above_bytes;
}

bool LagBreaker::is_low() const {
  const bool has_bytes = config_.close_below_bytes && lag_bytes_;
  const bool bytes_are_low = has_bytes && *lag_bytes_ <= *config_.close_below_bytes;
  const bool time_is_low = lag_ && *lag_ <= config_.close_below;
  if (needs_both()) return time_is_low || bytes_are_low;
  return (!lag_ || time_is_low) && (!has_bytes || bytes_are_low);
}

bool LagBreaker::holds(BreakerGuard guard) const {
  const bool confirmed = bad_in_a_row_ >= config_.confirm;
  switch (guard) {
    case BreakerGuard::always:
      return true;
    case BreakerGuard::first_above:
      return !observed_ && is_above();
    case BreakerGuard::first_bytes_above:
      return !observed_ && is_above_bytes();
    case BreakerGuard::first_within:
      return !observed_;
    case BreakerGuard::recovered_at_once:
      return is_low() && config_.close_after == 0;
    case BreakerGuard::recovered:
      return is_low();
    case BreakerGuard::confirmed_above:
      return confirmed && is_above();
    case BreakerGuard::confirmed_bytes_above:
      return confirmed && is_above_bytes();
    case BreakerGuard::confirmed_failures:
      return confirmed;
    case BreakerGuard::not_recovered:
      return !is_low();
    case BreakerGuard::proven:
      return good_in_a_row_ >= config_.close_after;
  }
  return false;
}

void LagBreaker::fire(BreakerEvent event) {
  for (const BreakerRow& row : breaker_table) {
    if (row.from == state_ && row.event == event && holds(row.guard)) {
      enter(row);
      return;
    }
  }
}

void LagBreaker::enter(const BreakerRow& row) {
  pending_ = BreakerTransition{
      .from = state_, .to = row.to, .reason = row.reason, .lag = lag_, .lag_bytes = lag_bytes_};
  const bool comes_back = row.to == closed && row.reason != Reason::first_observation;
  if (comes_back) ramp_ends_ = now_ + config_.ramp;
  state_ = row.to;
  reason_ = row.reason;
  bad_in_a_row_ = 0;
  good_in_a_row_ = 0;
}

std::string_view to_text(BreakerState state) {
  switch (state) {
    case closed:
      return "closed";
    case open:
      return "open";
    case half_open:
      return "half_open";
  }
  return "?";
}

std::string_view to_text(BreakerEvent event) {
  switch (event) {
    case observed:
      return "observed";
    case BreakerEvent::probe_failed:
      return "probe_failed";
    case BreakerEvent::no_news:
      return "no_news";
  }
  return "?";
}

std::string_view to_text(BreakerGuard guard) {
  switch (guard) {
    case BreakerGuard::always:
      return "always";
    case BreakerGuard::first_above:
      return "first_above";
    case BreakerGuard::first_bytes_above:
      return "first_bytes_above";
    case BreakerGuard::first_within:
      return "first_within";
    case BreakerGuard::recovered_at_once:
      return "recovered_at_once";
    case BreakerGuard::recovered:
      return "recovered";
    case BreakerGuard::confirmed_above:
      return "confirmed_above";
    case BreakerGuard::confirmed_bytes_above:
      return "confirmed_bytes_above";
    case BreakerGuard::confirmed_failures:
      return "confirmed_failures";
    case BreakerGuard::not_recovered:
      return "not_recovered";
    case BreakerGuard::proven:
      return "proven";
  }
  return "?";
}

}  // namespace longhaul
