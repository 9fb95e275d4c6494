// What the log of a lease store adds up to: keys and leases. Every member has its own and applies
// the same commands in the same order, so all are the same sooner or later.
//
// Revisions and leases are numbered by the log entry that made them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/control/store_types.h"

namespace longhaul {

struct StoreLease {
  std::uint64_t id = 0;
  Duration ttl;
  // Only the leader's count; never(): it is nobody's to expire here.
  TimePoint expires = TimePoint::never();
  TimePoint revoke_again = TimePoint{};  // not before
};

struct StoreData {
  std::uint32_t members_per_scope = 0;
  std::uint64_t applied = 0;  // log entry
  std::vector<StoreItem> items;
  std::vector<StoreLease> leases;
  std::vector<std::uint32_t> changed;  // items that the last command changed

  std::uint32_t at(StoreKey key) const;
  StoreKey key_at(std::uint32_t item) const;
  StoreLease* find_lease(std::uint64_t id);
};

StoreData store_data(std::uint32_t scopes, std::uint32_t members_per_scope);

// The next entry of the log.
StoreOutcome apply(StoreData& data, std::uint64_t index, const StoreCommand& command);

}  // namespace longhaul
