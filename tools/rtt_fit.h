// An estimate of the round trip between two regions that nobody measured.
//
// Kriging (Gaussian-process regression) of the logarithm of the round trip over pairs of places:
//
//   log rtt(a, b) = log(2 ms + 1.5 light(a, b)) + r(a, b),   light = round trip of light in fibre
//
// What the first term misses, r, is alike for pairs whose ends are alike: cables that serve
// Marseille and Mumbai serve Milan and Chennai too. Two ends are alike by their distance through
// the Earth and by whose network they are on:
//
//   near(i, j)    = exp(-chord(i, j) / Earth's radius) * (same provider ? 1 : 0.85)
//   cov(ab, cd)   = 0.3^2 [near(a,c) near(b,d) + near(a,d) near(b,c)]      the path
//                 + 0.3^2 [near(a,c) + near(b,d) + near(a,d) + near(b,c)]  the ends
//                 + 0.5^2 [1 + log' log' + km' km']                        a trend over distance
//   noise(ab)     = 0.05^2 + (1 ms / (2 ms + 1.5 light))^2
//
// The few constants were chosen once by the held-out error, which moves little when any of them is
// halved or doubled. The estimate is never below light in fibre.
//
// One factorisation also gives the exact error on pairs held out: with K the covariance of all
// pairs and K^-1 its inverse, the residuals of a group g predicted from all others are
// (K^-1)_gg^-1 (K^-1 y)_g. So each group is held out in turn without fitting again.
//
// Sources: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2.2, 2.7 and 5.4.2;
// for the held-out groups Ginsbourger and Schaerer, Fast calculation of Gaussian process
// multiple-fold cross-validation residuals (2021).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "run/catalogue.h"

namespace longhaul {

// What is hidden from the fit before the pairs in it are predicted.
enum class HoldOut : std::uint8_t {
  region_pair,    // that pair; the same two metros may be known from other providers
  metro_pair,     // all pairs between two metros, of any provider: a route nobody measured
  neighbourhood,  // a metro pair and all pairs whose ends lie within 500 km of its ends
  region,         // every pair of a region; others of its metro stay
  metro,          // every pair of a metro: a place nobody measured
  provider_pair,  // every pair between two providers
};

std::string_view hold_out_text(HoldOut kind);

// Absolute relative errors, in ten-thousandths, of the fit and of a straight line over distance
// (least squares, fitted without the same pairs).
struct HoldOutError {
  std::size_t predictions = 0;
  int median_bp = 0;
  int p90_bp = 0;
  int line_median_bp = 0;
  int line_p90_bp = 0;
};

// A measured pair as predicted by a fit that has not seen it.
struct HeldOutPair {
  std::size_t a = 0;  // positions of regions
  std::size_t b = 0;
  std::int64_t measured_us = 0;
  std::int64_t fitted_us = 0;
  std::int64_t line_us = 0;
};

class RttFit {
 public:
  // Fits to every measured pair; the catalogue outlives the fit. Takes about two seconds.
  explicit RttFit(const Catalogue& catalogue);
  ~RttFit();
  RttFit(const RttFit&) = delete;
  RttFit& operator=(const RttFit&) = delete;

  std::size_t measured_pairs() const;
  std::int64_t estimate_us(std::size_t a, std::size_t b) const;  // positions of regions
  std::vector<HeldOutPair> predict_held_out(HoldOut kind) const;
  HoldOutError hold_out(HoldOut kind) const;

 private:
  struct Model;
  std::unique_ptr<Model> model_;  // Eigen stays out of this header
};

// The file data/rtt_estimated.csv: a lower triangle with an empty cell for each measured pair.
std::string estimates_csv(const Catalogue& catalogue, const RttFit& fit);

}  // namespace longhaul
