#include "sim/trace.h"

#include "base/check.h"

namespace longhaul {

Trace::Trace(std::size_t capacity, TraceFilter filter) : capacity_(capacity), filter_(filter) {
  CHECK(capacity > 0);
}

void Trace::add(std::uint64_t number, const Event& event) {
  if (!filter_.accepts(event)) return;
  const TraceRecord record{number, event};
  if (records_.size() < capacity_) {
    records_.push_back(record);
  } else {
    records_[accepted_ % capacity_] = record;
  }
  ++accepted_;
}

const TraceRecord& Trace::at(std::size_t index) const {
  CHECK(index < records_.size());
  const std::size_t oldest = records_.size() < capacity_ ? 0 : accepted_ % capacity_;
  return records_[(oldest + index) % capacity_];
}

}  // namespace longhaul
