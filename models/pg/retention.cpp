#include "models/pg/retention.h"

#include <algorithm>

#include "models/pg/server.h"
#include "models/pg/stream_connection.h"
#include "models/world.h"

namespace longhaul {
namespace {

Lsn end_of_log(const Node& node) { return node.is_primary ? node.insert : node.flushed; }

Lsn back(Lsn position, Bytes size) {
  const auto bytes = static_cast<std::uint64_t>(size.value);
  return {position.value > bytes ? position.value - bytes : 0};
}

bool has_slot(const World& world, const WalStream& stream) {
  for (const Subscription& subscription : world.subscriptions) {
    if (subscription.subscriber == stream.standby) {
      return subscription.state != SubscriptionState::none;
    }
  }
  return world.plan->nodes[stream.standby.value].config.slot;
}

// Where the slot's bound begins; whole segments.
bool beyond_bound(const World& world, const WalStream& stream) {
  const std::optional<Bytes>& bound = world.plan->postgres.max_slot_wal_keep_size;
  if (!bound) return false;
  const Lsn end = end_of_log(world.node(stream.upstream));
  return stream.flush_known < segment_begin(back(end, *bound), world.plan->wal);
}

Lsn needed(const World& world, NodeId id) {
  const Node& node = world.node(id);
  const Lsn redo = world.group_of(id).checkpointer.done_redo;
  Lsn keep = node.is_primary ? redo : std::min(redo, node.replayed);
  keep = std::min(keep, back(end_of_log(node), world.plan->postgres.wal_keep_size));
  for (const WalStream& stream : world.streams) {
    if (stream.upstream != id || !has_slot(world, stream) || stream.slot_lost) continue;
    keep = std::min(keep, stream.flush_known);
  }
  for (const Backup& backup : world.backups) {
    if (backup.source == id && is_copying(backup)) keep = std::min(keep, backup.log_from);
  }
  return segment_begin(keep, world.plan->wal);
}

void remove_of(World& world, NodeId id) {
  for (WalStream& stream : world.streams) {
    if (stream.upstream != id || !has_slot(world, stream)) continue;
    stream.slot_lost |= beyond_bound(world, stream);
  }
  Node& node = world.node(id);
  node.kept_from = std::max(node.kept_from, needed(world, id));
  note_retained(world, id);
  for (WalStream& stream : world.streams) {
    if (stream.upstream != id || stream.lost || !stream.feeds) continue;
    if (world.node(stream.standby).consistent_from == no_data) continue;  // to be built anyway
    const Lsn restart = segment_begin(world.node(stream.standby).flushed, world.plan->wal);
    const Lsn next = stream.has_sender ? stream.sent : restart;
    if (!stream.slot_lost && next >= node.kept_from) continue;
    lose_standby(world, stream);
    close_sender(world, stream, false);
  }
}

}  // namespace

SlotState slot_state(const World& world, const WalStream& stream) {
  if (stream.slot_lost) return SlotState::lost;
  if (beyond_bound(world, stream)) return SlotState::unreserved;
  const Lsn end = end_of_log(world.node(stream.upstream));
  const Lsn normal = back(end, world.plan->postgres.max_wal_size);
  return stream.flush_known < normal ? SlotState::extended : SlotState::reserved;
}

bool wal_available(const World& world, NodeId upstream, Lsn from) {
  return from >= world.node(upstream).kept_from;
}

void lose_standby(World& world, WalStream& stream) {
  if (stream.lost) return;
  stream.lost = true;
  world.measures.counter(Metric::replicas_lost, stream.standby.value).count += 1;
}

void find_again(WalStream& stream) { stream.lost = stream.slot_lost = false; }

void remove_old_wal(World& world, NodeId primary) {
  remove_of(world, primary);
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const bool follows = world.nodes[i].group == world.node(primary).group && i != primary.value;
    if (follows) remove_of(world, {i});
  }
}

void note_retained(World& world, NodeId id) {
  const Node& node = world.node(id);
  const WalConfig& wal = world.plan->wal;
  const Bytes retained =
      segment_begin(end_of_log(node), wal) + wal.wal_segment_size - node.kept_from;
  world.measures.gauge(Metric::retained_wal_bytes, id.value).set(world.now(), retained.value);
  const std::optional<Bytes>& disk = world.plan->nodes[id.value].config.wal_disk;
  if (!disk || retained <= *disk || !node.is_primary || node.liveness != Liveness::up) return;
  // Not at once: the statement whose record no longer fits is being executed.
  world.scheduler.at(world.now(), EventClass::ordinary, target(id),
                     static_cast<std::uint16_t>(EventKind::disk_full), 0, 0);
}

void disk_full(World& world, const Event& event) {
  stop_server(world, {target_index(event.target)}, Liveness::stopped);
}

}  // namespace longhaul
