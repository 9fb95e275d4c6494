// Pending events, earliest first: a value that is copied like any other.
//
// The order of popping depends on (at, order) alone, never on the order of pushing, on addresses or
// on what happened before. Errors: events are neither before time 0 nor before the last event
// popped.
//
// How it works. Simulated time only moves forwards, so events wait in a radix wheel: level l holds
// the events whose time first differs from `base_` in digit l (a digit is 8 bits of nanoseconds),
// in the bucket of that digit. The earliest bucket of the lowest level in use holds the earliest
// events. A bucket of a few events is opened: its events are sorted into `run_` and popped from
// there. A crowded bucket is first dealt out to the levels below it. So the width of what gets
// sorted follows the density of the events, from nanoseconds to years, and nothing has to be tuned
// or guessed: an event moves at most once a level, and usually once or twice.
//
// An event that is pushed before `open_end_` is inserted into `run_`, or goes to the heap `late_`
// when its place is far from either end. When this front fills up, it goes back into the wheel to
// be dealt out more finely; what cannot be (a burst at one instant) stays, at the cost of a heap.
//
// Events live in one array and buckets are lists of positions in it, 36 bytes an event. A freed
// position is used again first. Memory grows by a quarter when it must and is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "sim/event.h"

namespace longhaul {

class EventQueue {
 public:
  EventQueue();

  void push(const Event& event);

  // Takes the earliest event; false when there is none.
  bool pop(Event& event) { return pop_until(TimePoint::never(), event); }

  // Takes the earliest event unless it is later than `limit`.
  bool pop_until(TimePoint limit, Event& event);

  // The time of the earliest event, never() when there is none. Looks, moves nothing.
  TimePoint next_time() const;

  // The earliest event, null when there is none; valid until the queue changes.
  const Event* peek() const;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Everything the queue occupies, its own object included.
  std::size_t memory_bytes() const;

 private:
  using Index = std::uint32_t;
  using Time = std::uint64_t;  // nanoseconds, so that a digit is a shift and a mask
  static constexpr Index none = 0xffffffffu;
  static constexpr unsigned digit_bits = 8;
  static constexpr unsigned digits = 1u << digit_bits;
  static constexpr unsigned levels = (64 + digit_bits - 1) / digit_bits;
  static constexpr unsigned words = digits / 64;
  static constexpr std::size_t open_max = 32;   // a bucket of at most so many is sorted at once
  static constexpr std::size_t shift_max = 24;  // how far an insertion searches from the end
  static constexpr std::size_t front_max = 96;  // an open bucket beyond this goes back

  struct Bucket {
    unsigned level;
    unsigned digit;
  };

  static Time time_of(const Event& event) { return static_cast<Time>(event.at.ns); }
  bool front_empty() const { return head_ == tail_ && late_.empty(); }
  bool late_is_first() const;
  Bucket first_bucket() const;
  Time start_of(Bucket bucket) const;
  Index take(Bucket bucket);
  void deal_out(Index first);
  Index new_place();
  void store(const Event& event);
  void hang(Index index, Time at);
  bool open_until(TimePoint limit);
  bool open_if_few(Bucket bucket, Index first, Time start);
  void make_run(std::size_t count);
  void sort_few(const Index* places, std::size_t count, Time start, unsigned width_bits);
  void insert_front(Event event);
  void make_room();
  void close_front();
  void pop_late();

  Time last_ = 0;      // time of the last event popped
  Time base_ = 0;      // the wheel is dealt out relative to this time
  Time open_end_ = 0;  // earlier events are in the front (run_ and late_), the others in the wheel
  std::size_t head_ = 0;  // the sorted run is run_[head_, tail_)
  std::size_t tail_ = 0;
  std::size_t close_at_ = front_max;  // size of the front that makes it worth closing
  std::vector<Event> run_;
  std::vector<Event> late_;  // a heap, earliest first
  std::vector<Event> events_;
  std::vector<Index> next_;   // in a bucket's list or in the list of free positions
  std::vector<Index> dealt_;  // empty but while a bucket is dealt out
  Index free_ = none;
  std::uint32_t levels_used_ = 0;
  std::size_t size_ = 0;
  std::array<std::array<std::uint64_t, words>, levels> used_{};
  std::array<std::array<Index, digits>, levels> heads_;  // none where no bucket is used
};

// ---- The path of every event, inline -----------------------------------------------------------

inline void EventQueue::push(const Event& event) {
  const Time at = time_of(event);
  CHECK(event.at.ns >= 0 && at >= last_);
  ++size_;
  if (at < open_end_) {
    insert_front(event);
  } else {
    store(event);
  }
}

inline void EventQueue::store(const Event& event) {
  const Index index = free_ == none ? new_place() : free_;
  free_ = next_[index];
  events_[index] = event;
  hang(index, time_of(event));
}

// Puts the event into the bucket of the highest digit in which it differs from base_.
inline void EventQueue::hang(Index index, Time at) {
  const unsigned level =
      (63u - static_cast<unsigned>(__builtin_clzll((at ^ base_) | 1))) / digit_bits;
  const auto digit = static_cast<unsigned>(at >> (level * digit_bits)) % digits;
  next_[index] = heads_[level][digit];
  heads_[level][digit] = index;
  used_[level][digit / 64] |= std::uint64_t{1} << digit % 64;
  levels_used_ |= 1u << level;
}

inline bool EventQueue::late_is_first() const {
  return !late_.empty() && (head_ == tail_ || runs_before(late_.front(), run_[head_]));
}

inline bool EventQueue::pop_until(TimePoint limit, Event& event) {
  if (front_empty() && !open_until(limit)) return false;
  const bool late = late_is_first();
  const Event& first = late ? late_.front() : run_[head_];
  if (first.at > limit) return false;
  event = first;
  if (late) {
    pop_late();
  } else {
    ++head_;
  }
  last_ = time_of(event);
  --size_;
  return true;
}

}  // namespace longhaul
