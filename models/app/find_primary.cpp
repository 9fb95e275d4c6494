#include "models/app/find_primary.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "models/app/pgbouncer.h"
#include "models/app/pools.h"
#include "models/app/statements.h"
#include "models/control/health_check.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

const AppPlan& app_plan(const World& world, InstanceId instance) {
  return world.plan->apps[world.instances[instance.value].app.value];
}

Finder& finder_of(World& world, InstanceId instance, GroupId shard) {
  return world.finders[world.instances[instance.value].first_finder + shard.value];
}

// A name server has nothing to answer with.
bool record_is_empty(const World& world, AppId app, TimePoint when) {
  for (const FaultPlan& fault : world.plan->faults) {
    if (fault.kind != FaultKind::dns_outage) continue;
    if (fault.app.valid() && fault.app != app) continue;
    if (fault.begins <= when && when < fault.ends) return true;
  }
  return false;
}

NodeId record_at(const World& world, AppId app, GroupId shard, TimePoint when) {
  if (record_is_empty(world, app, when)) return NodeId::none();
  const Duration propagation = world.plan->apps[app.value].config.connect.propagation;
  NodeId node = world.plan->groups[shard.value].primary;
  for (const RecordChange& change : world.record_changes) {
    if (change.shard == shard && change.at + propagation <= when) node = change.node;
  }
  return node;
}

// What the name server of the app's region answers, and until when it does.
const Resolver& ask_resolver(World& world, AppId app, GroupId shard) {
  const ConnectConfig& config = world.plan->apps[app.value].config.connect;
  Resolver& resolver = world.resolvers[app.value * world.plan->groups.size() + shard.value];
  while (resolver.expires <= world.now()) {
    const NodeId node = record_at(world, app, shard, resolver.expires);
    if (node.valid() || !config.serve_stale) resolver.node = node;
    resolver.expires = resolver.expires + (node.valid() ? config.ttl : config.negative_ttl);
  }
  return resolver;
}

NodeId look_up(World& world, InstanceId instance, GroupId shard) {
  Finder& finder = finder_of(world, instance, shard);
  if (world.now() < finder.expires) return finder.resolved;
  const Resolver& answer = ask_resolver(world, world.instances[instance.value].app, shard);
  if (const PgBouncerConfig* pooler = pgbouncer_of(world, instance)) {
    const NodeId old = finder.resolved;
    finder.resolved = answer.node;
    finder.expires =
        world.now() + (answer.node.valid() ? pooler->dns_max_ttl : pooler->dns_nxdomain_ttl);
    if (old.valid() && old != answer.node && answer.node.valid()) {
      address_gone(world, instance, shard, old);
    }
    return answer.node;
  }
  if (!answer.node.valid()) return NodeId::none();  // no library keeps that
  finder.resolved = answer.node;
  finder.expires = std::max(answer.expires, world.now() + finder.keeps);
  return finder.resolved;
}

// The host whose turn it is: their order, or a shuffled one.
NodeId host_in_turn(const std::vector<NodeId>& hosts, HostOrder order, const Connect& attempt) {
  std::array<NodeId, databases_max> list;
  std::size_t count = 0;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if ((attempt.left_out >> i & 1) == 0) list[count++] = hosts[i];
  }
  if (attempt.host >= count) return NodeId::none();
  if (order == HostOrder::disable) return list[attempt.host];
  for (std::uint32_t i = 0; i <= attempt.host; ++i) {
    const auto rest = static_cast<std::uint64_t>(count - i);
    std::swap(list[i], list[i + below(mix64(attempt.luck + i), rest)]);
  }
  return list[attempt.host];
}

NodeId behind_proxy(World& world, AppId app, GroupId shard) {
  Proxy& proxy = world.proxies[app.value];
  const std::vector<NodeId>& members = world.plan->groups[shard.value].members;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const NodeId node = members[(proxy.turn + i) % members.size()];
    if (!proxy.servers[node.value].up) continue;
    proxy.turn = world.plan->nodes[node.value].member + 1;
    return node;
  }
  return NodeId::none();
}

std::uint32_t at_proxy(const World& world, AppId app) {
  return target(world.plan->apps[app.value].first_instance);
}

void shut_sessions(World& world, AppId app, NodeId node) {
  const AppPlan& plan = world.plan->apps[app.value];
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(plan.config.instances); ++i) {
    const InstanceId instance{plan.first_instance.value + i};
    post(world, {.kind = EventKind::sessions_shut,
                 .target = target(instance),
                 .slot = node.value,
                 .path = world.plan->path(plan.proxy_place, plan.place),
                 .size = world.plan->network.statement_reply,
                 .luck = world.proxies[app.value].luck.bits()});
  }
}

void judge(World& world, AppId app, NodeId node, bool good) {
  const ConnectConfig& config = world.plan->apps[app.value].config.connect;
  ProxyServer& server = world.proxies[app.value].servers[node.value];
  server.awaited = false;
  if (good == server.up) {
    server.contrary = 0;
    return;
  }
  if (++server.contrary < (good ? config.rise : config.fall)) return;
  server.contrary = 0;
  server.up = good;
  if (!good && config.shut_sessions) shut_sessions(world, app, node);
}

Resolver first_answer(const World& world, const AppPlan& app, const GroupPlan& shard) {
  RandomStream luck{stream(world.plan->seed, "resolver/" + app.config.name)};
  const auto ttl = static_cast<std::uint64_t>(app.config.connect.ttl.ns);
  return {shard.primary, TimePoint{static_cast<std::int64_t>(below(luck.bits(), ttl))}};
}

void start_finders(World& world, const AppPlan& app) {
  const ConnectConfig& config = app.config.connect;
  RandomStream luck{stream(world.plan->seed, "library/" + app.config.name)};
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(app.config.instances); ++i) {
    Instance& instance = world.instances[app.first_instance.value + i];
    if (i > 0 && shares_pooler(app.config)) {
      instance.first_finder = world.instances[app.first_instance.value].first_finder;
      continue;
    }
    instance.first_finder = static_cast<std::uint32_t>(world.finders.size());
    const bool overstays =
        static_cast<std::int64_t>(below(luck.bits(), 1'000'000)) < config.overstay.ppm;
    for (const GroupPlan& shard : world.plan->groups) {
      Finder finder;
      finder.last = app.hosts.empty() ? shard.primary : app.hosts.front();
      finder.keeps = overstays ? std::max(config.overstay_for, config.cached_at_least)
                               : config.cached_at_least;
      if (config.host_recheck > Duration{}) finder.no_primary_until.resize(world.nodes.size());
      world.finders.push_back(finder);
    }
  }
}

void start_proxy(World& world, AppId id) {
  const AppPlan& app = world.plan->apps[id.value];
  world.proxies.resize(world.plan->apps.size());
  Proxy& proxy = world.proxies[id.value];
  proxy.luck = {stream(world.plan->seed, "proxy/" + app.config.name)};
  proxy.servers.resize(world.nodes.size());
  for (const GroupPlan& shard : world.plan->groups) proxy.servers[shard.primary.value].up = true;
  const auto interval = static_cast<std::uint64_t>(app.config.connect.check_interval.ns);
  const auto phase = static_cast<std::int64_t>(below(proxy.luck.bits(), interval));
  world.scheduler.at(TimePoint{phase}, EventClass::ordinary, at_proxy(world, id),
                     static_cast<std::uint16_t>(EventKind::proxy_check_due), 0, id.value);
}

}  // namespace

bool seeks_primary(const World& world, const Request& request, const Decision& decision) {
  if (app_of(world, request).connect.by == FindPrimary::probes) return false;
  if (decision.kind == DecisionKind::refuse) return decision.reason == Reason::no_primary;
  const Router& router = world.instances[request.instance.value].routers[request.group.value];
  return decision.kind == DecisionKind::serve && decision.database == router.primary();
}

bool closes_after(const World& world, const Request& request) {
  const AppConfig& app = app_of(world, request);
  return request.seeks_primary && request.refused == ErrorKind::read_only &&
         app.connect.close_on_read_only && !app.pgbouncer;
}

NodeId last_sought(const World& world, const Request& request) {
  const Instance& instance = world.instances[request.instance.value];
  return world.finders[instance.first_finder + request.group.value].last;
}

NodeId next_host(World& world, const Connect& attempt) {
  const AppPlan& app = app_plan(world, attempt.instance);
  const ConnectConfig& config = app.config.connect;
  Finder& finder = finder_of(world, attempt.instance, attempt.shard);
  NodeId node = NodeId::none();
  if (finder.pointed.valid() && config.by != FindPrimary::proxy) {
    if (attempt.host == 0) node = finder.pointed;
  } else if (!app.hosts.empty()) {
    node = host_in_turn(app.hosts, config.load_balance_hosts, attempt);
  } else if (attempt.host == 0) {
    switch (config.by) {
      case FindPrimary::dns:
        node = look_up(world, attempt.instance, attempt.shard);
        break;
      case FindPrimary::proxy:
        node = behind_proxy(world, world.instances[attempt.instance.value].app, attempt.shard);
        break;
      default:
        node = world.plan->groups[attempt.shard.value].primary;
    }
  }
  if (node.valid()) finder.last = node;
  return node;
}

std::uint64_t left_out(World& world, const Connect& attempt) {
  const std::vector<NodeId>& hosts = app_plan(world, attempt.instance).hosts;
  const Finder& finder = finder_of(world, attempt.instance, attempt.shard);
  if (finder.no_primary_until.empty()) return 0;
  std::uint64_t set = 0;
  bool all = true;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const bool is_out = world.now() < finder.no_primary_until[hosts[i].value];
    if (is_out) set |= std::uint64_t{1} << i;
    all = all && is_out;
  }
  return all ? 0 : set;
}

void note_host(World& world, const Connect& attempt, bool good) {
  if (!attempt.seeks_primary) return;
  const Duration recheck = app_plan(world, attempt.instance).config.connect.host_recheck;
  if (recheck == Duration{}) return;
  Finder& finder = finder_of(world, attempt.instance, attempt.shard);
  finder.no_primary_until[attempt.node.value] = good ? TimePoint{} : world.now() + recheck;
}

bool wants_primary(const World& world, const Connect& attempt) {
  if (!attempt.seeks_primary) return false;
  const ConnectConfig& config = app_plan(world, attempt.instance).config.connect;
  return config.by == FindPrimary::multi_host && config.target_session_attrs != TargetSession::any;
}

PathId way_to_node(const World& world, InstanceId instance, NodeId node, bool seeks_primary) {
  const AppPlan& app = app_plan(world, instance);
  if (seeks_primary && !app.by_proxy.empty()) return app.by_proxy[node.value].there;
  return world.plan->path(app.place, world.plan->nodes[node.value].place);
}

PathId way_to_app(const World& world, InstanceId instance, NodeId node, bool seeks_primary) {
  const AppPlan& app = app_plan(world, instance);
  if (seeks_primary && !app.by_proxy.empty()) return app.by_proxy[node.value].back;
  return world.plan->path(world.plan->nodes[node.value].place, app.place);
}

void move_clients(World& world, GroupId shard, NodeId primary) {
  world.record_changes.push_back({shard, world.now(), primary});
}

void start_finding(World& world) {
  const Plan& plan = *world.plan;
  for (std::uint32_t i = 0; i < plan.apps.size(); ++i) {
    const AppPlan& app = plan.apps[i];
    const FindPrimary by = app.config.connect.by;
    if (by == FindPrimary::probes) continue;
    start_finders(world, app);
    if (by == FindPrimary::proxy) start_proxy(world, {i});
    if (by != FindPrimary::dns) continue;
    world.resolvers.resize(plan.apps.size() * plan.groups.size());
    for (std::size_t shard = 0; shard < plan.groups.size(); ++shard) {
      world.resolvers[i * plan.groups.size() + shard] =
          first_answer(world, app, plan.groups[shard]);
    }
  }
}

void forget_names(World& world, InstanceId instance) {
  if (app_plan(world, instance).config.connect.by == FindPrimary::probes) return;
  for (std::uint32_t shard = 0; shard < world.plan->groups.size(); ++shard) {
    finder_of(world, instance, {shard}).expires = TimePoint{};
  }
}

namespace {

void proxy_check_due(World& world, const Event& event) {
  const AppId app{static_cast<std::uint32_t>(event.arg)};
  const AppPlan& plan = world.plan->apps[app.value];
  const ConnectConfig& config = plan.config.connect;
  Proxy& proxy = world.proxies[app.value];
  proxy.number = static_cast<std::uint16_t>(proxy.number + 1);
  for (std::uint32_t node = 0; node < world.nodes.size(); ++node) {
    if (world.plan->nodes[node].config.role == NodeRole::logical) continue;
    proxy.servers[node].awaited = true;
    post(world, {.kind = EventKind::proxy_check_at_node,
                 .target = target(NodeId{node}),
                 .slot = app.value,
                 .generation = proxy.number,
                 .path = world.plan->path(plan.proxy_place, world.plan->nodes[node].place),
                 .size = world.plan->network.statement_request,
                 .luck = proxy.luck.bits(),
                 .purpose = Traffic::probes});
  }
  proxy.deadline.arm(world.scheduler, world.now() + config.check_timeout, EventClass::ordinary,
                     event.target, static_cast<std::uint16_t>(EventKind::proxy_check_deadline),
                     app.value);
  world.scheduler.after(config.check_interval, EventClass::ordinary, event.target, event.kind, 0,
                        app.value);
}

void proxy_check_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const NodeId id{target_index(event.target)};
  if (world.node(id).liveness == Liveness::vanished) return;
  const bool is_primary = is_found_primary(world, id);
  const AppPlan& app = world.plan->apps[arg.slot];
  post(world, {.kind = EventKind::proxy_check_answered,
               .target = target(app.first_instance),
               .attempt = static_cast<std::uint16_t>(id.value * 2 + (is_primary ? 1 : 0)),
               .slot = arg.slot,
               .generation = arg.generation,
               .path = world.plan->path(world.plan->nodes[id.value].place, app.proxy_place),
               .size = world.plan->network.statement_reply,
               .luck = world.proxies[arg.slot].luck.bits(),
               .purpose = Traffic::probes});
}

void proxy_check_answered(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const NodeId node{event.generation / 2u};
  const Proxy& proxy = world.proxies[arg.slot];
  if (proxy.number != arg.generation || !proxy.servers[node.value].awaited) return;
  judge(world, {arg.slot}, node, event.generation % 2 == 1);
}

void proxy_check_deadline(World& world, const Event& event) {
  const AppId app{static_cast<std::uint32_t>(event.arg)};
  Proxy& proxy = world.proxies[app.value];
  if (!proxy.deadline.fires(world.scheduler, event)) return;
  for (std::uint32_t node = 0; node < proxy.servers.size(); ++node) {
    if (proxy.servers[node].awaited) judge(world, app, {node}, false);
  }
}

void sessions_shut(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const InstanceId instance{target_index(event.target)};
  const NodeId node{MessageArg::unpack(event.arg).slot};
  close_idle_sought(world, instance, node);
  const std::size_t slots = world.requests.size();
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    const Request& request = world.requests[slot];
    if (request.instance != instance || request.node != node || !request.seeks_primary) continue;
    if (!request.connected || request.phase != Phase::at_database) continue;
    statement_failed(world, stop_waiting(world, {slot}), ErrorKind::server_down);
  }
}

}  // namespace

void proxy_event(World& world, const Event& event) {
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::proxy_check_due:
      return proxy_check_due(world, event);
    case EventKind::proxy_check_at_node:
      return proxy_check_at_node(world, event);
    case EventKind::proxy_check_answered:
      return proxy_check_answered(world, event);
    case EventKind::proxy_check_deadline:
      return proxy_check_deadline(world, event);
    default:
      return sessions_shut(world, event);
  }
}

}  // namespace longhaul
