// What teams add to their failover manager: settings of policy/failover/guards.h, all off as
// shipped.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "policy/failover/durations.h"

namespace longhaul {

// Whether a server in another region than the primary's may be promoted.
enum class AcrossRegions : std::uint8_t { allowed, forbidden, by_hand, after_hold_down };

template <>
const EnumNames& enum_names<AcrossRegions>();

struct FailoverGuards {
  AcrossRegions across_regions = AcrossRegions::allowed;
  Duration hold_down = seconds(60);
  DurationRange approval{minutes(1), minutes(5), minutes(30)};
  bool same_region_first = false;
  Duration cool_down{};
  std::optional<Bytes> loss_max;
  std::int32_t capacity_min = 0;  // percent of the primary's
  bool frozen = false;

  static const FieldTable& fields();
  friend constexpr bool operator==(const FailoverGuards&, const FailoverGuards&) = default;
};

}  // namespace longhaul
