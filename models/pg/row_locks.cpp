#include "models/pg/row_locks.h"

#include <utility>

#include "base/check.h"
#include "base/digest.h"

namespace longhaul {
namespace {

constexpr std::size_t smallest_table = 16;

std::size_t home_of(std::uint64_t row, std::size_t mask) {
  return static_cast<std::size_t>(mix64(row + 1)) & mask;
}

template <class T>
std::uint32_t take_slot(std::vector<T>& slots, std::vector<std::uint32_t>& free) {
  if (free.empty()) {
    slots.emplace_back();
    return static_cast<std::uint32_t>(slots.size() - 1);
  }
  const std::uint32_t slot = free.back();
  free.pop_back();
  return slot;
}

}  // namespace

std::size_t RowLocks::slot_of(std::uint64_t row) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = home_of(row, mask);
  while (table_[slot] != no_lock && locks_[table_[slot]].row != row) slot = (slot + 1) & mask;
  return slot;
}

void RowLocks::grow() {
  const std::size_t size = table_.empty() ? smallest_table : table_.size() * 2;
  const std::vector<LockId> old = std::exchange(table_, std::vector<LockId>(size, no_lock));
  for (const LockId id : old) {
    if (id != no_lock) table_[slot_of(locks_[id].row)] = id;
  }
}

RowLocks::Taken RowLocks::take(std::uint64_t row, RequestRef who, LockId& held) {
  if ((locked_ + 1) * 2 > table_.size()) grow();
  LockId& entry = table_[slot_of(row)];
  if (entry != no_lock) {
    const RequestRef& holder = locks_[entry].holder;
    return {entry, holder.slot != who.slot || holder.generation != who.generation};
  }
  entry = take_slot(locks_, free_locks_);
  locks_[entry] = {};
  locks_[entry].row = row;
  locks_[entry].holder = who;
  locks_[entry].next = std::exchange(held, entry);
  locked_ += 1;
  return {entry, false};
}

WaitId RowLocks::wait(LockId lock, RequestRef who, TimePoint now) {
  const WaitId id = take_slot(waits_, free_waits_);
  RowLock& row = locks_[lock];
  RowWait& wait = waits_[id];
  const Timer deadline = wait.deadline;
  wait = {who, lock, no_lock, row.last, now, false, deadline};
  (row.last == no_lock ? row.first : waits_[row.last].next) = id;
  row.last = id;
  row.waiting += 1;
  return id;
}

void RowLocks::leave(WaitId id) {
  RowWait& wait = waits_[id];
  RowLock& row = locks_[wait.lock];
  (wait.previous == no_lock ? row.first : waits_[wait.previous].next) = wait.next;
  (wait.next == no_lock ? row.last : waits_[wait.next].previous) = wait.previous;
  row.waiting -= 1;
  wait.deadline.cancel();
  free_waits_.push_back(id);
}

WaitId RowLocks::release(LockId& held, bool committed, RandomStream& luck, TimePoint now) {
  const LockId id = held;
  RowLock& row = locks_[id];
  held = std::exchange(row.next, no_lock);
  if (row.waiting == 0) {
    forget(id);
    return no_lock;
  }
  WaitId next = row.first;
  if (committed && row.written) {
    row.raced = now;
    const std::uint64_t rank = row.waiting == 1 ? 0 : below(luck.bits(), row.waiting);
    for (std::uint64_t i = 0; i < rank; ++i) next = waits_[next].next;
  }
  row.written = false;
  return next;
}

void RowLocks::hand_over(WaitId wait, LockId& held) {
  const LockId id = waits_[wait].lock;
  locks_[id].holder = waits_[wait].request;
  locks_[id].next = std::exchange(held, id);
  leave(wait);
}

// Takes the row out of the table and moves up those behind it, so that no search meets a gap.
void RowLocks::forget(LockId id) {
  const std::size_t mask = table_.size() - 1;
  std::size_t gap = slot_of(locks_[id].row);
  CHECK(table_[gap] == id);
  for (std::size_t at = (gap + 1) & mask; table_[at] != no_lock; at = (at + 1) & mask) {
    const std::size_t home = home_of(locks_[table_[at]].row, mask);
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    table_[gap] = table_[at];
    gap = at;
  }
  table_[gap] = no_lock;
  free_locks_.push_back(id);
  locked_ -= 1;
}

}  // namespace longhaul
