// A fixed 64-bit hash for names of streams and for digests of runs. Not for security.
//
// The mixing step is the finaliser of MurmurHash3 (fmix64); a word is folded in by multiplying with
// an odd constant and mixing. The result depends on the order of the words and on nothing else.
#pragma once

#include <cstdint>
#include <string_view>

namespace longhaul {

constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

class Digest {
 public:
  constexpr void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 32;
  }

  constexpr void add(std::string_view text) {
    add(text.size());
    for (char c : text) add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  }

  constexpr std::uint64_t value() const { return mix64(state_); }

  friend constexpr bool operator==(const Digest&, const Digest&) = default;

 private:
  std::uint64_t state_ = 0x6a09e667f3bcc909ULL;
};

constexpr std::uint64_t digest_of(std::string_view text) {
  Digest digest;
  digest.add(text);
  return digest.value();
}

}  // namespace longhaul
