#include "models/pg/commit_wait.h"

#include <algorithm>

#include "models/app/doubts.h"
#include "models/app/outbox.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/pg/lock_wait.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

constexpr SynchronousCommit remote_levels[] = {
    SynchronousCommit::remote_write, SynchronousCommit::on, SynchronousCommit::remote_apply};

Lsn& confirmed(Node& node, SynchronousCommit level) {
  return node.confirmed[static_cast<std::size_t>(level) -
                        static_cast<std::size_t>(SynchronousCommit::remote_write)];
}

Lsn known(const WalStream& stream, SynchronousCommit level) {
  return level == SynchronousCommit::remote_write ? stream.write_known
         : level == SynchronousCommit::on         ? stream.flush_known
                                                  : stream.apply_known;
}

bool waits_for_standbys(const World& world, NodeId id) {
  return world.group_of(id).sync_method != SyncMethod::none;
}

// The rows become visible and free, the client gets its answer.
void finish(World& world, NodeId id, const PendingCommit& commit, bool cancelled = false) {
  for (std::uint32_t i = 0; i < commit.version_count; ++i) {
    world.truth.show(commit.first_version + i, cancelled);
  }
  if (cancelled) world.measures.counter(Metric::cancelled_waits, id.value).count += 1;
  if (commit.request.slot == unattended) return;
  Request* request = find(world, commit.request);
  if (request == nullptr) return;
  release_locks(world, id, *request, true);
  if (!is_canary(world, *request)) {
    world.measures
        .distribution(Metric::commit_latency, id.value,
                      world.plan->level_labels[static_cast<std::size_t>(commit.level)])
        .record((world.now() - commit.since).ns);
  }
  request->commit_end = commit.end;
  request->commit_level = commit.level;
  request->first_version = commit.first_version;
  request->version_count = commit.version_count;
  if (request->doubt != no_doubt) note_done(world, *request);
  if (request->duty == Duty::drain) item_committed(world, *request);
  answer(world, *request, commit.request, world.plan->network.statement_reply);
}

void finish_up_to(World& world, NodeId id, SynchronousCommit level, Lsn end,
                  bool cancelled = false) {
  Ring<PendingCommit>& queue = world.node(id).commits.of(level);
  while (!queue.empty() && queue.front().until <= end) {
    finish(world, id, queue.pop_front(), cancelled);
  }
}

// What those who still wait wait for is no longer the disk.
void note_flushed(World& world, NodeId id, Lsn flushed) {
  for (SynchronousCommit level : remote_levels) {
    const Ring<PendingCommit>& queue = world.node(id).commits.of(level);
    for (std::uint64_t n = queue.first(); n != queue.end() && queue.at(n).until <= flushed; ++n) {
      const RequestRef ref = queue.at(n).request;
      if (ref.slot == unattended || find(world, ref) == nullptr) continue;
      if (world.requests[ref.slot].at_server) spend(world, ref.slot, PagePart::standbys);
    }
  }
}

}  // namespace

void begin_commit_wait(World& world, NodeId id, const PendingCommit& commit) {
  if (commit.level != SynchronousCommit::off) {
    world.node(id).commits.of(commit.level).push_back(commit);
  } else if (commit.until <= world.node(id).flushed) {
    finish(world, id, commit);
  } else {  // the log's buffers are full: it waits for room as others wait for the disk
    world.node(id).commits.of(SynchronousCommit::local).push_back(commit);
  }
}

void commits_flushed(World& world, NodeId id) {
  const Lsn flushed = world.node(id).flushed;
  finish_up_to(world, id, SynchronousCommit::local, flushed);
  if (waits_for_standbys(world, id)) {
    if (pages_timed(world)) note_flushed(world, id, flushed);
    return;
  }
  for (SynchronousCommit level : remote_levels) finish_up_to(world, id, level, flushed);
}

void standby_confirmed(World& world, const WalStream& reporter) {
  const NodeId id = reporter.upstream;
  Node& node = world.node(id);
  const Group& group = world.group_of(id);
  if (!node.is_primary || !waits_for_standbys(world, id) || !reporter.sync_listed) return;
  for (SynchronousCommit level : remote_levels) {
    if (node.commits.of(level).empty()) continue;
    std::vector<SyncCandidate>& candidates = world.sync_scratch;
    candidates.clear();
    for (const WalStream& stream : world.streams) {
      if (stream.upstream != id || !stream.sync_listed) continue;
      candidates.push_back({stream.sync_priority, stream.has_sender && stream.streaming,
                            known(stream, level), stream.standby.value});
    }
    if (!decides(group.sync_method, group.sync_count, candidates, reporter.standby.value)) return;
    const std::optional<Lsn> position =
        confirmed_position(group.sync_method, group.sync_count, candidates);
    if (!position) return;
    Lsn& up_to = confirmed(node, level);
    up_to = std::max(up_to, *position);
    finish_up_to(world, id, level, up_to);
  }
}

void standby_gone(World& world, const WalStream& gone) {
  for (const WalStream& stream : world.streams) {
    if (stream.upstream == gone.upstream) standby_confirmed(world, stream);
  }
}

void cancel_waits(World& world, NodeId id) {
  if (!waits_for_standbys(world, id)) return;
  for (SynchronousCommit level : remote_levels) {
    finish_up_to(world, id, level, world.node(id).flushed, true);
  }
}

void list_standby(World& world, WalStream& stream) {
  const std::vector<std::string>& names = world.group_of(stream.upstream).sync_names;
  const std::string& name = world.plan->nodes[stream.standby.value].config.name;
  const auto at = std::find_if(names.begin(), names.end(), [&name](const std::string& listed) {
    return listed == "*" || listed == name;
  });
  const bool asks = world.node(stream.upstream).is_primary && !stream.logical;
  stream.sync_listed = asks && at != names.end();
  stream.sync_priority = static_cast<std::uint32_t>(at - names.begin());
}

void set_synchronous_standbys(World& world, NodeId primary, const SyncStandbys& standbys) {
  Group& group = world.group_of(primary);
  group.sync_method = standbys.method;
  group.sync_count = standbys.count;
  group.sync_names = standbys.names;
  group.sync_since = world.node(primary).insert;
  bool any = false;
  for (WalStream& stream : world.streams) {
    if (stream.upstream != primary) continue;
    list_standby(world, stream);
    any |= stream.sync_listed;
  }
  if (!any && world.plan->groups.size() > 1) group.sync_method = SyncMethod::none;
  commits_flushed(world, primary);
}

}  // namespace longhaul
