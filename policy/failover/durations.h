// How long people and services take, as three figures that anybody can state: at least, typically
// (the median), at most. Between them each value is equally likely: half of all cases lie evenly
// between the first two, the other half between the last two.
//
// A manager that waits for such a time gets its luck from the host, as a number evenly spread over
// 64 bits, so it stays a function of its inputs. Left out: tails beyond `most`.
#pragma once

#include <cstdint>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

struct DurationRange {
  Duration least{};
  Duration typical{};
  Duration most{};

  static const FieldTable& fields();
  friend constexpr bool operator==(const DurationRange&, const DurationRange&) = default;
};

// least <= typical <= most.
constexpr bool is_ordered(const DurationRange& range) {
  return range.least <= range.typical && range.typical <= range.most;
}

constexpr Duration pick(const DurationRange& range, std::uint64_t luck) {
  const bool upper = (luck >> 63) != 0;
  const Duration from = upper ? range.typical : range.least;
  const Duration width = (upper ? range.most : range.typical) - from;
  const auto part = static_cast<Int128>(luck << 1 >> 33);  // evenly over [0, 2^31)
  return from + Duration{static_cast<std::int64_t>(static_cast<Int128>(width.ns) * part >> 31)};
}

}  // namespace longhaul
