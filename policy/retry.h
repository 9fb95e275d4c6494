// Whether a statement that failed is tried again, and after how long.
//
// What may be tried again:
//
//   failure           known of it                        a read   a write
//   no_database       the router had nobody to ask       again    again
//   no_connection     never left the application         again    again
//   connection_lost   sent, the connection is gone       again    in doubt
//   timed_out         sent, no answer in time            again    in doubt
//   rolled_back       the server undid it: deadlock,     again    again, from its BEGIN
//                     conflict with recovery
//   rejected          the server ended it by a limit:    never    never
//                     lock_timeout, statement_timeout
//   shed              turned away to save the rest       never    never
//
// A write is in doubt when its COMMIT was sent (a statement by itself commits with itself) and not
// answered: it may have been done. Trying it again may do it twice, so it is tried again only with
// an idempotency key, which the server knows from the first time, or when `in_doubt` says so. A
// transaction is tried again whole.
//
// A budget bounds retries as a share of requests, plus a minimum per time, so that retries cannot
// multiply the load of a service that is down for all. It is a bucket of at most `burst` retries,
// full at the start: every first try adds `share`, time adds `minimum`, a retry takes one.
//
// Sources: Finagle RetryBudget (percentCanRetry 20 %, minRetriesPerSec 10), gRPC retry throttling
// (proposal A6: a bucket of maxTokens 10 that successes refill), Envoy retry_budget 20 %; AWS
// Architecture Blog, Exponential Backoff And Jitter; resilience4j RetryConfig; GitLab
// load_balancer.rb. Finagle's deposits expire after 10 s; here the bucket's size bounds them.
//
// The host's duties: build a RetryBudget per process, call note_request() for each first try, ask
// judge_retry() about each failure with 64 random bits, wait, and ask the router anew.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

enum class Backoff : std::uint8_t { none, fixed, exponential, squared };
enum class Jitter : std::uint8_t { none, equal, full };

template <>
const EnumNames& enum_names<Backoff>();
template <>
const EnumNames& enum_names<Jitter>();

struct RetryBudgetConfig {
  Ratio share = percent(20);
  EventRate minimum = per_second(10);
  std::int64_t burst = 10;

  static const FieldTable& fields();
  friend constexpr bool operator==(const RetryBudgetConfig&, const RetryBudgetConfig&) = default;
};

struct RetryConfig {
  std::int64_t attempts = 1;  // in all
  Backoff backoff = Backoff::fixed;
  Duration base = milliseconds(500);
  Duration cap = seconds(30);
  Jitter jitter = Jitter::none;
  bool in_doubt = false;
  std::optional<RetryBudgetConfig> budget = {};

  static const FieldTable& fields();
  friend constexpr bool operator==(const RetryConfig&, const RetryConfig&) = default;
};

// resilience4j RetryConfig: maxAttempts 3, waitDuration 500 ms.
constexpr RetryConfig resilience4j_retries() { return {.attempts = 3}; }
// GitLab load_balancer.rb: connection errors are retried 3 times, after 2, 4 and 16 s.
constexpr RetryConfig gitlab_retries() {
  return {.attempts = 4, .backoff = Backoff::squared, .base = seconds(2)};
}

// What is known of a try that failed.
enum class Failure : std::uint8_t {
  no_database,
  no_connection,
  connection_lost,
  timed_out,
  rolled_back,
  rejected,
  shed,
};
constexpr std::size_t failure_count = static_cast<std::size_t>(Failure::shed) + 1;

struct FailedTry {
  Failure failure = Failure::no_connection;
  StatementClass statement = StatementClass::read;
  bool commit_sent = false;   // a statement by itself, or COMMIT, has left the application
  bool has_key = false;       // the server recognises a second try
  std::int64_t attempts = 1;  // tries so far
  TimePoint give_up_at = TimePoint::never();
};

enum class RetryReason : std::uint8_t {
  try_again,
  attempts_used,
  not_retryable,
  may_be_done,
  out_of_time,
  budget_spent,
};
constexpr std::size_t retry_reason_count = static_cast<std::size_t>(RetryReason::budget_spent) + 1;

std::string_view to_text(RetryReason reason);

struct RetryVerdict {
  RetryReason reason = RetryReason::not_retryable;
  Duration after;  // try_again

  bool again() const { return reason == RetryReason::try_again; }
  friend constexpr bool operator==(const RetryVerdict&, const RetryVerdict&) = default;
};

class RetryBudget {
 public:
  RetryBudget() = default;  // no bound
  explicit RetryBudget(const std::optional<RetryBudgetConfig>& config);

  void note_request(TimePoint now);
  bool take(TimePoint now);  // a retry, if one is left

 private:
  void refill(TimePoint now);

  std::optional<RetryBudgetConfig> config_;
  std::int64_t left_ = 0;  // in nanoseconds times thousandths of a retry per day: no rounding
  TimePoint now_;
};

// Whether the outcome of a try is unknown: it may have been done.
bool is_in_doubt(const FailedTry& failed);

// The pause after `attempts` failed tries, with 64 random bits.
Duration pause_after(const RetryConfig& config, std::int64_t attempts, std::uint64_t luck);

RetryVerdict judge_retry(const RetryConfig& config, RetryBudget& budget, TimePoint now,
                         const FailedTry& failed, std::uint64_t luck);

}  // namespace longhaul
