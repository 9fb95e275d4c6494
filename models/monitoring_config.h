// What a scenario may say about those who watch replication without serving anything.
#pragma once

#include <optional>

#include "base/fields.h"
#include "base/units.h"
#include "policy/lag_alert.h"

namespace longhaul {

struct MonitoringConfig {
  std::optional<Duration> interval;            // absent: nobody watches
  std::optional<Duration> heartbeat_interval;  // absent: nobody writes heartbeats
  LagAlertConfig lag_alert;

  static const FieldTable& fields();
  friend bool operator==(const MonitoringConfig&, const MonitoringConfig&) = default;
};

}  // namespace longhaul
