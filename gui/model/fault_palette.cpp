#include "gui/model/fault_palette.h"

#include <algorithm>
#include <array>

#include "base/units_text.h"

namespace longhaul {
namespace {

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

std::string member(const char* name, const std::string& value) {
  return quoted(name) + ": " + quoted(value);
}

std::string group_of(FaultSubject subject) {
  switch (subject) {
    case FaultSubject::links:
      return "Network";
    case FaultSubject::region:
      return "Regions and zones";
    case FaultSubject::server:
    case FaultSubject::any_node:
    case FaultSubject::primary:
    case FaultSubject::replica:
      return "Servers";
    case FaultSubject::app:
      return "Applications";
    case FaultSubject::manager:
    case FaultSubject::store:
      return "Failover manager";
    case FaultSubject::copy:
    case FaultSubject::subscriber:
    case FaultSubject::none:
      return "Operator";
  }
  return "";
}

bool fits_node(FaultSubject subject, NodeRole role) {
  switch (subject) {
    case FaultSubject::replica:
    case FaultSubject::copy:
      return role == NodeRole::replica;
    case FaultSubject::primary:
      return role == NodeRole::primary;
    case FaultSubject::server:
      return role != NodeRole::logical;
    case FaultSubject::subscriber:
      return role == NodeRole::logical;
    case FaultSubject::any_node:
      return true;
    default:
      return false;
  }
}

std::vector<FaultTarget> node_targets(const ScenarioConfig& config, FaultSubject subject) {
  std::vector<FaultTarget> targets;
  for (const NodeConfig& node : config.topology.nodes) {
    if (fits_node(subject, node.role)) targets.push_back({node.name, member("node", node.name)});
  }
  return targets;
}

// Each pair of regions that something of the scenario is in.
std::vector<FaultTarget> link_targets(const ScenarioConfig& config) {
  std::vector<FaultTarget> targets;
  const auto& regions = config.topology.regions;
  const auto has_link = [&](const std::string& a, const std::string& b) {
    if (config.network.routes != Routes::shortest) return true;
    return std::any_of(config.topology.links.begin(), config.topology.links.end(),
                       [&](const LinkConfig& link) {
                         const auto& ends = link.between;
                         return ends.size() == 2 &&
                                ((ends[0] == a && ends[1] == b) || (ends[0] == b && ends[1] == a));
                       });
  };
  for (std::size_t i = 0; i < regions.size(); ++i) {
    for (std::size_t k = i + 1; k < regions.size(); ++k) {
      if (!has_link(regions[i], regions[k])) continue;
      targets.push_back({regions[i] + " - " + regions[k],
                         "\"between\": [" + quoted(regions[i]) + ", " + quoted(regions[k]) + "]"});
    }
  }
  return targets;
}

std::vector<FaultTarget> region_targets(const ScenarioConfig& config, FaultKind kind) {
  std::vector<FaultTarget> targets;
  if (kind == FaultKind::zone_loss) {
    std::vector<std::pair<std::string, std::string>> zones;
    for (const NodeConfig& node : config.topology.nodes) {
      const std::pair<std::string, std::string> zone{node.region, node.zone};
      if (node.zone.empty() || std::find(zones.begin(), zones.end(), zone) != zones.end()) continue;
      zones.push_back(zone);
      targets.push_back({node.region + ", zone " + node.zone,
                         member("region", node.region) + ", " + member("zone", node.zone)});
    }
    return targets;
  }
  for (const std::string& region : config.topology.regions) {
    const bool has_cache =
        std::any_of(config.topology.caches.begin(), config.topology.caches.end(),
                    [&](const CacheConfig& cache) { return cache.region == region; });
    if (kind == FaultKind::cache_loss && !has_cache) continue;
    targets.push_back({region, member("region", region)});
  }
  return targets;
}

std::vector<FaultTarget> manager_targets(const ScenarioConfig& config, FaultKind kind) {
  if (config.policy.failover.manager == FailoverManager::none) return {};
  std::vector<FaultTarget> targets{{"whoever is best", ""}};
  if (kind == FaultKind::switchover || kind == FaultKind::failback || kind == FaultKind::failover) {
    for (FaultTarget& target : node_targets(config, FaultSubject::server)) {
      targets.push_back({"to " + target.text, target.members});
    }
  } else {
    targets[0].text = "the manager";
  }
  return targets;
}

// With each data set.
std::vector<FaultTarget> with_data(const ScenarioConfig& config,
                                   const std::vector<FaultTarget>& targets) {
  std::vector<FaultTarget> all;
  for (const FaultTarget& target : targets) {
    for (const DataSetConfig& data : config.data) {
      const std::string members =
          (target.members.empty() ? "" : target.members + ", ") + member("data", data.name);
      all.push_back({data.name + (target.text.empty() ? "" : " on " + target.text), members});
    }
  }
  return all;
}

std::vector<FaultTarget> setting_targets(const ScenarioConfig& config, FaultKind kind) {
  std::vector<FaultTarget> targets;
  if (kind == FaultKind::set_synchronous_standby_names) {
    targets.push_back({"empty: nobody is waited for", member("value", "")});
    for (const FaultTarget& replica : node_targets(config, FaultSubject::replica)) {
      targets.push_back({replica.text, member("value", replica.text)});
    }
  } else if (kind == FaultKind::dns_outage) {
    const bool by_dns =
        std::any_of(config.topology.apps.begin(), config.topology.apps.end(),
                    [](const AppConfig& app) { return app.connect.by == FindPrimary::dns; });
    if (by_dns) targets.push_back({"all applications", ""});
  } else if (kind == FaultKind::promote_standby_cluster) {
    if (config.topology.standby_cluster) targets.push_back({"the standby cluster", ""});
  }
  return targets;
}

std::vector<FaultTarget> targets_of(const ScenarioConfig& config, FaultKind kind) {
  const FaultRule& rule = rule_of(kind);
  if (kind == FaultKind::kill_agent && config.policy.failover.manager == FailoverManager::none) {
    return {};
  }
  if (rule.operation) {
    return with_data(config, rule.subject == FaultSubject::none
                                 ? std::vector<FaultTarget>{{"", ""}}
                                 : node_targets(config, rule.subject));
  }
  switch (rule.subject) {
    case FaultSubject::links:
      return link_targets(config);
    case FaultSubject::region:
      return region_targets(config, kind);
    case FaultSubject::app: {
      std::vector<FaultTarget> targets;
      for (const AppConfig& app : config.topology.apps) {
        targets.push_back({app.name, member("app", app.name)});
      }
      return targets;
    }
    case FaultSubject::manager:
      return manager_targets(config, kind);
    case FaultSubject::store:
      return config.topology.lease_store
                 ? std::vector<FaultTarget>{{"all members of the lease store", ""}}
                 : std::vector<FaultTarget>{};
    case FaultSubject::none:
      return setting_targets(config, kind);
    case FaultSubject::subscriber:
      return kind == FaultKind::alter_subscriber
                 ? with_data(config, node_targets(config, rule.subject))
                 : node_targets(config, rule.subject);
    default:
      return node_targets(config, rule.subject);
  }
}

// What a kind cannot do without and a palette does not ask for.
std::string usual_members(FaultKind kind) {
  switch (kind) {
    case FaultKind::slow_replay:
      return member("speed", "10%");
    case FaultKind::clock_step:
      return member("by", "1s");
    case FaultKind::clock_drift:
      return member("drift", "1%");
    case FaultKind::alter_table:
    case FaultKind::alter_subscriber:
      return member("adds", "note");
    default:
      return "";
  }
}

bool has_length(FaultKind kind) {
  const FaultSubject subject = rule_of(kind).subject;
  return !rule_of(kind).momentary && subject != FaultSubject::copy &&
         subject != FaultSubject::subscriber;
}

}  // namespace

std::vector<FaultChoice> fault_choices(const ScenarioConfig& config) {
  std::vector<FaultChoice> choices;
  const EnumNames& names = enum_names<FaultKind>();
  for (std::size_t i = 0; i < names.names.size(); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    FaultChoice choice;
    choice.targets = targets_of(config, kind);
    if (choice.targets.empty()) continue;
    choice.kind = kind;
    choice.name = names.names[i];
    choice.group = group_of(rule_of(kind).subject);
    choice.about = names.docs[i];
    choice.momentary = rule_of(kind).momentary;
    choice.has_length = has_length(kind);
    if (kind == FaultKind::promote) choice.group = "Failover manager";
    choices.push_back(std::move(choice));
  }
  // The groups in the order in which a palette shows them.
  constexpr std::array<std::string_view, 6> order{
      "Servers", "Network", "Regions and zones", "Applications", "Failover manager", "Operator"};
  const auto rank = [&](const FaultChoice& choice) {
    return std::find(order.begin(), order.end(), choice.group) - order.begin();
  };
  std::stable_sort(choices.begin(), choices.end(),
                   [&](const FaultChoice& a, const FaultChoice& b) { return rank(a) < rank(b); });
  return choices;
}

std::string fault_json(const FaultChoice& choice, const FaultTarget& target, TimePoint at,
                       std::optional<Duration> lasts) {
  std::string json =
      "{" + member("at", to_text(at - TimePoint{})) + ", " + member("kind", choice.name);
  if (!target.members.empty()) json += ", " + target.members;
  if (const std::string more = usual_members(choice.kind); !more.empty()) json += ", " + more;
  if (lasts && choice.has_length) json += ", " + member("for", to_text(*lasts));
  return json + "}";
}

}  // namespace longhaul
