#include "models/control/store_clients.h"

#include <algorithm>

#include "models/net/messages.h"

namespace longhaul {
namespace {

constexpr Duration pause_min = milliseconds(100);
constexpr Duration pause_max = seconds(1);
constexpr Duration pause_step = milliseconds(10);
constexpr std::uint64_t pause_steps = 81;  // of luck: up to 800 ms
constexpr Duration share_min = seconds(1);
constexpr Duration connect_min = seconds(1);
constexpr Duration watch_pause = seconds(1);

StoreClient& client_of(World& world, StoreClientId id) {
  return world.lease_store.clients[id.value];
}

StoreCallState& call_of(World& world, StoreCall call) { return world.lease_store.calls[call.slot]; }

bool is_open(const World& world, StoreCall call) {
  const std::deque<StoreCallState>& calls = world.lease_store.calls;
  return call.slot < calls.size() && calls[call.slot].open &&
         calls[call.slot].generation == call.generation;
}

bool is_current(const World& world, StoreCall call, std::uint16_t attempt) {
  return is_open(world, call) && world.lease_store.calls[call.slot].attempt == attempt;
}

// ---- Members -----------------------------------------------------------------------------------

void shuffle(RandomStream& luck, std::uint32_t* first, std::uint32_t count) {
  for (std::uint32_t left = count; left > 1; --left) {
    std::swap(first[left - 1], first[below(luck.bits(), left)]);
  }
}

// From now on it is asked first; the others stay in their order.
void turn_to(StoreClient& client, std::uint32_t member) {
  const auto at = std::find(client.endpoints.begin(), client.endpoints.end(), member);
  std::rotate(client.endpoints.begin(), at, at + 1);
}

// A process begins.
void draw_orders(const World& world, StoreClient& client) {
  shuffle(client.luck, client.endpoints.data(), client.endpoint_count);
  client.listers = client.endpoints;
  shuffle(client.luck, client.listers.data(), client.endpoint_count);
  if (world.plan->lease_store.config.first_asked == FirstAsked::any) return;
  const auto distance = [&](std::uint32_t member) {
    return round_trip(world, client.place, world.lease_store.members[member].place);
  };
  const auto end = client.endpoints.begin() + client.endpoint_count;
  turn_to(client,
          *std::min_element(client.endpoints.begin(), end, [&](std::uint32_t a, std::uint32_t b) {
            return std::pair(distance(a), a) < std::pair(distance(b), b);
          }));
}

// How many members share the time, and how much each has of it: a second at least.
struct Shares {
  std::uint32_t members = 0;
  Duration each;
};

Shares share_out(std::uint32_t members, Duration time) {
  for (; members > 0; --members) {
    const Duration each{time.ns / members};
    if (each >= share_min) return {members, each};
  }
  return {0, time};
}

Duration connect_timeout(Duration share) {
  return std::min(share, std::max(connect_min, Duration{share.ns / 2}));
}

bool is_reachable(const World& world, const StoreClient& client, std::uint32_t endpoint) {
  const StoreMember& member = world.lease_store.members[endpoint];
  return member.liveness != StoreLiveness::vanished &&
         !world.network.is_cut(world.plan->path(client.place, member.place)) &&
         !world.network.is_cut(world.plan->path(member.place, client.place));
}

// To a member: a connection, if that is new, and a request's head take a round trip first.
void send_ask(World& world, StoreClientId id, std::uint32_t endpoint, const StoreAsk& ask) {
  StoreClient& client = client_of(world, id);
  const bool is_first = endpoint == client.endpoints[0];
  const bool is_connected = is_first && client.connected;
  if (is_first) client.connected = true;
  const std::uint32_t there = world.lease_store.members[endpoint].place;
  const PathId path = world.plan->path(client.place, there);
  const Duration rtt = round_trip(world, client.place, there);
  const TimePoint begins = world.now() + rtt * (is_connected ? 1 : 2);
  post(world, {.kind = EventKind::store_asked,
               .target = target(TargetKind::store_member, endpoint),
               .slot = world.lease_store.asks.take(ask),
               .path = path,
               .size = ask_size,
               .luck = client.luck.bits(),
               .purpose = Traffic::lease_store,
               .not_before = begins + world.network.latency(path)});
}

// ---- The view ----------------------------------------------------------------------------------

// It reads all keys, and watches again.
void renew_view(World& world, StoreClientId id) {
  StoreClient& client = client_of(world, id);
  if (!client.watching) return;
  client.has_view = false;
  leave_watch(world, id);
  if (is_open(world, client.refresh)) return;
  StoreRequest request;
  request.command.operation = StoreOperation::read_all;
  request.command.key.scope = client.scope;
  request.serializable = true;
  request.patience = client.patience;
  client.refresh = ask_store(world, id, request);
}

void stay_with(World& world, StoreClientId id, std::uint32_t member) {
  turn_to(client_of(world, id), member);
  renew_view(world, id);
}

// A change that the client has seen, or made itself: whether it is new and other than what was.
bool note_change(StoreClient& client, StoreKey key, const StoreItem& item) {
  if (!client.has_view || client.scope != key.scope) return false;
  StoreItem& known = client.view[item_of(key.name, key.member)];
  if (known.revision >= item.revision) return false;
  const bool differs = known.present != item.present || known.value != item.value;
  known = item;
  return differs;
}

// ---- Calls -------------------------------------------------------------------------------------

void wake(World& world, StoreCall call, StoreWait waits, Duration after) {
  StoreCallState& state = call_of(world, call);
  if (waits != StoreWait::answer) state.attempt += 1;
  state.waits = waits;
  world.scheduler.after(after, EventClass::control,
                        target(TargetKind::store_client, state.client.value),
                        static_cast<std::uint16_t>(EventKind::store_call_due), state.attempt,
                        MessageArg{call.slot, call.generation, 0}.pack());
}

StoreAnswer finish(World& world, StoreCall call, StoreOutcome outcome) {
  StoreCallState& state = call_of(world, call);
  state.open = false;
  world.lease_store.free_calls.push_back(call.slot);
  return {state.client, call, state.request.command, outcome, 0, 0, {}};
}

StoreAnswer fail(World& world, StoreCall call) {
  const bool in_doubt = call_of(world, call).in_doubt;
  return finish(world, call, in_doubt ? StoreOutcome::timed_out : StoreOutcome::no_leader);
}

StoreAnswer deliver(World& world, StoreCall call) {
  const StoreReply& reply = call_of(world, call).reply;
  StoreAnswer answer = finish(world, call, reply.outcome);
  answer.revision = reply.revision;
  answer.lease = reply.lease;
  answer.items = reply.items;
  const StoreCommand& command = answer.command;
  const bool puts = command.operation == StoreOperation::put;
  if (reply.outcome == StoreOutcome::ok && (puts || command.operation == StoreOperation::remove)) {
    StoreItem item{.revision = reply.revision};
    if (puts) item = {command.value, reply.revision, command.lease, true};
    note_change(client_of(world, answer.client), command.key, item);
  }
  // A refused guard may be due to an old view; what renews a leader's key proves nothing of it.
  const bool is_refused = reply.outcome == StoreOutcome::compare_failed;
  if (is_refused && command.guard != StoreGuard::value_or_absent) renew_view(world, answer.client);
  return answer;
}

void try_member(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  const StoreClient& client = client_of(world, state.client);
  const std::uint32_t endpoint = state.order[state.failed];
  state.attempt += 1;
  StoreAsk ask;
  ask.origin.client = state.client;
  ask.origin.call = call;
  ask.origin.attempt = state.attempt;
  ask.origin.scope = state.request.command.key.scope;
  ask.command = state.request.command;
  ask.serializable = state.request.serializable;
  const bool is_connected = client.connected && endpoint == client.endpoints[0];
  const bool connects = is_connected || is_reachable(world, client, endpoint);
  wake(world, call, StoreWait::answer, connects ? state.per_try : connect_timeout(state.per_try));
  send_ask(world, state.client, endpoint, ask);
}

void begin_pass(World& world, StoreCall call, Shares shares) {
  StoreCallState& state = call_of(world, call);
  state.pass = shares.members;
  state.per_try = shares.each;
  state.failed = 0;
  try_member(world, call);
}

// All members, the one that it stays with first.
void begin(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  const StoreClient& client = client_of(world, state.client);
  state.order = client.endpoints;
  const Duration each = share_out(client.endpoint_count, state.request.patience).each;
  begin_pass(world, call, {client.endpoint_count, each});
}

// How long a list takes is known from the start: nothing but the way to the members matters.
void ask_for_list(World& world, StoreCall call, StoreWait waits) {
  StoreCallState& state = call_of(world, call);
  StoreClient& client = client_of(world, state.client);
  const Duration share = share_out(client.endpoint_count, state.request.patience).each;
  Duration time;
  state.listed = false;
  for (std::uint32_t i = 0; i < client.endpoint_count && !state.listed; ++i) {
    const std::uint32_t member = client.listers[i];
    if (!is_reachable(world, client, member)) {
      client.connected = false;
      time += connect_timeout(share);
      continue;
    }
    const StoreMember& lister = world.lease_store.members[member];
    const Duration rtt = round_trip(world, client.place, lister.place);
    state.listed = lister.liveness == StoreLiveness::up;
    time += state.listed ? rtt * 3 : rtt;  // a connection, a request's head, and the rest
    if (!state.listed) client.connected = false;
  }
  wake(world, call, waits, time);
}

void note_list(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  StoreClient& client = client_of(world, state.client);
  if (state.waits != StoreWait::list_of_moved) client.must_list = !state.listed;
  if (state.listed) shuffle(client.luck, client.endpoints.data() + 1, client.endpoint_count - 1);
}

// All have failed: another pass after a pause, if there is time.
std::optional<StoreAnswer> rest(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  StoreClient& client = client_of(world, state.client);
  const auto steps = static_cast<std::int64_t>(below(client.luck.bits(), pause_steps));
  const Duration pause = state.pause + pause_step * steps;
  const Duration left = state.ends - world.now() - pause;
  const Shares shares = share_out(client.endpoint_count, left);
  if (shares.members == 0) {
    client.must_list = true;
    const StoreAnswer failed = fail(world, call);
    if (client.refresh != call) renew_view(world, failed.client);
    return failed;
  }
  state.pause = std::min(state.pause * 2, pause_max);
  state.pass = shares.members;
  state.per_try = shares.each;
  wake(world, call, StoreWait::pause, pause);
  return std::nullopt;
}

std::optional<StoreAnswer> fail_try(World& world, StoreCall call) {
  StoreCallState& state = call_of(world, call);
  client_of(world, state.client).connected = false;
  state.failed += 1;
  if (state.request.once) {
    const StoreAnswer failed = fail(world, call);
    stay_with(world, failed.client, state.order[state.pass > 1 ? 1 : 0]);
    return failed;
  }
  if (state.failed < state.pass) {
    try_member(world, call);
  } else {
    ask_for_list(world, call, StoreWait::list_of_failed);
  }
  return std::nullopt;
}

std::optional<StoreAnswer> take_answer(World& world, const StoreReply& reply) {
  if (!is_current(world, reply.call, reply.attempt)) return std::nullopt;
  StoreCallState& state = call_of(world, reply.call);
  if (state.waits != StoreWait::answer) return std::nullopt;
  if (reply.kind == StoreReplyKind::refused) return fail_try(world, reply.call);
  state.reply = reply;
  if (state.failed == 0) return deliver(world, reply.call);
  stay_with(world, state.client, state.order[state.failed]);
  client_of(world, state.client).connected = true;
  ask_for_list(world, reply.call, StoreWait::list_of_moved);
  return std::nullopt;
}

// What the host hears: not of the reads that its view begins with.
std::optional<StoreAnswer> for_host(World& world, const std::optional<StoreAnswer>& answer) {
  if (!answer) return answer;
  StoreClient& client = client_of(world, answer->client);
  if (client.refresh != answer->call) return answer;
  client.refresh = {};
  if (answer->outcome != StoreOutcome::ok) {
    world.scheduler.after(watch_pause, EventClass::control,
                          target(TargetKind::store_client, answer->client.value),
                          static_cast<std::uint16_t>(EventKind::store_watch_due), 0, 0);
    return std::nullopt;
  }
  client.view.assign(answer->items.begin(), answer->items.end());
  client.has_view = true;
  client.seen = answer->revision;
  StoreAsk ask;
  ask.origin.client = answer->client;
  ask.origin.scope = client.scope;
  ask.watch = true;
  ask.seen = client.seen;
  send_ask(world, answer->client, client.endpoints[0], ask);
  std::deque<StoreCallState>& calls = world.lease_store.calls;
  for (std::uint32_t slot = 0; slot < calls.size(); ++slot) {
    const bool waits = calls[slot].open && calls[slot].client == answer->client &&
                       calls[slot].waits == StoreWait::view;
    if (waits) wake(world, {slot, calls[slot].generation}, StoreWait::view, {});
  }
  return std::nullopt;
}

StoreCall open_call(World& world, StoreClientId id, const StoreRequest& request) {
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
  return {slot, generation};
}

}  // namespace

Bytes reply_size(const StoreReply& reply) {
  return Bytes{300} + Bytes{200} * static_cast<std::int64_t>(reply.items.size());
}

StoreClientId add_store_client(World& world, std::uint32_t place, StreamKey key,
                               std::uint32_t store) {
  CHECK(!world.lease_store.members.empty());
  StoreClient client;
  client.place = place;
  client.luck = {key};
  const LeaseStorePlan& plan = world.plan->lease_store;
  for (std::uint32_t i = plan.first_of(store); i < plan.end_of(store); ++i) {
    client.endpoints[client.endpoint_count++] = i;
  }
  draw_orders(world, client);
  world.lease_store.clients.push_back(client);
  return {static_cast<std::uint32_t>(world.lease_store.clients.size() - 1)};
}

StoreCall ask_store(World& world, StoreClientId id, const StoreRequest& request) {
  CHECK(request.patience > Duration{});
  const StoreCall call = open_call(world, id, request);
  if (client_of(world, id).must_list) {
    ask_for_list(world, call, StoreWait::first_list);
  } else {
    begin(world, call);
  }
  return call;
}

StoreCall read_view(World& world, StoreClientId id, Duration patience) {
  StoreRequest request;
  request.command.operation = StoreOperation::read_all;
  request.command.key.scope = client_of(world, id).scope;
  request.patience = patience;
  const StoreCall call = open_call(world, id, request);
  wake(world, call, StoreWait::view, {});
  return call;
}

bool is_awaited(const World& world, const StoreOrigin& origin) {
  return is_current(world, origin.call, origin.attempt);
}

void watch_store(World& world, StoreClientId id, std::uint32_t scope, Duration patience) {
  StoreClient& client = client_of(world, id);
  client.watching = true;
  client.scope = scope;
  client.patience = patience;
  renew_view(world, id);
}

void drop_store_client(World& world, StoreClientId id) {
  LeaseStore& store = world.lease_store;
  for (std::uint32_t slot = 0; slot < store.calls.size(); ++slot) {
    if (!store.calls[slot].open || store.calls[slot].client != id) continue;
    store.calls[slot].open = false;
    store.free_calls.push_back(slot);
  }
  leave_watch(world, id);
  StoreClient& client = client_of(world, id);
  client.watching = client.connected = client.must_list = client.has_view = false;
  client.refresh = {};
  draw_orders(world, client);
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
      return {for_host(world, take_answer(world, reply)), {}};
    case StoreReplyKind::watch_lost:
      if (client.endpoints[0] == reply.member) renew_view(world, id);
      return {};
    case StoreReplyKind::notice:
      if (!client.has_view || client.scope != reply.key.scope) return {};
      client.seen = std::max(client.seen, reply.item.revision);
      if (!note_change(client, reply.key, reply.item)) return {};
      return {{}, StoreNotice{id, reply.key, reply.item}};
  }
  return {};
}

std::optional<StoreAnswer> store_call_due(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const StoreCall call{arg.slot, arg.generation};
  if (!is_current(world, call, event.generation)) return std::nullopt;
  StoreCallState& state = call_of(world, call);
  const StoreClient& client = client_of(world, state.client);
  switch (state.waits) {
    case StoreWait::answer:
      state.in_doubt = true;
      return for_host(world, fail_try(world, call));
    case StoreWait::pause:
      begin_pass(world, call, {state.pass, state.per_try});
      return std::nullopt;
    case StoreWait::first_list:
      note_list(world, call);
      if (!state.listed) return for_host(world, fail(world, call));
      begin(world, call);
      return std::nullopt;
    case StoreWait::list_of_failed:
      note_list(world, call);
      return for_host(world, rest(world, call));
    case StoreWait::list_of_moved:
      note_list(world, call);
      return for_host(world, deliver(world, call));
    case StoreWait::view:
      if (client.has_view) {
        StoreAnswer answer = finish(world, call, StoreOutcome::ok);
        answer.revision = client.seen;
        answer.items = client.view;
        return answer;
      }
      if (world.now() >= state.ends) return fail(world, call);
      wake(world, call, StoreWait::view, state.ends - world.now());
      return std::nullopt;
  }
  return std::nullopt;
}

void store_watch_due(World& world, const Event& event) {
  const StoreClientId id{target_index(event.target)};
  const StoreClient& client = client_of(world, id);
  if (!client.has_view || event.arg == client.endpoints[0] + 1) renew_view(world, id);
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
