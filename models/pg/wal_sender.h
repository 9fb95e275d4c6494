// One walsender and the TCP connection to its standby.
//
// Only flushed WAL is sent, in pieces of at most send_chunk, as far as the window allows: bytes in
// flight stay within min(congestion window, tcp_window), so throughput is at most window / round
// trip. The congestion window starts at tcp_initial_window, grows by what is acknowledged (doubling
// each round trip) and falls back after a retransmission or, if so configured, after idling for a
// retransmission time-out. A piece that a cut swallows is sent again from what the standby has,
// after a time-out of round trip + retransmit_min that doubles.
//
// Sources: walsender.c (XLogSendPhysical: MAX_SEND_SIZE, upper bound is the flush position); RFC
// 6298 and Linux for TCP. How senders come and go: models/pg/stream_connection.h. Left out in this
// version: packet loss without a cut, congestion avoidance beyond the fixed window.
#pragma once

#include "models/world.h"

namespace longhaul {

// Sends what the standbys of a node lack and their windows allow.
void send_wal(World& world, NodeId upstream);

// A walsender begins on a new connection; it has caught up when nothing is left to send.
void start_sending(World& world, WalStream& stream, Lsn from);

// The walsender has gone.
void stop_sending(World& world, WalStream& stream);

void wal_acked(World& world, const Event& event);        // wal_acked
void stream_deadline(World& world, const Event& event);  // stream_deadline
void standby_reply(World& world, const Event& event);    // standby_reply

}  // namespace longhaul
