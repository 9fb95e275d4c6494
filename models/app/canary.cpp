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
  if (write.sent < counted_from_) return;
  close_if_calm(write.sent);
  const bool missed = write.answered == TimePoint::never() || write.answered - write.sent > bound;
  if (missed && !out_) {
    out_ = true;
    began_ = write.sent;
  }
  // What came before a miss ends no outage; what came before a write that is judged, no later one.
  if (missed || !out_) std::erase_if(answers_, [&](TimePoint at) { return at <= write.sent; });
}

TimePoint CanaryWatch::recovery() const {
  const auto first = std::min_element(answers_.begin(), answers_.end());
  return first == answers_.end() ? TimePoint::never() : *first;
}

// Every write sent before this time is judged.
void CanaryWatch::close_if_calm(TimePoint up_to) {
  if (!out_) return;
  const TimePoint end = recovery();
  if (end == TimePoint::never() || up_to < end + calm) return;
  outages_.push_back({began_, end, false});
  out_ = false;
}

void CanaryWatch::finish(TimePoint now) {
  while (!writes_.empty()) {
    const Write write = writes_.pop_front();
    if (write.decided || now - write.sent > bound) judge(write);
  }
  if (!out_) return;
  const TimePoint end = recovery();
  const bool recovered = end != TimePoint::never();
  const bool censored = !recovered || now < end + calm;
  outages_.push_back({began_, recovered ? end : now, censored});
  out_ = false;
}

void CanaryWatch::restart(TimePoint now) {
  counted_from_ = now;
  outages_.clear();
  answers_.clear();
  out_ = false;
}

AvailabilityWatch::Minute& AvailabilityWatch::at(std::int64_t number) {
  Minute& minute = minutes_[number % open_minutes];
  if (minute.number != number) {
    close(minute);
    minute = {number, 0, 0};
  }
  return minute;
}

void AvailabilityWatch::close(Minute& minute) {
  if (minute.all == 0) return;
  windows_ += 1;
  if (minute.good * 100 >= minute.all * 99) good_windows_ += 1;
  minute = {};
}

// A click is counted once its bound has passed: by then its answer is here or too late.
void AvailabilityWatch::judge_up_to(TimePoint now) {
  while (!young_.empty() && now - young_.front() > bound) {
    at(minute_of(young_.pop_front())).all += 1;
  }
  while (!young_good_.empty() && now - young_good_.front() > bound) {
    at(minute_of(young_good_.pop_front())).good += 1;
  }
}

void AvailabilityWatch::clicked(TimePoint now) {
  judge_up_to(now);
  young_.push_back(now);
}

void AvailabilityWatch::answered(TimePoint clicked, TimePoint now, bool ok) {
  judge_up_to(now);
  if (ok && clicked >= counted_from_ && now - clicked <= bound) young_good_.push_back(clicked);
}

void AvailabilityWatch::finish(TimePoint now) {
  judge_up_to(now);
  // Good answers come in any order: some may wait behind that of a younger click.
  while (!young_good_.empty()) {
    const TimePoint clicked = young_good_.pop_front();
    if (now - clicked > bound) at(minute_of(clicked)).good += 1;
  }
  for (Minute& minute : minutes_) close(minute);
}

void AvailabilityWatch::restart(TimePoint now) {
  *this = {};
  counted_from_ = now;
}

}  // namespace longhaul
