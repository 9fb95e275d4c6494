// Settings of failover that are legal and do less than they seem to, or more.
#include <algorithm>

#include "base/units_text.h"
#include "run/validate.h"

namespace longhaul {
namespace {

const std::string patroni_path = "policy.failover.patroni";

// Patroni does so when it loads its configuration; a minimum is not enforced here, for what happens
// below it is worth seeing.
void warn_of_timeouts(const PatroniConfig& asked, std::vector<std::string>& warnings) {
  const auto least = [&warnings](const std::string& name, Duration value, Duration minimum) {
    if (value >= minimum) return;
    warnings.push_back(patroni_path + "." + name + ": " + to_short_text(value) +
                       ", which Patroni since 3.2 raises to " + to_short_text(minimum) +
                       "; here it runs as it stands");
  };
  least("ttl", asked.ttl, seconds(20));
  least("loop_wait", asked.loop_wait, seconds(1));
  least("retry_timeout", asked.retry_timeout, seconds(3));
  const PatroniConfig runs = with_adjusted_timeouts(asked);
  if (runs == asked) return;
  warnings.push_back(patroni_path + ": ttl " + to_short_text(asked.ttl) +
                     " is below loop_wait + 2 x retry_timeout, so Patroni runs with loop_wait " +
                     to_short_text(runs.loop_wait) + " and retry_timeout " +
                     to_short_text(runs.retry_timeout));
}

bool may_be_synchronous(const ScenarioConfig& config, const NodeConfig& node) {
  if (node.role != NodeRole::replica || node.failover.nosync) return false;
  if (!config.topology.standby_cluster) return true;
  const std::vector<std::string>& others = config.topology.standby_cluster->nodes;
  return std::find(others.begin(), others.end(), node.name) == others.end();
}

void warn_of_synchronous(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  const PatroniConfig& patroni = config.policy.failover.patroni;
  if (patroni.synchronous_mode == PatroniSync::off) {
    if (!patroni.synchronous_mode_strict) return;
    warnings.push_back(patroni_path +
                       ".synchronous_mode_strict: counts only with synchronous_mode");
    return;
  }
  const SynchronousCommit level = config.postgres.synchronous_commit;
  if (level == SynchronousCommit::off || level == SynchronousCommit::local) {
    warnings.push_back(
        "postgres.synchronous_commit: commits wait for no standby, so with "
        "policy.failover.patroni.synchronous_mode one is promoted as if it had them all");
  }
  if (!config.postgres.synchronous_standby_names.empty()) {
    warnings.push_back(
        "postgres.synchronous_standby_names: Patroni writes its own over it with "
        "policy.failover.patroni.synchronous_mode");
  }
  const auto& nodes = config.topology.nodes;
  const auto standbys = std::count_if(nodes.begin(), nodes.end(), [&config](const auto& node) {
    return may_be_synchronous(config, node);
  });
  if (patroni.synchronous_node_count > standbys) {
    warnings.push_back(patroni_path + ".synchronous_node_count: " +
                       std::to_string(patroni.synchronous_node_count) + " of " +
                       std::to_string(standbys) +
                       " standbys that may be synchronous: commits wait for those there are");
  }
}

void warn_of_patroni(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  const PatroniConfig& patroni = config.policy.failover.patroni;
  warn_of_timeouts(patroni, warnings);
  warn_of_synchronous(config, warnings);
  if (patroni.watchdog.mode == WatchdogMode::required && !patroni.watchdog.device) {
    warnings.push_back(patroni_path +
                       ".watchdog: required without a device: no server may be the leader, so "
                       "the primary steps down and nobody is promoted");
  }
}

}  // namespace

void warn_of_failover(const ScenarioConfig& config, std::vector<std::string>& warnings) {
  const FailoverManager manager = config.policy.failover.manager;
  if (manager == FailoverManager::none) return;
  if (manager == FailoverManager::patroni) warn_of_patroni(config, warnings);
  bool has_standby = false;
  bool has_candidate = false;
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role != NodeRole::replica) continue;
    has_standby = true;
    has_candidate = has_candidate || (!node.failover.nofailover && node.failover.priority > 0);
  }
  if (has_standby && !has_candidate) {
    warnings.push_back(
        "topology.nodes: every standby has failover.nofailover or failover.priority 0, so nobody "
        "can be promoted");
  }
}

}  // namespace longhaul
