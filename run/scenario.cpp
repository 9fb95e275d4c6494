#include "run/scenario.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/units_text.h"
#include "run/config_json.h"
#include "run/overrides.h"
#include "run/sql_statements.h"
#include "run/validate.h"

namespace longhaul {
namespace {

std::vector<std::string> regions_of(const ScenarioConfig& config) {
  std::vector<std::string> regions = config.topology.regions;
  for (const PopulationConfig& population : config.workload) {
    if (std::find(regions.begin(), regions.end(), population.from) == regions.end()) {
      regions.push_back(population.from);
    }
  }
  return regions;
}

// What the scenario says about the direction from one region to another.
const LinkConfig* link_of(const ScenarioConfig& config, const std::string& from,
                          const std::string& to) {
  for (const LinkConfig& link : config.topology.links) {
    if (link.from == from && link.to == to) return &link;
    if (link.between.size() != 2) continue;
    if (link.between[0] == from && link.between[1] == to) return &link;
    if (link.between[1] == from && link.between[0] == to) return &link;
  }
  return nullptr;
}

DirectedLink resolve_link(const ScenarioConfig& config, const Catalogue& catalogue,
                          const std::string& from, const std::string& to, bool& estimated) {
  const LinkConfig* given = link_of(config, from, to);
  const NetworkConfig& network = config.network;
  DirectedLink link{
      from,          to,          {}, network.jitter, network.bandwidth.value_or(ByteRate{}),
      network.queue, network.loss};
  estimated = false;
  if (given != nullptr && given->latency) {
    link.latency = *given->latency;
  } else if (given != nullptr && given->rtt) {
    link.latency = {given->rtt->ns / 2};
  } else {
    const PairRtt pair = catalogue.between(from, to).value();
    link.latency = {pair.rtt_us * 500};
    estimated = pair.estimate;
  }
  if (given != nullptr && given->jitter) link.jitter = *given->jitter;
  if (given != nullptr && given->bandwidth) link.bandwidth = *given->bandwidth;
  if (given != nullptr && given->queue) link.queue = *given->queue;
  if (given != nullptr && given->loss) link.loss = *given->loss;
  return link;
}

void resolve_network(Scenario& scenario, const Catalogue& catalogue) {
  const ScenarioConfig& config = scenario.config;
  const std::vector<std::string> regions = regions_of(config);
  for (const std::string& region : regions) {
    const IntraRtt intra = catalogue.intra_region(region).value();
    scenario.cluster.regions.push_back(
        {region, config.network.same_zone_rtt.value_or(microseconds(intra.same_zone_us)),
         config.network.cross_zone_rtt.value_or(microseconds(intra.cross_zone_us))});
  }
  for (const std::string& from : regions) {
    for (const std::string& to : regions) {
      if (from == to) continue;
      const bool given = link_of(config, from, to) != nullptr;
      if (config.network.routes == Routes::shortest && !given) continue;
      bool estimated = false;
      scenario.cluster.links.push_back(resolve_link(config, catalogue, from, to, estimated));
      if (estimated && from < to) scenario.estimates.push_back(from + " - " + to);
    }
  }
}

void resolve(Scenario& scenario, const Catalogue& catalogue) {
  const ScenarioConfig& config = scenario.config;
  ClusterConfig& cluster = scenario.cluster;
  cluster.duration = config.duration;
  cluster.warmup = config.warmup;
  cluster.canary = config.canary;
  cluster.canary_reads = config.canary_reads;
  cluster.nodes = config.topology.nodes;
  cluster.apps = config.topology.apps;
  cluster.caches = config.topology.caches;
  cluster.caching = config.caches;
  cluster.lease_store = config.topology.lease_store;
  cluster.standby_cluster = config.topology.standby_cluster;
  cluster.dns = config.dns;
  cluster.control = config.control;
  cluster.primaries = config.topology.primaries;
  cluster.network = config.network;
  cluster.postgres = config.postgres;
  cluster.wal = config.wal;
  cluster.policy = config.policy;
  cluster.monitoring = config.monitoring;
  cluster.data = config.data;
  cluster.faults = config.faults;
  if (config.drill) {
    const std::vector<FaultConfig>& hidden = config.drill->variants.front().faults;
    cluster.faults.insert(cluster.faults.end(), hidden.begin(), hidden.end());
  }
  resolve_network(scenario, catalogue);
}

void read_expectations(Scenario& scenario, LoadContext& context) {
  const LabelValues labels = label_values(scenario.cluster);
  for (const auto& [selector, texts] : scenario.config.expect) {
    const std::string path = "expect." + selector;
    const Result<Selector> known = parse_selector(selector, labels);
    if (!known) {
      const Error& error = known.errors().front();
      context.add(context.at(path, error.expected, error.nearest, error.value));
      continue;
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string at = path + "[" + std::to_string(i) + "]";
      Result<Expectation> parsed = parse_expectation(selector, texts[i], labels);
      if (!parsed) {
        const Error& error = parsed.errors().front();
        context.add(context.at(at, error.expected, error.nearest, error.value));
        continue;
      }
      scenario.expectations.push_back(std::move(parsed).value());
      scenario.expectation_lines.push_back(context.at(at, "").line);
    }
  }
}

void add_faults(std::vector<PlacedFault>& list, const std::string& path,
                const std::vector<FaultConfig>& faults) {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    list.push_back({path + "[" + std::to_string(i) + "]", &faults[i]});
  }
}

}  // namespace

std::vector<PlacedFault> all_faults(const ScenarioConfig& config) {
  std::vector<PlacedFault> list;
  add_faults(list, "faults", config.faults);
  if (!config.drill) return list;
  for (const DrillVariant& variant : config.drill->variants) {
    add_faults(list, "drill.variants." + variant.name + ".faults", variant.faults);
  }
  for (std::size_t i = 0; i < config.drill->actions.size(); ++i) {
    add_faults(list, "drill.actions[" + std::to_string(i) + "].faults",
               config.drill->actions[i].faults);
  }
  for (const DrillInject& inject : config.drill->injects) {
    add_faults(list, "drill.injects." + inject.name + ".faults", inject.faults);
  }
  return list;
}

Result<Scenario> load_scenario(const std::string& path, const ScenarioOptions& options,
                               const ReadText& read) {
  const Catalogue& catalogue =
      options.catalogue != nullptr ? *options.catalogue : Catalogue::builtin();
  Result<JsonDocument> document = read_layers(path, ScenarioConfig::fields(), read);
  if (!document) return document.errors();
  std::vector<Error> wrong;
  for (const std::string& set : options.sets) {
    if (const auto error = set_by_path(document.value(), ScenarioConfig::fields(), set)) {
      wrong.push_back(*error);
    }
  }
  if (!wrong.empty()) return wrong;

  Scenario scenario;
  scenario.file = path;
  LoadContext context(document.value());
  load(document.value().root, ScenarioConfig::fields(), &scenario.config, context);
  if (!context.ok()) return context.errors();
  scenario.cluster.workload = classified_workload(scenario.config, context, scenario.warnings);
  validate(scenario.config, catalogue, context);
  validate_versions(scenario.config, scenario.cluster.workload, context);
  if (!context.ok()) return context.errors();
  resolve(scenario, catalogue);
  if (const std::string missing = unreachable(scenario.cluster); !missing.empty()) {
    context.add(context.at("topology.links", "links that join " + missing));
  }
  read_expectations(scenario, context);
  if (!context.ok()) return context.errors();
  for (std::string& warning : warnings_of(scenario.config, scenario.cluster)) {
    scenario.warnings.push_back(std::move(warning));
  }
  scenario.digest =
      digest_of(dump(ScenarioConfig::fields(), &scenario.config).dump()) ^ catalogue.digest();
  return scenario;
}

}  // namespace longhaul
