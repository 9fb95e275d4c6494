#include "models/pg/clocks.h"

namespace longhaul {
namespace {

constexpr std::int64_t million = 1'000'000;

// How much a clock of that drift gains in a time.
Duration gain(Duration time, std::int64_t ppm) {
  return {div_floor(static_cast<Int128>(time.ns) * ppm, million)};
}

const ClockChange* change_before(const Node& node, TimePoint at) {
  for (std::size_t i = node.clock_changes.size(); i-- > 0;) {
    if (node.clock_changes[i].since <= at) return &node.clock_changes[i];
  }
  return nullptr;
}

// As it stands now, to be changed.
ClockChange current(const World& world, NodeId id) {
  const Node& node = world.node(id);
  ClockChange now;
  now.since = world.now();
  if (node.clock_changes.empty()) return now;
  const ClockChange& last = node.clock_changes.back();
  const Duration gained = gain(now.since - last.since, last.ppm);
  now.wall = last.wall + gained;
  now.monotonic = last.monotonic + gained;
  now.ppm = last.ppm;
  return now;
}

Duration ahead(const ClockChange& change, HostClock clock) {
  return clock == HostClock::wall ? change.wall : change.monotonic;
}

}  // namespace

Duration clock_ahead(const Node& node, TimePoint at) {
  return local_time(node, HostClock::wall, at) - at;
}

TimePoint local_time(const Node& node, HostClock clock, TimePoint at) {
  const ClockChange* change = change_before(node, at);
  if (change == nullptr) return at;
  return at + ahead(*change, clock) + gain(at - change->since, change->ppm);
}

TimePoint true_time(const Node& node, HostClock clock, TimePoint local) {
  if (node.clock_changes.empty() || local == TimePoint::never()) return local;
  const ClockChange& last = node.clock_changes.back();
  return last.since + true_duration(node, local - (last.since + ahead(last, clock)));
}

Duration true_duration(const Node& node, Duration local) {
  if (node.clock_changes.empty()) return local;
  const std::int64_t rate = million + node.clock_changes.back().ppm;
  return {div_ceil(static_cast<Int128>(local.ns) * million, rate)};
}

void step_clock(World& world, NodeId node, Duration by) {
  ClockChange change = current(world, node);
  change.wall = change.wall + by;
  world.node(node).clock_changes.push_back(change);
}

void change_drift(World& world, NodeId node, std::int64_t more_ppm) {
  ClockChange change = current(world, node);
  change.ppm += more_ppm;
  world.node(node).clock_changes.push_back(change);
}

}  // namespace longhaul
