#include "models/ring.h"

#include <cstdint>
#include <deque>
#include <stdexcept>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

TEST_CASE("ring: numbers: an entry keeps its number while others leave", "[models][ring]") {
  Ring<int> ring;
  REQUIRE(ring.empty());
  REQUIRE(ring.push_back(10) == 0);
  REQUIRE(ring.push_back(11) == 1);
  REQUIRE(ring.push_back(12) == 2);
  REQUIRE(ring.pop_front() == 10);
  // Left: 11 as number 1, 12 as number 2; the next gets number 3.
  REQUIRE(ring.size() == 2);
  REQUIRE(ring.first() == 1);
  REQUIRE(ring.end() == 3);
  REQUIRE(ring.front() == 11);
  REQUIRE(ring.back() == 12);
  REQUIRE(ring.at(2) == 12);
  ring.at(2) = 20;
  REQUIRE(ring.back() == 20);
}

TEST_CASE("ring: numbers: they go on after the ring was empty", "[models][ring]") {
  Ring<int> ring;
  for (std::uint64_t n = 0; n < 100; ++n) {
    REQUIRE(ring.push_back(static_cast<int>(n)) == n);
    REQUIRE(ring.pop_front() == static_cast<int>(n));
    REQUIRE(ring.empty());
  }
}

TEST_CASE("ring: at: numbers that left or never came fail", "[models][ring]") {
  Ring<int> ring;
  REQUIRE_THROWS_AS(ring.pop_front(), std::logic_error);
  ring.push_back(1);
  ring.push_back(2);
  ring.pop_front();
  REQUIRE_THROWS_AS(ring.at(0), std::logic_error);
  REQUIRE_THROWS_AS(ring.at(2), std::logic_error);
}

// The ring starts with 8 slots: growing while the oldest entry stands in the middle of the block is
// where a wrong mask would lose or swap entries.
TEST_CASE("ring: wrap-around: it agrees with a deque whatever the order of pushes and pops",
          "[models][ring]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomStream random{{seed}};
    Ring<std::uint64_t> ring;
    std::deque<std::uint64_t> reference;
    std::uint64_t first = 0;
    for (int step = 0; step < 1'000; ++step) {
      // Growing and shrinking by turns: three of four steps push, then three of four pop.
      const bool growing = step / 100 % 2 == 0;
      if (reference.empty() || (random.bits() % 4 != 0) == growing) {
        const std::uint64_t value = random.bits();
        REQUIRE(ring.push_back(value) == first + reference.size());
        reference.push_back(value);
      } else {
        REQUIRE(ring.pop_front() == reference.front());
        reference.pop_front();
        first += 1;
      }
      REQUIRE(ring.size() == reference.size());
      REQUIRE(ring.first() == first);
      for (std::size_t i = 0; i < reference.size(); i += 7) {
        REQUIRE(ring.at(first + i) == reference[i]);
      }
    }
  }
}

TEST_CASE("ring: copy: it is a value of its own", "[models][ring]") {
  Ring<int> ring;
  for (int i = 0; i < 12; ++i) ring.push_back(i);
  Ring<int> copy = ring;
  copy.pop_front();
  copy.at(5) = 50;
  REQUIRE(ring.front() == 0);
  REQUIRE(ring.at(5) == 5);
  REQUIRE(copy.front() == 1);
  REQUIRE(copy.at(5) == 50);
}

}  // namespace longhaul
