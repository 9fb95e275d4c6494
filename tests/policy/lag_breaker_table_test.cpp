// The transition table of the lag breaker: its shape, its printed form, and that it is all used.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "policy/lag_breaker.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

LagBreakerConfig with_bytes() {
  LagBreakerConfig config;
  config.open_above_bytes = mebibytes(8);
  config.close_below_bytes = mebibytes(1);
  return config;
}

std::string printed_table() {
  std::string text;
  for (const BreakerRow& row : breaker_table) {
    text += std::string(to_text(row.from)) + " --" + std::string(to_text(row.event)) + "[" +
            std::string(to_text(row.guard)) + "]--> " + std::string(to_text(row.to)) + " because " +
            std::string(to_text(row.reason)) + "\n    " + std::string(row.sentence) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("lag_breaker: table: no row twice, none behind one that always holds",
          "[policy][lag_breaker]") {
  std::set<std::tuple<BreakerState, BreakerEvent, BreakerGuard>> seen;
  std::set<std::pair<BreakerState, BreakerEvent>> decided;
  for (const BreakerRow& row : breaker_table) {
    REQUIRE(seen.insert({row.from, row.event, row.guard}).second);
    REQUIRE(decided.count({row.from, row.event}) == 0);
    if (row.guard == BreakerGuard::always) decided.insert({row.from, row.event});
    REQUIRE_FALSE(row.sentence.empty());
  }
}

TEST_CASE("lag_breaker: table: every state is reachable from the start and leavable",
          "[policy][lag_breaker]") {
  std::set<BreakerState> reached{LagBreaker{}.state()};
  std::set<BreakerState> left;
  for (std::size_t round = 0; round < breaker_row_count; ++round) {
    for (const BreakerRow& row : breaker_table) {
      if (reached.count(row.from)) reached.insert(row.to);
      if (row.from != row.to) left.insert(row.from);
    }
  }
  const std::set<BreakerState> all{BreakerState::closed, BreakerState::open,
                                   BreakerState::half_open};
  REQUIRE(reached == all);
  REQUIRE(left == all);
}

TEST_CASE("lag_breaker: table: random histories take every row and admit only on good news",
          "[policy][lag_breaker]") {
  std::set<std::tuple<BreakerState, Reason, BreakerState>> taken;
  std::uint64_t dice = 20260101;
  const auto roll = [&dice](std::uint64_t sides) {
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((dice >> 33) % sides);
  };
  for (int history = 0; history < 300; ++history) {
    LagBreakerConfig config = with_bytes();
    if (history % 2 == 1) config.close_after = 0;
    LagBreaker breaker{config};
    TimePoint now;
    for (int step = 0; step < 40; ++step) {
      const bool is_quiet = roll(6) == 0;
      now = now + milliseconds(200 + 100 * roll(12) + (is_quiet ? 2500 : 0));
      const TimePoint sent = now - milliseconds(roll(200));
      const std::int64_t what = roll(10);
      if (what == 0) breaker.handle(now, ProbeFailed{sent});
      if (what == 1) breaker.on_timer(now);
      if (what >= 2) {
        breaker.handle(now, LagReading{.measured_at = sent,
                                       .lag = milliseconds(roll(4) == 0 ? 4000 : 300 * roll(5)),
                                       .lag_bytes = kibibytes(roll(9) == 0 ? 9000 : 100)});
      }
      if (const auto moved = breaker.poll()) {
        taken.insert({moved->from, moved->reason, moved->to});
        REQUIRE(moved->to == breaker.state());
      }
      // confirm is 1, so an admitting breaker has seen neither threshold passed.
      if (breaker.admits(now)) {
        REQUIRE(breaker.lag() <= seconds(3));
        REQUIRE(breaker.lag_bytes() <= mebibytes(8));
        REQUIRE(breaker.next_deadline() > now);
      }
    }
  }
  for (const BreakerRow& row : breaker_table) {
    INFO(row.sentence);
    REQUIRE(taken.count({row.from, row.reason, row.to}) == 1);
  }
}

TEST_CASE("lag_breaker: table: its printed form is the golden one", "[policy][lag_breaker]") {
  const std::string path = std::string(LONGHAUL_ROOT) + "/tests/golden/lag_breaker_table.txt";
  if (std::getenv("LONGHAUL_REWRITE") != nullptr) std::ofstream(path) << printed_table();
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  REQUIRE(printed_table() == golden);
}

}  // namespace longhaul
