#include "sim/histogram.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

// Values of every magnitude from 0 to 2^50.
std::vector<std::int64_t> any_values(std::uint64_t seed, std::size_t count) {
  RandomStream random{{seed}};
  std::vector<std::int64_t> values;
  while (values.size() < count) {
    const std::uint64_t bits = random.bits();
    values.push_back(static_cast<std::int64_t>(bits >> (14 + bits % 50)));
  }
  return values;
}

Histogram histogram_of(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

}  // namespace

TEST_CASE("histogram: buckets: they tile the line and are narrow", "[sim][histogram]") {
  std::int64_t next = 0;
  for (unsigned i = 0; i < buckets::count; ++i) {
    REQUIRE(buckets::lower_of(i) == next);
    REQUIRE(buckets::index_of(buckets::lower_of(i)) == i);
    REQUIRE(buckets::index_of(buckets::upper_of(i)) == i);
    REQUIRE(buckets::width_of(i) <= std::max<std::int64_t>(1, buckets::lower_of(i) / 32));
    if (i + 1 < buckets::count) next = buckets::upper_of(i) + 1;
  }
  REQUIRE(buckets::upper_of(buckets::count - 1) == largest);
}

TEST_CASE("histogram: empty: every figure is zero", "[sim][histogram]") {
  const Histogram histogram;
  REQUIRE(histogram.count() == 0);
  REQUIRE(histogram.min() == 0);
  REQUIRE(histogram.max() == 0);
  REQUIRE(histogram.average() == 0);
  REQUIRE(histogram.quantile_upper(percent(99)) == 0);
}

TEST_CASE("histogram: quantile_upper: never below the exact quantile, above by less than 1/32",
          "[sim][histogram]") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    std::vector<std::int64_t> values = any_values(seed, 1'000);
    const Histogram histogram = histogram_of(values);
    std::sort(values.begin(), values.end());
    for (const std::int64_t ppm : {0, 1, 1'000, 500'000, 900'000, 999'000, 999'999, 1'000'000}) {
      const std::size_t rank =
          std::max<std::size_t>(1, (ppm * values.size() + 999'999) / 1'000'000);
      const std::int64_t exact = values[rank - 1];
      const std::int64_t upper = histogram.quantile_upper({ppm});
      REQUIRE(upper >= exact);
      REQUIRE(upper - exact <= exact / 32);
    }
    REQUIRE(histogram.quantile_upper({1'000'000}) == values.back());
  }
}

TEST_CASE("histogram: count, sum, minimum, maximum and average are exact", "[sim][histogram]") {
  const Histogram histogram = histogram_of({3, 1'000'003, 70, 70});
  REQUIRE(histogram.count() == 4);
  REQUIRE(histogram.sum() == 1'000'146);
  REQUIRE(histogram.min() == 3);
  REQUIRE(histogram.max() == 1'000'003);
  REQUIRE(histogram.average() == 250'036);  // 250036.5, rounded down
  REQUIRE_THROWS_AS(Histogram{}.record(-1), std::logic_error);
}

TEST_CASE("histogram: the largest values do not overflow the sum", "[sim][histogram]") {
  Histogram histogram;
  histogram.record(largest, 1'000);
  REQUIRE(histogram.average() == largest);
  REQUIRE(histogram.quantile_upper(percent(50)) == largest);
}

TEST_CASE("histogram: counts pass 32 bits", "[sim][histogram]") {
  Histogram histogram;
  histogram.record(5, (std::uint64_t{1} << 32) - 1);
  histogram.record(5);
  histogram.record(9, std::uint64_t{3} << 32);
  REQUIRE(histogram.count_in(buckets::index_of(5)) == std::uint64_t{1} << 32);
  REQUIRE(histogram.count_in(buckets::index_of(9)) == std::uint64_t{3} << 32);
  REQUIRE(histogram.count() == std::uint64_t{4} << 32);
  // A quarter is 5 and three quarters are 9.
  REQUIRE(histogram.quantile_upper(percent(25)) == 5);
  REQUIRE(histogram.quantile_upper(percent(26)) == 9);
  REQUIRE(histogram.average() == 8);
  Histogram merged = histogram;
  merged.merge(histogram);
  REQUIRE(merged.count_in(buckets::index_of(9)) == std::uint64_t{6} << 32);
}

TEST_CASE("histogram: merge: equals recording everything into one", "[sim][histogram]") {
  const auto first = any_values(1, 500);
  const auto second = any_values(2, 700);
  Histogram merged = histogram_of(first);
  merged.merge(histogram_of(second));
  merged.merge(Histogram{});
  std::vector<std::int64_t> values = first;
  values.insert(values.end(), second.begin(), second.end());
  const Histogram expected = histogram_of(values);
  for (unsigned i = 0; i < buckets::count; ++i) REQUIRE(merged.count_in(i) == expected.count_in(i));
  REQUIRE(merged.count() == expected.count());
  REQUIRE(merged.sum() == expected.sum());
  REQUIRE(merged.min() == expected.min());
  REQUIRE(merged.max() == expected.max());
  Histogram empty;
  empty.merge(merged);
  REQUIRE(empty.min() == expected.min());
}

TEST_CASE("histogram: memory: latencies from 1 ms to 1 s take about 1.5 KiB", "[sim][histogram]") {
  Histogram histogram;
  for (std::int64_t value = 1'000'000; value < 1'000'000'000; value += 999'999) {
    histogram.record(value);
  }
  // 2^19 to 2^30 are 11 octaves of 128 bytes, at most twice that in the vector, plus the object.
  REQUIRE(histogram.memory_bytes() < 2 * 11 * 128 + 256);
}

TEST_CASE("ramp_histogram: one ramp spends equal times at equal spans", "[sim][histogram]") {
  RampHistogram histogram;
  histogram.add_ramp({0}, {1'000});
  REQUIRE(histogram.weight() == Duration{1'000});
  REQUIRE(histogram.average() == Duration{500});
  REQUIRE(histogram.max() == Duration{1'000});
  // Bucket [496, 504) is crossed in 8 ns; [992, 1008) only up to 1000.
  REQUIRE(histogram.weight_in(buckets::index_of(500)) == Duration{8});
  REQUIRE(histogram.weight_in(buckets::index_of(1'000)) == Duration{8});
  REQUIRE(histogram.weight_in(buckets::index_of(1'008)) == Duration{0});
  // Half of the time lag was below 500, in the bucket that ends with 503.
  REQUIRE(histogram.quantile_upper(percent(50)) == Duration{503});
  REQUIRE(histogram.quantile_upper(percent(100)) == Duration{1'000});
}

TEST_CASE("ramp_histogram: agrees with recording every nanosecond", "[sim][histogram]") {
  RandomStream random{{3}};
  RampHistogram ramps;
  RampHistogram other;
  Histogram every;
  for (int i = 0; i < 60; ++i) {
    const auto from = static_cast<std::int64_t>(below(random.bits(), 3'000));
    const auto to = from + static_cast<std::int64_t>(below(random.bits(), 2'000));
    (i % 2 == 0 ? ramps : other).add_ramp({from}, {to});
    for (std::int64_t value = from; value < to; ++value) every.record(value);
    const auto flat = static_cast<std::int64_t>(below(random.bits(), 5'000));
    const auto weight = static_cast<std::int64_t>(below(random.bits(), 300));
    (i % 3 == 0 ? ramps : other).add_flat({flat}, {weight});
    every.record(flat, static_cast<std::uint64_t>(weight));
  }
  ramps.merge(other);
  ramps.merge(RampHistogram{});
  REQUIRE(ramps.weight() == Duration{static_cast<std::int64_t>(every.count())});
  REQUIRE(ramps.min() == Duration{every.min()});
  for (unsigned i = 0; i < buckets::index_of(6'000); ++i) {
    REQUIRE(ramps.weight_in(i) == Duration{static_cast<std::int64_t>(every.count_in(i))});
  }
  // A nanosecond from v to v + 1 averages v + 1/2, so the exact mean is at most 1/2 higher.
  REQUIRE((ramps.average() - Duration{every.average()}).ns >= 0);
  REQUIRE((ramps.average() - Duration{every.average()}).ns <= 1);
  for (const std::int64_t q : {1, 25, 50, 90, 99}) {
    REQUIRE(ramps.quantile_upper(percent(q)) == Duration{every.quantile_upper(percent(q))});
  }
}

TEST_CASE("ramp_histogram: long lag keeps exact weights", "[sim][histogram]") {
  // A replica that is a day behind: a million drops from 24 h + 10 ms to 24 h. Ends in a bucket of
  // 35 min, summed a million times, pass 2^63 and wrap around.
  RampHistogram histogram;
  const Duration day = minutes(24 * 60);
  histogram.add_ramp({0}, day);
  constexpr std::int64_t drops = 1'000'000;
  for (std::int64_t i = 0; i < drops; ++i) histogram.add_ramp(day, day + milliseconds(10));
  REQUIRE(histogram.weight() == day + milliseconds(10) * drops);
  Duration sum;
  for (unsigned i = 0; i < buckets::index_of(day.ns * 2); ++i) sum += histogram.weight_in(i);
  REQUIRE(sum == histogram.weight());
  // 12 h for 24 h, 24 h and 5 ms for 10000 s: (12 h * 86400 + 86400.005 s * 10000) / 96400.
  // = (43200 * 86400 + 864000050) / 96400 s = 47681.32832... s.
  REQUIRE(histogram.average().ns / 1'000'000 == 47'681'328);
}

TEST_CASE("ramp_histogram: what came since an earlier state", "[sim][histogram]") {
  RampHistogram histogram;
  histogram.add_ramp({0}, {1'000'000});
  histogram.add_flat({3}, {500});
  const RampHistogram before = histogram;
  REQUIRE(histogram.since(before).weight == Duration{});
  // A ramp that goes on, one that does so across octaves that nothing else has touched, and a drop.
  histogram.add_ramp({1'000'000}, {90'000'000});
  histogram.add_ramp({40'000}, {60'000});
  const RampHistogram::Since since = histogram.since(before);
  REQUIRE(since.weight == Duration{89'020'000});
  // (90e6^2 - 1e6^2 + 60e3^2 - 40e3^2) / (2 * 89'020'000) = 45'489'788.8
  REQUIRE(since.average == Duration{45'489'788});
  REQUIRE(since.min.ns <= 40'000);
  REQUIRE(since.min.ns > 40'000 - 40'000 / 32);
  REQUIRE(since.max == Duration{90'000'000});  // the greatest of all, which is exact
  // Below it the upper bound of its bucket.
  const RampHistogram then = histogram;
  histogram.add_ramp({0}, {5'000});
  REQUIRE(histogram.since(then).min == Duration{});
  REQUIRE(histogram.since(then).max.ns >= 4'999);
  REQUIRE(histogram.since(then).max.ns < 5'000 + 5'000 / 32);
  REQUIRE(histogram.since(then).average == Duration{2'500});
}

TEST_CASE("ramp_histogram: empty: every figure is zero", "[sim][histogram]") {
  RampHistogram histogram;
  histogram.add_ramp({5}, {5});
  histogram.add_flat({7}, {0});
  REQUIRE(histogram.weight() == Duration{0});
  REQUIRE(histogram.average() == Duration{0});
  REQUIRE(histogram.min() == Duration{0});
  REQUIRE(histogram.max() == Duration{0});
  REQUIRE(histogram.quantile_upper(percent(50)) == Duration{0});
  REQUIRE_THROWS_AS(histogram.add_ramp({5}, {4}), std::logic_error);
  REQUIRE_THROWS_AS(histogram.add_ramp({-1}, {4}), std::logic_error);
}

TEST_CASE("time_weighted: each value counts for as long as it stood", "[sim][histogram]") {
  TimeWeighted gauge;
  gauge.set({100}, 4);   // 100 to 110
  gauge.set({110}, 10);  // 110 to 140
  gauge.set({140}, 0);   // 140 to 150
  const Histogram& histogram = gauge.finish({150});
  REQUIRE(histogram.count() == 50);
  REQUIRE(histogram.sum() == 4 * 10 + 10 * 30);
  REQUIRE(histogram.average() == 6);  // 340 / 50 = 6.8, rounded down
  REQUIRE(histogram.max() == 10);
  REQUIRE(histogram.quantile_upper(percent(50)) == 10);
  REQUIRE_THROWS_AS(gauge.set({149}, 1), std::logic_error);
}

TEST_CASE("time_weighted: a value that stood for no time does not count", "[sim][histogram]") {
  TimeWeighted gauge;
  gauge.set({0}, 99);
  gauge.set({0}, 1);
  REQUIRE(gauge.finish({10}).max() == 1);
}

TEST_CASE("time_weighted: restart: forgets the warm-up and keeps the value", "[sim][histogram]") {
  TimeWeighted gauge;
  gauge.set({0}, 50);
  gauge.set({60}, 7);
  gauge.restart({100});
  REQUIRE(gauge.value() == 7);
  REQUIRE(gauge.finish({110}).count() == 10);
  REQUIRE(gauge.finish({110}).max() == 7);
}

}  // namespace longhaul
