#include "models/pg/losses.h"

#include <algorithm>

#include "models/names.h"
#include "models/pg/history.h"

namespace longhaul {
namespace {

// The newest cut in progress of a link from or to a region.
std::optional<TimePoint> cut_since(const World& world, std::uint32_t region) {
  std::optional<TimePoint> since;
  for (const FaultPlan& fault : world.plan->faults) {
    if (fault.kind != FaultKind::cut_link || fault.begins > world.now()) continue;
    if (fault.ends <= world.now()) continue;
    for (const LinkId id : fault.links) {
      const Link& link = world.network.link(id);
      if (link.from.value != region && link.to.value != region) continue;
      since = since ? std::max(*since, fault.begins) : fault.begins;
    }
  }
  return since;
}

LogId survivor(const World& world, GroupId shard) { return world.truth.survivor_of({shard.value}); }

// The first group on the way to the one that survives that is not on the way to `log`; the
// survivor itself when that is an ancestor of `log`.
const Group& replaced_by(const World& world, LogId log) {
  LogId at = survivor(world, world.groups[log.value].shard);
  while (!descends(world, log, at) && !descends(world, log, world.log(at).parent)) {
    at = world.log(at).parent;
  }
  return world.groups[at.value];
}

Loss cause_of(const World& world, const Version& version) {
  if (version.wait_cancelled) return Loss::cancelled_wait;
  if (version.gone) {
    return version.asynchronous ? Loss::asynchronous_commit : Loss::unreplicated;
  }
  const Group& successor = replaced_by(world, version.log);
  if (descends(world, version.log, successor.log)) return Loss::after_the_cut;
  const bool late = version.acknowledged >= successor.began ||
                    (successor.cut_off && version.acknowledged >= successor.failed_at);
  if (late) return Loss::after_the_cut;
  return successor.restored ? Loss::restored_backup : Loss::unreplicated;
}

bool is_of_canary(const World& world, const Version& version) {
  const DataSetPlan& last = world.plan->sets.back();
  return last.config.name == canary_name && version.row >= last.first_row;
}

void note_promotion(World& world, const Group& group, const std::vector<LostCommit>& lost) {
  const LogId end = survivor(world, group.shard);
  const bool survives = descends(world, end, group.log);
  const LogId given_up = survives ? world.log(group.log).parent : group.log;
  const Bytes bytes = flushed_end(world, given_up) - group.fork;
  TimePoint oldest = group.failed_at;
  for (const LostCommit& commit : lost) {
    if (commit.log == given_up) oldest = std::min(oldest, commit.acknowledged);
  }
  world.measures.distribution(Metric::lost_bytes).record(std::max<std::int64_t>(0, bytes.value));
  world.measures.distribution(Metric::lost_seconds).record((group.failed_at - oldest).ns);
}

// How much of a span a server's host did not stand still (vm_stall): then it accepts nothing.
Duration awake(const World& world, NodeId node, TimePoint from, TimePoint until) {
  Duration sum;
  while (from < until) {
    TimePoint stalled = until;  // the next stall
    TimePoint resumed = from;   // the end of one in progress
    for (const FaultPlan& fault : world.plan->faults) {
      if (fault.kind != FaultKind::vm_stall || fault.node != node) continue;
      if (fault.begins > from) stalled = std::min(stalled, fault.begins);
      if (fault.begins <= from) resumed = std::max(resumed, fault.ends);
    }
    if (resumed == from) sum = sum + (stalled - from);
    from = resumed > from ? resumed : stalled;
  }
  return sum;
}

// Of a group that was replaced.
void note_split_brain(World& world, const Group& group, const std::vector<LostCommit>& lost) {
  const Group& successor = replaced_by(world, group.log);
  if (successor.log == group.log) return;
  const TimePoint from = std::max(successor.began, group.began);
  TimePoint until = std::min(group.closed, world.now());
  if (accepts_writes(world, group)) until = world.now();
  const Duration lasted = awake(world, group.primary, from, until);
  if (lasted == Duration{}) return;
  const std::uint32_t node = group.primary.value;
  world.measures.distribution(Metric::split_brain_duration, node).record(lasted.ns);
  for (const LostCommit& commit : lost) {
    if (commit.log != group.log || commit.acknowledged < from) continue;
    world.measures.counter(Metric::split_brain_writes, node).count += 1;
  }
}

}  // namespace

void note_failure_of(World& world, GroupId opened) {
  Group& group = world.groups[opened.value];
  const NodeId old = world.groups[group.parent.value].primary;
  const Place& place = world.plan->places[world.plan->nodes[old.value].place];
  const std::optional<TimePoint> cut = cut_since(world, place.region);
  const Node& node = world.node(old);
  group.cut_off = cut.has_value();
  group.failed_at = cut.value_or(node.liveness == Liveness::up ? group.began : node.stopped_at);
}

std::vector<LostCommit> lost_commits(const World& world) {
  std::vector<LostCommit> lost;
  const auto visit = [&](const Version& version) {
    if (world.truth.survives(version) || version.acknowledged == TimePoint::never()) return;
    if (is_of_canary(world, version)) return;
    const bool same = !lost.empty() && lost.back().log == version.log &&
                      lost.back().end == version.end && lost.back().writer == version.writer;
    if (same) return;  // another row of one commit
    lost.push_back(
        {version.log, version.end, version.acknowledged, version.writer, cause_of(world, version)});
  };
  for (const LostVersion& entry : world.truth.lost()) visit(entry.version);
  const Ring<Version>& window = world.truth.versions();
  for (std::uint64_t n = window.first(); n != window.end(); ++n) visit(window.at(n));
  return lost;
}

void settle_losses(World& world) {
  if (!world.plan->primary_may_fail) return;
  const std::vector<LostCommit> lost = lost_commits(world);
  for (const LostCommit& commit : lost) {
    world.measures.counter(Metric::lost_transactions, commit.cause).count += 1;
  }
  for (const Group& group : world.groups) {
    if (group.parent.valid()) note_promotion(world, group, lost);
    note_split_brain(world, group, lost);
  }
  if (world.groups.size() > world.plan->groups.size()) return;
  world.measures.distribution(Metric::lost_bytes).record(0);
  world.measures.distribution(Metric::lost_seconds).record(0);
}

}  // namespace longhaul
