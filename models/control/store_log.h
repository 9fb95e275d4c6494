// A member's log: entries numbered from 1, each with the term it was written in.
//
// Entries that every member has on disk and has applied are forgotten; a member that stays away
// keeps the others from forgetting what it lacks, so the log holds what it still has to hear.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "models/control/store_types.h"
#include "models/ring.h"

namespace longhaul {

// Who waits for a command: the member that a client asked, as it was then.
struct StoreOrigin {
  StoreClientId client;
  StoreCall call;
  std::uint16_t attempt = 0;      // of the call
  std::uint16_t incarnation = 0;  // of the member
  std::uint32_t member = 0xffffffffu;
  std::uint32_t scope = 0;  // that is read
};

struct StoreEntry {
  std::uint32_t term = 0;
  StoreCommand command;
  StoreOrigin origin;
};

class StoreLog {
 public:
  std::uint64_t first() const { return entries_.first() + 1; }  // that is kept
  std::uint64_t last() const { return entries_.end(); }
  const StoreEntry& at(std::uint64_t index) const { return entries_.at(index - 1); }

  // Of the last one forgotten, and from there on; 0 stands before the first.
  std::uint32_t term_at(std::uint64_t index) const {
    return index == entries_.first() ? forgotten_term_ : at(index).term;
  }
  std::uint32_t last_term() const { return term_at(last()); }

  void push_back(const StoreEntry& entry) { entries_.push_back(entry); }

  // The last one is `index` from now on.
  void truncate(std::uint64_t index) { entries_.drop_back(std::min(entries_.end(), index)); }

  // Up to and with `index`.
  void forget(std::uint64_t index) {
    while (first() <= index) forgotten_term_ = entries_.pop_front().term;
  }

 private:
  Ring<StoreEntry> entries_;
  std::uint32_t forgotten_term_ = 0;
};

}  // namespace longhaul
