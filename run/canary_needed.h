// What asks how long writing is down needs the scenario's canary: nothing else measures outages.
#pragma once

#include <vector>

#include "base/result.h"
#include "run/scenario.h"

namespace longhaul {

// Empty when the scenario has a canary; otherwise why its outages are unknown.
std::vector<Error> canary_missing(const Scenario& scenario);

}  // namespace longhaul
