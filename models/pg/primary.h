// A PostgreSQL server as applications see it: connection slots, processors, statements.
//
// A statement waits for a processor (first in, first out), runs for a drawn time and is answered.
// Its snapshot is taken when it begins to run. The rows that it updates or reads FOR UPDATE are
// locked until its transaction ends (models/pg/lock_wait.h). A commit writes its record, waits for
// the local flush and then for synchronous standbys (models/pg/commit_wait.h); only then its rows
// become visible and free, and it is answered. One flush is under way at a time and covers all that
// was inserted before it began: group commit. A flush takes the node's fsync and the time to write
// what it covers. With synchronous_commit = off the answer is immediate and the WAL writer flushes
// later, at the latest when wal_writer_flush_after is waiting; a commit that finds more than
// wal_buffers unwritten waits for room.
//
// statement_timeout ends a statement that runs or waits for a row's lock, and aborts its
// transaction. It is disarmed before the commit: it never ends the wait for standbys (measured).
//
// Sources: PostgreSQL xact.c (RecordTransactionCommit), xlog.c (XLogFlush), postgres.c
// (finish_xact_command). Left out: the ROLLBACK that a client sends after an error;
// statement_timeout while a table is waited for.
#pragma once

#include "models/world.h"

namespace longhaul {

void statement_at_node(World& world, const Event& event);  // statement_at_node
void statement_served(World& world, const Event& event);   // statement_served
void wal_flushed(World& world, const Event& event);        // wal_flushed
void wal_writer_due(World& world, const Event& event);     // wal_writer_due
void connect_at_node(World& world, const Event& event);    // connect_at_node
void position_at_node(World& world, const Event& event);   // position_at_node

// A transaction of somebody who waits for nothing, with synchronous_commit = local.
void commit_unattended(World& world, NodeId primary, const WalRecords& records);

// A statement that has its table runs as soon as a processor is free.
void begin_statement(World& world, NodeId node, RequestRef ref);

// Offers a statement to the processors, or what is left of it after a wait.
void run_statement(World& world, NodeId node, const Job& job);

// The answer to the request's statement sets out.
void answer(World& world, Request& request, RequestRef ref, Bytes size);

// The transaction of a request is aborted. Its client learns it now, as the answer to the statement
// that it waits for, or from its next one.
void refuse(World& world, NodeId node, Request& request, RequestRef ref, ErrorKind error);

// The server notices that a request's client has gone, and rolls back what it had open.
void end_backend(World& world, Request& request);

// Flushes what is inserted, now or after the flush under way.
void flush_wal(World& world, NodeId primary);

// The WAL writer flushes at its next round what nobody waits for.
void wake_wal_writer(World& world, NodeId primary);
// A client closed a connection.
void disconnect(World& world, NodeId node);

}  // namespace longhaul
