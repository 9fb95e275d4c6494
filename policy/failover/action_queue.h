// Orders of a manager that its host has not drained yet. Of fixed size: a manager allocates
// nothing. Between two drains none gives more orders than one for each member and a few of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "policy/failover/types.h"

namespace longhaul {

class ActionQueue {
 public:
  // Numbers the action and returns its number.
  std::uint32_t push(FailoverAction action) {
    CHECK(size_ < actions_.size());
    action.number = ++last_number_;
    actions_[(first_ + size_) % actions_.size()] = action;
    size_ += 1;
    return last_number_;
  }
  std::optional<FailoverAction> pop() {
    if (size_ == 0) return std::nullopt;
    const FailoverAction action = actions_[first_];
    first_ = (first_ + 1) % actions_.size();
    size_ -= 1;
    return action;
  }
  bool empty() const { return size_ == 0; }

 private:
  std::array<FailoverAction, 3 * members_max> actions_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::uint32_t last_number_ = 0;
};

}  // namespace longhaul
