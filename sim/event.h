// One event: plain data of 32 bytes, kept inline in the queue.
//
// Events are totally ordered by (at, order). `order` packs the class, the tie bits and a serial
// number, so events of one instant run faults first, then control, then the rest, and otherwise
// first in, first out. Kinds, targets and arguments are opaque to the engine.
//
// Cancellation is lazy: whoever owns the target keeps a generation, writes it into the events it
// schedules, bumps it to cancel, and ignores an event of another generation when it is popped.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace longhaul {

enum class EventClass : std::uint8_t { fault, control, ordinary };

struct Event {
  TimePoint at;
  std::uint64_t order = 0;  // class 8 bits, tie 16 bits, serial 40 bits
  std::uint32_t target = 0;
  std::uint16_t kind = 0;
  std::uint16_t generation = 0;
  std::uint64_t arg = 0;

  constexpr EventClass event_class() const { return static_cast<EventClass>(order >> 56); }
  constexpr std::uint64_t serial() const { return order & ((std::uint64_t{1} << 40) - 1); }

  friend constexpr bool operator==(const Event&, const Event&) = default;
};

static_assert(sizeof(Event) == 32);

constexpr std::uint64_t event_order(EventClass event_class, std::uint16_t tie,
                                    std::uint64_t serial) {
  return static_cast<std::uint64_t>(event_class) << 56 | static_cast<std::uint64_t>(tie) << 40 |
         serial;
}

constexpr bool runs_before(const Event& a, const Event& b) {
  return a.at != b.at ? a.at < b.at : a.order < b.order;
}

}  // namespace longhaul
