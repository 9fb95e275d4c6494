// What is still needed of logs that fork: of their index (models/pg/wal.h), and of the versions in
// the truth (models/data.h).
//
// A server lies on the part of another's log that both share. As long as it has not replayed that,
// or may come to follow the other log from there, the index is kept from there on; and a version
// that survives is kept until every server shows it. So a server that is down, or stays behind on
// an old timeline, costs memory until it is back: about 100 bytes a commit. A server without data
// costs nothing.
#pragma once

#include "models/world.h"

namespace longhaul {

// Up to where two logs are the same; none of either if no shard has both.
Lsn shared_up_to(const World& world, LogId a, LogId b);

// Whether log `a` is `b` or forked off from it, or from what did.
bool descends(const World& world, LogId a, LogId b);

// The log that a promotion opens at `fork`, as its writer has replayed it.
WalLog fork_log(const World& world, LogId parent, NodeId writer, const ReplayPoint& fork);

// A primary has crashed: what it had not flushed of its log is gone. Statements in progress do not
// count any more; commits that waited for standbys will be seen when it is up again.
void lose_tail(World& world, NodeId primary);

// Number of the first entry of a log that ends behind a position.
std::uint64_t entry_after(const World& world, LogId log, Lsn position);

// Where replay stands that begins at a position of a log, for a server that is put there; `entry`
// is its Replay::entry. The stretch that the position lies in costs no replay.
ReplayPoint replay_point(const World& world, LogId log, Lsn position);

// The primary that counts may be another one now: its branch survives (models/data.h). While nobody
// accepts writes the branch of who did last stays the one.
void note_survivor(World& world, GroupId shard);

// Forgets what nobody needs any more of a shard whose log has forked.
void forget_forked(World& world, GroupId shard);

}  // namespace longhaul
