// Luck has a name: keys of random streams, made from the names in a scenario and its seed.
//
// A draw is a function of (key, request number, purpose, index). Names, never positions, go into a
// key, so adding a client or a replica changes nobody else's luck.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/digest.h"

namespace longhaul {

struct StreamKey {
  std::uint64_t value = 0;
  friend constexpr bool operator==(const StreamKey&, const StreamKey&) = default;
};

// The key of something that has a name, for example stream(seed, "node/db-eu/disk").
constexpr StreamKey stream(std::uint64_t seed, std::string_view name) {
  Digest digest;
  digest.add(seed);
  digest.add(name);
  return {digest.value()};
}

// The key of the `index`-th member of something that has a name, for example a session.
constexpr StreamKey stream(std::uint64_t seed, std::string_view name, std::uint64_t index) {
  Digest digest;
  digest.add(seed);
  digest.add(name);
  digest.add(index);
  return {digest.value()};
}

}  // namespace longhaul
