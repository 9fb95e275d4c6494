// One walsender.
//
// Only flushed WAL is sent, in messages of at most send_chunk, while the socket has room; the
// connection carries it on (models/pg/wal_connection.h). A message that does not reach the end of
// the log ends with a page, so seldom with a record. The standby's replies tell what it has
// written, flushed and replayed, and release the commits that wait for it.
//
// Sources: walsender.c (XLogSendPhysical: MAX_SEND_SIZE, XLOG_BLCKSZ, upper bound is the flush
// position). How senders come and go: models/pg/stream_connection.h.
#pragma once

#include "models/world.h"

namespace longhaul {

// Sends what the standbys of a node lack and their windows allow.
void send_wal(World& world, NodeId upstream);

// A standby has replayed more: whether it has caught up, if it was away.
void note_replay_caught_up(World& world, NodeId standby);

// A walsender begins on a new connection; it has caught up when nothing is left to send.
void start_sending(World& world, WalStream& stream, Lsn from);

// The walsender has gone.
void stop_sending(WalStream& stream);

void wal_acked(World& world, const Event& event);      // wal_acked
void standby_reply(World& world, const Event& event);  // standby_reply

}  // namespace longhaul
