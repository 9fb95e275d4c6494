// The values that labels of metrics take in one world.
#include <algorithm>

#include "models/build.h"

namespace longhaul {
namespace {

std::vector<std::string> texts(const EnumNames& names) {
  return {names.names.begin(), names.names.end()};
}

void add_once(std::vector<std::string>& list, std::string_view name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.emplace_back(name);
}

bool has_edge(const ClusterConfig& config) {
  for (const PopulationConfig& population : config.workload) {
    for (const PageConfig& page : population.pages) {
      if (page.cdn && page.cdn->ttl) return true;
    }
  }
  return false;
}

bool may_promote(const ClusterConfig& config) {
  return config.policy.failover.manager != FailoverManager::none ||
         std::any_of(config.faults.begin(), config.faults.end(), [](const FaultConfig& fault) {
           return fault.kind == FaultKind::promote;
         });
}

}  // namespace

LabelValues label_values(const ClusterConfig& config) {
  LabelValues labels;
  for (const RegionFacts& facts : config.regions) {
    for (Label label : {Label::region, Label::from_region, Label::to_region}) {
      labels[label].push_back(facts.name);
    }
  }
  for (const NodeConfig& node : config.nodes) {
    for (Label label : {Label::served_by, Label::node, Label::replica}) {
      labels[label].push_back(node.name);
    }
  }
  for (const CacheConfig& cache : config.caches) {
    for (Label label : {Label::served_by, Label::cache}) labels[label].push_back(cache.name);
  }
  if (has_edge(config)) labels[Label::served_by].emplace_back(edge_name);
  for (const AppConfig& app : config.apps) labels[Label::app].push_back(app.name);
  std::vector<std::string>& pages = labels[Label::page];
  std::vector<std::string>& levels = labels[Label::synchronous_commit];
  levels = {std::string(enum_text(config.postgres.synchronous_commit))};
  for (const PopulationConfig& population : config.workload) {
    for (const PageConfig& page : population.pages) {
      add_once(pages, page.name);
      for (const CallConfig& call : page.calls) {
        if (call.synchronous_commit) add_once(levels, enum_text(*call.synchronous_commit));
      }
    }
  }
  if (config.canary.milli_per_day > 0) add_once(pages, canary_name);
  labels[Label::outcome] = texts(enum_names<Outcome>());
  labels[Label::stage] = texts(enum_names<LagStage>());
  labels[Label::rule] = {std::string(enum_text(config.policy.freshness.rule))};
  for (BreakerState state : {BreakerState::closed, BreakerState::open, BreakerState::half_open}) {
    CHECK(labels[Label::to].size() == static_cast<std::size_t>(state));
    labels[Label::to].emplace_back(to_text(state));
  }
  labels[Label::purpose] = texts(enum_names<Traffic>());
  labels[Label::source] = texts(enum_names<LagSource>());
  labels[Label::source].resize(time_lag_sources);
  labels[Label::cause] = {"timed", "requested"};
  labels[Label::kind] = texts(enum_names<ErrorKind>());
  labels[Label::conflict] = texts(enum_names<ConflictKind>());
  for (std::size_t i = 0; i < reason_count; ++i) {
    labels[Label::reason].emplace_back(to_text(static_cast<Reason>(i)));
  }
  labels[Label::fate] = texts(enum_names<Fate>());
  for (std::size_t i = 0; i < failover_phase_count && may_promote(config); ++i) {
    labels[Label::phase].emplace_back(to_text(static_cast<FailoverPhase>(i)));
  }
  labels[Label::loss] = texts(enum_names<Loss>());
  return labels;
}

}  // namespace longhaul
