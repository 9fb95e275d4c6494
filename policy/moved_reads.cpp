#include "policy/moved_reads.h"

#include <algorithm>

namespace longhaul {

bool MovedReads::has_room(TimePoint now, bool is_counted) {
  current(now);
  const std::int64_t reads = reads_ + (is_counted ? 0 : 1);
  const std::int64_t share = checked_mul(reads, config_.max_share->ppm) / percent(100).ppm;
  return moved_ < std::max(share, config_.at_least);
}

// The slice of this moment; those that the window has left behind are emptied on the way.
MovedReads::Slice& MovedReads::current(TimePoint now) {
  const std::int64_t number = now.ns / (config_.window.ns / slices);
  if (number - slices >= slice_ || slice_ == std::numeric_limits<std::int64_t>::min()) {
    ring_ = {};
    reads_ = moved_ = 0;
    slice_ = number;
  }
  while (slice_ < number) {
    slice_ += 1;
    Slice& oldest = ring_[static_cast<std::size_t>(slice_ % slices)];
    reads_ -= oldest.reads;
    moved_ -= oldest.moved;
    oldest = {};
  }
  return ring_[static_cast<std::size_t>(slice_ % slices)];
}

}  // namespace longhaul
