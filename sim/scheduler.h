// Clock, queue, serial numbers, digest and counters of one simulated world, as one copyable value.
//
// It calls nobody back: the world runs `while (scheduler.pop(event)) switch (event.kind)`.
// Popping advances the clock, folds (at, class, target, kind, generation, arg) into the digest and
// counts events and ties. The serial is left out of the digest, so that two runs which execute the
// same events agree even when one of them scheduled some earlier.
//
// Scheduling into the past is a CHECK. There is no cancel(): see sim/event.h and sim/timers.h.
//
// Events of class fault take their serials from a counter of their own, so injecting a fault into a
// copy renumbers nothing else and the branch agrees with a full run that planned the same fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/digest.h"
#include "base/units.h"
#include "sim/event.h"
#include "sim/event_queue.h"

namespace longhaul {

class Scheduler {
 public:
  TimePoint now() const { return now_; }

  void at(TimePoint when, EventClass event_class, std::uint32_t target, std::uint16_t kind,
          std::uint16_t generation, std::uint64_t arg);

  void after(Duration delay, EventClass event_class, std::uint32_t target, std::uint16_t kind,
             std::uint16_t generation, std::uint64_t arg) {
    at(now_ + delay, event_class, target, kind, generation, arg);
  }

  // Takes the next event and moves the clock to it. False when nothing is pending or the limit of
  // events is reached; the clock then stays.
  bool pop(Event& event) { return pop_until(TimePoint::never(), event); }

  // The same, but leaves an event later than `limit` in place. An event at `limit` is taken.
  bool pop_until(TimePoint limit, Event& event);

  // Time of the next event, never() when there is none.
  TimePoint next_time() const { return queue_.next_time(); }

  // At most so many events are popped in all; limit_reached() says that one more was refused.
  void set_event_limit(std::uint64_t count) { limit_ = count; }
  bool limit_reached() const { return limit_reached_; }

  // From now on, events of class control and ordinary that meet at one instant are shuffled by a
  // hash of (seed, target, instant). Events of one target at one instant stay first in, first out.
  // Faults keep the order in which they were planned.
  void permute_ties(std::uint64_t seed);

  std::uint64_t events() const { return events_; }
  std::uint64_t ties() const { return ties_; }  // events at the same instant as the one before
  std::uint64_t digest() const { return digest_.value(); }
  std::size_t pending() const { return queue_.size(); }
  std::size_t memory_bytes() const {
    return sizeof(*this) - sizeof(queue_) + queue_.memory_bytes();
  }

 private:
  static constexpr std::uint64_t serial_end = std::uint64_t{1} << 40;

  bool refuse(TimePoint limit);
  std::uint16_t tie_bits(std::uint32_t target, TimePoint when) const;

  EventQueue queue_;
  TimePoint now_;
  std::uint64_t serial_ = 0;
  std::uint64_t fault_serial_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t ties_ = 0;
  std::uint64_t limit_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t tie_seed_ = 0;
  bool permute_ = false;
  bool limit_reached_ = false;
  Digest digest_;
};

inline void Scheduler::at(TimePoint when, EventClass event_class, std::uint32_t target,
                          std::uint16_t kind, std::uint16_t generation, std::uint64_t arg) {
  CHECK(when >= now_ && when < TimePoint::never());
  const bool fault = event_class == EventClass::fault;
  const std::uint64_t serial = fault ? fault_serial_++ : serial_++;
  CHECK(serial < serial_end);
  const std::uint16_t tie = permute_ && !fault ? tie_bits(target, when) : std::uint16_t{0};
  queue_.push({when, event_order(event_class, tie, serial), target, kind, generation, arg});
}

}  // namespace longhaul
