#include "sim/scheduler.h"

namespace longhaul {

namespace {

// All that an event does, in one word: a polynomial of its parts without the serial.
std::uint64_t word_of(const Event& event) {
  constexpr std::uint64_t x = 0x9fb21c651e98df25ULL;
  const std::uint64_t when = static_cast<std::uint64_t>(event.at.ns) << 2 |
                             static_cast<std::uint64_t>(event.event_class());
  const std::uint64_t what = event.target | static_cast<std::uint64_t>(event.kind) << 32 |
                             static_cast<std::uint64_t>(event.generation) << 48;
  return (when * x + what) * x + event.arg;
}

}  // namespace

bool Scheduler::pop_until(TimePoint limit, Event& event) {
  if (events_ >= limit_) return refuse(limit);
  if (!queue_.pop_until(limit, event)) return false;
  if (event.at == now_ && events_ > 0) ++ties_;
  now_ = event.at;
  ++events_;
  digest_.add(word_of(event));
  return true;
}

// The limit of events is reached. That counts only when an event was due.
bool Scheduler::refuse(TimePoint limit) {
  if (queue_.size() > 0 && next_time() <= limit) limit_reached_ = true;
  return false;
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
