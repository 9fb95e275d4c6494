#include "models/pg/history.h"

#include <algorithm>

#include "models/pg/base_backup.h"
#include "models/pg/group.h"
#include "models/pg/restore.h"

namespace longhaul {
namespace {

template <class Item>
void cut_off(Ring<Item>& items, Lsn end) {
  while (!items.empty() && items.back().end > end) items.drop_back(items.end() - 1);
}

// A flush that went beyond the end has flushed what lies below it.
void cut_off(Ring<FlushMark>& marks, Lsn end) {
  FlushMark last{end, {}};
  while (!marks.empty() && marks.back().end > end) {
    last.at = marks.back().at;
    marks.drop_back(marks.end() - 1);
  }
  if (last.at != TimePoint{} && (marks.empty() || marks.back().end < end)) marks.push_back(last);
}

void cut_off(WalLog& log, Lsn end) {
  cut_off(log.entries, end);
  cut_off(log.marks, end);
  cut_off(log.beats, end);
  cut_off(log.foreign, end);
}

Lsn shown_by(const Node& node) { return node.is_primary ? node.flushed : node.replayed; }

bool is_of(const World& world, const Node& node, GroupId shard) {
  return world.groups[node.group.value].shard == shard && node.consistent_from != no_data;
}

// Up to where every copy of the shard shows a log.
Lsn shown_everywhere(const World& world, GroupId shard, LogId log) {
  Lsn shown = end_of_log(world, log);
  for (const Node& node : world.nodes) {
    if (!is_of(world, node, shard)) continue;
    shown = std::min({shown, shown_by(node), shared_up_to(world, node.log, log)});
  }
  for (const Backup& backup : world.backups) {
    if (!is_held(world, backup) || world.groups[backup.from_log.value].shard != shard) continue;
    shown = std::min({shown, backup.redo.at, shared_up_to(world, backup.from_log, log)});
  }
  return shown;
}

std::uint64_t first_needed_entry(const World& world, GroupId shard, LogId log) {
  std::uint64_t first = world.log(log).entries.end();
  for (const Node& node : world.nodes) {
    if (!is_of(world, node, shard)) continue;
    if (node.log == log) {
      if (!node.is_primary) first = std::min(first, node.replay.entry);
    } else {  // a fork of that log, or it itself, may be what the server follows next
      const Lsn shared = shared_up_to(world, node.log, log);
      first = std::min(first, entry_after(world, log, std::min(shown_by(node), shared)));
    }
  }
  for (const Backup& backup : world.backups) {
    if (backup.from_log == log && is_held(world, backup)) first = std::min(first, backup.entry);
  }
  return first;
}

std::uint64_t first_needed_mark(const World& world, LogId log) {
  std::uint64_t first = world.log(log).marks.end();
  for (const WalStream& stream : world.streams) {
    if (stream.log != log || !stream.feeds) continue;
    if (world.node(stream.standby).consistent_from == no_data) continue;
    for (const StageLag& lag : stream.lag) first = std::min(first, lag.next_mark());
  }
  for (const Backup& backup : world.backups) {
    if (backup.from_log == log && is_copying(backup)) first = std::min(first, backup.mark);
  }
  for (const Subscription& subscription : world.subscriptions) {
    const bool copies = subscription.state == SubscriptionState::copying;
    if (copies && world.streams[subscription.stream].log == log) {
      first = std::min(first, subscription.mark);
    }
  }
  return first;
}

}  // namespace

Lsn shared_up_to(const World& world, LogId a, LogId b) {
  Lsn limit{~std::uint64_t{0}};
  while (a != b) {  // a log comes after its parent
    LogId& later = a > b ? a : b;
    const WalLog& log = world.log(later);
    if (!log.parent.valid()) return {};
    limit = std::min(limit, log.fork);
    later = log.parent;
  }
  return limit;
}

bool descends(const World& world, LogId a, LogId b) {
  while (a != b && world.log(a).parent.valid()) a = world.log(a).parent;
  return a == b;
}

WalLog fork_log(const World& world, LogId parent, NodeId writer, const ReplayPoint& fork) {
  WalLog log = world.log(parent);
  log.writer = writer;
  log.parent = parent;
  log.fork = fork.at;
  log.closed = {};
  log.records = fork.records;
  log.images = fork.images;
  cut_off(log, fork.at);
  return log;
}

void lose_tail(World& world, NodeId id) {
  Node& node = world.node(id);
  WalLog& log = world.log(node.log);
  world.truth.lose_tail(node.log, node.flushed);
  if (node.insert == node.flushed) return;
  const ReplayPoint end = replay_point(world, node.log, node.flushed);
  node.insert = node.flush_target = node.flushed;
  log.records = end.records;
  log.images = end.images;
  cut_off(log, node.flushed);
}

void note_survivor(World& world, GroupId shard) {
  if (world.groups.size() == world.plan->groups.size()) return;
  const Group& group = world.groups[newest_group(world, shard).value];
  if (!accepts_writes(world, group)) return;
  if (world.truth.survivor_of({shard.value}) != group.log) world.truth.survive(group.log);
}

std::uint64_t entry_after(const World& world, LogId log, Lsn position) {
  const Ring<WalEntry>& entries = world.log(log).entries;
  std::uint64_t from = entries.first();
  std::uint64_t to = entries.end();
  while (from < to) {
    const std::uint64_t middle = from + (to - from) / 2;
    if (entries.at(middle).end <= position) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

ReplayPoint replay_point(const World& world, LogId id, Lsn position) {
  const WalLog& log = world.log(id);
  const std::uint64_t entry = entry_after(world, id, position);
  if (entry == log.entries.end()) return {position, log.records, log.images};
  const WalEntry& next = log.entries.at(entry);
  return {position, next.records, next.images};
}

void forget_forked(World& world, GroupId shard) {
  for (const Group& group : world.groups) {
    if (group.shard != shard) continue;
    world.truth.note_shown(group.log, shown_everywhere(world, shard, group.log));
    WalLog& log = world.log(group.log);
    const std::uint64_t entry = first_needed_entry(world, shard, group.log);
    while (log.entries.first() < entry) log.entries.pop_front();
    const std::uint64_t mark = first_needed_mark(world, group.log);
    while (log.marks.first() < mark) log.marks.pop_front();
  }
  world.truth.forget(world.now());
}

}  // namespace longhaul
