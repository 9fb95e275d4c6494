// Servers that are shut down, and started in another role.
//
// immediate (SIGQUIT): every process ends at once, as in a crash; the next start recovers.
// fast (SIGINT): the connections of clients end at once. Their open transactions are rolled back;
//   commits that wait for a synchronous standby are on disk, and their clients never learn it (in
//   doubt, present). Then
//     the dirty pages are written (8 KiB each at disk_rate) and the shutdown's checkpoint record is
//     flushed;
//     each walsender sends all of the log and waits until its standby has confirmed that it has
//     flushed it; one whose standby does not answer ends after wal_sender_timeout. So a fast
//     shutdown of a primary that is cut off from its standbys hangs for as long, measured up to
//     60 s, and a switchover loses nothing only if the standby that takes over is connected;
//     the processes end: Liveness::stopped, Node::clean_shutdown.
//   A standby stops at once, and in order.
//
// While it shuts down the server refuses connections with 57P03. A start as a standby is that of
// PostgreSQL with standby.signal and primary_conninfo: the server recovers if it has to, then it
// asks `upstream` for its log (models/pg/follow.h: whether it can follow depends on where the
// timelines forked).
//
// Sources: PostgreSQL postmaster.c (pmdie, PM_SHUTDOWN, PM_SHUTDOWN_2), walsender.c (WalSndDone,
// WalSndCheckTimeOut), xlog.c (ShutdownXLOG); facts 6; measured with Patroni 3.0.2: the shutdown of
// a partitioned leader hangs for wal_sender_timeout. Left out: smart shutdown, the restartpoint of
// a standby, subscribers of logical replication, which are not waited for; what a stop that hangs
// leads to (pg_ctl gives up after 60 s: whoever ordered it decides).
#pragma once

#include "models/world.h"

namespace longhaul {

enum class ShutdownMode : std::uint8_t { fast, immediate };

// Begins; nothing happens to a server that is down. A fast one may follow by an immediate one.
void shut_down(World& world, NodeId node, ShutdownMode mode);

// Whether the server has stopped; Node::stopped_at says when, Node::clean_shutdown whether in
// order.
bool has_stopped(const World& world, NodeId node);

// Something that a shutdown waits for may have happened.
void shutdown_goes_on(World& world, NodeId node);

// A server that is down was a primary and is none any more: what it has of its log is what it has
// received and replayed.
void become_standby(World& world, NodeId node);

// Starts a server that is down as a standby. False: it is not down, or has no data.
bool start_as_standby(World& world, NodeId node, NodeId upstream);

void shutdown_due(World& world, const Event& event);  // shutdown_due

}  // namespace longhaul
