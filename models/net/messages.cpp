#include "models/net/messages.h"

#include <algorithm>

namespace longhaul {
namespace {

Duration timeout_on(const World& world, PathId path, std::uint32_t attempts) {
  return retransmission_timeout(world, world.network.latency(path) * 2, attempts);
}

void schedule(World& world, TimePoint at, const Event& event) {
  world.scheduler.at(at, EventClass::ordinary, event.target, event.kind, event.generation,
                     event.arg);
}

bool is_connect(const Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  return kind == EventKind::connect_at_node || kind == EventKind::stream_asked;
}

Duration wait_of(const World& world, const Event& event, PathId path, std::uint32_t attempts) {
  return is_connect(event) ? syn_retry(attempts) : timeout_on(world, path, attempts);
}

void park(World& world, const Event& event, PathId path, Bytes size, std::uint64_t luck,
          Duration delay) {
  const std::uint32_t slot = world.parked.take({event, path, size, delay, luck, 0});
  world.scheduler.after(wait_of(world, event, path, 0), EventClass::ordinary,
                        target(TargetKind::network, path.value),
                        static_cast<std::uint16_t>(EventKind::retransmit_due), 0, slot);
}

}  // namespace

TcpTimeouts tcp_limits(const World& world) {
  return {world.plan->network.retransmit_min, world.plan->network.retransmit_max};
}

Duration retransmission_timeout(const World& world, Duration rtt, std::uint32_t attempts) {
  return tcp_timeout(rtt, attempts, tcp_limits(world));
}

void count_traffic(World& world, PathId path, Bytes size, Traffic purpose) {
  const std::vector<LinkId>& links = world.network.path(path).links;
  if (links.empty()) return;
  const Link& first = world.network.link(links.front());
  const Link& last = world.network.link(links.back());
  world.measures.counter(Metric::cross_region_bytes, first.from.value, last.to.value, purpose)
      .count += size.value;
}

TimePoint post(World& world, const Message& message) {
  const MessageArg arg{message.slot, message.generation,
                       static_cast<std::uint16_t>(message.path.value)};
  Event event;
  event.target = message.target;
  event.kind = static_cast<std::uint16_t>(message.kind);
  event.generation = message.attempt;
  event.arg = arg.pack();
  count_traffic(world, message.path, message.size, message.purpose);
  const Delivery delivery =
      world.network.send(world.now(), message.path, message.size, message.luck);
  if (delivery.lost) {
    park(world, event, message.path, message.size, message.luck, message.delay);
    return TimePoint::never();
  }
  const TimePoint at = std::max(delivery.at + message.delay, message.not_before);
  schedule(world, at, event);
  return at;
}

bool arrived(World& world, const Event& event, Bytes size, Duration delay) {
  const PathId path{MessageArg::unpack(event.arg).path};
  if (world.network.survived(world.now() - delay, path)) return true;
  // A key of its own: who else is on the network does not matter, when and where does.
  const std::uint64_t luck =
      draw_bits(world.plan->network_key, static_cast<std::uint64_t>(world.now().ns), path.value);
  park(world, event, path, size, luck, delay);
  return false;
}

std::optional<Event> retransmit(World& world, const Event& due) {
  const auto slot = static_cast<std::uint32_t>(due.arg);
  Parked& parked = world.parked.slots[slot];
  parked.attempts += 1;
  const bool connect = is_connect(parked.event);
  if (connect && parked.attempts > syn_retries_max) return world.parked.release(slot).event;
  const Delivery delivery = world.network.send(world.now(), parked.path, parked.size,
                                               mix64(parked.luck + parked.attempts));
  if (!delivery.lost) {
    const Duration delay = parked.delay;
    schedule(world, delivery.at + delay, world.parked.release(slot).event);
    return std::nullopt;
  }
  const auto attempts_max = static_cast<std::uint32_t>(world.plan->network.retransmits_max);
  if (!connect && parked.attempts >= attempts_max) return world.parked.release(slot).event;
  world.scheduler.after(wait_of(world, parked.event, parked.path, parked.attempts),
                        EventClass::ordinary, due.target, due.kind, 0, slot);
  return std::nullopt;
}

Duration round_trip(const World& world, std::uint32_t place_a, std::uint32_t place_b) {
  return world.network.latency(world.plan->path(place_a, place_b)) +
         world.network.latency(world.plan->path(place_b, place_a));
}

}  // namespace longhaul
