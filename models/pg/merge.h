// Two primaries that write the same rows: what each makes of the other's changes.
//
// Each primary commits by itself and applies the other's transactions half a round trip later, as a
// logical subscriber of it (models/pg/logical.h); what it applies it does not send back. Until a
// change has arrived both may write the same row, and each has a version that the other has not
// seen: a conflict. The row keeps the version with the later commit timestamp, on both sides (the
// last writer wins), and the other write is lost although its client was told that it was done.
//
//   conflicts     an applied change meets, as the row's current version, one that its writer had
//                 not seen; each primary counts what it meets
//   lost_updates  an acknowledged version that was current where it was committed is replaced by
//                 one whose writer had not seen it: counted there. Or, with clocks that differ, a
//                 change is turned down by an older version that its writer had seen: counted by
//                 the primary that turns it down, and from then on the two have different rows
//
// For writes of one row at rate r on each side and a time d until the other side has applied a
// change, a write is lost with probability about r * d.
//
// Timestamps are those of the writer's clock (clock_skew), so a primary whose clock is ahead wins
// while it should lose. Applied rows are written to the subscriber's own log, which its standbys
// replay; they show the other primary's commits when they have replayed that far.
//
// The truth keeps, for each version in its window, on which primary it is current. A version leaves
// the window when both have applied all that was committed before both had applied it: later
// changes have seen it.
//
// Sources: PostgreSQL manual, Logical Replication, Conflicts (update_origin_differs); last_update_
// wins of pglogical and BDR; origin = none. Left out: more than two primaries, merging by column or
// by CRDT, conflicts of inserts, deletes and unique keys, locks of rows that an apply worker waits
// for, sequences, schema changes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/ring.h"

namespace longhaul {

// A version in the window of the truth, under the same number.
struct MergedVersion {
  TimePoint stamp;               // by its writer's clock
  Lsn seen;                      // of the other log: what its writer's primary had applied
  std::uint32_t current_at = 0;  // groups where it is the row's current version, a bit each
  bool lost = false;
};

struct Merge {
  Ring<MergedVersion> versions;
  std::vector<Lsn> shown;  // by log: what every copy shows
  // Once every copy shows what was inserted when the fence was set, and no clock can be behind that
  // time, what was shown then is forgotten.
  std::vector<Lsn> fence_shown;
  std::vector<Lsn> fence_end;
  TimePoint fence_until;
  Duration clocks_differ;
};

struct World;
struct Change;

void begin_merging(World& world);

// A primary has committed a version.
void note_local_version(World& world, NodeId primary, std::uint64_t number);

// A version's client has the acknowledgement.
void note_acknowledged(World& world, std::uint64_t number);

// The apply worker of `primary` commits a change of the other primary.
void merge_change(World& world, NodeId primary, const Change& change);

// A standby has replayed on: it may show more of the other primary's commits.
void note_foreign(World& world, NodeId standby);

// Every server of its own group shows all commits of `log` up to `position`.
void forget_merged(World& world, LogId log, Lsn position);

}  // namespace longhaul
