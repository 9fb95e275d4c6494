// Commits between their record and their answer: the local flush, then synchronous standbys.
//
// What a commit waits for is its synchronous_commit: nothing (off), the local flush (local), and
// behind that the synchronous standbys' word that they have written it (remote_write), flushed it
// (on) or replayed it (remote_apply). Until then its rows are visible to nobody on the primary and
// locked, and the client has no answer. There is no time-out.
//
// A standby's reply counts when the standby is listed, streams (has caught up since it connected)
// and is one of those that decide (models/pg/sync_standbys.h). It then moves the confirmed position
// of each level, and commits up to there are answered. While too few standbys stream nothing is
// confirmed. When a walsender ends, the next in the list moves up, at once (PostgreSQL: with its
// next reply, which a busy server sees within a round trip). Without synchronous_standby_names
// nobody is waited for beyond the flush, and a reload that empties them answers all who wait.
//
// A cancelled wait (pg_cancel_backend) is a commit like any other to its client and to readers,
// with a warning: it is the standbys that may lack it.
//
// Source: PostgreSQL syncrep.c (SyncRepWaitForLSN, SyncRepReleaseWaiters,
// SyncRepUpdateSyncStandbysDefined), xact.c (RecordTransactionCommit). Left out: waits of DDL and
// of prepared transactions. Several primaries share the setting: one of whose standbys none is
// listed waits for nobody.
#pragma once

#include "models/world.h"

namespace longhaul {

constexpr std::uint32_t unattended = 0xffffffffu;  // slot of a commit that nobody waits for

// A commit record is in the log: the commit waits, or is finished at once.
void begin_commit_wait(World& world, NodeId primary, const PendingCommit& commit);

// The local flush has moved.
void commits_flushed(World& world, NodeId primary);

// A standby's reply has come in.
void standby_confirmed(World& world, const WalStream& stream);

// The walsender of a standby has ended.
void standby_gone(World& world, const WalStream& stream);

// pg_cancel_backend() on everybody who waits for a standby.
void cancel_waits(World& world, NodeId primary);

// synchronous_standby_names of a primary, at the start or as a reload.
void set_synchronous_standbys(World& world, NodeId primary, const SyncStandbys& standbys);

// A standby streams from an upstream that it did not stream from before: is it listed?
void list_standby(World& world, WalStream& stream);

}  // namespace longhaul
