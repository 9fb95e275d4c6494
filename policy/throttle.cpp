#include "policy/throttle.h"

#include <algorithm>

#include "policy/router.h"

namespace longhaul {

std::optional<Duration> lag_that_counts(const ThrottleConfig& config, TimePoint now,
                                        const Router& router) {
  std::optional<Duration> worst;
  for (std::uint32_t i = 0; i < router.size(); ++i) {
    const std::optional<Observation>& seen = router.last_observation({i});
    if (!seen || seen->is_primary || !seen->lag) continue;
    if (now - seen->measured_at > config.heard_within || *seen->lag > config.ignore_above) continue;
    worst = std::max(worst.value_or(Duration{}), *seen->lag);
  }
  return worst;
}

ThrottleVerdict judge_write(const ThrottleConfig& config, TimePoint now, TimePoint since,
                            std::optional<Duration> lag) {
  if (!config.above || !lag || *lag <= *config.above) return {};
  const Duration left = since + config.wait_max - now;
  if (left.ns > 0) return {ThrottleAction::wait, std::min(config.look_again, left)};
  return {config.otherwise == ThrottleOtherwise::fail ? ThrottleAction::refuse
                                                      : ThrottleAction::proceed,
          {}};
}

}  // namespace longhaul
