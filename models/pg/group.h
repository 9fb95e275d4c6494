// A replication group while a run lasts: a primary and all that follow it, directly, through one
// another or logically. What only the primary does, and its settings, are the group's; who is in
// it stands in Node::group, its log in models/pg/wal.h.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/pg/autovacuum.h"
#include "models/pg/checkpointer.h"
#include "models/pg/full_page_images.h"
#include "models/pg/sync_standbys.h"
#include "models/pg/vacuum.h"

namespace longhaul {

struct Group {
  NodeId primary;
  LogId log;  // that the primary writes
  Checkpointer checkpointer;
  Autovacuum autovacuum;
  std::vector<DataPages> pages;               // by data set
  std::vector<DeadRows> dead_rows;            // by data set; empty if nothing ever vacuums
  SyncMethod sync_method = SyncMethod::none;  // synchronous_standby_names as it stands now
  std::uint32_t sync_count = 0;
  Lsn sync_since;  // end of the log when it was set
};

}  // namespace longhaul
