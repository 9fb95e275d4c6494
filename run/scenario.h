// A scenario: everything a run depends on, as a person writes it, and what is expected of it.
//
// load_scenario() reads the file and what it extends, applies --set, fills the structs by their
// tables and validates what no single field can tell; the result is ready to be built. All
// mistakes come at once, each at its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "models/build.h"
#include "run/catalogue.h"
#include "run/cost.h"
#include "run/drill/config.h"
#include "run/expectations.h"
#include "run/layers.h"
#include "run/sla_config.h"
#include "sql/classify.h"

namespace longhaul {

// "1..5" or "7".
struct SeedRange {
  std::int64_t first = 1;
  std::int64_t last = 1;
  friend bool operator==(const SeedRange&, const SeedRange&) = default;
};

template <>
const TextType& text_type<SeedRange>();

struct TopologyConfig {
  std::vector<std::string> regions;
  std::vector<LinkConfig> links;
  std::vector<NodeConfig> nodes;
  std::vector<AppConfig> apps;
  std::vector<CacheConfig> caches;
  std::optional<LeaseStoreConfig> lease_store;
  std::optional<StandbyClusterConfig> standby_cluster;
  Primaries primaries = Primaries::one;
  bool i_accept_conflicts = false;

  static const FieldTable& fields();
  friend bool operator==(const TopologyConfig&, const TopologyConfig&) = default;
};

struct ScenarioConfig {
  std::int64_t format = 1;
  std::string name;
  std::string purpose;
  SeedRange seeds;
  Duration duration = minutes(10);
  Duration warmup = seconds(30);
  EventRate canary = per_second(10);
  EventRate canary_reads;
  TopologyConfig topology;
  NetworkConfig network;
  PostgresConfig postgres;
  WalConfig wal;
  std::vector<DataSetConfig> data;
  PolicyConfig policy;
  SqlRules sql;
  MonitoringConfig monitoring;
  CostConfig cost;
  SlaConfig sla;
  CachingConfig caches;
  DnsConfig dns;
  ControlConfig control;
  std::vector<PopulationConfig> workload;
  std::vector<FaultConfig> faults;
  std::optional<DrillConfig> drill;
  TextLists expect;

  static const FieldTable& fields();
  friend bool operator==(const ScenarioConfig&, const ScenarioConfig&) = default;
};

// A fault that a scenario names, wherever, and its path.
struct PlacedFault {
  std::string path;
  const FaultConfig* fault = nullptr;
};

std::vector<PlacedFault> all_faults(const ScenarioConfig& config);

struct Scenario {
  std::string file;
  ScenarioConfig config;
  ClusterConfig cluster;
  std::vector<Expectation> expectations;
  std::vector<int> expectation_lines;  // of each, in the file; 0 when it was set elsewhere
  std::vector<std::string> warnings;   // what is allowed and probably not meant
  std::vector<std::string> estimates;  // links whose round trip nobody measured
  std::uint64_t digest = 0;            // of the effective configuration
};

struct ScenarioOptions {
  std::vector<std::string> sets;         // "path=value"
  const Catalogue* catalogue = nullptr;  // null: the built-in one
};

Result<Scenario> load_scenario(const std::string& path, const ScenarioOptions& options = {},
                               const ReadText& read = read_text_file);

}  // namespace longhaul
