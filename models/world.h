// Everything that changes while a run lasts, as one value: copying a World is a snapshot of it, and
// the copy continues exactly as the original would.
//
// Plain structs in vectors that refer to one another by id; each stands with its subject:
// net/mail.h, pg/state.h, app/state.h. The rules that change them stand beside them. cluster.h
// drives them with events.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "models/app/canary.h"
#include "models/app/page_parts.h"
#include "models/app/state.h"
#include "models/app/witness_notes.h"
#include "models/control/lease_store.h"
#include "models/control/state.h"
#include "models/data.h"
#include "models/event_kinds.h"
#include "models/measures.h"
#include "models/net/bulk.h"
#include "models/net/mail.h"
#include "models/net/network.h"
#include "models/pg/base_backup.h"
#include "models/pg/columns.h"
#include "models/pg/group.h"
#include "models/pg/logical.h"
#include "models/pg/merge.h"
#include "models/pg/operations.h"
#include "models/pg/rewind.h"
#include "models/pg/state.h"
#include "models/pg/table_locks.h"
#include "models/pg/wal.h"
#include "models/plan.h"
#include "models/ring.h"
#include "models/slot_pool.h"
#include "sim/scheduler.h"

namespace longhaul {

struct World {
  std::shared_ptr<const Plan> plan;
  Scheduler scheduler;
  Network network;
  SlotPool<Mail> mail;
  SlotPool<Parked> parked;
  std::vector<Connect> connects;
  std::vector<std::uint32_t> free_connects;
  std::vector<Group> groups;  // timelines of shards
  std::vector<WalLog> logs;   // of the groups
  std::vector<Node> nodes;
  std::vector<TableLock> tables;             // nodes × data sets
  std::vector<Operation> operations;         // of the plan's faults; empty if none is one
  std::vector<SchemaChange> schema_changes;  // committed, in their order on each node
  std::vector<WalStream> streams;
  std::vector<Bulk> bulks;
  std::vector<Subscription> subscriptions;
  std::vector<Backup> backups;       // of this run, in the order in which they began
  std::vector<Rewind> rewinds;       // likewise
  std::vector<LagAlert> lag_alerts;  // nodes × sources of time; none where nobody watches
  Control control;
  std::vector<Pool> pools;
  SlotPool<ServerCheck> server_checks;
  std::vector<Probe> probes;
  std::vector<Finder> finders;      // instances × shards of apps that find the primary otherwise
  std::vector<Resolver> resolvers;  // apps × shards; empty unless one looks a name up
  std::vector<Proxy> proxies;       // by app; empty unless one has a proxy
  std::vector<RecordChange> record_changes;
  std::vector<Instance> instances;
  std::vector<CallBreaker> call_breakers;  // instances × nodes; empty where disabled
  std::vector<OutlierEjection> outliers;   // instances × shards; likewise
  std::vector<Session> sessions;
  std::vector<User> users;
  TokenStores stores;
  std::vector<SessionToken> session_tokens;  // sessions × shards, if there are several
  std::vector<SessionToken> user_tokens;     // users × shards, likewise
  std::vector<std::uint32_t> last_rows;      // users × data sets: the row written last
  std::vector<Request> requests;
  std::vector<std::uint32_t> free_requests;
  SlotPool<Doubt> doubts;
  std::vector<PageClock> page_clocks;  // by request; empty unless pages are timed
  Witness witness;                     // of single pages; off unless somebody watches
  std::vector<Cache> caches;
  SlotPool<CacheOrder> cache_orders;  // on their way
  std::vector<CacheStore> edges;
  LeaseStore lease_store;                   // without members unless the scenario has one
  std::vector<Entrance> entrances;          // by app; empty if nobody enters by latency DNS
  std::vector<Resolved> resolved;           // by session; likewise
  std::vector<Outbox> outboxes;             // by instance; empty if no call is queued
  std::vector<OutboxWatch> outbox_watches;  // by app; likewise
  Truth truth;
  Merge merge;  // empty unless two primaries write the same rows
  Measures measures;
  std::vector<CanaryWatch> canaries;          // by region label
  std::vector<CanaryWatch> durable_canaries;  // likewise; empty unless a primary may fail
  std::vector<CanaryWatch> read_canaries;
  Ring<CanaryAck> canary_acks;  // that may still be lost
  std::vector<AvailabilityWatch> availability;
  TimePoint measured_from;
  std::uint32_t stalled = 0;                // faults in progress that let a host stand still
  std::vector<Event> held;                  // for those hosts, in their order
  bool had_stops = false;                   // a server has stopped in this run
  std::uint64_t statements = 0;             // that reached a server
  std::vector<SyncCandidate> sync_scratch;  // working memory of standby_confirmed

  TimePoint now() const { return scheduler.now(); }
  Node& node(NodeId id) { return nodes[id.value]; }
  const Node& node(NodeId id) const { return nodes[id.value]; }
  WalLog& log(LogId id) { return logs[id.value]; }
  const WalLog& log(LogId id) const { return logs[id.value]; }
  Group& group_of(NodeId id) { return groups[node(id).group.value]; }
  const Group& group_of(NodeId id) const { return groups[node(id).group.value]; }
  NodeId primary() const;  // of the first shard, in truth (models/pg/group.h)
};

}  // namespace longhaul
