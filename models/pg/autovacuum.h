// Autovacuum: the log that cleaning up behind writes costs.
//
// Every autovacuum_naptime the data sets are looked at. One with more dead rows (old versions that
// updates left) than 50 + 20 % of its rows, or more inserted rows since the last time than 1000 +
// 20 %, is vacuumed: each page that changed since is logged with 87 bytes (pruned, or marked as
// visible to all), and whole when a checkpoint came between. A worker is slowed down to 4650 pages
// a second, so its work is a thin stream of records beside that of the users. They remove row
// versions that nobody on the primary sees any more: entries of kind cleanup, about the data set,
// for the queries of a standby that may still need them.
//
// Sources: PostgreSQL autovacuum.c (relation_needs_vacanalyze), vacuumlazy.c;
// autovacuum_vacuum_cost_delay 2 ms, limit 200, 20 for a page made dirty; measured on PostgreSQL
// 15: 600 kB of log for 6,900 pages of new rows, within 1.5 s. The phase of the naptime is drawn by
// seed. Left out: passes over indexes, dead rows that page pruning removes before, truncation,
// freezing, ANALYZE; one worker does everything.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/units.h"
#include "sim/rng.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

struct World;

struct Autovacuum {
  Duration phase;          // of the first look
  Timer nap;               // the next look, if there is something to find
  Timer step;              // the worker goes on
  DataSetId at;            // what the worker vacuums; none: it sleeps
  std::int64_t pages = 0;  // still to do there
  Bytes images;            // still to log there
};

// A data set was written.
void note_written(World& world, NodeId primary, DataSetId set);

// VACUUM of one data set, at the worker's speed; waits for nobody.
void vacuum(World& world, NodeId primary, DataSetId set);

void autovacuum_due(World& world, const Event& event);   // autovacuum_due
void vacuum_step_due(World& world, const Event& event);  // vacuum_step_due

}  // namespace longhaul
