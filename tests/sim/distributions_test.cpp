#include "sim/distributions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

static_assert(std::is_trivially_copyable_v<DurationDistribution>);
static_assert(std::is_trivially_copyable_v<RowPicker>);

constexpr std::size_t draws = 20'000;

// Samples at the middles of equal parts of [0, 1): the q-quantile is the one at q * draws.
std::vector<std::int64_t> spread(const DurationDistribution& distribution) {
  std::vector<std::int64_t> values;
  const std::uint64_t step = ~std::uint64_t{0} / draws;
  for (std::size_t i = 0; i < draws; ++i) {
    values.push_back(sample(distribution, step * i + step / 2).ns);
  }
  return values;
}

double average(const std::vector<std::int64_t>& values) {
  double sum = 0;
  for (const std::int64_t value : values) sum += static_cast<double>(value);
  return sum / static_cast<double>(values.size());
}

std::vector<double> shares(const RowPicker& picker, std::size_t rows) {
  std::vector<double> counts(rows, 0);
  constexpr std::size_t picks = 200'000;
  const std::uint64_t step = ~std::uint64_t{0} / picks;
  for (std::size_t i = 0; i < picks; ++i) counts.at(picker.pick(step * i + step / 2)) += 1;
  for (double& count : counts) count /= static_cast<double>(picks);
  return counts;
}

}  // namespace

TEST_CASE("distributions: constant: every draw is the value", "[sim][distributions]") {
  const auto distribution = DurationDistribution::constant(milliseconds(5));
  REQUIRE(sample(distribution, 0) == milliseconds(5));
  REQUIRE(sample(distribution, ~0ULL) == milliseconds(5));
  REQUIRE(mean(distribution) == milliseconds(5));
  REQUIRE(sample(DurationDistribution{}, 77) == Duration{0});
}

TEST_CASE("distributions: uniform: reaches both ends", "[sim][distributions]") {
  const auto distribution = DurationDistribution::uniform({10}, {13});
  // Four values share the 2^64 draws, so each has a quarter.
  REQUIRE(sample(distribution, 0) == Duration{10});
  REQUIRE(sample(distribution, 1ULL << 62) == Duration{11});
  REQUIRE(sample(distribution, ~0ULL) == Duration{13});
  REQUIRE(mean(distribution) == Duration{11});  // 11.5, rounded down
}

TEST_CASE("distributions: exponential: quantiles follow -mean ln(1 - q)", "[sim][distributions]") {
  const auto values = spread(DurationDistribution::exponential(milliseconds(5)));
  REQUIRE(std::is_sorted(values.begin(), values.end()));
  // Median 5 ms ln 2 = 3.4657 ms; p99 5 ms ln 100 = 23.0259 ms; half a step of 1/20000 at p99 is
  // 0.25 % of a mean.
  REQUIRE(static_cast<double>(values[draws / 2]) == Approx(3.4657e6).epsilon(0.001));
  REQUIRE(static_cast<double>(values[draws * 99 / 100]) == Approx(23.0259e6).epsilon(0.001));
  REQUIRE(average(values) == Approx(5e6).epsilon(0.001));
  REQUIRE(mean(DurationDistribution::exponential(milliseconds(5))) == milliseconds(5));
}

TEST_CASE("distributions: lognormal: passes through its median and its p99",
          "[sim][distributions]") {
  const auto distribution = DurationDistribution::lognormal(milliseconds(5), milliseconds(20));
  const auto values = spread(distribution);
  REQUIRE(std::is_sorted(values.begin(), values.end()));
  REQUIRE(static_cast<double>(values[draws / 2]) == Approx(5e6).epsilon(0.001));
  REQUIRE(static_cast<double>(values[draws * 99 / 100]) == Approx(20e6).epsilon(0.002));
  // sigma = ln 4 / 2.32635 = 0.59591, mean = 5 ms exp(sigma^2 / 2) = 5 ms * 1.19428 = 5.9714 ms.
  REQUIRE(static_cast<double>(mean(distribution).ns) == Approx(5.9714e6).epsilon(0.0001));
  REQUIRE(average(values) == Approx(5.9714e6).epsilon(0.001));
  // No spread at all is allowed and is a constant up to the last bit of a double.
  const auto flat = DurationDistribution::lognormal(milliseconds(5), milliseconds(5));
  REQUIRE(sample(flat, 123) == milliseconds(5));
}

TEST_CASE("distributions: pareto: quantiles follow scale (1 - q)^(-1 / shape)",
          "[sim][distributions]") {
  const auto distribution =
      DurationDistribution::pareto_exponential({1'000'000}, milliseconds(2), {2'500'000}, {});
  const auto values = spread(distribution);
  REQUIRE(std::is_sorted(values.begin(), values.end()));
  // Median 2 ms x 2^0.4 = 2.6390 ms, p99 2 ms x 100^0.4 = 12.6191 ms, mean 2 ms x 2.5 / 1.5.
  REQUIRE(values.front() >= milliseconds(2).ns);
  REQUIRE(static_cast<double>(values[draws / 2]) == Approx(2.6390e6).epsilon(0.001));
  REQUIRE(static_cast<double>(values[draws * 99 / 100]) == Approx(12.6191e6).epsilon(0.01));
  REQUIRE(static_cast<double>(mean(distribution).ns) == Approx(3.3333e6).epsilon(0.001));
  // A shape of one or less has no mean.
  const auto heavy =
      DurationDistribution::pareto_exponential({1'000'000}, milliseconds(2), {1'000'000}, {});
  REQUIRE(mean(heavy) == duration_cap);
}

TEST_CASE("distributions: pareto_exponential: each part has its share and its shape",
          "[sim][distributions]") {
  // 90 % Pareto(1 ms, 10), 10 % exponential(5 ms); mean 0.9 x 10/9 + 0.1 x 5 = 1.5 ms.
  const auto distribution = DurationDistribution::pareto_exponential({900'000}, milliseconds(1),
                                                                     {10'000'000}, milliseconds(5));
  const auto values = spread(distribution);
  REQUIRE(average(values) == Approx(1.5e6).epsilon(0.01));
  REQUIRE(static_cast<double>(mean(distribution).ns) == Approx(1.5e6).epsilon(0.001));
  // Below the scale lies only what is exponential: 0.1 x (1 - e^(-1/5)) = 1.813 %.
  const auto below_scale = std::count_if(values.begin(), values.end(),
                                         [](auto value) { return value < milliseconds(1).ns; });
  REQUIRE(static_cast<double>(below_scale) / draws == Approx(0.01813).epsilon(0.01));
}

TEST_CASE("distributions: empirical: is linear between its points", "[sim][distributions]") {
  const auto distribution = DurationDistribution::empirical(
      {{{0}, {1'000}}, {{500'000}, {2'000}}, {{990'000}, {10'000}}, {{1'000'000}, {50'000}}});
  REQUIRE(sample(distribution, 0) == Duration{1'000});
  REQUIRE(sample(distribution, 1ULL << 62) == Duration{1'500});  // p25, half way to p50
  REQUIRE(sample(distribution, 1ULL << 63) == Duration{2'000});  // p50
  // p75 is 25 / 49 of the way from p50 to p99: 2000 + 8000 * 25 / 49 = 6081.6.
  REQUIRE(sample(distribution, 3ULL << 62) == Duration{6'081});
  REQUIRE(sample(distribution, ~0ULL) == Duration{49'999});  // just short of p100
  // 0.5 * 1500 + 0.49 * 6000 + 0.01 * 30000 = 3990.
  REQUIRE(mean(distribution) == Duration{3'990});
}

TEST_CASE("distributions: samples are never negative and never beyond the cap",
          "[sim][distributions]") {
  const auto wide = DurationDistribution::lognormal(seconds(1), duration_cap);
  const auto slow = DurationDistribution::exponential(duration_cap);
  const auto quick = DurationDistribution::exponential({1});
  REQUIRE(sample(wide, ~0ULL) == duration_cap);
  REQUIRE(sample(slow, ~0ULL) == duration_cap);
  REQUIRE(mean(wide) == duration_cap);
  REQUIRE(sample(wide, 0) >= Duration{0});
  REQUIRE(sample(quick, 0) == Duration{0});
  // The largest exponential draw is -ln(2^-53) = 36.7 means.
  REQUIRE(sample(DurationDistribution::exponential({100}), ~0ULL) == Duration{3'673});
}

TEST_CASE("distributions: parameters that make no sense are mistakes", "[sim][distributions]") {
  using D = DurationDistribution;
  REQUIRE_THROWS_AS(D::constant({-1}), std::logic_error);
  REQUIRE_THROWS_AS(D::constant(duration_cap + Duration{1}), std::logic_error);
  REQUIRE_THROWS_AS(D::uniform({2}, {1}), std::logic_error);
  REQUIRE_THROWS_AS(D::lognormal({0}, {1}), std::logic_error);
  REQUIRE_THROWS_AS(D::lognormal({2}, {1}), std::logic_error);
  REQUIRE_THROWS_AS(D::empirical({{{0}, {1}}}), std::logic_error);
  REQUIRE_THROWS_AS(D::empirical({{{1}, {1}}, {{1'000'000}, {2}}}), std::logic_error);
  REQUIRE_THROWS_AS(D::empirical({{{0}, {2}}, {{1'000'000}, {1}}}), std::logic_error);
}

TEST_CASE("distributions: rows: uniform gives every row the same share", "[sim][distributions]") {
  for (const double share : shares(RowPicker(10, {}), 10)) REQUIRE(share == Approx(0.1));
  REQUIRE(RowPicker().pick(~0ULL) == 0);
}

TEST_CASE("distributions: rows: zipf follows k to the minus theta", "[sim][distributions]") {
  constexpr std::size_t rows = 1'000;
  for (const std::int64_t theta_ppm : {0, 500'000, 990'000, 1'000'000, 1'010'000, 1'500'000}) {
    const double theta = static_cast<double>(theta_ppm) / 1e6;
    double total = 0;
    for (std::size_t k = 1; k <= rows; ++k) total += std::pow(k, -theta);
    const auto share = shares(RowPicker(rows, {RowSkew::Kind::zipf, {theta_ppm}}), rows);
    double cumulative = 0;
    double expected = 0;
    for (std::size_t k = 1; k <= rows; ++k) {
      // A step of the draws is 1 / 200000; the midpoint rule and the steps stay within 0.0002.
      cumulative += share[k - 1];
      expected += std::pow(k, -theta) / total;
      REQUIRE(std::fabs(cumulative - expected) < 0.0002);
    }
  }
}

TEST_CASE("distributions: rows: zipf stays in range for one row and for a billion",
          "[sim][distributions]") {
  for (const std::uint64_t rows : {1ULL, 2ULL, 15ULL, 16ULL, 17ULL, 18ULL, 1'000'000'000ULL}) {
    for (const std::int64_t theta_ppm : {0, 1, 999'999, 1'000'000, 1'000'001, 1'999'999}) {
      const RowPicker picker(rows, {RowSkew::Kind::zipf, {theta_ppm}});
      REQUIRE(picker.pick(0) == 0);
      // With a steep skew the last draw out of 2^52 need not reach the last of a billion rows.
      REQUIRE(picker.pick(~0ULL) < rows);
      if (rows <= 18) REQUIRE(picker.pick(~0ULL) == rows - 1);
      std::uint64_t last = 0;
      for (std::uint64_t i = 0; i < 1'000; ++i) {
        const std::uint64_t row = picker.pick(i * (~0ULL / 1'000));
        REQUIRE(row >= last);
        last = row;
      }
    }
  }
  REQUIRE_THROWS_AS(RowPicker(0, {}), std::logic_error);
  REQUIRE_THROWS_AS(RowPicker(5, {RowSkew::Kind::zipf, {2'000'000}}), std::logic_error);
}

TEST_CASE("distributions: the same bits with every compiler", "[sim][distributions]") {
  // Recorded once; another compiler, level or machine has to give these very samples.
  Digest digest;
  RandomStream random{stream(1, "samples")};
  const auto lognormal = DurationDistribution::lognormal(milliseconds(5), milliseconds(20));
  const auto exponential = DurationDistribution::exponential(seconds(1));
  const RowPicker picker(1'000'000, {RowSkew::Kind::zipf, {990'000}});
  for (int i = 0; i < 10'000; ++i) {
    digest.add(static_cast<std::uint64_t>(sample(lognormal, random.bits()).ns));
    digest.add(static_cast<std::uint64_t>(sample(exponential, random.bits()).ns));
    digest.add(picker.pick(random.bits()));
  }
  REQUIRE(digest.value() == 0xa13a55fec909cf6bULL);
}

}  // namespace longhaul
