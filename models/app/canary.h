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

  // Forgets everything measured so far, keeps the writes that are under way.
  void restart();

  struct Outage {
    TimePoint began;
    TimePoint ended;
    bool censored = false;
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

  Ring<Write> writes_;            // not judged yet, by time of sending
  std::vector<Outage> outages_;
  bool out_ = false;
  TimePoint began_;
  TimePoint last_missed_;         // sending of the last write that missed the bound
  std::vector<TimePoint> answers_;  // acknowledgements after last_missed_
};

// One-minute windows in which at least 99 % of the pages succeeded within the bound.
class AvailabilityWatch {
 public:
  static constexpr Duration window = seconds(60);
  static constexpr Duration bound = seconds(2);

  void page(TimePoint done, bool ok);
  void finish();
  void restart() { *this = {}; }
  std::int64_t good_windows() const { return good_windows_; }
  std::int64_t windows() const { return windows_; }

 private:
  std::int64_t minute_ = -1;
  std::int64_t good_ = 0;
  std::int64_t all_ = 0;
  std::int64_t good_windows_ = 0;
  std::int64_t windows_ = 0;
};

}  // namespace longhaul
