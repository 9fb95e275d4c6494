// The router's field table: names, documentation, bounds and the sources of the
// defaults. Tables allocate, so they stand apart from the code that decides.
#include "policy/config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<PrimaryReads>() {
  static const EnumNames names{
      {"when_nearest", "fallback_only"},
      {"The primary takes part in the order of preference; a replica at the same distance wins.",
       "The primary serves reads only when no replica may."}};
  return names;
}

template <>
const EnumNames& enum_names<WhenNoReplica>() {
  static const EnumNames names{{"primary", "fail"},
                               {"The primary serves the read.", "The read fails."}};
  return names;
}

const FieldTable& RouterConfig::fields() {
  static const FieldTable table = field_table<RouterConfig>(
      "router",
      {field<&RouterConfig::use_replica_reads>("use_replica_reads")
           .about("Reads may go to replicas. Without it everything goes to the primary.")
           .source("the reason to have a router; GitLab load balancing behaves so when configured"),
       field<&RouterConfig::primary_reads>("primary_reads")
           .about("When the primary serves reads beside its writes.")
           .source("our choice: the nearest copy is the fastest and the primary is never stale"),
       field<&RouterConfig::when_no_replica>("when_no_replica")
           .about("What happens to a read when no replica is admitted and the primary is not the "
                  "nearest database. With \"primary\" the load of all replicas lands there.")
           .source("pgpool-II, GitLab load balancing: reads fall back to the primary")},
      {"balance", "weights", "prefer_zone", "hedge_after"});
  return table;
}

}  // namespace longhaul
