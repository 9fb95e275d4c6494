#include "models/pg/stream_connection.h"

#include <algorithm>

#include "models/control/slots.h"
#include "models/net/messages.h"
#include "models/pg/commit_wait.h"
#include "models/pg/follow.h"
#include "models/pg/retention.h"
#include "models/pg/shutdown.h"
#include "models/pg/wal_receiver.h"
#include "models/pg/wal_sender.h"

namespace longhaul {
namespace {

constexpr Bytes control_message{60};  // a request, an answer, a keepalive, the end of a connection

std::uint32_t index_of(const World& world, const WalStream& stream) {
  return static_cast<std::uint32_t>(&stream - world.streams.data());
}

// A message about the connection, as the end that sends it sees it.
void tell(World& world, WalStream& stream, EventKind kind, bool upwards, std::uint16_t attempt = 0,
          TimePoint not_before = {}) {
  post(world, {.kind = kind,
               .target = target(upwards ? stream.upstream : stream.standby),
               .attempt = attempt,
               .slot = index_of(world, stream),
               .generation = upwards ? stream.asked : stream.connection,
               .path = upwards ? stream.back : stream.path,
               .size = control_message,
               .luck = stream.luck.bits(),
               .purpose = Traffic::wal,
               .not_before = not_before});
}

WalStream& stream_of(World& world, const Event& event) {
  return world.streams[MessageArg::unpack(event.arg).slot];
}

bool for_sender(const WalStream& stream, const Event& event) {
  return (stream.has_sender || stream.lingers) &&
         MessageArg::unpack(event.arg).generation == stream.connection;
}

void arm(World& world, Timer& timer, TimePoint at, NodeId node, EventKind kind,
         const WalStream& stream) {
  timer.arm(world.scheduler, at, EventClass::ordinary, target(node),
            static_cast<std::uint16_t>(kind), index_of(world, stream));
}

void watch_sender(World& world, WalStream& stream, TimePoint until) {
  if (world.plan->postgres.wal_sender_timeout.ns == 0) return;
  arm(world, stream.sender_watch, until, stream.upstream, EventKind::sender_due, stream);
}

void watch_receiver(World& world, WalStream& stream, TimePoint until) {
  if (world.plan->postgres.wal_receiver_timeout.ns == 0) return;
  arm(world, stream.receiver_watch, until, stream.standby, EventKind::receiver_due, stream);
}

Duration half(Duration timeout) { return {timeout.ns / 2}; }

// The host has gone, or the standby has.
void forget_socket(WalStream& stream) {
  if (stream.lingers) stream.deadline.cancel();
  stream.lingers = false;
}

void attempt_failed(World& world, WalStream& stream) {
  stream.asking = false;
  ask_for_stream(world, stream);
}

}  // namespace

void watch_stream(World& world, WalStream& stream) {
  const PostgresConfig& config = world.plan->postgres;
  stream.last_reply = stream.last_message = world.now();
  watch_sender(world, stream, world.now() + half(config.wal_sender_timeout));
  watch_receiver(world, stream, world.now() + half(config.wal_receiver_timeout));
  report_later(world, stream.standby);
}

void ask_for_stream(World& world, WalStream& stream) {
  const Node& standby = world.node(stream.standby);
  if (!stream.feeds || stream.has_receiver || standby.promoting) return;
  if (standby.liveness != Liveness::up) return;
  if (!standby.upstream.valid() && !standby.is_primary) return;  // no primary_conninfo
  const Duration interval = world.plan->postgres.wal_retrieve_retry_interval;
  const bool before = stream.attempted_at >= TimePoint{};
  const TimePoint at = before ? std::max(world.now(), stream.attempted_at + interval) : world.now();
  stream.attempted_at = at;
  arm(world, stream.attempt, at, stream.standby, EventKind::stream_due, stream);
}

void stream_due(World& world, const Event& event) {
  WalStream& stream = world.streams[event.arg];
  if (!stream.attempt.fires(world.scheduler, event)) return;
  if (!stream.feeds || stream.has_receiver) return;
  if (world.node(stream.standby).liveness != Liveness::up) return;
  stream.asked = static_cast<std::uint16_t>(stream.asked + 1);
  stream.asking = true;
  const Duration rtt = world.network.latency(stream.path) + world.network.latency(stream.back);
  tell(world, stream, EventKind::stream_asked, true, 0,
       world.now() + rtt * (world.plan->wal.stream_round_trips - 1) +
           world.network.latency(stream.back));
}

void stream_asked(World& world, const Event& event) {
  if (!arrived(world, event, control_message)) return;
  WalStream& stream = stream_of(world, event);
  const std::uint16_t attempt = MessageArg::unpack(event.arg).generation;
  if (attempt != stream.asked || !stream.asking) return;  // the standby has given it up
  close_sender(world, stream, true);
  stream.connection = attempt;
  const Lsn from = segment_begin(world.node(stream.standby).flushed, world.plan->wal);
  const bool up = world.node(stream.upstream).liveness == Liveness::up;
  if (up && (stream.slot_lost || !wal_available(world, stream.upstream, from))) {
    lose_standby(world, stream);
  }
  const Divergence diverged = up ? refusal(world, stream) : Divergence::none;
  const bool slot = stream.logical || has_slot(world, stream.upstream, stream.standby);
  // "requested starting point is ahead of the WAL flush position of this server"
  const bool is_ahead = !stream.logical && from > world.node(stream.upstream).flushed;
  const bool granted = up && slot && !stream.lost && !is_ahead && diverged == Divergence::none;
  tell(world, stream, EventKind::stream_answered, false,
       granted ? 1 : static_cast<std::uint16_t>(2 + static_cast<std::uint16_t>(diverged)));
  if (!granted) return;
  stream.granted = world.node(stream.upstream).log;
  stream.has_sender = true;
  if (stream.logical) return;
  stream.last_reply = world.now();
  watch_sender(world, stream, world.now() + half(world.plan->postgres.wal_sender_timeout));
  start_sending(world, stream, from);
}

void stream_answered(World& world, const Event& event) {
  if (!arrived(world, event, control_message)) return;
  WalStream& stream = stream_of(world, event);
  if (event.generation == 1) {
    heard_upstream(world, stream, MessageArg::unpack(event.arg).generation);
  } else if (stream.asking && MessageArg::unpack(event.arg).generation == stream.asked) {
    Node& standby = world.node(stream.standby);
    standby.diverged = static_cast<Divergence>(event.generation - 2);
    standby.newest_known = std::max(standby.newest_known, world.node(stream.upstream).newest_known);
    attempt_failed(world, stream);
  }
}

void stream_attempt_failed(World& world, std::uint32_t index, std::uint16_t attempt) {
  WalStream& stream = world.streams[index];
  if (stream.asking && stream.asked == attempt) attempt_failed(world, stream);
}

void heard_reply(World& world, WalStream& stream, bool wants_answer) {
  stream.last_reply = world.now();
  watch_sender(world, stream, world.now() + half(world.plan->postgres.wal_sender_timeout));
  if (wants_answer) tell(world, stream, EventKind::keepalive_at_standby, false);
}

bool heard_upstream(World& world, WalStream& stream, std::uint16_t connection) {
  if (connection != stream.asked || !(stream.has_receiver || stream.asking)) return false;
  const bool first = stream.asking;
  if (first) adopt_log(world, stream);
  stream.has_receiver = true;
  stream.asking = false;
  stream.last_message = world.now();
  if (!stream.logical) {
    watch_receiver(world, stream, world.now() + half(world.plan->postgres.wal_receiver_timeout));
  }
  if (first) reply(world, stream);
  return true;
}

void sender_due(World& world, const Event& event) {
  WalStream& stream = world.streams[event.arg];
  if (!stream.sender_watch.fires(world.scheduler, event) || !stream.has_sender) return;
  const TimePoint limit = stream.last_reply + world.plan->postgres.wal_sender_timeout;
  if (world.now() >= limit) {
    close_sender(world, stream, false);
    return;
  }
  tell(world, stream, EventKind::keepalive_at_standby, false, 1);
  watch_sender(world, stream, limit);
}

void receiver_due(World& world, const Event& event) {
  WalStream& stream = world.streams[event.arg];
  if (!stream.receiver_watch.fires(world.scheduler, event) || !stream.has_receiver) return;
  const TimePoint limit = stream.last_message + world.plan->postgres.wal_receiver_timeout;
  if (world.now() >= limit) {
    close_receiver(world, stream, false);
    return;
  }
  reply(world, stream, true);
  watch_receiver(world, stream, limit);
}

void keepalive_at_standby(World& world, const Event& event) {
  if (!arrived(world, event, control_message)) return;
  WalStream& stream = stream_of(world, event);
  const bool wants_answer = event.generation != 0;
  if (!heard_upstream(world, stream, MessageArg::unpack(event.arg).generation)) return;
  if (wants_answer) reply(world, stream);
}

void end_connection(World& world, WalStream& stream) {
  stream.lingers = false;
  if (!stream.has_sender) stream.deadline.cancel();
  tell(world, stream, EventKind::stream_closed_above, false, 0, stream.last_arrival);
}

void close_sender(World& world, WalStream& stream, bool silently) {
  if (silently) forget_socket(stream);
  if (!stream.has_sender) return;
  stream.has_sender = false;
  stream.snapshot_known = {};  // hot_standby_feedback protects while it is connected
  stream.sender_watch.cancel();
  stream.lingers = !silently && !stream.logical && stream.transmitted < stream.sent;
  stop_sending(stream);
  if (!silently && !stream.lingers) end_connection(world, stream);
  standby_gone(world, stream);
  const NodeId upstream = stream.upstream;
  if (world.node(upstream).liveness == Liveness::stopping) shutdown_goes_on(world, upstream);
}

void close_receiver(World& world, WalStream& stream, bool silently) {
  if (!stream.has_receiver) return;
  stream.has_receiver = false;
  world.node(stream.standby).feedback_due = {};  // the next connection begins with it
  stream.receiver_watch.cancel();
  world.node(stream.standby).status.cancel();
  if (!silently) tell(world, stream, EventKind::stream_closed_below, true);
  attempt_failed(world, stream);
}

void stream_closed_below(World& world, const Event& event) {
  if (!arrived(world, event, control_message)) return;
  WalStream& stream = stream_of(world, event);
  if (for_sender(stream, event)) close_sender(world, stream, true);
}

void stream_closed_above(World& world, const Event& event) {
  if (!arrived(world, event, control_message)) return;
  WalStream& stream = stream_of(world, event);
  if (MessageArg::unpack(event.arg).generation == stream.asked) {
    close_receiver(world, stream, true);
  }
}

}  // namespace longhaul
