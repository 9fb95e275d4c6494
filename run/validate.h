// What no single field of a scenario can tell: that names mean something, that there is a
// primary, that followers form no cycle, that everybody who must talk has a way.
#pragma once

#include "run/catalogue.h"
#include "run/load_context.h"
#include "run/scenario.h"

namespace longhaul {

// Adds every mistake to the context, at its place.
void validate(const ScenarioConfig& config, const Catalogue& catalogue, LoadContext& context);

void validate_caches(const ScenarioConfig& config, LoadContext& context);
// The manager of failover, where it runs, and its lease store.
void validate_failover(const ScenarioConfig& config, LoadContext& context);
void validate_lease_store(const ScenarioConfig& config, LoadContext& context);
void validate_standby_cluster(const ScenarioConfig& config, LoadContext& context);
// Versions of apps and of schemas; `workload` is the scenario's with its SQL classified.
void validate_versions(const ScenarioConfig& config, const std::vector<PopulationConfig>& workload,
                       LoadContext& context);
// What a drill shows, allows and hides.
void validate_drill(const ScenarioConfig& config, LoadContext& context);
// Its part about primaries.
void validate_primaries(const ScenarioConfig& config, LoadContext& context);

void warn_of_lease_store(const ScenarioConfig& config, const ClusterConfig& cluster,
                         std::vector<std::string>& warnings);

// Allowed, and probably not what was meant.
std::vector<std::string> warnings_of(const ScenarioConfig& config, const ClusterConfig& cluster);
// Its part about failover.
void warn_of_failover(const ScenarioConfig& config, std::vector<std::string>& warnings);
// Its part about settings that others leave without effect.
void warn_of_idle_settings(const ScenarioConfig& config, std::vector<std::string>& warnings);

}  // namespace longhaul
