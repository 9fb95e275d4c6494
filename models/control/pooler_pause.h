// A planned switchover behind paused PgBouncers: an operator's script that keeps transactions off
// the database while the primary moves (`pause_poolers` of the faults switchover and failback).
//
//   PAUSE      reaches each PgBouncer through which an app seeks the shard's primary. It lends no
//              connection any more, closes the idle ones, and each other when its transaction has
//              ended; who comes waits, for query_wait_timeout at most
//   switchover is ordered when all are closed
//   RESUME     is sent when the new primary accepts writes. Where PgBouncer goes by a fixed host or
//              a name, its configuration names that server from then on (host= and RELOAD); a proxy
//              finds it by its checks. Those who wait are served in their order
//   the end    after pause_poolers at the latest all are resumed as they were; a switchover that
//              has not been ordered by then is not
//
// So nothing fails that is ready to wait for as long as the pause takes, if max_client_conn has
// room for all who come meanwhile:
//
//   pause = the longest transaction in progress + the switchover + the ways of the three orders
//
// The script looks every 10 ms. Messages take their ways and are not lost: left out. So are
// statements outside of PgBouncer, databases of standbys, KILL and SUSPEND.
//
// Sources: PgBouncer doc/usage.md (PAUSE, RESUME, RELOAD), src/janitor.c (per_loop_pause),
// src/objects.c (find_server).
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether an app reaches its primary through a PgBouncer that an operator can pause.
bool has_pausable_pooler(const AppConfig& app);

// The script begins.
void begin_pooler_pause(World& world, const FaultPlan& fault, GroupId shard);

// poolers_due: PAUSE or RESUME has arrived, or the script looks.
void poolers_due(World& world, const Event& event);

}  // namespace longhaul
