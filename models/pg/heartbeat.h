// A row on the primary that a writer updates with its clock, again and again.
//
// A standby's lag by it is its own clock minus the time in the newest version that it shows: true
// lag plus the age of the last beat, at most one interval, plus the difference of the clocks. It
// needs no traffic beside its own, notices a dead receiver and a paused replay, and cannot tell
// these from a primary that is gone.
//
// The writer runs on the primary itself and commits with synchronous_commit = local, lest it hang
// with the standby that it watches. Source: pt-heartbeat (Percona Toolkit), as ported to
// PostgreSQL. Left out: row versions and vacuum; a writer that dies.
#pragma once

#include <optional>

#include "models/world.h"

namespace longhaul {

void begin_heartbeat(World& world);
void begin_heartbeat(World& world, GroupId promoted);

void heartbeat_due(World& world, const Event& event);  // heartbeat_due

// The age of the newest beat that a standby shows, on its clock; absent while it shows none.
std::optional<Duration> heartbeat_lag(const World& world, NodeId standby);

}  // namespace longhaul
