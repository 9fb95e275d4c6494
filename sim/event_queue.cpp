#include "sim/event_queue.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace longhaul {

namespace {

constexpr std::size_t front_gap = 32;  // room before the run, for events that come in first

bool runs_after(const Event& a, const Event& b) { return runs_before(b, a); }

// Moves run[i] down to its place among the sorted events before it.
void sink(Event* run, std::size_t i) {
  if (!runs_before(run[i], run[i - 1])) return;
  const Event event = run[i];
  for (; i > 0 && runs_before(event, run[i - 1]); --i) run[i] = run[i - 1];
  run[i] = event;
}

}  // namespace

EventQueue::EventQueue() {
  for (auto& level : heads_) level.fill(none);
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
         (next_.capacity() + dealt_.capacity()) * sizeof(Index);
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
  return std::exchange(heads_[bucket.level][bucket.digit], none);
}

// Hangs the events of a list anew, oldest first, so that every list stays newest first and a burst
// comes out in order. Fetching an event while the list is followed hides most of its way from
// memory.
void EventQueue::deal_out(Index first) {
  for (Index i = first; i != none; i = next_[i]) {
    __builtin_prefetch(&events_[i]);
    dealt_.push_back(i);
  }
  for (std::size_t i = dealt_.size(); i-- > 0;) hang(dealt_[i], time_of(events_[dealt_[i]]));
  dealt_.clear();
}

EventQueue::Index EventQueue::new_place() {
  CHECK(events_.size() < none);
  if (events_.size() == events_.capacity()) {
    const std::size_t larger = events_.size() + events_.size() / 4 + 16;
    events_.reserve(larger);
    next_.reserve(larger);
  }
  events_.emplace_back();
  next_.push_back(none);
  return static_cast<Index>(events_.size() - 1);
}

// ---- The front ---------------------------------------------------------------------------------

// Moves the earliest events into the front, unless they all come after `limit`.
bool EventQueue::open_until(TimePoint limit) {
  while (levels_used_ != 0) {
    const Bucket bucket = first_bucket();
    const Time start = start_of(bucket);
    if (static_cast<std::int64_t>(start) > limit.ns) return false;
    const Index first = take(bucket);
    if (open_if_few(bucket, first, start)) return true;
    base_ = open_end_ = start;
    deal_out(first);
  }
  return false;
}

// Opens a bucket unless it is crowded. Events that share an instant cannot be dealt out any
// further, so they are opened however many they are. Lists are newest first; the run takes them
// backwards, so a burst is in order already unless classes or tie bits say otherwise.
bool EventQueue::open_if_few(Bucket bucket, Index first, Time start) {
  std::array<Index, open_max> places;
  std::size_t count = 0;
  Index last = none;
  for (Index i = first; i != none; i = next_[i]) {
    if (count == open_max && bucket.level > 0) return false;
    if (count < open_max) places[count] = i;
    last = i;
    ++count;
  }
  make_run(count);
  if (count <= open_max) {
    sort_few(places.data(), count, start, bucket.level * digit_bits);
  } else {
    Event* place = run_.data() + tail_;
    for (Index i = first; i != none; i = next_[i]) *--place = events_[i];
    if (!std::is_sorted(place, place + count, runs_before)) {
      std::sort(place, place + count, runs_before);
    }
  }
  next_[last] = free_;
  free_ = first;
  base_ = start;
  open_end_ = start + (Time{1} << bucket.level * digit_bits);
  close_at_ = front_max;
  return true;
}

// Sorts by counting for each event those before it, which takes no branches. The times are cut to
// `key_bits` below `width_bits`, the width of the bucket; what that leaves equal is ordered at the
// end.
void EventQueue::sort_few(const Index* places, std::size_t count, Time start, unsigned width_bits) {
  constexpr unsigned key_bits = 25;
  const unsigned cut = width_bits > key_bits ? width_bits - key_bits : 0;
  std::array<std::int32_t, open_max> keys;
  keys.fill(std::numeric_limits<std::int32_t>::max());
  for (std::size_t i = 0; i < count; ++i) {
    const Time offset = (time_of(events_[places[i]]) - start) >> cut;
    keys[i] = static_cast<std::int32_t>(offset * open_max + (open_max - 1 - i));
  }
  Event* const run = run_.data() + head_;
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t before = 0;
    for (std::size_t j = 0; j < open_max; ++j) before += keys[j] < keys[i] ? 1 : 0;
    run[before] = events_[places[i]];
  }
  for (std::size_t i = 1; i < count; ++i) sink(run, i);
}

// Room for a new run of `count` events, some before it and at least one behind.
void EventQueue::make_run(std::size_t count) {
  if (run_.size() < front_gap + count + 1) run_.resize(front_gap + count + front_max);
  head_ = front_gap;
  tail_ = front_gap + count;
}

void EventQueue::insert_front(Event event) {
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

void EventQueue::pop_late() {
  std::pop_heap(late_.begin(), late_.end(), runs_after);
  late_.pop_back();
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
  const Event* first = run_.data() + head_;
  const Event* const end = run_.data() + tail_;
  while (first != end && time_of(*first) < from) ++first;
  tail_ = static_cast<std::size_t>(first - run_.data());
  for (; first != end; ++first) store(*first);
  const auto kept = std::partition(late_.begin(), late_.end(),
                                   [from](const Event& e) { return time_of(e) < from; });
  for (auto event = kept; event != late_.end(); ++event) store(*event);
  late_.erase(kept, late_.end());
  std::make_heap(late_.begin(), late_.end(), runs_after);
  close_at_ = std::max(front_max, 2 * (tail_ - head_ + late_.size()));
}

}  // namespace longhaul
