// The startup process of a standby: it replays the log in order, one record after another.
//
// It works in batches of at most replay_batch; a batch becomes visible when its last record is
// replayed. What a batch costs depends on its records, their bytes and the full-page images among
// them (models/pg/wal.h). With recovery_min_apply_delay a commit, and all behind it, waits until
// its timestamp lies that far in the past; what the commit's transaction wrote is held back with
// it, which nobody sees. Records that readers are in the way of wait for them
// (models/pg/conflicts.h). Replay can be paused (pg_wal_replay_pause) or slowed down by a fault.
// When all that is flushed is replayed the walreceiver replies, and after each batch if commits
// wait for remote_apply.
//
// Sources: xlogrecovery.c (PerformWalRecovery, recoveryApplyDelay, WaitForWALToBecomeAvailable).
// Left out: prefetching.
#pragma once

#include "models/world.h"

namespace longhaul {

// The standby has flushed more, or may go on.
void start_replay(World& world, NodeId standby);

// How long a server takes to replay from one position to another at its full speed.
Duration replay_work(const World& world, NodeId node, const ReplayPoint& from,
                     const ReplayPoint& to);

void standby_replayed(World& world, const Event& event);  // standby_replayed
void replay_due(World& world, const Event& event);        // replay_due

// Forgets the versions, marks and entries that no copy can miss any more.
void forget_history(World& world, LogId log);

void pause_replay(World& world, NodeId standby);
void resume_replay(World& world, NodeId standby);

// From now on replay runs at this share of its speed; takes effect with the next batch, which is
// smaller at a lower speed.
void set_replay_speed(World& world, NodeId standby, Ratio speed);

}  // namespace longhaul
