#include "sim/det_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

double relative_error(double value, double expected) {
  return std::fabs(value - expected) / std::fabs(expected);
}

// A positive number of any magnitude from 2^-1000 to 2^1000.
double any_positive(std::uint64_t bits) {
  const std::uint64_t exponent = 23 + bits % 2'000;
  return std::bit_cast<double>(exponent << 52 | bits >> 12);
}

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

}  // namespace

TEST_CASE("det_math: log: within 1e-15 of libm over all magnitudes", "[sim][det_math]") {
  RandomStream random{stream(1, "log")};
  for (int i = 0; i < 20'000; ++i) {
    const double x = any_positive(random.bits());
    REQUIRE(relative_error(det_log(x), std::log(x)) < 1e-15);
  }
}

TEST_CASE("det_math: log: keeps its relative accuracy beside one", "[sim][det_math]") {
  REQUIRE(det_log(1.0) == 0.0);
  for (double d = 1e-15; d < 0.4; d *= 1.7) {
    REQUIRE(relative_error(det_log(1 + d), std::log(1 + d)) < 1e-15);
    REQUIRE(relative_error(det_log(1 - d), std::log(1 - d)) < 1e-15);
  }
}

TEST_CASE("det_math: log: only positive numbers have one", "[sim][det_math]") {
  REQUIRE_THROWS_AS(det_log(0.0), std::logic_error);
  REQUIRE_THROWS_AS(det_log(-1.0), std::logic_error);
  REQUIRE_THROWS_AS(det_log(HUGE_VAL), std::logic_error);
  REQUIRE_THROWS_AS(det_log(std::nan("")), std::logic_error);
}

TEST_CASE("det_math: exp: within 1e-15 of libm, flat outside its range", "[sim][det_math]") {
  RandomStream random{stream(1, "exp")};
  for (int i = 0; i < 20'000; ++i) {
    const double x = (static_cast<double>(random.bits() >> 11) * 0x1p-53 - 0.5) * 1'400;
    REQUIRE(relative_error(det_exp(x), std::exp(x)) < 1e-15);
  }
  REQUIRE(det_exp(0) == 1);
  REQUIRE(det_exp(-701) == 0);
  REQUIRE(det_exp(1e300) == det_exp(700));
}

TEST_CASE("det_math: pow: agrees with libm", "[sim][det_math]") {
  for (double x = 0.5; x < 2e9; x *= 3.3) {
    for (double y = -1.99; y < 2; y += 0.37) {
      REQUIRE(relative_error(det_pow(x, y), std::pow(x, y)) < 1e-13);
    }
  }
}

TEST_CASE("det_math: normal quantile: inverts the distribution function of libm",
          "[sim][det_math]") {
  // Phi(z) = erfc(-z / sqrt 2) / 2, and an error dz of z shows as phi(z) dz in p.
  for (int i = 1; i < 4'000; ++i) {
    const double p = i < 2'000 ? i / 4'000.0 : std::pow(10.0, -(i - 1'999) / 135.0);
    const double z = det_normal_quantile(p);
    const double back = 0.5 * std::erfc(-z / std::sqrt(2.0));
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * 3.141592653589793);
    REQUIRE(std::fabs(back - p) / density < 1e-12 * std::fmax(1.0, std::fabs(z)));
  }
}

TEST_CASE("det_math: normal quantile: is odd about the median", "[sim][det_math]") {
  REQUIRE(det_normal_quantile(0.5) == 0);
  // The classical table: 97.5 % lies below 1.959963984540054, 99 % below 2.3263478740408408.
  REQUIRE(relative_error(det_normal_quantile(0.975), 1.959963984540054) < 1e-15);
  REQUIRE(relative_error(det_normal_quantile(0.99), 2.3263478740408408) < 1e-15);
  REQUIRE(det_normal_quantile(0.25) == -det_normal_quantile(0.75));
  REQUIRE_THROWS_AS(det_normal_quantile(0.0), std::logic_error);
  REQUIRE_THROWS_AS(det_normal_quantile(1.0), std::logic_error);
}

TEST_CASE("det_math: the same bits with every compiler", "[sim][det_math]") {
  // Recorded once; another compiler, level or machine has to give these very bits.
  Digest digest;
  RandomStream random{stream(1, "bits")};
  for (int i = 0; i < 10'000; ++i) {
    const double unit = (static_cast<double>(random.bits() >> 12) + 0.5) * 0x1p-52;
    digest.add(bits_of(det_log(any_positive(random.bits()))));
    digest.add(bits_of(det_exp((unit - 0.5) * 100)));
    digest.add(bits_of(det_normal_quantile(unit)));
  }
  REQUIRE(digest.value() == 0x5d84ecc3896ec95fULL);
}

}  // namespace longhaul
