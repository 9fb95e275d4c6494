#include "models/pg/wal.h"

#include <algorithm>

#include "models/world.h"

namespace longhaul {

void insert_wal(World& world, NodeId primary, const WalRecords& records) {
  append_wal(world, primary, records);
  note_activity(world);
}

void append_wal(World& world, NodeId primary, const WalRecords& records) {
  Node& node = world.node(primary);
  node.insert = node.insert + records.size;
  world.wal.records += static_cast<std::uint64_t>(records.count);
  world.wal.images = world.wal.images + records.images;
  world.measures.counter(Metric::wal_bytes, primary.value).count += records.size.value;
  if (records.images.value > 0) {
    world.measures.counter(Metric::wal_image_bytes, primary.value).count += records.images.value;
  }
  if (node.insert >= world.checkpointer.segment_end) enter_segment(world, primary);
}

void insert_entry(World& world, NodeId primary, const WalRecords& records, WalKind kind,
                  std::uint32_t about) {
  append_wal(world, primary, records);
  if (world.streams.empty()) return;
  WalLog& wal = world.wal;
  wal.entries.push_back(
      {world.node(primary).insert, world.now(), wal.records, wal.images, kind, about});
}

ReplayPoint point_at(const World& world, const ReplayPoint& from, std::uint64_t entry, Lsn to) {
  const WalLog& wal = world.wal;
  ReplayPoint end{world.node(world.plan->primary).insert, wal.records, wal.images};
  if (entry < wal.entries.end()) {
    const WalEntry& closed = wal.entries.at(entry);
    end = {closed.end, closed.records, closed.images};
  }
  if (to == end.at) return end;
  const std::int64_t part = (to - from.at).value;
  const std::int64_t whole = (end.at - from.at).value;
  const auto share = [part, whole](std::int64_t total) {
    return div_floor(static_cast<Int128>(total) * part, whole);
  };
  const auto records = static_cast<std::int64_t>(end.records - from.records);
  return {to, from.records + static_cast<std::uint64_t>(share(records)),
          from.images + Bytes{share((end.images - from.images).value)}};
}

void forget_replayed_wal(World& world) {
  std::uint64_t first = world.wal.entries.end();
  for (const WalStream& stream : world.streams) {
    const Node& standby = world.node(stream.standby);
    if (standby.consistent_from != no_data) first = std::min(first, standby.replay.entry);
  }
  for (const Backup& backup : world.backups) {
    if (is_copying(backup)) first = std::min(first, backup.entry);
  }
  while (world.wal.entries.first() < first) world.wal.entries.pop_front();
}

}  // namespace longhaul
