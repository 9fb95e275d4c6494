#include "models/control/store_clients.h"

#include <algorithm>

#include "models/net/messages.h"

namespace longhaul {
namespace {

constexpr Duration pause_min = milliseconds(100);
constexpr Duration pause_max = seconds(1);
constexpr Duration watch_pause = seconds(1);
constexpr Duration connect_min = seconds(1);

StoreClient& client_of(World& world, StoreClientId id) {
  return world.lease_store.clients[id.value];
}

StoreCallState& call_of(World& world, StoreCall call) { return world.lease_store.calls[call.slot]; }

bool is_current(const World& world, StoreCall call, std::uint16_t attempt) {
  const StoreCallState& state = world.lease_store.calls[call.slot];
  return state.open && state.generation == call.generation && state.attempt == attempt;
}

// To the member that the client is connected to; a new connection takes a round trip first.
void send_ask(World& world, StoreClientId id, const StoreAsk& ask) {
  StoreClient& client = client_of(world, id);
  const std::uint32_t endpoint = client.endpoints[client.current];
  const std::uint32_t there = world.lease_store.members[endpoint].place;
  const PathId path = world.plan->path(client.place, there);
  const TimePoint begins =
      world.now() + (client.connected ? Duration{} : round_trip(world, client.place, there));
  client.connected = true;
  post(world, {.kind = EventKind::store_asked,
               .target = target(TargetKind::store_member, endpoint),
               .slot = world.lease_store.asks.take(ask),
               .path = path,
               .size = ask_size,
               .luck = client.luck.bits(),
               .purpose = Traffic::lease_store,
               .not_before = begins + world.network.latency(path)});
}

void register_watch(World& world, StoreClientId id) {
  const StoreClient& client = client_of(world, id);
  StoreAsk ask;
  ask.origin.client = id;
  ask.origin.scope = client.scope;
  ask.watch = true;
  ask.seen = client.seen;
  send_ask(world, id, ask);
}

bool is_reachable(const World& world, const StoreClient& client, std::uint32_t endpoint) {
  const StoreMember& member = world.lease_store.members[endpoint];
  return member.liveness != StoreLiveness::vanished &&
         !world.network.is_cut(world.plan->path(client.place, member.place)) &&
         !world.network.is_cut(world.plan->path(member.place, client.place));
}

Duration connect_timeout(Duration per_try) {
  return std::min(per_try, std::max(connect_min, Duration{per_try.ns / 2}));
}

// How long it takes to get a list of the members from one of them.
Duration time_to_list(World& world, StoreClient& client, Duration per_try) {
  Duration time;
  const auto first = static_cast<std::uint32_t>(below(client.luck.bits(), client.endpoint_count));
  for (std::uint32_t i = 0; i < client.endpoint_count; ++i) {
    const std::uint32_t endpoint = client.endpoints[(first + i) % client.endpoint_count];
    if (is_reachable(world, client, endpoint)) break;
    time += connect_timeout(per_try);
  }
  return time;
}

void wake(World& world, StoreCall call, Duration after) {
  const StoreCallState& state = call_of(world, call);
  world.scheduler.at(std::min(world.now() + after, state.ends), EventClass::control,
                     target(TargetKind::store_client, state.client.value),
                     static_cast<std::uint16_t>(EventKind::store_call_due), state.attempt,
                     MessageArg{call.slot, call.generation, 0}.pack());
}

void try_call(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  const StoreClient& client = client_of(world, state.client);
  state.attempt += 1;
  state.pausing = false;
  state.endpoint = client.endpoints[client.current];
  StoreAsk ask;
  ask.origin.client = state.client;
  ask.origin.call = call;
  ask.origin.attempt = state.attempt;
  ask.origin.scope = state.request.command.key.scope;
  ask.command = state.request.command;
  ask.serializable = state.request.serializable;
  const bool connects = client.connected || is_reachable(world, client, state.endpoint);
  const Duration per_try = state.request.per_try;
  wake(world, call, connects ? per_try : connect_timeout(per_try));
  send_ask(world, state.client, ask);
}

StoreAnswer finish(World& world, StoreCall call, StoreOutcome outcome) {
  StoreCallState& state = call_of(world, call);
  state.open = false;
  world.lease_store.free_calls.push_back(call.slot);
  return {state.client, call, state.request.command, outcome, 0, 0, {}};
}

// The next endpoint, unless another call has moved on already.
void move_on(World& world, StoreClientId id, std::uint32_t from) {
  StoreClient& client = client_of(world, id);
  if (client.endpoints[client.current] != from) return;
  client.current = (client.current + 1) % client.endpoint_count;
  client.connected = false;
  if (!client.watching) return;
  leave_watch(world, id);
  register_watch(world, id);
}

StoreOutcome failure_of(const StoreCallState& state) {
  return state.in_doubt ? StoreOutcome::timed_out : StoreOutcome::no_leader;
}

void pause(World& world, StoreCall call, Duration time) {
  StoreCallState& state = call_of(world, call);
  state.attempt += 1;
  state.pausing = true;
  wake(world, call, time);
}

// The only try failed: who asked says what is next.
std::optional<StoreAnswer> end_try(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  StoreClient& client = client_of(world, state.client);
  client.failures += 1;
  Duration listing;
  if (client.failures % client.endpoint_count == 0) {
    listing = time_to_list(world, client, state.request.per_try);
  }
  if (listing == Duration{}) return finish(world, call, failure_of(state));
  state.ends = world.now() + listing;
  pause(world, call, listing);
  return std::nullopt;
}

// The try failed.
std::optional<StoreAnswer> try_again(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  move_on(world, state.client, state.endpoint);
  if (state.request.patience <= state.request.per_try) return end_try(world, call);
  if (world.now() >= state.ends) return finish(world, call, failure_of(state));
  state.failures += 1;
  if (state.failures % client_of(world, state.client).endpoint_count != 0) {
    try_call(world, call);
    return std::nullopt;
  }
  pause(world, call, state.pause);
  state.pause = std::min(state.pause * 2, pause_max);
  return std::nullopt;
}

void lose_watch(World& world, StoreClientId id, std::uint32_t member) {
  StoreClient& client = client_of(world, id);
  if (!client.watching) return;
  if (client.endpoints[client.current] == member) {
    client.current = (client.current + 1) % client.endpoint_count;
    client.connected = false;
  }
  world.scheduler.after(watch_pause, EventClass::control,
                        target(TargetKind::store_client, id.value),
                        static_cast<std::uint16_t>(EventKind::store_watch_due), 0, 0);
}

std::optional<StoreAnswer> take_answer(World& world, const StoreReply& reply) {
  if (!is_current(world, reply.call, reply.attempt)) return std::nullopt;
  const bool failed =
      reply.kind == StoreReplyKind::refused || reply.outcome == StoreOutcome::no_leader;
  if (failed) return try_again(world, reply.call);
  StoreAnswer answer = finish(world, reply.call, reply.outcome);
  client_of(world, answer.client).failures = 0;
  answer.revision = reply.revision;
  answer.lease = reply.lease;
  answer.items = reply.items;
  return answer;
}

}  // namespace

Bytes reply_size(const StoreReply& reply) {
  return Bytes{300} + Bytes{200} * static_cast<std::int64_t>(reply.items.size());
}

StoreClientId add_store_client(World& world, std::uint32_t place, StreamKey key,
                               std::uint32_t store) {
  const std::vector<StoreMember>& members = world.lease_store.members;
  CHECK(!members.empty());
  StoreClient client;
  client.place = place;
  client.luck = {key};
  const LeaseStorePlan& plan = world.plan->lease_store;
  for (std::uint32_t i = plan.first_of(store); i < plan.end_of(store); ++i) {
    client.endpoints[client.endpoint_count++] = i;
  }
  const auto distance = [&](std::uint32_t member) {
    return round_trip(world, place, members[member].place);
  };
  std::stable_sort(client.endpoints.begin(), client.endpoints.begin() + client.endpoint_count,
                   [&](std::uint32_t a, std::uint32_t b) { return distance(a) < distance(b); });
  world.lease_store.clients.push_back(client);
  return {static_cast<std::uint32_t>(world.lease_store.clients.size() - 1)};
}

StoreCall ask_store(World& world, StoreClientId id, const StoreRequest& request) {
  LeaseStore& store = world.lease_store;
  if (store.free_calls.empty()) {
    store.free_calls.push_back(static_cast<std::uint32_t>(store.calls.size()));
    store.calls.emplace_back();
  }
  const std::uint32_t slot = store.free_calls.back();
  store.free_calls.pop_back();
  StoreCallState& state = store.calls[slot];
  const auto generation = static_cast<std::uint16_t>(state.generation + 1);
  state = {};
  state.open = true;
  state.generation = generation;
  state.client = id;
  state.request = request;
  state.pause = pause_min;
  state.ends = world.now() + request.patience;
  const StoreCall call{slot, generation};
  try_call(world, call);
  return call;
}

bool is_awaited(const World& world, const StoreOrigin& origin) {
  return is_current(world, origin.call, origin.attempt);
}

void watch_store(World& world, StoreClientId id, std::uint32_t scope, std::uint64_t seen) {
  StoreClient& client = client_of(world, id);
  client.watching = true;
  client.scope = scope;
  client.seen = seen;
  register_watch(world, id);
}

void drop_store_client(World& world, StoreClientId id) {
  LeaseStore& store = world.lease_store;
  for (std::uint32_t slot = 0; slot < store.calls.size(); ++slot) {
    if (!store.calls[slot].open || store.calls[slot].client != id) continue;
    store.calls[slot].open = false;
    store.free_calls.push_back(slot);
  }
  leave_watch(world, id);
  client_of(world, id).watching = false;
  client_of(world, id).connected = false;
}

StoreNews store_answered(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const StoreClientId id{target_index(event.target)};
  LeaseStore& store = world.lease_store;
  if (!arrived(world, event, reply_size(store.replies.slots[arg.slot]))) return {};
  store.replies.free.push_back(arg.slot);
  const StoreReply& reply = store.replies.slots[arg.slot];
  StoreClient& client = client_of(world, id);
  switch (reply.kind) {
    case StoreReplyKind::answer:
    case StoreReplyKind::refused:
      return {take_answer(world, reply), {}};
    case StoreReplyKind::watch_lost:
      lose_watch(world, id, reply.member);
      return {};
    case StoreReplyKind::notice:
      if (!client.watching || client.scope != reply.key.scope) return {};
      client.seen = std::max(client.seen, reply.item.revision);
      return {{}, StoreNotice{id, reply.key, reply.item}};
  }
  return {};
}

std::optional<StoreAnswer> store_call_due(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const StoreCall call{arg.slot, arg.generation};
  if (!is_current(world, call, event.generation)) return std::nullopt;
  StoreCallState& state = call_of(world, call);
  if (!state.pausing) {
    state.in_doubt = true;
    return try_again(world, call);
  }
  if (world.now() >= state.ends) return finish(world, call, failure_of(state));
  try_call(world, call);
  return std::nullopt;
}

void store_watch_due(World& world, const Event& event) {
  const StoreClientId id{target_index(event.target)};
  if (client_of(world, id).watching) register_watch(world, id);
}

void store_ask_lost(World& world, const Event& event) {
  world.lease_store.asks.free.push_back(MessageArg::unpack(event.arg).slot);
}

void store_reply_lost(World& world, const Event& event) {
  world.lease_store.replies.free.push_back(MessageArg::unpack(event.arg).slot);
}

void leave_watch(World& world, StoreClientId id) {
  for (StoreMember& member : world.lease_store.members) {
    std::erase_if(member.watches, [id](const StoreWatch& watch) { return watch.client == id; });
  }
}

}  // namespace longhaul
