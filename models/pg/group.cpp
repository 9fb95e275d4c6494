#include "models/pg/group.h"

#include "models/world.h"

namespace longhaul {

bool accepts_writes(const World& world, const Group& group) {
  const Node& node = world.node(group.primary);
  return node.is_primary && node.log == group.log && node.liveness == Liveness::up;
}

GroupId newest_group(const World& world, GroupId shard) {
  if (world.groups.size() == world.plan->groups.size()) return shard;
  GroupId newest = shard;
  bool open = accepts_writes(world, world.groups[shard.value]);
  for (std::uint32_t i = shard.value + 1; i < world.groups.size(); ++i) {
    const Group& group = world.groups[i];
    if (group.shard != shard) continue;
    const bool accepts = accepts_writes(world, group);
    const bool newer = group.timeline >= world.groups[newest.value].timeline;
    if (accepts == open ? !newer : open) continue;
    newest = {i};
    open = accepts;
  }
  return newest;
}

Group& group_of_shard(World& world, GroupId shard) {
  return world.groups[newest_group(world, shard).value];
}

NodeId primary_of(const World& world, GroupId shard) {
  return world.groups[newest_group(world, shard).value].primary;
}

NodeId World::primary() const { return primary_of(*this, {0}); }

}  // namespace longhaul
