// Columns that a schema change adds or drops, and which of them a database shows.
//
// A schema change is in the log as rows are: the primary shows it once the commit of ALTER TABLE is
// flushed, a standby once it has replayed that commit, a logical subscriber once it was altered
// itself. A statement names its columns when it is parsed, with its table locked: one that its
// database has not got yet, or not any more, fails it as undefined_column (SQLSTATE 42703), and
// aborts its transaction.
//
// Sources: PostgreSQL parse_relation.c (errorMissingColumn), manual, ALTER TABLE. Left out: types,
// defaults and constraints (a NOT NULL column that an older version's inserts leave out); plans of
// prepared statements whose result changes.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/units.h"

namespace longhaul {

using ColumnSet = std::uint64_t;  // a bit for each of Plan::columns
constexpr std::size_t columns_max = 64;

// A commit that changed a schema.
struct SchemaChange {
  NodeId node;  // where it was made
  Lsn end;      // of its commit there; a subscriber's: none
  ColumnSet adds = 0;
  ColumnSet drops = 0;
};

struct World;
struct FaultPlan;

void note_schema_change(World& world, const FaultPlan& plan, Lsn end);

// Whether a node shows all of these.
bool has_columns(const World& world, NodeId node, ColumnSet columns);

}  // namespace longhaul
