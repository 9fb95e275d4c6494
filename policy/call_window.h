// The latest results of calls, in fixed memory: the last n calls, or those of the last n seconds.
//
// By time the window is the present second, counted from the epoch of the host's clock, and the
// whole seconds before it, as SlidingTimeWindowMetrics of resilience4j has it; Hystrix's ten
// buckets of a second are the same thing.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"

namespace longhaul {

struct CallCounts {
  std::int64_t calls = 0;
  std::int64_t failures = 0;
  std::int64_t slow = 0;

  friend constexpr bool operator==(const CallCounts&, const CallCounts&) = default;
};

class CallWindow {
 public:
  static constexpr std::int32_t calls_max = 1024;
  static constexpr std::int32_t seconds_max = 120;

  static CallWindow of_calls(std::int32_t calls);
  static CallWindow of_seconds(std::int32_t seconds);

  void record(TimePoint now, bool failed, bool slow);
  const CallCounts& counts() const { return counts_; }  // as of the latest record

 private:
  static constexpr std::int32_t word_bits = 64;
  using Bits = std::array<std::uint64_t, calls_max / word_bits>;
  struct Bucket {
    std::uint32_t calls = 0;
    std::uint32_t failures = 0;
    std::uint32_t slow = 0;
  };

  void record_call(bool failed, bool slow);
  void move_to(std::int64_t second);

  std::int32_t calls_ = 0;    // of the window; 0: it goes by seconds
  std::int32_t seconds_ = 0;  // likewise
  CallCounts counts_;
  std::int32_t next_ = 0;    // by calls: whose place the next one takes
  bool has_second_ = false;  // by seconds: something was recorded
  std::int64_t second_ = 0;  // by seconds: the latest
  Bits failed_{};
  Bits slow_{};
  std::array<Bucket, seconds_max> buckets_{};  // by second modulo seconds_
};

}  // namespace longhaul
