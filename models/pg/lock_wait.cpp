#include "models/pg/lock_wait.h"

#include <algorithm>
#include <utility>

#include "models/app/pages.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

// When the wait has to be looked at next.
TimePoint next_deadline(const World& world, const Node& node, const RowWait& wait) {
  const PostgresConfig& config = world.plan->postgres;
  TimePoint at = world.requests[wait.request.slot].cancel_at;
  if (!wait.deadlock_checked) at = std::min(at, wait.since + config.deadlock_timeout);
  if (config.lock_timeout.ns > 0) {
    const TimePoint since = std::max(wait.since, node.locks.lock(wait.lock).raced);
    at = std::min(at, since + config.lock_timeout);
  }
  return at;
}

void arm(World& world, NodeId id, WaitId wait_id) {
  RowWait& wait = world.node(id).locks.waiting(wait_id);
  const TimePoint at = next_deadline(world, world.node(id), wait);
  if (at == TimePoint::never()) return;
  wait.deadline.arm(world.scheduler, at, EventClass::ordinary, target(id),
                    static_cast<std::uint16_t>(EventKind::lock_wait_due), wait_id);
}

// The wait is over: its statement has the row or fails.
void note_end(World& world, NodeId id, Request& request) {
  const RowWait& wait = world.node(id).locks.waiting(std::exchange(request.lock_wait, no_lock));
  world.measures.distribution(Metric::lock_wait, id.value).record((world.now() - wait.since).ns);
}

// Whether the holder of what is waited for waits, through others, for the one that waits.
bool in_circle(const World& world, const Node& node, WaitId wait_id) {
  const std::uint32_t self = node.locks.waiting(wait_id).request.slot;
  // Each transaction waits for one other, so the way is a line; it may lead into another's circle.
  for (std::size_t left = node.locks.waits(); left > 0; --left) {
    const std::uint32_t holder = node.locks.lock(node.locks.waiting(wait_id).lock).holder.slot;
    if (holder == self) return true;
    wait_id = world.requests[holder].lock_wait;
    if (wait_id == no_lock) return false;
  }
  return false;
}

}  // namespace

bool lock_rows(World& world, NodeId id, RequestRef ref, const Step& step) {
  Request& request = world.requests[ref.slot];
  RowLocks& locks = world.node(id).locks;
  const bool write = step.verb == Verb::write;
  for (; request.rows_locked < step.rows; ++request.rows_locked) {
    const std::uint64_t row = row_of(world, request, step, request.rows_locked);
    const RowLocks::Taken taken = locks.take(row, ref, request.first_lock);
    if (taken.by_other) {
      request.lock_wait = locks.wait(taken.lock, ref, world.now());
      arm(world, id, request.lock_wait);
      return false;
    }
    if (write) locks.note_write(taken.lock);
  }
  return true;
}

void release_locks(World& world, NodeId id, Request& request, bool committed) {
  Node& node = world.node(id);
  while (request.first_lock != no_lock) {
    const WaitId next =
        node.locks.release(request.first_lock, committed, node.lock_luck, world.now());
    if (next == no_lock) continue;
    const RequestRef ref = node.locks.waiting(next).request;
    Request& waiter = world.requests[ref.slot];
    note_end(world, id, waiter);
    node.locks.hand_over(next, waiter.first_lock);
    run_statement(world, id, {ref, {}});
  }
  release_tables(world, id, request);
}

void end_row_locks(World& world, NodeId id) {
  Node& node = world.node(id);
  for (Request& request : world.requests) {
    if (request.phase == Phase::free || request.node != id || request.lock_wait == no_lock)
      continue;
    node.locks.leave(std::exchange(request.lock_wait, no_lock));
  }
  for (Request& request : world.requests) {
    if (request.phase == Phase::free || request.node != id) continue;
    request.written.clear();
    while (request.first_lock != no_lock) {
      node.locks.release(request.first_lock, false, node.lock_luck, world.now());
    }
  }
}

void lock_wait_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Node& node = world.node(id);
  const auto wait_id = static_cast<WaitId>(event.arg);
  RowWait& wait = node.locks.waiting(wait_id);
  if (!wait.deadline.fires(world.scheduler, event)) return;
  const RequestRef ref = wait.request;
  Request& request = world.requests[ref.slot];
  const PostgresConfig& config = world.plan->postgres;
  const TimePoint now = world.now();
  std::optional<ErrorKind> error;
  const TimePoint attempt = std::max(wait.since, node.locks.lock(wait.lock).raced);
  if (now >= request.cancel_at) {
    error = ErrorKind::statement_timeout;
  } else if (config.lock_timeout.ns > 0 && now >= attempt + config.lock_timeout) {
    error = ErrorKind::lock_timeout;
  } else if (!wait.deadlock_checked && now >= wait.since + config.deadlock_timeout) {
    wait.deadlock_checked = true;
    if (in_circle(world, node, wait_id)) error = ErrorKind::deadlock;
  }
  if (!error) return arm(world, id, wait_id);
  note_end(world, id, request);
  node.locks.leave(wait_id);
  refuse(world, id, request, ref, *error);
}

}  // namespace longhaul
