#include "models/app/pools.h"

#include "models/app/find_primary.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/pgbouncer.h"
#include "models/app/pool_ages.h"
#include "models/app/statements.h"
#include "models/net/messages.h"
#include "models/net/tcp.h"

namespace longhaul {
namespace {

std::uint32_t take_connect(World& world, const Connect& wish) {
  if (world.free_connects.empty()) {
    world.connects.emplace_back();
    world.free_connects.push_back(static_cast<std::uint32_t>(world.connects.size() - 1));
  }
  const std::uint32_t slot = world.free_connects.back();
  world.free_connects.pop_back();
  Connect& attempt = world.connects[slot];
  const std::uint16_t generation = attempt.generation;
  attempt = wish;
  attempt.generation = generation;
  attempt.waited_for = true;
  attempt.began = world.now();
  return slot;
}

void free_connect(World& world, std::uint32_t slot) {
  Connect& attempt = world.connects[slot];
  attempt.generation = static_cast<std::uint16_t>(attempt.generation + 1);
  attempt.waited_for = false;
  world.free_connects.push_back(slot);
}

void arm_connect_deadline(World& world, std::uint32_t slot) {
  const Connect& attempt = world.connects[slot];
  const Instance& instance = world.instances[attempt.instance.value];
  const Duration timeout = world.plan->apps[instance.app.value].config.pool.connect_timeout;
  const MessageArg arg{slot, attempt.generation, 0};
  world.scheduler.after(timeout, EventClass::ordinary, target(attempt.instance),
                        static_cast<std::uint16_t>(EventKind::connect_deadline), 0, arg.pack());
}

// Sends the SYN, and all that follows.
void reach(World& world, const Connect& wish) {
  const AppPlan& app = world.plan->apps[world.instances[wish.instance.value].app.value];
  const PoolConfig& config = app.config.pool;
  const PathId path = way_to_node(world, wish.instance, wish.node, wish.seeks_primary);
  const PathId back = way_to_app(world, wish.instance, wish.node, wish.seeks_primary);
  const Duration rtt = world.network.latency(path) + world.network.latency(back);
  const std::uint32_t slot = take_connect(world, wish);
  const PostgresConfig& postgres = world.plan->postgres;
  Duration computing = postgres.backend_start;
  if (config.authentication == Authentication::scram) computing += postgres.scram_computing;
  std::int64_t round_trips = connect_round_trips(config, postgres.ssl);
  if (wish.seeks_primary && app.config.connect.role_query) round_trips += 1;
  // The last of the round trips asks for the slot; those before are TCP, TLS and authentication.
  const Duration handshake = rtt * (round_trips - 1) + computing;
  // A host without the process answers the first packet with a reset.
  const bool refused = world.node(wish.node).liveness == Liveness::stopped;
  const TimePoint at = post(world, {.kind = EventKind::connect_at_node,
                                    .target = target(wish.node),
                                    .slot = slot,
                                    .generation = world.connects[slot].generation,
                                    .path = path,
                                    .size = world.plan->network.statement_request,
                                    .luck = wish.luck,
                                    .delay = refused ? Duration{} : handshake});
  if (at != TimePoint::never()) world.connects[slot].way = at - world.now();
  arm_connect_deadline(world, slot);
}

// There is no server to ask: the name has no address, or the proxy closes what it accepted.
void reach_nobody(World& world, Connect wish) {
  const AppPlan& app = world.plan->apps[world.instances[wish.instance.value].app.value];
  wish.node =
      world.finders[world.instances[wish.instance.value].first_finder + wish.shard.value].last;
  const PathId path = world.plan->path(app.proxy_place, app.place);
  const bool by_name = app.config.connect.by == FindPrimary::dns;
  const Duration there = world.network.latency(world.plan->path(app.place, app.proxy_place));
  const std::uint32_t slot = take_connect(world, wish);
  const TimePoint when = by_name ? world.now() : world.now() + there + world.network.latency(path);
  world.scheduler.at(
      when, EventClass::ordinary, target(wish.instance),
      static_cast<std::uint16_t>(EventKind::connect_at_app),
      static_cast<std::uint16_t>(ConnectAnswer::no_host),
      MessageArg{slot, world.connects[slot].generation, static_cast<std::uint16_t>(path.value)}
          .pack());
}

// Whether an attempt that failed goes on with another host.
bool try_next_host(World& world, Connect attempt) {
  if (!attempt.seeks_primary) return false;
  note_host(world, attempt, false);
  attempt.host += 1;
  attempt.node = next_host(world, attempt);
  if (!attempt.node.valid()) return false;
  attempt.luck = mix64(attempt.luck + attempt.host);
  reach(world, attempt);
  return true;
}

// An attempt has failed, or a connection is closed: one is opened for the first that waits, if any
// does.
void connect_for_waiting(World& world, Pool& pool) {
  for (std::uint64_t n = pool.waiting.first(); n != pool.waiting.end(); ++n) {
    const RequestRef ref = pool.waiting.at(n);
    if (!waits_in(world, pool, ref)) continue;
    open_connection(world, world.requests[ref.slot], pool);
    return;
  }
}

// The attempt that was under way for the pool has come to nothing.
void attempt_over(World& world, Pool& pool) {
  pool.connecting -= 1;
  if (pool.pooler.valid()) return login_failed(world, pool);
  connect_for_waiting(world, pool);
}

// Nothing is open or on its way: who waits fails.
void fail_waiting(World& world, Pool& pool, ErrorKind error) {
  while (pool.open == 0 && pool.connecting == 0 && !pool.waiting.empty()) {
    const RequestRef ref = pool.waiting.pop_front();
    if (waits_in(world, pool, ref)) statement_failed(world, {ref.slot}, error);
  }
}

ErrorKind error_of(ConnectAnswer answer) {
  switch (answer) {
    case ConnectAnswer::server_down:
      return ErrorKind::server_down;
    case ConnectAnswer::starting_up:
      return ErrorKind::cannot_connect_now;
    case ConnectAnswer::standby:
    case ConnectAnswer::no_host:
      return ErrorKind::no_primary;
    default:
      return ErrorKind::too_many_connections;
  }
}

}  // namespace

// Not one that has timed out here and waits in another pool now.
bool waits_in(World& world, const Pool& pool, RequestRef ref) {
  const Request& request = world.requests[ref.slot];
  return request.generation == ref.generation && request.phase == Phase::pooling &&
         &pool_of(world, request) == &pool;
}

void open_connection(World& world, const Request& request, Pool& pool) {
  pool.connecting += 1;
  Connect wish;
  wish.instance = request.instance;
  wish.node = request.node;
  wish.seeks_primary = request.seeks_primary;
  wish.shard = request.group;
  wish.luck = draw_of_try(world, request, Purpose::connect);
  // Who waits is the same at each attempt of PgBouncer, which is not to meet the same luck.
  if (pool.pooler.valid())
    wish.luck = mix64(wish.luck + static_cast<std::uint64_t>(world.now().ns));
  wish.since = world.now();
  if (!wish.seeks_primary) return reach(world, wish);
  wish.left_out = left_out(world, wish);
  wish.node = next_host(world, wish);
  if (wish.node.valid()) return reach(world, wish);
  reach_nobody(world, wish);
}

void hand_on(World& world, Pool& pool, const IdleConnection& free, TimePoint connecting_since) {
  if (pool.paused) return close_paused(world, pool, free.node);
  while (!pool.waiting.empty()) {
    const RequestRef ref = pool.waiting.pop_front();
    if (!waits_in(world, pool, ref)) continue;
    spend_since(world, ref.slot, PagePart::connect, connecting_since);
    return lend(world, {ref.slot}, pool, free);
  }
  pool.idle += 1;
  if (pool.knows_each()) pool.idle_at.push_back(free);
}

void lend(World& world, RequestId id, Pool& pool, const IdleConnection& connection) {
  Request& request = world.requests[id.value];
  if (pool.knows_each()) request.node = connection.node;
  request.born = connection.born;
  note_pool_wait(world, request);
  send_statement(world, id);
}

IdleConnection pop_idle(Pool& pool) {
  const IdleConnection last = pool.idle_at.back();
  pool.idle_at.drop_back(pool.idle_at.end() - 1);
  pool.idle -= 1;
  return last;
}

std::int64_t connect_round_trips(const PoolConfig& pool, bool server_ssl) {
  const std::int64_t start = pool.authentication == Authentication::scram ? 3 : 1;
  const std::int64_t tls = pool.sslmode == SslMode::disable ? 0 : server_ssl ? 2 : 1;
  return 1 + tls + start;
}

void note_pool_wait(World& world, const Request& request) {
  if (is_canary(world, request)) return;
  const AppId app = world.instances[request.instance.value].app;
  world.measures.distribution(Metric::pool_wait, request.node.value, app.value)
      .record((world.now() - request.pooled).ns);
}

void take_connection(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  Pool& pool = pool_of(world, request);
  // Timed out: they leave in the order in which they came, before this one may come again.
  while (!pool.waiting.empty() && !waits_in(world, pool, pool.waiting.front())) {
    pool.waiting.pop_front();
  }
  request.phase = Phase::pooling;
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  request.pooled = world.now();
  spend(world, id.value, PagePart::pool);
  if (pool.pooler.valid()) return ask_pgbouncer(world, id, pool);
  const PoolConfig& config = app_of(world, request).pool;
  if (pool.idle > 0) {
    pool.idle -= 1;
    return lend(world, id, pool, pool.knows_each() ? pool.idle_at.pop_front() : IdleConnection{});
  }
  if (pool.waiting.size() >= static_cast<std::size_t>(config.queue)) {
    statement_failed(world, id, ErrorKind::pool_full);
    return;
  }
  pool.waiting.push_back({id.value, request.generation});
  arm_request_deadline(world, id, world.now() + config.wait_timeout);
  if (pool.open + pool.connecting < static_cast<std::uint32_t>(config.size) &&
      pool.connecting < pool.waiting.size()) {
    open_connection(world, request, pool);
  }
}

Pool& pool_of(World& world, InstanceId instance, NodeId node) {
  return world.pools[world.instances[instance.value].first_pool + node.value];
}

std::uint32_t pool_number(const World& world, const Request& request) {
  const std::uint32_t first = world.instances[request.instance.value].first_pool;
  if (!request.seeks_primary) return first + request.node.value;
  return first + static_cast<std::uint32_t>(world.nodes.size()) + request.group.value;
}

std::uint32_t pool_number(const World& world, const Connect& attempt) {
  const std::uint32_t first = world.instances[attempt.instance.value].first_pool;
  if (!attempt.seeks_primary) return first + attempt.node.value;
  return first + static_cast<std::uint32_t>(world.nodes.size()) + attempt.shard.value;
}

Pool& pool_of(World& world, const Request& request) {
  return world.pools[pool_number(world, request)];
}

Pool& pool_of(World& world, const Connect& attempt) {
  return world.pools[pool_number(world, attempt)];
}

std::span<Pool> pools_of(World& world, InstanceId instance) {
  const Instance& state = world.instances[instance.value];
  const AppConfig& config = world.plan->apps[state.app.value].config;
  std::size_t count = world.nodes.size();
  if (config.connect.by != FindPrimary::probes) count += world.plan->groups.size();
  return {world.pools.data() + state.first_pool, count};
}

void release_connection(World& world, Request& request, bool close) {
  if (!request.connected) return;
  request.connected = false;
  Pool& pool = pool_of(world, request);
  if (!close && (pool.ages || pool.paused) && outlived(world, pool, request)) {
    disconnect(world, request.node);
    close = true;
  }
  if (!close) {
    return hand_on(world, pool, {request.node, world.now(), request.born}, world.now());
  }
  pool.open -= 1;
  if (pool.pooler.valid()) return serve_waiting(world, pool);
  connect_for_waiting(world, pool);
}

void close_idle(World& world, InstanceId instance, NodeId node) {
  Pool& pool = pool_of(world, instance, node);
  if (pool.ages) {
    close_idle_if(world, pool, [](const IdleConnection&) { return true; });
  } else {
    for (; pool.idle > 0; --pool.idle, --pool.open) disconnect(world, node);
  }
  close_idle_sought(world, instance, node);
  if (pool.pooler.valid()) reset_checked(world, instance, node);
}

void close_idle_sought(World& world, InstanceId instance, NodeId node) {
  for (Pool& pool : pools_of(world, instance)) {
    if (!pool.seeks_primary) continue;
    close_idle_if(world, pool, [node](const IdleConnection& idle) { return idle.node == node; });
  }
}

void connect_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Connect attempt = world.connects[arg.slot];
  const auto answer = static_cast<ConnectAnswer>(event.generation);
  if (attempt.generation != arg.generation) return;
  free_connect(world, arg.slot);
  const bool granted = answer == ConnectAnswer::granted;
  // Too late, the client has closed the socket; or it does so now.
  if (takes_slot(answer) && !(granted && attempt.waited_for)) disconnect(world, attempt.node);
  if (!attempt.waited_for) return;
  if (!granted && try_next_host(world, attempt)) return;
  if (granted) note_host(world, attempt, true);
  Pool& pool = pool_of(world, attempt);
  if (!granted && pool.pooler.valid()) return attempt_over(world, pool);
  pool.connecting -= 1;
  // Refused: the first that waits fails unless other connections of the pool may still serve it.
  if (!granted) return fail_waiting(world, pool, error_of(answer));
  const AppId app = world.instances[attempt.instance.value].app;
  world.measures.distribution(Metric::connect_duration, attempt.node.value, app.value)
      .record((world.now() - attempt.since).ns);
  pool.open += 1;
  hand_on(world, pool, {attempt.node, world.now(), world.now()}, attempt.since);
  if (!pool.pooler.valid()) return;
  pool.login_failed = false;
  serve_waiting(world, pool);
}

void connect_deadline(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  Connect& attempt = world.connects[arg.slot];
  if (attempt.generation != arg.generation || !attempt.waited_for) return;
  attempt.waited_for = false;  // a late grant finds nobody
  if (try_next_host(world, attempt)) return;
  attempt_over(world, pool_of(world, attempt));
}

void connect_unanswered(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Connect& attempt = world.connects[arg.slot];
  if (attempt.generation != arg.generation) return;
  if (!attempt.waited_for) return free_connect(world, arg.slot);  // the socket is closed
  TimePoint next = attempt.began + attempt.way;
  std::uint32_t sent = 0;
  while (next <= world.now() && sent <= syn_retries_max) next = next + syn_retry(sent++);
  if (next <= world.now()) return connect_lost(world, arg.slot, false);
  world.scheduler.at(next, EventClass::ordinary, event.target, event.kind, event.generation,
                     event.arg);
}

void connect_lost(World& world, std::uint32_t slot, bool granted) {
  const Connect attempt = world.connects[slot];
  free_connect(world, slot);
  if (granted) disconnect(world, attempt.node);
  if (!attempt.waited_for || try_next_host(world, attempt)) return;
  attempt_over(world, pool_of(world, attempt));
}

}  // namespace longhaul
