// Settings that others leave without effect: legal, and probably not what was meant.
#include <algorithm>

#include "base/units_text.h"
#include "run/validate.h"

namespace longhaul {
namespace {

// What stands beside a rule that does not look at it. A value that is the default anyway cannot be
// told from one that nobody wrote.
void warn_of_freshness(const FreshnessConfig& config, std::vector<std::string>& warnings) {
  const auto idle = [&](const std::string& path, const std::string& needs) {
    warnings.push_back("policy.freshness." + path + ": counts only with " + needs);
  };
  const FreshnessConfig defaults;
  using enum FreshnessRule;
  const bool waits = config.rule == lsn_token || config.rule == wait_for_replay;
  if (config.pin != defaults.pin && config.rule != pin_after_write) {
    idle("pin", "rule \"pin_after_write\"");
  }
  if (config.wait != defaults.wait && !waits) {
    idle("wait", "rule \"lsn_token\" or \"wait_for_replay\"");
  }
  if (config.margin != defaults.margin && config.rule != replica_age) {
    idle("margin", "rule \"replica_age\"");
  }
  if (config.wait_for != defaults.wait_for && config.rule != wait_for_replay) {
    idle("wait_for", "rule \"wait_for_replay\"");
  }
  const bool holds = config.rule != none || config.monotonic_reads;
  if (config.store.kind != TokenPlace::ideal && !holds) {
    idle("store.kind", "a rule or monotonic_reads: without them no token is kept");
  }
}

void warn_of_retries(const RetryConfig& config, std::vector<std::string>& warnings) {
  if (config.attempts > 1) return;
  if (config.budget) {
    warnings.push_back("policy.retries.budget: bounds nothing while attempts is 1, no retries");
  }
  if (config.in_doubt) {
    warnings.push_back("policy.retries.in_doubt: nothing is tried again while attempts is 1");
  }
}

void warn_of_invalidation(const CachingConfig& config, std::vector<std::string>& warnings) {
  if (config.second_delete && config.invalidation == Invalidation::none) {
    warnings.push_back(
        "caches.second_delete: there is no second without a first: invalidation is \"none\"");
  }
}

bool has_cache(const TopologyConfig& topology, const std::string& region) {
  return std::any_of(topology.caches.begin(), topology.caches.end(),
                     [&region](const CacheConfig& cache) { return cache.region == region; });
}

// The regions whose apps the population may enter: by name, or its own when there is an app, or
// any.
std::vector<std::string> regions_entered(const TopologyConfig& topology,
                                         const PopulationConfig& population) {
  std::vector<std::string> all;
  for (const AppConfig& app : topology.apps) {
    if (app.name == population.enters) return {app.region};
    all.push_back(app.region);
  }
  const bool local = std::find(all.begin(), all.end(), population.from) != all.end();
  return local && population.enters == "nearest" ? std::vector{population.from} : all;
}

// A call asks the cache of its app's region and no other.
void warn_of_cached_calls(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  for (const PopulationConfig& population : config.workload) {
    const std::vector<std::string> regions = regions_entered(config.topology, population);
    const bool found = std::any_of(regions.begin(), regions.end(), [&](const std::string& region) {
      return has_cache(config.topology, region);
    });
    if (found) continue;
    for (const PageConfig& page : population.pages) {
      for (std::size_t i = 0; i < page.calls.size(); ++i) {
        if (!page.calls[i].cached) continue;
        warnings.push_back("workload." + population.name + ".pages." + page.name + ".calls[" +
                           std::to_string(i) +
                           "].cached: no app that these users enter has a cache in its region, so "
                           "the call goes to a database");
      }
    }
  }
}

void warn_of_pooled(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  for (const AppConfig& app : config.topology.apps) {
    if (!app.pgbouncer) continue;
    PoolConfig kept;  // what PgBouncer leaves to the pool
    kept.authentication = app.pool.authentication;
    kept.sslmode = app.pool.sslmode;
    if (app.pool == kept) continue;
    warnings.push_back("topology.apps." + app.name +
                       ".pool: of it PgBouncer takes authentication and sslmode only");
  }
}

}  // namespace

void warn_of_idle_settings(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  warn_of_freshness(config.policy.freshness, warnings);
  warn_of_retries(config.policy.retries, warnings);
  warn_of_invalidation(config.caches, warnings);
  warn_of_cached_calls(config, warnings);
  warn_of_pooled(config, warnings);
}

}  // namespace longhaul
