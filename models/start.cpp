#include "models/start.h"

#include <string>
#include <utility>
#include <vector>

#include "models/app/entry.h"
#include "models/app/find_primary.h"
#include "models/app/guards.h"
#include "models/app/outbox.h"
#include "models/app/pages.h"
#include "models/app/pgbouncer.h"
#include "models/app/pool_ages.h"
#include "models/app/probes.h"
#include "models/app/tokens.h"
#include "models/build.h"
#include "models/control/agents.h"
#include "models/control/lease_store.h"
#include "models/monitoring.h"
#include "models/net/messages.h"
#include "models/pg/cold_cache.h"
#include "models/pg/commit_wait.h"
#include "models/pg/lag_truth.h"
#include "models/pg/retention.h"
#include "models/pg/stream_connection.h"
#include "models/pg/wal_connection.h"

namespace longhaul {
namespace {

constexpr std::uint32_t queue_max = 1'000'000;  // statements waiting for a processor

// A replica without data does not run; a subscriber without tables does.
void start_empty(World& world, NodeId standby, WalStream& stream) {
  Node& node = world.node(standby);
  node.consistent_from = no_data;
  leave_lag(world, stream);
  stream.streaming = false;
  if (stream.logical) return;
  node.liveness = Liveness::stopped;
  world.had_stops = true;
  stream.has_sender = stream.has_receiver = false;
}

void start_stream(World& world, NodeId from, NodeId standby) {
  const Plan& plan = *world.plan;
  const NodePlan& node_plan = plan.nodes[standby.value];
  const NodePlan& upstream = plan.nodes[from.value];
  WalStream wal;
  wal.upstream = from;
  wal.standby = standby;
  wal.log = wal.granted = world.node(wal.upstream).log;
  wal.path = plan.path(upstream.place, node_plan.place);
  wal.back = plan.path(node_plan.place, upstream.place);
  wal.luck = {stream(world.plan->seed, "wal/" + node_plan.config.name)};
  wal.write_known = wal.flush_known = wal.apply_known = {first_lsn};
  connect_stream(world, wal, {first_lsn});
  for (std::uint32_t stage = 0; stage < 4; ++stage) {
    world.measures.gauge(Metric::replication_lag_bytes, standby.value, stage).set({}, 0);
  }
  world.log(wal.log).streams += 1;
  wal.mutual = world.node(standby).is_primary;
  wal.received = wal.applied = {first_lsn};
  wal.logical = wal.mutual || node_plan.config.role == NodeRole::logical;
  Node& node = world.node(standby);
  if (!wal.mutual) node.upstream = from;
  node.feed = static_cast<std::uint32_t>(world.streams.size());
  world.streams.push_back(wal);
  WalStream& added = world.streams.back();
  const bool empty = node_plan.config.starts == NodeStart::empty;
  if (empty) start_empty(world, standby, added);
  if (wal.logical) {
    add_subscription(world, standby, static_cast<std::uint32_t>(world.streams.size() - 1));
  } else if (!empty) {
    watch_stream(world, added);
  }
}

void start_groups(World& world) {
  for (const GroupPlan& plan : world.plan->groups) {
    Group group;
    group.primary = plan.primary;
    group.log = {static_cast<std::uint32_t>(world.logs.size())};
    group.shard = {static_cast<std::uint32_t>(world.groups.size())};
    world.groups.push_back(group);
    world.logs.emplace_back();
    world.logs.back().writer = plan.primary;
  }
}

// Each primary subscribes to the other.
void start_merging(World& world) {
  for (const Group& publisher : world.groups) {
    for (const Group& subscriber : world.groups) {
      if (publisher.primary == subscriber.primary) continue;
      start_stream(world, publisher.primary, subscriber.primary);
    }
  }
  for (Node& node : world.nodes) node.foreign = {first_lsn};
  for (WalLog& log : world.logs) log.merged = true;
  begin_merging(world);
}

void start_nodes(World& world) {
  const Plan& plan = *world.plan;
  for (std::uint32_t i = 0; i < plan.nodes.size(); ++i) {
    const NodePlan& node_plan = plan.nodes[i];
    Node node;
    node.group = node_plan.group;
    node.log = world.groups[node.group.value].log;
    node.is_primary = node_plan.config.role == NodeRole::primary;
    if (plan.postgres.cold_cache && !node.is_primary) node.cold = all_cold;
    node.cpu = Station<Job>(static_cast<std::uint32_t>(node_plan.config.cpus), queue_max);
    node.disk_luck = {stream(world.plan->seed, "disk/" + node_plan.config.name)};
    node.lock_luck = {stream(world.plan->seed, "locks/" + node_plan.config.name)};
    node.insert = node.flushed = node.received = node.written = node.replayed = {first_lsn};
    node.replay.from.at = {first_lsn};
    world.nodes.push_back(node);
    world.measures.gauge(Metric::cpu_utilisation, i).set({}, 0);
    world.measures.gauge(Metric::connections, i).set({}, 0);
    if (node_plan.follows.valid()) start_stream(world, node_plan.follows, {i});
  }
  if (plan.primaries == Primaries::active_active) start_merging(world);
  for (const Group& group : world.groups) set_synchronous_standbys(world, group.primary, plan.sync);
}

// Whether a group has rows of a set.
bool holds(const World& world, const Group& group, const DataSetPlan& set) {
  return !set.home.valid() || world.groups[set.home.value].primary == group.primary;
}

void start_data(World& world) {
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    world.nodes[i].kept_from = segment_begin({first_lsn}, world.plan->wal);
    note_retained(world, {i});
  }
  const auto nap = static_cast<std::uint64_t>(world.plan->postgres.autovacuum_naptime.ns);
  RandomStream luck{stream(world.plan->seed, "autovacuum")};
  for (Group& group : world.groups) {
    for (const DataSetPlan& set : world.plan->sets) {
      group.pages.push_back(holds(world, group, set) ? DataPages(set.config) : DataPages());
    }
    group.autovacuum.phase = {static_cast<std::int64_t>(below(luck.bits(), nap))};
    Checkpointer& checkpointer = group.checkpointer;
    checkpointer.redo = checkpointer.done_redo = checkpointer.idle_at = {first_lsn};
    checkpointer.work.at = checkpointer.done_work.at = {first_lsn};
    checkpointer.redos.push_back(checkpointer.done_work);
    enter_segment(world, group.primary);
  }
}

// A node as the app at a place knows it.
Candidate candidate(const World& world, std::uint32_t place, const NodePlan& node) {
  const Place& here = world.plan->places[place];
  const Place& there = world.plan->places[node.place];
  const Nearness nearness = here.region != there.region ? Nearness::elsewhere
                            : here.zone != there.zone   ? Nearness::same_region
                                                        : Nearness::same_zone;
  return {.latency = round_trip(world, place, node.place),
          .is_primary = node.config.role == NodeRole::primary,
          .nearness = nearness,
          .weight = static_cast<std::int32_t>(node.config.weight)};
}

Pool empty_pool(const Plan& plan, AppId id) {
  const AppConfig& app = plan.apps[id.value].config;
  Pool pool;
  pool.ages = app.pool.lifetime || app.pool.idle_timeout;
  if (app.pgbouncer) pool.pooler = id;
  return pool;
}

void start_instances(World& world) {
  const Plan& plan = *world.plan;
  for (std::uint32_t a = 0; a < plan.apps.size(); ++a) {
    std::vector<std::vector<Candidate>> candidates(plan.groups.size());
    for (const NodePlan& node : plan.nodes) {
      candidates[node.group.value].push_back(candidate(world, plan.apps[a].place, node));
    }
    const Ratio rollout = rollout_share(plan.policy.rollout, plan.apps[a].config.region);
    for (std::int64_t i = 0; i < plan.apps[a].config.instances; ++i) {
      const std::string name = "app/" + plan.apps[a].config.name;
      const auto number = static_cast<std::uint64_t>(i);
      Instance instance;
      instance.app = {a};
      instance.place = plan.apps[a].place;
      const bool own = i == 0 || !shares_pooler(plan.apps[a].config);
      instance.first_pool =
          own ? static_cast<std::uint32_t>(world.pools.size()) : world.instances.back().first_pool;
      instance.first_probe = static_cast<std::uint32_t>(world.probes.size());
      instance.retries = RetryBudget(plan.policy.retries.budget);
      for (const std::vector<Candidate>& group : candidates) {
        instance.routers.emplace_back(plan.policy, group, rollout);
      }
      instance.luck = {stream(world.plan->seed, name, number)};
      for (const NodePlan& node : plan.nodes) {
        if (own) world.pools.push_back(empty_pool(plan, {a}));
        Probe probe;
        probe.luck = {stream(world.plan->seed, name + "/probe/" + node.config.name, number)};
        world.probes.push_back(probe);
      }
      if (own && plan.apps[a].config.connect.by != FindPrimary::probes) {
        for (std::size_t shard = 0; shard < plan.groups.size(); ++shard) {
          world.pools.push_back(empty_pool(plan, {a}));
          world.pools.back().seeks_primary = true;
        }
      }
      world.instances.push_back(instance);
      begin_probing(world, {static_cast<std::uint32_t>(world.instances.size() - 1)});
    }
  }
}

void start_sessions(World& world) {
  const std::size_t shards = world.plan->groups.size();
  if (shards > 1) {
    world.session_tokens.resize(world.sessions.size() * shards);
    world.user_tokens.resize(world.users.size() * shards);
  }
  world.last_rows.assign(world.users.size() * world.plan->sets.size(), no_row);
  for (std::uint32_t i = 0; i < world.sessions.size(); ++i) begin_session(world, {i});
}

void count_dead_rows(World& world) {
  for (Group& group : world.groups) {
    group.dead_rows.resize(world.plan->sets.size());
    world.measures.gauge(Metric::dead_rows, group.primary.value).set({}, 0);
  }
}

void start_warmup(World& world) {
  if (world.plan->warmup.ns > 0) {
    world.scheduler.at(TimePoint{} + world.plan->warmup, EventClass::fault,
                       target(TargetKind::run, 0),
                       static_cast<std::uint16_t>(EventKind::warmup_ends), 0, 0);
  }
  world.tables.resize(world.plan->nodes.size() * world.plan->sets.size());
  if (world.plan->postgres.autovacuum) count_dead_rows(world);
}

}  // namespace

void start(World& world) {
  start_groups(world);
  start_nodes(world);
  start_data(world);
  start_instances(world);
  start_finding(world);
  start_pool_ages(world);
  start_tokens(world);
  start_guards(world);
  start_outboxes(world);
  start_lease_store(world);
  start_sessions(world);
  start_warmup(world);
  start_faults(world, 0);
  begin_health_checks(world);
  begin_monitoring(world);
  start_agents(world);
}

void start_faults(World& world, std::uint32_t first) {
  const auto at = [&world](TimePoint when, std::uint32_t fault, EventKind event) {
    world.scheduler.at(when, EventClass::fault, target(TargetKind::fault, fault),
                       static_cast<std::uint16_t>(event), 0, 0);
  };
  for (std::uint32_t i = first; i < world.plan->faults.size(); ++i) {
    const FaultPlan& fault = world.plan->faults[i];
    if (rule_of(fault.kind).operation) world.operations.resize(world.plan->faults.size());
    if (fault.kind == FaultKind::vacuum) count_dead_rows(world);
    at(fault.begins, i, EventKind::fault_begins);
    if (fault.ends != TimePoint::never()) at(fault.ends, i, EventKind::fault_ends);
  }
}

}  // namespace longhaul
