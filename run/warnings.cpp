#include <algorithm>

#include "base/units_text.h"
#include "models/app/pgbouncer.h"
#include "run/validate.h"

namespace longhaul {
namespace {

// How many pages of a population write, per million.
std::int64_t writing_share_ppm(const PopulationConfig& population) {
  std::int64_t all = 0;
  std::int64_t writing = 0;
  for (const PageConfig& page : population.pages) {
    const bool writes = std::any_of(page.calls.begin(), page.calls.end(), [](const auto& call) {
      return call.write || call.transaction;
    });
    all += page.weight;
    if (writes) writing += page.weight;
  }
  return div_floor(static_cast<Int128>(writing) * 1'000'000, all);
}

// The canary's writes keep the replay timestamp young; a production primary may have no such help.
void warn_of_idle_primary(const ScenarioConfig& config, const ClusterConfig& cluster,
                          std::vector<std::string>& warnings) {
  if (config.canary.milli_per_day == 0 || !config.policy.lag_breaker.enabled) return;
  if (config.monitoring.heartbeat_interval) return;  // keeps it young, in production too
  Int128 writes_per_day = 0;                         // thousandths, by millionths
  for (const PopulationConfig& population : cluster.workload) {
    if (!population.rate) return;  // a closed population's rate is not known beforehand
    writes_per_day +=
        static_cast<Int128>(population.rate->milli_per_day) * writing_share_ppm(population);
  }
  const bool by_timestamp = std::any_of(
      config.topology.apps.begin(), config.topology.apps.end(),
      [](const AppConfig& app) { return app.lag_source == LagSource::replay_timestamp; });
  const Int128 wanted = static_cast<Int128>(86'400) * 1'000'000'000 * 1'000 * 1'000'000 /
                        std::max<std::int64_t>(1, config.policy.lag_breaker.open_above.ns);
  if (!by_timestamp || writes_per_day >= wanted || config.topology.nodes.size() < 2) return;
  warnings.push_back(
      "canary: users write less than once per policy.lag_breaker.open_above, so only the canary's "
      "writes keep now() - pg_last_xact_replay_timestamp() low; without them (\"canary\": "
      "\"0/s\") breakers open while nothing is missing");
}

// Probes travel between apps and nodes only, hence between regions of the topology.
Duration slowest_probe(const ScenarioConfig& config, const ClusterConfig& cluster) {
  const std::vector<std::string>& regions = config.topology.regions;
  const auto known = [&regions](const std::string& name) {
    return std::find(regions.begin(), regions.end(), name) != regions.end();
  };
  Duration slowest;
  for (const DirectedLink& link : cluster.links) {
    if (known(link.from) && known(link.to)) slowest = std::max(slowest, link.latency);
  }
  return slowest * 2;
}

// A pin is a bet that no replica which still gets reads lags by more.
void warn_of_short_pin(const PolicyConfig& policy, Duration probe_delay,
                       std::vector<std::string>& warnings) {
  const LagBreakerConfig& breaker = policy.lag_breaker;
  if (policy.freshness.rule != FreshnessRule::pin_after_write) return;
  // Each further probe that `confirm` asks for is one interval in which lag grows unnoticed.
  const Duration needed =
      breaker.open_above + breaker.probe_interval * breaker.confirm + probe_delay;
  if (!breaker.enabled) {
    warnings.push_back(
        "policy.freshness: a pin without a lag breaker bounds nothing: a replica that lags by "
        "more than the pin still gets the session's reads");
  } else if (policy.freshness.pin < needed) {
    warnings.push_back("policy.freshness.pin: " + to_text(policy.freshness.pin) +
                       " is shorter than breaker threshold + probe interval + probe delay (" +
                       to_short_text(needed) + "): between them a user may miss their own write");
  }
}

void warn_of_router(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.weight == 1 || config.policy.router.balance == Balance::by_weight) continue;
    warnings.push_back("topology.nodes." + node.name +
                       ".weight: counts only with policy.router.balance \"by_weight\"");
  }
  // Between two probes the age of the news alone reaches the interval.
  const Duration interval = config.policy.lag_breaker.probe_interval;
  for (const PopulationConfig& population : config.workload) {
    for (const PageConfig& page : population.pages) {
      if (!page.max_staleness || *page.max_staleness == Duration{0}) continue;
      if (*page.max_staleness >= interval) continue;
      warnings.push_back("workload." + population.name + ".pages." + page.name +
                         ".max_staleness: " + to_text(*page.max_staleness) +
                         " is shorter than policy.lag_breaker.probe_interval, so at times no "
                         "replica is known to be within it and the primary reads");
    }
  }
}

// What a fault does that its author may not expect.
void warn_of_faults(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  const std::vector<NodeConfig>& nodes = config.topology.nodes;
  const bool unprotected = config.postgres.wal_keep_size < config.wal.wal_segment_size &&
                           std::any_of(nodes.begin(), nodes.end(), [](const NodeConfig& node) {
                             return node.role == NodeRole::replica && !node.slot;
                           });
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    const FaultConfig& fault = config.faults[i];
    const std::string path = "faults[" + std::to_string(i) + "]";
    const bool holds = fault.kind == FaultKind::alter_table || fault.kind == FaultKind::long_read;
    if (holds && !fault.lasts)
      warnings.push_back(path + ": without \"for\" it lasts until the end");
    const bool fast_backup =
        fault.kind == FaultKind::base_backup && fault.checkpoint == CheckpointMode::fast;
    if (unprotected && (fast_backup || fault.kind == FaultKind::switch_wal)) {
      warnings.push_back(path +
                         ": ends a segment of the log; a checkpoint removes it before a replica "
                         "without slot has received it unless postgres.wal_keep_size keeps it");
    }
  }
  for (const NodeConfig& node : nodes) {
    if (node.role != NodeRole::replica || node.starts != NodeStart::empty) continue;
    const bool built =
        std::any_of(config.faults.begin(), config.faults.end(), [&node](const FaultConfig& fault) {
          return fault.kind == FaultKind::base_backup && fault.node == node.name;
        });
    if (!built) {
      warnings.push_back("topology.nodes." + node.name +
                         ".starts: empty, and no base_backup builds it: it serves nobody");
    }
  }
}

// Deploys of the app that has most of them.
std::int64_t last_version(const ScenarioConfig& config) {
  std::int64_t last = 1;
  for (const AppConfig& app : config.topology.apps) {
    const auto deploys =
        std::count_if(config.faults.begin(), config.faults.end(), [&app](const FaultConfig& fault) {
          return fault.kind == FaultKind::deploy && fault.app == app.name;
        });
    last = std::max(last, std::int64_t{1} + deploys);
  }
  return last;
}

void warn_of_versions(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  const std::int64_t last = last_version(config);
  for (const PopulationConfig& population : config.workload) {
    for (const PageConfig& page : population.pages) {
      for (std::size_t i = 0; i < page.calls.size(); ++i) {
        if (page.calls[i].from_version <= last) continue;
        warnings.push_back("workload." + population.name + ".pages." + page.name + ".calls[" +
                           std::to_string(i) + "].from_version: no app gets beyond version " +
                           std::to_string(last) + ", so nobody makes the call");
      }
    }
  }
}

}  // namespace

std::vector<std::string> warnings_of(const ScenarioConfig& config, const ClusterConfig& cluster) {
  std::vector<std::string> warnings;
  warn_of_failover(config, warnings);
  const PolicyConfig& policy = config.policy;
  warn_of_short_pin(policy, slowest_probe(config, cluster), warnings);
  warn_of_idle_primary(config, cluster, warnings);
  warn_of_router(config, warnings);
  warn_of_faults(config, warnings);
  warn_of_versions(config, warnings);
  warn_of_lease_store(config, cluster, warnings);
  warn_of_idle_settings(config, warnings);
  if (config.postgres.synchronous_standby_names.empty() &&
      (config.postgres.synchronous_commit == SynchronousCommit::remote_write ||
       config.postgres.synchronous_commit == SynchronousCommit::remote_apply)) {
    warnings.push_back(
        "postgres.synchronous_commit: without synchronous_standby_names no standby is waited for");
  }
  for (const NodeConfig& node : config.topology.nodes) {
    std::int64_t connections = 0;
    for (const AppConfig& app : config.topology.apps) connections += most_connections(app);
    if (connections > node.max_connections) {
      warnings.push_back("topology.nodes." + node.name +
                         ".max_connections: " + std::to_string(node.max_connections) +
                         " slots for pools that may open " + std::to_string(connections));
    }
  }
  if (!policy.router.use_replica_reads && config.topology.nodes.size() > 1) {
    warnings.push_back("policy.router.use_replica_reads: off, so replicas serve nothing");
  }
  return warnings;
}

}  // namespace longhaul
