// A million decisions, with the probes and timers between them, allocate nothing. Prints the cost
// of one decision for information; only the allocations are judged.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>

#include "policy/call_breaker.h"
#include "policy/failover/auto_failover_keeper.h"
#include "policy/failover/auto_failover_monitor.h"
#include "policy/failover/consensus.h"
#include "policy/failover/first_to_answer.h"
#include "policy/failover/managed.h"
#include "policy/failover/manual_runbook.h"
#include "policy/failover/repmgr.h"
#include "policy/outlier_ejection.h"
#include "policy/recent_writes.h"
#include "policy/router.h"
#include "tests/policy/failover/dice_world.h"
#include "tests/policy/failover_dice.h"
#include "tests/policy/luck.h"

namespace {
std::atomic<long> allocations{0};
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace longhaul;

constexpr std::size_t database_count = 8;
constexpr long decision_count = 1'000'000;

// Lag that swings through both thresholds, so that breakers open, half open and close on the way.
void probe_all(Router& router, TimePoint now, long round) {
  for (std::size_t i = 0; i < database_count; ++i) {
    const DatabaseIndex database{static_cast<std::uint32_t>(i)};
    const auto lsn = static_cast<std::uint64_t>(1000 * round);
    const bool is_late = i != 0 && (round / 8 + static_cast<long>(i)) % 3 == 0;
    if (is_late && round % 8 == 5) {
      router.handle(now, database, ProbeFailed{now - milliseconds(500)});
    } else {
      router.handle(
          now, database,
          Observation{.measured_at = now - milliseconds(1),
                      .is_primary = i == 0,
                      .timeline = 1,
                      .replay_lsn = Lsn{i == 0 ? lsn : lsn - 100 * i},
                      .lag = is_late ? seconds(5) : milliseconds(200),
                      .round_trip = milliseconds(10 + (round + 13 * static_cast<long>(i)) % 90)});
    }
    while (router.poll()) {
    }
  }
}

// Every rule of freshness, with rows of a cookie, reads that are remembered and writes that wait.
// Returns how often a rule had its say, which proves that the loop is more than nearest().
long decide_by_rule(FreshnessRule rule, std::span<const Candidate> candidates) {
  PolicyConfig config;
  config.freshness.rule = rule;
  config.freshness.monotonic_reads = true;
  config.freshness.wait_for = WaitFor::all;
  Router router(config, candidates);
  RecentWrites recent;
  TimePoint now = TimePoint{} + seconds(1);
  long held = 0;
  for (long i = 0; i < decision_count / 10; ++i) {
    if (i % 1000 == 0) {
      now = now + seconds(1);
      router.on_timer(now);
      while (router.poll()) {
      }
      probe_all(router, now, i / 1000 + 1);
    }
    const auto row = static_cast<std::uint64_t>(i % 23);
    SessionToken token = recent.token_of(row);
    if (i % 7 == 0) {
      note_write(token, 1, Lsn{static_cast<std::uint64_t>(i)}, now);
      if (const auto waiting = router.replica_to_await(now, token)) note_replayed(token, *waiting);
      recent.put(row, token);
    }
    note_read(token, {static_cast<std::uint32_t>(i % 8)}, 1, Lsn{static_cast<std::uint64_t>(i)});
    const Decision decision = router.decide(now, {.after_write = i % 3 == 0}, token);
    if (decision.reason != Reason::nearest_replica) ++held;
  }
  return held;
}

constexpr std::array freshness_rules{
    FreshnessRule::none,        FreshnessRule::pin_after_write, FreshnessRule::lsn_token,
    FreshnessRule::replica_age, FreshnessRule::gitlab_sticking, FreshnessRule::wait_for_replay};

// Results that open breakers and eject databases, and time for them to come back.
long count_guard_moves(TimePoint now) {
  CallBreakerConfig config;
  config.mode = CallBreakerMode::automatic;
  config.window_calls = CallWindow::calls_max;
  CallBreaker by_count(config);
  config.window = CallWindowKind::time_based;
  CallBreaker by_time(config);
  OutlierEjectionConfig ejection;
  ejection.enabled = true;
  OutlierEjection outliers(ejection, database_count, now);
  long moves = 0;
  for (long i = 0; i < decision_count; ++i) {
    now = now + milliseconds(1);
    const bool fails = i / 1000 % 3 == 0;
    for (CallBreaker* breaker : {&by_count, &by_time}) {
      if (!breaker->permits(now)) continue;
      breaker->take_call(now);
      moves += breaker->poll().has_value() ? 1 : 0;
      breaker->handle(now, {fails, milliseconds(2)});
      moves += breaker->poll().has_value() ? 1 : 0;
    }
    outliers.handle(now, {static_cast<std::uint32_t>(i % static_cast<long>(database_count))},
                    fails);
    while (outliers.poll()) ++moves;
    if (const auto due = outliers.next_deadline(); due && *due <= now) outliers.on_timer(now);
    while (outliers.poll()) ++moves;
  }
  return moves;
}

// An agent of Patroni in a world of dice: rounds, races, stops, rewinds.
long count_failover_orders() {
  Luck luck{1};
  PatroniConfig failover;
  failover.use_pg_rewind = true;
  failover.synchronous_mode = PatroniSync::quorum;
  DiceWorld world(failover, luck);
  for (long i = 0; i < decision_count / 20; ++i) world.step();
  return world.orders;
}

// All other managers, answered with dice. Returns the fewest orders that any of them gave.
long count_orders_of_others() {
  constexpr long steps = decision_count / 40;
  const TimePoint now = TimePoint{} + seconds(1);
  Luck luck{2};
  const auto members = members_of_dice(luck);
  FirstToAnswer first(FirstToAnswerConfig{}, members, now);
  ManualRunbook runbook(ManualRunbookConfig{}, members, now, 3);
  Repmgr repmgr(RepmgrConfig{}, MemberIndex{1}, members, now);
  AutoFailoverMonitor monitor(AutoFailoverConfig{}, members, now);
  AutoFailoverKeeper keeper(AutoFailoverConfig{}, MemberIndex{1}, members, now);
  ManagedService managed(ManagedConfig{}, members, now, 3);
  ConsensusVoter voter(ConsensusConfig{}, FailoverGuards{}, VoterIndex{0}, 3, members, now);
  long fewest = play_dice(first, luck, now, steps);
  fewest = std::min(fewest, play_dice(runbook, luck, now, steps));
  fewest = std::min(fewest, play_dice(repmgr, luck, now, steps));
  fewest = std::min(fewest, play_dice(monitor, luck, now, steps));
  fewest = std::min(fewest, play_dice(keeper, luck, now, steps));
  fewest = std::min(fewest, play_dice(managed, luck, now, steps));
  return std::min(fewest, play_dice(voter, luck, now, steps));
}

}  // namespace

int main() {
  PolicyConfig config;
  config.freshness.rule = FreshnessRule::lsn_token;
  config.router.balance = Balance::by_weight;
  config.router.panic_below = percent(30);
  config.router.moved_reads.max_share = percent(2);
  config.router.moved_reads.beyond = BeyondCap::queue;
  config.retries = {.attempts = 4, .backoff = Backoff::exponential, .jitter = Jitter::full};
  config.retries.budget = RetryBudgetConfig{};
  config.write_throttle.above = seconds(1);
  std::array<Candidate, database_count> candidates;
  for (std::size_t i = 0; i < database_count; ++i) {
    candidates[i] = {.latency = milliseconds(static_cast<std::int64_t>(100 - 10 * i)),
                     .is_primary = i == 0,
                     .nearness = i % 2 == 0 ? Nearness::same_region : Nearness::elsewhere};
  }
  Router router(config, candidates);
  SessionToken token;
  SessionToken nothing_written;
  TimePoint now = TimePoint{} + seconds(1);
  std::array<long, reason_count> reasons{};
  RetryBudget retries(config.retries.budget);
  std::array<long, retry_reason_count> retry_reasons{};
  long held_back = 0;

  // The counter works: an allocation moves it. (A compiler may drop a new-expression, not a call.)
  ::operator delete(::operator new(1));
  if (allocations != 1) {
    std::puts("the counting operator new is not in use");
    return 1;
  }
  const long before = allocations;
  const auto started = std::chrono::steady_clock::now();
  for (long i = 0; i < decision_count; ++i) {
    if (i % 1000 == 0) {
      now = now + seconds(1);
      router.on_timer(now);
      while (router.poll()) {
      }
      probe_all(router, now, i / 1000 + 1);
    }
    if (i % 7 == 0) note_write(token, 1, Lsn{static_cast<std::uint64_t>(i)}, now);
    StatementRequest request{
        .statement = i % 11 == 0 ? StatementClass::write : StatementClass::read,
        .in_writing_transaction = i % 13 == 0,
        .number = static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15u};
    if (i % 17 == 0) request.max_staleness = milliseconds(i % 1000);
    Decision decision = router.decide(now, request, i % 5 == 0 ? nothing_written : token);
    if (decision.kind == DecisionKind::wait_then_serve) {
      decision = router.after_wait(now, request, decision, WaitVerdict::keep_waiting);
    }
    ++reasons[static_cast<std::size_t>(decision.reason)];
    retries.note_request(now);
    const FailedTry failed{static_cast<Failure>(i % static_cast<long>(failure_count)),
                           request.statement, i % 2 == 0, i % 3 == 0, 1 + i % 4};
    const std::uint64_t luck = static_cast<std::uint64_t>(i) << 40;
    const RetryVerdict verdict = judge_retry(config.retries, retries, now, failed, luck);
    ++retry_reasons[static_cast<std::size_t>(verdict.reason)];
    const std::optional<Duration> lag = lag_that_counts(config.write_throttle, now, router);
    held_back += judge_write(config.write_throttle, now, now, lag).action == ThrottleAction::wait;
  }
  const auto took = std::chrono::steady_clock::now() - started;
  const long guard_moves = count_guard_moves(now);
  bool is_varied = guard_moves > 100;
  for (const FreshnessRule rule : freshness_rules) {
    is_varied = decide_by_rule(rule, candidates) > 1000 && is_varied;
  }
  is_varied = count_failover_orders() > 10000 && is_varied;
  is_varied = count_orders_of_others() > 1000 && is_varied;
  const long during = allocations - before;

  for (std::size_t i = 0; i < reason_count; ++i) {
    if (reasons[i] == 0) continue;
    const std::string_view name = to_text(static_cast<Reason>(i));
    std::printf("%8ld %.*s\n", reasons[i], static_cast<int>(name.size()), name.data());
  }
  const auto took_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
  std::printf("%ld decisions, %ld allocations, %ld ns each, sizeof(Router) = %zu\n", decision_count,
              during, static_cast<long>(took_ns / decision_count), sizeof(Router));
  // A run that never waited or never found a covering replica would prove little.
  for (const Reason reason :
       {Reason::wait_expired, Reason::token_covered, Reason::trial_read, Reason::nearest_replica,
        Reason::write_statement, Reason::moved_reads_capped, Reason::too_stale,
        Reason::stale_tolerated}) {
    is_varied = is_varied && reasons[static_cast<std::size_t>(reason)] > 0;
  }
  for (const RetryReason reason :
       {RetryReason::try_again, RetryReason::attempts_used, RetryReason::not_retryable,
        RetryReason::may_be_done, RetryReason::budget_spent}) {
    is_varied = is_varied && retry_reasons[static_cast<std::size_t>(reason)] > 0;
  }
  is_varied = is_varied && held_back > 0;
  return during == 0 && is_varied ? 0 : 1;
}
