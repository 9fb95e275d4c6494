#include "models/build.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/app/pgbouncer.h"
#include "models/build_columns.h"
#include "models/build_faults.h"
#include "models/build_workload.h"
#include "models/names.h"
#include "models/start.h"

namespace longhaul {
namespace {

constexpr Bytes empty_cluster{23'000'000};  // a fresh cluster of PostgreSQL 15 without WAL

class Builder {
 public:
  Builder(const ClusterConfig& config, std::uint64_t seed) : config_(config), seed_(seed) {}

  // Goes on from a plan that exists, with the faults of `config`.
  Builder(const ClusterConfig& config, const Plan& plan)
      : config_(config), seed_(plan.seed), plan_(plan) {}

  Plan with_faults() {
    add_faults();
    return std::move(plan_);
  }

  Cluster build(std::optional<std::uint64_t> permute_ties) {
    if (permute_ties) world_.scheduler.permute_ties(*permute_ties);
    plan_.seed = seed_;
    plan_.network_key = stream(seed_, "network");
    plan_.duration = config_.duration;
    plan_.warmup = config_.warmup;
    plan_.network = config_.network;
    plan_.postgres = config_.postgres;
    plan_.wal = config_.wal;
    plan_.policy = config_.policy;
    plan_.primaries = config_.primaries;
    plan_.monitoring = config_.monitoring;
    plan_.labels = label_values(config_);
    label_levels();
    plan_.sync = *parse_sync_standbys(config_.postgres.synchronous_standby_names);
    add_nodes();
    add_controllers();
    add_caches();
    add_lease_store();
    add_standby_cluster();
    add_apps();
    add_data();
    add_columns(config_, plan_);
    add_populations(config_, seed_, plan_, world_);
    keep_truth();
    add_network();
    plan_.primary_may_fail =
        config_.policy.failover.manager != FailoverManager::none || config_.interactive;
    add_faults();
    world_.measures = Measures(plan_.labels);
    world_.canaries.resize(config_.regions.size());
    world_.read_canaries.resize(config_.regions.size());
    if (plan_.primary_may_fail) world_.durable_canaries.resize(config_.regions.size());
    world_.availability.resize(config_.regions.size());
    world_.plan = std::make_shared<const Plan>(std::move(plan_));
    start(world_);
    return Cluster(std::move(world_));
  }

 private:
  std::uint32_t region(const std::string& name) const { return index_of(config_.regions, name); }

  std::uint32_t place(const std::string& region_name, const std::string& zone) {
    return place_of(config_, plan_, region_name, zone);
  }

  DataSetId set(const std::string& name) const { return set_of(plan_, name); }

  void label_levels() {
    const std::vector<std::string>& labels = plan_.labels[Label::synchronous_commit];
    for (std::size_t level = 0; level < plan_.level_labels.size(); ++level) {
      const auto at =
          std::find(labels.begin(), labels.end(), enum_text(static_cast<SynchronousCommit>(level)));
      if (at == labels.end()) continue;
      plan_.level_labels[level] = static_cast<std::uint32_t>(at - labels.begin());
    }
  }

  void add_nodes() {
    for (std::uint32_t i = 0; i < config_.nodes.size(); ++i) {
      const NodeConfig& node = config_.nodes[i];
      NodePlan plan{node, place(node.region, node.zone),     {}, {},
                    0,    stream(seed_, "node/" + node.name)};
      if (node.follows) plan.follows = {index_of(config_.nodes, *node.follows)};
      if (node.role == NodeRole::primary) plan_.groups.push_back({{i}, {}, {}});
      plan_.nodes.push_back(plan);
    }
    for (std::uint32_t i = 0; i < plan_.nodes.size(); ++i) {
      NodePlan& node = plan_.nodes[i];
      node.group = group_of(node);
      std::vector<NodeId>& members = plan_.groups[node.group.value].members;
      node.member = static_cast<std::uint32_t>(members.size());
      members.push_back({i});
    }
    for (const FaultConfig& fault : config_.faults) {
      if (fault.kind == FaultKind::base_backup && fault.to) place(*fault.to, "a");
      if (is_command(fault) && fault.region) place(*fault.region, "a");
    }
  }

  GroupId group_of(const NodePlan& node) const {
    const NodePlan* at = &node;
    while (at->follows.valid()) at = &plan_.nodes[at->follows.value];
    const NodeId primary{static_cast<std::uint32_t>(at - plan_.nodes.data())};
    for (std::uint32_t i = 0; i < plan_.groups.size(); ++i) {
      if (plan_.groups[i].primary == primary) return {i};
    }
    CHECK(false);
    __builtin_unreachable();
  }

  void add_apps() {
    std::uint32_t instances = 0;
    for (const AppConfig& app : config_.apps) {
      const Duration next_zone = config_.regions[region(app.region)].cross_zone_rtt;
      AppPlan plan{app,
                   place(app.region, app.zone),
                   InstanceId{instances},
                   app.token_store_delay.value_or(DurationDistribution::constant(next_zone)),
                   {}};
      if (app.pgbouncer) plan.config.pool = pooled(app);
      plan.group = nearest_group(config_, plan_, app.region);
      for (std::uint32_t i = 0; i < config_.caches.size(); ++i) {
        if (!plan.cache.valid() && config_.caches[i].region == app.region) plan.cache = {i};
      }
      if (app.outbox.broker) plan.broker_place = place(*app.outbox.broker, "a");
      plan.hosts = hosts_of(app);
      plan.proxy_place = app.connect.region ? place(*app.connect.region, "a") : plan.place;
      plan_.apps.push_back(plan);
      instances += static_cast<std::uint32_t>(app.instances);
    }
  }

  void add_controllers() {
    for (const ControllerConfig& controller : config_.control.controllers) {
      plan_.controllers.push_back({controller.name, place(controller.region, controller.zone)});
    }
  }

  // A string of several hosts has all servers unless it says otherwise, if there is one primary.
  std::vector<NodeId> hosts_of(const AppConfig& app) const {
    std::vector<NodeId> hosts;
    if (app.connect.hosts) {
      for (const std::string& name : *app.connect.hosts) {
        hosts.push_back({index_of(config_.nodes, name)});
      }
    } else if (app.connect.by == FindPrimary::multi_host) {
      for (std::uint32_t i = 0; i < config_.nodes.size(); ++i) {
        if (config_.nodes[i].role != NodeRole::logical) hosts.push_back({i});
      }
    }
    return hosts;
  }

  void add_caches() {
    plan_.caching = config_.caching;
    plan_.dns = config_.dns;
    plan_.control = config_.control;
    plan_.caches_key = stream(seed_, "caches");
    plan_.edge_label = static_cast<std::uint32_t>(config_.nodes.size() + config_.caches.size());
    for (std::uint32_t i = 0; i < config_.caches.size(); ++i) {
      const CacheConfig& cache = config_.caches[i];
      CachePlan plan{cache, place(cache.region, cache.zone), region(cache.region), {}, {}};
      plan.label = static_cast<std::uint32_t>(config_.nodes.size()) + i;
      for (std::uint32_t n = 0; n < config_.nodes.size(); ++n) {
        const NodeConfig& node = config_.nodes[n];
        const bool beside = node.role == NodeRole::replica && node.region == cache.region;
        if (beside && !plan.replica.valid()) plan.replica = {n};
      }
      plan_.caches.push_back(plan);
      world_.caches.push_back({CacheStore(static_cast<std::uint32_t>(cache.entries.value)), 0});
    }
  }

  void add_lease_store() {
    if (!config_.lease_store) return;
    LeaseStorePlan& plan = plan_.lease_store;
    plan.config = *config_.lease_store;
    std::vector<StoreMemberConfig>& members = plan.config.members;
    if (config_.standby_cluster) plan.second = part_stores(members);
    for (const StoreMemberConfig& member : members) {
      plan.places.push_back(place(member.region, member.zone));
    }
    for (std::uint32_t store = 0; store < 2 && plan.has(store); ++store) {
      const std::uint64_t luck = draw_bits(stream(seed_, "lease_store"), store, 0);
      const std::uint32_t first = plan.first_of(store);
      plan.first_leaders[store] =
          first + static_cast<std::uint32_t>(below(luck, plan.end_of(store) - first));
    }
    if (!plan.config.leader) return;
    const auto named = static_cast<std::uint32_t>(index_of(members, *plan.config.leader));
    plan.first_leaders[plan.has(1) && named >= plan.second ? 1 : 0] = named;
  }

  // Members of the standby cluster's own store go last. Returns how many do not.
  std::uint32_t part_stores(std::vector<StoreMemberConfig>& members) const {
    const std::vector<std::string>& own = config_.standby_cluster->lease_store;
    const auto end =
        std::stable_partition(members.begin(), members.end(), [&own](const auto& member) {
          return std::find(own.begin(), own.end(), member.name) == own.end();
        });
    return static_cast<std::uint32_t>(end - members.begin());
  }

  void add_standby_cluster() {
    if (!config_.standby_cluster) return;
    const std::vector<std::string>& own = config_.standby_cluster->nodes;
    for (const std::string& name : own) {
      plan_.nodes[index_of(config_.nodes, name)].in_standby_cluster = true;
    }
    for (std::uint32_t i = 0; i < plan_.nodes.size(); ++i) {
      const NodePlan& node = plan_.nodes[i];
      const bool leads =
          node.in_standby_cluster && !plan_.nodes[node.follows.value].in_standby_cluster;
      if (leads && !plan_.standby_leader.valid()) plan_.standby_leader = {i};
    }
  }

  std::vector<std::uint32_t> members_of(const FaultConfig& fault) const {
    const std::vector<StoreMemberConfig>& members = plan_.lease_store.config.members;
    if (fault.member) return {index_of(members, *fault.member)};
    std::vector<std::uint32_t> all(members.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }

  // A read may take a statement_timeout from its snapshot to the cache, and another to its user.
  void keep_truth() {
    Duration kept = config_.caches.empty() ? Duration{} : config_.caching.ttl;
    for (const PagePlan& page : plan_.pages) {
      if (page.edge && page.edge->ttl) kept = std::max(kept, *page.edge->ttl);
    }
    if (kept == Duration{}) return;
    Duration timeout;
    for (const AppConfig& app : config_.apps) timeout = std::max(timeout, app.statement_timeout);
    world_.truth.keep_for(kept + timeout * 2);
  }

  void add_data() {
    std::vector<DataSetConfig> sets = config_.data;
    if (config_.canary.milli_per_day > 0) {
      DataSetConfig canary;
      canary.name = canary_name;
      canary.rows = {1'000};
      sets.push_back(canary);
    }
    std::uint64_t first = 0;
    for (const DataSetConfig& set : sets) {
      const auto rows = static_cast<std::uint64_t>(set.rows.value);
      DataSetPlan plan{set, RowPicker(rows, set.skew), first, 0, {}, false};
      if (set.home) plan.home = group_named(plan_, *set.home);
      const bool divided = config_.primaries == Primaries::sharded && !set.home;
      if (divided) plan.shard_rows = rows;
      first += rows * (divided ? plan_.groups.size() : 1);
      for (std::uint32_t i = 0; i < plan_.groups.size(); ++i) {
        if (plan.home.valid() && plan.home.value != i) continue;
        Bytes& size = plan_.groups[i].database_size;
        size = size + size_on_disk(set);
      }
      plan_.sets.push_back(plan);
    }
    for (GroupPlan& group : plan_.groups) {
      group.database_size =
          config_.postgres.database_size.value_or(group.database_size + empty_cluster);
    }
  }

  void add_network() {
    for (const DirectedLink& link : config_.links) {
      Link state;
      state.from = {region(link.from)};
      state.to = {region(link.to)};
      state.latency = link.latency;
      state.jitter = link.jitter;
      state.bandwidth = link.bandwidth;
      state.queue = link.queue;
      state.loss = link.loss;
      world_.network.add_link(state);
    }
    CHECK(plan_.places.size() < 256);  // a path's number travels in 16 bits
    for (const Place& from : plan_.places) {
      const std::vector<std::vector<LinkId>> by_region = ways(config_, from.region);
      for (const Place& to : plan_.places) {
        Path path;
        if (from.region == to.region) {
          const RegionFacts& facts = config_.regions[from.region];
          const bool one_zone = from.zone == to.zone || from.zone.empty() || to.zone.empty();
          path.latency = {(one_zone ? facts.same_zone_rtt : facts.cross_zone_rtt).ns / 2};
        } else {
          path.links = by_region[to.region];
        }
        plan_.paths.push_back(world_.network.add_path(std::move(path)));
      }
    }
    for (AppPlan& app : plan_.apps) {
      if (app.config.connect.by != FindPrimary::proxy) continue;
      for (const NodePlan& node : plan_.nodes) {
        app.by_proxy.push_back({add_way(app.place, app.proxy_place, node.place),
                                add_way(node.place, app.proxy_place, app.place)});
      }
    }
  }

  PathId add_way(std::uint32_t from, std::uint32_t by, std::uint32_t to) {
    Path way = world_.network.path(plan_.path(from, by));
    const Path& rest = world_.network.path(plan_.path(by, to));
    way.latency += rest.latency;
    way.links.insert(way.links.end(), rest.links.begin(), rest.links.end());
    return world_.network.add_path(std::move(way));
  }

  void add_backup(const FaultConfig& config, FaultPlan& plan) {
    const NodePlan* built = config.node ? &plan_.nodes[plan.node.value] : nullptr;
    plan.source = built != nullptr ? built->follows : plan_.groups.front().primary;
    plan.place = built != nullptr ? built->place : place(*config.to, "a");
    plan.rate = config.rate.value_or(ByteRate{});
    plan.fast = config.checkpoint == CheckpointMode::fast;
    plan.compressed_to = config.compressed_to;
  }

  static bool is_command(const FaultConfig& fault) {
    return rule_of(fault.kind).subject == FaultSubject::manager;
  }

  std::uint32_t operators_place(const FaultConfig& command) {
    if (command.region) return place(*command.region, "a");
    if (!plan_.controllers.empty()) return plan_.controllers.front().place;
    return plan_.nodes[plan_.groups.front().primary.value].place;
  }

  void note_primary_may_fail(const FaultPlan& fault) {
    const bool stops = rule_of(fault.kind).subject == FaultSubject::server;
    const bool primary = stops && plan_.nodes[fault.node.value].config.role == NodeRole::primary;
    const bool opens = fault.kind == FaultKind::promote || fault.kind == FaultKind::restore_backup;
    plan_.primary_may_fail |= primary || opens;
  }

  void add_faults() {
    for (const FaultConfig& config : parts_of_faults(config_)) {
      if (config.kind == FaultKind::deploy) {
        plan_.deploys.push_back(
            {{index_of(config_.apps, *config.app)}, TimePoint{} + config.at, config.every});
        continue;
      }
      FaultPlan plan;
      plan.kind = config.kind;
      plan.begins = TimePoint{} + config.at;
      if (rule_of(config.kind).operation) {
        plan.set = set(*config.data);
        plan.node = plan_
                        .groups[plan_.sets[plan.set.value].home.valid()
                                    ? plan_.sets[plan.set.value].home.value
                                    : 0]
                        .primary;
        if (config.lasts) plan.lasts = *config.lasts;
      } else if (config.lasts) {
        plan.ends = plan.begins + *config.lasts;
      }
      if (config.speed) plan.speed = *config.speed;
      if (config.value) plan.standbys = *parse_sync_standbys(*config.value);
      if (config.data) plan.set = set(*config.data);
      if (config.adds) plan.adds = column_bit(plan_, plan.set, *config.adds);
      if (config.drops) plan.drops = column_bit(plan_, plan.set, *config.drops);
      if (config.app) plan.app = {index_of(config_.apps, *config.app)};
      if (config.kind == FaultKind::lease_store_down) plan.members = members_of(config);
      if (config.instance) plan.instance = static_cast<std::uint32_t>(*config.instance);
      if (config.node) plan.node = {index_of(config_.nodes, *config.node)};
      if (config.kind == FaultKind::base_backup) {
        add_backup(config, plan);
        plan_.faults.push_back(plan);
        continue;
      }
      plan.every = std::max(config.every, milliseconds(1));  // a link cannot flap faster
      plan.share = config.share;
      if (is_command(config)) {
        plan.place = operators_place(config);
      } else if (config.region) {
        plan.region = region(*config.region);
      }
      plan.stops_after = config.stops_after;
      plan.pause_poolers = config.pause_poolers;
      plan.by = config.by.value_or(Duration{});
      plan.drift = config.drift.value_or(Ratio{});
      plan.others_follow = config.others_follow;
      plan.rate = config.rate.value_or(ByteRate{});
      note_primary_may_fail(plan);
      for (std::uint32_t i = 0; i < config_.links.size(); ++i) {
        const DirectedLink& link = config_.links[i];
        bool hit = config.from && link.from == *config.from && link.to == *config.to;
        if (config.between) {
          const auto& ends = *config.between;
          hit = (link.from == ends[0] && link.to == ends[1]) ||
                (link.from == ends[1] && link.to == ends[0]);
        }
        if (hit) plan.links.push_back({i});
      }
      plan_.faults.push_back(plan);
    }
  }

  const ClusterConfig& config_;
  std::uint64_t seed_;
  Plan plan_;
  World world_;
};

}  // namespace

std::string unreachable(const ClusterConfig& config) {
  for (std::uint32_t from = 0; from < config.regions.size(); ++from) {
    const std::vector<std::vector<LinkId>> way = ways(config, from);
    for (std::uint32_t to = 0; to < config.regions.size(); ++to) {
      if (to != from && way[to].empty()) {
        return config.regions[from].name + " and " + config.regions[to].name;
      }
    }
  }
  return {};
}

Cluster build(const ClusterConfig& config, std::uint64_t seed,
              std::optional<std::uint64_t> permute_ties) {
  return Builder(config, seed).build(permute_ties);
}

bool is_injectable(FaultKind kind) {
  switch (kind) {
    case FaultKind::vacuum:            // dead rows are counted from the start
    case FaultKind::alter_subscriber:  // columns are numbered at the start
    case FaultKind::base_backup:       // its target may be a place of its own
      return false;
    default:
      return true;
  }
}

void inject(Cluster& cluster, const ClusterConfig& config, const FaultConfig& fault) {
  World& world = cluster.world();
  CHECK(config.interactive && is_injectable(fault.kind));
  CHECK(TimePoint{} + fault.at >= world.now());
  ClusterConfig more = config;
  more.faults = {fault};
  const auto known = static_cast<std::uint32_t>(world.plan->faults.size());
  world.plan = std::make_shared<const Plan>(Builder(more, *world.plan).with_faults());
  start_faults(world, known);
}

void end_at(Cluster& cluster, TimePoint end) {
  World& world = cluster.world();
  CHECK(end >= world.now());
  Plan plan = *world.plan;
  plan.duration = end - TimePoint{};
  world.plan = std::make_shared<const Plan>(std::move(plan));
}

}  // namespace longhaul
