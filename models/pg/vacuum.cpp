#include "models/pg/vacuum.h"

#include <algorithm>

#include "models/pg/conflicts.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

constexpr Duration step_length = milliseconds(100);
constexpr Bytes bytes_a_page{32};
constexpr Bytes bytes_a_row{2};

}  // namespace

void note_dead_rows(World& world, NodeId primary, DataSetId set, std::int64_t rows) {
  DeadRows& dead = world.group_of(primary).dead_rows[set.value];
  dead.rows += rows;
  if (dead.steps.empty() || world.now() - dead.steps.back().began >= step_length) {
    dead.steps.push_back({{}, world.now(), 0});
  }
  dead.steps.back().end = world.node(primary).insert;
  dead.steps.back().rows += rows;
}

void remove_dead_rows(World& world, NodeId primary, DataSetId set) {
  Group& group = world.group_of(primary);
  DeadRows& dead = group.dead_rows[set.value];
  const Lsn horizon = oldest_snapshot(world, primary);
  Lsn removed_up_to;
  std::int64_t removed = 0;
  while (!dead.steps.empty() && dead.steps.front().end <= horizon) {
    const DeadStep step = dead.steps.pop_front();
    removed_up_to = step.end;
    removed += step.rows;
  }
  dead.rows -= removed;
  std::int64_t kept = 0;
  for (const DeadRows& other : group.dead_rows) kept += other.rows;
  world.measures.gauge(Metric::dead_rows, primary.value).set(world.now(), kept);
  if (removed == 0) return;
  const std::int64_t pages = std::min(removed, group.pages[set.value].layout.heap_pages);
  insert_entry(world, primary, {bytes_a_page * pages + bytes_a_row * removed, pages},
               WalKind::cleanup, set.value);
  Ring<WalEntry>& entries = world.log(group.log).entries;
  if (!entries.empty()) entries.back().horizon = removed_up_to;
  wake_wal_writer(world, primary);
}

Lsn oldest_snapshot_here(const World& world, NodeId id) {
  Lsn oldest = snapshot_of(world, id);
  for (const Request& request : world.requests) {
    if (request.node == id && has_snapshot(request)) oldest = std::min(oldest, request.snapshot);
  }
  for (std::uint32_t n = 0; n < world.operations.size(); ++n) {
    const Operation& operation = world.operations[n];
    if (world.plan->faults[n].node != id || operation.snapshot == Lsn{}) continue;
    oldest = std::min(oldest, operation.snapshot);
  }
  return oldest;
}

Lsn oldest_snapshot(const World& world, NodeId id) {
  Lsn oldest = oldest_snapshot_here(world, id);
  for (const WalStream& stream : world.streams) {
    if (stream.upstream != id || stream.snapshot_known == Lsn{}) continue;
    oldest = std::min(oldest, stream.snapshot_known);
  }
  return oldest;
}

}  // namespace longhaul
