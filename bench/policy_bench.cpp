// What one decision of the router costs: eight databases in three rings, reads only, by each
// freshness rule.
//
// In one process, A B A B: Router::decide() by several configurations, and loops written by hand
// that walk an array of latencies in order and take the first that is not marked as out, without
// a rule, with a pin and with a token.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "policy/router.h"

namespace longhaul::bench {
namespace {

constexpr std::size_t databases = 8;
constexpr int reads = 2'000'000;
constexpr int rounds = 7;
constexpr TimePoint begins = TimePoint{} + seconds(100);
constexpr Lsn written{1500};

struct Case {
  const char* name;
  PolicyConfig config;
  bool has_written;
  std::optional<Duration> max_staleness;
};

Case by_rule(const char* name, FreshnessRule rule) {
  Case made{name, {}, true, {}};
  made.config.freshness.rule = rule;
  return made;
}

std::vector<Case> cases() {
  Case everything{"class, weights, cap and panic", {}, false, seconds(30)};
  everything.config.router.balance = Balance::by_weight;
  everything.config.router.moved_reads.max_share = percent(20);
  everything.config.router.panic_below = percent(50);
  Case over = by_rule("pin_after_write, over", FreshnessRule::pin_after_write);
  over.config.freshness.pin = milliseconds(500);
  Case monotonic = by_rule("lsn_token and monotonic_reads", FreshnessRule::lsn_token);
  monotonic.config.freshness.monotonic_reads = true;
  return {
      {"nearest", {}, false, {}},
      by_rule("pin_after_write, pinned", FreshnessRule::pin_after_write),
      over,
      by_rule("lsn_token, the third covers it", FreshnessRule::lsn_token),
      monotonic,
      by_rule("replica_age", FreshnessRule::replica_age),
      by_rule("gitlab_sticking", FreshnessRule::gitlab_sticking),
      by_rule("wait_for_replay", FreshnessRule::wait_for_replay),
      everything,
  };
}

// Two databases in the app's zone, two in its region, four elsewhere; the first, elsewhere, is the
// primary. The nearest lags: its breaker is open.
Router observed(const PolicyConfig& config) {
  std::array<Candidate, databases> candidates;
  for (std::size_t i = 0; i < databases; ++i) {
    candidates[i].latency = milliseconds(static_cast<std::int64_t>(80 - 10 * i));
    candidates[i].is_primary = i == 0;
    candidates[i].nearness = i >= 6   ? Nearness::same_zone
                             : i >= 4 ? Nearness::same_region
                                      : Nearness::elsewhere;
  }
  Router router(config, candidates);
  for (std::uint32_t i = 0; i < databases; ++i) {
    router.handle(begins, {i},
                  Observation{.measured_at = begins,
                              .is_primary = i == 0,
                              .timeline = 1,
                              .replay_lsn = Lsn{i <= 5 ? 2000u : 1000u},
                              .lag = i == 7 ? seconds(60) : milliseconds(20)});
    while (router.poll()) {
    }
  }
  return router;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

SessionToken token_of(const Case& measured) {
  SessionToken token{.has_written = measured.has_written, .timeline = 1, .lsn = written};
  token.wrote_at = begins - seconds(2);
  if (measured.config.freshness.monotonic_reads) note_read(token, {5}, 1, written);
  return token;
}

double by_policy_ns(const Case& measured, std::uint64_t& sum) {
  Router router = observed(measured.config);
  SessionToken token = token_of(measured);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < reads; ++i) {
    const StatementRequest request{.max_staleness = measured.max_staleness,
                                   .number = static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15u};
    sum += router.decide(begins + Duration{i}, request, token).database.value;
  }
  return seconds_since(begin) / reads * 1e9;
}

// wait_for_replay asks once more after each write: whom does it have to wait for?
double awaited_ns(std::uint64_t& sum) {
  const Case measured = by_rule("", FreshnessRule::wait_for_replay);
  Router router = observed(measured.config);
  const SessionToken token = token_of(measured);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < reads; ++i) {
    sum += router.replica_to_await(begins + Duration{i}, token) ? 1 : 0;
  }
  return seconds_since(begin) / reads * 1e9;
}

enum class ByHand { nothing, pin, token };

double by_hand_ns(ByHand rule, std::uint64_t& sum) {
  struct Database {
    std::uint32_t index;
    bool is_out;
    std::uint64_t replayed;
  };
  std::array<Database, databases> order;
  for (std::uint32_t i = 0; i < databases; ++i) order[i] = {7 - i, i == 0, i < 2 ? 1000u : 2000u};
  volatile std::int64_t wrote_at = (begins - seconds(2)).ns;
  volatile std::uint64_t required = written.value;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < reads; ++i) {
    if (rule == ByHand::pin && begins.ns + i - wrote_at < seconds(5).ns) {
      sum += order.back().index;
      continue;
    }
    for (volatile Database& database : order) {
      if (database.is_out) continue;
      if (rule == ByHand::token && database.replayed < required) continue;
      sum += database.index;
      break;
    }
  }
  return seconds_since(begin) / reads * 1e9;
}

struct Line {
  const char* name;
  std::function<double(std::uint64_t&)> run;
  std::vector<double> times;
};

std::vector<Line> lines() {
  std::vector<Line> result;
  for (const Case& measured : cases()) {
    result.push_back({measured.name,
                      [measured](std::uint64_t& sum) { return by_policy_ns(measured, sum); },
                      {}});
  }
  result.push_back({"wait_for_replay, after a write", awaited_ns, {}});
  const auto by_hand = [&result](const char* name, ByHand rule) {
    result.push_back({name, [rule](std::uint64_t& sum) { return by_hand_ns(rule, sum); }, {}});
  };
  by_hand("by hand", ByHand::nothing);
  by_hand("by hand, pinned", ByHand::pin);
  by_hand("by hand, the third covers it", ByHand::token);
  return result;
}

int report() {
  std::vector<Line> measured = lines();
  std::uint64_t sum = 0;
  for (int round = 0; round < rounds; ++round) {
    for (Line& line : measured) line.times.push_back(line.run(sum));
  }
  std::printf("one decision of the router among %zu databases, median of %d rounds (min .. max)\n",
              databases, rounds);
  for (Line& line : measured) {
    std::sort(line.times.begin(), line.times.end());
    std::printf("  %-32s %7.1f ns (%.1f .. %.1f)\n", line.name, line.times[rounds / 2],
                line.times.front(), line.times.back());
  }
  return sum == 0 ? 1 : 0;
}

}  // namespace
}  // namespace longhaul::bench

int main() { return longhaul::bench::report(); }
