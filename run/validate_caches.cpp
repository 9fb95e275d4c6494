// What no single field can tell about caches, edges and name servers.
#include <algorithm>

#include "run/validate.h"

namespace longhaul {
namespace {

void check_page(const ScenarioConfig& config, const std::string& path, const PageConfig& page,
                LoadContext& context) {
  if (page.cdn && page.cdn->ttl && !page.calls.front().read) {
    context.add(context.at(path + ".cdn.ttl",
                           "a page that begins with a plain read, whose row names the answer"));
  }
  for (std::size_t i = 0; i < page.calls.size(); ++i) {
    const CallConfig& call = page.calls[i];
    const std::string at = path + ".calls[" + std::to_string(i) + "].cached";
    if (!call.cached) continue;
    if (!call.read) context.add(context.at(at, "a plain read: nothing else can be looked up"));
    if (config.topology.caches.empty()) {
      context.add(context.at(at, "a cache to ask, one of topology.caches"));
    }
  }
}

void check_dns(const ScenarioConfig& config, LoadContext& context) {
  const DnsConfig& dns = config.dns;
  if (dns.timeout >= dns.interval) {
    context.add(context.at("dns.timeout", "less than dns.interval"));
  }
  if (dns.elsewhere > percent(0) && !dns.resolver_region) {
    context.add(context.at("dns.elsewhere", "dns.resolver_region, where these name servers are"));
  }
  std::vector<std::string> regions = config.topology.regions;
  for (const PopulationConfig& population : config.workload) regions.push_back(population.from);
  if (dns.resolver_region &&
      std::find(regions.begin(), regions.end(), *dns.resolver_region) == regions.end()) {
    context.add(context.at("dns.resolver_region",
                           "one of topology.regions or the region of some users",
                           nearest_of(*dns.resolver_region, regions)));
  }
}

}  // namespace

void validate_caches(const ScenarioConfig& config, LoadContext& context) {
  check_dns(config, context);
  const TopologyConfig& topology = config.topology;
  for (const CacheConfig& cache : topology.caches) {
    const std::string path = "topology.caches." + cache.name;
    const std::vector<std::string>& regions = topology.regions;
    if (std::find(regions.begin(), regions.end(), cache.region) == regions.end()) {
      context.add(context.at(path + ".region", "one of topology.regions",
                             nearest_of(cache.region, regions)));
    }
    const bool taken = std::any_of(topology.nodes.begin(), topology.nodes.end(),
                                   [&cache](const auto& node) { return node.name == cache.name; });
    if (taken || cache.name == edge_name) {
      context.add(context.at(path + ".name", "a name that neither a node nor a CDN's edge has"));
    }
  }
  for (const PopulationConfig& population : config.workload) {
    for (const PageConfig& page : population.pages) {
      check_page(config, "workload." + population.name + ".pages." + page.name, page, context);
    }
  }
}

}  // namespace longhaul
