#include "sim/rng.h"

#include <array>
#include <bit>
#include <stdexcept>

#include "tests/catch.h"

namespace longhaul {

TEST_CASE("rng: draw_bits: agrees with the known answers of Philox 2x64", "[sim][rng]") {
  // Known answers published with Random123 (kat_vectors, philox2x64 with 10 rounds): counter and
  // key all zero, all ones, and the digits of pi. The first word of each block.
  REQUIRE(draw_bits({0}, 0, 0, 0) == 0xca00a0459843d731ULL);
  REQUIRE(draw_bits({~0ULL}, ~0ULL, ~0u, ~0u) == 0x65b021d60cd8310fULL);
  REQUIRE(draw_bits({0xa4093822299f31d0ULL}, 0x243f6a8885a308d3ULL, 0x13198a2e, 0x03707344) ==
          0x0a5e742c2997341cULL);
}

TEST_CASE("rng: draw_bits: every argument matters", "[sim][rng]") {
  const std::uint64_t bits = draw_bits({1}, 2, 3, 4);
  REQUIRE(bits == draw_bits({1}, 2, 3, 4));
  REQUIRE(bits != draw_bits({2}, 2, 3, 4));
  REQUIRE(bits != draw_bits({1}, 3, 3, 4));
  REQUIRE(bits != draw_bits({1}, 2, 4, 4));
  REQUIRE(bits != draw_bits({1}, 2, 3, 5));
}

TEST_CASE("rng: draw_bits: counting keys, numbers, purposes and indices give even bytes",
          "[sim][rng]") {
  // Chi-square with 255 degrees of freedom has mean 255 and deviation sqrt(510) = 22.6; the bounds
  // are five deviations away.
  for (int varied = 0; varied < 4; ++varied) {
    std::array<int, 256> seen{};
    constexpr std::uint32_t draws = 256 * 100;
    for (std::uint32_t i = 0; i < draws; ++i) {
      const std::uint64_t bits = draw_bits({varied == 0 ? i : 7u}, varied == 1 ? i : 7u,
                                           varied == 2 ? i : 7u, varied == 3 ? i : 7u);
      ++seen[bits >> 56];
    }
    std::int64_t squares = 0;
    for (const int count : seen) squares += (count - 100) * (count - 100);
    REQUIRE(squares / 100 > 255 - 113);
    REQUIRE(squares / 100 < 255 + 113);
  }
}

TEST_CASE("rng: draw_bits: neighbouring numbers differ in half of their bits", "[sim][rng]") {
  // 64 * 1000 fair bits: mean 32000, deviation sqrt(64000 / 4) = 126.
  int differing = 0;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    differing += std::popcount(draw_bits({9}, i, 0) ^ draw_bits({9}, i + 1, 0));
  }
  REQUIRE(differing > 32'000 - 630);
  REQUIRE(differing < 32'000 + 630);
}

TEST_CASE("rng: RandomStream: counts on and can be copied", "[sim][rng]") {
  RandomStream stream{{5}};
  const std::uint64_t first = stream.bits();
  REQUIRE(first == draw_bits({5}, 0, RandomStream::purpose));
  RandomStream copy = stream;
  REQUIRE(copy.bits() == stream.bits());
  REQUIRE(stream.next == 2);
}

TEST_CASE("rng: below: covers its range from end to end", "[sim][rng]") {
  REQUIRE(below(0, 10) == 0);
  REQUIRE(below(~0ULL, 10) == 9);
  REQUIRE(below(~0ULL, 1) == 0);
  REQUIRE(below(~0ULL, ~0ULL) == ~0ULL - 1);
  REQUIRE(below(1ULL << 63, 10) == 5);  // half of the bits is half of the range
  REQUIRE_THROWS_AS(below(1, 0), std::logic_error);
}

}  // namespace longhaul
