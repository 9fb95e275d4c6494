#include "models/net/network.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "models/net/tcp.h"

namespace longhaul {
namespace {

constexpr Bytes headers{52};  // IP 20, TCP 20, time stamps 12
constexpr Bytes full_packet = tcp_segment + headers;

Bytes wire_size(Bytes size) { return size + headers * tcp_segments(size); }

// Takes its place in the link's queue, as far as that has one.
void enqueue(Link& link, Bytes size, Cargo cargo, Delivery& delivery) {
  const TimePoint start = std::max(delivery.at, link.busy_until);
  const Duration backlog = start - delivery.at;
  Bytes wire = wire_size(size);
  if (cargo == Cargo::message && backlog >= link.queue) {
    delivery.lost = true;
    return;
  }
  const Duration room = link.queue - backlog;
  if (cargo == Cargo::wal && transfer_time(wire, link.bandwidth) > room) {
    const auto fits =
        div_floor(static_cast<Int128>(std::max(room, Duration{}).ns) * link.bandwidth.bytes_per_s,
                  full_packet.value * 1'000'000'000);
    // An idle link takes a packet, however short its queue.
    const auto taken =
        static_cast<std::uint32_t>(std::max<std::int64_t>(backlog.ns == 0 ? 1 : 0, fits));
    const std::uint32_t segments = tcp_segments(size);
    if (taken < segments) {
      delivery.tail_lost += segments - taken;
      wire = full_packet * taken;
    }
  }
  delivery.at = link.busy_until = start + transfer_time(wire, link.bandwidth);
}

// How many of the packets are lost, by a chain of draws that is the message's own.
std::uint32_t packets_lost(const Link& link, std::uint32_t packets, std::uint64_t luck) {
  std::uint32_t lost = 0;
  std::uint64_t draw = mix64(luck ^ 0x6c6f7373);  // "loss"
  for (std::uint64_t at = trials_before(link.loss, draw); at < packets;) {
    lost += 1;
    draw = mix64(draw + 1);
    at += 1 + trials_before(link.loss, draw);
  }
  return lost;
}

}  // namespace

LinkId Network::add_link(const Link& link) {
  links_.push_back(link);
  return {static_cast<std::uint32_t>(links_.size() - 1)};
}

PathId Network::add_path(Path path) {
  paths_.push_back(std::move(path));
  return {static_cast<std::uint32_t>(paths_.size() - 1)};
}

Delivery Network::send(TimePoint now, PathId path_id, Bytes size, std::uint64_t luck, Cargo cargo) {
  const Path& path = paths_[path_id.value];
  Delivery delivery{now + path.latency};
  const std::uint32_t segments = tcp_segments(size);
  for (LinkId id : path.links) {
    Link& link = links_[id.value];
    if (link.cuts > 0) delivery.lost = true;
    if (delivery.lost) return delivery;
    if (link.bandwidth.bytes_per_s > 0) enqueue(link, size, cargo, delivery);
    if (link.loss.ppm > 0 && cargo != Cargo::acknowledgement) {
      delivery.head_lost += packets_lost(link, segments, luck);
    }
    const std::uint32_t missing = delivery.head_lost + delivery.tail_lost;
    if (missing >= segments || (missing > 0 && cargo != Cargo::wal)) delivery.lost = true;
    delivery.at = delivery.at + link.latency + sample(link.jitter, luck);
    luck = mix64(luck + 1);
  }
  return delivery;
}

bool Network::survived(TimePoint now, PathId path_id) const {
  TimePoint at = now;
  const Path& path = paths_[path_id.value];
  for (auto id = path.links.rbegin(); id != path.links.rend(); ++id) {
    const Link& link = links_[id->value];
    if (at - link.latency < link.cut_until) return false;
    at = at - link.latency;
  }
  return true;
}

void Network::cut(LinkId id) {
  Link& link = links_[id.value];
  link.cuts += 1;
  link.cut_until = TimePoint::never();
}

void Network::heal(TimePoint now, LinkId id) {
  Link& link = links_[id.value];
  CHECK(link.cuts > 0);
  link.cuts -= 1;
  // What stood in the queue when it was cut is gone, and what comes now finds its place taken.
  if (link.cuts == 0) link.cut_until = std::max(now, link.busy_until);
}

Duration Network::latency(PathId path_id) const {
  const Path& path = paths_[path_id.value];
  Duration total = path.latency;
  for (LinkId id : path.links) total += links_[id.value].latency;
  return total;
}

bool Network::is_cut(PathId path_id) const {
  const std::vector<LinkId>& links = paths_[path_id.value].links;
  return std::any_of(links.begin(), links.end(),
                     [this](LinkId id) { return links_[id.value].cuts > 0; });
}

bool Network::is_limited(PathId path_id) const {
  const std::vector<LinkId>& links = paths_[path_id.value].links;
  return std::any_of(links.begin(), links.end(),
                     [this](LinkId id) { return links_[id.value].bandwidth.bytes_per_s > 0; });
}

}  // namespace longhaul
