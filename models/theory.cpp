#include "models/theory.h"

#include <Eigen/Dense>
#include <cmath>

#include "base/check.h"

namespace longhaul::theory {

double erlang_c(int servers, double arrivals, double service) {
  const double offered = arrivals * service;
  CHECK(offered < servers);
  // Erlang B by its recursion, then C = B / (1 - rho (1 - B)).
  double blocked = 1;
  for (int n = 1; n <= servers; ++n) blocked = offered * blocked / (n + offered * blocked);
  const double rho = offered / servers;
  return blocked / (1 - rho * (1 - blocked));
}

double mmc_wait(int servers, double arrivals, double service) {
  return erlang_c(servers, arrivals, service) / (servers / service - arrivals);
}

double mg1_wait(double arrivals, double service, double variation) {
  const double rho = arrivals * service;
  CHECK(rho < 1);
  return rho * service * (1 + variation) / (2 * (1 - rho));
}

double md1_wait(double arrivals, double service) { return mg1_wait(arrivals, service, 0); }

std::vector<double> birth_death_shares(const std::vector<double>& births,
                                       const std::vector<double>& deaths) {
  CHECK(births.size() == deaths.size());
  const auto states = static_cast<Eigen::Index>(births.size()) + 1;
  Eigen::MatrixXd generator = Eigen::MatrixXd::Zero(states, states);
  for (Eigen::Index i = 0; i + 1 < states; ++i) {
    generator(i, i + 1) = births[static_cast<std::size_t>(i)];
    generator(i + 1, i) = deaths[static_cast<std::size_t>(i)];
  }
  for (Eigen::Index i = 0; i < states; ++i) generator(i, i) = -generator.row(i).sum();
  // One balance equation follows from the others; the shares sum to one instead.
  Eigen::MatrixXd system = generator.transpose();
  system.row(states - 1).setOnes();
  Eigen::VectorXd right = Eigen::VectorXd::Zero(states);
  right(states - 1) = 1;
  const Eigen::VectorXd shares = system.fullPivLu().solve(right);
  return {shares.data(), shares.data() + shares.size()};
}

Estimate batch_means(const std::vector<double>& batches) {
  CHECK(batches.size() >= 2);
  const auto n = static_cast<double>(batches.size());
  double sum = 0;
  for (double batch : batches) sum += batch;
  const double mean = sum / n;
  double squares = 0;
  for (double batch : batches) squares += (batch - mean) * (batch - mean);
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

}  // namespace longhaul::theory
