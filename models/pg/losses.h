// What failovers and crashes of primaries cost, known when the run ends.
//
// A lost transaction was acknowledged to its client and is not on the timeline that survives. Its
// cause is the first of these that applies:
//
//   cancelled_wait       its wait for synchronous standbys was cut short
//   asynchronous_commit  synchronous_commit = off, and its server crashed before the flush
//   after_the_cut        acknowledged by a primary that was cut off already, or that had been
//                        replaced and did not know; or on a timeline that was given up
//   restored_backup      the server that took over was restored from an older backup
//   unreplicated         the standby that was promoted did not have it
//
// Each promotion has a sample of lost bytes, what was flushed of the old log behind the fork, and
// of lost seconds: the time of the fault minus the acknowledgement of the oldest lost commit, 0 if
// none is lost. The fault is what cut the old primary off or stopped it; without either, the
// promotion.
//
// Two primaries of one shard that accept writes are a split brain of the one that does not survive:
// it lasts from when the new timeline opened until the old primary stopped, but for what its host
// stood still meanwhile, and its writes are those acknowledged meanwhile. Writes of the canary are
// not counted.
//
// Definitions: docs/metrics.md. Left out: pauses of a split brain in which the old primary is
// restarted.
#pragma once

#include "models/world.h"

namespace longhaul {

// A promotion has opened a group: what was it that failed?
void note_failure_of(World& world, GroupId opened);

// Counts it all. The run ends, or the world has converged.
void settle_losses(World& world);

// Acknowledged transactions that are lost as things stand, by cause.
struct LostCommit {
  LogId log;
  Lsn end;
  TimePoint acknowledged;
  UserId writer;
  Loss cause = Loss::unreplicated;
};
std::vector<LostCommit> lost_commits(const World& world);

}  // namespace longhaul
