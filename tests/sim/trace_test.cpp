#include "sim/trace.h"

#include <stdexcept>
#include <vector>

#include "tests/catch.h"

namespace longhaul {

namespace {

// Events at 1, 2, ..., count; targets and kinds cycle through 0 to 4 and 0 to 2.
Trace traced(std::uint64_t count, std::size_t capacity, TraceFilter filter = {}) {
  Trace trace(capacity, filter);
  for (std::uint64_t i = 1; i <= count; ++i) {
    trace.add(i, {{static_cast<std::int64_t>(i)},
                  0,
                  static_cast<std::uint32_t>(i % 5),
                  static_cast<std::uint16_t>(i % 3),
                  0,
                  0});
  }
  return trace;
}

std::vector<std::uint64_t> numbers(const Trace& trace) {
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < trace.size(); ++i) result.push_back(trace.at(i).number);
  return result;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("trace: keeps the last records, oldest first", "[sim][trace]") {
  REQUIRE(numbers(traced(2, 3)) == Numbers{1, 2});
  REQUIRE(numbers(traced(3, 3)) == Numbers{1, 2, 3});
  REQUIRE(numbers(traced(4, 3)) == Numbers{2, 3, 4});
  REQUIRE(numbers(traced(11, 3)) == Numbers{9, 10, 11});
  REQUIRE(traced(11, 3).accepted() == 11);
  REQUIRE_THROWS_AS(traced(11, 3).at(3), std::logic_error);
  REQUIRE_THROWS_AS(Trace(0), std::logic_error);
}

TEST_CASE("trace: filter: kind, target and window hold together", "[sim][trace]") {
  REQUIRE(numbers(traced(20, 100, {.kind = 1, .target = {}, .from = {}})) ==
          Numbers{1, 4, 7, 10, 13, 16, 19});
  REQUIRE(numbers(traced(20, 100, {.kind = {}, .target = 0, .from = {}})) ==
          Numbers{5, 10, 15, 20});
  REQUIRE(numbers(traced(20, 100, {.kind = {}, .target = {}, .from = {7}, .to = {9}})) ==
          Numbers{7, 8, 9});
  REQUIRE(numbers(traced(20, 100, {.kind = 1, .target = 0, .from = {5}})) == Numbers{10});
}

}  // namespace longhaul
