#include "sim/event_queue.h"

#include <algorithm>

#include "base/check.h"

namespace longhaul {

namespace {

constexpr std::size_t front_gap = 32;  // room before the run, for events that come in first

bool runs_after(const Event& a, const Event& b) { return runs_before(b, a); }

}  // namespace

void EventQueue::push(const Event& event) {
  const Time at = time_of(event);
  CHECK(event.at.ns >= 0 && at >= last_);
  ++size_;
  if (at < open_end_) {
    insert_front(event);
  } else {
    store(event);
  }
}

bool EventQueue::pop_until(TimePoint limit, Event& event) {
  if (front_empty() && (limit.ns < 0 || !open_until(static_cast<Time>(limit.ns)))) return false;
  const bool late = late_is_first();
  const Event& first = late ? late_.front() : run_[head_];
  if (first.at > limit) return false;
  event = first;
  if (late) {
    std::pop_heap(late_.begin(), late_.end(), runs_after);
    late_.pop_back();
  } else {
    ++head_;
  }
  last_ = time_of(event);
  --size_;
  return true;
}

TimePoint EventQueue::next_time() const {
  const Event* first = peek();
  return first == nullptr ? TimePoint::never() : first->at;
}

const Event* EventQueue::peek() const {
  if (size_ == 0) return nullptr;
  if (!front_empty()) return late_is_first() ? &late_.front() : &run_[head_];
  const Bucket bucket = first_bucket();
  const Event* first = nullptr;
  for (Index i = heads_[bucket.level][bucket.digit]; i != none; i = next_[i]) {
    if (first == nullptr || runs_before(events_[i], *first)) first = &events_[i];
  }
  return first;
}

std::size_t EventQueue::memory_bytes() const {
  return sizeof(*this) + (run_.capacity() + late_.capacity() + events_.capacity()) * sizeof(Event) +
         next_.capacity() * sizeof(Index);
}

bool EventQueue::late_is_first() const {
  return !late_.empty() && (head_ == tail_ || runs_before(late_.front(), run_[head_]));
}

// ---- The wheel ---------------------------------------------------------------------------------

// Lower levels agree with base_ in more digits, so they come earlier. Some level is in use.
EventQueue::Bucket EventQueue::first_bucket() const {
  const auto level = static_cast<unsigned>(__builtin_ctz(levels_used_));
  unsigned word = 0;
  while (used_[level][word] == 0) ++word;
  const auto bit = static_cast<unsigned>(__builtin_ctzll(used_[level][word]));
  return {level, word * 64 + bit};
}

EventQueue::Time EventQueue::start_of(Bucket bucket) const {
  const unsigned shift = bucket.level * digit_bits;
  const Time above = base_ >> shift >> digit_bits << digit_bits;
  return (above | bucket.digit) << shift;
}

// Empties the bucket and returns the first position of its list.
EventQueue::Index EventQueue::take(Bucket bucket) {
  auto& used = used_[bucket.level];
  used[bucket.digit / 64] &= ~(std::uint64_t{1} << bucket.digit % 64);
  std::uint64_t any = 0;
  for (const std::uint64_t word : used) any |= word;
  if (any == 0) levels_used_ &= ~(1u << bucket.level);
  return heads_[bucket.level][bucket.digit];
}

void EventQueue::store(const Event& event) {
  Index index = free_;
  if (index == none) {
    CHECK(events_.size() < none);
    index = static_cast<Index>(events_.size());
    if (events_.size() == events_.capacity()) {
      const std::size_t larger = events_.size() + events_.size() / 4 + 16;
      events_.reserve(larger);
      next_.reserve(larger);
    }
    events_.push_back(event);
    next_.push_back(none);
  } else {
    free_ = next_[index];
    events_[index] = event;
  }
  hang(index, time_of(event));
}

// Puts the event into the bucket of the highest digit in which it differs from base_.
void EventQueue::hang(Index index, Time at) {
  const unsigned level =
      (63u - static_cast<unsigned>(__builtin_clzll((at ^ base_) | 1))) / digit_bits;
  const auto digit = static_cast<unsigned>(at >> (level * digit_bits)) % digits;
  std::uint64_t& word = used_[level][digit / 64];
  const std::uint64_t bit = std::uint64_t{1} << digit % 64;
  next_[index] = (word & bit) != 0 ? heads_[level][digit] : none;
  heads_[level][digit] = index;
  word |= bit;
  levels_used_ |= 1u << level;
}

// ---- The front ---------------------------------------------------------------------------------

// Moves the earliest events into the front, unless they all come after `limit`.
bool EventQueue::open_until(Time limit) {
  while (levels_used_ != 0) {
    const Bucket bucket = first_bucket();
    const Time start = start_of(bucket);
    if (start > limit) return false;
    const Index first = take(bucket);
    if (open_if_few(bucket, first, start)) return true;
    base_ = open_end_ = start;
    for (Index i = first; i != none;) {
      const Index next = next_[i];
      hang(i, time_of(events_[i]));
      i = next;
    }
  }
  return false;
}

// Events that share an instant cannot be dealt out any further, however many they are.
bool EventQueue::open_if_few(Bucket bucket, Index first, Time start) {
  std::size_t count = 0;
  for (Index i = first; i != none; i = next_[i]) {
    if (++count > open_max && bucket.level > 0) return false;
  }
  if (run_.size() < front_gap + count + 1) run_.resize(front_gap + count + front_max);
  head_ = front_gap;
  tail_ = front_gap + count;
  Event* const run = run_.data() + head_;
  Event* place = run + count;  // lists are last in, first out
  for (Index i = first; i != none;) {
    *--place = events_[i];
    const Index next = next_[i];
    next_[i] = free_;
    free_ = i;
    i = next;
  }
  if (count > open_max) {
    std::sort(run, run + count, runs_before);
  } else {
    for (std::size_t i = 1; i < count; ++i) {
      if (!runs_before(run[i], run[i - 1])) continue;
      const Event event = run[i];
      std::size_t j = i;
      do {
        run[j] = run[j - 1];
        --j;
      } while (j > 0 && runs_before(event, run[j - 1]));
      run[j] = event;
    }
  }
  base_ = start;
  open_end_ = start + (Time{1} << bucket.level * digit_bits);
  close_at_ = front_max;
  return true;
}

void EventQueue::insert_front(const Event& event) {
  if (tail_ - head_ + late_.size() >= close_at_) {
    close_front();
    if (time_of(event) >= open_end_) return store(event);
  }
  if (head_ > 0 && head_ < tail_ && runs_before(event, run_[head_])) {
    run_[--head_] = event;
    return;
  }
  std::size_t place = tail_;
  const std::size_t lowest = tail_ - std::min(tail_ - head_, shift_max);
  while (place > lowest && runs_before(event, run_[place - 1])) --place;
  if (place == lowest && lowest > head_ && runs_before(event, run_[place - 1])) {
    late_.push_back(event);
    std::push_heap(late_.begin(), late_.end(), runs_after);
    return;
  }
  if (tail_ == run_.size()) {
    place -= head_;
    make_room();
    place += head_;
  }
  std::copy_backward(run_.begin() + static_cast<std::ptrdiff_t>(place),
                     run_.begin() + static_cast<std::ptrdiff_t>(tail_),
                     run_.begin() + static_cast<std::ptrdiff_t>(tail_ + 1));
  run_[place] = event;
  ++tail_;
}

// Gives the run a free place behind it: by moving it down when half of the array is behind us.
void EventQueue::make_room() {
  if (head_ > tail_ - head_ + front_gap) {
    std::copy(run_.begin() + static_cast<std::ptrdiff_t>(head_),
              run_.begin() + static_cast<std::ptrdiff_t>(tail_), run_.begin() + front_gap);
    tail_ = front_gap + (tail_ - head_);
    head_ = front_gap;
  } else {
    run_.resize(run_.size() + run_.size() / 4 + front_max);
  }
}

// Puts the front back into the wheel, except what is earlier than base_ or than the wheel can hold.
void EventQueue::close_front() {
  const Time from = std::max(base_, last_);
  if (open_end_ < from + 2) return;  // one instant cannot be dealt out
  base_ = open_end_ = from;
  while (tail_ > head_ && time_of(run_[tail_ - 1]) >= from) store(run_[--tail_]);
  const auto kept = std::partition(late_.begin(), late_.end(),
                                   [from](const Event& e) { return time_of(e) < from; });
  for (auto event = kept; event != late_.end(); ++event) store(*event);
  late_.erase(kept, late_.end());
  std::make_heap(late_.begin(), late_.end(), runs_after);
  close_at_ = std::max(front_max, 2 * (tail_ - head_ + late_.size()));
}

}  // namespace longhaul
