// Closed forms and small Markov chains that the simulator is judged by. They never drive it.
//
// M/M/c by Erlang's second formula, M/G/1 by Pollaczek and Khinchine (M/D/1 is its case of no
// variance), finite birth-death chains by solving pi Q = 0. Rates are per second, times in seconds.
// Sources: Kleinrock, Queueing Systems I (1975), chapters 3 and 5. Every queue is stable:
// arrivals < servers / service.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace longhaul::theory {

// Probability that an arrival at M/M/c waits.
double erlang_c(int servers, double arrivals, double service);

// Mean time in the queue, service not included.
double mmc_wait(int servers, double arrivals, double service);
double md1_wait(double arrivals, double service);
// Pollaczek-Khinchine; `variation` is the squared coefficient of variation of the service time.
double mg1_wait(double arrivals, double service, double variation);

// Long-run shares of the states 0..n of a birth-death chain: births[i] leads from i to i + 1,
// deaths[i] from i + 1 to i.
std::vector<double> birth_death_shares(const std::vector<double>& births,
                                       const std::vector<double>& deaths);

// Mean and its standard error from the means of consecutive batches, which are nearly independent
// when a batch is long against the memory of the system.
struct Estimate {
  double mean = 0;
  double standard_error = 0;
};
Estimate batch_means(const std::vector<double>& batches);

}  // namespace longhaul::theory
