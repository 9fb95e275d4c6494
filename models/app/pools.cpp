#include "models/app/pools.h"

#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/statements.h"
#include "models/net/messages.h"
#include "models/net/tcp.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

// Not one that has timed out here and waits in another pool now.
bool waits_in(World& world, const Pool& pool, RequestRef ref) {
  const Request& request = world.requests[ref.slot];
  return request.generation == ref.generation && request.phase == Phase::pooling &&
         &pool_of(world, request.instance, request.node) == &pool;
}

std::uint32_t take_connect(World& world, InstanceId instance, NodeId node) {
  if (world.free_connects.empty()) {
    world.connects.emplace_back();
    world.free_connects.push_back(static_cast<std::uint32_t>(world.connects.size() - 1));
  }
  const std::uint32_t slot = world.free_connects.back();
  world.free_connects.pop_back();
  Connect& attempt = world.connects[slot];
  attempt.instance = instance;
  attempt.node = node;
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

void open_connection(World& world, const Request& request, Pool& pool) {
  pool.connecting += 1;
  const PoolConfig& config = app_of(world, request).pool;
  const PathId path = path_to(world, request, request.node);
  const Duration rtt = round_trip(world, world.instances[request.instance.value].place,
                                  world.plan->nodes[request.node.value].place);
  const std::uint32_t slot = take_connect(world, request.instance, request.node);
  const MessageArg arg{slot, world.connects[slot].generation, 0};
  const PostgresConfig& postgres = world.plan->postgres;
  Duration computing = postgres.backend_start;
  if (config.authentication == Authentication::scram) computing += postgres.scram_computing;
  // The last of the round trips asks for the slot; those before are TCP, TLS and authentication.
  const Duration handshake = rtt * (connect_round_trips(config, postgres.ssl) - 1) + computing;
  // A host without the process answers the first packet with a reset.
  const bool refused = world.node(request.node).liveness == Liveness::stopped;
  const TimePoint at = post(world, {.kind = EventKind::connect_at_node,
                                    .target = target(request.node),
                                    .slot = slot,
                                    .generation = arg.generation,
                                    .path = path,
                                    .size = world.plan->network.statement_request,
                                    .luck = draw_of_try(world, request, Purpose::connect),
                                    .delay = refused ? Duration{} : handshake});
  if (at != TimePoint::never()) world.connects[slot].way = at - world.now();
  world.scheduler.after(config.connect_timeout, EventClass::ordinary, target(request.instance),
                        static_cast<std::uint16_t>(EventKind::connect_deadline), 0, arg.pack());
}

// Opens a connection for the first that waits, if any does.
void connect_for_waiting(World& world, Pool& pool) {
  for (std::uint64_t n = pool.waiting.first(); n != pool.waiting.end(); ++n) {
    const RequestRef ref = pool.waiting.at(n);
    if (!waits_in(world, pool, ref)) continue;
    open_connection(world, world.requests[ref.slot], pool);
    return;
  }
}

// A connection is free, since it is new or was given back: the first that still waits gets it.
void hand_on(World& world, Pool& pool, TimePoint connecting_since) {
  while (!pool.waiting.empty()) {
    const RequestRef ref = pool.waiting.pop_front();
    if (!waits_in(world, pool, ref)) continue;
    note_pool_wait(world, world.requests[ref.slot]);
    spend_since(world, ref.slot, PagePart::connect, connecting_since);
    send_statement(world, {ref.slot});
    return;
  }
  pool.idle += 1;
}

}  // namespace

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
  Pool& pool = pool_of(world, request.instance, request.node);
  // Timed out: they leave in the order in which they came, before this one may come again.
  while (!pool.waiting.empty() && !waits_in(world, pool, pool.waiting.front())) {
    pool.waiting.pop_front();
  }
  request.phase = Phase::pooling;
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  request.pooled = world.now();
  spend(world, id.value, PagePart::pool);
  const PoolConfig& config = app_of(world, request).pool;
  if (pool.idle > 0) {
    pool.idle -= 1;
    note_pool_wait(world, request);
    send_statement(world, id);
    return;
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

void release_connection(World& world, Request& request, bool close) {
  if (!request.connected) return;
  request.connected = false;
  Pool& pool = pool_of(world, request.instance, request.node);
  if (!close) {
    hand_on(world, pool, world.now());
    return;
  }
  pool.open -= 1;
  connect_for_waiting(world, pool);
}

void close_idle(World& world, InstanceId instance, NodeId node) {
  Pool& pool = pool_of(world, instance, node);
  for (; pool.idle > 0; --pool.idle, --pool.open) disconnect(world, node);
}

void connect_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Connect attempt = world.connects[arg.slot];
  const auto answer = static_cast<ConnectAnswer>(event.generation);
  const bool granted = answer == ConnectAnswer::granted;
  if (attempt.generation != arg.generation) return;
  free_connect(world, arg.slot);
  if (!attempt.waited_for) {
    if (granted) disconnect(world, attempt.node);  // too late: the client has closed the socket
    return;
  }
  Pool& pool = pool_of(world, attempt.instance, attempt.node);
  pool.connecting -= 1;
  if (granted) {
    const AppId app = world.instances[attempt.instance.value].app;
    world.measures.distribution(Metric::connect_duration, attempt.node.value, app.value)
        .record((world.now() - attempt.began).ns);
    pool.open += 1;
    hand_on(world, pool, attempt.began);
    return;
  }
  // Refused: the first that waits fails unless other connections of the pool may still serve it.
  while (pool.open == 0 && pool.connecting == 0 && !pool.waiting.empty()) {
    const RequestRef ref = pool.waiting.pop_front();
    const ErrorKind error = answer == ConnectAnswer::server_down ? ErrorKind::server_down
                                                                 : ErrorKind::too_many_connections;
    if (waits_in(world, pool, ref)) statement_failed(world, {ref.slot}, error);
  }
}

void connect_deadline(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  Connect& attempt = world.connects[arg.slot];
  if (attempt.generation != arg.generation || !attempt.waited_for) return;
  attempt.waited_for = false;  // a late grant finds nobody
  Pool& pool = pool_of(world, attempt.instance, attempt.node);
  pool.connecting -= 1;
  connect_for_waiting(world, pool);
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
  if (!attempt.waited_for) return;
  Pool& pool = pool_of(world, attempt.instance, attempt.node);
  pool.connecting -= 1;
  connect_for_waiting(world, pool);
}

}  // namespace longhaul
