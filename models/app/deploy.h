// A rolling deploy: the instances of an app take its next version one after another, so for a while
// two versions work on one database.
//
// All instances begin with version 1. A deploy that begins at t gives instance i, from 0, the next
// version at t + i * every. A page keeps the version that it met at its instance, and makes the
// calls of that version only (from_version, until_version). A user's next page may well meet
// another version: the load balancer knows no sessions.
//
// Left out: that an instance is drained and away while it is replaced, rolling back, a version for
// a share of the users, writes in a queue (they are sent as they were left there).
#pragma once

#include "models/world.h"

namespace longhaul {

// The version that an instance runs now.
std::uint32_t version_of(const World& world, InstanceId instance);

// Whether the request has a call to make; those of other versions before it are passed over.
bool find_call(const World& world, Request& request);

}  // namespace longhaul
