#include "models/pg/table_locks.h"

#include <algorithm>

#include "models/app/pages.h"
#include "models/pg/conflicts.h"
#include "models/pg/operations.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

constexpr Bytes abort_record{34};

bool touches_table(const Step& step) {
  return step.verb != Verb::begin && step.verb != Verb::commit;
}

const Step& step_at(const World& world, const Request& request, std::uint32_t step) {
  return world.plan->steps[current_call(world, request).first_step + step];
}

bool grantable(const TableLock& lock, bool exclusive) {
  return !lock.exclusive && (!exclusive || lock.shared == 0);
}

void take(TableLock& lock, bool exclusive) {
  if (exclusive) {
    lock.exclusive = true;
  } else {
    lock.shared += 1;
  }
}

void hand_over(World& world, NodeId node, const TableWait& who) {
  switch (who.user) {
    case TableUser::statement:
      world.requests[who.index].tables_held = world.requests[who.index].step + 1;
      return begin_statement(world, node, {who.index, world.requests[who.index].generation});
    case TableUser::operation:
      return operation_granted(world, who.index);
    case TableUser::startup:
      return replay_granted(world, node);
  }
}

// Whoever is first in the queue and can have the table gets it.
void serve_queue(World& world, NodeId node, DataSetId set) {
  for (;;) {
    TableLock& lock = table_lock(world, node, set);
    if (lock.queue.empty() || !grantable(lock, lock.queue.front().exclusive)) return;
    const TableWait who = lock.queue.front();
    lock.queue.erase(lock.queue.begin());
    take(lock, who.exclusive);
    hand_over(world, node, who);
  }
}

// A statement that waits is over.
void leave_queue(World& world, NodeId node, DataSetId set, std::uint32_t slot) {
  std::vector<TableWait>& queue = table_lock(world, node, set).queue;
  const auto at = std::find_if(queue.begin(), queue.end(), [slot](const TableWait& who) {
    return who.user == TableUser::statement && who.index == slot;
  });
  if (at == queue.end()) return;
  queue.erase(at);
  serve_queue(world, node, set);
}

}  // namespace

TableLock& table_lock(World& world, NodeId node, DataSetId set) {
  return world.tables[node.value * world.plan->sets.size() + set.value];
}

bool lock_table(World& world, NodeId node, std::uint32_t slot) {
  Request& request = world.requests[slot];
  const Step& step = current_step(world, request);
  if (!touches_table(step) || request.tables_held > request.step) return true;
  TableLock& lock = table_lock(world, node, step.set);
  if ((lock.exclusive || !lock.queue.empty()) && !holds_table(world, request, step.set)) {
    lock.queue.push_back({TableUser::statement, false, slot});
    return false;
  }
  lock.shared += 1;
  request.tables_held = request.step + 1;
  return true;
}

void release_tables(World& world, NodeId node, Request& request) {
  const std::uint32_t held = request.tables_held;
  if (held <= request.step && request.at_server) {
    const Step& step = current_step(world, request);
    const auto slot = static_cast<std::uint32_t>(&request - world.requests.data());
    if (touches_table(step)) leave_queue(world, node, step.set, slot);
  }
  request.tables_held = 0;
  for (std::uint32_t i = 0; i < held; ++i) {
    const Step& step = step_at(world, request, i);
    if (touches_table(step)) release_table(world, node, step.set, false);
  }
}

bool claim_table(World& world, NodeId node, DataSetId set, const TableWait& who) {
  TableLock& lock = table_lock(world, node, set);
  if (!lock.queue.empty() || !grantable(lock, who.exclusive)) {
    lock.queue.push_back(who);
    return false;
  }
  take(lock, who.exclusive);
  return true;
}

void release_table(World& world, NodeId node, DataSetId set, bool exclusive) {
  TableLock& lock = table_lock(world, node, set);
  if (exclusive) {
    CHECK(lock.exclusive);
    lock.exclusive = false;
  } else {
    CHECK(lock.shared > 0);
    lock.shared -= 1;
  }
  if (!lock.queue.empty()) serve_queue(world, node, set);
}

void log_freed_table(World& world, NodeId primary, DataSetId set) {
  insert_entry(world, primary, {abort_record}, WalKind::commit, unlocking(set));
}

void free_tables(World& world, NodeId node) {
  for (std::uint32_t set = 0; set < world.plan->sets.size(); ++set) {
    table_lock(world, node, {set}).exclusive = false;
  }
}

void end_table_locks(World& world, NodeId node) {
  for (std::uint32_t set = 0; set < world.plan->sets.size(); ++set) {
    TableLock& lock = table_lock(world, node, {set});
    lock.shared = 0;
    lock.queue.clear();
  }
  for (Request& request : world.requests) {
    if (request.node != node) continue;
    request.tables_held = 0;
    request.at_server = false;
  }
  for (std::uint32_t number = 0; number < world.operations.size(); ++number) {
    if (world.plan->faults[number].node == node) world.operations[number] = {};
  }
  world.node(node).replay.conflict.waiting = false;
}

bool holds_table(const World& world, const Request& request, DataSetId set) {
  for (std::uint32_t i = 0; i < request.tables_held; ++i) {
    const Step& step = step_at(world, request, i);
    if (touches_table(step) && step.set == set) return true;
  }
  return false;
}

}  // namespace longhaul
