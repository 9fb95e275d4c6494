// An app instance at work on one statement: where to, over which connection, until when.
//
// The instance is the simulated host of policy/router.h. For each statement it asks the router,
// asks a replica for its position while the decision says so, takes a connection of the pool for
// that database (opens one when it may), sends the statement and waits for the answer until
// statement_timeout. A statement of a transaction goes where its BEGIN went, on the same
// connection.
//
// The position of a commit is taken to come back with its answer. Left out in this version:
// retries.
#pragma once

#include "models/world.h"

namespace longhaul {

// A page needs its current statement.
void want_statement(World& world, RequestId id);

void reply_at_app(World& world, const Event& event);      // reply_at_app
void position_at_app(World& world, const Event& event);   // position_at_app
void position_due(World& world, const Event& event);      // position_due
void connect_at_app(World& world, const Event& event);    // connect_at_app
void connect_deadline(World& world, const Event& event);  // connect_deadline
void request_deadline(World& world, const Event& event);  // request_deadline

// TCP gave up a request for a connection, or its answer.
void connect_lost(World& world, std::uint32_t slot, bool granted);
// TCP gave up a statement, or its answer; the statement's time-out ends the page.
void statement_lost(World& world, RequestId id);

// Gives the request's connection back to its pool, or closes it.
void release_connection(World& world, Request& request, bool close);

Pool& pool_of(World& world, InstanceId instance, NodeId node);

}  // namespace longhaul
