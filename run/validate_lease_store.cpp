// What no single field can tell about the lease store, and what its places mean for failover.
#include <algorithm>
#include <map>
#include <set>

#include "run/validate.h"

namespace longhaul {
namespace {

std::vector<std::string> member_names(const LeaseStoreConfig& store) {
  std::vector<std::string> names;
  for (const StoreMemberConfig& member : store.members) names.push_back(member.name);
  return names;
}

void check_fault(const ScenarioConfig& config, const std::string& path, const FaultConfig& fault,
                 LoadContext& context) {
  if (!config.topology.lease_store) {
    context.add(context.at(path + ".kind", "topology.lease_store, whose members it stops"));
    return;
  }
  const std::vector<std::string> names = member_names(*config.topology.lease_store);
  if (!fault.member || std::find(names.begin(), names.end(), *fault.member) != names.end()) return;
  context.add(context.at(path + ".member", "one of topology.lease_store.members",
                         nearest_of(*fault.member, names)));
}

// Those of a store: the standby cluster has its own.
std::vector<StoreMemberConfig> members_of(const TopologyConfig& topology, bool of_standby_cluster) {
  std::vector<StoreMemberConfig> members;
  for (const StoreMemberConfig& member : topology.lease_store->members) {
    const auto& standby = topology.standby_cluster;
    const bool apart =
        standby && std::find(standby->lease_store.begin(), standby->lease_store.end(),
                             member.name) != standby->lease_store.end();
    if (apart == of_standby_cluster) members.push_back(member);
  }
  return members;
}

void warn_of_store(const ScenarioConfig& config, const std::vector<StoreMemberConfig>& members,
                   const ClusterConfig& cluster, std::vector<std::string>& warnings) {
  const std::size_t majority = majority_of(members.size());
  const std::string path = "topology.lease_store.members";
  if (members.size() % 2 == 0) {
    warnings.push_back(path + ": an even number survives no more losses than one fewer");
  }
  std::map<std::string, std::size_t> by_region;
  std::set<std::pair<std::string, std::string>> zones;
  for (const StoreMemberConfig& member : members) {
    by_region[member.region] += 1;
    zones.emplace(member.region, member.zone);
  }
  for (const auto& [region, count] : by_region) {
    // What is left without the region is less than a majority. A standby cluster is for that.
    const bool expected = config.topology.regions.size() == 1 || config.topology.standby_cluster;
    if (members.size() - count >= majority || expected) continue;
    warnings.push_back(path + ": without " + region +
                       " the others are no majority, so losing it loses failover too");
  }
  if (by_region.size() == 1 && zones.size() == 1 && members.size() > 1) {
    warnings.push_back(path + ": all in one zone, so losing it loses failover too");
  }
  // Raft wants an election time-out of several round trips (etcd: ten).
  Duration slowest;
  for (const auto& [from, a] : by_region) {
    for (const DirectedLink& link : cluster.links) {
      if (link.from == from && by_region.contains(link.to)) {
        slowest = std::max(slowest, link.latency * 2);
      }
    }
  }
  if (config.topology.lease_store->election_timeout < slowest * 5) {
    warnings.push_back(
        "topology.lease_store.election_timeout: less than five round trips between "
        "members, so elections may fail to end");
  }
}

}  // namespace

void validate_lease_store(const ScenarioConfig& config, LoadContext& context) {
  for (const auto& [path, fault] : all_faults(config)) {
    if (fault->kind == FaultKind::lease_store_down) check_fault(config, path, *fault, context);
  }
  if (!config.topology.lease_store) return;
  const LeaseStoreConfig& store = *config.topology.lease_store;
  const std::vector<std::string> names = member_names(store);
  const std::vector<std::string>& regions = config.topology.regions;
  for (const StoreMemberConfig& member : store.members) {
    if (std::find(regions.begin(), regions.end(), member.region) == regions.end()) {
      context.add(context.at("topology.lease_store.members." + member.name + ".region",
                             "one of topology.regions", nearest_of(member.region, regions)));
    }
  }
  if (store.election_timeout < store.heartbeat * 5) {
    context.add(context.at("topology.lease_store.election_timeout",
                           "at least five heartbeats, as etcd demands"));
  }
  if (store.leader && std::find(names.begin(), names.end(), *store.leader) == names.end()) {
    context.add(context.at("topology.lease_store.leader", "one of topology.lease_store.members",
                           nearest_of(*store.leader, names)));
  }
}

void warn_of_lease_store(const ScenarioConfig& config, const ClusterConfig& cluster,
                         std::vector<std::string>& warnings) {
  if (!config.topology.lease_store) return;
  for (const bool second : {false, true}) {
    const std::vector<StoreMemberConfig> members = members_of(config.topology, second);
    if (!members.empty()) warn_of_store(config, members, cluster, warnings);
  }
}

}  // namespace longhaul
