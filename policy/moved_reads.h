// How many reads the primary takes over from replicas: a share of all reads, over a sliding window.
//
// Open breakers, tokens and pins move reads to the primary, which has its writes to do. The cap is
// a budget like Envoy's for retries: of the reads of the last `window` at most `max_share` may have
// been moved, but `at_least` so many always, or an app with little traffic could never move one.
//
// The window is a ring of slices of equal length; the oldest falls out as a whole, so the window is
// between nine tenths of `window` and all of it. Memory is fixed.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "base/units.h"
#include "policy/router_config.h"

namespace longhaul {

class MovedReads {
 public:
  MovedReads() = default;
  explicit MovedReads(const MovedReadsConfig& config) : config_(config) {}

  // Whether one more read may be moved now. Without a cap always.
  // `is_counted`: its note_read() was long ago, it has waited since.
  bool may_move(TimePoint now, bool is_counted = false) {
    return !config_.max_share || has_room(now, is_counted);
  }
  // Call before the note_read() of the same read.
  void note_moved(TimePoint now) {
    if (!config_.max_share) return;
    current(now).moved += 1;
    moved_ += 1;
  }
  // Every read that was decided, moved or not.
  void note_read(TimePoint now) {
    if (!config_.max_share) return;
    current(now).reads += 1;
    reads_ += 1;
  }

  std::int64_t reads() const { return reads_; }  // of the window, as of the last call
  std::int64_t moved() const { return moved_; }

 private:
  struct Slice {
    std::int64_t reads = 0;
    std::int64_t moved = 0;
  };
  static constexpr std::int64_t slices = 10;

  bool has_room(TimePoint now, bool is_counted);
  Slice& current(TimePoint now);

  MovedReadsConfig config_;
  std::array<Slice, slices> ring_{};
  std::int64_t slice_ = std::numeric_limits<std::int64_t>::min();  // number of the newest slice
  std::int64_t reads_ = 0;
  std::int64_t moved_ = 0;
};

}  // namespace longhaul
