// Tokens by key, as a store keeps them: open addressing, at most half full.
//
// Tokens that no longer count are dropped when the table is rebuilt to grow, so it holds about
// twice the keys that are alive at once, whatever the length of the run.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/freshness.h"

namespace longhaul {

class TokenTable {
 public:
  // An empty token when there is none.
  SessionToken find(std::uint64_t key) const;
  // Keeps what covers both the token and the one that is there.
  void put(const FreshnessConfig& config, TimePoint now, std::uint64_t key,
           const SessionToken& token);
  void erase(std::uint64_t key);

  std::size_t slots() const { return entries_.size(); }

 private:
  struct Entry {
    bool is_used = false;
    std::uint64_t key = 0;
    SessionToken token;
  };

  std::size_t slot_of(std::uint64_t key) const;
  void rebuild(const FreshnessConfig& config, TimePoint now);

  std::vector<Entry> entries_;  // none, or a power of two
  std::size_t used_ = 0;
};

}  // namespace longhaul
