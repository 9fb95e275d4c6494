#include "policy/call_window.h"

#include "base/check.h"

namespace longhaul {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t second_of(TimePoint now) { return div_floor(now.ns, second_ns); }

}  // namespace

CallWindow CallWindow::of_calls(std::int32_t calls) {
  CHECK(calls >= 1 && calls <= calls_max);
  CallWindow window;
  window.calls_ = calls;
  return window;
}

CallWindow CallWindow::of_seconds(std::int32_t seconds) {
  CHECK(seconds >= 1 && seconds <= seconds_max);
  CallWindow window;
  window.seconds_ = seconds;
  return window;
}

void CallWindow::record(TimePoint now, bool failed, bool slow) {
  if (calls_ > 0) {
    record_call(failed, slow);
    return;
  }
  move_to(second_of(now));
  Bucket& bucket = buckets_[static_cast<std::size_t>(second_ % seconds_)];
  bucket.calls += 1;
  bucket.failures += failed ? 1 : 0;
  bucket.slow += slow ? 1 : 0;
  counts_.calls += 1;
  counts_.failures += failed ? 1 : 0;
  counts_.slow += slow ? 1 : 0;
}

void CallWindow::record_call(bool failed, bool slow) {
  const auto word = static_cast<std::size_t>(next_ / word_bits);
  const std::uint64_t bit = std::uint64_t{1} << (next_ % word_bits);
  const auto replace = [bit](std::uint64_t& bits, bool value, std::int64_t& count) {
    count += (value ? 1 : 0) - ((bits & bit) != 0 ? 1 : 0);
    bits = value ? bits | bit : bits & ~bit;
  };
  replace(failed_[word], failed, counts_.failures);
  replace(slow_[word], slow, counts_.slow);
  if (counts_.calls < calls_) counts_.calls += 1;
  next_ = next_ + 1 == calls_ ? 0 : next_ + 1;
}

// Forgets the seconds that have fallen out of the window.
void CallWindow::move_to(std::int64_t second) {
  if (!has_second_) second_ = second;
  has_second_ = true;
  if (second - second_ >= seconds_) {
    buckets_ = {};
    counts_ = {};
    second_ = second;
  }
  while (second_ < second) {
    second_ += 1;
    Bucket& bucket = buckets_[static_cast<std::size_t>(second_ % seconds_)];
    counts_.calls -= bucket.calls;
    counts_.failures -= bucket.failures;
    counts_.slow -= bucket.slow;
    bucket = {};
  }
}

}  // namespace longhaul
