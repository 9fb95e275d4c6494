#include "models/net/network.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"

namespace longhaul {

LinkId Network::add_link(const Link& link) {
  links_.push_back(link);
  return {static_cast<std::uint32_t>(links_.size() - 1)};
}

PathId Network::add_path(Path path) {
  paths_.push_back(std::move(path));
  return {static_cast<std::uint32_t>(paths_.size() - 1)};
}

Delivery Network::send(TimePoint now, PathId path_id, Bytes size, std::uint64_t luck) {
  const Path& path = paths_[path_id.value];
  TimePoint at = now + path.latency;
  for (LinkId id : path.links) {
    Link& link = links_[id.value];
    if (link.cuts > 0) return {at, true};
    if (link.bandwidth.bytes_per_s > 0) {
      const TimePoint start = std::max(at, link.busy_until);
      at = start + transfer_time(size, link.bandwidth);
      link.busy_until = at;
    }
    at = at + link.latency + sample(link.jitter, luck);
    luck = mix64(luck + 1);
  }
  return {at, false};
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
  if (link.cuts == 0) link.cut_until = now;
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

}  // namespace longhaul
