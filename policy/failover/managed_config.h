// Settings of a managed service that fails over by itself, or on order.
#pragma once

#include <cstdint>

#include "base/fields.h"
#include "policy/failover/durations.h"
#include "policy/failover/heartbeat.h"

namespace longhaul {

// Which standbys the service may promote.
enum class ManagedCandidates : std::uint8_t { same_region, other_region, any };

template <>
const EnumNames& enum_names<ManagedCandidates>();

struct ManagedConfig {
  HeartbeatConfig detection{.interval = seconds(10), .timeout = seconds(5), .failures = 3};
  bool only_on_order = false;
  DurationRange decide;
  ManagedCandidates candidates = ManagedCandidates::any;
  bool fences = true;
  DurationRange operate{seconds(10), seconds(30), minutes(2)};
  DurationRange endpoint{seconds(1), seconds(5), seconds(30)};
  Duration order_timeout = minutes(10);

  static const FieldTable& fields();
  friend constexpr bool operator==(const ManagedConfig&, const ManagedConfig&) = default;
};

}  // namespace longhaul
