// Whether a cluster has come together again after all faults have ended.
#pragma once

#include <string>

#include "models/world.h"

namespace longhaul {

struct Convergence {
  std::string missing;    // what is not as it should be; empty: it has converged
  std::string waits_for;  // why a person is needed, as documented; empty: nobody should be
};

// One server accepts writes; every other that has not been lost for good is up, streams on its
// timeline and shows all up to `shown`; no user waits for an answer.
Convergence convergence_of(const World& world, Lsn shown);

}  // namespace longhaul
