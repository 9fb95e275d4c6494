#include "run/validate_clients.h"

#include <algorithm>

namespace longhaul {
namespace {

const NodeConfig* node_named(const ScenarioConfig& config, const std::string& name) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

void connect(const AppConfig& app, const ScenarioConfig& config, LoadContext& context) {
  const ConnectConfig& how = app.connect;
  const std::string path = "topology.apps." + app.name + ".connect";
  const auto wrong = [&](const std::string& field, const std::string& expected) {
    context.add(context.at(path + field, expected));
  };
  if (how.by == FindPrimary::multi_host && config.topology.primaries != Primaries::one) {
    wrong(".by", "another way: a string of several hosts leads to one primary");
  } else if (how.hosts && config.topology.primaries != Primaries::one) {
    wrong(".hosts", "nothing: with several primaries each has its own");
  }
  for (std::size_t i = 0; how.hosts && i < how.hosts->size(); ++i) {
    const NodeConfig* node = node_named(config, (*how.hosts)[i]);
    if (node == nullptr || node->role == NodeRole::logical) {
      wrong(".hosts[" + std::to_string(i) + "]", "the name of the primary or of a replica");
    }
  }
  if (how.by == FindPrimary::fixed && how.hosts && how.hosts->size() != 1) {
    wrong(".hosts", "one host");
  }
  if (app.pgbouncer && how.by == FindPrimary::multi_host) {
    wrong(".by", "another way: PgBouncer takes the hosts of a list in turn and asks none its role");
  }
  if (app.pgbouncer && (how.cached_at_least > Duration{} || how.overstay.ppm > 0)) {
    wrong(how.overstay.ppm > 0 ? ".overstay" : ".cached_at_least",
          "nothing: PgBouncer looks names up, and keeps them for dns_max_ttl");
  }
  if (how.by != FindPrimary::proxy) return;
  const std::vector<std::string>& regions = config.topology.regions;
  if (how.region && std::find(regions.begin(), regions.end(), *how.region) == regions.end()) {
    wrong(".region", "one of topology.regions");
  }
  if (how.check_timeout > how.check_interval) {
    wrong(".check_timeout", "at most check_interval");
  }
}

void dns_outage(const std::string& path, const FaultConfig& fault, const ScenarioConfig& config,
                LoadContext& context) {
  const auto& apps = config.topology.apps;
  const bool asks = std::any_of(apps.begin(), apps.end(), [&fault](const AppConfig& app) {
    return app.connect.by == FindPrimary::dns && (!fault.app || app.name == *fault.app);
  });
  if (asks) return;
  const char* what = fault.app ? "the name of an app with \"connect\": {\"by\": \"dns\"}"
                               : "beside an app with \"connect\": {\"by\": \"dns\"}";
  context.add(context.at(path + (fault.app ? ".app" : ".kind"), what));
}

}  // namespace

void validate_clients(const ScenarioConfig& config, LoadContext& context) {
  for (const AppConfig& app : config.topology.apps) connect(app, config, context);
  for (const auto& [path, fault] : all_faults(config)) {
    if (fault->kind == FaultKind::dns_outage) dns_outage(path, *fault, config, context);
  }
}

}  // namespace longhaul
