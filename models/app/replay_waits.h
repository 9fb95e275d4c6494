// Rule wait_for_replay: a write that is committed is not answered before replicas show it.
//
// The app asks the replica that the router names how far it is, like a read that waits for its
// token (models/app/positions.h), then the next one, for at most policy.freshness.wait in all.
// After that the write is answered as it is, or fails (otherwise = fail) although it is committed.
// Nobody counts as told of it before. The canary's writes do not wait.
#pragma once

#include "models/world.h"

namespace longhaul {

// True when the write waits; write_settled() is called when that is over.
bool await_replay(World& world, RequestId id);

// The replica's answer; the time is over (keep_waiting).
void replay_judged(World& world, RequestId id, WaitVerdict verdict);

}  // namespace longhaul
