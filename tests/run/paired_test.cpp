#include "run/paired.h"

#include <vector>

#include "tests/catch.h"

namespace longhaul {
namespace {

using Values = std::vector<std::int64_t>;

TEST_CASE("run paired the interval is Student's t over the differences", "[run][paired]") {
  // Differences 1, 2, 3, 4, 5: mean 3, s^2 = 2.5, s / sqrt(5) = 0.7071, t(4) = 2.776, so 1.963.
  const Values a{10, 10, 10, 10, 10};
  const Values b{11, 12, 13, 14, 15};
  const PairedDifference difference = paired_difference(a, b);
  REQUIRE(difference.pairs == 5);
  REQUIRE(difference.mean_milli == 3'000);
  REQUIRE(difference.half_width_milli >= 1'962);
  REQUIRE(difference.half_width_milli <= 1'964);
}

TEST_CASE("run paired what seeds have in common does not widen the interval", "[run][paired]") {
  // Each seed by itself moves by thousands, the design adds 5 or 6.
  const Values a{1'000, 9'000, 4'000, 2'000};
  const Values b{1'005, 9'006, 4'005, 2'006};
  // s = 0.577, s / 2 = 0.2887, t(3) = 3.182.
  const PairedDifference difference = paired_difference(a, b);
  REQUIRE(difference.mean_milli == 5'500);
  REQUIRE(difference.half_width_milli >= 917);
  REQUIRE(difference.half_width_milli <= 920);
}

TEST_CASE("run paired says no better below twenty pairs", "[run][paired]") {
  const auto verdict_at = [](std::size_t pairs) {
    return verdict_of(paired_difference(Values(pairs, 100), Values(pairs, 50)));
  };
  REQUIRE(verdict_at(19) == PairedVerdict::too_few);
  REQUIRE(verdict_at(20) == PairedVerdict::lower);
}

TEST_CASE("run paired equal pairs are equal however few", "[run][paired]") {
  REQUIRE(verdict_of(paired_difference(Values{7, 8}, Values{7, 8})) == PairedVerdict::equal);
  REQUIRE(verdict_of(paired_difference({}, {})) == PairedVerdict::too_few);
}

TEST_CASE("run paired a difference within luck is none", "[run][paired]") {
  // +1 and -1 in turn: mean 0.
  Values a(20, 100);
  Values b(20, 100);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] += i % 2 == 0 ? 1 : -1;
  REQUIRE(verdict_of(paired_difference(a, b)) == PairedVerdict::no_difference);
}

TEST_CASE("run paired figures of days in nanoseconds do not overflow", "[run][paired]") {
  constexpr std::int64_t month = 30LL * 86'400 * 1'000'000'000;
  Values a(20, 0);
  Values b(20, month);
  b[0] = month + 20;
  const PairedDifference difference = paired_difference(a, b);
  REQUIRE(difference.mean_milli == (month + 1) * 1'000);
  // s^2 = (19^2 + 19) / 19 = 20, sqrt(20 / 20) = 1, t(19) = 2.093.
  REQUIRE(difference.half_width_milli >= 2'092);
  REQUIRE(difference.half_width_milli <= 2'095);
  Values wide(20, -month);
  wide[3] = month;
  REQUIRE(paired_difference(a, wide).half_width_milli > month / 20 * 1'000);
}

}  // namespace
}  // namespace longhaul
