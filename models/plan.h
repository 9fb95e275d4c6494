// The fixed part of a world: what the scenario says, with names resolved to positions.
//
// A plan never changes while a run lasts, so all copies of a world share one (World holds a shared
// pointer to a const Plan). Everything that changes lives in World.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/stream_key.h"
#include "base/units.h"
#include "models/app/cache_config.h"
#include "models/app/config.h"
#include "models/app/entry_config.h"
#include "models/app/users_config.h"
#include "models/control/lease_store_config.h"
#include "models/data_config.h"
#include "models/faults.h"
#include "models/measures.h"
#include "models/monitoring_config.h"
#include "models/net/config.h"
#include "models/pg/config.h"
#include "models/pg/sync_standbys.h"
#include "policy/config.h"

namespace longhaul {

// A zone of a region; users stand outside all zones.
struct Place {
  std::uint32_t region = 0;  // label index
  std::string zone;
};

// A shard: a primary as the run begins and all that follow it.
struct GroupPlan {
  NodeId primary;
  std::vector<NodeId> members;  // as routers number them
  Bytes database_size;
};

struct NodePlan {
  NodeConfig config;
  std::uint32_t place = 0;
  NodeId follows;
  GroupId group;
  std::uint32_t member = 0;  // its number there
  StreamKey key;
  bool in_standby_cluster = false;
};

// Between an app and a node, through the app's proxy.
struct ProxiedWay {
  PathId there;
  PathId back;
};

struct AppPlan {
  AppConfig config;
  std::uint32_t place = 0;
  InstanceId first_instance;
  DurationDistribution token_store;  // a round trip to it
  std::uint32_t broker_place = 0;    // of its queue
  CacheId cache;                     // of its region; none: it has none
  GroupId group = {};                // of the nearest primary
  std::vector<NodeId> hosts = {};    // of its connection string, if that names them
  std::uint32_t proxy_place = 0;
  std::vector<ProxiedWay> by_proxy = {};  // by node; empty: it has none
};

struct ControllerPlan {
  std::string name;
  std::uint32_t place = 0;
};

struct CachePlan {
  CacheConfig config;
  std::uint32_t place = 0;
  std::uint32_t region = 0;  // label index
  std::uint32_t label = 0;   // among the values of served_by
  NodeId replica;            // the first in its region; none: there is none
};

struct LeaseStorePlan {
  LeaseStoreConfig config;
  std::vector<std::uint32_t> places;  // of its members; empty: there is no store
  std::uint32_t second =
      0;  // the first member of the standby cluster's own store; 0: there is none
  std::array<std::uint32_t, 2> first_leaders{};  // of both stores

  bool has(std::uint32_t store) const { return store == 0 ? !places.empty() : second > 0; }
  std::uint32_t first_of(std::uint32_t store) const { return store == 0 ? 0 : second; }
  std::uint32_t end_of(std::uint32_t store) const {
    return store == 0 && second > 0 ? second : static_cast<std::uint32_t>(places.size());
  }
};

struct DataSetPlan {
  DataSetConfig config;
  RowPicker picker;
  std::uint64_t first_row = 0;   // rows of all sets are numbered through
  std::uint64_t shard_rows = 0;  // from the first row of one shard to the next's; 0: not divided
  GroupId home;                  // that owns it; none: every group has rows of it
  bool cached = false;           // some call looks its rows up in a cache
};

enum class Verb : std::uint8_t { read, locking_read, write, begin, commit };

// One statement of a page, repeated `times`.
struct Step {
  Verb verb = Verb::read;
  DataSetId set;
  std::int64_t times = 1;
  std::int64_t rows = 1;
  bool own = false;
  bool in_order = false;
  bool keeps_versions = false;  // a cache or an edge keeps what it reads
  ColumnSet needs = 0;
};

struct Call {
  std::uint32_t first_step = 0;
  std::uint32_t step_count = 0;
  std::int64_t times = 1;
  bool transaction = false;
  bool writes = false;      // a transaction that writes or locks
  bool has_key = false;     // done once, however often it is tried
  bool enqueued = false;    // left in the app's queue
  bool optimistic = false;  // the page does not wait for it
  std::optional<Duration> max_staleness{};
  bool cached = false;
  SynchronousCommit level = SynchronousCommit::on;
  std::uint32_t from_version = 1;  // of the app that makes it
  std::uint32_t until_version = ~std::uint32_t{0};
};

struct PagePlan {
  std::uint32_t label = 0;  // label index of the page's name
  std::uint32_t first_call = 0;
  std::uint32_t call_count = 0;
  std::optional<EdgeConfig> edge;
  std::uint32_t edge_store = 0;  // in World::edges, of an edge with a ttl
};

struct PopulationPlan {
  PopulationConfig config;
  std::uint32_t region = 0;  // label index of the users' region
  std::uint32_t place = 0;
  AppId app;
  GroupId home;  // of the users' tenants
  std::uint32_t first_page = 0;
  std::uint32_t page_count = 0;
  std::vector<std::int64_t> weight_up_to;  // cumulative weights of its pages
  SessionId first_session;
  UserId first_user;
  Duration mean_gap;              // open arrivals: mean time between two pages of one session
  std::vector<AppId> by_latency;  // who enters by latency DNS: nearest first
  std::vector<AppId> by_latency_elsewhere;  // to the name servers of dns.resolver_region
  bool canary = false;                      // measures outages and nothing else
  bool canary_reads = false;                // likewise, of reading
};

// A fault with its names resolved.
struct FaultPlan {
  FaultKind kind = FaultKind::cut_link;
  TimePoint begins;
  TimePoint ends = TimePoint::never();
  NodeId node;
  DataSetId set;
  AppId app;
  Duration lasts = Duration::max();  // of an operation, from when it has its table
  Ratio speed = percent(100);
  std::vector<LinkId> links;
  Duration every;  // flapping
  Ratio share;
  std::uint32_t region = 0;  // label index: cache_loss
  SyncStandbys standbys;     // set_synchronous_standby_names
  NodeId source;             // base_backup: copied from here
  std::uint32_t place = 0;   // base_backup: to here; a command: the operator works here
  ByteRate rate;             // zero: no limit
  bool fast = false;         // its checkpoint
  Ratio compressed_to = percent(100);
  std::optional<std::uint32_t> instance;  // absent: all of the app
  std::vector<std::uint32_t> members;     // of the lease store
  ColumnSet adds = 0;
  ColumnSet drops = 0;
  bool others_follow = true;  // promote
  std::optional<OperatorStep> stops_after;
  std::optional<Duration> pause_poolers;  // switchover, failback
  Duration by;                            // clock_step
  Ratio drift;                            // clock_drift
};

// The next version of an app (models/app/deploy.h).
struct DeployPlan {
  AppId app;
  TimePoint begins;
  Duration every;
};

// A column that some schema change adds or drops.
struct ColumnPlan {
  DataSetId set;
  std::string name;
  friend bool operator==(const ColumnPlan&, const ColumnPlan&) = default;
};

struct Plan {
  std::uint64_t seed = 1;
  StreamKey network_key;  // luck of what is lost on its way
  Duration duration;
  Duration warmup;
  NetworkConfig network;
  PostgresConfig postgres;
  WalConfig wal;
  PolicyConfig policy;
  MonitoringConfig monitoring;
  CachingConfig caching;
  DnsConfig dns;
  ControlConfig control;
  std::vector<ControllerPlan> controllers;
  StreamKey caches_key;          // luck of what is published
  std::uint32_t edge_label = 0;  // among the values of served_by
  SyncStandbys sync;
  bool apply_feedback = false;  // some commits wait for replay
  Primaries primaries = Primaries::one;
  LabelValues labels;
  std::array<std::uint32_t, 5> level_labels{};  // of SynchronousCommit; those in use
  std::vector<Place> places;
  std::vector<PathId> paths;      // places × places; none where no user needs one
  std::vector<GroupPlan> groups;  // shards, in the order of their primaries
  std::vector<NodePlan> nodes;
  std::vector<AppPlan> apps;
  std::vector<CachePlan> caches;
  LeaseStorePlan lease_store;
  NodeId standby_leader;  // of a standby cluster, when the run begins; none: there is none
  std::vector<DataSetPlan> sets;
  std::vector<PopulationPlan> populations;
  std::vector<PagePlan> pages;
  std::vector<Call> calls;
  std::vector<Step> steps;
  std::vector<FaultPlan> faults;
  std::vector<DeployPlan> deploys;
  std::vector<ColumnPlan> columns;
  ColumnSet first_columns = 0;  // that are there when the run begins
  bool primary_may_fail = false;

  NodeId node_at(GroupId group, DatabaseIndex database) const {
    return groups[group.value].members[database.value];
  }

  PathId path(std::uint32_t from, std::uint32_t to) const {
    return paths[from * places.size() + to];
  }
};

}  // namespace longhaul
