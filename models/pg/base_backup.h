// A base backup: pg_basebackup copies the files of a database to where a replica is built, or to a
// region where somebody keeps it.
//
//   wait for a checkpoint + bytes / min(source's disk, window / round trip, share of the link,
//   target's disk, rate) + what the last position of the log still needs
//
// The source of a replica is the node that it follows, that of a copy the primary; after a failover
// both are whoever is the primary then.
//
// The client connects and asks, which takes a few round trips. A primary then switches to a new
// segment of the log and makes a checkpoint: at once (fast), or spread over checkpoint_timeout *
// checkpoint_completion_target (spread, the default). The copy starts from the checkpoint: its redo
// position is where replay begins. The files travel over one TCP connection, read and written in
// order; the log that is written meanwhile travels over a second one (-X stream) and its slot keeps
// it on the source. When the files are sent a primary switches segments again, so what is left of
// 16 MiB goes to every replica as padding, and to the backup as far as it is not told to stop yet.
// The backup is done when its files and the log up to its end are there.
//
// A replica that is built so starts, replays from the redo position on and refuses connections
// until it has replayed the end of the backup: before, its files do not fit together. The standby
// as a source has its own rules: no switch, no checkpoint of its own, and the log up to what it has
// replayed.
//
// A server that is built anew after a failover (reinit, models/pg/rewind.h) is on the timeline of
// its source and is left stopped: whoever ordered it starts it.
//
// A connection (models/net/bulk.h) that gets nothing across for wal_sender_timeout ends the backup,
// and so does the end of its source or target. Nobody tries again by themselves.
//
// Sources: PostgreSQL manual, pg_basebackup; xlogbackup.c and xlog.c (do_pg_backup_start,
// do_pg_backup_stop: RequestXLogSwitch), basebackup.c, pg_basebackup.c (StartLogStreamer).
// Measured: 110.6 MB over 20 Mbit/s at a round trip of 80 ms take 54 to 62 s and 118 to 151 MB of
// the link. Left out: data that grows meanwhile, processor time of compression, incremental
// backups, the final sync of the target's files, the archive.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/pg/wal.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

enum class BackupState : std::uint8_t {
  asking,         // connects and asks
  checkpointing,  // the source makes its checkpoint
  copying,
  ending,  // everything is sent, not everything is there
  done,
  failed,
};

// What pg_basebackup is told.
struct BackupOrder {
  NodeId source;
  NodeId target;            // none: a copy
  std::uint32_t place = 0;  // to here
  ByteRate rate = {};       // zero: no limit
  bool fast = false;        // its checkpoint
  Ratio compressed_to = percent(100);
  std::uint64_t key = 0;  // of the luck of its two connections
  bool starts = true;     // what it has built
};

struct Backup {
  BackupState state = BackupState::asking;
  BackupOrder order;
  NodeId source;
  LogId from_log;  // the source's
  NodeId target;   // none: a copy that nobody serves from
  TimePoint begun;
  Bytes size;               // of the files as they travel
  std::uint32_t files = 0;  // connections: the files
  std::uint32_t log = 0;    // and the log
  ReplayPoint redo;         // where replay will begin
  std::uint64_t entry = 0;
  std::uint64_t mark = 0;  // first flush mark that replay will pass
  Lsn log_from;            // where the log begins that travels with it
  Lsn end;                 // the log that it needs, once known
  Lsn caught_up_at;        // flushed on the source when it was done
  bool synced = false;     // the replica has replayed all that
  NodeId restoring;        // of a copy: it is being restored to this server
  Timer watch;
};

struct World;

void begin_backup(World& world, std::uint32_t fault);
void copy_database(World& world, const BackupOrder& order);

// Of the database on a node.
Bytes database_size(const World& world, NodeId node);

// Its source or its target has stopped.
void fail_backup(World& world, Backup& backup);

// A node has flushed more log, which may travel to a backup.
void send_log_to_backups(World& world, NodeId source);

// A standby has replayed further: it may have become consistent.
void note_consistency(World& world, NodeId node);

// Whether it goes on, and whether what replay will begin with has to be kept for it.
bool is_active(const Backup& backup);
bool is_copying(const Backup& backup);

// All files are handed to the socket; more of the files or of the log is there.
void backup_read(World& world, std::uint32_t backup);
void backup_written(World& world, std::uint32_t backup);

void backup_due(World& world, const Event& event);      // backup_due
void backup_watched(World& world, const Event& event);  // backup_watched

}  // namespace longhaul
