#include "sim/series.h"

#include <algorithm>

#include "base/check.h"

namespace longhaul {

namespace {

// `bin` becomes what it would be had it seen the samples of `later` after its own.
void absorb(Series::Bin& bin, const Series::Bin& later) {
  if (later.samples == 0) return;
  bin.min = bin.samples == 0 ? later.min : std::min(bin.min, later.min);
  bin.max = bin.samples == 0 ? later.max : std::max(bin.max, later.max);
  bin.last = later.last;
  bin.samples += later.samples;
}

}  // namespace

Series::Series(TimePoint start, Duration bin_width, std::size_t bins_max)
    : start_(start), width_(bin_width), bins_max_(bins_max) {
  CHECK(bin_width.ns > 0 && bins_max > 0 && bins_max % 2 == 0);
}

void Series::add(TimePoint now, std::int64_t value) {
  CHECK(now >= start_);
  auto bin = static_cast<std::uint64_t>((now - start_).ns / width_.ns);
  while (bin >= bins_max_) {
    halve();
    bin /= 2;
  }
  CHECK(bin + 1 >= bins_.size());
  if (bins_.size() <= bin) bins_.resize(bin + 1);
  absorb(bins_[bin], {value, value, value, 1});
}

void Series::halve() {
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const Bin bin = bins_[i];
    if (i % 2 == 0) bins_[i / 2] = {};
    absorb(bins_[i / 2], bin);
  }
  bins_.resize((bins_.size() + 1) / 2);
  width_ = width_ * 2;
}

}  // namespace longhaul
