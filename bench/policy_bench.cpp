// What one decision of the router costs: eight databases in three rings, reads only.
//
// In one process, A B A B: Router::decide() by several configurations, and a loop written by hand
// that walks an array of latencies in order and takes the first that is not marked as out.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "policy/router.h"

namespace longhaul::bench {
namespace {

constexpr std::size_t databases = 8;
constexpr int reads = 2'000'000;
constexpr int rounds = 7;

struct Case {
  const char* name;
  PolicyConfig config;
  bool has_written;
  std::optional<Duration> max_staleness;
};

std::vector<Case> cases() {
  Case nearest{"nearest", {}, false, {}};
  Case token{"token that the third covers", {}, true, {}};
  token.config.freshness.rule = FreshnessRule::lsn_token;
  Case everything{"class, weights, cap and panic", {}, false, seconds(30)};
  everything.config.router.balance = Balance::by_weight;
  everything.config.router.moved_reads.max_share = percent(20);
  everything.config.router.panic_below = percent(50);
  return {nearest, token, everything};
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
    router.handle(TimePoint{}, {i},
                  Observation{.is_primary = i == 0,
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

double by_policy_ns(const Case& measured, std::uint64_t& sum) {
  Router router = observed(measured.config);
  SessionToken token{.has_written = measured.has_written, .timeline = 1, .lsn = Lsn{1500}};
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < reads; ++i) {
    const StatementRequest request{.max_staleness = measured.max_staleness,
                                   .number = static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15u};
    sum += router.decide(TimePoint{} + Duration{i}, request, token).database.value;
  }
  return seconds_since(begin) / reads * 1e9;
}

double by_hand_ns(std::uint64_t& sum) {
  struct Database {
    std::uint32_t index;
    bool is_out;
  };
  std::array<Database, databases> order;
  for (std::uint32_t i = 0; i < databases; ++i) order[i] = {7 - i, i == 0};
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < reads; ++i) {
    for (volatile Database& database : order) {
      if (database.is_out) continue;
      sum += database.index;
      break;
    }
  }
  return seconds_since(begin) / reads * 1e9;
}

int report() {
  const std::vector<Case> measured = cases();
  std::vector<std::vector<double>> times(measured.size() + 1);
  std::uint64_t sum = 0;
  for (int round = 0; round < rounds; ++round) {
    times.back().push_back(by_hand_ns(sum));
    for (std::size_t i = 0; i < measured.size(); ++i) {
      times[i].push_back(by_policy_ns(measured[i], sum));
    }
  }
  std::printf("one decision of the router among %zu databases, median of %d rounds (min .. max)\n",
              databases, rounds);
  for (std::size_t i = 0; i < times.size(); ++i) {
    std::sort(times[i].begin(), times[i].end());
    std::printf("  %-30s %7.1f ns (%.1f .. %.1f)\n",
                i < measured.size() ? measured[i].name : "by hand", times[i][rounds / 2],
                times[i].front(), times[i].back());
  }
  return sum == 0 ? 1 : 0;
}

}  // namespace
}  // namespace longhaul::bench

int main() { return longhaul::bench::report(); }
