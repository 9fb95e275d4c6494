// Settings of the repmgr daemon, under the names of repmgr.conf where it has them.
#pragma once

#include <cstdint>

#include "base/fields.h"

namespace longhaul {

// What counts as one location: a cluster without settings has a single one.
enum class RepmgrLocation : std::uint8_t { single, region, zone };

template <>
const EnumNames& enum_names<RepmgrLocation>();

struct RepmgrConfig {
  bool automatic = true;
  RepmgrLocation location = RepmgrLocation::single;
  Duration monitor_interval = seconds(2);
  std::int32_t reconnect_attempts = 6;
  Duration reconnect_interval = seconds(10);
  Duration connect_timeout = seconds(2);
  bool primary_visibility_consensus = false;
  Duration primary_notification_timeout = seconds(60);
  Duration promote_check_timeout = seconds(60);
  bool moves_clients = false;

  static const FieldTable& fields();
  friend constexpr bool operator==(const RepmgrConfig&, const RepmgrConfig&) = default;
};

}  // namespace longhaul
