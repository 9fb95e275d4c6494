// Dead row versions of the primary, vacuum, and hot_standby_feedback, which holds it back.
//
// Each row that an update writes leaves a dead version behind. VACUUM removes those that no
// snapshot can need any more. A snapshot sees the commits up to a position of the log, so it may
// need every version whose deleter commits behind that position:
//
//   horizon = min(snapshots on the primary, oldest snapshots that standbys with feedback reported)
//
// The cleanup record names the last commit whose dead versions it removes; on a standby it is in
// conflict with every older snapshot, whatever table that reads (models/pg/conflicts.h). With
// hot_standby_feedback a standby reports the oldest snapshot of its own and of the standbys behind
// it, at most every wal_receiver_status_interval and with a reply. A report that ends is known on
// the primary that much later. Feedback does nothing about locks.
//
// Dead versions are counted in steps of 100 ms: a step is removed when its last commit is behind
// the horizon. Sources: PostgreSQL procarray.c (ComputeXidHorizons), walreceiver.c
// (XLogWalRcvSendHSFeedback), pruneheap.c (log_heap_prune: 24 + 8 bytes a page and 2 for each row;
// the rows lie on as many pages as they can). Left out: pruning by readers, which removes dead
// versions without VACUUM; its cost in processor and disk; pages that VACUUM gives back to the file
// system.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/units.h"
#include "models/ring.h"

namespace longhaul {

struct DeadStep {
  Lsn end;  // of the last commit in it
  TimePoint began;
  std::int64_t rows = 0;
};

struct DeadRows {
  Ring<DeadStep> steps;
  std::int64_t rows = 0;  // in all of them
};

struct World;

// A commit that ends at the end of the log has left dead versions behind.
void note_dead_rows(World& world, NodeId primary, DataSetId set, std::int64_t rows);

// VACUUM of one table, at once: a worker of autovacuum (models/pg/autovacuum.h) begins with it.
void remove_dead_rows(World& world, NodeId primary, DataSetId set);

// The oldest snapshot on a server, and on it and the standbys that reported theirs to it.
Lsn oldest_snapshot_here(const World& world, NodeId node);
Lsn oldest_snapshot(const World& world, NodeId node);

}  // namespace longhaul
