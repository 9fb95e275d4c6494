// Random durations and random rows, each by inverse transform from one draw of 64 bits.
//
// One draw a sample keeps luck comparable: changing a distribution changes what a draw means and no
// other draw. Doubles stay inside; what comes out is whole nanoseconds, rounded down, never
// negative and at most `duration_cap`. Parameters lie between 0 and the cap.
//
//   constant      d
//   uniform       low + below(u, high - low + 1)
//   exponential   -mean * ln(1 - u)
//   lognormal     median * exp(sigma * z(u)), sigma = ln(p99 / median) / z(0.99)
//   pareto        scale * (1 - u)^(-1 / shape): heavy tails, never below its scale
//   pareto_exponential  a share of draws from the one, the rest from an exponential; measured ways
//                 of replicas have this form (Bailis et al. 2012, "Probabilistically bounded
//                 staleness": 91.22 % pareto(0.235ms, 10), the rest exponential)
//   empirical     linear between points (quantile, value) from p0 to p100
//   zipf          P(rank k) proportional to k^-theta, rank 1 being the hottest row
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

// 30 days: longer than anything a scenario waits for, and exact in a double.
inline constexpr Duration duration_cap{30LL * 86'400 * 1'000'000'000};

enum class DistributionKind : std::uint8_t {
  constant,
  uniform,
  exponential,
  lognormal,
  empirical,
  pareto_exponential,
};

// One point of an empirical distribution. `quantile` 500'000 ppm is the median.
struct QuantilePoint {
  Ratio quantile;
  Duration value;
  friend constexpr bool operator==(const QuantilePoint&, const QuantilePoint&) = default;
};

class DurationDistribution {
 public:
  static constexpr std::size_t points_max = 8;

  DurationDistribution() = default;  // constant 0

  static DurationDistribution constant(Duration value);
  static DurationDistribution uniform(Duration low, Duration high);
  static DurationDistribution exponential(Duration mean);
  static DurationDistribution lognormal(Duration median, Duration p99);
  // A share of draws is Pareto with `scale` and `shape` (1 being 1'000'000 ppm), the rest is
  // exponential. With a share of 100 % it is a Pareto distribution.
  static DurationDistribution pareto_exponential(Ratio share, Duration scale, Ratio shape,
                                                 Duration mean);
  // From p0 to p100, quantiles rising, values not falling.
  static DurationDistribution empirical(const std::vector<QuantilePoint>& points);

  DistributionKind kind() const { return kind_; }
  std::size_t point_count() const { return count_; }
  // Parameters in the order of the factory's arguments; an empirical one has all its points.
  const QuantilePoint& point(std::size_t index) const { return points_[index]; }
  double sigma() const { return sigma_; }  // lognormal

  friend bool operator==(const DurationDistribution&, const DurationDistribution&) = default;

 private:
  DistributionKind kind_ = DistributionKind::constant;
  std::uint8_t count_ = 1;
  double sigma_ = 0;
  std::array<QuantilePoint, points_max> points_{};
};

Duration sample(const DurationDistribution& distribution, std::uint64_t bits);

// How many trials fail before the first that succeeds with that probability, above 0 and below 1:
// floor(ln(1 - u) / ln(1 - p)), at most 2^32.
std::uint64_t trials_before(Ratio probability, std::uint64_t bits);

// The expectation without the cap, rounded down; at most `duration_cap`.
Duration mean(const DurationDistribution& distribution);

// "5ms", "uniform(1ms, 3ms)", "exponential(5ms)", "lognormal(median 5ms, p99 20ms)",
// "pareto(scale 2ms, shape 10)", "pareto_exponential(share 0.9, scale 2ms, shape 10, mean 5ms)",
// "empirical(p0 1ms, p50 2ms, p99.9 10ms, p100 50ms)"
template <>
const TextType& text_type<DurationDistribution>();

// How unevenly the rows of a set are used: "uniform" or "zipf(0.99)".
struct RowSkew {
  enum class Kind : std::uint8_t { uniform, zipf };
  Kind kind = Kind::uniform;
  Ratio theta;  // zipf: 0 <= theta < 2

  friend constexpr bool operator==(const RowSkew&, const RowSkew&) = default;
};

template <>
const TextType& text_type<RowSkew>();

// Draws rows of one set. Row 0 is the hottest. The first `exact_ranks` ranks have their exact
// share; from there on the sum of k^-theta is replaced by its integral with the midpoint rule,
// whose inverse is a closed form. The share of a later rank k is off by theta (theta + 1) / (24
// k^2), below 0.1 %. Built once, trivially copyable.
class RowPicker {
 public:
  static constexpr std::size_t exact_ranks = 16;

  RowPicker() = default;  // one row
  RowPicker(std::uint64_t rows, RowSkew skew);

  std::uint64_t pick(std::uint64_t bits) const;
  std::uint64_t rows() const { return rows_; }

 private:
  std::uint64_t rows_ = 1;
  RowSkew skew_;
  double total_ = 0;      // sum of all weights
  double exponent_ = 0;   // 1 - theta
  double tail_from_ = 0;  // where the integral starts, to the power of the exponent; or its log
  std::array<double, exact_ranks> cumulative_{};
};

}  // namespace longhaul
