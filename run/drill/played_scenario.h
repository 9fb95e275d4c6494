// What was played in a drill, as a scenario of its own: to be run and changed like any other.
//
// The drill and what its author expects of nobody acting are left out; what was hidden, what the
// trainee's actions did and what came with injects stand among the faults, each at its instant. The
// seed is that of the play, so the users are the same.
#pragma once

#include <string>

#include "base/result.h"
#include "run/drill/session.h"

namespace longhaul {

// `text` is that of the drill's scenario.
Result<std::string> played_text(const std::string& text, const DrillSession& session);

}  // namespace longhaul
