// The members of one lease store as a range of their numbers: `for (id : store_of(world, me))`.
#pragma once

#include <cstdint>

#include "models/world.h"

namespace longhaul {

struct StoreMembers {
  struct Iterator {
    std::uint32_t at;
    std::uint32_t operator*() const { return at; }
    Iterator& operator++() {
      at += 1;
      return *this;
    }
    friend bool operator==(Iterator, Iterator) = default;
  };
  std::uint32_t first;
  std::uint32_t past;
  Iterator begin() const { return {first}; }
  Iterator end() const { return {past}; }
};

// Those of a member's own store, itself included.
inline StoreMembers store_of(const World& world, std::uint32_t me) {
  const StoreMember& m = world.lease_store.members[me];
  return {m.first, m.first + m.count};
}

}  // namespace longhaul
