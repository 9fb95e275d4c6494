// The walreceiver of a standby.
//
// It writes what has arrived, replies, flushes all of it with one fsync, replies again and wakes
// the startup process (models/pg/replay.h) and the standby's own walsenders. Between replies that
// news or a forced answer cause, it reports every wal_receiver_status_interval.
//
// Sources: walreceiver.c (WalReceiverMain, XLogWalRcvFlush, XLogWalRcvSendReply).
#pragma once

#include "models/world.h"

namespace longhaul {

void wal_at_standby(World& world, const Event& event);   // wal_at_standby
void standby_flushed(World& world, const Event& event);  // standby_flushed
void status_due(World& world, const Event& event);       // status_due

// Reports the standby's positions to its upstream.
void reply(World& world, WalStream& stream);

// The stream that feeds a standby.
WalStream& stream_to(World& world, NodeId standby);

}  // namespace longhaul
