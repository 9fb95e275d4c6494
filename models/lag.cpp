#include "models/lag.h"

namespace longhaul {

void StageLag::settle(TimePoint now, RampHistogram& history) {
  if (away_) {
    since_ = now;
    return;
  }
  if (lagging_) {
    history.add_ramp(since_ - oldest_, now - oldest_);
  } else {
    history.add_flat(Duration{}, now - since_);
  }
  since_ = now;
}

void StageLag::flushed(TimePoint now, RampHistogram& history) {
  if (lagging_ || away_) return;
  settle(now, history);
  lagging_ = true;
  oldest_ = now;
}

void StageLag::advance(TimePoint now, const Ring<FlushMark>& marks, Lsn position,
                       RampHistogram& history) {
  if (away_ || next_mark_ == marks.end() || marks.at(next_mark_).end > position) return;
  settle(now, history);
  while (next_mark_ != marks.end() && marks.at(next_mark_).end <= position) {
    last_passed_ = marks.at(next_mark_).at;
    ++next_mark_;
  }
  lagging_ = next_mark_ != marks.end();
  if (lagging_) oldest_ = marks.at(next_mark_).at;
}

void StageLag::leave(TimePoint now, RampHistogram& history) {
  settle(now, history);
  away_ = true;
  lagging_ = false;
}

void StageLag::come_back(TimePoint now, const Ring<FlushMark>& marks, std::uint64_t mark) {
  away_ = false;
  since_ = now;
  next_mark_ = mark;
  lagging_ = mark != marks.end();
  if (lagging_) oldest_ = marks.at(mark).at;
}

}  // namespace longhaul
