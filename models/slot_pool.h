// Numbered slots that are used again: a value that lives for a while and is named by its slot.
#pragma once

#include <cstdint>
#include <vector>

namespace longhaul {

template <class T>
struct SlotPool {
  std::vector<T> slots;
  std::vector<std::uint32_t> free;

  std::uint32_t take(const T& value) {
    if (free.empty()) {
      slots.push_back(value);
      return static_cast<std::uint32_t>(slots.size() - 1);
    }
    const std::uint32_t slot = free.back();
    free.pop_back();
    slots[slot] = value;
    return slot;
  }
  T release(std::uint32_t slot) {
    free.push_back(slot);
    return slots[slot];
  }
};

}  // namespace longhaul
