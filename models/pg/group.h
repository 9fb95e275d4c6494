// A replication group while a run lasts: one timeline of a shard, its primary and all that follow
// it, directly, through one another or logically.
//
// What only the primary does, and its settings, are the group's; who is in it stands in
// Node::group. The shards are the groups of the plan and never grow in number; the first group of
// each has the shard's number. Each promotion adds a group, and a log under the same number
// (models/pg/wal.h), that forks off from its parent. Two primaries of one shard are two groups.
//
// A timeline is (number, fork, who was promoted): two promotions at once may pick the same number.
#pragma once

#include <cstdint>
#include <string>
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
  NodeId primary;  // who opened it
  LogId log;       // that the primary writes
  GroupId shard;   // of Plan::groups
  std::uint32_t timeline = 1;
  GroupId parent;  // none: the shard began with it
  Lsn fork;        // up to where it shares the parent's log
  TimePoint began;
  TimePoint failed_at;                    // what the promotion answered, in truth
  bool cut_off = false;                   // that was a cut of a link
  bool restored = false;                  // it began with a backup of its parent
  TimePoint closed = TimePoint::never();  // when its primary stopped last
  Checkpointer checkpointer;
  Autovacuum autovacuum;
  std::vector<DataPages> pages;               // by data set
  std::vector<DeadRows> dead_rows;            // by data set; empty if nothing ever vacuums
  SyncMethod sync_method = SyncMethod::none;  // synchronous_standby_names as it stands now
  std::uint32_t sync_count = 0;
  std::vector<std::string> sync_names;
  Lsn sync_since;  // end of the log when it was set
};

struct World;

// Whether the group's primary is up and accepts its writes.
bool accepts_writes(const World& world, const Group& group);

// The shard's group in truth: of those whose primaries accept writes the newest timeline, and the
// newest of all if there is none. Newest: the highest number, and of equal ones the later.
GroupId newest_group(const World& world, GroupId shard);
Group& group_of_shard(World& world, GroupId shard);
NodeId primary_of(const World& world, GroupId shard);

}  // namespace longhaul
