#include "models/pg/heartbeat.h"

#include <algorithm>

#include "models/pg/clocks.h"
#include "models/pg/lag_truth.h"
#include "models/pg/primary.h"
#include "models/pg/serving.h"

namespace longhaul {
namespace {

constexpr Bytes beat_row{40};  // an UPDATE of an id and a timestamp within its page

// A beat of a group's primary; `group`: 0 for the one that the run began with.
void schedule(World& world, NodeId primary, Duration after, std::uint64_t group = 0) {
  world.scheduler.after(after, EventClass::ordinary, target(primary),
                        static_cast<std::uint16_t>(EventKind::heartbeat_due), 0, group);
}

// All standbys show a later beat: it will not be asked for again.
void forget_beats(World& world, LogId id) {
  WalLog& log = world.log(id);
  Lsn everywhere = end_of_log(world, id);
  for (const WalStream& stream : world.streams) {
    if (stream.log == id && stream.feeds)
      everywhere = std::min(everywhere, position(world, stream, LagStage::replay));
  }
  Ring<Beat>& beats = log.beats;
  while (beats.size() > 1 && beats.at(beats.first() + 1).end <= everywhere) beats.pop_front();
}

}  // namespace

void begin_heartbeat(World& world) {
  const std::optional<Duration> interval = world.plan->monitoring.heartbeat_interval;
  if (!interval) return;
  for (const Group& group : world.groups) schedule(world, group.primary, *interval);
}

void begin_heartbeat(World& world, GroupId promoted) {
  const std::optional<Duration> interval = world.plan->monitoring.heartbeat_interval;
  const NodeId primary = world.groups[promoted.value].primary;
  if (interval) schedule(world, primary, *interval, promoted.value);
}

void heartbeat_due(World& world, const Event& event) {
  const NodeId primary{target_index(event.target)};
  const GroupId group = event.arg == 0 ? world.plan->nodes[primary.value].group
                                       : GroupId{static_cast<std::uint32_t>(event.arg)};
  if (world.node(primary).group != group) return;  // another timeline, another writer
  schedule(world, primary, *world.plan->monitoring.heartbeat_interval, event.arg);
  if (!is_serving_primary(world, primary)) return;  // the writer tries again
  const WalConfig& wal = world.plan->wal;
  commit_unattended(world, primary, {beat_row + wal.record_overhead + wal.commit_record, 2});
  const LogId log = world.node(primary).log;
  world.log(log).beats.push_back({world.node(primary).insert, clock(world, primary)});
  forget_beats(world, log);
}

std::optional<Duration> heartbeat_lag(const World& world, NodeId standby) {
  const Lsn replayed = world.node(standby).replayed;
  const Ring<Beat>& beats = world.log(world.node(standby).log).beats;
  std::uint64_t from = beats.first();  // the first beat that the standby does not show lies in
  std::uint64_t to = beats.end();      // [from, to]
  while (from < to) {
    const std::uint64_t middle = from + (to - from) / 2;
    if (beats.at(middle).end <= replayed) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  if (from == beats.first()) return std::nullopt;
  return clock(world, standby) - beats.at(from - 1).at;
}

}  // namespace longhaul
