#include "policy/retry.h"

#include <algorithm>

#include "base/check.h"

namespace longhaul {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;
// One retry in the unit of RetryBudget::left_.
constexpr std::int64_t one_retry = 86'400 * ns_per_s * 1'000;
static_assert(one_retry / 1'000'000 * 1'000'000 == one_retry);  // a millionth is a whole number

// Rows in the order of Failure.
struct Rule {
  bool read;
  bool write;
  bool unknown;  // the server may have done it
};
constexpr Rule rules[failure_count] = {
    {true, true, false},    // no_database
    {true, true, false},    // no_connection
    {true, true, true},     // connection_lost
    {true, true, true},     // timed_out
    {true, true, false},    // rolled_back
    {false, false, false},  // rejected
    {false, false, false},  // shed
};

const Rule& rule_of(Failure failure) { return rules[static_cast<std::size_t>(failure)]; }

Duration without_jitter(const RetryConfig& config, std::int64_t attempts) {
  Duration pause = std::min(config.base, config.cap);
  if (config.backoff == Backoff::none) return {};
  if (config.backoff == Backoff::fixed) return pause;
  for (std::int64_t i = 1; i < attempts && pause < config.cap; ++i) {
    const Int128 next = config.backoff == Backoff::exponential
                            ? static_cast<Int128>(pause.ns) * 2
                            : static_cast<Int128>(pause.ns) * pause.ns / ns_per_s;
    pause = {static_cast<std::int64_t>(std::min<Int128>(next, config.cap.ns))};
  }
  return pause;
}

// Evenly within [0, most].
Duration up_to(Duration most, std::uint64_t luck) {
  const auto span = static_cast<unsigned __int128>(most.ns) + 1;
  return {static_cast<std::int64_t>((span * luck) >> 64)};
}

}  // namespace

RetryBudget::RetryBudget(const std::optional<RetryBudgetConfig>& config) : config_(config) {
  if (config) left_ = checked_mul(config->burst, one_retry);
}

void RetryBudget::refill(TimePoint now) {
  CHECK(now >= now_);
  const Int128 most = static_cast<Int128>(config_->burst) * one_retry;
  const Int128 added = static_cast<Int128>(config_->minimum.milli_per_day) * (now - now_).ns;
  left_ = static_cast<std::int64_t>(std::min(most, left_ + added));
  now_ = now;
}

void RetryBudget::note_request(TimePoint now) {
  if (!config_) return;
  refill(now);
  const Int128 most = static_cast<Int128>(config_->burst) * one_retry;
  const Int128 added = static_cast<Int128>(one_retry / 1'000'000) * config_->share.ppm;
  left_ = static_cast<std::int64_t>(std::min(most, left_ + added));
}

bool RetryBudget::take(TimePoint now) {
  if (!config_) return true;
  refill(now);
  if (left_ < one_retry) return false;
  left_ -= one_retry;
  return true;
}

bool is_in_doubt(const FailedTry& failed) {
  return failed.statement == StatementClass::write && failed.commit_sent &&
         rule_of(failed.failure).unknown;
}

Duration pause_after(const RetryConfig& config, std::int64_t attempts, std::uint64_t luck) {
  const Duration pause = without_jitter(config, attempts);
  switch (config.jitter) {
    case Jitter::none:
      return pause;
    case Jitter::equal:
      return Duration{pause.ns - pause.ns / 2} + up_to({pause.ns / 2}, luck);
    case Jitter::full:
      return up_to(pause, luck);
  }
  __builtin_unreachable();
}

RetryVerdict judge_retry(const RetryConfig& config, RetryBudget& budget, TimePoint now,
                         const FailedTry& failed, std::uint64_t luck) {
  const Rule& rule = rule_of(failed.failure);
  if (failed.statement == StatementClass::write ? !rule.write : !rule.read) {
    return {RetryReason::not_retryable, {}};
  }
  if (failed.attempts >= config.attempts) return {RetryReason::attempts_used, {}};
  if (is_in_doubt(failed) && !failed.has_key && !config.in_doubt) {
    return {RetryReason::may_be_done, {}};
  }
  const Duration after = pause_after(config, failed.attempts, luck);
  if (failed.give_up_at - now <= after) return {RetryReason::out_of_time, {}};
  if (!budget.take(now)) return {RetryReason::budget_spent, {}};
  return {RetryReason::try_again, after};
}

std::string_view to_text(RetryReason reason) {
  switch (reason) {
    case RetryReason::try_again:
      return "try_again";
    case RetryReason::attempts_used:
      return "attempts_used";
    case RetryReason::not_retryable:
      return "not_retryable";
    case RetryReason::may_be_done:
      return "may_be_done";
    case RetryReason::out_of_time:
      return "out_of_time";
    case RetryReason::budget_spent:
      return "budget_spent";
  }
  return "unknown";
}

}  // namespace longhaul
