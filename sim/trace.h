// The last events that passed a filter, for people and for comparing two runs.
//
// It lives outside the world: whoever runs the loop adds each event after popping it. A snapshot
// carries the digest and no trace; to explain a run, it is simulated again with a filter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/units.h"
#include "sim/event.h"

namespace longhaul {

// Conditions that all hold; an empty one always does. The window includes both ends.
struct TraceFilter {
  std::optional<std::uint16_t> kind;
  std::optional<std::uint32_t> target;
  TimePoint from;
  TimePoint to = TimePoint::never();

  bool accepts(const Event& event) const {
    return event.at >= from && event.at <= to && (!kind || *kind == event.kind) &&
           (!target || *target == event.target);
  }
};

struct TraceRecord {
  std::uint64_t number = 0;  // Scheduler::events() after the event was popped: 1 for the first
  Event event;
  friend bool operator==(const TraceRecord&, const TraceRecord&) = default;
};

class Trace {
 public:
  explicit Trace(std::size_t capacity, TraceFilter filter = {});

  void add(std::uint64_t number, const Event& event);

  std::size_t size() const { return records_.size(); }
  const TraceRecord& at(std::size_t index) const;       // 0 is the oldest kept
  std::uint64_t accepted() const { return accepted_; }  // also those that were overwritten

 private:
  std::size_t capacity_;
  TraceFilter filter_;
  std::uint64_t accepted_ = 0;
  std::vector<TraceRecord> records_;
};

}  // namespace longhaul
