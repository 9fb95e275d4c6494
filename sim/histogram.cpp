#include "sim/histogram.h"

#include <algorithm>

#include "base/check.h"

namespace longhaul {

namespace {

// The rank (or the time) that a share q of the total reaches, rounded up and at least one.
std::uint64_t rank_of(Ratio q, std::uint64_t total) {
  CHECK(q.ppm >= 0 && q.ppm <= 1'000'000);
  const auto product = static_cast<unsigned __int128>(total) * static_cast<std::uint64_t>(q.ppm);
  const auto rank = static_cast<std::uint64_t>((product + 999'999) / 1'000'000);
  return std::max<std::uint64_t>(rank, 1);
}

// The value at place `place` of the `count` in a bucket, taken to lie evenly between its edges and
// within what was ever recorded.
std::int64_t within(unsigned bucket, std::uint64_t place, std::uint64_t count, std::int64_t min,
                    std::int64_t max) {
  const std::int64_t low = std::max(buckets::lower_of(bucket), min);
  const std::int64_t high = std::min(buckets::upper_of(bucket), max);
  const Int128 width = high - low;
  return low + static_cast<std::int64_t>(width * (2 * static_cast<Int128>(place) - 1) /
                                         (2 * static_cast<Int128>(count)));
}

}  // namespace

// ---- Histogram ---------------------------------------------------------------------------------

void Histogram::record(std::int64_t value, std::uint64_t count) {
  CHECK(value >= 0);
  if (count == 0) return;
  add_to_bucket(buckets::index_of(value), count);
  sum_ += static_cast<Int128>(value) * count;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::add_to_bucket(unsigned bucket, std::uint64_t count) {
  std::uint32_t& low = low_.touch(bucket);
  const std::uint64_t sum = low + (count & 0xffffffffu);
  low = static_cast<std::uint32_t>(sum);
  const std::uint64_t carry = (sum >> 32) + (count >> 32);
  if (carry > 0) {
    if (carries_.empty()) carries_.resize(buckets::count);
    carries_[bucket] += carry;
  }
  CHECK(!__builtin_add_overflow(count_, count, &count_));
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  const unsigned last = buckets::index_of(other.max_);
  for (unsigned bucket = buckets::index_of(other.min_); bucket <= last; ++bucket) {
    const std::uint64_t count = other.count_in(bucket);
    if (count > 0) add_to_bucket(bucket, count);
  }
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::int64_t Histogram::average() const {
  if (count_ == 0) return 0;
  return static_cast<std::int64_t>(sum_ / static_cast<Int128>(count_));
}

std::int64_t Histogram::quantile_upper(Ratio q) const {
  if (count_ == 0) return 0;
  const std::uint64_t rank = rank_of(q, count_);
  std::uint64_t reached = 0;
  for (unsigned bucket = 0; bucket < buckets::count; ++bucket) {
    reached += count_in(bucket);
    if (reached >= rank) return std::min(buckets::upper_of(bucket), max_);
  }
  return max_;
}

std::int64_t Histogram::quantile(Ratio q) const {
  if (count_ == 0) return 0;
  const std::uint64_t rank = rank_of(q, count_);
  if (rank == count_) return max_;
  std::uint64_t before = 0;
  for (unsigned bucket = 0; bucket < buckets::count; ++bucket) {
    const std::uint64_t here = count_in(bucket);
    if (before + here >= rank) return within(bucket, rank - before, here, min_, max_);
    before += here;
  }
  return max_;
}

std::uint64_t Histogram::count_in(unsigned bucket) const {
  const std::uint32_t* low = low_.find(bucket);
  const std::uint64_t high = carries_.empty() ? 0 : carries_[bucket] << 32;
  return high + (low == nullptr ? 0 : *low);
}

std::size_t Histogram::memory_bytes() const {
  return sizeof(*this) - sizeof(low_) + low_.memory_bytes() +
         carries_.capacity() * sizeof(std::uint64_t);
}

// ---- RampHistogram -----------------------------------------------------------------------------

void RampHistogram::add_ramp(Duration from, Duration to) {
  CHECK(from.ns >= 0 && from <= to);
  if (from == to) return;
  const unsigned start = buckets::index_of(from.ns);
  const unsigned end = buckets::index_of(to.ns);
  const auto past = [](unsigned bucket, std::int64_t value) {
    return static_cast<std::uint64_t>(buckets::upper_of(bucket) - value) + 1;
  };
  Cell& first = cells_.touch(start);
  first.ramps += 1;
  first.partial += past(start, from.ns);
  Cell& last = cells_.touch(end);
  last.ramps -= 1;
  last.partial -= past(end, to.ns);
  note(from.ns, to.ns, to.ns - from.ns);
  twice_sum_ += static_cast<Int128>(to.ns - from.ns) * (static_cast<Int128>(to.ns) + from.ns);
}

void RampHistogram::add_flat(Duration value, Duration weight) {
  CHECK(value.ns >= 0 && weight.ns >= 0);
  if (weight.ns == 0) return;
  cells_.touch(buckets::index_of(value.ns)).flat += static_cast<std::uint64_t>(weight.ns);
  note(value.ns, value.ns, weight.ns);
  twice_sum_ += static_cast<Int128>(value.ns) * weight.ns * 2;
}

void RampHistogram::note(std::int64_t low, std::int64_t high, std::int64_t weight) {
  weight_ = checked_add(weight_, weight);
  min_ = std::min(min_, low);
  max_ = std::max(max_, high);
}

void RampHistogram::merge(const RampHistogram& other) {
  for (unsigned bucket = 0; bucket < buckets::count; ++bucket) {
    const Cell* from = other.cells_.find(bucket);
    if (from == nullptr) continue;
    Cell& into = cells_.touch(bucket);
    into.ramps += from->ramps;
    into.partial += from->partial;
    into.flat += from->flat;
  }
  note(other.min_, other.max_, other.weight_);
  twice_sum_ += other.twice_sum_;
}

Duration RampHistogram::average() const {
  if (weight_ == 0) return {};
  return {narrow(twice_sum_ / (static_cast<Int128>(weight_) * 2))};
}

// The time spent in `bucket`, when it is the next one in order.
std::uint64_t RampHistogram::Walk::step(const Cell* cell, unsigned bucket) {
  std::uint64_t weight = ramps * static_cast<std::uint64_t>(buckets::width_of(bucket));
  if (cell != nullptr) {
    weight += cell->partial + cell->flat;
    ramps += cell->ramps;
  }
  return weight;
}

Duration RampHistogram::quantile_upper(Ratio q) const {
  if (weight_ == 0) return {};
  const std::uint64_t rank = rank_of(q, static_cast<std::uint64_t>(weight_));
  Walk walk;
  std::uint64_t reached = 0;
  for (unsigned bucket = 0; bucket < buckets::count; ++bucket) {
    reached += walk.step(cells_.find(bucket), bucket);
    if (reached >= rank) return {std::min(buckets::upper_of(bucket), max_)};
  }
  return {max_};
}

Duration RampHistogram::quantile(Ratio q) const {
  if (weight_ == 0) return {};
  const std::uint64_t rank = rank_of(q, static_cast<std::uint64_t>(weight_));
  if (rank == static_cast<std::uint64_t>(weight_)) return {max_};
  Walk walk;
  std::uint64_t before = 0;
  for (unsigned bucket = 0; bucket < buckets::count; ++bucket) {
    const std::uint64_t here = walk.step(cells_.find(bucket), bucket);
    if (before + here >= rank) return {within(bucket, rank - before, here, min_, max_)};
    before += here;
  }
  return {max_};
}

Duration RampHistogram::weight_in(unsigned bucket) const {
  Walk walk;
  for (unsigned below = 0; below < bucket; ++below) walk.step(cells_.find(below), below);
  return {static_cast<std::int64_t>(walk.step(cells_.find(bucket), bucket))};
}

RampHistogram::Since RampHistogram::since(const RampHistogram& before) const {
  Since since;
  since.weight = {weight_ - before.weight_};
  if (since.weight.ns == 0) return since;
  since.average = {
      narrow((twice_sum_ - before.twice_sum_) / (static_cast<Int128>(since.weight.ns) * 2))};
  // From below to the first bucket that something came to, and from above to the last.
  const unsigned last = buckets::index_of(max_);
  Walk now;
  Walk then;
  for (unsigned bucket = 0; bucket <= last; ++bucket) {
    const std::uint64_t here = now.step(cells_.find(bucket), bucket);
    if (here == then.step(before.cells_.find(bucket), bucket)) continue;
    since.min = {std::max(buckets::lower_of(bucket), min_)};
    break;
  }
  // As many ramps have ended as were begun, so those that pass a bucket end in it or above.
  const auto step_down = [](std::uint64_t& ramps, const Cell* cell, unsigned bucket) {
    if (cell != nullptr) ramps -= cell->ramps;
    const std::uint64_t weight = ramps * static_cast<std::uint64_t>(buckets::width_of(bucket));
    return cell == nullptr ? weight : weight + cell->partial + cell->flat;
  };
  std::uint64_t passing = 0;
  std::uint64_t passed = 0;
  for (unsigned bucket = last + 1; bucket-- > 0;) {
    const std::uint64_t here = step_down(passing, cells_.find(bucket), bucket);
    if (here == step_down(passed, before.cells_.find(bucket), bucket)) continue;
    since.max = {std::min(buckets::upper_of(bucket), max_)};
    break;
  }
  return since;
}

// ---- TimeWeighted ------------------------------------------------------------------------------

void TimeWeighted::set(TimePoint now, std::int64_t value) {
  CHECK(value >= 0);
  finish(now);
  value_ = value;
  started_ = true;
}

void TimeWeighted::restart(TimePoint now) {
  histogram_ = {};
  since_ = now;
}

const Histogram& TimeWeighted::finish(TimePoint now) {
  CHECK(now >= since_);
  if (started_) histogram_.record(value_, static_cast<std::uint64_t>((now - since_).ns));
  since_ = now;
  return histogram_;
}

}  // namespace longhaul
