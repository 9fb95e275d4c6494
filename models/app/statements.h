// An app instance at work on one statement: where to, over which connection, until when.
//
// The instance is the simulated host of policy/router.h. A statement passes these stages; each ends
// in the next, or in statement_failed():
//
//   want_statement     the page needs it; a cached call is looked up first (models/app/cache.h)
//   route_statement    the router is asked, unless the statement belongs to an open transaction:
//                      that goes where its BEGIN went, on the same connection
//   follow             does what the decision says; a wait for a token is models/app/positions.h,
//                      a statement that queues holds no connection and asks the router again
//   take_connection    of the pool for that database (models/app/pools.h)
//   send_statement     and its answer is awaited until statement_timeout
//   write_settled      after a commit that waited for replay (models/app/replay_waits.h) or for the
//                      store of its token (models/app/tokens.h); other answers come here at once
//   statement_done     (models/app/pages.h) goes on with the page
//
// What is learnt at the end of a statement stands in models/app/answers.h. The position of a commit
// is taken to come back with its answer. What becomes of a statement that failed stands in
// models/app/retries.h.
#pragma once

#include "models/world.h"

namespace longhaul {

// A page needs its current statement.
void want_statement(World& world, RequestId id);

// The current statement as the router is told about it.
StatementRequest asked(const World& world, const Request& request);

// Asks the router where the current statement goes, and sends it on its way.
void route_statement(World& world, RequestId id);

// Does as the router, or a wait that is over, says.
void follow(World& world, RequestId id, const Decision& decision);

// The commit in the answer is where its token and policy.freshness want it: the page goes on.
void write_settled(World& world, RequestId id);

// The request has a connection: its statement goes to the database.
void send_statement(World& world, RequestId id);

// The current statement has come to nothing; its connection has been given back. It is tried again,
// or the page ends with the error.
void statement_failed(World& world, RequestId id, ErrorKind error);

// The page ends with the error after its write was committed: the app knows, its user does not.
void fail_committed(World& world, RequestId id, ErrorKind error);

// The app waits no longer for the answer of a statement that is at its database, and closes the
// connection; the server may still run it. Returns the slot in which the work goes on.
RequestId stop_waiting(World& world, RequestId id);

// TCP gives up a statement (sent), or its answer: models/app/dead_connections.h, or the statement's
// time-out, ends the page.
void statement_lost(World& world, RequestId id, bool sent);

// The server has closed the connection that the statement was sent on.
void connection_lost(World& world, RequestId id);

void reply_at_app(World& world, const Event& event);      // reply_at_app
void request_deadline(World& world, const Event& event);  // request_deadline

// How long the request may stay in its phase.
void arm_request_deadline(World& world, RequestId id, TimePoint at);

const AppConfig& app_of(const World& world, const Request& request);
PathId path_to(const World& world, const Request& request, NodeId node);

}  // namespace longhaul
