// Numbers that look random, all made from one that the host gives: the same number, the same story.
// What arrives with an event is mixed in, so a host may also bring new luck on the way.
//
// Source: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
#pragma once

#include <cstdint>

#include "base/units.h"

namespace longhaul {

class LuckSequence {
 public:
  explicit LuckSequence(std::uint64_t number) : state_(number) {}

  void mix(std::uint64_t number) { state_ ^= number; }
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  bool happens(Ratio chance) {
    return static_cast<std::int64_t>((next() >> 32) * 1'000'000 >> 32) < chance.ppm;
  }

 private:
  std::uint64_t state_;
};

}  // namespace longhaul
