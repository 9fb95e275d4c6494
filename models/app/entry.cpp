#include "models/app/entry.h"

#include <algorithm>

#include "models/app/crashes.h"
#include "models/app/pages.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

std::uint32_t app_target(const World& world, std::uint32_t app) {
  return target(world.plan->apps[app].first_instance);
}

void schedule(World& world, TimePoint at, std::uint32_t app, EventKind kind) {
  world.scheduler.at(at, EventClass::ordinary, app_target(world, app),
                     static_cast<std::uint16_t>(kind), 0, app);
}

// One in `share` of the sessions, always the same ones.
bool is_among(const Session& session, Ratio share, std::uint32_t k) {
  const std::uint64_t luck =
      draw_bits(session.key, 0, static_cast<std::uint32_t>(Purpose::resolver), k);
  return static_cast<std::int64_t>(below(luck, 1'000'000)) < share.ppm;
}

bool any_is_up(const World& world, std::uint32_t app) {
  return instance_that_is_up(world, world.plan->apps[app].first_instance).valid();
}

bool may_crash(const Plan& plan) {
  return std::any_of(plan.faults.begin(), plan.faults.end(),
                     [](const auto& fault) { return fault.kind == FaultKind::app_crash; });
}

AppId answer(const World& world, const std::vector<AppId>& by_latency) {
  for (const AppId app : by_latency) {
    if (world.entrances[app.value].healthy) return app;
  }
  const bool open = world.plan->dns.none_healthy == NoneHealthy::all;
  return open ? by_latency.front() : AppId::none();
}

void note_unhealthy(World& world, std::uint32_t app, TimePoint until) {
  const TimePoint since = std::max(world.entrances[app].unhealthy_since, world.measured_from);
  world.measures.distribution(Metric::unhealthy_duration, app).record((until - since).ns);
}

void judge(World& world, std::uint32_t app, bool good) {
  Entrance& entrance = world.entrances[app];
  entrance.deadline.cancel();
  if (good == entrance.healthy) {
    entrance.contrary = 0;
    return;
  }
  if (++entrance.contrary < world.plan->dns.failure_threshold) return;
  entrance.contrary = 0;
  entrance.healthy = good;
  if (good) {
    note_unhealthy(world, app, world.now());
  } else {
    entrance.unhealthy_since = world.now();
  }
}

NodeId nearest_node(const World& world, std::uint32_t place) {
  NodeId nearest{0};
  for (std::uint32_t i = 1; i < world.plan->nodes.size(); ++i) {
    const NodePlan& best = world.plan->nodes[nearest.value];
    if (round_trip(world, place, world.plan->nodes[i].place) <
        round_trip(world, place, best.place)) {
      nearest = {i};
    }
  }
  return nearest;
}

void ask(World& world, std::uint32_t app, NodeId node) {
  Entrance& entrance = world.entrances[app];
  post(world,
       {.kind = EventKind::health_at_node,
        .target = target(node),
        .slot = app,
        .generation = entrance.number,
        .path = world.plan->path(world.plan->apps[app].place, world.plan->nodes[node.value].place),
        .size = world.plan->network.statement_request,
        .luck = entrance.luck.bits(),
        .purpose = Traffic::probes});
}

}  // namespace

AppId enter(World& world, const PopulationPlan& population, SessionId id) {
  if (population.by_latency.empty()) return population.app;
  const DnsConfig& dns = world.plan->dns;
  const Session& session = world.sessions[id.value];
  Resolved& known = world.resolved[id.value];
  if (known.expires <= world.now()) {
    const bool first = known.expires == TimePoint{};
    known.app = answer(world, is_among(session, dns.elsewhere, 0) ? population.by_latency_elsewhere
                                                                  : population.by_latency);
    const Duration kept =
        is_among(session, dns.overstay, 1) ? std::max(dns.ttl, dns.overstay_for) : dns.ttl;
    // The first answer was in the name server for some time.
    const std::uint64_t age =
        first ? below(draw_bits(session.key, 0, static_cast<std::uint32_t>(Purpose::resolver), 2),
                      static_cast<std::uint64_t>(kept.ns))
              : 0;
    known.expires = world.now() + kept - Duration{static_cast<std::int64_t>(age)};
  }
  Measures& measures = world.measures;
  measures.counter(Metric::entries, population.region, 0).population += 1;
  if (known.app.valid()) {
    measures.counter(Metric::entries, population.region, known.app.value).count += 1;
  }
  return known.app;
}

void begin_health_checks(World& world) {
  const Plan& plan = *world.plan;
  const bool used = std::any_of(plan.populations.begin(), plan.populations.end(),
                                [](const auto& users) { return !users.by_latency.empty(); });
  if (!used) return;
  world.resolved.resize(world.sessions.size());
  world.entrances.resize(plan.apps.size());
  if (plan.dns.checks == HealthCheck::shallow && !may_crash(plan)) return;  // nothing to find
  for (std::uint32_t app = 0; app < plan.apps.size(); ++app) {
    RandomStream& luck = world.entrances[app].luck;
    luck = {stream(plan.seed, "health/" + plan.apps[app].config.name)};
    const std::uint64_t phase =
        below(luck.bits(), static_cast<std::uint64_t>(plan.dns.interval.ns));
    schedule(world, TimePoint{static_cast<std::int64_t>(phase)}, app, EventKind::health_due);
  }
}

void note_unhealthy(World& world, TimePoint now) {
  for (std::uint32_t app = 0; app < world.entrances.size(); ++app) {
    if (!world.entrances[app].healthy) note_unhealthy(world, app, now);
  }
}

void health_due(World& world, const Event& event) {
  const auto app = static_cast<std::uint32_t>(event.arg);
  const DnsConfig& dns = world.plan->dns;
  Entrance& entrance = world.entrances[app];
  entrance.number = static_cast<std::uint16_t>(entrance.number + 1);
  schedule(world, world.now() + dns.interval, app, EventKind::health_due);
  if (!any_is_up(world, app)) return judge(world, app, false);
  if (dns.checks == HealthCheck::shallow) return judge(world, app, true);
  entrance.deadline.arm(world.scheduler, world.now() + dns.timeout, EventClass::ordinary,
                        event.target, static_cast<std::uint16_t>(EventKind::health_deadline), app);
  switch (dns.checks) {
    case HealthCheck::shallow:
      return;
    case HealthCheck::nearest_database:
      return ask(world, app, nearest_node(world, world.plan->apps[app].place));
    case HealthCheck::primary:
      return ask(world, app, world.primary());
    case HealthCheck::any_database:
      for (std::uint32_t i = 0; i < world.nodes.size(); ++i) ask(world, app, {i});
      return;
  }
}

void health_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const NodeId node{target_index(event.target)};
  post(world, {.kind = EventKind::health_at_app,
               .target = app_target(world, arg.slot),
               .slot = arg.slot,
               .generation = arg.generation,
               .path = world.plan->path(world.plan->nodes[node.value].place,
                                        world.plan->apps[arg.slot].place),
               .size = world.plan->network.statement_reply,
               .luck = world.entrances[arg.slot].luck.bits(),
               .purpose = Traffic::probes});
}

void health_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Entrance& entrance = world.entrances[arg.slot];
  if (!any_is_up(world, arg.slot)) return;
  if (entrance.number == arg.generation && entrance.deadline.armed()) judge(world, arg.slot, true);
}

void health_deadline(World& world, const Event& event) {
  const auto app = static_cast<std::uint32_t>(event.arg);
  if (world.entrances[app].deadline.fires(world.scheduler, event)) judge(world, app, false);
}

}  // namespace longhaul
