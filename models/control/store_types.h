// The words of the lease store: keys, values, what clients ask for and what they hear.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "base/units.h"

namespace longhaul {

using StoreClientId = StrongId<struct StoreClientTag>;

// What a failover manager keeps. One scope for each cluster of PostgreSQL that is managed.
enum class StoreName : std::uint8_t { leader, status, sync, failover, failsafe, config, member };

struct StoreKey {
  std::uint32_t scope = 0;
  StoreName name = StoreName::leader;
  std::uint32_t member = 0;  // of StoreName::member

  friend constexpr bool operator==(const StoreKey&, const StoreKey&) = default;
};

using StoreValue = std::array<std::uint64_t, 4>;

// A key's state. `revision` is that of its last change, also of a deletion.
struct StoreItem {
  StoreValue value{};
  std::uint64_t revision = 0;
  std::uint64_t lease = 0;  // that it is deleted with; 0: none
  bool present = false;

  friend constexpr bool operator==(const StoreItem&, const StoreItem&) = default;
};

enum class StoreOperation : std::uint8_t {
  nothing,     // a new leader's first entry
  read_all,    // all keys of a scope
  put,         // under its guard
  remove,      // under its guard
  grant,       // a lease with `ttl`; its id is the answer's lease
  keep_alive,  // the lease counts down from its ttl anew
  revoke,      // ends the lease and deletes its keys
};

// What must hold of the key for put and remove.
enum class StoreGuard : std::uint8_t {
  none,
  absent,
  revision,  // == expected
  lease,     // == expected
  value,     // == expected_value
  value_or_absent,
};

struct StoreCommand {
  StoreOperation operation = StoreOperation::nothing;
  StoreGuard guard = StoreGuard::none;
  StoreKey key = {};
  StoreValue value{};
  std::uint64_t lease = 0;
  std::uint64_t expected = 0;
  StoreValue expected_value{};
  Duration ttl = {};
};

struct StoreRequest {
  StoreCommand command;
  bool serializable = false;        // read_all: what the member at hand knows, without a quorum
  Duration patience = seconds(10);  // shared by the members; then the client gives up
  bool once = false;                // one member is asked, once
};

enum class StoreOutcome : std::uint8_t {
  ok,
  compare_failed,
  lease_gone,  // put with, keep_alive or revoke of a lease that does not exist
  no_leader,   // the last endpoint asked knew none
  timed_out,   // whether it happened is not known
};

// A call of a client; its slot is used again.
struct StoreCall {
  std::uint32_t slot = 0xffffffffu;
  std::uint16_t generation = 0;

  friend constexpr bool operator==(const StoreCall&, const StoreCall&) = default;
};

struct StoreAnswer {
  StoreClientId client;
  StoreCall call;
  StoreCommand command;  // as it was asked
  StoreOutcome outcome = StoreOutcome::ok;
  std::uint64_t revision = 0;  // of the store when it was done
  std::uint64_t lease = 0;     // that was granted
  // read_all: the scope's items by item_of(); holds until the next event.
  std::span<const StoreItem> items;
};

// A key has changed at the member that the client watches.
struct StoreNotice {
  StoreClientId client;
  StoreKey key;
  StoreItem item;
};

// Where a key stands among the items of its scope.
constexpr std::uint32_t item_of(StoreName name, std::uint32_t member = 0) {
  return static_cast<std::uint32_t>(name) + (name == StoreName::member ? member : 0);
}
constexpr std::uint32_t items_in_scope(std::uint32_t members) {
  return item_of(StoreName::member, members);
}

}  // namespace longhaul
