#include "models/app/canary.h"

#include <algorithm>

namespace longhaul {

void CanaryWatch::decide(std::uint64_t number, TimePoint answered) {
  if (number < writes_.first()) return;
  Write& write = writes_.at(number);
  write.answered = answered;
  write.decided = true;
  if (answered != TimePoint::never()) answers_.push_back(answered);
  while (!writes_.empty() && writes_.front().decided) judge(writes_.pop_front());
}

void CanaryWatch::judge(const Write& write) {
  const bool missed =
      write.answered == TimePoint::never() || write.answered - write.sent > bound;
  if (!missed) {
    if (out_) {
      close_if_calm(write.sent);
    } else {
      std::erase_if(answers_, [&](TimePoint at) { return at <= write.sent; });
    }
    return;
  }
  if (!out_) {
    out_ = true;
    began_ = write.sent;
  }
  last_missed_ = write.sent;
  std::erase_if(answers_, [&](TimePoint at) { return at <= write.sent; });
}

TimePoint CanaryWatch::recovery() const {
  const auto first = std::min_element(answers_.begin(), answers_.end());
  return first == answers_.end() ? TimePoint::never() : *first;
}

// Every write sent up to this time is judged.
void CanaryWatch::close_if_calm(TimePoint up_to) {
  const TimePoint end = recovery();
  if (end == TimePoint::never() || up_to < end + calm) return;
  outages_.push_back({began_, end, false});
  out_ = false;
  answers_.clear();
}

void CanaryWatch::finish(TimePoint now) {
  while (!writes_.empty()) {
    const Write write = writes_.pop_front();
    if (write.decided || now - write.sent > bound) judge(write);
  }
  if (!out_) return;
  const TimePoint end = recovery();
  const bool recovered = end != TimePoint::never();
  outages_.push_back({began_, recovered ? end : now, !recovered});
  out_ = false;
}

void CanaryWatch::restart() {
  outages_.clear();
  answers_.clear();
  out_ = false;
}

void AvailabilityWatch::page(TimePoint done, bool ok) {
  const std::int64_t minute = div_floor(done.ns, window.ns);
  if (minute != minute_) {
    finish();
    minute_ = minute;
  }
  all_ += 1;
  good_ += ok ? 1 : 0;
}

void AvailabilityWatch::finish() {
  if (all_ > 0) {
    windows_ += 1;
    if (good_ * 100 >= all_ * 99) good_windows_ += 1;
  }
  all_ = 0;
  good_ = 0;
}

}  // namespace longhaul
