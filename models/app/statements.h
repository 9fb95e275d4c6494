// An app instance at work on one statement: where to, over which connection, until when.
//
// The instance is the simulated host of policy/router.h. For each statement it asks the router,
// asks a replica for its position while the decision says so, takes a connection of the pool for
// that database (models/app/pools.h), sends the statement and waits for the answer until
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

// The request has a connection: its statement goes to the database.
void send_statement(World& world, RequestId id);

// The page ends with an error; how long its statement took until then counts as such.
void fail_statement(World& world, RequestId id, ErrorKind error);

// TCP gave up a statement, or its answer; the statement's time-out ends the page.
void statement_lost(World& world, RequestId id);

// The server has closed the connection that the statement was sent on.
void connection_lost(World& world, RequestId id);

void reply_at_app(World& world, const Event& event);      // reply_at_app
void position_at_app(World& world, const Event& event);   // position_at_app
void position_due(World& world, const Event& event);      // position_due
void request_deadline(World& world, const Event& event);  // request_deadline

// How long the request may stay in its phase.
void arm_request_deadline(World& world, RequestId id, TimePoint at);

const AppConfig& app_of(const World& world, const Request& request);
PathId path_to(const World& world, const Request& request, NodeId node);

}  // namespace longhaul
