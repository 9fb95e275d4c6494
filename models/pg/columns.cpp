#include "models/pg/columns.h"

#include "models/world.h"

namespace longhaul {
namespace {

bool shows(const World& world, NodeId id, const SchemaChange& change) {
  const Node& node = world.node(id);
  if (change.node == id) return change.end <= node.flushed;
  const Node& writer = world.node(change.node);
  const bool follows = world.plan->nodes[id.value].config.role == NodeRole::replica &&
                       writer.is_primary && writer.log == node.log;
  return follows && change.end <= node.replayed;
}

}  // namespace

void note_schema_change(World& world, const FaultPlan& plan, Lsn end) {
  if ((plan.adds | plan.drops) == 0) return;
  world.schema_changes.push_back({plan.node, end, plan.adds, plan.drops});
}

bool has_columns(const World& world, NodeId id, ColumnSet columns) {
  ColumnSet shown = world.plan->first_columns;
  for (const SchemaChange& change : world.schema_changes) {
    if (shows(world, id, change)) shown = (shown | change.adds) & ~change.drops;
  }
  return (columns & ~shown) == 0;
}

}  // namespace longhaul
