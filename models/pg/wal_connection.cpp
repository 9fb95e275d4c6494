#include "models/pg/wal_connection.h"

#include <algorithm>

#include "models/net/messages.h"
#include "models/pg/stream_connection.h"

namespace longhaul {
namespace {

constexpr Bytes message_header{30};  // CopyData framing 5 + XLogData header 25 (walsender.c)
constexpr Bytes ack_size{0};         // headers alone
constexpr std::size_t held_max = 256;

std::uint32_t index_of(const World& world, const WalStream& stream) {
  return static_cast<std::uint32_t>(&stream - world.streams.data());
}

Duration first_timeout(const World& world, const WalStream& stream) {
  return tcp_timeout(stream.tcp.round_trip, 0, tcp_limits(world));
}

void arm(World& world, WalStream& stream, Duration after) {
  stream.deadline.arm(
      world.scheduler, world.now() + after, EventClass::ordinary, target(stream.upstream),
      static_cast<std::uint16_t>(EventKind::stream_deadline), index_of(world, stream));
}

void arm_timeout(World& world, WalStream& stream) {
  arm(world, stream, tcp_timeout(stream.tcp.round_trip, stream.tcp.backoff, tcp_limits(world)));
}

// After sending: the probe comes no later than the time-out of the oldest piece in flight.
void arm_probe(World& world, WalStream& stream) {
  const Duration timeout = stream.tcp.round_trip + world.plan->network.retransmit_min;
  arm(world, stream,
      tcp_probe_after(stream.tcp, stream.head_sent + timeout - world.now(), tcp_limits(world)));
}

bool is_cut(const World& world, const WalStream& stream) {
  return world.network.is_cut(stream.path) || world.network.is_cut(stream.back);
}

void send_piece(World& world, WalStream& stream, Lsn from, Lsn to) {
  stream.last_sent = world.now();
  count_traffic(world, stream.path, to - from + message_header, Traffic::wal);
  const Delivery delivery =
      world.network.send(world.now(), stream.path, to - from, stream.luck.bits(), Cargo::wal);
  const std::uint32_t missing = delivery.head_lost + delivery.tail_lost;
  if (delivery.lost || missing >= tcp_segments(to - from)) return;
  const std::uint32_t arriving = tcp_segments(to - from) - missing;
  from = from + tcp_segment * delivery.head_lost;
  if (delivery.tail_lost > 0) to = std::min(to, from + tcp_segment * arriving);
  stream.last_arrival = std::max(delivery.at, stream.last_arrival);
  Mail mail;
  mail.about = index_of(world, stream);
  mail.write = from;
  mail.flush = to;
  mail.sent_at = world.now();
  mail.segments = arriving;
  const MessageArg arg{world.mail.take(mail), stream.connection,
                       static_cast<std::uint16_t>(stream.path.value)};
  world.scheduler.at(stream.last_arrival, EventClass::ordinary, target(stream.standby),
                     static_cast<std::uint16_t>(EventKind::wal_at_standby), 0, arg.pack());
  stream.under_way += 1;
}

// The last segment once more, for its acknowledgement.
void send_tail(World& world, WalStream& stream) {
  const Bytes in_flight = stream.transmitted - stream.acked;
  const Bytes tail = std::min(in_flight, tcp_segment);
  send_piece(world, stream, stream.acked + (in_flight - tail), stream.transmitted);
}

// What the standby's kernel holds behind a gap is not sent again.
Lsn skip_held(const WalStream& stream, Lsn from) {
  for (const WalRange& range : stream.held) {
    if (range.from <= from && from < range.to) from = range.to;
  }
  return from;
}

Lsn up_to_held(const WalStream& stream, Lsn from, Lsn to) {
  for (const WalRange& range : stream.held) {
    if (from < range.from) to = std::min(to, range.from);
  }
  return to;
}

// Keeps what lies behind a gap. False when there are too many gaps already.
bool hold(WalStream& stream, WalRange range) {
  std::vector<WalRange>& held = stream.held;
  auto at = std::find_if(held.begin(), held.end(),
                         [&](const WalRange& other) { return range.from <= other.to; });
  if (at == held.end() || range.to < at->from) {
    if (held.size() >= held_max) return false;
    held.insert(at, range);
    return true;
  }
  at->from = std::min(at->from, range.from);
  at->to = std::max(at->to, range.to);
  while (at + 1 != held.end() && (at + 1)->from <= at->to) {
    at->to = std::max(at->to, (at + 1)->to);
    held.erase(at + 1);
  }
  return true;
}

// What arrived in order, and the first that the standby holds behind a gap, if that is filled.
void receive(WalStream& stream, Lsn end) {
  stream.arrived = end;
  std::vector<WalRange>& held = stream.held;
  while (!held.empty() && held.front().from <= stream.arrived) {
    stream.arrived = std::max(stream.arrived, held.front().to);
    held.erase(held.begin());
  }
}

// What lies between and is neither received nor held leaves the window.
void count_lost(WalStream& stream, Lsn from, Lsn to) {
  std::uint32_t& in_flight = stream.tcp.in_flight;
  from = std::max(from, stream.arrived);
  while ((from = skip_held(stream, from)) < to) {
    const Lsn end = up_to_held(stream, from, to);
    in_flight -= std::min(in_flight, tcp_segments(end - from));
    from = end;
  }
}

// The standby holds something from `up_to` on: the gaps below are lost.
void note_gaps(WalStream& stream, Lsn up_to) {
  if (stream.acked >= stream.recover_to) {
    tcp_lost(stream.tcp);
    stream.recover_to = stream.transmitted;
    stream.resent_to = stream.lost_to = stream.acked;
  }
  if (up_to <= stream.lost_to) return;
  count_lost(stream, stream.lost_to, up_to);
  stream.lost_to = up_to;
}

// What was sent after it has arrived, so what is missing of what was sent again is lost again: a
// second sign of congestion (RFC 5681, 4.3).
void note_lost_again(WalStream& stream, const Mail& mail) {
  if (stream.acked >= stream.resent_to || mail.sent_at <= stream.resent_at) return;
  count_lost(stream, stream.acked, stream.resent_to);
  stream.resent_to = stream.acked;
  tcp_lost(stream.tcp);
}

// Sends what was lost again, as the window allows.
void repair(World& world, WalStream& stream) {
  while (stream.resent_to < stream.lost_to && tcp_room(stream.tcp) > 0) {
    const Lsn from = skip_held(stream, std::max(stream.arrived, stream.resent_to));
    if (from >= stream.lost_to) {
      stream.resent_to = stream.lost_to;
      return;
    }
    const Bytes rest = up_to_held(stream, from, stream.lost_to) - from;
    const Bytes size =
        std::min({rest, world.plan->wal.send_chunk, tcp_segment * tcp_room(stream.tcp)});
    send_piece(world, stream, from, from + size);
    stream.tcp.in_flight += tcp_segments(size);
    stream.resent_to = from + size;
    stream.resent_at = world.now();
  }
}

}  // namespace

void connect_stream(World& world, WalStream& stream, Lsn from) {
  const Duration rtt = world.network.latency(stream.path) + world.network.latency(stream.back);
  stream.sent = stream.transmitted = stream.acked = stream.arrived = from;
  stream.under_way = 0;
  stream.recover_to = stream.resent_to = stream.lost_to = from;
  stream.tcp = tcp_connected(world.plan->wal.tcp_initial_window, rtt);
  stream.tcp.validated = stream.last_sent = world.now();
  stream.held.clear();
  stream.messages.drop_back(stream.messages.first());
  stream.lingers = false;
  stream.probed = false;
  stream.limited = world.network.is_limited(stream.path);
  stream.deadline.cancel();
}

Bytes send_buffer(const World& world, const WalStream& stream) {
  return tcp_send_buffer(stream.tcp, world.plan->wal.tcp_send_buffer, world.plan->wal.tcp_window);
}

void transmit(World& world, WalStream& stream) {
  const WalConfig& config = world.plan->wal;
  Tcp& tcp = stream.tcp;
  stream.transmitted = skip_held(stream, stream.transmitted);
  if (stream.transmitted >= stream.sent) return;
  const Duration timeout = first_timeout(world, stream);
  if (tcp.in_flight == 0) {
    if (config.tcp_slow_start_after_idle && world.now() - stream.last_sent > timeout) {
      tcp_restart(tcp, world.now() - stream.last_sent, timeout);
    }
    stream.head_sent = world.now();
  }
  bool any = false;
  bool held_back = false;
  // Whole segments: the socket's data are one stream.
  Bytes most = tcp_segment * std::max<std::int64_t>(1, config.send_chunk.value / 1448);
  if (stream.limited) most = std::min(most, tcp_segment * std::max(2u, tcp.window / 8));
  while (stream.transmitted < stream.sent) {
    const Bytes rest = up_to_held(stream, stream.transmitted, stream.sent) - stream.transmitted;
    const Bytes room = config.tcp_window - (stream.transmitted - stream.acked);
    const Bytes window = tcp_segment * tcp_room(tcp);
    const Bytes size = std::min({rest, most, room, window});
    held_back = window < tcp_segment;
    // A sender waits for room for a full segment rather than send crumbs.
    if (size.value <= 0 || (size < rest && size < tcp_segment && tcp.in_flight > 0)) break;
    const Lsn from = stream.transmitted;
    send_piece(world, stream, from, from + size);
    tcp.in_flight += tcp_segments(size);
    stream.transmitted = skip_held(stream, from + size);
    any = true;
  }
  tcp_validate(tcp, world.now(), timeout,
               {.held_back = held_back && stream.transmitted < stream.sent,
                .full = stream.sent - stream.acked >= send_buffer(world, stream),
                .slow_start_after_idle = config.tcp_slow_start_after_idle,
                .sent = stream.transmitted,
                .acknowledged = stream.acked});
  if (!any) return;
  if (stream.probed || tcp.backoff > 0) {
    if (!stream.deadline.armed()) arm_timeout(world, stream);
  } else {
    arm_probe(world, stream);
  }
}

bool piece_arrived(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const TimePoint sent_at = world.mail.slots[arg.slot].sent_at;
  WalStream& stream = world.streams[world.mail.slots[arg.slot].about];
  const Lsn before = stream.arrived;
  bool lost = !world.network.survived(world.now(), stream.path) ||
              sent_at <= world.node(stream.upstream).vanished_at ||
              !heard_upstream(world, stream, arg.generation);
  Mail& mail = world.mail.slots[arg.slot];  // only now: the first reply may have moved the slots
  if (!lost && mail.flush > before) {
    if (mail.write <= before) {
      receive(stream, mail.flush);
    } else {
      lost = !hold(stream, {mail.write, mail.flush});
    }
  }
  Delivery ack;
  ack.lost = lost;
  // The kernel acknowledges at once; the same mail slot travels back.
  if (!lost) {
    ack = world.network.send(world.now(), stream.back, ack_size, stream.luck.bits(),
                             Cargo::acknowledgement);
  }
  if (ack.lost) {
    if (arg.generation == stream.connection && stream.under_way > 0) stream.under_way -= 1;
    world.mail.release(arg.slot);
  } else {
    mail.write = std::max(mail.write, stream.arrived);
    mail.flush = stream.arrived;
    world.scheduler.at(ack.at, EventClass::ordinary, target(stream.upstream),
                       static_cast<std::uint16_t>(EventKind::wal_acked), 0, event.arg);
  }
  if (lost || stream.arrived == before) return false;
  Node& node = world.node(stream.standby);
  bool whole = false;
  while (!stream.messages.empty() && stream.messages.front() <= stream.arrived) {
    node.received = std::max(node.received, stream.messages.pop_front());
    whole = true;
  }
  return whole;
}

bool ack_arrived(World& world, WalStream& stream, const Mail& mail) {
  if (stream.under_way > 0) stream.under_way -= 1;
  if (!world.network.survived(world.now(), stream.back)) return false;
  const bool repairing = stream.acked < stream.recover_to;
  tcp_acknowledged(stream.tcp, world.now(), mail.segments, world.now() - mail.sent_at, !repairing);
  stream.probed = false;
  stream.head_sent = std::max(stream.head_sent, mail.sent_at);
  stream.acked = std::max(stream.acked, mail.flush);
  stream.transmitted = std::max(stream.transmitted, stream.acked);
  note_lost_again(stream, mail);
  if (mail.write > mail.flush) note_gaps(stream, mail.write);
  repair(world, stream);
  if (stream.acked == stream.transmitted) {
    stream.tcp.in_flight = 0;
    stream.deadline.cancel();
  } else {
    arm(world, stream,
        tcp_probe_after(stream.tcp, stream.tcp.round_trip + world.plan->network.retransmit_min,
                        tcp_limits(world)));
  }
  return true;
}

void stream_deadline(World& world, const Event& event) {
  WalStream& stream = world.streams[event.arg];
  if (!stream.deadline.fires(world.scheduler, event)) return;
  const bool cut = is_cut(world, stream);
  if (!cut && stream.under_way > 0) return arm_timeout(world, stream);  // late, not lost
  if (!stream.probed && stream.tcp.backoff == 0) {
    stream.probed = true;
    if (!cut) send_tail(world, stream);
    return arm_timeout(world, stream);
  }
  tcp_timed_out(stream.tcp);
  stream.transmitted = std::max(stream.acked, stream.arrived);
  stream.recover_to = stream.resent_to = stream.lost_to = stream.acked;
  stream.last_sent = world.now();
  if (!cut) transmit(world, stream);
  if (stream.tcp.in_flight == 0) {
    stream.tcp.in_flight = 1;
    if (!cut) send_tail(world, stream);
  }
  arm_timeout(world, stream);
}

}  // namespace longhaul
