#include "run/drill/signals.h"

#include <algorithm>

#include "models/app/crashes.h"
#include "models/pg/lag_sources.h"
#include "run/series.h"

namespace longhaul {
namespace {

// Pages and errors of a users' region since the last restart of the measures.
void count_pages(const World& world, std::uint32_t region, std::int64_t& pages,
                 std::int64_t& failed) {
  const Measures& measures = world.measures;
  for (std::size_t cell = 0; cell < measures.cells(Metric::errors); ++cell) {
    if (measures.labels_of(Metric::errors, cell)[0] != region) continue;
    const Counter& counter = measures.counter_at(Metric::errors, cell);
    failed += counter.count;
    pages += counter.population;
  }
}

Histogram latency_of(const World& world, std::uint32_t region) {
  Histogram all;
  const Measures& measures = world.measures;
  for (std::size_t cell = 0; cell < measures.cells(Metric::page_latency); ++cell) {
    if (measures.labels_of(Metric::page_latency, cell)[0] != region) continue;
    all.merge(measures.distribution_at(Metric::page_latency, cell));
  }
  return all;
}

bool app_is_up(const World& world, AppId app) {
  const AppPlan& plan = world.plan->apps[app.value];
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(plan.config.instances); ++i) {
    if (is_up(world, {plan.first_instance.value + i})) return true;
  }
  return false;
}

std::int64_t lag_of(const World& world, NodeId node, LagSource source) {
  for (const WalStream& stream : world.streams) {
    if (!stream.feeds || stream.standby != node) continue;
    const auto lag = lag_from(world, stream, source);
    return lag ? std::max<std::int64_t>(0, lag->ns) : -1;
  }
  return -1;
}

bool holds(const Alarm& alarm, const Frame& frame, const DrillSignals& config) {
  const auto is_primary = [](const NodeSignal& node) {
    return node.seen == NodeSignal::Seen::up && node.primary;
  };
  switch (alarm.kind) {
    case AlarmKind::server_down:
      return frame.nodes[alarm.of].seen != NodeSignal::Seen::up;
    case AlarmKind::no_data:
      return !frame.users[alarm.of].data;
    case AlarmKind::errors: {
      const UsersSignal& users = frame.users[alarm.of];
      return users.data && users.failed * 1'000'000 > users.pages * config.errors_above.ppm;
    }
    case AlarmKind::slow:
      return frame.users[alarm.of].data && frame.users[alarm.of].p95_ns > config.slow_above.ns;
    case AlarmKind::lag: {
      const NodeSignal& node = frame.nodes[alarm.of];
      return node.seen == NodeSignal::Seen::up && !node.primary &&
             node.lag_ns > config.lag_above.ns;
    }
    case AlarmKind::two_primaries:
      return std::count_if(frame.nodes.begin(), frame.nodes.end(), is_primary) > 1;
  }
  return false;
}

}  // namespace

std::uint32_t place_in(const Plan& plan, const std::string& region) {
  for (std::uint32_t i = 0; i < plan.places.size(); ++i) {
    const Place& place = plan.places[i];
    if (!place.zone.empty() && plan.labels[Label::region][place.region] == region) return i;
  }
  CHECK(false);  // validated: something runs there
  __builtin_unreachable();
}

Watchpost watchpost(const Plan& plan, std::uint32_t place, LagSource lag_source) {
  Watchpost post;
  post.place = place;
  post.lag_source = lag_source;
  for (const PopulationPlan& population : plan.populations) {
    const auto same = [&](const Watchpost::Users& users) {
      return users.region == population.region;
    };
    if (population.canary || std::any_of(post.users.begin(), post.users.end(), same)) continue;
    post.users.push_back({population.region, plan.apps[population.app.value].place, population.app,
                          plan.labels[Label::region][population.region]});
  }
  return post;
}

bool is_reachable(const World& world, std::uint32_t from, std::uint32_t to) {
  return !world.network.is_cut(world.plan->path(from, to)) &&
         !world.network.is_cut(world.plan->path(to, from));
}

NodeSignal look_at(const World& world, const Watchpost& post, NodeId id) {
  NodeSignal signal;
  const Node& node = world.node(id);
  const bool silent = node.liveness == Liveness::vanished || node.stalls > 0;
  if (silent || !is_reachable(world, post.place, world.plan->nodes[id.value].place)) return signal;
  signal.seen = node.liveness == Liveness::up ? NodeSignal::Seen::up : NodeSignal::Seen::refused;
  if (signal.seen != NodeSignal::Seen::up) return signal;
  signal.primary = node.is_primary;
  signal.connections = node.connections;
  if (!node.is_primary) signal.lag_ns = lag_of(world, id, post.lag_source);
  return signal;
}

Frame Sampler::take(const World& world, const Watchpost& post) {
  before_.resize(post.users.size());
  Frame frame;
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    frame.nodes.push_back(look_at(world, post, {i}));
    NodeSignal& node = frame.nodes.back();
    // A scrape that failed is a scrape that failed.
    if (node.seen == NodeSignal::Seen::refused) node.seen = NodeSignal::Seen::no_data;
  }
  for (std::size_t i = 0; i < post.users.size(); ++i) {
    const Watchpost::Users& users = post.users[i];
    Counted now;
    count_pages(world, users.region, now.pages, now.failed);
    now.latency = latency_of(world, users.region);
    Counted& before = before_[i];
    if (now.pages < before.pages) before = {};  // the warm-up has ended between
    UsersSignal signal;
    signal.data = app_is_up(world, users.app) && is_reachable(world, post.place, users.place);
    if (signal.data) {
      signal.pages = now.pages - before.pages;
      signal.failed = now.failed - before.failed;
      signal.p95_ns = quantile_since(before.latency, now.latency, percent(95));
    }
    before = std::move(now);
    frame.users.push_back(signal);
  }
  return frame;
}

bool anybody_there(const World& world, const Watchpost& post, const std::string& region) {
  bool there = false;
  for (const Watchpost::Users& users : post.users) {
    const Place& place = world.plan->places[users.place];
    if (world.plan->labels[Label::region][place.region] != region) continue;
    there = there || app_is_up(world, users.app);
  }
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const Place& place = world.plan->places[world.plan->nodes[i].place];
    if (world.plan->labels[Label::region][place.region] != region) continue;
    there = there || world.node({i}).liveness != Liveness::vanished;
  }
  return there;
}

std::string alarm_text(const Plan& plan, const Watchpost& post, const Alarm& alarm) {
  const auto node = [&] { return "(" + plan.nodes[alarm.of].config.name + ")"; };
  const auto users = [&] { return "(" + post.users[alarm.of].name + ")"; };
  switch (alarm.kind) {
    case AlarmKind::server_down:
      return "server_down" + node();
    case AlarmKind::no_data:
      return "no_data" + users();
    case AlarmKind::errors:
      return "errors" + users();
    case AlarmKind::slow:
      return "slow" + users();
    case AlarmKind::lag:
      return "lag" + node();
    case AlarmKind::two_primaries:
      return "two_primaries";
  }
  return {};
}

std::vector<Alarm> quiet_alarms(const Plan& plan, const Watchpost& post) {
  std::vector<Alarm> alarms;
  const auto add = [&alarms](AlarmKind kind, std::size_t of) {
    Alarm alarm;
    alarm.kind = kind;
    alarm.of = static_cast<std::uint32_t>(of);
    alarms.push_back(alarm);
  };
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) add(AlarmKind::server_down, i);
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) add(AlarmKind::lag, i);
  for (std::size_t i = 0; i < post.users.size(); ++i) add(AlarmKind::no_data, i);
  for (std::size_t i = 0; i < post.users.size(); ++i) add(AlarmKind::errors, i);
  for (std::size_t i = 0; i < post.users.size(); ++i) add(AlarmKind::slow, i);
  add(AlarmKind::two_primaries, 0);
  return alarms;
}

bool hear(Alarm& alarm, const Frame& frame, const DrillSignals& config) {
  const bool bad = holds(alarm, frame, config);
  if (!bad) alarm.since = TimePoint::never();
  if (bad && alarm.since == TimePoint::never()) alarm.since = frame.taken;
  const bool pretended = alarm.is_false && frame.taken < alarm.false_until;
  if (!pretended) alarm.is_false = false;
  const bool up = pretended || (bad && frame.taken - alarm.since >= config.lasting);
  const bool changed = up != alarm.raised;
  alarm.raised = up;
  return changed;
}

Impression impression(const Frame& frame, const DrillSignals& config) {
  Impression result;
  for (const NodeSignal& node : frame.nodes) {
    result.seen.push_back(node.seen);
    result.primary.push_back(node.primary);
    result.lag.push_back(node.lag_ns > config.lag_above.ns       ? Level::high
                         : node.lag_ns > config.lag_above.ns / 3 ? Level::middle
                                                                 : Level::none);
  }
  for (const UsersSignal& users : frame.users) {
    const std::int64_t failed = users.failed * 1'000'000;
    result.data.push_back(users.data);
    result.errors.push_back(failed > users.pages * 500'000                       ? Level::high
                            : failed > users.pages * config.errors_above.ppm     ? Level::middle
                            : failed > users.pages * config.errors_above.ppm / 5 ? Level::low
                                                                                 : Level::none);
  }
  return result;
}

std::string key_of(const Impression& impression) {
  std::string key;
  const auto add = [&key](int value) { key += static_cast<char>('0' + value); };
  for (const NodeSignal::Seen seen : impression.seen) add(static_cast<int>(seen));
  for (const bool primary : impression.primary) add(primary ? 1 : 0);
  for (const Level lag : impression.lag) add(lag == Level::high ? 1 : 0);
  for (const bool data : impression.data) add(data ? 1 : 0);
  for (const Level errors : impression.errors) add(errors >= Level::middle ? 1 : 0);
  return key;
}

}  // namespace longhaul
