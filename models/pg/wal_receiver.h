// The walreceiver of a standby.
//
// It writes what has arrived, replies, flushes all of it with one fsync, replies again and wakes
// the startup process (models/pg/replay.h) and the standby's own walsenders. Between replies that
// news or a forced answer cause, it reports every wal_receiver_status_interval. How it comes and
// goes: models/pg/stream_connection.h.
//
// Sources: walreceiver.c (WalReceiverMain, XLogWalRcvFlush, XLogWalRcvSendReply).
#pragma once

#include "models/world.h"

namespace longhaul {

void wal_at_standby(World& world, const Event& event);   // wal_at_standby
void standby_flushed(World& world, const Event& event);  // standby_flushed
void status_due(World& world, const Event& event);       // status_due

// Reports the standby's positions to its upstream, if a walreceiver runs.
void reply(World& world, WalStream& stream, bool wants_answer = false);

// The next report without news is due a status interval from now.
void report_later(World& world, NodeId standby);

// The stream that feeds a standby or a logical subscriber.
WalStream& stream_to(World& world, NodeId standby);

}  // namespace longhaul
