// The network as messages see it: latency, bandwidth, cuts. Bulk data travels in messages, never in
// packets.
//
// A place is a zone of a region. A path leads from one place to another over zero links (inside a
// region) or more (between regions); each link is one direction. A message waits until the link has
// sent what was handed to it before (first in, first out), occupies it for its size on the wire /
// bandwidth, then travels for latency + jitter:
//
//   start   = max(now, link.busy_until)
//   sent    = start + wire size / bandwidth       (rounded up; link.busy_until)
//   arrives = sent + latency + jitter(luck)
//
// On the wire each segment of 1448 bytes has 52 bytes of headers. A link's queue is bounded and
// drops what comes when it is full (drop-tail): of a WAL stream's piece what does not fit, of other
// messages those that find it full, for they stand for more packets than come at once. Each packet
// of a link with `loss` is lost with that probability, independently. A message is lost with any of
// its packets; of a piece of WAL the rest arrives. Acknowledgements are cumulative, so only a cut
// loses them.
//
// A cut link carries nothing: what is handed to it is lost, and so is what is in its queue or on
// its way when the cut begins. Retransmission belongs to the sender (models/messages.h). Left out:
// routes that change while the run lasts; a message that jitter delays for longer than a cut lasts
// may escape it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "sim/distributions.h"

namespace longhaul {

// One direction of a link. Fixed part first, then what changes.
struct Link {
  RegionId from;
  RegionId to;
  Duration latency;
  DurationDistribution jitter;
  ByteRate bandwidth;  // zero: unlimited
  Duration queue = Duration::max();
  Ratio loss;  // of each packet

  TimePoint busy_until;
  std::uint32_t cuts = 0;      // open cuts; the link is cut while this is above zero
  TimePoint cut_until = {-1};  // what left the queue before is lost; never() while one is open
};

// From one place to another. `links` holds positions in the network's vector, in travelling order.
struct Path {
  Duration latency;  // inside regions; each link adds its own
  std::vector<LinkId> links;
};

struct Delivery {
  TimePoint at;                 // when the last byte arrives
  bool lost = false;            // all of it
  std::uint32_t head_lost = 0;  // segments of a piece of WAL that are missing at its begin
  std::uint32_t tail_lost = 0;  // and at its end
};

enum class Cargo : std::uint8_t { message, wal, acknowledgement };

class Network {
 public:
  LinkId add_link(const Link& link);
  PathId add_path(Path path);

  // Hands a message over at `now`. `luck` is one draw of 64 bits; each link takes its own share.
  Delivery send(TimePoint now, PathId path, Bytes size, std::uint64_t luck,
                Cargo cargo = Cargo::message);

  // Whether a message that arrives at `now` escaped every cut while it travelled.
  bool survived(TimePoint now, PathId path) const;

  void cut(LinkId link);
  void heal(TimePoint now, LinkId link);

  // Smallest possible one-way time: no jitter, no queue, no transmission.
  Duration latency(PathId path) const;
  bool is_cut(PathId path) const;
  bool is_limited(PathId path) const;  // some link has a bandwidth
  const Link& link(LinkId id) const { return links_[id.value]; }
  const Path& path(PathId id) const { return paths_[id.value]; }
  const std::vector<Link>& links() const { return links_; }
  std::size_t path_count() const { return paths_.size(); }

 private:
  std::vector<Link> links_;
  std::vector<Path> paths_;
};

}  // namespace longhaul
