#include "models/app/probes.h"

#include <algorithm>

#include "models/control/records.h"
#include "models/net/messages.h"
#include "models/pg/lag_sources.h"

namespace longhaul {
namespace {

const PolicyConfig& policy(const World& world) { return world.plan->policy; }

Probe& probe_of(World& world, const Instance& instance, std::uint32_t database) {
  return world.probes[instance.first_probe + database];
}

void note_transition(World& world, const Instance& instance, NodeId node,
                     const BreakerTransition& move) {
  const std::uint32_t replica = node.value;
  if (world.node(node).is_primary) return;
  Probe& probe = probe_of(world, instance, replica);
  world.measures.counter(Metric::breaker_transitions, replica, instance.app.value, move.to).count +=
      1;
  if (move.to == BreakerState::open && probe.breaker_opened_at == TimePoint::never()) {
    probe.breaker_opened_at = world.now();
  }
  if (move.to == BreakerState::closed && probe.breaker_opened_at != TimePoint::never()) {
    world.measures.distribution(Metric::breaker_open_duration, replica, instance.app.value)
        .record((world.now() - probe.breaker_opened_at).ns);
    probe.breaker_opened_at = TimePoint::never();
  }
}

void drain(World& world, InstanceId id) {
  Instance& instance = world.instances[id.value];
  std::optional<TimePoint> deadline;
  for (std::uint32_t group = 0; group < instance.routers.size(); ++group) {
    Router& router = instance.routers[group];
    while (const std::optional<RouterAction> action = router.poll()) {
      if (!action->database.valid()) continue;  // no primary is known any more
      const NodeId node = world.plan->node_at({group}, action->database);
      if (action->kind == RouterActionKind::primary_changed) {
        note_rerouting(world, id, node);
        continue;
      }
      note_transition(world, instance, node, action->transition);
    }
    const std::optional<TimePoint> next = router.next_deadline();
    if (next && (!deadline || *next < *deadline)) deadline = next;
  }
  if (!deadline) {
    instance.policy.cancel();
    return;
  }
  instance.policy.arm(world.scheduler, std::max(*deadline, world.now()), EventClass::control,
                      target(id), static_cast<std::uint16_t>(EventKind::policy_due));
}

void send_probe(World& world, InstanceId id, std::uint32_t database) {
  Instance& instance = world.instances[id.value];
  Probe& probe = probe_of(world, instance, database);
  if (probe.deadline.armed()) return;  // one connection asks one question at a time
  probe.number += 1;
  probe.sent_at = world.now();
  Mail mail;
  mail.about = probe.number;
  mail.from = id.value;
  mail.sent_at = world.now();
  post(world, {.kind = EventKind::probe_at_node,
               .target = target(NodeId{database}),
               .slot = world.mail.take(mail),
               .path = world.plan->path(instance.place, world.plan->nodes[database].place),
               .size = world.plan->network.statement_request,
               .luck = probe.luck.bits(),
               .purpose = Traffic::probes});
  probe.deadline.arm(world.scheduler, world.now() + policy(world).lag_breaker.probe_timeout,
                     EventClass::control, target(id),
                     static_cast<std::uint16_t>(EventKind::probe_deadline), database);
}

bool has_standbys(const World& world, NodeId id) {
  return std::any_of(world.streams.begin(), world.streams.end(), [id](const WalStream& stream) {
    return stream.upstream == id && stream.feeds && !stream.mutual;
  });
}

LagSource lag_source(const World& world, const Instance& instance) {
  return world.plan->apps[instance.app.value].config.lag_source;
}

Mail answer(const Observation& seen, NodeId about) {
  Mail mail;
  mail.from = about.value;
  mail.is_primary = seen.is_primary;
  mail.timeline = seen.timeline;
  mail.apply = seen.replay_lsn;
  mail.lag = seen.lag;
  mail.lag_bytes = seen.lag_bytes;
  return mail;
}

// Appends the rows of an upstream's standbys to its answer.
void add_rows(World& world, std::uint32_t slot, NodeId upstream, LagSource source) {
  for (const WalStream& stream : world.streams) {
    if (stream.upstream != upstream || !stream.has_sender || stream.mutual) continue;
    const std::uint32_t row =
        world.mail.take(answer(observe_standby(world, stream, source), stream.standby));
    world.mail.slots[slot].next = row;
    slot = row;
  }
}

void hand_over(World& world, InstanceId id, const Mail& mail, TimePoint sent_at,
               std::optional<Duration> round_trip = {}) {
  Instance& instance = world.instances[id.value];
  const Observation seen{.measured_at = sent_at,
                         .is_primary = mail.is_primary,
                         .timeline = mail.timeline,
                         .replay_lsn = mail.apply,
                         .lag = mail.lag,
                         .lag_bytes = mail.lag_bytes,
                         .round_trip = round_trip};
  if (seen.lag) {
    world.measures.distribution(Metric::observed_lag, mail.from, instance.app.value)
        .record(std::max<std::int64_t>(0, seen.lag->ns));
  }
  const NodePlan& about = world.plan->nodes[mail.from];
  Router& router = instance.routers[about.group.value];
  router.handle(world.now(), DatabaseIndex{about.member}, seen);
  if (!seen.is_primary && !gives_time(lag_source(world, instance))) {
    const auto bytes = router.breaker(DatabaseIndex{about.member}).lag_bytes();
    if (bytes) {
      world.measures.distribution(Metric::observed_lag_bytes, mail.from, instance.app.value)
          .record(bytes->value);
    }
  }
  drain(world, id);
}

void hand_over_failure(World& world, InstanceId id, std::uint32_t database, TimePoint sent_at) {
  const NodePlan& about = world.plan->nodes[database];
  world.instances[id.value].routers[about.group.value].handle(
      world.now(), DatabaseIndex{about.member}, ProbeFailed{sent_at});
  drain(world, id);
}

// The rows of an upstream's answer. A standby without one has no walsender: no news of it.
void hand_over_rows(World& world, InstanceId id, const Mail& answer) {
  for (const WalStream& stream : world.streams) {
    if (stream.upstream.value != answer.from || stream.mutual) continue;
    std::uint32_t row = answer.next;
    while (row != no_mail && world.mail.slots[row].from != stream.standby.value) {
      row = world.mail.slots[row].next;
    }
    if (row == no_mail) {
      if (stream.feeds) hand_over_failure(world, id, stream.standby.value, answer.sent_at);
    } else {
      hand_over(world, id, world.mail.slots[row], answer.sent_at);
    }
  }
}

}  // namespace

Observation observe(const World& world, NodeId id, LagSource source) {
  const Node& node = world.node(id);
  Observation result;
  result.is_primary = node.is_primary;
  result.timeline = node.timeline;
  result.replay_lsn = node.is_primary ? node.insert : node.replayed;
  if (node.is_primary || asks_upstream(source)) return result;
  result.lag = lag_from(world, world.streams[node.feed], source);
  return result;
}

Observation observe_standby(const World& world, const WalStream& stream, LagSource source) {
  Observation result;
  result.timeline = world.node(stream.upstream).timeline;
  result.replay_lsn = stream.apply_known;
  result.lag = lag_from(world, stream, source);
  if (source == LagSource::replay_lag_bytes) result.lag_bytes = replay_lag_bytes(world, stream);
  return result;
}

void begin_probing(World& world, InstanceId id) {
  Instance& instance = world.instances[id.value];
  const auto interval = static_cast<std::uint64_t>(policy(world).lag_breaker.probe_interval.ns);
  const Duration phase{static_cast<std::int64_t>(below(instance.luck.bits(), interval))};
  world.scheduler.after(phase, EventClass::control, target(id),
                        static_cast<std::uint16_t>(EventKind::probe_due), 0, 0);
}

void probe_due(World& world, const Event& event) {
  const InstanceId id{target_index(event.target)};
  const bool by_upstream = asks_upstream(lag_source(world, world.instances[id.value]));
  for (std::uint32_t node = 0; node < world.nodes.size(); ++node) {
    if (!by_upstream || world.nodes[node].is_primary || has_standbys(world, {node})) {
      send_probe(world, id, node);
    }
  }
  const LagBreakerConfig& breaker = policy(world).lag_breaker;
  RandomStream& luck = world.instances[id.value].luck;
  const std::uint64_t number = breaker.probe_jitter.ppm > 0 ? luck.bits() : 0;
  world.scheduler.after(probe_pause(breaker, number), EventClass::control, event.target, event.kind,
                        0, 0);
}

void probe_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const NodeId id{target_index(event.target)};
  if (const Node& node = world.node(id); node.replayed < node.consistent_from) {
    world.mail.release(arg.slot);  // refused; the prober notices at its time-out
    return;
  }
  const Mail question = world.mail.slots[arg.slot];
  const InstanceId asker{question.from};
  Instance& instance = world.instances[asker.value];
  const LagSource source = lag_source(world, instance);
  Mail& mail = world.mail.slots[arg.slot];
  mail = answer(observe(world, id, source), id);
  mail.about = question.about;
  mail.sent_at = question.sent_at;
  if (asks_upstream(source)) add_rows(world, arg.slot, id, source);
  post(world, {.kind = EventKind::probe_at_app,
               .target = target(asker),
               .slot = arg.slot,
               .path = world.plan->path(world.plan->nodes[id.value].place, instance.place),
               .size = world.plan->network.statement_reply,
               .luck = probe_of(world, instance, id.value).luck.bits(),
               .purpose = Traffic::probes});
}

void probe_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const std::uint32_t slot = MessageArg::unpack(event.arg).slot;
  const Mail mail = world.mail.slots[slot];
  const InstanceId id{target_index(event.target)};
  Instance& instance = world.instances[id.value];
  Probe& probe = probe_of(world, instance, mail.from);
  // An answer after its time-out is no answer: the probing connection has been closed.
  if (mail.about != probe.number || !probe.deadline.armed()) return release_answer(world, slot);
  probe.deadline.cancel();
  const bool by_upstream = asks_upstream(lag_source(world, instance));
  // Of a standby that its upstream answers for, the upstream's row counts.
  if (mail.is_primary || !by_upstream) {
    hand_over(world, id, mail, mail.sent_at, world.now() - mail.sent_at);
  }
  if (by_upstream) hand_over_rows(world, id, mail);
  release_answer(world, slot);
}

void probe_deadline(World& world, const Event& event) {
  const InstanceId id{target_index(event.target)};
  const auto database = static_cast<std::uint32_t>(event.arg);
  Instance& instance = world.instances[id.value];
  Probe& probe = probe_of(world, instance, database);
  if (!probe.deadline.fires(world.scheduler, event)) return;
  const bool by_upstream = asks_upstream(lag_source(world, instance));
  if (world.nodes[database].is_primary || !by_upstream) {
    hand_over_failure(world, id, database, probe.sent_at);
  }
  if (!by_upstream) return;
  for (const WalStream& stream : world.streams) {
    if (stream.upstream.value != database || stream.mutual || !stream.feeds) continue;
    hand_over_failure(world, id, stream.standby.value, probe.sent_at);
  }
}

void release_answer(World& world, std::uint32_t slot) {
  while (slot != no_mail) slot = world.mail.release(slot).next;
}

void note_open_breakers(World& world, TimePoint now) {
  for (const Instance& instance : world.instances) {
    for (std::uint32_t node = 0; node < world.nodes.size(); ++node) {
      const TimePoint since = probe_of(world, instance, node).breaker_opened_at;
      if (since == TimePoint::never()) continue;
      world.measures.distribution(Metric::breaker_open_duration, node, instance.app.value)
          .record((now - since).ns);
    }
  }
}

void policy_due(World& world, const Event& event) {
  const InstanceId id{target_index(event.target)};
  Instance& instance = world.instances[id.value];
  if (!instance.policy.fires(world.scheduler, event)) return;
  for (Router& router : instance.routers) router.on_timer(world.now());
  drain(world, id);
}

}  // namespace longhaul
