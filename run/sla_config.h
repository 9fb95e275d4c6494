// How often things fail in a year, for run/sla.h: the block `sla` of a scenario.
#pragma once

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

constexpr Duration days(std::int64_t n) { return minutes(60 * 24) * n; }

// One thing of a kind fails so often, and is repaired after so long.
struct FailureRate {
  Duration every = days(365);
  Duration repair = minutes(10);

  static const FieldTable& fields();
  friend bool operator==(const FailureRate&, const FailureRate&) = default;
};

struct SlaConfig {
  FailureRate host{days(730), minutes(10)};
  FailureRate zone{days(3650), minutes(120)};
  FailureRate region{days(3650), minutes(240)};
  FailureRate isolated{days(1825), minutes(15)};
  FailureRate link{days(365), minutes(2)};
  FailureRate one_way{days(3650), minutes(30)};
  FailureRate data_lost{days(1825), minutes(360)};
  Duration by_hand = minutes(60);

  static const FieldTable& fields();
  friend bool operator==(const SlaConfig&, const SlaConfig&) = default;
};

}  // namespace longhaul
