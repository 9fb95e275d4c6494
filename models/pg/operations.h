// What operators do to tables, each in a transaction of its own: ALTER TABLE, TRUNCATE, VACUUM,
// a long report. They stand in the list of faults.
//
//   alter_table  takes ACCESS EXCLUSIVE on the primary, holds it for so long and commits. It may
//                add and drop columns (models/pg/columns.h).
//   truncate     the same and commits at once.
//   vacuum       shares the table and removes its dead rows (models/pg/vacuum.h) at once.
//   long_read    one statement on any server that shares its table and keeps its snapshot for so
//                long, unless replay cancels it (models/pg/conflicts.h).
//
// All of them wait for their table first (models/pg/table_locks.h). With ACCESS EXCLUSIVE a lock
// record enters the log; nobody flushes it in particular, so it travels with the next flush: that
// of another commit, or of the WAL writer. The lock is released when the commit record is flushed.
//
// Sources: PostgreSQL lock.c, standby.c (LogAccessExclusiveLock, xl_standby_lock: 24 + 16 bytes).
// Left out: what DDL writes beside the two records, the rewriting of a table, rows that TRUNCATE
// removes, a DDL's own synchronous wait, the connection and the processor time of a report.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/units.h"
#include "sim/event.h"

namespace longhaul {

enum class OperationState : std::uint8_t {
  none,        // not begun, over, or cancelled
  waiting,     // for its table
  running,     // has it
  committing,  // its commit record is not flushed yet
};

struct Operation {
  OperationState state = OperationState::none;
  Lsn snapshot;  // a report's: it sees commits up to there
  Lsn commit_end;
};

struct World;

// Numbers of operations are those of the plan's faults.
void begin_operation(World& world, std::uint32_t number);
void operation_granted(World& world, std::uint32_t number);  // it has its table
void operation_due(World& world, const Event& event);        // operation_due
void operations_flushed(World& world);                       // the primary has flushed
void cancel_report(World& world, std::uint32_t number);      // it is in the way of replay

}  // namespace longhaul
