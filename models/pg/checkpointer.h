// Checkpoints, and what the log gets from PostgreSQL's own work.
//
// A checkpoint begins with its redo point: from there on the first change of each page logs the
// page whole (full_page_images.h). It writes the dirty pages, spread over time, and ends with its
// record; only then may older log be removed. It begins
//   timed:      checkpoint_timeout after the one before began, if anything was logged since;
//   requested:  when the log has grown by max_wal_size / (1 + checkpoint_completion_target) since
//               the redo point, looked at whenever a segment is full; or by an operator's
//               CHECKPOINT, which does not spread its writes.
// A spread one ends when checkpoint_completion_target of checkpoint_timeout has passed, or of that
// growth is there, or after 100 ms a dirty page, whatever is first.
//
// A run begins at a redo point, as after a start of the server: the first minutes log more than
// those later in a checkpoint's cycle, and a warm-up shorter than it does not hide that.
//
// Every 15 s in which something was logged the background writer logs the running transactions.
// A switch of the segment (pg_switch_wal(), the end of a base backup, archive_timeout) pads the
// rest of it, and the padding travels to every standby.
//
// Sources: PostgreSQL checkpointer.c (CheckpointerMain, CheckpointWriteDelay,
// IsCheckpointOnSchedule), xlog.c (CalculateCheckpointSegments, XLogCheckpointNeeded), bgwriter.c
// (LOG_SNAPSHOT_INTERVAL_MS); padding: measured, a backup's switch streams 16 MB. Left out: what
// the page writes cost the disk, restartpoints of standbys, page writes that are late.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/pg/wal.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

enum class CheckpointCause : std::uint8_t { timed, requested };

struct Checkpointer {
  bool running = false;
  Lsn redo;                        // of the running checkpoint, else of the last
  Lsn done_redo;                   // of the last that is complete
  ReplayPoint work;                // at `redo`
  std::vector<ReplayPoint> redos;  // of the last complete ones, oldest first
  ReplayPoint done_work;           // at `done_redo`: where recovery from a crash begins
  TimePoint began;                 // the last one
  Lsn segment_end;                 // of the segment that the log ends in
  Lsn idle_at;  // nothing but its own records was logged if the log still ends here
  Timer timed;  // armed by whatever is logged
  Timer done;
  Timer snapshot;  // likewise
  Timer archive;   // likewise, with archive_timeout
};

struct World;

// Something happened that checkpoints and snapshots are for. Called for each write.
void note_activity(World& world, NodeId primary);

// The log went on into another segment, or begins.
void enter_segment(World& world, NodeId primary);

// CHECKPOINT; a running one is ended and followed by this one.
void checkpoint_now(World& world, NodeId primary);

// The checkpoint that a base backup begins with, fast or spread. Returns how long it takes.
Duration checkpoint_for_backup(World& world, NodeId primary, bool fast);

// pg_switch_wal()
void switch_segment(World& world, NodeId primary);

// The primary has crashed: nobody writes its dirty pages.
void stop_checkpointer(World& world, NodeId primary);

// The checkpoint that ends recovery from a crash, and how long its pages take to write.
void checkpoint_after_recovery(World& world, NodeId primary);
Duration write_dirty_pages(const World& world, NodeId primary);

// The record of a shutdown's checkpoint, flushed with all before it.
void checkpoint_at_shutdown(World& world, NodeId primary);

void checkpoint_due(World& world, const Event& event);   // checkpoint_due
void checkpoint_done(World& world, const Event& event);  // checkpoint_done
void snapshot_due(World& world, const Event& event);     // snapshot_due
void archive_due(World& world, const Event& event);      // archive_due

}  // namespace longhaul
