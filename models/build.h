// From a configuration whose names are all valid to a world that is ready to run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/cluster.h"
#include "models/plan.h"

namespace longhaul {

// Round trips inside a region.
struct RegionFacts {
  std::string name;
  Duration same_zone_rtt;
  Duration cross_zone_rtt;
};

// One direction of a link, everything resolved.
struct DirectedLink {
  std::string from;
  std::string to;
  Duration latency;
  DurationDistribution jitter;
  ByteRate bandwidth;  // zero: unlimited
  Duration queue = milliseconds(100);
  Ratio loss;
};

// All that a world is made of. run/scenario.h validates it: names exist, one primary unless
// `primaries` says more, no cycle among followers, every pair of regions that must talk has a way.
struct ClusterConfig {
  Duration duration = minutes(10);
  Duration warmup;
  EventRate canary = per_second(10);  // zero: none
  EventRate canary_reads;             // likewise
  std::vector<RegionFacts> regions;   // of nodes and apps first, then those of users only
  std::vector<DirectedLink> links;
  std::vector<NodeConfig> nodes;
  std::vector<AppConfig> apps;
  Primaries primaries = Primaries::one;
  NetworkConfig network;
  PostgresConfig postgres;
  WalConfig wal;
  PolicyConfig policy;
  MonitoringConfig monitoring;
  std::vector<CacheConfig> caches;
  CachingConfig caching;
  std::optional<LeaseStoreConfig> lease_store;
  std::optional<StandbyClusterConfig> standby_cluster;
  DnsConfig dns;
  ControlConfig control;
  std::vector<DataSetConfig> data;
  std::vector<PopulationConfig> workload;
  std::vector<FaultConfig> faults;
  bool interactive = false;  // faults may be added while it runs: inject()
};

// The canary's page and data set.
inline constexpr const char* canary_name = "canary";

// What serves a read at a CDN's edge.
inline constexpr const char* edge_name = "edge";

constexpr std::uint64_t first_lsn = 0x3000000;  // where a fresh cluster begins to write

// The values of every label in that world, in the order of the configuration.
LabelValues label_values(const ClusterConfig& config);

// "a and b", two regions that must talk and have no way; empty when all have one.
std::string unreachable(const ClusterConfig& config);

// With `permute_ties`, events of one instant are shuffled between targets by that seed.
Cluster build(const ClusterConfig& config, std::uint64_t seed,
              std::optional<std::uint64_t> permute_ties = std::nullopt);

// Plans one more fault in a running world, at fault.at or later; the run goes on as if it had been
// planned from the start. `config` is what it was built from, interactive. A fault that needs what
// only a start prepares is none of these: is_injectable().
void inject(Cluster& cluster, const ClusterConfig& config, const FaultConfig& fault);
bool is_injectable(FaultKind kind);

// The run ends then, at its present time or later; otherwise it goes on as before.
void end_at(Cluster& cluster, TimePoint end);

}  // namespace longhaul
