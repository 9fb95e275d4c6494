// What an instance keeps in front of its pools: call breakers and outlier ejection.
//
// A call is a statement by itself or a whole transaction. It begins when the router has named its
// database, before a connection is asked for, and ends with the answer to its last statement or
// with the first error: the pool's time-outs and refusals count like those of the server, as they
// do for an application that decorates the function which gets the connection. What hangs has no
// result until a time-out ends it.
//
// A database whose breaker permits no call is rejected before the router is asked: a read goes on
// to the next database in its order, by the router's rules, which may be the primary; what only the
// primary can do fails at once as "rejected". Ejected databases get no reads until they are back,
// unless the router panics. Canary writes pass through like everybody's. Nothing is drawn, posted
// or kept where policy.call_breaker and policy.outlier_ejection are off.
#pragma once

#include "models/world.h"

namespace longhaul {

// The instances of a new world get theirs, where configured.
void start_guards(World& world);

// An instance's begin anew, as its process does.
void restart_guards(World& world, InstanceId instance);

// Of the request's group, those that its instance makes no calls to now, and has ejected.
DatabaseSet rejected_databases(const World& world, const Request& request);
DatabaseSet ejected_databases(const World& world, const Request& request);

// A call to request.node begins, unless its breaker has changed its mind since the router was
// asked.
bool begin_call(World& world, Request& request);

// It has ended; nothing if none has begun.
void end_call(World& world, Request& request, bool failed);

void guard_due(World& world, const Event& event);  // guard_due

}  // namespace longhaul
