#include "models/pg/wal_sender.h"

#include <algorithm>

#include "models/net/messages.h"
#include "models/pg/commit_wait.h"
#include "models/pg/lag_truth.h"
#include "models/pg/shutdown.h"
#include "models/pg/stream_connection.h"
#include "models/pg/wal_connection.h"

namespace longhaul {
namespace {

constexpr std::uint64_t wal_page = 8192;  // XLOG_BLCKSZ

// The standby lacks nothing that was flushed; if it was away, it is back in its place.
void note_caught_up(World& world, WalStream& stream) {
  Node& standby = world.node(stream.standby);
  const bool catches_up = standby.catches_up_since != TimePoint::never();
  if (catches_up && stream.feeds && standby.catches_up_to == no_data) {
    standby.catches_up_to = world.node(stream.upstream).flushed;
    note_replay_caught_up(world, stream.standby);
  }
  stream.streaming = true;
  TimePoint& returned = world.node(stream.standby).returned_at;
  if (returned == TimePoint::never() || !stream.feeds) return;
  world.measures.distribution(Metric::rejoin_duration, stream.standby.value)
      .record((world.now() - returned).ns);
  returned = TimePoint::never();
}

// A message that does not reach the end of the log ends with a page.
Lsn message_end(Lsn from, Lsn limit, Bytes most) {
  if (limit - from <= most) return limit;
  const Lsn end = from + most;
  const Lsn page{end.value - end.value % wal_page};
  return page > from ? page : end;
}

// The walsender writes to its socket while that takes more.
void send_on(World& world, WalStream& stream) {
  const Lsn limit = world.node(stream.upstream).flushed;
  if (stream.sent >= limit && stream.transmitted == stream.sent) {
    note_caught_up(world, stream);
    return;
  }
  const Bytes buffer = send_buffer(world, stream);
  while (stream.sent < limit && stream.sent - stream.acked < buffer) {
    stream.tracker.note_send(limit, world.now());
    stream.sent = message_end(stream.sent, limit, world.plan->wal.send_chunk);
    stream.messages.push_back(stream.sent);
  }
  if (stream.sent == limit) note_caught_up(world, stream);
  transmit(world, stream);
  note_progress(world, stream, LagStage::send);
}

}  // namespace

void note_replay_caught_up(World& world, NodeId standby) {
  Node& node = world.node(standby);
  if (node.catches_up_since == TimePoint::never() || node.replayed < node.catches_up_to) return;
  world.measures.distribution(Metric::catch_up_duration, standby.value)
      .record((world.now() - node.catches_up_since).ns);
  node.catches_up_since = TimePoint::never();
}

void send_wal(World& world, NodeId upstream) {
  for (WalStream& stream : world.streams) {
    const bool physical = stream.has_sender && !stream.logical;
    if (stream.upstream == upstream && physical) send_on(world, stream);
  }
  if (!world.subscriptions.empty() && world.node(upstream).is_primary)
    send_changes(world, upstream);
  if (!world.backups.empty()) send_log_to_backups(world, upstream);
}

void start_sending(World& world, WalStream& stream, Lsn from) {
  connect_stream(world, stream, from);
  stream.last_arrival = stream.last_reply_arrival = world.now();
  stream.streaming = false;
  stream.tracker = {};
  if (!stream.logical) {
    world.node(stream.standby).catches_up_since = world.now();
    world.node(stream.standby).catches_up_to = no_data;
  }
  send_on(world, stream);
}

void stop_sending(WalStream& stream) {
  if (!stream.lingers) stream.deadline.cancel();
  stream.streaming = false;
}

void wal_acked(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Mail mail = world.mail.release(arg.slot);
  WalStream& stream = world.streams[mail.about];
  const bool sends = stream.has_sender || stream.lingers;
  if (arg.generation != stream.connection || !sends || !ack_arrived(world, stream, mail)) return;
  if (stream.has_sender) return send_on(world, stream);
  transmit(world, stream);
  if (stream.transmitted == stream.sent) end_connection(world, stream);
}

void standby_reply(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  if (!arrived(world, event, world.plan->network.statement_request,
               world.plan->wal.reply_handling)) {
    return;
  }
  const Mail mail = world.mail.release(arg.slot);
  WalStream& stream = world.streams[mail.about];
  if (arg.generation != stream.connection) return;
  if (stream.lingers) return end_connection(world, stream);
  if (!stream.has_sender) return;
  if (!stream.logical) heard_reply(world, stream, event.generation != 0);
  stream.write_known = std::max(stream.write_known, mail.write);
  stream.flush_known = std::max(stream.flush_known, mail.flush);
  stream.apply_known = std::max(stream.apply_known, mail.apply);
  if (mail.snapshot != Lsn{}) stream.snapshot_known = mail.snapshot;
  stream.reply_sent = mail.sent_at;
  stream.tracker.note_reply(mail.write, mail.flush, mail.apply, stream.sent, world.now());
  standby_confirmed(world, stream);
  const NodeId upstream = stream.upstream;
  if (world.node(upstream).liveness == Liveness::stopping) shutdown_goes_on(world, upstream);
}

}  // namespace longhaul
