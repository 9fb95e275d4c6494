#include "run/paired.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/units.h"

namespace longhaul {
namespace {

// The two-sided 95 % points of Student's t in thousandths, for 1 to 30 degrees of freedom.
constexpr std::array<std::int64_t, 30> t_milli = {
    12'706, 4'303, 3'182, 2'776, 2'571, 2'447, 2'365, 2'306, 2'262, 2'228,
    2'201,  2'179, 2'160, 2'145, 2'131, 2'120, 2'110, 2'101, 2'093, 2'086,
    2'080,  2'074, 2'069, 2'064, 2'060, 2'056, 2'052, 2'048, 2'045, 2'042};

std::int64_t t_of(std::int64_t freedom) {
  if (freedom <= 30) return t_milli[static_cast<std::size_t>(freedom - 1)];
  if (freedom < 40) return t_milli.back();
  if (freedom < 60) return 2'021;
  if (freedom < 120) return 2'000;
  return 1'980;
}

// The largest whole number whose square is at most `value`, by Newton's iteration from above.
Int128 square_root(Int128 value) {
  if (value < 2) return value;
  Int128 root = value;
  Int128 next = (root + 1) / 2;
  while (next < root) {
    root = next;
    next = (root + value / root) / 2;
  }
  return root;
}

}  // namespace

PairedDifference paired_difference(std::span<const std::int64_t> a,
                                   std::span<const std::int64_t> b) {
  CHECK(a.size() == b.size());
  PairedDifference result;
  result.pairs = static_cast<std::int64_t>(a.size());
  const Int128 n = result.pairs;
  if (n == 0) return result;
  Int128 sum = 0;
  result.all_equal = true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += b[i] - a[i];
    result.all_equal = result.all_equal && a[i] == b[i];
  }
  result.mean_milli = div_floor(sum * 1'000, result.pairs);
  if (n == 1) return result;
  const Int128 mean = div_floor(sum, result.pairs);
  Int128 squares = 0;  // about a number next to the mean, so that large figures fit
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Int128 deviation = Int128{b[i]} - a[i] - mean;
    squares += deviation * deviation;
  }
  const Int128 rest = sum - mean * n;
  squares -= rest * rest / n;
  // In thousandths where that fits: counts of a few need it, figures of 2^40 do not.
  const bool fine = squares < Int128{1} << 100;
  const Int128 error = fine ? square_root(squares * 1'000'000 / (n * (n - 1)))
                            : 1'000 * square_root(squares / (n * (n - 1)));
  const Int128 half_width = error * t_of(result.pairs - 1) / 1'000;
  result.half_width_milli = squares == 0 ? 0 : static_cast<std::int64_t>(half_width + 1);
  return result;
}

PairedVerdict verdict_of(const PairedDifference& difference) {
  if (difference.all_equal) return PairedVerdict::equal;
  if (difference.pairs < pairs_for_a_verdict) return PairedVerdict::too_few;
  if (difference.mean_milli > difference.half_width_milli) return PairedVerdict::higher;
  if (difference.mean_milli < -difference.half_width_milli) return PairedVerdict::lower;
  return PairedVerdict::no_difference;
}

}  // namespace longhaul
