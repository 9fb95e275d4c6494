// Pending events, earliest first: a value that is copied like any other.
//
// The order of popping depends on (at, order) alone, never on the order of pushing, on addresses or on
// what happened before. Errors: events are neither before time 0 nor before the last event popped.
//
// How it works. Simulated time only moves forwards, so events wait in a radix wheel: level l holds
// the events whose time first differs from `base_` in digit l (a digit is 8 bits of nanoseconds), in
// the bucket of that digit. The earliest bucket of the lowest level in use holds the earliest events.
// A bucket of a few events is opened: its events are sorted into `run_` and popped from there. A
// crowded bucket is first dealt out to the levels below it. So the width of what gets sorted follows
// the density of the events, from nanoseconds to years, and nothing has to be tuned or guessed: an
// event moves at most once a level, and usually once or twice.
//
// An event that is pushed into the bucket already open is inserted into `run_`, or goes to the heap
// `late_` when that would move much. When an open bucket fills up, it goes back into the wheel to be
// dealt out more finely.
//
// Events live in one array and buckets are lists of positions in it, 36 bytes an event. A freed
// position is used again first. Memory grows by a quarter when it must and is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

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
  static constexpr Index none = 0xffffffffu;
  static constexpr unsigned digit_bits = 8;
  static constexpr unsigned digits = 1u << digit_bits;
  static constexpr unsigned levels = 64 / digit_bits;
  static constexpr std::size_t open_max = 24;   // a bucket of at most so many is sorted at once
  static constexpr std::size_t front_max = 96;  // an open bucket beyond this goes back

  struct Bucket {
    unsigned level;
    unsigned digit;
  };

  static std::uint64_t start_of(const Event& event) {
    return static_cast<std::uint64_t>(event.at.ns);
  }
  Bucket first_bucket() const;
  std::uint64_t bucket_start(Bucket bucket) const;
  void hang(Index index, std::uint64_t at);
  void store(const Event& event);
  Index take(Bucket bucket);
  bool open_until(std::uint64_t limit);
  bool open_if_few(Bucket bucket, Index first, std::uint64_t start);
  void insert_open(const Event& event);
  void close_again();
  void grow();

  std::size_t size_ = 0;
  std::uint64_t base_ = 0;      // the wheel is dealt out relative to this time
  std::uint64_t open_end_ = 0;  // events before this time are in run_ or late_, later ones on the wheel
  std::uint64_t last_ = 0;      // time of the last event popped
  std::size_t head_ = 0;        // run_[head_] is the earliest of the sorted run
  std::vector<Event> run_;
  std::vector<Event> late_;
  std::vector<Event> events_;
  std::vector<Index> next_;
  Index free_ = none;
  std::uint32_t levels_used_ = 0;
  std::array<std::array<std::uint64_t, digits / 64>, levels> used_{};
  std::array<std::array<Index, digits>, levels> heads_;
};

}  // namespace longhaul
