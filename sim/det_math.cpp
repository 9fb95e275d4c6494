#include "sim/det_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace longhaul {

namespace {

// ln 2 in two parts; the product of the first with an exponent is exact (its last 32 bits are 0).
constexpr double ln2_high = 6.93147180369123816490e-01;
constexpr double ln2_low = 1.90821492927058770002e-10;
constexpr double ln2_inverse = 1.44269504088896338700;

// c[First] + c[First + Stride] x + c[First + 2 Stride] x^2 + ..., even and odd powers apart, so
// that the processor has several short chains of operations instead of one long one.
template <std::size_t First = 0, std::size_t Stride = 1, std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  if constexpr (First + Stride >= N) {
    return c[First];
  } else if constexpr (First + 2 * Stride >= N) {
    return c[First] + c[First + Stride] * x;
  } else {
    const double square = x * x;
    return polynomial<First, 2 * Stride>(c, square) +
           x * polynomial<First + Stride, 2 * Stride>(c, square);
  }
}

}  // namespace

// x = 2^k m with m in [sqrt(1/2), sqrt(2)). With f = m - 1 and s = f / (2 + f), ln m = 2 artanh(s),
// and 2 artanh(s) = 2 s + s r(s^2) = f - s (f - r(s^2)), which keeps the exact f in front.
double det_log(double x) {
  CHECK(x >= 0x1p-1022 && x <= 0x1.fffffffffffffp1023);
  const auto bits = std::bit_cast<std::uint64_t>(x);
  constexpr std::uint64_t sqrt_half_bits = 0x3fe6a09e667f3bcdULL;
  constexpr std::uint64_t exponent_mask = 0xfff0000000000000ULL;
  const std::uint64_t exponent = (bits - sqrt_half_bits) & exponent_mask;
  const double m = std::bit_cast<double>(bits - exponent);
  const auto k = static_cast<double>(static_cast<std::int64_t>(exponent) >> 52);
  const double f = m - 1;
  const double s = f / (2 + f);
  const double z = s * s;
  static constexpr std::array<double, 10> r = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                               2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
  const double tail = z * polynomial(r, z);
  // f - s (f - tail) = f - (f^2/2 - s (f^2/2 + tail)): the correction is small and exact in front.
  const double half = 0.5 * f * f;
  return k * ln2_high - ((half - (s * (half + tail) + k * ln2_low)) - f);
}

// x = k ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor series, then scaled by 2^k.
double det_exp(double x) {
  if (x < -700) return 0;
  if (x > 700) x = 700;
  const double scaled = x * ln2_inverse;
  const auto k = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const auto whole = static_cast<double>(k);
  const double r = (x - whole * ln2_high) - whole * ln2_low;
  static constexpr std::array<double, 14> taylor = {1.0,
                                                    1.0,
                                                    1.0 / 2,
                                                    1.0 / 6,
                                                    1.0 / 24,
                                                    1.0 / 120,
                                                    1.0 / 720,
                                                    1.0 / 5040,
                                                    1.0 / 40320,
                                                    1.0 / 362880,
                                                    1.0 / 3628800,
                                                    1.0 / 39916800,
                                                    1.0 / 479001600,
                                                    1.0 / 6227020800.0};
  const double power = polynomial(taylor, r);
  return power * std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

double det_pow(double x, double y) { return det_exp(y * det_log(x)); }

double det_normal_quantile(double p) {
  CHECK(p > 0 && p < 1);
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    static constexpr std::array<double, 8> a = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                                1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                                4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                                3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static constexpr std::array<double, 8> b = {1.0,
                                                4.2313330701600911252e+1,
                                                6.8718700749205790830e+2,
                                                5.3941960214247511077e+3,
                                                2.1213794301586595867e+4,
                                                3.9307895800092710610e+4,
                                                2.8729085735721942674e+4,
                                                5.2264952788528545610e+3};
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  const double tail = q < 0 ? p : 1 - p;
  const double r = std::sqrt(-det_log(tail));
  double z = 0;
  if (r <= 5) {
    static constexpr std::array<double, 8> c = {
        1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
        3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr std::array<double, 8> d = {1.0,
                                                2.05319162663775882187e0,
                                                1.67638483018380384940e0,
                                                6.89767334985100004550e-1,
                                                1.48103976427480074590e-1,
                                                1.51986665636164571966e-2,
                                                5.47593808499534494600e-4,
                                                1.05075007164441684324e-9};
    z = polynomial(c, r - 1.6) / polynomial(d, r - 1.6);
  } else {
    static constexpr std::array<double, 8> e = {
        6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr std::array<double, 8> f = {1.0,
                                                5.99832206555887937690e-1,
                                                1.36929880922735805310e-1,
                                                1.48753612908506148525e-2,
                                                7.86869131145613259100e-4,
                                                1.84631831751005468180e-5,
                                                1.42151175831644588870e-7,
                                                2.04426310338993978564e-15};
    z = polynomial(e, r - 5) / polynomial(f, r - 5);
  }
  return q < 0 ? -z : z;
}

}  // namespace longhaul
