// A PostgreSQL server as applications see it: connection slots, processors, commits.
//
// A statement waits for a processor (first in, first out), runs for a drawn time and is answered.
// Its snapshot is taken when it begins to run. A commit writes its record, waits for the local
// flush and then for synchronous standbys; only then its rows become visible and it is answered.
// One flush is under way at a time and covers all that was inserted before it began: group commit.
// With synchronous_commit = off the answer is immediate and the WAL writer flushes later.
//
// Sources: PostgreSQL xact.c (RecordTransactionCommit), xlog.c (XLogFlush), syncrep.c. Left out in
// this version: row locks and their waits, full-page images, checkpoints, vacuum.
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

// Answers the commits that are flushed and confirmed by the standbys that decide.
void release_commits(World& world, NodeId primary);

// A client closed a connection.
void disconnect(World& world, NodeId node);

}  // namespace longhaul
