// The tokens of the rows that one session wrote last, small enough for a cookie.
//
// A read of a row that the session has not written is held to nothing. What no longer fits moves
// into one token for all other rows: the price of forgetting is reads that wait or move without
// need, never a stale one. Rows are named by 64 bits of the host's choice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "policy/freshness.h"

namespace longhaul {

class RecentWrites {
 public:
  static constexpr std::size_t rows_max = 8;

  // Of one row: its own token, or that for all other rows.
  const SessionToken& token_of(std::uint64_t row) const;
  void put(std::uint64_t row, const SessionToken& written);
  std::size_t size() const { return count_; }

  friend constexpr bool operator==(const RecentWrites&, const RecentWrites&) = default;

 private:
  struct Entry {
    std::uint64_t row = 0;
    SessionToken token;
    friend constexpr bool operator==(const Entry&, const Entry&) = default;
  };

  std::array<Entry, rows_max> entries_{};  // the first count_ are in use
  std::size_t count_ = 0;
  SessionToken others_;
};

}  // namespace longhaul
