#include "models/pg/lag_truth.h"

#include <algorithm>

#include "models/pg/history.h"

namespace longhaul {
namespace {

constexpr std::size_t stages = 4;

// Of a standby on another branch what both logs share counts.
Lsn position_in_log(const World& world, const WalStream& stream, LagStage stage) {
  const Lsn at = position(world, stream, stage);
  const LogId own = world.node(stream.standby).log;
  // A subscriber may have more than what has survived of its publisher's log.
  if (stream.logical && !stream.mutual) return std::min(at, flushed_end(world, stream.log));
  if (own == stream.log || stream.logical) return at;
  return std::min(at, shared_up_to(world, own, stream.log));
}

void note_bytes(World& world, const WalStream& stream, LagStage stage) {
  const Bytes behind = flushed_end(world, stream.log) - position_in_log(world, stream, stage);
  // A server that was restored from a backup is behind those that follow it.
  world.measures.gauge(Metric::replication_lag_bytes, stream.standby.value, stage)
      .set(world.now(), std::max<std::int64_t>(0, behind.value));
}

RampHistogram& history(World& world, const WalStream& stream, LagStage stage) {
  return world.measures.ramp(Metric::replication_lag, stream.standby.value, stage);
}

}  // namespace

Lsn position(const World& world, const WalStream& stream, LagStage stage) {
  if (stream.mutual && stage != LagStage::send) {
    return stage == LagStage::write ? stream.received : stream.applied;
  }
  const Node& standby = world.node(stream.standby);
  switch (stage) {
    case LagStage::send:
      return stream.sent;
    case LagStage::write:
      return standby.written;
    case LagStage::flush:
      return standby.flushed;
    case LagStage::replay:
      return standby.replayed;
  }
  __builtin_unreachable();
}

void note_flush(World& world, NodeId primary) {
  const Node& node = world.node(primary);
  WalLog& log = world.log(node.log);
  if (log.streams == 0) return;
  log.marks.push_back({node.flushed, world.now()});
  for (WalStream& stream : world.streams) {
    if (stream.log != node.log || !stream.feeds) continue;
    for (std::size_t i = 0; i < stages; ++i) {
      const auto stage = static_cast<LagStage>(i);
      stream.lag[i].flushed(world.now(), history(world, stream, stage));
      if (!stream.lag[i].away()) note_bytes(world, stream, stage);
    }
  }
}

void note_progress(World& world, WalStream& stream, LagStage stage) {
  if (!stream.feeds) return;  // its standby is measured elsewhere
  stream.lag[static_cast<std::size_t>(stage)].advance(world.now(), world.log(stream.log).marks,
                                                      position_in_log(world, stream, stage),
                                                      history(world, stream, stage));
  note_bytes(world, stream, stage);
}

void leave_lag(World& world, WalStream& stream) {
  for (std::size_t i = 0; i < stages; ++i) {
    stream.lag[i].leave(world.now(), history(world, stream, static_cast<LagStage>(i)));
  }
}

void return_to_lag(World& world, WalStream& stream, std::uint64_t mark) {
  for (std::size_t i = 0; i < stages; ++i) {
    stream.lag[i].come_back(world.now(), world.log(stream.log).marks, mark);
    note_progress(world, stream, static_cast<LagStage>(i));
  }
}

void measure_lag(World& world, WalStream& stream) {
  const GroupId shard = world.group_of(stream.standby).shard;
  leave_lag(world, stream);
  stream.log = stream.logical ? world.node(stream.upstream).log
                              : world.groups[newest_group(world, shard).value].log;
  if (world.node(stream.standby).consistent_from == no_data) return;
  const Ring<FlushMark>& marks = world.log(stream.log).marks;
  const Lsn shown = position_in_log(world, stream, LagStage::replay);
  std::uint64_t mark = marks.first();
  while (mark < marks.end() && marks.at(mark).end <= shown) ++mark;
  return_to_lag(world, stream, mark);
}

void measure_lag_of(World& world, GroupId group) {
  const GroupId shard = world.groups[group.value].shard;
  for (WalStream& stream : world.streams) {
    const bool measured = stream.feeds && !stream.logical;
    if (measured && world.group_of(stream.standby).shard == shard) measure_lag(world, stream);
  }
}

void settle_lag(World& world, TimePoint now) {
  for (WalStream& stream : world.streams) {
    for (std::size_t i = 0; i < stages && stream.feeds; ++i) {
      stream.lag[i].settle(now, history(world, stream, static_cast<LagStage>(i)));
    }
  }
}

}  // namespace longhaul
