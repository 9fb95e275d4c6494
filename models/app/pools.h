// The connections that an app instance keeps to each database.
//
// A statement takes an idle connection, or opens one while the pool may grow, or waits its turn,
// first come first served, until wait_timeout. Opening takes connect_round_trips; a server whose
// slots are taken refuses. An attempt that takes longer than connect_timeout is given up and made
// anew while statements wait. Left out: idle time-outs, lifetimes, validation, a pool shared by
// instances.
#pragma once

#include "models/world.h"

namespace longhaul {

Pool& pool_of(World& world, InstanceId instance, NodeId node);

// A request that knows its node asks for a connection to it; its statement is sent when it has one.
void take_connection(World& world, RequestId id);

// Gives the request's connection back to its pool, or closes it.
void release_connection(World& world, Request& request, bool close);

// The idle connections of a pool are gone; the server has closed them.
void close_idle(World& world, InstanceId instance, NodeId node);

// The request has its connection, or gives up waiting for one.
void note_pool_wait(World& world, const Request& request);

void connect_at_app(World& world, const Event& event);    // connect_at_app
void connect_deadline(World& world, const Event& event);  // connect_deadline

// TCP gave up a request for a connection, or its answer.
void connect_lost(World& world, std::uint32_t slot, bool granted);

}  // namespace longhaul
