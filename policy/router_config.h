// The block "router" of the policy.
#pragma once

#include <cstdint>

#include "base/fields.h"

namespace longhaul {

enum class PrimaryReads : std::uint8_t { when_nearest, fallback_only };
enum class WhenNoReplica : std::uint8_t { primary, fail };

struct RouterConfig {
  bool use_replica_reads = true;
  PrimaryReads primary_reads = PrimaryReads::when_nearest;
  WhenNoReplica when_no_replica = WhenNoReplica::primary;

  static const FieldTable& fields();
  friend constexpr bool operator==(const RouterConfig&, const RouterConfig&) = default;
};

template <>
const EnumNames& enum_names<PrimaryReads>();
template <>
const EnumNames& enum_names<WhenNoReplica>();

}  // namespace longhaul
