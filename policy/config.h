// The block "policy" of a scenario. A production process loads the same block unchanged, so a value
// that was found in simulation is carried over by copying it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "policy/call_breaker.h"
#include "policy/failover/config.h"
#include "policy/freshness.h"
#include "policy/lag_breaker.h"
#include "policy/outlier_ejection.h"
#include "policy/retry.h"
#include "policy/router_config.h"
#include "policy/throttle.h"

namespace longhaul {

struct PolicyConfig {
  RouterConfig router;
  std::vector<RolloutConfig> rollout;
  FreshnessConfig freshness;
  LagBreakerConfig lag_breaker;
  CallBreakerConfig call_breaker;
  OutlierEjectionConfig outlier_ejection;
  RetryConfig retries;
  ThrottleConfig write_throttle;
  FailoverConfig failover;

  static const FieldTable& fields();
  friend bool operator==(const PolicyConfig&, const PolicyConfig&) = default;
};

// A rule between several fields that is broken. Bounds of single fields are in the tables.
struct Complaint {
  std::string_view path;      // within the block: "lag_breaker.close_below"
  std::string_view expected;  // completes "expected ..."
};

// All that is wrong, empty when nothing is. Hosts call it once, after loading.
std::vector<Complaint> validate(const PolicyConfig& config);

// What is wrong within one part of the block; each stands beside the field table of its part.
void validate(const RouterConfig& config, std::vector<Complaint>& complaints);
void validate(const std::vector<RolloutConfig>& rollout, std::vector<Complaint>& complaints);
void validate(const FreshnessConfig& config, std::vector<Complaint>& complaints);
void validate(const LagBreakerConfig& config, std::vector<Complaint>& complaints);
void validate(const CallBreakerConfig& config, std::vector<Complaint>& complaints);
void validate(const RetryConfig& config, std::vector<Complaint>& complaints);
void validate(const ThrottleConfig& config, std::vector<Complaint>& complaints);

}  // namespace longhaul
