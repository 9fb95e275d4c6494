// A read that waits for a replica to have replayed its token: the app asks the replica how far it
// is, again and again, until judge_wait() of policy/freshness.h has its answer or the wait is over.
#pragma once

#include "models/world.h"

namespace longhaul {

// Asks the replica that the request's decision names; the decision that follows is taken by
// follow().
void ask_position(World& world, RequestId id, Phase phase);

// The wait of a request for a replica's position is over: the router says what follows.
void wait_over(World& world, RequestId id, WaitVerdict verdict);

void position_at_app(World& world, const Event& event);  // position_at_app
void position_due(World& world, const Event& event);     // position_due

}  // namespace longhaul
