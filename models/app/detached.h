// Writes that a page does not wait for, and writes that wait before they go.
//
// An optimistic write: the page shows it and goes on at once, as interfaces do that render before
// the server confirms; the write goes its way beside the page, with retries. When it comes to
// nothing the user has seen what is not there: optimistic_lies. Its answer
// changes no token: the page has gone home.
//
// A throttled write waits as policy/throttle.h says, before the router is asked. Retries and canary
// writes do not wait.
#pragma once

#include "models/world.h"

namespace longhaul {

// The page's current write goes its own way; the page goes on.
void write_optimistically(World& world, RequestId page);

// It came to nothing.
void optimistic_failed(World& world, RequestId id);

// Whether a statement that is wanted is held back, or has failed because of it.
bool hold_back(World& world, RequestId id);

// Its pause is over.
void ask_again(World& world, RequestId id);

}  // namespace longhaul
