// An app that tries again what failed: the simulated host of policy/retry.h.
//
// A statement by itself, or a transaction from its BEGIN, asks the router anew after its pause, so
// it goes to another database when the router has learnt better meanwhile. It touches the same rows
// with the same demands; its messages have luck of their own. Its latency counts from the first
// try. The page's time-out, topology.apps.page_timeout, ends all of it. Canary writes are never
// tried again: they measure what the databases do.
//
// Left out: users who press the button again, pages that fail before the app has them, retries by
// layers between app and user.
#pragma once

#include "models/world.h"

namespace longhaul {

// The current statement failed with this. True: it will be tried again.
bool try_again(World& world, RequestId id, ErrorKind error);

// A try that ended with the error is made again.
void note_retry(World& world, const Request& request, ErrorKind error);

// The pause is over.
void begin_try(World& world, RequestId id);

}  // namespace longhaul
