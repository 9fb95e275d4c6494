// Who holds a row's lock and who waits for it: the table of one primary, as a value.
//
// A transaction that updates a row or reads it FOR UPDATE holds its lock until it ends, the
// synchronous wait included. When it ends, the row goes to one of those who wait:
//   - after a new version of the row, to any of them, drawn at random. PostgreSQL wakes all waiters
//     of the old version one after another and they race for the new one (heap_update and
//     EvalPlanQual: the tuple lock that queues them is on the old version). Measured: 8 clients on
//     one hot row wait 492 ms in the median and 630 ms on average, where first come, first served
//     would make all of them wait 648 ms.
//   - otherwise, after a rollback or a mere FOR UPDATE, to the first: the queue stands on.
//
// Sources: PostgreSQL heapam.c (heap_update, heap_lock_tuple), lmgr.c (XactLockTableWait). Left
// out: shared row locks, keys (FOR NO KEY UPDATE); a client that comes back before
// the waiters are awake.
//
// Memory is proportional to the rows locked at once; nothing is allocated once it has been reached.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "sim/rng.h"
#include "sim/timers.h"

namespace longhaul {

// A page's statement as a server or a pool refers to it. Stale when the slot's generation moved on.
struct RequestRef {
  std::uint32_t slot = 0;
  std::uint16_t generation = 0;
};

using LockId = std::uint32_t;
using WaitId = std::uint32_t;
constexpr std::uint32_t no_lock = 0xffffffffu;  // also: no wait

struct RowLock {
  std::uint64_t row = 0;
  RequestRef holder;
  LockId next = no_lock;  // of the same holder
  WaitId first = no_lock;
  WaitId last = no_lock;
  std::uint32_t waiting = 0;
  bool written = false;  // the holder makes a new version of the row
  TimePoint raced;       // when waiters last raced for a new version: their waits began anew
};

struct RowWait {
  RequestRef request;
  LockId lock = no_lock;
  WaitId next = no_lock;
  WaitId previous = no_lock;
  TimePoint since;
  bool deadlock_checked = false;
  Timer deadline;  // serves the slot, whatever wait is in it
};

class RowLocks {
 public:
  // The lock of a row for the transaction whose locks begin with `held`, or the lock of another
  // that is in the way, which leaves everything as it is.
  struct Taken {
    LockId lock;
    bool by_other;
  };
  Taken take(std::uint64_t row, RequestRef who, LockId& held);
  void note_write(LockId lock) { locks_[lock].written = true; }

  WaitId wait(LockId lock, RequestRef who, TimePoint now);
  void leave(WaitId wait);

  // The transaction whose locks begin with `held` ends. Lets go of the first of them: returns
  // the wait that is to get it, or no_lock when nobody waits. Call until `held` is no_lock.
  WaitId release(LockId& held, bool committed, RandomStream& luck, TimePoint now);
  // The lock goes over to the wait that release() named; the wait ends.
  void hand_over(WaitId wait, LockId& held);

  const RowLock& lock(LockId id) const { return locks_[id]; }
  const RowWait& waiting(WaitId id) const { return waits_[id]; }
  RowWait& waiting(WaitId id) { return waits_[id]; }

  std::size_t locked() const { return locked_; }
  std::size_t waits() const { return waits_.size() - free_waits_.size(); }

 private:
  std::size_t slot_of(std::uint64_t row) const;
  void forget(LockId id);
  void grow();

  std::vector<LockId> table_;  // by row; open addressing, a power of two, at most half full
  std::vector<RowLock> locks_;
  std::vector<LockId> free_locks_;
  std::vector<RowWait> waits_;
  std::vector<WaitId> free_waits_;
  std::size_t locked_ = 0;
};

}  // namespace longhaul
