// The freshness rules of well-known products, as configurations of policy/freshness.h.
#pragma once

#include <array>
#include <string_view>

#include "policy/freshness.h"

namespace longhaul {

struct FreshnessPreset {
  std::string_view name;
  FreshnessConfig config;
  std::string_view source;
};

constexpr FreshnessConfig with_pin(Duration pin) {
  FreshnessConfig config;
  config.rule = FreshnessRule::pin_after_write;
  config.pin = pin;
  config.store.kind = TokenPlace::cookie;
  return config;
}

// GitLab keeps the position per user, project or build in Redis; here per user.
constexpr FreshnessConfig gitlab() {
  FreshnessConfig config;
  config.rule = FreshnessRule::gitlab_sticking;
  config.scope = TokenScope::user;
  config.ttl = seconds(30);
  config.store.kind = TokenPlace::shared;
  return config;
}

constexpr FreshnessConfig maxscale(Duration wait) {
  FreshnessConfig config;
  config.rule = FreshnessRule::lsn_token;
  config.wait = wait;
  return config;
}

inline constexpr std::array<FreshnessPreset, 6> freshness_presets{{
    {"rails", with_pin(seconds(2)), "activerecord DatabaseSelector: delay 2 s, in the session"},
    {"makara", with_pin(seconds(5)), "instacart/makara: cookie primary_ttl 5 s"},
    {"django_replicated", with_pin(seconds(5)),
     "yandex/django_replicated: cookie just_updated 5 s"},
    {"gitlab", gitlab(), "GitLab lib/gitlab/database/load_balancing/sticking.rb: 30 s in Redis"},
    {"maxscale_local", maxscale(seconds(10)),
     "MaxScale causal_reads=local: causal_reads_timeout 10 s, then the primary"},
    {"maxscale_fast", maxscale({}),
     "MaxScale causal_reads=fast: a replica that is there, or the "
     "primary; never waits"},
}};

}  // namespace longhaul
