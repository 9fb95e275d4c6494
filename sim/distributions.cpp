#include "sim/distributions.h"

#include <algorithm>

#include "base/check.h"
#include "sim/det_math.h"
#include "sim/rng.h"

namespace longhaul {

namespace {

constexpr double z_of_p99 = 2.3263478740408408;  // normal quantile of 0.99
constexpr Ratio whole{1'000'000};

// The middle of one of 2^52 equal parts of (0, 1): exact in a double, neither 0 nor 1.
double open_unit(std::uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52; }

bool in_range(Duration value) { return value.ns >= 0 && value <= duration_cap; }

Duration capped(double ns) {
  if (!(ns < static_cast<double>(duration_cap.ns))) return duration_cap;
  return {static_cast<std::int64_t>(ns)};
}

// `bits` select a quantile in steps of 10^-6 / 2^40; the product below stays under 2^117.
Duration sample_empirical(const DurationDistribution& distribution, std::uint64_t bits) {
  const Int128 quantile = static_cast<Int128>(bits >> 24) * whole.ppm;  // ppm * 2^40
  std::size_t right = 1;
  while (quantile >= static_cast<Int128>(distribution.point(right).quantile.ppm) << 40) ++right;
  const QuantilePoint& low = distribution.point(right - 1);
  const QuantilePoint& high = distribution.point(right);
  const Int128 above = quantile - (static_cast<Int128>(low.quantile.ppm) << 40);
  const std::int64_t span = (high.quantile.ppm - low.quantile.ppm) << 40;
  const std::int64_t rise = (high.value - low.value).ns;
  return low.value + Duration{div_floor(above * rise, span)};
}

// The part of the draw that chose the component is stretched to a draw of its own.
Duration sample_pareto_exponential(const DurationDistribution& distribution, std::uint64_t bits) {
  const double share = static_cast<double>(distribution.point(0).quantile.ppm) / 1e6;
  const double shape = static_cast<double>(distribution.point(1).quantile.ppm) / 1e6;
  const double u = open_unit(bits);
  if (u < share) {
    const auto scale = static_cast<double>(distribution.point(0).value.ns);
    return capped(scale * det_exp(-det_log(1 - u / share) / shape));
  }
  const auto mean = static_cast<double>(distribution.point(1).value.ns);
  return capped(-mean * det_log(1 - (u - share) / (1 - share)));
}

Duration mean_pareto_exponential(const DurationDistribution& distribution) {
  const double share = static_cast<double>(distribution.point(0).quantile.ppm) / 1e6;
  const double shape = static_cast<double>(distribution.point(1).quantile.ppm) / 1e6;
  const auto mean = static_cast<double>(distribution.point(1).value.ns);
  if (share > 0 && shape <= 1) return duration_cap;  // it has no mean
  const double tail =
      share > 0 ? static_cast<double>(distribution.point(0).value.ns) * shape / (shape - 1) : 0;
  return capped(share * tail + (1 - share) * mean);
}

Duration mean_empirical(const DurationDistribution& distribution) {
  Int128 twice_sum = 0;
  for (std::size_t i = 1; i < distribution.point_count(); ++i) {
    const QuantilePoint& low = distribution.point(i - 1);
    const QuantilePoint& high = distribution.point(i);
    twice_sum +=
        static_cast<Int128>(high.quantile.ppm - low.quantile.ppm) * (low.value.ns + high.value.ns);
  }
  return {div_floor(twice_sum, 2 * whole.ppm)};
}

}  // namespace

// ---- Durations ---------------------------------------------------------------------------------

DurationDistribution DurationDistribution::constant(Duration value) {
  CHECK(in_range(value));
  DurationDistribution result;
  result.points_[0].value = value;
  return result;
}

DurationDistribution DurationDistribution::uniform(Duration low, Duration high) {
  CHECK(in_range(low) && in_range(high) && low <= high);
  DurationDistribution result;
  result.kind_ = DistributionKind::uniform;
  result.count_ = 2;
  result.points_[0].value = low;
  result.points_[1].value = high;
  return result;
}

DurationDistribution DurationDistribution::exponential(Duration mean) {
  DurationDistribution result = constant(mean);
  result.kind_ = DistributionKind::exponential;
  return result;
}

DurationDistribution DurationDistribution::lognormal(Duration median, Duration p99) {
  CHECK(in_range(p99) && median.ns > 0 && median <= p99);
  DurationDistribution result = uniform(median, p99);
  result.kind_ = DistributionKind::lognormal;
  result.sigma_ = det_log(static_cast<double>(p99.ns) / static_cast<double>(median.ns)) / z_of_p99;
  return result;
}

DurationDistribution DurationDistribution::pareto_exponential(Ratio share, Duration scale,
                                                              Ratio shape, Duration mean) {
  CHECK(in_range(scale) && in_range(mean) && share.ppm >= 0 && share <= whole && shape.ppm > 0);
  DurationDistribution result;
  result.kind_ = DistributionKind::pareto_exponential;
  result.count_ = 2;
  result.points_[0] = {share, scale};
  result.points_[1] = {shape, mean};
  return result;
}

DurationDistribution DurationDistribution::empirical(const std::vector<QuantilePoint>& points) {
  CHECK(points.size() >= 2 && points.size() <= points_max);
  CHECK(points.front().quantile == Ratio{0} && points.back().quantile == whole);
  DurationDistribution result;
  result.kind_ = DistributionKind::empirical;
  result.count_ = static_cast<std::uint8_t>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(in_range(points[i].value));
    CHECK(i == 0 ||
          (points[i - 1].quantile < points[i].quantile && points[i - 1].value <= points[i].value));
    result.points_[i] = points[i];
  }
  return result;
}

Duration sample(const DurationDistribution& distribution, std::uint64_t bits) {
  const Duration first = distribution.point(0).value;
  const auto scale = static_cast<double>(first.ns);
  switch (distribution.kind()) {
    case DistributionKind::constant:
      return first;
    case DistributionKind::uniform: {
      const Duration span = distribution.point(1).value - first;
      return {first.ns +
              static_cast<std::int64_t>(below(bits, static_cast<std::uint64_t>(span.ns) + 1))};
    }
    case DistributionKind::exponential:
      return capped(-scale * det_log(1 - open_unit(bits)));
    case DistributionKind::lognormal:
      return capped(scale * det_exp(distribution.sigma() * det_normal_quantile(open_unit(bits))));
    case DistributionKind::empirical:
      return sample_empirical(distribution, bits);
    case DistributionKind::pareto_exponential:
      return sample_pareto_exponential(distribution, bits);
  }
  CHECK(false);
}

std::uint64_t trials_before(Ratio probability, std::uint64_t bits) {
  CHECK(probability.ppm > 0 && probability < whole);
  const double failure = static_cast<double>(whole.ppm - probability.ppm) / 1e6;
  const double trials = det_log(1 - open_unit(bits)) / det_log(failure);
  return trials < 0x1p32 ? static_cast<std::uint64_t>(trials) : std::uint64_t{1} << 32;
}

Duration mean(const DurationDistribution& distribution) {
  const Duration first = distribution.point(0).value;
  switch (distribution.kind()) {
    case DistributionKind::constant:
    case DistributionKind::exponential:
      return first;
    case DistributionKind::uniform:
      return {(first.ns + distribution.point(1).value.ns) / 2};
    case DistributionKind::lognormal: {
      const double sigma = distribution.sigma();
      return capped(static_cast<double>(first.ns) * det_exp(sigma * sigma / 2));
    }
    case DistributionKind::empirical:
      return mean_empirical(distribution);
    case DistributionKind::pareto_exponential:
      return mean_pareto_exponential(distribution);
  }
  CHECK(false);
}

// ---- Rows --------------------------------------------------------------------------------------

RowPicker::RowPicker(std::uint64_t rows, RowSkew skew) : rows_(rows), skew_(skew) {
  CHECK(rows > 0);
  if (skew.kind == RowSkew::Kind::uniform) return;
  CHECK(skew.theta.ppm >= 0 && skew.theta.ppm < 2'000'000);
  const double theta = static_cast<double>(skew.theta.ppm) / 1e6;
  exponent_ = static_cast<double>(1'000'000 - skew.theta.ppm) / 1e6;
  for (std::size_t i = 0; i < exact_ranks; ++i) {
    if (i < rows) total_ += det_pow(static_cast<double>(i + 1), -theta);
    cumulative_[i] = total_;
  }
  constexpr double tail_start = exact_ranks + 0.5;
  tail_from_ = exponent_ == 0 ? det_log(tail_start) : det_pow(tail_start, exponent_);
  if (rows <= exact_ranks) return;
  const double end = static_cast<double>(rows) + 0.5;
  total_ += exponent_ == 0 ? det_log(end) - tail_from_
                           : (det_pow(end, exponent_) - tail_from_) / exponent_;
}

// In the tail, total - cumulative is the integral of x^-theta from 16.5 to x, solved for x.
std::uint64_t RowPicker::pick(std::uint64_t bits) const {
  if (skew_.kind == RowSkew::Kind::uniform) return below(bits, rows_);
  const double weight = open_unit(bits) * total_;
  for (std::size_t i = 0; i < exact_ranks; ++i) {
    if (weight < cumulative_[i]) return i;
  }
  if (rows_ <= exact_ranks) return rows_ - 1;
  const double integral = weight - cumulative_.back();
  const double x = exponent_ == 0 ? det_exp(tail_from_ + integral)
                                  : det_pow(tail_from_ + exponent_ * integral, 1 / exponent_);
  const auto rank = static_cast<std::uint64_t>(x + 0.5);  // ranks count from 1
  return std::clamp<std::uint64_t>(rank, exact_ranks + 1, rows_) - 1;
}

}  // namespace longhaul
