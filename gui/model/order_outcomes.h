// What came of the promotions that operators order in a run: of a failover manager (switchover,
// failback, failover), or by hand (promote).
//
// An order is carried out when a server that it may mean is promoted before the next order and
// before a fault takes the primary down, or cuts it off from the others or the lease store and its
// lease may have run out. It is refused when those who were to carry it out said so and did not try
// again; why is told in the sentences of `longhaul run` (policy/failover/texts.cpp). Else nothing
// came of it. Read off the log of the world, for the report says of equal refusals the last.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/faults.h"
#include "models/world.h"

namespace longhaul {

enum class OrderResult : std::uint8_t { done, refused, nothing };

struct OrderOutcome {
  std::size_t fault = 0;  // of the list
  OrderResult result = OrderResult::nothing;
  std::string text;  // "refused at 1:02.1: Nobody may be promoted."
};

// In the order of the list: `faults` are those of the world's scenario, its run is at its end.
std::vector<OrderOutcome> outcomes_of(const std::vector<FaultConfig>& faults, const World& world);

}  // namespace longhaul
