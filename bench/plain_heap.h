// The yardstick of the benchmarks: a hand-written 4-ary heap of 24-byte structs that does nothing
// but order events by time and serial.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace longhaul::bench {

struct HeapEvent {
  std::int64_t at;
  std::uint64_t serial;
  std::uint64_t payload;
};

class PlainHeap {
 public:
  bool empty() const { return events_.empty(); }

  void push(HeapEvent event) {
    std::size_t i = events_.size();
    events_.push_back(event);
    while (i > 0) {
      const std::size_t parent = (i - 1) / 4;
      if (!before(event, events_[parent])) break;
      events_[i] = events_[parent];
      i = parent;
    }
    events_[i] = event;
  }

  HeapEvent pop() {
    const HeapEvent top = events_.front();
    const HeapEvent last = events_.back();
    events_.pop_back();
    const std::size_t size = events_.size();
    std::size_t i = 0;
    while (4 * i + 1 < size) {
      const std::size_t end = std::min(4 * i + 5, size);
      std::size_t least = 4 * i + 1;
      for (std::size_t child = least + 1; child < end; ++child) {
        if (before(events_[child], events_[least])) least = child;
      }
      if (!before(events_[least], last)) break;
      events_[i] = events_[least];
      i = least;
    }
    if (size > 0) events_[i] = last;
    return top;
  }

 private:
  static bool before(const HeapEvent& a, const HeapEvent& b) {
    return a.at != b.at ? a.at < b.at : a.serial < b.serial;
  }

  std::vector<HeapEvent> events_;
};

}  // namespace longhaul::bench
