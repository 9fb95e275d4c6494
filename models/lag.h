// True replication lag of one standby at one stage, integrated over time, never polled.
//
// Lag(t) is the age of the oldest commit that is flushed on the primary and has not passed the
// stage (left the sender, been written, flushed, replayed); zero when there is none. Between two
// changes it stands at zero or grows one second a second, so its history is a sequence of ramps.
// Marks note when the primary flushed up to which position; all stages of all standbys read the
// same marks.
#pragma once

#include "base/units.h"
#include "models/ring.h"
#include "sim/histogram.h"

namespace longhaul {

// The primary flushed its log up to `end` at this time. Every commit in it counts from then.
struct FlushMark {
  Lsn end;
  TimePoint at;
};

class StageLag {
 public:
  // A mark was added while everything before had passed: lag begins to grow.
  void flushed(TimePoint now, RampHistogram& history);

  // The stage has reached `position`.
  void advance(TimePoint now, const Ring<FlushMark>& marks, Lsn position, RampHistogram& history);

  // The standby has no data: its lag is not measured until it is back. `mark` is then the first
  // that it lacks.
  void leave(TimePoint now, RampHistogram& history);
  void come_back(TimePoint now, const Ring<FlushMark>& marks, std::uint64_t mark);

  // Accounts for the time up to now; call it before reading or clearing the history.
  void settle(TimePoint now, RampHistogram& history);

  Duration lag(TimePoint now) const { return lagging_ ? now - oldest_ : Duration{}; }
  bool away() const { return away_; }
  std::uint64_t next_mark() const { return next_mark_; }  // first mark that has not passed
  TimePoint last_passed() const { return last_passed_; }  // flush time of the last mark passed

 private:
  std::uint64_t next_mark_ = 0;
  bool lagging_ = false;
  bool away_ = false;
  TimePoint oldest_;  // lagging: when the oldest missing mark was flushed
  TimePoint since_;   // up to when the history is complete
  TimePoint last_passed_;
};

}  // namespace longhaul
