// Statements that meet a locked row: they keep their connection, need no processor, and wait.
//
// An UPDATE or a locking read takes its rows one after another when it has run, and goes on where
// it stopped when the row is its own. The wait ends early, and the whole transaction with it, when
//   deadlock_timeout after it began it turns out to close a circle of waits (checked once: whoever
//   closes a circle checks later than the others),
//   lock_timeout passes; it counts from the last race for the row, since each race is an attempt of
//   its own,
//   statement_timeout passes.
// Nothing else ends it: a client that has gone is not noticed before the answer.
//
// Sources: PostgreSQL proc.c (ProcSleep), deadlock.c, postgres.c; client_connection_check_interval
// is 0 by default. The table of locks and whose turn it is: models/pg/row_locks.h.
#pragma once

#include "models/world.h"

namespace longhaul {

// Takes the locks of the rows of a statement that has run. False: it waits for one of them.
bool lock_rows(World& world, NodeId node, RequestRef ref, const Step& step);

// The transaction of a request has ended; rows and tables that others
// wait for go over to them.
void release_locks(World& world, NodeId node, Request& request, bool committed);

// The server has stopped: nobody holds a row or waits for one.
void end_row_locks(World& world, NodeId node);

void lock_wait_due(World& world, const Event& event);  // lock_wait_due

}  // namespace longhaul
