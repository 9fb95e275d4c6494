#include "models/app/probes.h"

#include <algorithm>

#include "models/net/messages.h"

namespace longhaul {
namespace {

const PolicyConfig& policy(const World& world) { return world.plan->policy; }

Probe& probe_of(World& world, const Instance& instance, std::uint32_t database) {
  return world.probes[instance.first_probe + database];
}

void note_transition(World& world, const Instance& instance, const RouterAction& action) {
  const BreakerTransition& move = action.transition;
  const std::uint32_t replica = action.database.value;
  if (world.node(NodeId{replica}).is_primary) return;
  Probe& probe = probe_of(world, instance, replica);
  world.measures.counter(Metric::breaker_transitions, replica, instance.app.value, move.to).count +=
      1;
  if (move.to == BreakerState::open && move.from == BreakerState::closed) {
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
  while (const std::optional<RouterAction> action = instance.router.poll()) {
    if (action->kind == RouterActionKind::breaker_moved) {
      note_transition(world, instance, *action);
    }
  }
  const std::optional<TimePoint> deadline = instance.router.next_deadline();
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

}  // namespace

Observation observe(World& world, NodeId id, LagSource source) {
  const Node& node = world.node(id);
  Observation result;
  result.is_primary = node.is_primary;
  result.timeline = node.timeline;
  result.replay_lsn = node.is_primary ? node.insert : node.replayed;
  if (node.is_primary) return result;
  for (const WalStream& stream : world.streams) {
    if (stream.standby != id) continue;
    const StageLag& replay = stream.lag[static_cast<std::size_t>(LagStage::replay)];
    const bool caught_up = node.replayed == node.received;
    const bool replayed_any = replay.last_passed() > TimePoint{};  // else the timestamp is NULL
    if (replayed_any && (source == LagSource::replay_timestamp || !caught_up)) {
      result.lag = world.now() - replay.last_passed();
    }
  }
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
  for (std::uint32_t node = 0; node < world.nodes.size(); ++node) send_probe(world, id, node);
  world.scheduler.after(policy(world).lag_breaker.probe_interval, EventClass::control, event.target,
                        event.kind, 0, 0);
}

void probe_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const NodeId id{target_index(event.target)};
  Mail& mail = world.mail.slots[arg.slot];
  Instance& instance = world.instances[mail.from];
  const InstanceId asker{mail.from};
  const LagSource source = world.plan->apps[instance.app.value].config.lag_source;
  const Observation seen = observe(world, id, source);
  mail.is_primary = seen.is_primary;
  mail.timeline = seen.timeline;
  mail.apply = seen.replay_lsn;
  mail.lag = seen.lag;
  mail.from = id.value;
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
  const Mail mail = world.mail.release(MessageArg::unpack(event.arg).slot);
  const InstanceId id{target_index(event.target)};
  Instance& instance = world.instances[id.value];
  Probe& probe = probe_of(world, instance, mail.from);
  // An answer after its time-out is no answer: the probing connection has been closed.
  if (mail.about != probe.number || !probe.deadline.armed()) return;
  probe.deadline.cancel();
  Observation seen;
  seen.measured_at = mail.sent_at;
  seen.is_primary = mail.is_primary;
  seen.timeline = mail.timeline;
  seen.replay_lsn = mail.apply;
  seen.lag = mail.lag;
  if (!seen.is_primary) {
    world.measures.distribution(Metric::observed_lag, mail.from, instance.app.value)
        .record(seen.lag.ns);
  }
  instance.router.handle(world.now(), DatabaseIndex{mail.from}, seen);
  drain(world, id);
}

void probe_deadline(World& world, const Event& event) {
  const InstanceId id{target_index(event.target)};
  const auto database = static_cast<std::uint32_t>(event.arg);
  Instance& instance = world.instances[id.value];
  Probe& probe = probe_of(world, instance, database);
  if (!probe.deadline.fires(world.scheduler, event)) return;
  instance.router.handle(world.now(), DatabaseIndex{database}, ProbeFailed{probe.sent_at});
  drain(world, id);
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
  instance.router.on_timer(world.now());
  drain(world, id);
}

}  // namespace longhaul
