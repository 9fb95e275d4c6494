// Differences between two designs on equal luck: a figure of each seed under both, and how sure one
// may be of the mean difference.
//
// The same seed gives both designs the same users with the same wishes, so the difference within a
// seed is free of what seeds have in common. The interval is Student's t at 95 % over the
// differences: mean +- t(n-1) * sqrt(s^2 / n). For other than 1..30 degrees of freedom the next
// lower row of the table is taken, which is the wider. Integers throughout: the same on every
// machine, up to figures of 2^53. Left out: corrections for looking at many rows; of twenty rows
// without any difference, one is expected to lie outside its interval.
#pragma once

#include <cstdint>
#include <span>

namespace longhaul {

// Fewer pairs say nothing about "better".
constexpr std::int64_t pairs_for_a_verdict = 20;

struct PairedDifference {
  std::int64_t pairs = 0;
  std::int64_t mean_milli = 0;        // of b - a, in thousandths, rounded down
  std::int64_t half_width_milli = 0;  // of the interval, rounded up; meaningless with one pair
  bool all_equal = false;             // a and b, in every pair
};

// Both of one length, by seed.
PairedDifference paired_difference(std::span<const std::int64_t> a,
                                   std::span<const std::int64_t> b);

enum class PairedVerdict : std::uint8_t {
  equal,          // in every pair
  too_few,        // pairs
  no_difference,  // that could be told from luck
  lower,
  higher,
};
PairedVerdict verdict_of(const PairedDifference& difference);

}  // namespace longhaul
