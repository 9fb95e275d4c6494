#include "run/canary_needed.h"

namespace longhaul {

std::vector<Error> canary_missing(const Scenario& scenario) {
  if (scenario.config.canary.milli_per_day > 0) return {};
  Error error;
  error.file = scenario.file;
  error.path = "canary";
  error.value = "0/s";
  error.expected =
      "more than that here: outages are what the canary's writes see, and without them every "
      "outage "
      "would count as none";
  return {error};
}

}  // namespace longhaul
