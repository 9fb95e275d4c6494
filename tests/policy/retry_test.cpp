#include "policy/retry.h"

#include <array>
#include <random>

#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint at(Duration since) { return TimePoint{} + since; }

RetryReason judged(const RetryConfig& config, const FailedTry& failed) {
  RetryBudget budget;
  return judge_retry(config, budget, at(seconds(1)), failed, 0).reason;
}

}  // namespace

TEST_CASE("retry: which failures are tried again", "[policy][retry]") {
  using enum RetryReason;
  struct Row {
    Failure failure;
    RetryReason read;
    RetryReason write_sent;    // its COMMIT has left the application
    RetryReason write_unsent;  // a transaction before its COMMIT
    RetryReason write_with_key;
  };
  constexpr Row rows[] = {
      {Failure::no_database, try_again, try_again, try_again, try_again},
      {Failure::no_connection, try_again, try_again, try_again, try_again},
      {Failure::connection_lost, try_again, may_be_done, try_again, try_again},
      {Failure::timed_out, try_again, may_be_done, try_again, try_again},
      {Failure::rolled_back, try_again, try_again, try_again, try_again},
      {Failure::rejected, not_retryable, not_retryable, not_retryable, not_retryable},
      {Failure::shed, not_retryable, not_retryable, not_retryable, not_retryable},
  };
  static_assert(std::size(rows) == failure_count);
  const RetryConfig config = resilience4j_retries();
  constexpr StatementClass write = StatementClass::write;
  for (const Row& row : rows) {
    INFO(static_cast<int>(row.failure));
    REQUIRE(judged(config, {.failure = row.failure}) == row.read);
    REQUIRE(judged(config, {row.failure, StatementClass::locking_read}) == row.read);
    REQUIRE(judged(config, {row.failure, write, true}) == row.write_sent);
    REQUIRE(judged(config, {row.failure, write, false}) == row.write_unsent);
    REQUIRE(judged(config, {row.failure, write, true, true}) == row.write_with_key);
  }
  RetryConfig naive = config;
  naive.in_doubt = true;
  REQUIRE(judged(naive, {Failure::timed_out, write, true}) == try_again);
  REQUIRE(judged(naive, {Failure::rejected, write, true}) == not_retryable);
}

TEST_CASE("retry: preset resilience4j: three attempts, 500 ms apart", "[policy][retry]") {
  const RetryConfig config = resilience4j_retries();
  RetryBudget budget;
  for (std::int64_t tries = 1; tries <= 2; ++tries) {
    REQUIRE(judge_retry(config, budget, at({}), {.attempts = tries}, ~0ull) ==
            RetryVerdict{RetryReason::try_again, milliseconds(500)});
  }
  REQUIRE(judged(config, {.attempts = 3}) == RetryReason::attempts_used);
}

TEST_CASE("retry: preset GitLab: after 2, 4 and 16 s, then no more", "[policy][retry]") {
  const RetryConfig config = gitlab_retries();
  const std::array<Duration, 3> pauses = {seconds(2), seconds(4), seconds(16)};
  for (std::int64_t tries = 1; tries <= 3; ++tries) {
    REQUIRE(pause_after(config, tries, 7) == pauses[static_cast<std::size_t>(tries - 1)]);
    REQUIRE(judged(config, {.attempts = tries}) == RetryReason::try_again);
  }
  REQUIRE(judged(config, {.attempts = 4}) == RetryReason::attempts_used);
}

TEST_CASE("retry: pauses: exponential up to the cap, jitter takes its part", "[policy][retry]") {
  RetryConfig config{.attempts = 100,
                     .backoff = Backoff::exponential,
                     .base = milliseconds(100),
                     .cap = milliseconds(1500)};
  const std::array<std::int64_t, 6> ms = {100, 200, 400, 800, 1500, 1500};
  for (std::size_t i = 0; i < ms.size(); ++i) {
    REQUIRE(pause_after(config, static_cast<std::int64_t>(i + 1), 0) == milliseconds(ms[i]));
  }
  REQUIRE(pause_after(config, 1'000'000, 0) == milliseconds(1500));
  config.jitter = Jitter::full;  // [0, 400 ms]
  REQUIRE(pause_after(config, 3, 0) == Duration{});
  REQUIRE(pause_after(config, 3, 1ull << 63) == milliseconds(200));
  REQUIRE(pause_after(config, 3, ~0ull) == milliseconds(400));
  config.jitter = Jitter::equal;  // [200, 400 ms]
  REQUIRE(pause_after(config, 3, 0) == milliseconds(200));
  REQUIRE(pause_after(config, 3, ~0ull) == milliseconds(400));
  config.backoff = Backoff::none;
  REQUIRE(pause_after(config, 3, ~0ull) == Duration{});
}

TEST_CASE("retry: a pause that would pass the page's time-out is not begun", "[policy][retry]") {
  RetryConfig config = resilience4j_retries();
  // Judged at 1 s; a pause of 500 ms leaves nothing of a page that ends at 1.5 s.
  REQUIRE(judged(config, {.give_up_at = at(milliseconds(1500))}) == RetryReason::out_of_time);
  REQUIRE(judged(config, {.give_up_at = at(milliseconds(1501))}) == RetryReason::try_again);
}

TEST_CASE("retry: budget: a share of requests, a minimum per time, a burst", "[policy][retry]") {
  RetryBudget budget(RetryBudgetConfig{percent(20), per_second(2), 3});
  const auto takes = [&](TimePoint now) {
    int count = 0;
    while (budget.take(now)) ++count;
    return count;
  };
  REQUIRE(takes(at({})) == 3);  // full at the start
  // Five requests earn 5 x 0.2 = 1.
  for (int i = 0; i < 5; ++i) budget.note_request(at({}));
  REQUIRE(takes(at({})) == 1);
  // 499 ms at 2/s are not a retry, 500 ms are.
  REQUIRE(takes(at(milliseconds(499))) == 0);
  REQUIRE(takes(at(milliseconds(500))) == 1);
  // An hour fills the bucket and no more.
  REQUIRE(takes(at(minutes(60))) == 3);
  RetryBudget none(RetryBudgetConfig{Ratio{0}, EventRate{0}, 1});
  REQUIRE(none.take(at({})));
  REQUIRE_FALSE(none.take(at(minutes(60))));
}

TEST_CASE("retry: property: never more than the attempts, the budget's share is never exceeded",
          "[policy][retry]") {
  std::mt19937_64 luck(20);
  for (int round = 0; round < 200; ++round) {
    const auto below = [&luck](std::uint64_t n) { return static_cast<std::int64_t>(luck() % n); };
    RetryConfig config;
    config.attempts = 1 + below(6);
    config.backoff = static_cast<Backoff>(below(4));
    config.jitter = static_cast<Jitter>(below(3));
    config.base = milliseconds(below(3000));
    config.cap = config.base + milliseconds(below(10'000));
    config.in_doubt = below(2) == 0;
    config.budget = {percent(below(100)), per_second(below(5)), 1 + below(20)};
    RetryBudget budget(config.budget);
    TimePoint now;
    std::int64_t requests = 0;
    std::int64_t retries = 0;
    for (int i = 0; i < 500; ++i) {
      now = now + Duration{below(50'000'000)};
      budget.note_request(now);
      ++requests;
      std::int64_t tries = 0;
      while (true) {
        ++tries;
        const FailedTry failed{
            static_cast<Failure>(below(failure_count)),
            static_cast<StatementClass>(below(3)),
            below(2) == 0,
            below(2) == 0,
            tries,
            below(4) == 0 ? now + milliseconds(below(2000)) : TimePoint::never()};
        const RetryVerdict verdict = judge_retry(config, budget, now, failed, luck());
        if (!verdict.again()) break;
        ++retries;
        REQUIRE(verdict.after >= Duration{});
        REQUIRE(verdict.after <= config.cap);
        REQUIRE(now + verdict.after < failed.give_up_at);
        REQUIRE((!is_in_doubt(failed) || failed.has_key || config.in_doubt));
      }
      REQUIRE(tries <= config.attempts);
      // burst + share x requests + minimum x time, in millionths.
      const Int128 allowed =
          static_cast<Int128>(config.budget->burst) * 1'000'000 +
          static_cast<Int128>(requests) * config.budget->share.ppm +
          static_cast<Int128>(config.budget->minimum.milli_per_day) * now.ns / 86'400'000'000;
      REQUIRE(static_cast<Int128>(retries) * 1'000'000 <= allowed);
    }
  }
}

}  // namespace longhaul
