// Where a standby streams from, and whether it may.
//
// primary_conninfo names the upstream; a new one takes a reload, and the walreceiver starts anew.
// What was left on the old connection stays there: the old upstream's walsender goes when it hears
// of the end or after wal_sender_timeout, and until then its standby counts as connected, for
// synchronous commits as for a fast shutdown.
//
// A standby asks for its position on its own timeline. The upstream grants it when that position
// lies on its own history: on the same timeline, or on an earlier one at or below where the
// upstream's forked off. The standby then follows the upstream's timeline. Otherwise it is refused,
// and asks again every wal_retrieve_retry_interval, in vain until its upstream is another one, or
// it is rewound or built anew. A walreceiver does not stream from an upstream on an older timeline.
// Streaming begins at the start of a segment. A standby that streamed from one that is promoted, or
// that follows a new timeline itself, asks again for the new timeline.
//
// Sources: PostgreSQL walreceiver.c (WalReceiverMain), walsender.c (StartReplication),
// xlogrecovery.c (rescanLatestTimeLine, recovery_target_timeline = latest). Left out: that
// PostgreSQL cannot tell two timelines of one number apart (here it is refused); timeline history
// files; archives.
#pragma once

#include "models/world.h"

namespace longhaul {

// A standby streams from `upstream` (none: from nobody) from now on, if it runs and as soon as it
// may. Its Node::log and positions stay as they are until it is granted. Nothing happens to a
// primary.
void follow(World& world, NodeId standby, NodeId upstream);

// Why the upstream of a stream refuses its standby.
Divergence refusal(const World& world, const WalStream& stream);

// The standby has been granted the log that the stream carries: it is on its timeline.
void adopt_log(World& world, WalStream& stream);

// A server holds what lies on a log's timeline from now on.
void join_timeline(World& world, NodeId node, LogId log);

// The walreceiver ends; it does not ask again. Silently: with its host.
void stop_walreceiver(World& world, NodeId standby, bool silently);

// The standby is fed by nobody any more, and its lag is not measured.
void leave_feed(World& world, NodeId standby);

}  // namespace longhaul
