// What a crash leaves of a server, and how it comes back.
//
// A crash takes what was inserted and not flushed: the log ends where the disk has it. Commits
// behind that end never were, also those that synchronous_commit = off has acknowledged
// (asynchronous commit: lost); commits before it that still waited for standbys are there after
// recovery, though their clients have no answer (in doubt, present). The dirty pages are gone, so
// the server replays from the redo point of its last complete checkpoint:
//
//   server_start + records * replay_record_time + bytes / replay_rate
//                + full-page images / replay_image_rate          (models/pg/wal.h)
//                + dirty pages * 8 KiB / disk_rate                the checkpoint that ends recovery
//
// About max_wal_size or checkpoint_timeout's worth of log is the most. Until then it refuses
// connections, "the database system is starting up" (57P03), then it is what it was: a primary goes
// on with its log, behind a checkpoint record; its standbys, refused meanwhile, ask again within
// wal_retrieve_retry_interval. After a clean shutdown there is nothing to redo. A backend that
// crashes takes all others with it, and the postmaster starts this by itself
// (restart_after_crash = on).
//
// A standby starts from its last restartpoint, which is taken to be the redo point of the primary's
// last complete checkpoint, and refuses connections until it is where it was before it stopped.
//
// Sources: PostgreSQL xlog.c (StartupXLOG, CHECKPOINT_END_OF_RECOVERY), xlogrecovery.c,
// postmaster.c (canAcceptConnections, PostmasterStateMachine), xlogrecovery.c (minRecoveryPoint);
// facts 61: the time is that of the log since the checkpoint by the replay rate. Left out: log
// written but not flushed, which outlives its process in the host's memory; sync of the data
// directory before recovery (recovery_init_sync_method); restartpoints that lie further back;
// what a checkpoint that was running had yet to write.
#pragma once

#include "models/world.h"

namespace longhaul {

// A primary has crashed: its log falls back to what is on disk.
void lose_unflushed(World& world, NodeId primary);

// How long a server takes from now on until it accepts connections.
Duration recovery_time(const World& world, NodeId node);

// The server is consistent: a primary checkpoints and goes on, a standby asks for its stream.
void server_recovered(World& world, const Event& event);  // server_recovered

// A backend has crashed: all others end, and the server recovers at once.
void crash_backend(World& world, NodeId node);

}  // namespace longhaul
