// Messages between the parts of a world, over the network, as TCP would carry them.
//
// A message is an event at its receiver. What a cut swallows is sent again after a retransmission
// time-out that starts at round trip + retransmit_min and doubles up to retransmit_max, at most
// retransmits_max times (a wish for a connection as SYNs are: tcp.h); then it is gone and its
// sender's own time-outs decide. Each message counts as a connection by itself, so a later one does
// not wait for an earlier one that is being retransmitted. WAL streams keep their own order and
// retransmission (models/pg/wal_connection.h).
#pragma once

#include <optional>

#include "models/world.h"

namespace longhaul {

struct Message {
  EventKind kind = EventKind::page_at_app;
  std::uint32_t target = 0;
  std::uint16_t attempt = 0;  // Event::generation
  std::uint32_t slot = 0;
  std::uint16_t generation = 0;
  PathId path = {};
  Bytes size = {};
  std::uint64_t luck = 0;
  Traffic purpose = Traffic::statements;
  Duration delay = {};        // after the last link: the way between a region's edge and a user
  TimePoint not_before = {};  // earliest arrival, for what may not overtake
};

// Hands a message to the network and schedules its arrival. Returns when it arrives; never() when a
// cut has it and it was parked.
TimePoint post(World& world, const Message& message);

// Whether a message that is arriving got through. If not, it is parked for retransmission. `delay`
// is the one it was posted with.
bool arrived(World& world, const Event& event, Bytes size, Duration delay = {});

// The bounds of TCP's time-outs in this network.
TcpTimeouts tcp_limits(const World& world);

// How long TCP waits before it sends for the `attempts`-th time again.
Duration retransmission_timeout(const World& world, Duration rtt, std::uint32_t attempts);

// retransmit_due. Returns the message when this was the last attempt and it is given up.
std::optional<Event> retransmit(World& world, const Event& event);

// Counts data handed to the links of a path, by the regions at its ends.
void count_traffic(World& world, PathId path, Bytes size, Traffic purpose);

// Smallest round trip between two places.
Duration round_trip(const World& world, std::uint32_t place_a, std::uint32_t place_b);

}  // namespace longhaul
