// Whether two sessions look alike to a trainee.
#pragma once

#include <string>

#include "run/drill/session.h"

namespace longhaul {

// In how many things of what they were shown so far the sessions differ. A server that is seen, a
// role, a region's data, a level of errors or of lag counts as the same when the other session had
// it one sample earlier or later; levels also when they are next to each other, and those of
// the newest sample wait for the next one. Answers and
// outcomes count by their words up to the first figure: "up, replica of timeline", not its lag.
std::size_t differences_between(const DrillSession& a, const DrillSession& b);

// What a session shows now beyond what it showed when it had so many works.
std::string seen_since(const DrillSession& session, std::size_t works);

}  // namespace longhaul
