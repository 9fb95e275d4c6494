#include "models/control/store_data.h"

#include <algorithm>

#include "base/check.h"

namespace longhaul {
namespace {

bool holds(const StoreItem& item, const StoreCommand& command) {
  switch (command.guard) {
    case StoreGuard::none:
      return true;
    case StoreGuard::absent:
      return !item.present;
    case StoreGuard::revision:
      return item.present && item.revision == command.expected;
    case StoreGuard::lease:
      return item.present && item.lease == command.expected;
    case StoreGuard::value:
      return item.present && item.value == command.expected_value;
    case StoreGuard::value_or_absent:
      return !item.present || item.value == command.expected_value;
  }
  return false;
}

void change(StoreData& data, std::uint32_t at, const StoreItem& item) {
  data.items[at] = item;
  data.changed.push_back(at);
}

StoreOutcome put(StoreData& data, std::uint64_t index, const StoreCommand& command) {
  const std::uint32_t at = data.at(command.key);
  if (!holds(data.items[at], command)) return StoreOutcome::compare_failed;
  if (command.lease != 0 && data.find_lease(command.lease) == nullptr) {
    return StoreOutcome::lease_gone;
  }
  change(data, at, {command.value, index, command.lease, true});
  return StoreOutcome::ok;
}

StoreOutcome remove(StoreData& data, std::uint64_t index, const StoreCommand& command) {
  const std::uint32_t at = data.at(command.key);
  if (!holds(data.items[at], command)) return StoreOutcome::compare_failed;
  if (data.items[at].present) change(data, at, {.revision = index});
  return StoreOutcome::ok;
}

StoreOutcome revoke(StoreData& data, std::uint64_t index, std::uint64_t id) {
  StoreLease* lease = data.find_lease(id);
  if (lease == nullptr) return StoreOutcome::lease_gone;
  data.leases.erase(data.leases.begin() + (lease - data.leases.data()));
  for (std::uint32_t at = 0; at < data.items.size(); ++at) {
    if (data.items[at].present && data.items[at].lease == id) change(data, at, {.revision = index});
  }
  return StoreOutcome::ok;
}

}  // namespace

std::uint32_t StoreData::at(StoreKey key) const {
  return key.scope * items_in_scope(members_per_scope) + item_of(key.name, key.member);
}

StoreKey StoreData::key_at(std::uint32_t item) const {
  const std::uint32_t in_scope = item % items_in_scope(members_per_scope);
  const auto first_member = item_of(StoreName::member);
  const std::uint32_t scope = item / items_in_scope(members_per_scope);
  if (in_scope < first_member) return {scope, static_cast<StoreName>(in_scope), 0};
  return {scope, StoreName::member, in_scope - first_member};
}

StoreLease* StoreData::find_lease(std::uint64_t id) {
  const auto at = std::find_if(leases.begin(), leases.end(),
                               [id](const StoreLease& lease) { return lease.id == id; });
  return at == leases.end() ? nullptr : &*at;
}

StoreData store_data(std::uint32_t scopes, std::uint32_t members_per_scope) {
  StoreData data;
  data.members_per_scope = members_per_scope;
  data.items.resize(scopes * items_in_scope(members_per_scope));
  return data;
}

StoreOutcome apply(StoreData& data, std::uint64_t index, const StoreCommand& command) {
  CHECK(index == data.applied + 1);
  data.applied = index;
  data.changed.clear();
  switch (command.operation) {
    case StoreOperation::put:
      return put(data, index, command);
    case StoreOperation::remove:
      return remove(data, index, command);
    case StoreOperation::grant:
      data.leases.push_back({index, command.ttl});
      return StoreOutcome::ok;
    case StoreOperation::revoke:
      return revoke(data, index, command.lease);
    case StoreOperation::nothing:
    case StoreOperation::read_all:
    case StoreOperation::keep_alive:
      return StoreOutcome::ok;  // no entries of the log but the first
  }
  return StoreOutcome::ok;
}

}  // namespace longhaul
