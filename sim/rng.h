// Random bits as a pure function of (key, number, purpose, k): Philox 2x64 with ten rounds.
//
// What a request causes is drawn from its own key with draw_bits(); what acts by itself owns a
// RandomStream. Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (2011), in the
// implementation of Random123. One block is two words, of which the first is used; a block with a
// key of 64 bits holds exactly the four arguments, and is the fastest of the family on 64-bit
// machines.
#pragma once

#include <cstdint>

// Without the intrinsics of x86, which Philox does not use: they are a third of what the world's
// header costs to compile.
#define R123_USE_SSE 0
#include <Random123/philox.h>

#include "base/check.h"
#include "base/stream_key.h"

namespace longhaul {

inline std::uint64_t draw_bits(StreamKey key, std::uint64_t number, std::uint32_t purpose,
                               std::uint32_t k = 0) {
  const r123::Philox2x64::ctr_type counter = {
      {number, static_cast<std::uint64_t>(purpose) << 32 | k}};
  const r123::Philox2x64::key_type philox_key = {{key.value}};
  return r123::Philox2x64{}(counter, philox_key).v[0];
}

// A running stream of something that acts by itself. Its draws use a purpose that no request uses.
struct RandomStream {
  static constexpr std::uint32_t purpose = 0xffffffffu;

  StreamKey key;
  std::uint64_t next = 0;

  std::uint64_t bits() { return draw_bits(key, next++, purpose); }

  friend constexpr bool operator==(const RandomStream&, const RandomStream&) = default;
};

// A whole number in [0, n) from 64 random bits, by multiplication; uneven by less than n / 2^64.
inline std::uint64_t below(std::uint64_t bits, std::uint64_t n) {
  CHECK(n > 0);
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(bits) * n >> 64);
}

}  // namespace longhaul
