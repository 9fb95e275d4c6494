// One timer of one entity, as a value: at most one event of it counts.
//
// Re-armed lazily. A deadline that moves later keeps the event already pending; when that event is
// popped, fires() schedules it again for the deadline and says no. So a deadline that moves with
// each request costs no event a request. A deadline that moves earlier bumps the generation,
// schedules anew and leaves the old event to be ignored.
//
// Leaves out: more than 65,535 events of one timer waiting to be ignored at once; generations wrap.
#pragma once

#include <cstdint>

#include "sim/scheduler.h"

namespace longhaul {

struct Timer {
  std::uint16_t generation = 0;
  TimePoint deadline = TimePoint::never();  // never: not armed
  TimePoint pending = TimePoint::never();   // when the event that counts is due; never: none

  bool armed() const { return deadline != TimePoint::never(); }

  // One timer always uses the same class, target, kind and argument.
  void arm(Scheduler& scheduler, TimePoint when, EventClass event_class, std::uint32_t target,
           std::uint16_t kind, std::uint64_t arg = 0) {
    deadline = when;
    if (pending <= when && pending != TimePoint::never()) return;
    ++generation;
    pending = when;
    scheduler.at(when, event_class, target, kind, generation, arg);
  }

  // The pending event stays in the queue and serves the next arm(), or is ignored.
  void cancel() { deadline = TimePoint::never(); }

  // Whether this event, just popped, is the timer going off. The timer is then no longer armed.
  bool fires(Scheduler& scheduler, const Event& event) {
    if (event.generation != generation || event.at != pending) return false;
    pending = TimePoint::never();
    if (!armed()) return false;
    if (deadline > event.at) {
      pending = deadline > scheduler.now() ? deadline : scheduler.now();  // the event may be late
      scheduler.at(pending, event.event_class(), event.target, event.kind, generation, event.arg);
      return false;
    }
    deadline = TimePoint::never();
    return true;
  }

  friend bool operator==(const Timer&, const Timer&) = default;
};

}  // namespace longhaul
