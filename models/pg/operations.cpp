#include "models/pg/operations.h"

#include "models/pg/conflicts.h"
#include "models/pg/logical.h"
#include "models/pg/primary.h"
#include "models/pg/serving.h"

namespace longhaul {
namespace {

constexpr Bytes lock_record{40};

const FaultPlan& plan_of(const World& world, std::uint32_t number) {
  return world.plan->faults[number];
}

bool is_exclusive(const FaultPlan& plan) {
  return plan.kind == FaultKind::alter_table || plan.kind == FaultKind::truncate;
}

void commit_operation(World& world, std::uint32_t number) {
  const FaultPlan& plan = plan_of(world, number);
  Operation& operation = world.operations[number];
  insert_entry(world, plan.node, {world.plan->wal.commit_record}, WalKind::commit,
               unlocking(plan.set));
  operation.commit_end = world.node(plan.node).insert;
  operation.state = OperationState::committing;
  if (plan.kind == FaultKind::alter_table) {
    note_schema_change(world, plan, operation.commit_end);
    publish(world, plan.node,
            {.end = operation.commit_end, .size = {100}, .altered = table_bit(plan.set)});
  }
  flush_wal(world, plan.node);
}

}  // namespace

void begin_operation(World& world, std::uint32_t number) {
  const FaultPlan& plan = plan_of(world, number);
  const bool reads = plan.kind == FaultKind::long_read;
  const bool can = reads ? world.node(plan.node).liveness == Liveness::up
                         : is_serving_primary(world, plan.node);
  if (!can) return;  // refused
  world.operations[number].state = OperationState::waiting;
  if (claim_table(world, plan.node, plan.set, {TableUser::operation, is_exclusive(plan), number})) {
    operation_granted(world, number);
  }
}

void operation_granted(World& world, std::uint32_t number) {
  const FaultPlan& plan = plan_of(world, number);
  Operation& operation = world.operations[number];
  operation.state = OperationState::running;
  if (plan.kind == FaultKind::vacuum) {
    remove_dead_rows(world, plan.node, plan.set);
    operation = {};
    return release_table(world, plan.node, plan.set, false);
  }
  if (plan.kind == FaultKind::long_read) {
    operation.snapshot = snapshot_of(world, plan.node);
  } else {
    insert_entry(world, plan.node, {lock_record}, WalKind::lock, plan.set.value);
    wake_wal_writer(world, plan.node);
    if (plan.kind == FaultKind::truncate) return commit_operation(world, number);
  }
  if (plan.lasts == Duration::max()) return;
  world.scheduler.after(plan.lasts, EventClass::ordinary, target(TargetKind::fault, number),
                        static_cast<std::uint16_t>(EventKind::operation_due), 0, 0);
}

void operation_due(World& world, const Event& event) {
  const std::uint32_t number = target_index(event.target);
  Operation& operation = world.operations[number];
  if (operation.state != OperationState::running) return;
  const FaultPlan& plan = plan_of(world, number);
  if (is_exclusive(plan)) return commit_operation(world, number);
  operation = {};
  release_table(world, plan.node, plan.set, false);
}

void operations_flushed(World& world) {
  for (std::uint32_t number = 0; number < world.operations.size(); ++number) {
    Operation& operation = world.operations[number];
    const FaultPlan& plan = plan_of(world, number);
    if (operation.state != OperationState::committing) continue;
    if (operation.commit_end > world.node(plan.node).flushed) continue;
    operation = {};
    release_table(world, plan.node, plan.set, true);
  }
}

void cancel_report(World& world, std::uint32_t number) {
  const FaultPlan& plan = plan_of(world, number);
  CHECK(plan.kind == FaultKind::long_read);
  world.operations[number] = {};
  release_table(world, plan.node, plan.set, false);
}

}  // namespace longhaul
