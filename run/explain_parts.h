// The pieces that the account of a request (run/explain.h) is made of.
#pragma once

#include <string>
#include <vector>

#include "run/explain.h"

namespace longhaul {

std::uint32_t app_number(const Plan& plan, const WitnessedPage& page);
std::string decision_text(const Plan& plan, const DecisionNote& decision);  // "to db-eu"

// Where the time went, the largest part first.
std::vector<ExplainedPart> parts_of(const Plan& plan, const WitnessedPage& page, TimePoint now);

// "67.6ms of 94.9ms (71%) is 1 round trip to db-us: only the primary takes writes. ..."
std::string sentence_of(const Plan& plan, const WitnessedPage& page,
                        const Explanation& explanation);

}  // namespace longhaul
