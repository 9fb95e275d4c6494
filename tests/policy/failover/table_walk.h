// What holds of every table of a failover manager: no row twice or behind one that always holds,
// every state is reached from the first and can be left, every row has a sentence.
//
//   check_table<State, Input, Guard, Order>(table, State::first, Guard::always);
#pragma once

#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "policy/failover/table.h"
#include "tests/catch.h"

namespace longhaul {

template <class State, class Input, class Guard, class Order>
void check_table(std::span<const Transition<State, Input, Guard, Order>> table, State first,
                 Guard always) {
  std::set<std::tuple<State, Input, Guard>> seen;
  std::set<std::pair<State, Input>> decided;
  std::set<State> all{first};
  for (const auto& row : table) {
    INFO(to_text(row.from) << " --" << to_text(row.input) << "[" << to_text(row.guard) << "]--> "
                           << to_text(row.to));
    REQUIRE(seen.insert({row.from, row.input, row.guard}).second);
    REQUIRE(decided.count({row.from, row.input}) == 0);
    if (row.guard == always) decided.insert({row.from, row.input});
    REQUIRE_FALSE(row.sentence.empty());
    REQUIRE(row.sentence.back() == '.');
    REQUIRE_FALSE(to_text(row.order).empty());
    all.insert(row.from);
    all.insert(row.to);
  }
  std::set<State> reached{first};
  std::set<State> left;
  for (std::size_t round = 0; round < table.size(); ++round) {
    for (const auto& row : table) {
      if (reached.count(row.from) != 0) reached.insert(row.to);
      if (row.from != row.to) left.insert(row.from);
    }
  }
  for (const State state : all) {
    INFO(to_text(state));
    REQUIRE(reached.count(state) == 1);
    REQUIRE(left.count(state) == 1);
  }
}

// The table as text, for goldens.
template <class State, class Input, class Guard, class Order>
std::string printed(std::span<const Transition<State, Input, Guard, Order>> table) {
  std::string text;
  for (const auto& row : table) {
    const TransitionText t = text_of(row);
    text += std::string(t.from) + " --" + std::string(t.input) + "[" + std::string(t.guard) +
            "]--> " + std::string(t.to) + ": " + std::string(t.order) + " because " +
            std::string(t.reason) + "\n    " + std::string(t.sentence) + "\n";
  }
  return text;
}

}  // namespace longhaul
