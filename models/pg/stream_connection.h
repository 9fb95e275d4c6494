// The connection that a standby streams over: how it is made, watched and lost.
//
// The startup process of a standby asks its upstream for WAL. Making the connection takes
// stream_round_trips; streaming starts at the beginning of the segment that holds the first byte
// the standby lacks, so up to a segment arrives a second time; an upstream that has not got there
// itself refuses. After a failure it asks again, with attempts at least wal_retrieve_retry_interval
// apart; one whose SYNs vanish takes until TCP gives up (models/net/messages.h), for
// primary_conninfo sets no connect_timeout.
//
// Each end watches the other. A walsender that has heard no reply for half of wal_sender_timeout
// asks for one and ends after the whole; what it sends does not count. A walreceiver does the same
// with wal_receiver_timeout. An end that goes closes its socket: the other learns half a round trip
// later, or by its own time-out when the network or the host is silent. So in pg_stat_replication a
// standby that vanished stays until wal_sender_timeout has passed, and until then it counts as
// synchronous. One that comes back releases nobody until it has caught up once.
//
// Sources: walsender.c (StartReplication, WalSndLoop, WalSndKeepaliveIfNecessary,
// WalSndCheckTimeOut), walreceiver.c (WalReceiverMain), xlogrecovery.c
// (WaitForWALToBecomeAvailable), walreceiverfuncs.c (RequestXLogStreaming). Left out: the 100 ms
// cycle of version 15's walreceiver; a second walsender beside one that has not noticed that its
// standby is gone; restoring from an archive.
#pragma once

#include "models/world.h"

namespace longhaul {

// Both ends exist since the start of the run; they begin to watch each other.
void watch_stream(World& world, WalStream& stream);

// The standby wants to stream, as soon as the retry interval allows.
void ask_for_stream(World& world, WalStream& stream);

// TCP gave up the attempt with this number.
void stream_attempt_failed(World& world, std::uint32_t stream, std::uint16_t attempt);

// An end goes. Silently: with its host, so that the other is not told.
void close_sender(World& world, WalStream& stream, bool silently);
void close_receiver(World& world, WalStream& stream, bool silently);

// What a walsender left in its socket is sent, or will not be any more: the standby learns that the
// connection is over.
void end_connection(World& world, WalStream& stream);

// The walsender has heard its standby.
void heard_reply(World& world, WalStream& stream, bool wants_answer);

// The walreceiver has heard its upstream; the first message of a connection makes it one. False
// when the message belongs to a connection that the standby has left.
bool heard_upstream(World& world, WalStream& stream, std::uint16_t connection);

void stream_due(World& world, const Event& event);            // stream_due
void stream_asked(World& world, const Event& event);          // stream_asked
void stream_answered(World& world, const Event& event);       // stream_answered
void sender_due(World& world, const Event& event);            // sender_due
void receiver_due(World& world, const Event& event);          // receiver_due
void keepalive_at_standby(World& world, const Event& event);  // keepalive_at_standby
void stream_closed_below(World& world, const Event& event);   // stream_closed_below
void stream_closed_above(World& world, const Event& event);   // stream_closed_above

}  // namespace longhaul
