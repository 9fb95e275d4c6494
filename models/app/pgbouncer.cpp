#include "models/app/pgbouncer.h"

#include <algorithm>

#include "models/app/dead_connections.h"
#include "models/app/find_primary.h"
#include "models/app/pages.h"
#include "models/app/pool_ages.h"
#include "models/app/pools.h"
#include "models/app/statements.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

const PgBouncerConfig& config_of(const World& world, const Pool& pool) {
  return *world.plan->apps[pool.pooler.value].config.pgbouncer;
}

// Statements and transactions that wait for a connection or have one.
std::size_t clients(World& world, InstanceId instance) {
  std::size_t sum = 0;
  for (const Pool& pool : pools_of(world, instance)) {
    sum += pool.waiting.size() + (pool.open - pool.idle - pool.checked);
  }
  return sum;
}

bool serves_at_once(const World& world, const Pool& pool) {
  if (pool.idle == 0) return false;
  return world.now() - pool.idle_at.back().since <= config_of(world, pool).server_check_delay;
}

// One attempt at a time, and not too soon after one that failed.
void launch(World& world, const Request& request, Pool& pool) {
  const PgBouncerConfig& config = config_of(world, pool);
  if (pool.connecting > 0 || pool.open >= static_cast<std::uint32_t>(config.default_pool_size)) {
    return;
  }
  if (pool.login_failed && world.now() - pool.launched < config.server_login_retry) return;
  pool.launched = world.now();
  open_connection(world, request, pool);
}

std::uint32_t take_check(World& world, ServerCheck check) {
  SlotPool<ServerCheck>& checks = world.server_checks;
  if (!checks.free.empty()) check.generation = checks.slots[checks.free.back()].generation;
  check.awaited = true;
  return checks.take(check);
}

ServerCheck end_check(World& world, std::uint32_t slot) {
  ServerCheck& check = world.server_checks.slots[slot];
  check.generation = static_cast<std::uint16_t>(check.generation + 1);
  check.awaited = false;
  world.pools[check.pool].checked -= 1;
  return world.server_checks.release(slot);
}

void connection_dead(World& world, const ServerCheck& check) {
  world.pools[check.pool].open -= 1;
  disconnect(world, check.node);
}

// Asks the connection that was used last whether it is alive.
void check_server(World& world, InstanceId instance, Pool& pool) {
  const IdleConnection idle = pop_idle(pool);
  pool.checked += 1;
  const std::uint32_t slot =
      take_check(world, {.instance = instance,
                         .pool = static_cast<std::uint32_t>(&pool - world.pools.data()),
                         .node = idle.node,
                         .incarnation = world.node(idle.node).incarnation,
                         .born = idle.born});
  const std::uint16_t generation = world.server_checks.slots[slot].generation;
  post(world, {.kind = EventKind::server_check_at_node,
               .target = target(idle.node),
               .slot = slot,
               .generation = generation,
               .path = way_to_node(world, instance, idle.node, pool.seeks_primary),
               .size = world.plan->network.statement_request,
               .luck = world.instances[instance.value].luck.bits()});
  const TcpConfig& tcp = world.plan->apps[pool.pooler.value].config.tcp;
  world.scheduler.after(unacknowledged_end(tcp, world.plan->network), EventClass::ordinary,
                        target(instance), static_cast<std::uint16_t>(EventKind::server_check_lost),
                        0, MessageArg{slot, generation, 0}.pack());
}

// The name that the connection's pool goes by leads elsewhere now.
bool is_obsolete(const World& world, const Pool& pool, InstanceId instance, NodeId node) {
  const AppPlan& app = world.plan->apps[pool.pooler.value];
  if (!pool.seeks_primary || app.config.connect.by != FindPrimary::dns) return false;
  const Instance& owner = world.instances[instance.value];
  const auto number = static_cast<std::uint32_t>(&pool - world.pools.data()) - owner.first_pool;
  const auto shard = number - static_cast<std::uint32_t>(world.nodes.size());
  const Finder& finder = world.finders[owner.first_finder + shard];
  const NodeId resolved = finder.pointed.valid() ? finder.pointed : finder.resolved;
  return resolved.valid() && resolved != node;
}

}  // namespace

const PgBouncerConfig* pgbouncer_of(const World& world, InstanceId instance) {
  const AppConfig& app = world.plan->apps[world.instances[instance.value].app.value].config;
  return app.pgbouncer ? &*app.pgbouncer : nullptr;
}

bool shares_pooler(const AppConfig& app) {
  return app.pgbouncer && app.pgbouncer->one_for == PoolerOf::app;
}

std::int64_t most_connections(const AppConfig& app) {
  if (!app.pgbouncer) return app.instances * app.pool.size;
  return app.pgbouncer->default_pool_size * (shares_pooler(app) ? 1 : app.instances);
}

PoolConfig pooled(const AppConfig& app) {
  PoolConfig pool = app.pool;
  pool.size = app.pgbouncer->default_pool_size;
  pool.connect_timeout = app.pgbouncer->server_connect_timeout;
  pool.wait_timeout = app.pgbouncer->query_wait_timeout;
  pool.queue = app.pgbouncer->max_client_conn;
  pool.lifetime = app.pgbouncer->server_lifetime;
  pool.idle_timeout = app.pgbouncer->server_idle_timeout;
  return pool;
}

void ask_pgbouncer(World& world, RequestId id, Pool& pool) {
  const Request& request = world.requests[id.value];
  const PgBouncerConfig& config = config_of(world, pool);
  if (clients(world, request.instance) >= static_cast<std::size_t>(config.max_client_conn)) {
    return statement_failed(world, id, ErrorKind::pool_full);
  }
  if (serves_at_once(world, pool)) return lend(world, id, pool, pop_idle(pool));
  if (pool.login_failed && pool.open == 0 && !pool.paused) {
    launch(world, request, pool);
    return statement_failed(world, id, ErrorKind::login_retry);
  }
  pool.waiting.push_back({id.value, request.generation});
  const TimePoint turned_away = world.now() + config.query_wait_timeout;
  arm_request_deadline(world, id, std::min(turned_away, answer_by(world, request)));
  serve_waiting(world, pool);
}

void login_failed(World& world, Pool& pool) {
  pool.login_failed = true;
  serve_waiting(world, pool);
}

void serve_waiting(World& world, Pool& pool) {
  if (pool.paused) return;
  std::uint32_t checked = pool.checked;
  for (std::uint64_t n = pool.waiting.first(); n != pool.waiting.end(); ++n) {
    const RequestRef ref = pool.waiting.at(n);
    if (!waits_in(world, pool, ref)) continue;
    const Request& request = world.requests[ref.slot];
    if (checked > 0) {
      checked -= 1;
    } else if (pool.idle > 0) {
      check_server(world, request.instance, pool);
    } else {
      return launch(world, request, pool);
    }
  }
}

bool outlived(World& world, Pool& pool, const Request& request) {
  if (pool.paused) return true;
  if (is_over_age(world, pool, request.instance, request.born)) {
    pool.aged = world.now();
    return true;
  }
  return pool.pooler.valid() && is_obsolete(world, pool, request.instance, request.node);
}

void pause_pool(World& world, Pool& pool) {
  pool.paused = true;
  close_idle_if(world, pool, [](const IdleConnection&) { return true; });
}

void resume_pool(World& world, Pool& pool) {
  pool.paused = false;
  serve_waiting(world, pool);
}

void point_pgbouncer(World& world, InstanceId instance, GroupId shard, NodeId host) {
  world.finders[world.instances[instance.value].first_finder + shard.value].pointed = host;
}

void close_paused(World& world, Pool& pool, NodeId node) {
  pool.open -= 1;
  disconnect(world, node);
}

void address_gone(World& world, InstanceId instance, GroupId shard, NodeId old) {
  Pool& pool = pools_of(world, instance)[world.nodes.size() + shard.value];
  close_idle_if(world, pool, [old](const IdleConnection& idle) { return idle.node == old; });
}

void reset_checked(World& world, InstanceId instance, NodeId node) {
  const std::span<Pool> pools = pools_of(world, instance);
  for (std::uint32_t slot = 0; slot < world.server_checks.slots.size(); ++slot) {
    const ServerCheck& check = world.server_checks.slots[slot];
    if (!check.awaited || check.node != node) continue;
    const Pool& pool = world.pools[check.pool];
    if (&pool < pools.data() || &pool >= pools.data() + pools.size()) continue;
    connection_dead(world, end_check(world, slot));
  }
}

namespace {

void server_check_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const ServerCheck& check = world.server_checks.slots[arg.slot];
  if (check.generation != arg.generation) return;
  const Node& node = world.node(check.node);
  if (node.liveness != Liveness::up || node.incarnation != check.incarnation) return;
  const Pool& pool = world.pools[check.pool];
  post(world, {.kind = EventKind::server_check_at_app,
               .target = target(check.instance),
               .slot = arg.slot,
               .generation = arg.generation,
               .path = way_to_app(world, check.instance, check.node, pool.seeks_primary),
               .size = world.plan->network.statement_reply,
               .luck = world.instances[check.instance.value].luck.bits()});
}

void server_check_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  if (world.server_checks.slots[arg.slot].generation != arg.generation) return;
  const ServerCheck check = end_check(world, arg.slot);
  Pool& pool = world.pools[check.pool];
  if (is_obsolete(world, pool, check.instance, check.node)) {
    connection_dead(world, check);
    return serve_waiting(world, pool);
  }
  hand_on(world, pool, {check.node, world.now(), check.born}, world.now());
}

void server_check_lost(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  if (world.server_checks.slots[arg.slot].generation != arg.generation) return;
  const ServerCheck check = end_check(world, arg.slot);
  connection_dead(world, check);
  serve_waiting(world, world.pools[check.pool]);
}

}  // namespace

void pool_event(World& world, const Event& event) {
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::server_check_at_node:
      return server_check_at_node(world, event);
    case EventKind::server_check_at_app:
      return server_check_at_app(world, event);
    case EventKind::server_check_lost:
      return server_check_lost(world, event);
    default:
      return pool_upkeep(world, event);
  }
}

}  // namespace longhaul
