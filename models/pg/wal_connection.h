// The TCP connection from a walsender to its standby: what the socket holds, what the network got,
// what was acknowledged.
//
// WAL travels in pieces of at most send_chunk; over links of limited bandwidth at most an eighth of
// the congestion window, so that a piece is no burst. What is in flight stays within the congestion
// window (segments, models/net/tcp.h) and tcp_window (bytes: the buffers at both ends), so
// throughput is at most tcp_window / round trip. The socket holds tcp_send_buffer or more; beyond
// it the walsender waits.
//
// The walreceiver reads whole messages: what has arrived of one whose rest has not is as good as
// not there, also at a promotion.
//
// Pieces arrive in the order in which they were sent. A piece behind a gap is held by the standby's
// kernel, whose acknowledgement names it (SACK): the sender sends the gap again at once and cuts
// its window, once for all that was in flight then. Where nothing comes back, the sender probes
// after two round trips (tail loss probe), then time-outs follow that double, each of them only a
// try while the link is cut; after them the window starts from one segment, and what the standby
// has is not sent again. The heal does not decide when WAL flows again, the next time-out does.
//
// A walsender that goes leaves a socket behind. The kernel sends what it still holds until
// something arrives for the process that is gone, the standby's next reply, and answers that with
// a reset.
//
// Sources: libpq fe-protocol3.c (getCopyDataMessage); Linux tcp_input.c (tcp_rcv_state_process:
// data after close); models/net/tcp.h; RFC 2018, RFC 5681, RFC 8985 (tail loss probe). Left out:
// packets that overtake one another; delayed acknowledgements.
#pragma once

#include "models/world.h"

namespace longhaul {

// A fresh connection that continues at `from`.
void connect_stream(World& world, WalStream& stream, Lsn from);

// Sends what the socket holds as far as the windows allow.
void transmit(World& world, WalStream& stream);

// wal_at_standby: returns whether the walreceiver got a message.
bool piece_arrived(World& world, const Event& event);

// Most that the socket holds.
Bytes send_buffer(const World& world, const WalStream& stream);

// wal_acked: returns whether the acknowledgement arrived.
bool ack_arrived(World& world, WalStream& stream, const Mail& mail);

void stream_deadline(World& world, const Event& event);  // stream_deadline

}  // namespace longhaul
