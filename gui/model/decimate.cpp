#include "gui/model/decimate.h"

#include <algorithm>

#include "base/units.h"

namespace longhaul {
namespace {

// Samples of one column, as positions.
class Column {
 public:
  explicit Column(const std::vector<PlotSample>& samples) : samples_(samples) {}

  void add(std::size_t at) {
    if (!samples_[at].y) {
      flush();
      // One gap after another is one.
      if (!kept_.empty() && kept_.back().y) kept_.push_back(samples_[at]);
      return;
    }
    if (count_ == 0) least_ = most_ = at;
    if (*samples_[at].y < *samples_[least_].y) least_ = at;
    if (*samples_[at].y > *samples_[most_].y) most_ = at;
    last_ = at;
    count_ += 1;
  }

  void flush() {
    if (count_ == 0) return;
    count_ = 0;
    const auto [first, second] = std::minmax(least_, most_);
    kept_.push_back(samples_[first]);
    if (second != first) kept_.push_back(samples_[second]);
    if (last_ != second) kept_.push_back(samples_[last_]);
  }

  std::vector<PlotSample> take() {
    flush();
    return std::move(kept_);
  }

 private:
  const std::vector<PlotSample>& samples_;
  std::vector<PlotSample> kept_;
  std::size_t count_ = 0;
  std::size_t least_ = 0;
  std::size_t most_ = 0;
  std::size_t last_ = 0;
};

}  // namespace

std::vector<PlotSample> decimated(const std::vector<PlotSample>& samples, std::int64_t from,
                                  std::int64_t to, std::size_t columns) {
  const auto before = [](const PlotSample& sample, std::int64_t x) { return sample.x < x; };
  const auto after = [](std::int64_t x, const PlotSample& sample) { return x < sample.x; };
  auto first = std::lower_bound(samples.begin(), samples.end(), from, before);
  auto last = std::upper_bound(first, samples.end(), to, after);
  if (first != samples.begin()) --first;
  if (last != samples.end()) ++last;
  if (static_cast<std::size_t>(last - first) <= 2 * columns || columns == 0 || to <= from) {
    return {first, last};
  }
  Column column(samples);
  std::int64_t number = -1;
  for (auto each = first; each != last; ++each) {
    // Those outside of the range stand in columns of their own.
    const std::int64_t own = div_floor(
        static_cast<Int128>(each->x - from) * static_cast<std::int64_t>(columns), to - from + 1);
    if (own != number) column.flush();
    number = own;
    column.add(static_cast<std::size_t>(each - samples.begin()));
  }
  return column.take();
}

}  // namespace longhaul
