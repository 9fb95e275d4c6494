// Settings of pg_auto_failover v2.1, under the names of its monitor and keeper.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"

namespace longhaul {

struct AutoFailoverConfig {
  // The monitor.
  Duration health_check_period = seconds(5);
  Duration health_check_timeout = seconds(5);
  std::int32_t health_check_max_retries = 2;
  Duration health_check_retry_delay = seconds(2);
  Duration node_considered_unhealthy_timeout = seconds(20);
  Duration primary_demote_timeout = seconds(30);
  Duration startup_grace_period = seconds(10);
  Bytes enable_sync_wal_log_threshold = mebibytes(16);
  Bytes promote_wal_log_threshold = mebibytes(16);
  std::optional<std::int32_t> number_sync_standbys;
  // The keepers.
  Duration keeper_period = seconds(1);
  Duration network_partition_timeout = seconds(20);
  std::int32_t restart_retries = 3;
  Duration restart_timeout = seconds(20);

  static const FieldTable& fields();
  friend constexpr bool operator==(const AutoFailoverConfig&, const AutoFailoverConfig&) = default;
};

}  // namespace longhaul
