#include "sim/scheduler.h"

#include "base/check.h"

namespace longhaul {

namespace {

constexpr std::uint64_t serial_end = std::uint64_t{1} << 40;

}  // namespace

void Scheduler::at(TimePoint when, EventClass event_class, std::uint32_t target,
                   std::uint16_t kind, std::uint16_t generation, std::uint64_t arg) {
  CHECK(when >= now_ && when < TimePoint::never());
  const bool fault = event_class == EventClass::fault;
  const std::uint64_t serial = fault ? fault_serial_++ : serial_++;
  CHECK(serial < serial_end);
  const std::uint16_t tie = permute_ && !fault ? tie_bits(target, when) : std::uint16_t{0};
  queue_.push({when, event_order(event_class, tie, serial), target, kind, generation, arg});
}

bool Scheduler::pop_until(TimePoint limit, Event& event) {
  if (events_ >= limit_) {
    limit_reached_ = next_time() <= limit && queue_.size() > 0;
    return false;
  }
  if (!queue_.pop_until(limit, event)) return false;
  if (event.at == now_ && events_ > 0) ++ties_;
  now_ = event.at;
  ++events_;
  digest_.add(static_cast<std::uint64_t>(event.at.ns) << 2 |
              static_cast<std::uint64_t>(event.event_class()));
  digest_.add(event.target | static_cast<std::uint64_t>(event.kind) << 32 |
              static_cast<std::uint64_t>(event.generation) << 48);
  digest_.add(event.arg);
  return true;
}

void Scheduler::permute_ties(std::uint64_t seed) {
  permute_ = true;
  tie_seed_ = seed;
}

std::uint16_t Scheduler::tie_bits(std::uint32_t target, TimePoint when) const {
  const std::uint64_t instant = mix64(tie_seed_ ^ mix64(static_cast<std::uint64_t>(when.ns)));
  return static_cast<std::uint16_t>(mix64(instant + target) >> 48);
}

}  // namespace longhaul
