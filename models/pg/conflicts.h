// Recovery conflicts: replay on a standby meets readers that are in its way.
//
//   lock      A lock record asks for ACCESS EXCLUSIVE on a table. The startup process queues for it
//             like anybody else, so new readers of the table wait behind it; all replay stands
//             still. It keeps the table until it replays the commit record of that transaction;
//             other tables replay on meanwhile.
//
//   snapshot  A cleanup record removes row versions that the snapshots of older statements may
//             still need, whatever table they read. The startup process looks whether they are gone
//             after 1 ms, 2 ms, 4 ms and so on up to once a second; so it may go on up to a second
//             late.
//
// Readers are given a grace. It ends max_standby_streaming_delay after the log that is being
// replayed was received, whenever the reader began:
//
//   limit = time of receipt + max_standby_streaming_delay
//
// The time of receipt is when the startup process took up the latest chunk that was flushed, and
// moves on only when replay had caught up with all before that chunk. So behind a conflict, a pause
// or a backlog the grace is used up by what came before, and once replay is later than the delay
// conflicting readers are cancelled at once. At the limit all readers in the way are cancelled:
// their clients get an error immediately (SQLSTATE 40001). A transaction that idles between two
// statements gets it with its next one.
//
// Sources: PostgreSQL standby.c (ResolveRecoveryConflictWithLock, GetStandbyLimitTime,
// WaitExceedsMaxStandbyDelay), xlogrecovery.c (WaitForWALToBecomeAvailable). Left out: conflicts
// over buffer pins, tablespaces, databases and replication slots; deadlocks with the startup
// process; the processor that a cancelled statement would still have used is not given back early.
#pragma once

#include "models/world.h"

namespace longhaul {

// The startup process takes up what has been flushed.
void note_receipt(World& world, NodeId standby);

// Whether a record that may conflict can be replayed now. If not, replay waits: it goes on by
// itself when nobody is in the way any more.
bool may_replay(World& world, NodeId standby, const WalEntry& entry);

// The startup process has got the table that it queued for.
void replay_granted(World& world, NodeId standby);

// The time that a wait is armed for has come.
void conflict_due(World& world, NodeId standby);

// Commits among the entries that have been replayed give back their tables.
void release_replayed_locks(World& world, NodeId standby, std::uint64_t first, std::uint64_t end);

// Whether the request's statement keeps a snapshot.
bool has_snapshot(const Request& request);

// What a snapshot taken now on a server sees: commits up to there.
Lsn snapshot_of(const World& world, NodeId node);

}  // namespace longhaul
