// A first-in first-out queue in one block of memory that grows by doubling and is copied as a
// value. Entries keep their absolute number: the first ever pushed is 0, so a number stays a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"

namespace longhaul {

template <class T>
class Ring {
 public:
  bool empty() const { return first_ == end_; }
  std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
  std::uint64_t first() const { return first_; }  // number of the oldest entry kept
  std::uint64_t end() const { return end_; }      // number that the next entry will get

  std::uint64_t push_back(const T& value) {
    if (size() == slots_.size()) grow();
    slots_[static_cast<std::size_t>(end_) & mask()] = value;
    return end_++;
  }

  T pop_front() {
    CHECK(!empty());
    T value = std::move(slots_[static_cast<std::size_t>(first_) & mask()]);
    ++first_;
    return value;
  }

  // The next entry gets number `end` again, which is one of those kept or of the next.
  void drop_back(std::uint64_t end) {
    CHECK(end >= first_ && end <= end_);
    end_ = end;
  }

  T& front() { return at(first_); }
  const T& front() const { return at(first_); }
  T& back() { return at(end_ - 1); }
  const T& back() const { return at(end_ - 1); }

  T& at(std::uint64_t number) {
    CHECK(number >= first_ && number < end_);
    return slots_[static_cast<std::size_t>(number) & mask()];
  }
  const T& at(std::uint64_t number) const {
    CHECK(number >= first_ && number < end_);
    return slots_[static_cast<std::size_t>(number) & mask()];
  }

 private:
  std::size_t mask() const { return slots_.size() - 1; }

  void grow() {
    std::vector<T> larger(slots_.empty() ? 8 : slots_.size() * 2);
    for (std::uint64_t n = first_; n != end_; ++n) {
      larger[static_cast<std::size_t>(n) & (larger.size() - 1)] =
          std::move(slots_[static_cast<std::size_t>(n) & mask()]);
    }
    slots_ = std::move(larger);
  }

  std::vector<T> slots_;
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace longhaul
