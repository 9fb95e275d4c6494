#include "models/cluster.h"

#include "models/app/cache.h"
#include "models/app/canaries.h"
#include "models/app/crashes.h"
#include "models/app/dead_connections.h"
#include "models/app/doubts.h"
#include "models/app/entry.h"
#include "models/app/find_primary.h"
#include "models/app/guards.h"
#include "models/app/outbox.h"
#include "models/app/pages.h"
#include "models/app/pools.h"
#include "models/app/positions.h"
#include "models/app/probes.h"
#include "models/app/statements.h"
#include "models/app/tokens.h"
#include "models/control/agents.h"
#include "models/control/commands.h"
#include "models/control/failovers.h"
#include "models/control/lease_store.h"
#include "models/control/orders.h"
#include "models/control/raft.h"
#include "models/control/records.h"
#include "models/control/requests.h"
#include "models/control/store_client.h"
#include "models/control/store_clients.h"
#include "models/give_up.h"
#include "models/monitoring.h"
#include "models/net/messages.h"
#include "models/outages.h"
#include "models/pg/autovacuum.h"
#include "models/pg/base_backup.h"
#include "models/pg/checkpointer.h"
#include "models/pg/commit_wait.h"
#include "models/pg/crash_recovery.h"
#include "models/pg/follow.h"
#include "models/pg/heartbeat.h"
#include "models/pg/lag_truth.h"
#include "models/pg/lock_wait.h"
#include "models/pg/losses.h"
#include "models/pg/operations.h"
#include "models/pg/primary.h"
#include "models/pg/promotion.h"
#include "models/pg/replay.h"
#include "models/pg/restore.h"
#include "models/pg/retention.h"
#include "models/pg/server.h"
#include "models/pg/shutdown.h"
#include "models/pg/stream_connection.h"
#include "models/pg/wal_connection.h"
#include "models/pg/wal_receiver.h"
#include "models/pg/wal_sender.h"

namespace longhaul {
namespace {

void begin_fault(World& world, std::uint32_t number) {
  const FaultPlan& fault = world.plan->faults[number];
  const FaultRule& rule = rule_of(fault.kind);
  if (rule.operation) return begin_operation(world, number);
  if (rule.subject == FaultSubject::manager) return give_command(world, fault, true);
  switch (fault.kind) {
    case FaultKind::cut_link:
      for (LinkId link : fault.links) world.network.cut(link);
      return;
    case FaultKind::pause_replay:
      return pause_replay(world, fault.node);
    case FaultKind::slow_replay:
      return set_replay_speed(world, fault.node, fault.speed);
    case FaultKind::crash:
      world.node(fault.node).outages += 1;
      return stop_server(world, fault.node, Liveness::stopped);
    case FaultKind::node_loss:
      world.node(fault.node).outages += 1;
      return stop_server(world, fault.node, Liveness::vanished);
    case FaultKind::kill_agent:
      return kill_agent(world, fault.node);
    case FaultKind::data_directory_lost:
      return lose_data_directory(world, fault.node);
    case FaultKind::restore_backup:
      return restore_backup(world, fault);
    case FaultKind::clock_step:
      return set_clock(world, fault.node, fault.by);
    case FaultKind::clock_drift:
      return set_drift(world, fault.node, fault.drift.ppm);
    case FaultKind::backend_crash:
      return crash_backend(world, fault.node);
    case FaultKind::disk_full:
      world.node(fault.node).outages += 1;
      world.node(fault.node).full_disks += 1;
      return stop_server(world, fault.node, Liveness::stopped);
    case FaultKind::vm_stall:
      return stall_host(world, fault.node);
    case FaultKind::flapping:
      return begin_flapping(world, number);
    case FaultKind::cache_loss:
      return empty_caches(world, fault.region);
    case FaultKind::cancel_waits:
      return cancel_waits(world, fault.node);
    case FaultKind::set_synchronous_standby_names:
      return set_synchronous_standbys(world, fault.node.valid() ? fault.node : world.primary(),
                                      fault.standbys);
    case FaultKind::create_subscription:
      return create_subscription(world, fault.node);
    case FaultKind::alter_subscriber:
      note_schema_change(world, fault, {});
      return alter_subscriber(world, fault.node, fault.set);
    case FaultKind::base_backup:
      return begin_backup(world, number);
    case FaultKind::checkpoint:
      return checkpoint_now(world, fault.node);
    case FaultKind::switch_wal:
      return switch_segment(world, fault.node);
    case FaultKind::token_store_down:
      world.stores.outages[fault.app.value] += 1;
      return;
    case FaultKind::app_crash:
      return crash_app(world, fault);
    case FaultKind::lease_store_down:
      for (std::uint32_t member : fault.members) stop_store_member(world, member, false);
      return;
    case FaultKind::promote:
      note_promotion(world, fault.node, AgentId::none(), FailoverReason::named_by_operator);
      promote_by_hand(world, fault.node, fault.others_follow);
      if (fault.stops_after) return;
      return move_clients(world, world.plan->nodes[fault.node.value].group, fault.node);
    case FaultKind::promote_standby_cluster:
      return promote_standby_cluster(world);
    case FaultKind::dns_outage:
      return;  // whoever asks finds out
    case FaultKind::alter_table:
    case FaultKind::truncate:
    case FaultKind::vacuum:
    case FaultKind::long_read:  // operations
    case FaultKind::switchover:
    case FaultKind::failback:
    case FaultKind::failover:
    case FaultKind::pause_failover:
    case FaultKind::resume_failover:
    case FaultKind::approve:
    case FaultKind::reject:  // commands
    case FaultKind::zone_loss:
    case FaultKind::region_loss:
    case FaultKind::region_isolated:  // made of others
    case FaultKind::deploy:           // needs no event
      break;
  }
  CHECK(false);
}

// Momentary faults and operations end by themselves.
void end_fault(World& world, std::uint32_t number) {
  const FaultPlan& fault = world.plan->faults[number];
  switch (fault.kind) {
    case FaultKind::cut_link:
      for (LinkId link : fault.links) world.network.heal(world.now(), link);
      return;
    case FaultKind::pause_replay:
      return resume_replay(world, fault.node);
    case FaultKind::slow_replay:
      return set_replay_speed(world, fault.node, percent(100));
    case FaultKind::vm_stall:
      return resume_host(world, fault.node);
    case FaultKind::flapping:
      return end_flapping(world, number);
    case FaultKind::disk_full:
      world.node(fault.node).full_disks -= 1;
      [[fallthrough]];
    case FaultKind::crash:
    case FaultKind::node_loss:
      world.node(fault.node).outages -= 1;
      if (world.node(fault.node).outages == 0) bring_back(world, fault.node);
      return;
    case FaultKind::kill_agent:
      return revive_agent(world, fault.node);
    case FaultKind::pause_failover:
      return give_command(world, fault, false);
    case FaultKind::clock_drift:
      return set_drift(world, fault.node, -fault.drift.ppm);
    case FaultKind::token_store_down:
      world.stores.outages[fault.app.value] -= 1;
      return;
    case FaultKind::app_crash:
      return restart_app(world, fault);
    case FaultKind::lease_store_down:
      for (std::uint32_t member : fault.members) start_store_member(world, member);
      return;
    case FaultKind::dns_outage:
      return;
    default:
      CHECK(false);
  }
}

// Everything measured so far is forgotten; what goes on (lag, connections) goes on.
void end_warmup(World& world) {
  const TimePoint now = world.now();
  Measures fresh(world.plan->labels);
  settle_lag(world, now);
  for (Metric metric : {Metric::replication_lag_bytes, Metric::cpu_utilisation, Metric::connections,
                        Metric::retained_wal_bytes, Metric::dead_rows, Metric::outbox_depth}) {
    fresh.continue_gauges(metric, world.measures, now);
  }
  fresh.page_times.resize(world.measures.page_times.size());
  world.measures = std::move(fresh);
  restart_canaries(world);
  for (AvailabilityWatch& watch : world.availability) watch.restart(now);
  for (Probe& probe : world.probes) {
    if (probe.breaker_opened_at != TimePoint::never()) probe.breaker_opened_at = now;
  }
  for (User& user : world.users) user.hit = false;
  world.measured_from = now;
}

void note_bulk_read(World& world, std::optional<std::uint32_t> number) {
  if (!number || world.bulks[*number].use != BulkUse::backup_files) return;
  backup_read(world, world.bulks[*number].owner);
}

void note_bulk_written(World& world, std::optional<std::uint32_t> number) {
  if (!number) return;
  const Bulk& bulk = world.bulks[*number];
  switch (bulk.use) {
    case BulkUse::backup_files:
    case BulkUse::backup_log:
      return backup_written(world, bulk.owner);
    case BulkUse::table_copy:
      return table_written(world, bulk.owner);
    case BulkUse::changes:
      return changes_written(world, bulk.owner);
    case BulkUse::rewind:
      return rewind_written(world, bulk.owner);
  }
}

}  // namespace

void execute(World& world, const Event& event) {
  if (world.stalled > 0 && held_back(world, event)) return;
  if (world.had_stops && wasted(world, event)) return;
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::fault_begins:
      return begin_fault(world, target_index(event.target));
    case EventKind::fault_ends:
      return end_fault(world, target_index(event.target));
    case EventKind::warmup_ends:
      return end_warmup(world);
    case EventKind::page_due:
      return page_due(world, event);
    case EventKind::page_at_app:
      return page_at_app(world, event);
    case EventKind::page_at_user:
      return page_at_user(world, event);
    case EventKind::statement_at_node:
      return statement_at_node(world, event);
    case EventKind::statement_served:
      return statement_served(world, event);
    case EventKind::reply_at_app:
      return reply_at_app(world, event);
    case EventKind::request_deadline:
      return request_deadline(world, event);
    case EventKind::connect_at_node:
      return connect_at_node(world, event);
    case EventKind::connect_at_app:
      return connect_at_app(world, event);
    case EventKind::connect_deadline:
      return connect_deadline(world, event);
    case EventKind::position_at_node:
      return position_at_node(world, event);
    case EventKind::position_at_app:
      return position_at_app(world, event);
    case EventKind::position_due:
      return position_due(world, event);
    case EventKind::wal_flushed:
      return wal_flushed(world, event);
    case EventKind::wal_writer_due:
      return wal_writer_due(world, event);
    case EventKind::lock_wait_due:
      return lock_wait_due(world, event);
    case EventKind::wal_at_standby:
      return wal_at_standby(world, event);
    case EventKind::wal_acked:
      return wal_acked(world, event);
    case EventKind::standby_flushed:
      return standby_flushed(world, event);
    case EventKind::standby_replayed:
      return standby_replayed(world, event);
    case EventKind::connections_reset:
      return connections_reset(world, event);
    case EventKind::sender_due:
      return sender_due(world, event);
    case EventKind::receiver_due:
      return receiver_due(world, event);
    case EventKind::keepalive_at_standby:
      return keepalive_at_standby(world, event);
    case EventKind::stream_due:
      return stream_due(world, event);
    case EventKind::stream_asked:
      return stream_asked(world, event);
    case EventKind::stream_answered:
      return stream_answered(world, event);
    case EventKind::stream_closed_below:
      return stream_closed_below(world, event);
    case EventKind::stream_closed_above:
      return stream_closed_above(world, event);
    case EventKind::replay_due:
      return replay_due(world, event);
    case EventKind::standby_reply:
      return standby_reply(world, event);
    case EventKind::status_due:
      return status_due(world, event);
    case EventKind::stream_deadline:
      return stream_deadline(world, event);
    case EventKind::probe_due:
      return probe_due(world, event);
    case EventKind::probe_at_node:
      return probe_at_node(world, event);
    case EventKind::probe_at_app:
      return probe_at_app(world, event);
    case EventKind::probe_deadline:
      return probe_deadline(world, event);
    case EventKind::guard_due:
      return guard_due(world, event);
    case EventKind::policy_due:
      return policy_due(world, event);
    case EventKind::heartbeat_due:
      return heartbeat_due(world, event);
    case EventKind::monitoring_due:
      return monitoring_due(world, event);
    case EventKind::bulk_read:
      return note_bulk_read(world, bulk_read(world, event));
    case EventKind::bulk_piece:
      return bulk_piece(world, event);
    case EventKind::bulk_written:
      return note_bulk_written(world, bulk_written(world, event));
    case EventKind::bulk_acked:
      return bulk_acked(world, event);
    case EventKind::bulk_lost:
      return bulk_lost(world, event);
    case EventKind::bulk_deadline:
      return bulk_deadline(world, event);
    case EventKind::backup_due:
      return backup_due(world, event);
    case EventKind::backup_watched:
      return backup_watched(world, event);
    case EventKind::change_applied:
      return change_applied(world, event);
    case EventKind::apply_retried:
      return apply_retried(world, event);
    case EventKind::checkpoint_due:
      return checkpoint_due(world, event);
    case EventKind::checkpoint_done:
      return checkpoint_done(world, event);
    case EventKind::snapshot_due:
      return snapshot_due(world, event);
    case EventKind::autovacuum_due:
      return autovacuum_due(world, event);
    case EventKind::vacuum_step_due:
      return vacuum_step_due(world, event);
    case EventKind::disk_full:
      return disk_full(world, event);
    case EventKind::archive_due:
      return archive_due(world, event);
    case EventKind::server_recovered:
      return server_recovered(world, event);
    case EventKind::shutdown_due:
      return shutdown_due(world, event);
    case EventKind::rewind_due:
      return rewind_due(world, event);
    case EventKind::rewind_watched:
      return rewind_watched(world, event);
    case EventKind::flap_due:
      return flap_due(world, event);
    case EventKind::token_at_store:
      return token_at_store(world, event);
    case EventKind::token_at_app:
      return token_at_app(world, event);
    case EventKind::operation_due:
      return operation_due(world, event);
    case EventKind::lookup_at_cache:
      return lookup_at_cache(world, event);
    case EventKind::lookup_at_app:
      return lookup_at_app(world, event);
    case EventKind::order_at_cache:
      return order_at_cache(world, event);
    case EventKind::second_delete_due:
      return second_delete_due(world, event);
    case EventKind::health_due:
      return health_due(world, event);
    case EventKind::health_at_node:
      return health_at_node(world, event);
    case EventKind::health_at_app:
      return health_at_app(world, event);
    case EventKind::health_deadline:
      return health_deadline(world, event);
    case EventKind::enqueue_at_broker:
      return enqueue_at_broker(world, event);
    case EventKind::enqueued_at_app:
      return enqueued_at_app(world, event);
    case EventKind::outbox_watch_due:
      return outbox_watch_due(world, event);
    case EventKind::raft_due:
      return raft_due(world, event);
    case EventKind::raft_at_member:
      return raft_at_member(world, event);
    case EventKind::raft_synced:
      return raft_synced(world, event);
    case EventKind::leases_due:
      return leases_due(world, event);
    case EventKind::store_asked:
    case EventKind::store_ask_waits:
    case EventKind::store_watch_due:
      return store_event(world, event);
    case EventKind::store_answered:
      return hear_store(world, store_answered(world, event));
    case EventKind::store_call_due:
      return hear_store(world, {store_call_due(world, event), {}});
    case EventKind::agent_due:
      return agent_due(world, event);
    case EventKind::agent_told:
      return agent_told(world, event);
    case EventKind::approval_due:
    case EventKind::poolers_due:
      return operator_due(world, event);
    case EventKind::agent_starts:
      return agent_starts(world, event);
    case EventKind::watchdog_due:
      return watchdog_due(world, event);
    case EventKind::question_at_member:
      return question_at_member(world, event);
    case EventKind::news_at_agent:
      return news_at_agent(world, event);
    case EventKind::order_at_member:
      return order_at_member(world, event);
    case EventKind::order_due:
      return order_due(world, event);
    case EventKind::host_returns:
      return host_returns(world, event);
    case EventKind::backup_restored:
      return backup_restored(world, event);
    case EventKind::recovery_ended:
      return recovery_ended(world, event);
    case EventKind::proxy_check_due:
    case EventKind::proxy_check_at_node:
    case EventKind::proxy_check_answered:
    case EventKind::proxy_check_deadline:
    case EventKind::sessions_shut:
      return proxy_event(world, event);
    case EventKind::pool_upkeep:
    case EventKind::server_check_at_node:
    case EventKind::server_check_at_app:
    case EventKind::server_check_lost:
      return pool_event(world, event);
    case EventKind::idle_connections_dead:
      return idle_connections_dead(world, event);
    case EventKind::retransmit_due:
      if (const std::optional<Event> lost = retransmit(world, event)) give_up(world, *lost);
      return;
  }
  CHECK(false);
}

bool Cluster::run_until(TimePoint limit, EventObserver* observer) {
  Event event;
  if (observer == nullptr) {
    while (world_.scheduler.pop_until(limit, event)) execute(world_, event);
  } else {
    while (world_.scheduler.pop_until(limit, event)) {
      observer->before(world_, event);
      execute(world_, event);
    }
  }
  return !world_.scheduler.limit_reached();
}

void Cluster::finish() {
  const TimePoint now = end();
  Measures& measures = world_.measures;
  settle_lag(world_, now);
  note_open_breakers(world_, now);
  settle_doubts(world_);
  settle_losses(world_);
  note_unhealthy(world_, now);
  measures.finish_gauges(now);
  for (const PopulationPlan& population : world_.plan->populations) {
    if (population.canary) continue;
    const std::int64_t users = population.config.sessions / population.config.sessions_per_user;
    measures.counter(Metric::users_hit, population.region, 0).population += users;
  }
  finish_canaries(world_);
  measure_failovers(world_);
  for (std::uint32_t region = 0; region < world_.availability.size(); ++region) {
    AvailabilityWatch& watch = world_.availability[region];
    watch.finish(now);
    measures.counter(Metric::availability, region) = {watch.good_windows(), watch.windows()};
  }
}

}  // namespace longhaul
