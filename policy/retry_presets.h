// The retry rules of well-known products, as configurations of policy/retry.h.
#pragma once

#include <array>
#include <string_view>

#include "policy/retry.h"

namespace longhaul {

struct RetryPreset {
  std::string_view name;
  RetryConfig config;
  std::string_view source;
};

inline constexpr std::array<RetryPreset, 2> retry_presets{{
    {"resilience4j", resilience4j_retries(),
     "resilience4j RetryConfig.java: maxAttempts 3, waitDuration 500 ms"},
    {"gitlab", gitlab_retries(),
     "GitLab load_balancer.rb: connection errors three times more, after 2, 4 and 16 s"},
}};

}  // namespace longhaul
