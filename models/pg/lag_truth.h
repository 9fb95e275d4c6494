// Keeps the true lag of every standby at every stage up to date; called where positions change.
#pragma once

#include "models/world.h"

namespace longhaul {

// Up to where the other end of a stream has come at a stage; at `send`, the sender.
Lsn position(const World& world, const WalStream& stream, LagStage stage);

// The primary has flushed more.
void note_flush(World& world, NodeId primary);

// A standby (or its sender) has moved on at one stage.
void note_progress(World& world, WalStream& stream, LagStage stage);

// A standby has lost its data; it is back with a backup and lacks the marks from `mark` on.
void leave_lag(World& world, WalStream& stream);
void return_to_lag(World& world, WalStream& stream, std::uint64_t mark);

// From now on the lag of a standby, or of all of a group's shard, is behind the shard's newest log.
void measure_lag(World& world, WalStream& stream);
void measure_lag_of(World& world, GroupId group);

// Accounts for lag up to now: before measures are read or cleared.
void settle_lag(World& world, TimePoint now);

}  // namespace longhaul
