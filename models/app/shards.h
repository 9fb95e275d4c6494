// Several primaries: which replication group a call goes to, and which rows are there.
//
// sharded         Rows belong to tenants, a tenant to the group of one primary. A user's calls go
//                 to the group of their tenant, wherever they enter: from a travelling user's app
//                 that may be an ocean away. A share of calls of a tenant that spans regions is
//                 about rows on another primary. A data set with a home is there for everybody. A
//                 transaction stays within one group.
// active_active   Every group has all rows: an app talks to that of the nearest primary.
//
// An app instance has a router for each group, which knows that group's servers only. The canary
// writes to the home of its region's users. Left out: transactions across groups, rows or tenants
// that move between groups, the directory that says where a tenant is (every app knows).
#pragma once

#include "models/world.h"

namespace longhaul {

// The group of the request's current call.
GroupId group_for(const World& world, const Request& request);

inline const Router& router_of(const World& world, const Request& request) {
  return world.instances[request.instance.value].routers[request.group.value];
}
inline Router& router_of(World& world, const Request& request) {
  return world.instances[request.instance.value].routers[request.group.value];
}

// The first row of a set in a group.
inline std::uint64_t first_row(const DataSetPlan& set, GroupId group) {
  return set.first_row + group.value * set.shard_rows;
}

// A row's number in its set, or in its shard of the set.
inline std::uint64_t row_in_set(const DataSetPlan& set, std::uint64_t row) {
  const std::uint64_t number = row - set.first_row;
  return set.shard_rows == 0 ? number : number % set.shard_rows;
}

}  // namespace longhaul
