// A standby: walreceiver and startup process.
//
// The walreceiver writes what has arrived, replies, flushes all of it with one fsync, replies again
// and wakes the startup process and its own walsenders. One startup process replays in order at
// replay_rate, in batches of at most replay_batch; a batch becomes visible when its last byte is
// replayed. It replies when it has replayed everything, and after each batch under remote_apply.
//
// Sources: walreceiver.c (XLogWalRcvFlush, XLogWalRcvSendReply), xlogrecovery.c. Left out in this
// version: recovery conflicts, recovery_min_apply_delay, feedback, promotion.
#pragma once

#include "models/world.h"

namespace longhaul {

void wal_at_standby(World& world, const Event& event);    // wal_at_standby
void standby_flushed(World& world, const Event& event);   // standby_flushed
void standby_replayed(World& world, const Event& event);  // standby_replayed
void status_due(World& world, const Event& event);        // status_due

void pause_replay(World& world, NodeId standby);
void resume_replay(World& world, NodeId standby);

// The stream that feeds a standby.
WalStream& stream_to(World& world, NodeId standby);

}  // namespace longhaul
