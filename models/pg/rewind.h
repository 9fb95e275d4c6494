// pg_rewind: a server that has log of its own comes back to the fork, and follows another one.
//
// It runs on the host of the target, whose server is down. It needs
//   wal_log_hints or data_checksums (both are off in PostgreSQL 15), or it cannot know which pages
//     differ; full_page_writes;
//   the target to have stopped in order; if not, a single-user start recovers it first;
//   the target's log back to the last checkpoint before the fork;
//   a source that is up and has finished a checkpoint on its timeline: before, its control file
//     still says the old one. If it has not, one is forced here, as Patroni does.
// Otherwise it is refused with a reason, and the server has to be built anew (reinit).
//
//   recovery, unless it stopped in order
//   + round trips of connecting and asking                         11, and those of the caller
//   + the rest of the source's checkpoint
//   + the target's log since the last common checkpoint / disk_read_rate
//   + (pages that changed in it + the source's whole pg_wal) over the link  (models/net/bulk.h)
//
// Pages that changed are those with an image in that log. The source's retained log goes with it in
// whole segments (measured), so a source with slots or a large wal_keep_size makes a rewind as slow
// as a copy; so do the segments that it recycled, min_wal_size or five of them at least. Afterwards
// the target stands at the fork on the source's timeline; start_as_standby lets it stream from
// there, and it serves readers when it has replayed what the source had when the rewind ended. A
// rewind that fails half-way leaves files that fit nothing: no data. A target whose log ends at or
// before the fork needs none, and that is its end.
//
// Sources: PostgreSQL manual, pg_rewind; pg_rewind.c, libpq_source.c, parsexlog.c
// (findLastCheckpoint); facts 60, 82. Left out: restore_command; reading the target's files while
// they are compared; the sync of the target's files; replay from the checkpoint to the fork; chunks
// of the source that take round trips of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

enum class RewindState : std::uint8_t {
  none,
  recovering,     // single-user start
  checkpointing,  // asks, and the source finishes a checkpoint on its timeline
  scanning,       // the target's log
  copying,
  done,
  failed,
};

enum class RewindRefusal : std::uint8_t {
  none,
  target_runs,    // it must be down, with its host up
  target_empty,   // or being rewound already
  source_down,    // or without data
  no_hint_bits,   // neither wal_log_hints nor data_checksums, or no full_page_writes
  no_common_log,  // the two never had the same log
  log_removed,    // the target's, since the last common checkpoint
};

struct Rewind {
  RewindState state = RewindState::recovering;
  NodeId target;
  NodeId source;
  LogId source_log;
  Lsn fork;
  Bytes scanned;            // of the target's log
  Bytes pages;              // that changed in it
  std::uint32_t files = 0;  // the connection
  std::int64_t checks = 0;  // round trips of whoever ordered it
  TimePoint begun;
  TimePoint ended = TimePoint::never();
  Timer watch;
};

struct World;

// Begins, or says why not. `checks`: round trips to the source that its caller takes first.
RewindRefusal rewind(World& world, NodeId target, NodeId source, std::int64_t checks = 0);

// Where the last one of a server stands, and whether one is going on.
RewindState rewind_state(const World& world, NodeId target);
bool is_rewinding(const World& world, NodeId target);

// Its source or its target has stopped.
void fail_rewinds(World& world, NodeId node);

// Builds a server that has had data anew from a base backup of `source` (models/pg/base_backup.h);
// it is left stopped, for start_as_standby. False: the source is down or has no data.
bool reinit(World& world, NodeId node, NodeId source);

void rewind_written(World& world, std::uint32_t rewind);  // more of its files is there
void rewind_due(World& world, const Event& event);        // rewind_due
void rewind_watched(World& world, const Event& event);    // rewind_watched

}  // namespace longhaul
