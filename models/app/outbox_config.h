// What a scenario may say about an app's queue of writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fields.h"
#include "base/units.h"
#include "sim/distributions.h"

namespace longhaul {

// Where writes wait that a page has left behind.
enum class QueueKind : std::uint8_t { memory, local, broker };

// What becomes of a write that finds the queue full.
enum class WhenFull : std::uint8_t { fail, block };

template <>
const EnumNames& enum_names<QueueKind>();
template <>
const EnumNames& enum_names<WhenFull>();

struct OutboxConfig {
  QueueKind kind = QueueKind::memory;
  std::optional<std::string> broker;  // its region
  DurationDistribution sync = DurationDistribution::constant(milliseconds(1));
  std::int64_t capacity = 10'000;
  WhenFull when_full = WhenFull::fail;
  std::int64_t in_flight = 1;
  Duration retry_base = milliseconds(100);
  Duration retry_cap = seconds(10);
  std::optional<std::int64_t> alert_depth;
  std::optional<Duration> alert_age;
  Duration alert_for = minutes(1);

  static const FieldTable& fields();
  friend bool operator==(const OutboxConfig&, const OutboxConfig&) = default;
};

}  // namespace longhaul
