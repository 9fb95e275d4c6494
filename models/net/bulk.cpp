#include "models/net/bulk.h"

#include <algorithm>

#include "models/net/messages.h"
#include "models/world.h"

namespace longhaul {
namespace {

constexpr Bytes ack_size{0};  // headers alone

Bytes size_of(const Mail& mail) { return {static_cast<std::int64_t>(mail.flush.value)}; }
Lsn position(Bytes bytes) { return {static_cast<std::uint64_t>(bytes.value)}; }

bool is_cut(const World& world, const Bulk& bulk) {
  return world.network.is_cut(bulk.path) || world.network.is_cut(bulk.back);
}

void wait_for_timeout(World& world, std::uint32_t number) {
  Bulk& bulk = world.bulks[number];
  if (bulk.deadline.armed()) return;
  bulk.deadline.arm(
      world.scheduler,
      world.now() + tcp_timeout(bulk.tcp.round_trip, bulk.tcp.backoff, tcp_limits(world)),
      EventClass::ordinary, target(bulk.source),
      static_cast<std::uint16_t>(EventKind::bulk_deadline), number);
}

// Schedules an event about so many bytes of a connection, sent now.
void schedule(World& world, std::uint32_t number, Bytes size, std::uint32_t segments, TimePoint at,
              EventKind kind) {
  const Bulk& bulk = world.bulks[number];
  Mail mail;
  mail.about = number;
  mail.flush = position(size);
  mail.segments = segments;
  mail.sent_at = world.now();
  const bool forth = kind == EventKind::bulk_piece;
  const MessageArg arg{world.mail.take(mail), 0, static_cast<std::uint16_t>(bulk.path.value)};
  world.scheduler.at(at, EventClass::ordinary,
                     forth ? target(TargetKind::network, bulk.path.value) : target(bulk.source),
                     static_cast<std::uint16_t>(kind), 0, arg.pack());
}

void send_piece(World& world, std::uint32_t number, Bytes size) {
  Bulk& bulk = world.bulks[number];
  const std::uint32_t segments = tcp_segments(size);
  bulk.tcp.in_flight += segments;
  bulk.last_sent = world.now();
  count_traffic(world, bulk.path, size, bulk.purpose);
  const Delivery delivery =
      world.network.send(world.now(), bulk.path, size, bulk.luck.bits(), Cargo::wal);
  if (delivery.lost && is_cut(world, bulk)) {
    bulk.swallowed = bulk.swallowed + size;
    wait_for_timeout(world, number);
    return;
  }
  const std::uint32_t missing =
      delivery.lost ? segments : std::min(segments, delivery.head_lost + delivery.tail_lost);
  const Bytes lost = std::min(size, tcp_segment * missing);
  if (lost < size) {
    bulk.arrives = std::max(bulk.arrives, delivery.at);
    schedule(world, number, size - lost, segments - missing, bulk.arrives, EventKind::bulk_piece);
  }
  if (missing > 0) {
    schedule(world, number, lost, missing, world.now() + bulk.tcp.round_trip, EventKind::bulk_lost);
  }
}

void send_on(World& world, std::uint32_t number) {
  Bulk& bulk = world.bulks[number];
  const WalConfig& config = world.plan->wal;
  Tcp& tcp = bulk.tcp;
  if (bulk.deadline.armed() || (bulk.sent >= bulk.ready && bulk.again.value == 0)) return;
  const Duration timeout = tcp_timeout(tcp.round_trip, 0, tcp_limits(world));
  if (bulk.sent == bulk.acked) bulk.heard_at = world.now();
  if (tcp.in_flight == 0 && config.tcp_slow_start_after_idle &&
      world.now() - bulk.last_sent > timeout) {
    tcp_restart(tcp, world.now() - bulk.last_sent, timeout);
  }
  const Bytes most = std::min(config.send_chunk, tcp_segment * std::max(1u, tcp.window / 8));
  bool held_back = false;
  while (!bulk.deadline.armed()) {
    const Bytes rest = bulk.again.value > 0 ? bulk.again : bulk.ready - bulk.sent;
    const Bytes window = tcp_segment * tcp_room(tcp);
    const Bytes room = config.tcp_window - tcp_segment * tcp.in_flight;
    const Bytes size = std::min({rest, most, window, room});
    held_back = rest.value > 0 && window < tcp_segment;
    // A sender waits for room for a full segment rather than send crumbs.
    if (size.value <= 0 || (size < rest && size < tcp_segment && tcp.in_flight > 0)) break;
    (bulk.again.value > 0 ? bulk.again : bulk.sent) =
        bulk.again.value > 0 ? bulk.again - size : bulk.sent + size;
    send_piece(world, number, size);
  }
  tcp_validate(tcp, world.now(), timeout,
               {.held_back = held_back,
                .full = bulk.ready - bulk.acked >= config.tcp_window,
                .slow_start_after_idle = config.tcp_slow_start_after_idle,
                .sent = position(bulk.sent),
                .acknowledged = position(bulk.acked)});
}

// The source reads on while the socket takes more.
void read_on(World& world, std::uint32_t number) {
  Bulk& bulk = world.bulks[number];
  if (bulk.pace.bytes_per_s == 0) {
    bulk.ready = bulk.total;
    send_on(world, number);
    return;
  }
  if (bulk.reading || bulk.ready >= bulk.total) return;
  if (bulk.ready - bulk.acked >= world.plan->wal.tcp_window) return;
  bulk.reading = true;
  const Bytes piece = std::min(world.plan->wal.send_chunk, bulk.total - bulk.ready);
  world.scheduler.after(transfer_time(piece, bulk.pace), EventClass::ordinary, target(bulk.source),
                        static_cast<std::uint16_t>(EventKind::bulk_read), 0, number);
}

}  // namespace

std::uint32_t open_bulk(World& world, const Bulk& bulk, std::uint64_t key) {
  const auto number = static_cast<std::uint32_t>(world.bulks.size());
  world.bulks.push_back(bulk);
  Bulk& added = world.bulks.back();
  added.tcp = tcp_connected(world.plan->wal.tcp_initial_window,
                            world.network.latency(bulk.path) + world.network.latency(bulk.back));
  added.tcp.validated = added.last_sent = world.now();
  added.luck = {stream(world.plan->seed, "bulk", key)};
  return number;
}

void extend_bulk(World& world, std::uint32_t number, Bytes total) {
  world.bulks[number].total = total;
  read_on(world, number);
}

bool is_silent(const World& world, const Bulk& bulk, Duration patience) {
  return bulk.sent > bulk.acked && world.now() - bulk.heard_at >= patience;
}

std::optional<std::uint32_t> bulk_read(World& world, const Event& event) {
  const auto number = static_cast<std::uint32_t>(event.arg);
  Bulk& bulk = world.bulks[number];
  bulk.reading = false;
  if (!bulk.open) return std::nullopt;
  bulk.ready = std::min(bulk.total, bulk.ready + world.plan->wal.send_chunk);
  send_on(world, number);
  read_on(world, number);
  if (bulk.ready < bulk.total) return std::nullopt;
  return number;
}

void bulk_piece(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Mail mail = world.mail.slots[arg.slot];
  Bulk& bulk = world.bulks[mail.about];
  const bool survived = world.network.survived(world.now(), bulk.path);
  if (!survived || !bulk.open) {
    world.mail.release(arg.slot);
    if (!bulk.open) return;
    bulk.swallowed = bulk.swallowed + size_of(mail);
    wait_for_timeout(world, mail.about);
    return;
  }
  TimePoint at = std::max(bulk.disk_free_at, world.now());
  if (bulk.disk.bytes_per_s > 0) at = at + transfer_time(size_of(mail), bulk.disk);
  bulk.disk_free_at = at;
  world.scheduler.at(at, EventClass::ordinary, event.target,
                     static_cast<std::uint16_t>(EventKind::bulk_written), 0, event.arg);
}

std::optional<std::uint32_t> bulk_written(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Mail mail = world.mail.slots[arg.slot];
  Bulk& bulk = world.bulks[mail.about];
  bulk.written = bulk.written + size_of(mail);
  const Delivery ack = world.network.send(world.now(), bulk.back, ack_size, bulk.luck.bits(),
                                          Cargo::acknowledgement);
  if (ack.lost) {
    world.mail.release(arg.slot);
    bulk.unheard = bulk.unheard + size_of(mail);
    wait_for_timeout(world, mail.about);
  } else {
    world.scheduler.at(ack.at, EventClass::ordinary, target(bulk.source),
                       static_cast<std::uint16_t>(EventKind::bulk_acked), 0, event.arg);
  }
  if (!bulk.open) return std::nullopt;
  return mail.about;
}

void bulk_acked(World& world, const Event& event) {
  const Mail mail = world.mail.release(MessageArg::unpack(event.arg).slot);
  Bulk& bulk = world.bulks[mail.about];
  if (!bulk.open) return;
  if (!world.network.survived(world.now(), bulk.back)) {
    bulk.unheard = bulk.unheard + size_of(mail);
    wait_for_timeout(world, mail.about);
    return;
  }
  tcp_acknowledged(bulk.tcp, world.now(), mail.segments, world.now() - mail.sent_at,
                   bulk.acked >= bulk.recover_to);
  bulk.acked = bulk.acked + size_of(mail);
  bulk.heard_at = world.now();
  send_on(world, mail.about);
  read_on(world, mail.about);
}

void bulk_lost(World& world, const Event& event) {
  const Mail mail = world.mail.release(MessageArg::unpack(event.arg).slot);
  Bulk& bulk = world.bulks[mail.about];
  if (!bulk.open) return;
  // The window shrinks once for all that was in flight when the first of it was missed.
  if (bulk.acked >= bulk.recover_to) {
    tcp_lost(bulk.tcp);
    bulk.recover_to = bulk.sent;
  }
  bulk.tcp.in_flight -= std::min(bulk.tcp.in_flight, mail.segments);
  bulk.again = bulk.again + size_of(mail);
  send_on(world, mail.about);
}

void bulk_deadline(World& world, const Event& event) {
  const auto number = static_cast<std::uint32_t>(event.arg);
  Bulk& bulk = world.bulks[number];
  if (!bulk.deadline.fires(world.scheduler, event) || !bulk.open) return;
  tcp_timed_out(bulk.tcp);
  if (is_cut(world, bulk)) return wait_for_timeout(world, number);
  bulk.again = bulk.again + bulk.swallowed;
  bulk.acked = bulk.acked + bulk.unheard;
  if (bulk.unheard.value > 0) bulk.heard_at = world.now();
  bulk.swallowed = bulk.unheard = {};
  send_on(world, number);
  read_on(world, number);
}

}  // namespace longhaul
