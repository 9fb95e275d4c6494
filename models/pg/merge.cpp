#include "models/pg/merge.h"

#include <algorithm>

#include "models/app/shards.h"
#include "models/pg/clocks.h"
#include "models/pg/primary.h"
#include "models/world.h"

namespace longhaul {
namespace {

std::uint32_t bit(const World& world, NodeId node) { return 1u << world.node(node).group.value; }

// The row's current version on a primary; none in the window: any, every primary has it.
std::optional<std::uint64_t> current(const World& world, std::uint64_t row, std::uint32_t where) {
  const Ring<Version>& versions = world.truth.versions();
  for (std::uint64_t link = world.truth.newest(row); link > versions.first();
       link = versions.at(link - 1).previous) {
    if ((world.merge.versions.at(link - 1).current_at & where) != 0) return link - 1;
  }
  return std::nullopt;
}

void lose(World& world, NodeId where, std::uint64_t number) {
  MergedVersion& version = world.merge.versions.at(number);
  if (version.lost) return;
  version.lost = true;
  if (world.truth.versions().at(number).acknowledged == TimePoint::never()) return;
  world.measures.counter(Metric::lost_updates, where.value).count += 1;
}

// Whether the primary takes a version of the other over.
bool takes(World& world, NodeId primary, std::uint64_t number) {
  const std::uint32_t here = bit(world, primary);
  const Ring<Version>& versions = world.truth.versions();
  const Version& version = versions.at(number);
  MergedVersion& merged = world.merge.versions.at(number);
  const std::optional<std::uint64_t> before = current(world, version.row, here);
  bool wins = true;
  if (before && versions.at(*before).log != version.log) {
    const Version& other = versions.at(*before);
    MergedVersion& standing = world.merge.versions.at(*before);
    const bool unseen = other.end > merged.seen;
    if (unseen) world.measures.counter(Metric::conflicts, primary.value).count += 1;
    wins = merged.stamp != standing.stamp ? merged.stamp > standing.stamp : version.log < other.log;
    if (wins && unseen) lose(world, primary, *before);
    if (!wins && !unseen) lose(world, primary, number);
  }
  if (!wins) return false;
  if (before) world.merge.versions.at(*before).current_at &= ~here;
  merged.current_at |= here;
  return true;
}

void write(World& world, NodeId primary, std::uint64_t row) {
  std::uint32_t number = 0;
  const std::vector<DataSetPlan>& sets = world.plan->sets;
  while (number + 1 < sets.size() && sets[number + 1].first_row <= row) ++number;
  const DataSetPlan& set = sets[number];
  const RowWrite how = set.config.write == WriteKind::insert ? RowWrite::insert
                       : set.config.hot >= percent(50)       ? RowWrite::hot_update
                                                             : RowWrite::update;
  DataPages& pages = world.group_of(primary).pages[number];
  insert_wal(world, primary,
             write_row(pages, set.config, world.plan->postgres, world.plan->wal,
                       row_in_set(set, row), how));
  note_written(world, primary, {number});
}

}  // namespace

void begin_merging(World& world) {
  Merge& merge = world.merge;
  const std::size_t logs = world.logs.size();
  merge.shown.assign(logs, {});
  merge.fence_shown.assign(logs, {});
  merge.fence_end.assign(logs, {});
  for (const Group& a : world.groups) {
    for (const Group& b : world.groups) {
      const Duration skew = clock(world, a.primary) - clock(world, b.primary);
      merge.clocks_differ = std::max(merge.clocks_differ, skew);
    }
  }
}

void note_local_version(World& world, NodeId primary, std::uint64_t number) {
  const std::uint32_t here = bit(world, primary);
  const std::uint64_t row = world.truth.versions().at(number).row;
  const std::uint64_t same = world.merge.versions.push_back(
      {.stamp = clock(world, primary), .seen = world.node(primary).foreign});
  CHECK(same == number);
  if (const std::optional<std::uint64_t> before = current(world, row, here)) {
    world.merge.versions.at(*before).current_at &= ~here;
  }
  world.merge.versions.at(number).current_at = here;
}

void note_acknowledged(World& world, std::uint64_t number) {
  if (number < world.merge.versions.first()) return;
  const NodeId writer = world.log(world.truth.versions().at(number).log).writer;
  Counter& lost = world.measures.counter(Metric::lost_updates, writer.value);
  lost.population += 1;
  if (world.merge.versions.at(number).lost) lost.count += 1;
}

void merge_change(World& world, NodeId primary, const Change& change) {
  Node& node = world.node(primary);
  node.foreign = change.end;
  const Lsn before = node.insert;
  for (std::int64_t i = 0; i < change.rows; ++i) {
    const std::uint64_t number = change.first_version + static_cast<std::uint64_t>(i);
    const std::uint64_t row = world.truth.versions().at(number).row;
    if (takes(world, primary, number)) write(world, primary, row);
  }
  if (node.insert > before) {
    insert_entry(world, primary, {world.plan->wal.commit_record}, WalKind::commit);
    wake_wal_writer(world, primary);
  }
  const GroupId shard = world.group_of(primary).shard;
  const std::vector<NodeId>& members = world.plan->groups[shard.value].members;
  if (members.size() == 1) return;
  world.log(node.log).foreign.push_back({node.insert, change.end});
  for (const NodeId member : members) {
    if (member != primary) note_foreign(world, member);
  }
}

void note_foreign(World& world, NodeId standby) {
  Node& node = world.node(standby);
  Ring<ForeignMark>& marks = world.log(node.log).foreign;
  node.next_foreign = std::max(node.next_foreign, marks.first());
  while (node.next_foreign < marks.end() && marks.at(node.next_foreign).end <= node.replayed) {
    node.foreign = marks.at(node.next_foreign++).position;
  }
  std::uint64_t first = marks.end();
  for (const Node& other : world.nodes) {
    if (other.group != node.group || other.is_primary || other.consistent_from == no_data) continue;
    first = std::min(first, other.next_foreign);
  }
  while (marks.first() < first) marks.pop_front();
}

void forget_merged(World& world, LogId log, Lsn position) {
  Merge& merge = world.merge;
  for (const Node& node : world.nodes) {
    if (node.log == log || node.consistent_from == no_data) continue;
    position = std::min(position, node.foreign);
  }
  merge.shown[log.value] = position;
  if (world.now() < merge.fence_until) return;
  for (std::size_t i = 0; i < merge.shown.size(); ++i) {
    if (merge.shown[i] < merge.fence_end[i]) return;
  }
  for (std::uint32_t i = 0; i < merge.shown.size(); ++i) {
    world.truth.forget_up_to({i}, merge.fence_shown[i], world.now());
    merge.fence_end[i] = world.node(world.logs[i].writer).insert;
  }
  merge.fence_shown = merge.shown;
  merge.fence_until = world.now() + merge.clocks_differ;
  while (merge.versions.first() < world.truth.versions().first()) merge.versions.pop_front();
}

}  // namespace longhaul
