// What no single field can tell about a standby cluster: that it and the first cluster have servers
// and a lease store each, and that the first does not hang on it.
#include <algorithm>

#include "run/validate.h"

namespace longhaul {
namespace {

using Names = std::vector<std::string>;

bool is_among(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Every name is one of `known`, and none stands twice.
void check_names(const Names& names, const Names& known, const std::string& path,
                 const std::string& expected, LoadContext& context) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (!is_among(known, names[i])) {
      context.add(context.at(at, expected, nearest_of(names[i], known)));
    } else if (std::count(names.begin(), names.end(), names[i]) > 1) {
      context.add(context.at(at, "each once"));
    }
  }
}

}  // namespace

void validate_standby_cluster(const ScenarioConfig& config, LoadContext& context) {
  for (std::size_t i = 0; i < config.faults.size() && !config.topology.standby_cluster; ++i) {
    if (config.faults[i].kind != FaultKind::promote_standby_cluster) continue;
    context.add(context.at("faults[" + std::to_string(i) + "].kind",
                           "topology.standby_cluster, which it promotes"));
  }
  if (!config.topology.standby_cluster) return;
  const StandbyClusterConfig& standby = *config.topology.standby_cluster;
  const std::string path = "topology.standby_cluster";
  if (config.policy.failover.manager != FailoverManager::patroni) {
    context.add(
        context.at(path, "\"policy\": {\"failover\": {\"manager\": \"patroni\"}} beside it"));
  }
  if (config.topology.primaries != Primaries::one) {
    context.add(context.at(path, "one primary"));
  }
  Names replicas;
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role == NodeRole::replica) replicas.push_back(node.name);
    const bool follows_it = node.follows && is_among(standby.nodes, *node.follows);
    if (follows_it && !is_among(standby.nodes, node.name)) {
      context.add(
          context.at("topology.nodes." + node.name + ".follows", "a server of the same cluster"));
    }
  }
  check_names(standby.nodes, replicas, path + ".nodes", "the name of a replica", context);
  if (!config.topology.lease_store) return;
  Names members;
  for (const StoreMemberConfig& member : config.topology.lease_store->members) {
    members.push_back(member.name);
  }
  check_names(standby.lease_store, members, path + ".lease_store",
              "one of topology.lease_store.members", context);
  if (standby.lease_store.size() >= members.size()) {
    context.add(context.at(path + ".lease_store", "fewer members: the first cluster needs some"));
  }
}

}  // namespace longhaul
