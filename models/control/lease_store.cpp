#include "models/control/lease_store.h"

#include <algorithm>

#include "models/control/raft.h"
#include "models/control/raft_mail.h"
#include "models/control/store_clients.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

constexpr Duration lease_check_interval = milliseconds(500);
constexpr Duration revoke_retry = seconds(3);

const LeaseStoreConfig& rules(const World& world) { return world.plan->lease_store.config; }

StoreMember& member(World& world, std::uint32_t id) { return world.lease_store.members[id]; }

Duration least_ttl(const World& world) {
  const std::int64_t second = seconds(1).ns;
  return {div_ceil(rules(world).election_timeout.ns * 3 / 2, second) * second};
}

// ---- Answers -----------------------------------------------------------------------------------

std::uint32_t new_reply(World& world, std::uint32_t from, StoreReplyKind kind) {
  const std::uint32_t slot = world.lease_store.replies.take({});
  StoreReply& reply = world.lease_store.replies.slots[slot];
  reply.kind = kind;
  reply.member = from;
  return slot;
}

void send_reply(World& world, std::uint32_t slot, StoreClientId to) {
  const StoreReply& reply = world.lease_store.replies.slots[slot];
  StoreMember& from = member(world, reply.member);
  const std::uint32_t place = world.lease_store.clients[to.value].place;
  post(world, {.kind = EventKind::store_answered,
               .target = target(TargetKind::store_client, to.value),
               .slot = slot,
               .path = world.plan->path(from.place, place),
               .size = reply_size(reply),
               .luck = from.ways.bits(),
               .purpose = Traffic::lease_store});
}

std::uint32_t answer_to(World& world, std::uint32_t me, const StoreOrigin& origin,
                        StoreReplyKind kind) {
  const std::uint32_t slot = new_reply(world, me, kind);
  StoreReply& reply = world.lease_store.replies.slots[slot];
  reply.call = origin.call;
  reply.attempt = origin.attempt;
  reply.revision = member(world, me).data.applied;
  return slot;
}

void answer(World& world, std::uint32_t me, const StoreOrigin& origin, StoreOutcome outcome,
            std::uint64_t lease = 0) {
  const std::uint32_t slot = answer_to(world, me, origin, StoreReplyKind::answer);
  world.lease_store.replies.slots[slot].outcome = outcome;
  world.lease_store.replies.slots[slot].lease = lease;
  send_reply(world, slot, origin.client);
}

void answer_read(World& world, std::uint32_t me, const StoreOrigin& origin) {
  const std::uint32_t slot = answer_to(world, me, origin, StoreReplyKind::answer);
  const StoreData& data = member(world, me).data;
  const std::uint32_t count = items_in_scope(data.members_per_scope);
  const auto first = data.items.begin() + origin.scope * count;
  world.lease_store.replies.slots[slot].items.assign(first, first + count);
  send_reply(world, slot, origin.client);
}

// ---- What is applied ---------------------------------------------------------------------------

void tell(World& world, std::uint32_t me, StoreClientId client, std::uint32_t item) {
  const std::uint32_t slot = new_reply(world, me, StoreReplyKind::notice);
  const StoreData& data = member(world, me).data;
  StoreReply& reply = world.lease_store.replies.slots[slot];
  reply.key = data.key_at(item);
  reply.item = data.items[item];
  send_reply(world, slot, client);
}

void apply_entry(World& world, std::uint32_t me, std::uint64_t index) {
  StoreMember& m = member(world, me);
  const StoreEntry entry = m.log.at(index);
  const StoreOutcome outcome = apply(m.data, index, entry.command);
  const bool grants = entry.command.operation == StoreOperation::grant;
  if (grants && m.role == RaftRole::leader) {
    m.data.leases.back().expires = world.now() + entry.command.ttl;
  }
  for (std::uint32_t item : m.data.changed) {
    for (const StoreWatch& watch : m.watches) {
      if (m.data.key_at(item).scope == watch.scope) tell(world, me, watch.client, item);
    }
  }
  if (entry.origin.member == me && entry.origin.incarnation == m.incarnation) {
    answer(world, me, entry.origin, outcome, grants ? index : 0);
  }
}

// ---- Requests ----------------------------------------------------------------------------------

StoreOutcome renew(World& world, StoreMember& m, std::uint64_t id) {
  StoreLease* lease = m.data.find_lease(id);
  if (lease == nullptr || lease->expires <= world.now()) return StoreOutcome::lease_gone;
  lease->expires = world.now() + lease->ttl;
  return StoreOutcome::ok;
}

StoreCommand with_least_ttl(const World& world, StoreCommand command) {
  command.ttl = std::max(command.ttl, least_ttl(world));
  return command;
}

void pass_on(World& world, std::uint32_t me, const StoreAsk& ask) {
  const bool reads = ask.command.operation == StoreOperation::read_all;
  const bool renews = ask.command.operation == StoreOperation::keep_alive;
  const RaftVerb verb = reads ? RaftVerb::read_index : renews ? RaftVerb::renew : RaftVerb::propose;
  const std::uint32_t slot = new_mail(world, me, member(world, me).leader, verb);
  RaftMail& mail = world.lease_store.mail.slots[slot];
  mail.origin = ask.origin;
  mail.index = ask.command.lease;
  if (verb == RaftVerb::propose) mail.entries.push_back({0, ask.command, ask.origin});
  send_mail(world, slot);
}

void wait_for_leader(World& world, std::uint32_t me, const StoreAsk& ask) {
  const bool renews = ask.command.operation == StoreOperation::keep_alive;
  const Duration again = renews ? rules(world).election_timeout : rules(world).heartbeat;
  world.scheduler.after(again, EventClass::control, target(TargetKind::store_member, me),
                        static_cast<std::uint16_t>(EventKind::store_ask_waits),
                        member(world, me).incarnation, world.lease_store.asks.take(ask));
}

void serve(World& world, std::uint32_t me, const StoreAsk& ask) {
  StoreMember& m = member(world, me);
  if (ask.serializable && ask.command.operation == StoreOperation::read_all) {
    return answer_read(world, me, ask.origin);
  }
  if (m.leader == nobody) return wait_for_leader(world, me, ask);
  if (m.leader != me) return pass_on(world, me, ask);
  switch (ask.command.operation) {
    case StoreOperation::read_all:
      return confirm_read(world, me, ask.origin);
    case StoreOperation::keep_alive:
      return answer(world, me, ask.origin, renew(world, m, ask.command.lease));
    default:
      return propose(world, me, with_least_ttl(world, ask.command), ask.origin);
  }
}

void add_watch(World& world, std::uint32_t me, const StoreAsk& ask) {
  StoreMember& m = member(world, me);
  const StoreClientId client = ask.origin.client;
  const StoreClient& state = world.lease_store.clients[client.value];
  if (!state.has_view || state.endpoints[0] != me) return;  // moved on meanwhile
  leave_watch(world, client);
  m.watches.push_back({client, ask.origin.scope});
  tell_of_changes(world, me, client, ask.origin.scope, ask.seen);
}

// A client that sends nothing over its watch learns by TCP's keepalive that the other end is gone,
// or was (Patroni, dcs/etcd3.py, set_socket_options: loop_wait + retry_timeout without a byte).
void await_keepalive(World& world, std::uint32_t me, StoreClientId client) {
  const PatroniConfig patroni = with_adjusted_timeouts(world.plan->policy.failover.patroni);
  world.scheduler.after(patroni.loop_wait + patroni.retry_timeout, EventClass::control,
                        target(TargetKind::store_client, client.value),
                        static_cast<std::uint16_t>(EventKind::store_watch_due), 0, me + 1);
}

}  // namespace

void start_lease_store(World& world) {
  const LeaseStorePlan& plan = world.plan->lease_store;
  if (plan.places.empty()) return;
  const auto scopes = static_cast<std::uint32_t>(world.plan->groups.size());
  const auto nodes = static_cast<std::uint32_t>(world.plan->nodes.size());
  const std::uint64_t seed = world.plan->seed;
  for (std::uint32_t i = 0; i < plan.places.size(); ++i) {
    const std::string name = "lease_store/" + plan.config.members[i].name;
    StoreMember m;
    const std::uint32_t store = plan.has(1) && i >= plan.second ? 1 : 0;
    m.place = plan.places[i];
    m.first = plan.first_of(store);
    m.count = plan.end_of(store) - m.first;
    m.luck = {stream(seed, name)};
    m.ways = {stream(seed, name + "/ways")};
    m.disk = {stream(seed, name + "/disk")};
    m.lease_phase = {static_cast<std::int64_t>(
        below(m.luck.bits(), static_cast<std::uint64_t>(lease_check_interval.ns)))};
    m.data = store_data(scopes, nodes);
    world.lease_store.members.push_back(m);
  }
  for (std::uint32_t store = 0; store < 2; ++store) {
    if (plan.has(store)) start_leader(world, plan.first_leaders[store]);
  }
}

void stop_store_member(World& world, std::uint32_t id, bool silent) {
  StoreMember& m = member(world, id);
  m.outages += 1;
  if (silent) m.liveness = StoreLiveness::vanished;
  if (m.outages > 1) return;
  forget_unsaved(world, id);
  if (!silent) m.liveness = StoreLiveness::stopped;
  m.incarnation += 1;
  for (const StoreWatch& watch : m.watches) {
    if (silent) {
      await_keepalive(world, id, watch.client);
    } else {
      send_reply(world, new_reply(world, id, StoreReplyKind::watch_lost), watch.client);
    }
  }
  m.watches.clear();
}

void start_store_member(World& world, std::uint32_t id) {
  StoreMember& m = member(world, id);
  m.outages -= 1;
  if (m.outages > 0) return;
  m.liveness = StoreLiveness::up;
  start_follower(world, id);
}

std::uint32_t store_leader(const World& world, std::uint32_t store) {
  const std::vector<StoreMember>& members = world.lease_store.members;
  const LeaseStorePlan& plan = world.plan->lease_store;
  std::uint32_t best = nobody;
  for (std::uint32_t i = plan.first_of(store); i < plan.end_of(store); ++i) {
    if (members[i].role != RaftRole::leader) continue;
    if (best == nobody || members[i].term > members[best].term) best = i;
  }
  return best;
}

void apply_committed(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  while (m.data.applied < std::min(m.commit, m.saved)) apply_entry(world, me, m.data.applied + 1);
  while (!m.waiting.empty() && m.waiting.front().index <= m.data.applied) {
    answer_read(world, me, m.waiting.pop_front().origin);
  }
}

void answer_when_applied(World& world, std::uint32_t me, const StoreRead& read) {
  StoreMember& m = member(world, me);
  if (read.origin.incarnation != m.incarnation) return;
  if (read.index <= m.data.applied) return answer_read(world, me, read.origin);
  m.waiting.push_back(read);
}

void take_leases(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  for (StoreLease& lease : m.data.leases) {
    lease.expires = world.now() + lease.ttl + rules(world).election_timeout;
    lease.revoke_again = {};
  }
  const std::int64_t passed = (world.now() - TimePoint{} - m.lease_phase).ns;
  const std::int64_t next = std::max<std::int64_t>(0, passed / lease_check_interval.ns + 1);
  world.scheduler.at(TimePoint{} + m.lease_phase + lease_check_interval * next, EventClass::control,
                     target(TargetKind::store_member, me),
                     static_cast<std::uint16_t>(EventKind::leases_due), m.incarnation, m.term);
}

void leave_leases(World& world, std::uint32_t me) {
  for (StoreLease& lease : member(world, me).data.leases) lease.expires = TimePoint::never();
}

void leases_due(World& world, const Event& event) {
  const std::uint32_t me = target_index(event.target);
  StoreMember& m = member(world, me);
  const bool leads = m.role == RaftRole::leader && m.incarnation == event.generation;
  if (!leads || m.term != event.arg) return;
  for (StoreLease& lease : m.data.leases) {
    if (lease.expires > world.now() || lease.revoke_again > world.now()) continue;
    lease.revoke_again = world.now() + revoke_retry;
    propose(world, me, {.operation = StoreOperation::revoke, .lease = lease.id}, {});
  }
  world.scheduler.after(lease_check_interval, EventClass::control, event.target, event.kind,
                        event.generation, event.arg);
}

void receive_request(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  const bool leads = m.role == RaftRole::leader;
  switch (mail.verb) {
    case RaftVerb::propose:
      if (!leads) return;  // its client asks again
      return propose(world, me, with_least_ttl(world, mail.entries.front().command), mail.origin);
    case RaftVerb::read_index:
      if (leads) confirm_read(world, me, mail.origin);
      return;
    case RaftVerb::read_state:
      return answer_when_applied(world, me, {mail.index, 0, mail.origin});
    case RaftVerb::renew: {
      if (!leads) return;
      const StoreOutcome outcome = renew(world, m, mail.index);
      const std::uint32_t slot = new_mail(world, me, mail.from, RaftVerb::renewed);
      RaftMail& reply = world.lease_store.mail.slots[slot];
      reply.origin = mail.origin;
      reply.ok = outcome == StoreOutcome::ok;
      return send_mail(world, slot);
    }
    case RaftVerb::renewed:
      if (mail.origin.incarnation != m.incarnation) return;
      return answer(world, me, mail.origin, mail.ok ? StoreOutcome::ok : StoreOutcome::lease_gone);
    default:
      CHECK(false);
  }
}

void tell_of_changes(World& world, std::uint32_t me, StoreClientId client, std::uint32_t scope,
                     std::uint64_t seen) {
  const StoreData& data = member(world, me).data;
  const std::uint32_t count = items_in_scope(data.members_per_scope);
  for (std::uint32_t item = scope * count; item < (scope + 1) * count; ++item) {
    if (data.items[item].revision > seen) tell(world, me, client, item);
  }
}

namespace {

// A client's request.
void store_asked(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const std::uint32_t me = target_index(event.target);
  if (!arrived(world, event, ask_size)) return;
  StoreAsk ask = world.lease_store.asks.release(arg.slot);
  StoreMember& m = member(world, me);
  if (m.liveness == StoreLiveness::vanished) return;
  if (m.liveness == StoreLiveness::stopped) {
    const StoreReplyKind kind = ask.watch ? StoreReplyKind::watch_lost : StoreReplyKind::refused;
    return send_reply(world, answer_to(world, me, ask.origin, kind), ask.origin.client);
  }
  ask.origin.member = me;
  ask.origin.incarnation = m.incarnation;
  if (ask.watch) return add_watch(world, me, ask);
  serve(world, me, ask);
}

// It has waited for a leader.
void store_ask_waits(World& world, const Event& event) {
  const StoreAsk ask = world.lease_store.asks.release(static_cast<std::uint32_t>(event.arg));
  const std::uint32_t me = target_index(event.target);
  const StoreMember& m = member(world, me);
  const bool same = m.liveness == StoreLiveness::up && m.incarnation == event.generation;
  if (same && is_awaited(world, ask.origin)) serve(world, me, ask);
}

}  // namespace

void store_event(World& world, const Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  if (kind == EventKind::store_watch_due) return store_watch_due(world, event);
  if (kind == EventKind::store_ask_waits) return store_ask_waits(world, event);
  store_asked(world, event);
}

}  // namespace longhaul
