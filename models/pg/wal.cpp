#include "models/pg/wal.h"

#include <algorithm>
#include <optional>

#include "models/pg/restore.h"

namespace longhaul {

Lsn end_of_log(const World& world, LogId id) {
  const WalLog& log = world.log(id);
  const Node& writer = world.node(log.writer);
  return writer.log == id ? writer.insert : log.closed;
}

Lsn flushed_end(const World& world, LogId id) {
  const WalLog& log = world.log(id);
  const Node& writer = world.node(log.writer);
  return writer.log == id ? writer.flushed : log.closed;
}

void leave_log(World& world, NodeId primary) {
  const Node& node = world.node(primary);
  world.log(node.log).closed = node.flushed;
}

void insert_wal(World& world, NodeId primary, const WalRecords& records) {
  append_wal(world, primary, records);
  note_activity(world, primary);
}

void append_wal(World& world, NodeId primary, const WalRecords& records) {
  Node& node = world.node(primary);
  node.insert = node.insert + records.size;
  WalLog& log = world.log(node.log);
  log.records += static_cast<std::uint64_t>(records.count);
  log.images = log.images + records.images;
  world.measures.counter(Metric::wal_bytes, primary.value).count += records.size.value;
  if (records.images.value > 0) {
    world.measures.counter(Metric::wal_image_bytes, primary.value).count += records.images.value;
  }
  if (node.insert >= world.group_of(primary).checkpointer.segment_end)
    enter_segment(world, primary);
}

void insert_entry(World& world, NodeId primary, const WalRecords& records, WalKind kind,
                  std::uint32_t about) {
  append_wal(world, primary, records);
  const Node& node = world.node(primary);
  WalLog& log = world.log(node.log);
  if (log.streams == 0) return;
  log.entries.push_back({node.insert, world.now(), log.records, log.images, kind, about});
}

ReplayPoint point_at(const World& world, LogId log, const ReplayPoint& from, std::uint64_t entry,
                     Lsn to) {
  const WalLog& wal = world.log(log);
  ReplayPoint end{end_of_log(world, log), wal.records, wal.images};
  if (entry < wal.entries.end()) {
    const WalEntry& closed = wal.entries.at(entry);
    end = {closed.end, closed.records, closed.images};
  }
  // Where a log was cut off the count of records is an upper bound, also of those before.
  if (to == end.at) {
    return {to, std::max(end.records, from.records), std::max(end.images, from.images)};
  }
  const std::int64_t part = (to - from.at).value;
  const std::int64_t whole = (end.at - from.at).value;
  const auto share = [part, whole](std::int64_t total) {
    return div_floor(static_cast<Int128>(total) * part, whole);
  };
  const auto records =
      static_cast<std::int64_t>(std::max(end.records, from.records) - from.records);
  return {to, from.records + static_cast<std::uint64_t>(share(records)),
          from.images + Bytes{share(std::max(end.images, from.images).value - from.images.value)}};
}

namespace {

// Index entries of a row; none where the data sets differ, as a stretch does not say whose it is.
std::optional<std::int64_t> entries_of_a_row(const World& world) {
  std::optional<std::int64_t> entries;
  for (const DataSetPlan& set : world.plan->sets) {
    if (entries && *entries != set.config.indexes) return {};
    entries = set.config.indexes;
  }
  return entries;
}

}  // namespace

// A stretch is taken for rows of one size, each followed by the records of its index entries.
Bytes torn_record(const World& world, LogId log, Lsn at) {
  const Ring<WalEntry>& entries = world.log(log).entries;
  std::uint64_t entry = entries.first();
  while (entry < entries.end() && entries.at(entry).end < at) ++entry;
  if (entry == entries.first() || entry == entries.end()) return {};
  const WalEntry& from = entries.at(entry - 1);
  const WalEntry& to = entries.at(entry);
  const auto records = static_cast<std::int64_t>(to.records - from.records);
  if (records == 0) return {};
  const std::int64_t in_row = 1 + entries_of_a_row(world).value_or(0);
  const std::int64_t rows = std::max<std::int64_t>(records / in_row, 1);
  const std::int64_t part = (at - from.end).value;
  const std::int64_t stretch = (to.end - from.end).value;
  const std::int64_t before = div_floor(static_cast<Int128>(rows) * part, stretch);
  const std::int64_t of_row = part - div_floor(static_cast<Int128>(before) * stretch, rows);
  const std::int64_t index_record = world.plan->wal.index_record.value;
  const std::int64_t first = stretch / rows - (in_row - 1) * index_record;
  return Bytes{of_row < first || first <= 0 ? of_row : (of_row - first) % index_record};
}

void forget_replayed_wal(World& world, LogId log) {
  Ring<WalEntry>& entries = world.log(log).entries;
  std::uint64_t first = entries.end();
  for (const WalStream& stream : world.streams) {
    if (stream.log != log) continue;
    const Node& standby = world.node(stream.standby);
    if (standby.consistent_from != no_data) first = std::min(first, standby.replay.entry);
  }
  for (const Backup& backup : world.backups) {
    if (backup.from_log == log && is_held(world, backup)) first = std::min(first, backup.entry);
  }
  while (entries.first() < first) entries.pop_front();
}

}  // namespace longhaul
