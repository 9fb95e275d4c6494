// Distributions of non-negative whole numbers (nanoseconds, bytes) in little memory, as values.
//
// Buckets are log-linear: values below 32 have their own, above that an octave [2^e, 2^(e+1)) has
// 32 of equal width, so a bucket's upper bound exceeds a value in it by less than 1/32. The 32
// buckets of an octave are one chunk, allocated on first touch. Counts have 32 bits until one
// overflows; then the histogram gets high words. Count, sum, minimum and maximum are exact.
//
// Everything is well-defined when empty: figures are 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace longhaul {

// The bucket boundaries shared by the histograms of this header.
namespace buckets {

inline constexpr unsigned per_octave = 32;
inline constexpr unsigned octaves = 59;  // chunk 0 is [0, 32), chunk c is [2^(c+4), 2^(c+5))
inline constexpr unsigned count = per_octave * octaves;

constexpr unsigned index_of(std::int64_t value) {
  const auto v = static_cast<std::uint64_t>(value);
  if (v < per_octave) return static_cast<unsigned>(v);
  const unsigned exponent = 63u - static_cast<unsigned>(__builtin_clzll(v));
  return (exponent - 4) * per_octave + static_cast<unsigned>((v >> (exponent - 5)) & 31);
}

constexpr std::int64_t width_of(unsigned index) {
  return index < 2 * per_octave ? 1 : std::int64_t{1} << (index / per_octave - 1);
}

constexpr std::int64_t lower_of(unsigned index) {
  if (index < per_octave) return index;
  return static_cast<std::int64_t>(per_octave + index % per_octave) << (index / per_octave - 1);
}

// The largest value in the bucket.
constexpr std::int64_t upper_of(unsigned index) { return lower_of(index) + (width_of(index) - 1); }

// Cells by bucket; the 32 cells of an octave come into being together.
template <class Cell>
class Chunks {
 public:
  Chunks() { chunk_of_.fill(absent); }

  Cell& touch(unsigned index) {
    std::uint8_t& chunk = chunk_of_[index / per_octave];
    if (chunk == absent) {
      chunk = static_cast<std::uint8_t>(cells_.size() / per_octave);
      cells_.resize(cells_.size() + per_octave);
    }
    return cells_[chunk * per_octave + index % per_octave];
  }

  // Null when the octave was never touched.
  const Cell* find(unsigned index) const {
    const std::uint8_t chunk = chunk_of_[index / per_octave];
    return chunk == absent ? nullptr : &cells_[chunk * per_octave + index % per_octave];
  }

  std::size_t memory_bytes() const { return sizeof(*this) + cells_.capacity() * sizeof(Cell); }

 private:
  static constexpr std::uint8_t absent = 0xff;

  std::array<std::uint8_t, octaves> chunk_of_;
  std::vector<Cell> cells_;
};

}  // namespace buckets

class Histogram {
 public:
  void record(std::int64_t value) { record(value, 1); }
  void record(std::int64_t value, std::uint64_t count);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Int128 sum() const { return sum_; }
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return max_; }

  // The mean, rounded down.
  std::int64_t average() const;

  // The upper bound of the bucket that holds the value of rank ceil(q * count), at most max(). So
  // it is no less than the exact quantile and less than 1/32 above it. q lies between 0 and 1.
  std::int64_t quantile_upper(Ratio q) const;

  // The quantile as one would read it off: evenly spread within its bucket, hence within 3.2 %.
  std::int64_t quantile(Ratio q) const;

  // How many values fell into the bucket with this index, for plots and for tests.
  std::uint64_t count_in(unsigned bucket) const;

  std::size_t memory_bytes() const;

 private:
  void add_to_bucket(unsigned bucket, std::uint64_t count);

  buckets::Chunks<std::uint32_t> low_;
  std::vector<std::uint64_t> carries_;  // empty, or what each bucket counts in steps of 2^32
  std::uint64_t count_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_ = 0;
  Int128 sum_ = 0;
};

// How long a quantity had which value, when it grows one for one with time and then drops: lag.
//
// A ramp from a to b spends one nanosecond at each nanosecond of value between. Let C(x) be the
// number of ramps begun at or below x minus those ended at or below x; C(x) is the time density at
// x. So the time spent in a bucket [L, U) is
//     C(L) * (U - L)  +  sum over starts a in the bucket of (U - a)  -  sum over ends b of (U - b)
// and a cell needs the net number of ramps and the net sum, which makes add_ramp() constant in time
// however long the ramp. The sums may wrap around 2^64; the result is right nevertheless, because
// it is a time that fits. The mean is exact: a ramp contributes (b^2 - a^2) / 2, kept doubled.
// add_flat() adds time at a single value: a quantity that stands still.
class RampHistogram {
 public:
  void add_ramp(Duration from, Duration to);  // 0 <= from <= to
  void add_flat(Duration value, Duration weight);
  void merge(const RampHistogram& other);

  Duration weight() const { return {weight_}; }  // total time
  Duration min() const { return {weight_ == 0 ? 0 : min_}; }
  Duration max() const { return {max_}; }

  // The time-weighted mean, rounded down.
  Duration average() const;

  // The upper bound of the first bucket up to which a share q of the time was spent, at most max().
  Duration quantile_upper(Ratio q) const;
  Duration quantile(Ratio q) const;  // evenly spread within its bucket

  // Time spent in the bucket with this index. Constant work for each bucket below it.
  Duration weight_in(unsigned bucket) const;

  // What came since it was `before`, an earlier state of this one. Weight and mean are exact; the
  // least and the greatest value are the bounds of their buckets, so less than 1/32 off.
  struct Since {
    Duration weight;  // zero: nothing came
    Duration min;
    Duration average;
    Duration max;
  };
  Since since(const RampHistogram& before) const;

  std::size_t memory_bytes() const {
    return sizeof(*this) - sizeof(cells_) + cells_.memory_bytes();
  }

 private:
  struct Cell {
    std::uint64_t ramps = 0;    // starts minus ends, modulo 2^64
    std::uint64_t partial = 0;  // sum of (U - start) minus sum of (U - end), modulo 2^64
    std::uint64_t flat = 0;
  };
  struct Walk {
    std::uint64_t ramps = 0;
    std::uint64_t step(const Cell* cell, unsigned bucket);
  };
  void note(std::int64_t low, std::int64_t high, std::int64_t weight);

  buckets::Chunks<Cell> cells_;
  std::int64_t weight_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_ = 0;
  Int128 twice_sum_ = 0;
};

// A quantity that changes in steps (bytes of lag, connections, busy servers) with the time it spent
// at each value. Time before the first set() does not count.
class TimeWeighted {
 public:
  void set(TimePoint now, std::int64_t value);

  // Forgets the past and keeps the value: the end of the warm-up.
  void restart(TimePoint now);

  // Accounts for the time up to now. May be called again later.
  const Histogram& finish(TimePoint now);

  std::int64_t value() const { return value_; }

  // Counts are nanoseconds; average(), max() and quantile_upper() are weighted by time.
  const Histogram& histogram() const { return histogram_; }

 private:
  Histogram histogram_;
  TimePoint since_;
  std::int64_t value_ = 0;
  bool started_ = false;
};

}  // namespace longhaul
