// Where an app keeps the tokens of policy/freshness.h, by their scope: in the request, in the
// session, or with the user for all of the user's sessions. Keeping and finding one costs no time.
#pragma once

#include "models/world.h"

namespace longhaul {

// The token that decides where a request's reads go, and that its writes change.
SessionToken& token_of(World& world, Request& request);

}  // namespace longhaul
