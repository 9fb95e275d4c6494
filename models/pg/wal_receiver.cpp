#include "models/pg/wal_receiver.h"

#include <algorithm>

#include "models/control/orders.h"
#include "models/net/messages.h"
#include "models/pg/lag_truth.h"
#include "models/pg/replay.h"
#include "models/pg/stream_connection.h"
#include "models/pg/vacuum.h"
#include "models/pg/wal_connection.h"
#include "models/pg/wal_sender.h"

namespace longhaul {
namespace {

constexpr Bytes reply_size{39};  // CopyData framing 5 + standby status update 34 (walreceiver.c)

// Everything that has arrived is written and one flush begins.
void write_and_flush(World& world, WalStream& stream) {
  Node& node = world.node(stream.standby);
  node.written = node.received;
  note_progress(world, stream, LagStage::write);
  reply(world, stream);
  node.flushing = true;
  node.flush_target = node.written;
  const NodeConfig& config = world.plan->nodes[stream.standby.value].config;
  const Duration sync = sample(config.fsync, node.disk_luck.bits());
  world.scheduler.after(sync + write_time(node.written - node.flushed, config),
                        EventClass::ordinary, target(stream.standby),
                        static_cast<std::uint16_t>(EventKind::standby_flushed), node.incarnation,
                        0);
}

bool gives_feedback(const World& world, NodeId id) {
  return world.plan->nodes[id.value].config.hot_standby_feedback.value_or(
      world.plan->postgres.hot_standby_feedback);
}

}  // namespace

void reply(World& world, WalStream& stream, bool wants_answer) {
  if (!stream.has_receiver) return;
  Mail mail;
  mail.about = static_cast<std::uint32_t>(&stream - world.streams.data());
  mail.write = position(world, stream, LagStage::write);
  mail.flush = position(world, stream, LagStage::flush);
  mail.apply = position(world, stream, LagStage::replay);
  if (!stream.logical && gives_feedback(world, stream.standby) &&
      world.now() >= world.node(stream.standby).feedback_due) {
    mail.snapshot = oldest_snapshot(world, stream.standby);
    world.node(stream.standby).feedback_due =
        world.now() + world.plan->postgres.wal_receiver_status_interval;
  }
  mail.sent_at = world.now();
  const TimePoint at = post(world, {.kind = EventKind::standby_reply,
                                    .target = target(stream.upstream),
                                    .attempt = static_cast<std::uint16_t>(wants_answer ? 1 : 0),
                                    .slot = world.mail.take(mail),
                                    .generation = stream.asked,
                                    .path = stream.back,
                                    .size = reply_size,
                                    .luck = stream.luck.bits(),
                                    .purpose = Traffic::wal,
                                    .delay = world.plan->wal.reply_handling,
                                    .not_before = stream.last_reply_arrival});
  if (at != TimePoint::never()) stream.last_reply_arrival = at;
  report_later(world, stream.standby);
}

void report_later(World& world, NodeId standby) {
  world.node(standby).status.arm(
      world.scheduler, world.now() + world.plan->postgres.wal_receiver_status_interval,
      EventClass::ordinary, target(standby), static_cast<std::uint16_t>(EventKind::status_due));
}

WalStream& stream_to(World& world, NodeId standby) {
  return world.streams[world.node(standby).feed];
}

void wal_at_standby(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  WalStream& stream = world.streams[world.mail.slots[arg.slot].about];
  const Lsn before = world.node(stream.standby).received;
  if (!piece_arrived(world, event)) return;
  if (world.node(stream.standby).received == before) {
    reply(world, stream);  // written once more: the beginning of a segment is sent again
  } else if (!world.node(stream.standby).flushing) {
    write_and_flush(world, stream);
  }
}

void standby_flushed(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Node& node = world.node(id);
  WalStream& stream = stream_to(world, id);
  node.flushing = false;
  node.replay.chunk = node.flushed;
  node.flushed = node.flush_target;
  note_progress(world, stream, LagStage::flush);
  reply(world, stream);
  start_replay(world, id);
  send_wal(world, id);
  if (node.received > node.written) write_and_flush(world, stream);
  if (!world.control.orders.empty()) finish_orders(world, id);
}

void status_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  if (world.node(id).status.fires(world.scheduler, event)) reply(world, stream_to(world, id));
}

}  // namespace longhaul
