#include "models/pg/wal_sender.h"

#include <algorithm>

#include "models/net/messages.h"
#include "models/pg/lag_truth.h"
#include "models/pg/primary.h"
#include "models/pg/stream_connection.h"

namespace longhaul {
namespace {

constexpr Bytes message_header{30};  // CopyData framing 5 + XLogData header 25 (walsender.c)
constexpr Bytes segment{1448};

std::uint32_t index_of(const World& world, const WalStream& stream) {
  return static_cast<std::uint32_t>(&stream - world.streams.data());
}

Duration timeout_of(const World& world, const WalStream& stream) {
  const Duration rtt = world.network.latency(stream.path) + world.network.latency(stream.back);
  return retransmission_timeout(world, std::max(rtt, stream.measured_rtt), stream.backoff);
}

void arm_deadline(World& world, WalStream& stream) {
  stream.deadline.arm(world.scheduler, world.now() + timeout_of(world, stream),
                      EventClass::ordinary, target(stream.upstream),
                      static_cast<std::uint16_t>(EventKind::stream_deadline),
                      index_of(world, stream));
}

void send_piece(World& world, WalStream& stream, Bytes size) {
  const Lsn from = stream.sent;
  const Bytes bytes_on_wire = size + message_header;
  stream.sent = stream.sent + size;
  stream.last_sent = world.now();
  count_traffic(world, stream.path, bytes_on_wire, Traffic::wal);
  const Delivery delivery =
      world.network.send(world.now(), stream.path, bytes_on_wire, stream.luck.bits());
  if (delivery.lost) return;
  stream.last_arrival = std::max(delivery.at, stream.last_arrival);
  Mail mail;
  mail.about = index_of(world, stream);
  mail.write = from;
  mail.flush = stream.sent;
  mail.sent_at = world.now();
  const MessageArg arg{world.mail.take(mail), stream.connection,
                       static_cast<std::uint16_t>(stream.path.value)};
  world.scheduler.at(stream.last_arrival, EventClass::ordinary, target(stream.standby),
                     static_cast<std::uint16_t>(EventKind::wal_at_standby), 0, arg.pack());
}

void send_on(World& world, WalStream& stream) {
  const WalConfig& config = world.plan->wal;
  const Lsn limit = world.node(stream.upstream).flushed;
  if (stream.sent >= limit) {
    stream.streaming = true;
    return;
  }
  if (config.tcp_slow_start_after_idle && stream.acked >= stream.sent &&
      world.now() - stream.last_sent > timeout_of(world, stream)) {
    stream.congestion_window = config.tcp_initial_window;
  }
  const Bytes window = std::min(stream.congestion_window, config.tcp_window);
  bool sent = false;
  while (stream.sent < limit) {
    const Bytes in_flight = stream.sent - stream.acked;
    const Bytes room = window - in_flight;
    const Bytes size = std::min({limit - stream.sent, config.send_chunk, room});
    // A sender waits for room for a full segment rather than send crumbs.
    if (size.value <= 0 || (size == room && room < segment && in_flight.value > 0)) break;
    stream.tracker.note_send(limit, world.now());
    send_piece(world, stream, size);
    sent = true;
  }
  if (sent && !stream.deadline.armed()) arm_deadline(world, stream);
  if (stream.sent == limit) stream.streaming = true;
  note_progress(world, stream, LagStage::send);
}

}  // namespace

void send_wal(World& world, NodeId upstream) {
  for (WalStream& stream : world.streams) {
    if (stream.upstream == upstream && stream.has_sender) send_on(world, stream);
  }
}

void start_sending(World& world, WalStream& stream, Lsn from) {
  stream.sent = stream.acked = stream.arrived = from;
  stream.congestion_window = world.plan->wal.tcp_initial_window;
  stream.measured_rtt = {};
  stream.backoff = 0;
  stream.last_arrival = stream.last_reply_arrival = world.now();
  stream.streaming = false;
  stream.tracker = {};
  send_on(world, stream);
}

void stop_sending(World& world, WalStream& stream) {
  stream.deadline.cancel();
  stream.streaming = false;
}

void wal_acked(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Mail mail = world.mail.release(arg.slot);
  WalStream& stream = world.streams[mail.about];
  if (arg.generation != stream.connection || !stream.has_sender) return;
  if (!world.network.survived(world.now(), stream.back)) return;
  if (mail.flush <= stream.acked) return;
  // The window grows by what is acknowledged, but only while it is what limits the sender.
  if ((stream.sent - stream.acked) * 2 >= stream.congestion_window) {
    stream.congestion_window = std::min(world.plan->wal.tcp_window,
                                        stream.congestion_window + (mail.flush - stream.acked));
  }
  stream.acked = mail.flush;
  stream.sent = std::max(stream.sent, stream.acked);
  stream.measured_rtt = world.now() - mail.sent_at;
  stream.backoff = 0;
  if (stream.acked == stream.sent) {
    stream.deadline.cancel();
  } else {
    arm_deadline(world, stream);
  }
  send_on(world, stream);
}

void stream_deadline(World& world, const Event& event) {
  WalStream& stream = world.streams[event.arg];
  if (!stream.deadline.fires(world.scheduler, event)) return;
  stream.backoff = std::min<std::uint32_t>(stream.backoff + 1, 15);
  stream.congestion_window = world.plan->wal.tcp_initial_window;
  if (world.network.is_cut(stream.path) || world.network.is_cut(stream.back)) {
    arm_deadline(world, stream);
    return;
  }
  // What arrived is not sent again (selective acknowledgement).
  stream.sent = stream.arrived;
  stream.acked = stream.sent;
  send_on(world, stream);
}

void standby_reply(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  if (!arrived(world, event, world.plan->network.statement_request,
               world.plan->wal.reply_handling)) {
    return;
  }
  const Mail mail = world.mail.release(arg.slot);
  WalStream& stream = world.streams[mail.about];
  if (arg.generation != stream.connection || !stream.has_sender) return;
  heard_reply(world, stream, event.generation != 0);
  stream.write_known = std::max(stream.write_known, mail.write);
  stream.flush_known = std::max(stream.flush_known, mail.flush);
  stream.apply_known = std::max(stream.apply_known, mail.apply);
  stream.reply_sent = mail.sent_at;
  stream.tracker.note_reply(mail.write, mail.flush, mail.apply, stream.sent, world.now());
  if (world.node(stream.upstream).is_primary) release_commits(world, stream.upstream);
}

}  // namespace longhaul
