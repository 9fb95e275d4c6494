// A standby becomes the primary: pg_ctl promote, pg_promote().
//
// Its walreceiver stops; what has been written of the log is replayed to its end, a pause or
// recovery_min_apply_delay or not; then recovery ends, which takes postgres.end_of_recovery, and
// the server accepts writes on a timeline of its own. So a promotion takes
//
//   what is not replayed yet / the speed of replay + end_of_recovery
//
// The new timeline forks off where the log that it had ends, and its number is one above the
// highest that it has heard of: of two promotions at once neither has heard of the other. It begins
// with an end-of-recovery record; a spread checkpoint follows. Standbys that streamed from it are
// told that the old timeline has ended and come back for the new one by themselves; all others have
// to be told (models/pg/follow.h). synchronous_standby_names is that of the scenario, so a promoted
// server waits for whom it names, connected or not.
//
// Sources: PostgreSQL xlogrecovery.c (CheckForStandbyTrigger), xlog.c (StartupXLOG,
// CreateEndOfRecoveryRecord, PerformRecoveryXLogAction), timeline.c (findNewestTimeLine). Left out:
// that sessions which wait for a synchronous standby on the old primary are told nothing; logical
// slots, which stay behind; the time that walreceiver and startup process take to notice.
#pragma once

#include "models/world.h"

namespace longhaul {

// False, and nothing happens, unless the node is a standby that is up and consistent.
bool promote(World& world, NodeId node);

// Replay of what a node has is complete: it was told to promote.
void end_recovery(World& world, NodeId node);

// An operator promotes a node and, if so, has all other standbys of its shard follow it.
void promote_by_hand(World& world, NodeId node, bool others_follow);

// A standby opens a timeline where it stands and accepts writes.
void open_for_writes(World& world, NodeId node);

void recovery_ended(World& world, const Event& event);  // recovery_ended

}  // namespace longhaul
