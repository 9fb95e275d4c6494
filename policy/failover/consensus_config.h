// Settings of voters without a fence, as Orchestrator has them.
#pragma once

#include "base/fields.h"
#include "policy/failover/heartbeat.h"

namespace longhaul {

struct ConsensusConfig {
  HeartbeatConfig polls{.interval = seconds(5), .timeout = seconds(2), .failures = 2};
  Duration vote_interval = seconds(1);
  Duration vote_age_max = seconds(5);
  Duration promote_timeout = seconds(60);
  Duration recovery_period_block = minutes(60);

  static const FieldTable& fields();
  friend constexpr bool operator==(const ConsensusConfig&, const ConsensusConfig&) = default;
};

}  // namespace longhaul
