#include "tools/rtt_fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include "base/check.h"

namespace longhaul {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double start_us = 2'000;
constexpr double detour = 1.5;
constexpr double other_provider = 0.85;
constexpr double path_variance = 0.3 * 0.3;
constexpr double ends_variance = 0.3 * 0.3;
constexpr double trend_variance = 0.5 * 0.5;
constexpr double noise_share = 0.05;
constexpr double noise_us = 1'000;
constexpr std::int64_t neighbourhood_metres = 500'000;

struct Measured {
  std::size_t a = 0;
  std::size_t b = 0;
  double rtt_us = 0;
};

// Pairs held out together, and how many of them, from the front, are then judged.
struct Fold {
  std::vector<Index> held;
  std::size_t judged = 0;
};

double chord_in_radii(const Region& a, const Region& b) {
  constexpr double mean_radius_m = 6'371'008.8;
  return 2 * std::sin(static_cast<double>(great_circle_metres(a, b)) / mean_radius_m / 2);
}

int rounded_bp(std::vector<double>& errors, double quantile) {
  const auto at = static_cast<std::size_t>(quantile * static_cast<double>(errors.size() - 1));
  std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(at), errors.end());
  return static_cast<int>(std::lround(errors[at] * 10'000));
}

// Least squares of the round trip on the distance, as sums that groups can be taken out of.
struct Line {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;

  void add(double distance, double rtt, double weight) {
    n += weight;
    x += weight * distance;
    y += weight * rtt;
    xx += weight * distance * distance;
    xy += weight * distance * rtt;
  }
  double at(double distance) const {
    const double slope = (n * xy - x * y) / (n * xx - x * x);
    return (y - slope * x) / n + slope * distance;
  }
};

}  // namespace

struct RttFit::Model {
  const Catalogue& catalogue;
  std::vector<Measured> pairs;
  MatrixXd light_us;  // by region and region
  MatrixXd near;      // likewise
  VectorXd weights;   // K^-1 y
  MatrixXd inverse;   // K^-1

  explicit Model(const Catalogue& from);
  const Region& region(std::size_t at) const { return catalogue.regions()[at]; }
  double light(const Measured& p) const {
    return light_us(static_cast<Index>(p.a), static_cast<Index>(p.b));
  }
  double expected_log(const Measured& p) const { return std::log(start_us + detour * light(p)); }
  std::array<double, 3> trend(const Measured& p) const;
  double covariance(const Measured& p, const Measured& q) const;
  std::int64_t bounded_us(const Measured& p, double log_us) const;
  std::vector<Fold> folds(HoldOut kind) const;
  std::vector<Fold> neighbourhoods() const;
  std::vector<Fold> grouped(const std::vector<std::vector<std::string>>& keys) const;
};

RttFit::Model::Model(const Catalogue& from) : catalogue(from) {
  const auto& regions = catalogue.regions();
  const auto count = static_cast<Index>(regions.size());
  light_us.resize(count, count);
  near.resize(count, count);
  for (std::size_t a = 0; a < regions.size(); ++a) {
    for (std::size_t b = 0; b < regions.size(); ++b) {
      const auto i = static_cast<Index>(a);
      const auto j = static_cast<Index>(b);
      const std::int64_t metres = great_circle_metres(regions[a], regions[b]);
      light_us(i, j) = static_cast<double>(light_in_fibre_us(metres));
      near(i, j) = std::exp(-chord_in_radii(regions[a], regions[b])) *
                   (regions[a].provider == regions[b].provider ? 1 : other_provider);
      if (b >= a) continue;
      const auto rtt = catalogue.between_at(a, b);
      if (rtt && !rtt->estimate) pairs.push_back({a, b, static_cast<double>(rtt->rtt_us)});
    }
  }
  CHECK(!pairs.empty());
  const auto size = static_cast<Index>(pairs.size());
  MatrixXd covariances(size, size);
  VectorXd residuals(size);
  for (Index i = 0; i < size; ++i) {
    const Measured& p = pairs[static_cast<std::size_t>(i)];
    residuals(i) = std::log(p.rtt_us) - expected_log(p);
    for (Index j = 0; j <= i; ++j) {
      covariances(i, j) = covariance(p, pairs[static_cast<std::size_t>(j)]);
    }
    const double near_noise = noise_us / (start_us + detour * light(p));
    covariances(i, i) += noise_share * noise_share + near_noise * near_noise;
  }
  const Eigen::LLT<MatrixXd, Eigen::Lower> factor(covariances);
  CHECK(factor.info() == Eigen::Success);
  weights = factor.solve(residuals);
  inverse = factor.solve(MatrixXd::Identity(size, size));
}

std::array<double, 3> RttFit::Model::trend(const Measured& p) const {
  const double us = light(p);  // scaled so that each runs from 0 to about 2 over the Earth
  return {1.0, std::log1p(us / 10'000) / 2, us / 100'000};
}

double RttFit::Model::covariance(const Measured& p, const Measured& q) const {
  const auto pa = static_cast<Index>(p.a), pb = static_cast<Index>(p.b);
  const auto qa = static_cast<Index>(q.a), qb = static_cast<Index>(q.b);
  const double path = near(pa, qa) * near(pb, qb) + near(pa, qb) * near(pb, qa);
  const double ends = near(pa, qa) + near(pb, qb) + near(pa, qb) + near(pb, qa);
  const auto s = trend(p), t = trend(q);
  return path_variance * path + ends_variance * ends +
         trend_variance * (s[0] * t[0] + s[1] * t[1] + s[2] * t[2]);
}

std::int64_t RttFit::Model::bounded_us(const Measured& p, double log_us) const {
  return std::max({std::int64_t{1}, static_cast<std::int64_t>(light(p)),
                   static_cast<std::int64_t>(std::llround(std::exp(log_us)))});
}

// A fold for each distinct key; a pair is in the fold of each of its keys.
std::vector<Fold> RttFit::Model::grouped(const std::vector<std::vector<std::string>>& keys) const {
  std::map<std::string, Fold> by_key;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (const std::string& key : keys[i]) {
      by_key[key].held.push_back(static_cast<Index>(i));
      by_key[key].judged += 1;
    }
  }
  std::vector<Fold> result;
  for (auto& [key, fold] : by_key) result.push_back(std::move(fold));
  return result;
}

std::vector<Fold> RttFit::Model::neighbourhoods() const {
  std::vector<Fold> result = folds(HoldOut::metro_pair);
  const auto close = [&](std::size_t i, std::size_t j) {
    return great_circle_metres(region(i), region(j)) <= neighbourhood_metres;
  };
  for (Fold& fold : result) {
    const std::vector<Index> own = fold.held;
    const Measured& centre = pairs[static_cast<std::size_t>(own.front())];
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto at = static_cast<Index>(i);
      const Measured& p = pairs[i];
      const bool next_to = (close(p.a, centre.a) && close(p.b, centre.b)) ||
                           (close(p.a, centre.b) && close(p.b, centre.a));
      if (next_to && !std::binary_search(own.begin(), own.end(), at)) fold.held.push_back(at);
    }
  }
  return result;
}

std::vector<Fold> RttFit::Model::folds(HoldOut kind) const {
  if (kind == HoldOut::neighbourhood) return neighbourhoods();
  const auto both = [](const std::string& a, const std::string& b) {
    return std::min(a, b) + " " + std::max(a, b);
  };
  const auto either = [](const std::string& a, const std::string& b) {
    return a == b ? std::vector<std::string>{a} : std::vector<std::string>{a, b};
  };
  std::vector<std::vector<std::string>> keys;
  for (const Measured& p : pairs) {
    const Region& a = region(p.a);
    const Region& b = region(p.b);
    switch (kind) {
      case HoldOut::region_pair:
        keys.push_back({both(a.id, b.id)});
        break;
      case HoldOut::metro_pair:
        keys.push_back({both(a.metro, b.metro)});
        break;
      case HoldOut::region:
        keys.push_back(either(a.id, b.id));
        break;
      case HoldOut::metro:
        keys.push_back(either(a.metro, b.metro));
        break;
      case HoldOut::provider_pair:
        keys.push_back({both(a.provider, b.provider)});
        break;
      case HoldOut::neighbourhood:
        break;
    }
  }
  return grouped(keys);
}

RttFit::RttFit(const Catalogue& catalogue) : model_(std::make_unique<Model>(catalogue)) {}

RttFit::~RttFit() = default;

std::size_t RttFit::measured_pairs() const { return model_->pairs.size(); }

std::int64_t RttFit::estimate_us(std::size_t a, std::size_t b) const {
  const Measured wanted{a, b, 0};
  double log_us = model_->expected_log(wanted);
  for (std::size_t i = 0; i < model_->pairs.size(); ++i) {
    log_us += model_->covariance(wanted, model_->pairs[i]) * model_->weights(static_cast<Index>(i));
  }
  return model_->bounded_us(wanted, log_us);
}

std::vector<HeldOutPair> RttFit::predict_held_out(HoldOut kind) const {
  const auto measured = [&](Index i) -> const Measured& {
    return model_->pairs[static_cast<std::size_t>(i)];
  };
  Line line_of_all;
  for (const Measured& p : model_->pairs) line_of_all.add(model_->light(p), p.rtt_us, 1);
  std::vector<HeldOutPair> result;
  for (const Fold& fold : model_->folds(kind)) {
    const MatrixXd block = model_->inverse(fold.held, fold.held);
    const VectorXd missed = block.llt().solve(VectorXd(model_->weights(fold.held)));
    Line line = line_of_all;
    for (Index i : fold.held) line.add(model_->light(measured(i)), measured(i).rtt_us, -1);
    for (std::size_t k = 0; k < fold.judged; ++k) {
      const Measured& p = measured(fold.held[k]);
      const double log_us = std::log(p.rtt_us) - missed(static_cast<Index>(k));
      result.push_back({.a = p.a,
                        .b = p.b,
                        .measured_us = std::llround(p.rtt_us),
                        .fitted_us = model_->bounded_us(p, log_us),
                        .line_us = std::llround(line.at(model_->light(p)))});
    }
  }
  return result;
}

HoldOutError RttFit::hold_out(HoldOut kind) const {
  std::vector<double> errors;
  std::vector<double> line_errors;
  for (const HeldOutPair& pair : predict_held_out(kind)) {
    const auto measured_us = static_cast<double>(pair.measured_us);
    errors.push_back(std::abs(static_cast<double>(pair.fitted_us) / measured_us - 1));
    line_errors.push_back(std::abs(static_cast<double>(pair.line_us) / measured_us - 1));
  }
  return {.predictions = errors.size(),
          .median_bp = rounded_bp(errors, 0.5),
          .p90_bp = rounded_bp(errors, 0.9),
          .line_median_bp = rounded_bp(line_errors, 0.5),
          .line_p90_bp = rounded_bp(line_errors, 0.9)};
}

std::string_view hold_out_text(HoldOut kind) {
  switch (kind) {
    case HoldOut::region_pair:
      return "one pair of regions";
    case HoldOut::metro_pair:
      return "all pairs between two metros";
    case HoldOut::neighbourhood:
      return "the same and all within 500 km of both ends";
    case HoldOut::region:
      return "all pairs of a region";
    case HoldOut::metro:
      return "all pairs of a metro";
    case HoldOut::provider_pair:
      return "all pairs between two providers";
  }
  return "";
}

std::string estimates_csv(const Catalogue& catalogue, const RttFit& fit) {
  const auto& ids = catalogue.ids();
  std::string csv = "region";
  for (const std::string& id : ids) csv += "," + id;
  csv += "\n";
  for (std::size_t a = 1; a < ids.size(); ++a) {
    std::string row = ids[a];
    for (std::size_t b = 0; b < a; ++b) {
      const auto known = catalogue.between_at(a, b);
      const bool measured = known && !known->estimate;
      row += measured ? "," : "," + std::to_string(fit.estimate_us(a, b));
    }
    csv += row + "\n";
  }
  return csv;
}

}  // namespace longhaul
