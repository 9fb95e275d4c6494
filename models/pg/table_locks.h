// Locks on whole tables: what ALTER TABLE, TRUNCATE and their replay on a standby wait for, and
// what waits for them.
//
// A statement shares its table (AccessShare to read, RowExclusive to write; the two get on with one
// another) from its arrival at the server until its transaction ends: a statement by itself until
// it is served, a page's transaction until COMMIT is done, the synchronous wait included. ACCESS
// EXCLUSIVE gets on with nobody. Who asks for a table while it is held exclusively, or while
// another waits for it, queues in the order of arrival: so one ALTER that waits for one slow report
// blocks everybody else. Who holds a table already gets it again at once.
//
// A queued statement keeps its connection and needs no processor. Holders are counted, not listed:
// a table that no DDL ever asks for costs a statement two additions.
//
// Sources: PostgreSQL manual, Explicit Locking; lock.c (LockAcquireExtended), proc.c (ProcSleep).
// Left out: the lock modes in between, lock_timeout and deadlocks between tables.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace longhaul {

enum class TableUser : std::uint8_t {
  statement,  // of a page; `index` is its request
  operation,  // of an operator (models/pg/operations.h); `index` is its number
  startup,    // the process that replays the log
};

struct TableWait {
  TableUser user = TableUser::statement;
  bool exclusive = false;
  std::uint32_t index = 0;
};

struct TableLock {
  std::uint32_t shared = 0;
  bool exclusive = false;
  std::vector<TableWait> queue;
};

struct World;
struct Request;

TableLock& table_lock(World& world, NodeId node, DataSetId set);

// A page's statement at its server takes its table. False: it waits, and runs when it has it.
bool lock_table(World& world, NodeId node, std::uint32_t slot);

// The transaction of a request has ended, or its statement by itself, which may still be waiting.
void release_tables(World& world, NodeId node, Request& request);

// Takes a table for somebody else, or queues. Granted later: models/pg/operations.h or replay.h.
bool claim_table(World& world, NodeId node, DataSetId set, const TableWait& who);
void release_table(World& world, NodeId node, DataSetId set, bool exclusive);
// The log says that an exclusive lock is over whose holder never will: the record of an abort.
void log_freed_table(World& world, NodeId primary, DataSetId set);

// Replay holds no table any more: the standby was built anew.
void free_tables(World& world, NodeId node);

// A server stops: nobody holds a table there but transactions of the primary that replay has met.
void end_table_locks(World& world, NodeId node);

// Whether the request's transaction holds the table.
bool holds_table(const World& world, const Request& request, DataSetId set);

}  // namespace longhaul
