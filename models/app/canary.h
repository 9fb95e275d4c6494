// Watches what users of a region can rely on: outages of writing, and availability by the minute.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "models/ring.h"

namespace longhaul {

// Ten writes a second, one after another or overlapping, each with a bound of 2 s. An outage lasts
// from the sending of the first write that misses the bound until the first acknowledgement after
// which every write sent for 10 s meets it. Results may come in any order.
class CanaryWatch {
 public:
  static constexpr Duration bound = seconds(2);
  static constexpr Duration calm = seconds(10);

  // Returns the write's number.
  std::uint64_t sent(TimePoint at) { return writes_.push_back({at, TimePoint::never(), false}); }
  void answered(std::uint64_t number, TimePoint at) { decide(number, at); }
  void failed(std::uint64_t number) { decide(number, TimePoint::never()); }

  // The run is over: writes without an answer that are older than the bound count as missed. An
  // outage that has not ended is closed here and marked.
  void finish(TimePoint now);

  // Forgets everything measured so far; writes sent before `now` count no more.
  void restart(TimePoint now);

  struct Outage {
    TimePoint began;
    TimePoint ended;
    bool censored = false;  // the run ended before it was over, or before the calm was seen
  };
  const std::vector<Outage>& outages() const { return outages_; }

 private:
  struct Write {
    TimePoint sent;
    TimePoint answered = TimePoint::never();
    bool decided = false;
  };

  void decide(std::uint64_t number, TimePoint answered);
  void judge(const Write& write);
  void close_if_calm(TimePoint up_to);
  TimePoint recovery() const;

  Ring<Write> writes_;  // not judged yet, by time of sending
  std::vector<Outage> outages_;
  bool out_ = false;
  TimePoint began_;
  TimePoint counted_from_;
  std::vector<TimePoint> answers_;  // acknowledgements after last_missed_
};

// A write that has been acknowledged and may still be lost.
struct CanaryAck {
  std::uint32_t region = 0;
  std::uint64_t number = 0;   // of the canary's write
  std::uint64_t version = 0;  // that it wrote
  TimePoint at;
};

// One-minute windows in which at least 99 % of the pages asked for in them succeeded within the
// bound. A page counts in the minute of its click, whether or not it is ever answered. Only clicks
// whose bound has passed count, so a window closes one bound after its end.
class AvailabilityWatch {
 public:
  static constexpr Duration window = seconds(60);
  static constexpr Duration bound = seconds(2);

  void clicked(TimePoint at);
  void answered(TimePoint clicked, TimePoint at, bool ok);
  void finish(TimePoint now);
  void restart(TimePoint now);
  std::int64_t good_windows() const { return good_windows_; }
  std::int64_t windows() const { return windows_; }

 private:
  struct Minute {
    std::int64_t number = -1;
    std::int64_t all = 0;
    std::int64_t good = 0;
  };
  static constexpr std::int64_t open_minutes = 2;  // the running one and the one before

  static std::int64_t minute_of(TimePoint at) { return div_floor(at.ns, window.ns); }
  Minute& at(std::int64_t number);
  void close(Minute& minute);

  void judge_up_to(TimePoint now);

  // Clicks, and clicks of good answers, whose bound has not passed yet.
  Ring<TimePoint> young_;
  Ring<TimePoint> young_good_;
  Minute minutes_[open_minutes];
  TimePoint counted_from_;
  std::int64_t good_windows_ = 0;
  std::int64_t windows_ = 0;
};

}  // namespace longhaul
