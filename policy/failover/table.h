// State machines of failover managers as tables: a row says from which state, on which input and
// under which guard the machine moves, what it orders, and why, in a sentence that is its log line,
// its documentation and its test.
//
// A manager defines enums of its states, inputs, guards and orders with to_text(), one constexpr
// array of rows, and applies the first row that fits. Inputs are what events mean to it ("the key
// is gone"), not the events themselves. Tests walk every table: no duplicate, every state is
// reachable and can be left, every row is taken in some story.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "policy/failover/types.h"

namespace longhaul {

template <class State, class Input, class Guard, class Order>
struct Transition {
  State from;
  Input input;
  Guard guard;
  State to;
  Order order;
  FailoverReason reason;
  std::string_view sentence;
};

// A row for people.
struct TransitionText {
  std::string_view from;
  std::string_view input;
  std::string_view guard;
  std::string_view to;
  std::string_view order;
  std::string_view reason;
  std::string_view sentence;
};

template <class Row>
TransitionText text_of(const Row& row) {
  return {to_text(row.from),  to_text(row.input),  to_text(row.guard), to_text(row.to),
          to_text(row.order), to_text(row.reason), row.sentence};
}

// The table of one machine, as the manual prints it.
struct MachineTable {
  std::string_view name;
  std::string_view first_state;
  std::size_t size = 0;
  TransitionText (*row)(std::size_t) = nullptr;
};

}  // namespace longhaul
