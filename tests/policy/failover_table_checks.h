// What every table of a failover manager has to obey.
#pragma once

#include <array>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "policy/failover/table.h"
#include "tests/catch.h"

namespace longhaul {

// No row twice, none behind one that always holds, a sentence for each; every state that a row
// names is reached from `first` and has a way out.
template <class Row, std::size_t size>
void check_table(const std::array<Row, size>& table, decltype(Row::from) first) {
  using State = decltype(Row::from);
  std::set<std::tuple<State, decltype(Row::input), decltype(Row::guard)>> seen;
  std::set<std::pair<State, decltype(Row::input)>> decided;
  std::set<std::string> sentences;
  std::set<State> named{first};
  for (const Row& row : table) {
    INFO(row.sentence);
    CHECK(seen.insert({row.from, row.input, row.guard}).second);
    CHECK(decided.count({row.from, row.input}) == 0);
    if (to_text(row.guard) == "always") decided.insert({row.from, row.input});
    CHECK(sentences.insert(std::string(to_text(row.from)) + std::string(row.sentence)).second);
    CHECK(row.sentence.size() > 20);
    CHECK(row.sentence.back() == '.');
    named.insert(row.from);
    named.insert(row.to);
  }
  std::set<State> reached{first};
  std::set<State> left;
  for (std::size_t round = 0; round < size; ++round) {
    for (const Row& row : table) {
      if (reached.count(row.from)) reached.insert(row.to);
      if (row.from != row.to) left.insert(row.from);
    }
  }
  for (const State state : named) {
    INFO(to_text(state));
    CHECK(reached.count(state) == 1);
    CHECK(left.count(state) == 1);
  }
}

}  // namespace longhaul
