#include "gui/model/fault_palette.h"

#include <algorithm>
#include <array>

#include "base/units_text.h"
#include "gui/model/clock_text.h"
#include "gui/model/field_place.h"
#include "models/control/commands.h"
#include "models/control/manager.h"
#include "models/control/pooler_pause.h"
#include "run/config_brief.h"
#include "run/field_text.h"

namespace longhaul {
namespace {

FaultMember member(const char* name, const std::string& value) {
  return {name, json_quoted(value)};
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
  // A primary that stops while it merges is not modelled.
  const bool merges = config.topology.primaries == Primaries::active_active;
  std::vector<FaultTarget> targets;
  for (const NodeConfig& node : config.topology.nodes) {
    if (merges && subject == FaultSubject::server && node.role == NodeRole::primary) continue;
    if (fits_node(subject, node.role)) targets.push_back({node.name, {member("node", node.name)}});
  }
  return targets;
}

bool is_primary(const ScenarioConfig& config, const std::string& name) {
  return std::any_of(
      config.topology.nodes.begin(), config.topology.nodes.end(),
      [&](const NodeConfig& node) { return node.name == name && node.role == NodeRole::primary; });
}

// On which of several primaries; of one nothing needs to be said.
std::vector<FaultTarget> primary_targets(const ScenarioConfig& config) {
  std::vector<FaultTarget> targets = node_targets(config, FaultSubject::primary);
  if (targets.size() < 2) return {{"", {}}};
  return targets;
}

// Each pair of regions that something of the scenario is in, both ways and one way.
std::vector<FaultTarget> link_targets(const ScenarioConfig& config) {
  std::vector<FaultTarget> targets;
  std::vector<FaultTarget> one_way;
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
      const std::string& a = regions[i];
      const std::string& b = regions[k];
      if (!has_link(a, b)) continue;
      targets.push_back(
          {a + " - " + b, {{"between", "[" + json_quoted(a) + ", " + json_quoted(b) + "]"}}});
      one_way.push_back({"from " + a + " to " + b, {member("from", a), member("to", b)}});
      one_way.push_back({"from " + b + " to " + a, {member("from", b), member("to", a)}});
    }
  }
  targets.insert(targets.end(), one_way.begin(), one_way.end());
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
                         {member("region", node.region), member("zone", node.zone)}});
    }
    return targets;
  }
  for (const std::string& region : config.topology.regions) {
    const bool has_cache =
        std::any_of(config.topology.caches.begin(), config.topology.caches.end(),
                    [&](const CacheConfig& cache) { return cache.region == region; });
    if (kind == FaultKind::cache_loss && !has_cache) continue;
    targets.push_back({region, {member("region", region)}});
  }
  return targets;
}

std::vector<FaultTarget> manager_targets(const ScenarioConfig& config, FaultKind kind) {
  const FailoverManager manager = config.policy.failover.manager;
  if (manager == FailoverManager::none || !understands(manager, command_of(kind, true))) return {};
  const bool names_one =
      kind == FaultKind::switchover || kind == FaultKind::failback || kind == FaultKind::failover;
  if (!names_one) return {{"the manager", {}}};
  // Some must be told to whom, one cannot be (run/validate_failover.cpp).
  const bool must = (kind == FaultKind::failover && manager == FailoverManager::patroni) ||
                    (kind != FaultKind::failback && manager == FailoverManager::repmgr);
  const bool cannot = kind == FaultKind::failover && manager == FailoverManager::first_to_answer;
  std::vector<FaultTarget> targets;
  if (!must) targets.push_back({"whoever is best", {}});
  if (cannot) return targets;
  for (FaultTarget& target : node_targets(config, FaultSubject::server)) {
    targets.push_back({"to " + target.text, std::move(target.members)});
  }
  return targets;
}

// With each data set; what is at home on one of several primaries happens there.
std::vector<FaultTarget> with_data(const ScenarioConfig& config,
                                   const std::vector<FaultTarget>& targets, bool at_home) {
  std::vector<FaultTarget> all;
  for (const FaultTarget& target : targets) {
    for (const DataSetConfig& data : config.data) {
      const bool has_home = at_home && data.home && !target.members.empty();
      if (has_home && target.text != *data.home) continue;
      std::vector<FaultMember> members = target.members;
      if (has_home) members.clear();
      members.push_back(member("data", data.name));
      all.push_back(
          {data.name + (target.text.empty() ? "" : " on " + target.text), std::move(members)});
    }
  }
  return all;
}

std::vector<FaultTarget> setting_targets(const ScenarioConfig& config, FaultKind kind) {
  std::vector<FaultTarget> targets;
  if (kind == FaultKind::set_synchronous_standby_names) {
    for (const FaultTarget& primary : primary_targets(config)) {
      const std::string on = primary.text.empty() ? "" : " on " + primary.text;
      const auto add = [&](const std::string& text, const std::string& value) {
        std::vector<FaultMember> members = primary.members;
        members.push_back(member("value", value));
        targets.push_back({text + on, std::move(members)});
      };
      add("empty: nobody is waited for", "");
      for (const NodeConfig& node : config.topology.nodes) {
        const bool follows = node.role == NodeRole::replica && node.follows &&
                             is_primary(config, *node.follows) &&
                             (on.empty() || *node.follows == primary.text);
        if (follows) add(node.name, node.name);
      }
    }
  } else if (kind == FaultKind::promote_standby_cluster) {
    if (config.topology.standby_cluster) targets.push_back({"the standby cluster", {}});
  }
  return targets;
}

std::vector<FaultTarget> app_targets(const ScenarioConfig& config, FaultKind kind) {
  std::vector<FaultTarget> targets;
  for (const AppConfig& app : config.topology.apps) {
    const bool by_dns = app.connect.by == FindPrimary::dns;
    if (kind == FaultKind::dns_outage && !by_dns) continue;
    targets.push_back({app.name, {member("app", app.name)}});
  }
  if (kind == FaultKind::dns_outage && !targets.empty()) {
    targets.insert(targets.begin(), {"all applications", {}});
  }
  return targets;
}

std::vector<FaultTarget> store_targets(const ScenarioConfig& config) {
  std::vector<FaultTarget> targets;
  if (!config.topology.lease_store) return targets;
  targets.push_back({"all members of the lease store", {}});
  for (const StoreMemberConfig& one : config.topology.lease_store->members) {
    targets.push_back({one.name, {member("member", one.name)}});
  }
  return targets;
}

// A replica that is built, or a region that is copied to.
std::vector<FaultTarget> backup_targets(const ScenarioConfig& config) {
  std::vector<FaultTarget> targets = node_targets(config, FaultSubject::copy);
  for (const std::string& region : config.topology.regions) {
    targets.push_back({"a copy to " + region, {member("to", region)}});
  }
  return targets;
}

bool has_backup(const ScenarioConfig& config) {
  return std::any_of(config.faults.begin(), config.faults.end(), [](const FaultConfig& fault) {
    return fault.kind == FaultKind::base_backup && fault.to;
  });
}

std::vector<FaultTarget> targets_of(const ScenarioConfig& config, FaultKind kind) {
  const FaultRule& rule = rule_of(kind);
  if (kind == FaultKind::kill_agent && config.policy.failover.manager == FailoverManager::none) {
    return {};
  }
  if (kind == FaultKind::restore_backup && !has_backup(config)) return {};
  if (kind == FaultKind::dns_outage) return app_targets(config, kind);
  // Between two primaries that merge no schema change is modelled.
  const bool merges = config.topology.primaries == Primaries::active_active;
  if (kind == FaultKind::alter_table && merges) return {};
  if (rule.operation) {
    const bool anywhere = rule.subject == FaultSubject::none;
    return with_data(
        config, anywhere ? primary_targets(config) : node_targets(config, rule.subject), anywhere);
  }
  switch (rule.subject) {
    case FaultSubject::links:
      return link_targets(config);
    case FaultSubject::region:
      return region_targets(config, kind);
    case FaultSubject::app:
      return app_targets(config, kind);
    case FaultSubject::manager:
      return manager_targets(config, kind);
    case FaultSubject::store:
      return store_targets(config);
    case FaultSubject::copy:
      return backup_targets(config);
    case FaultSubject::none:
      return setting_targets(config, kind);
    case FaultSubject::subscriber:
      return kind == FaultKind::alter_subscriber
                 ? with_data(config, node_targets(config, rule.subject), false)
                 : node_targets(config, rule.subject);
    default:
      return node_targets(config, rule.subject);
  }
}

// What a kind cannot do without.
std::string usual_value(std::string_view field) {
  if (field == "speed") return "10%";
  if (field == "by") return "1s";
  if (field == "drift") return "1%";
  if (field == "adds") return "note";
  return "";
}

std::vector<std::string> names_for(const ScenarioConfig& config, std::string_view field) {
  std::vector<std::string> names;
  if (field == "region" || field == "from" || field == "to") return config.topology.regions;
  if (field == "node") {
    for (const NodeConfig& node : config.topology.nodes) {
      if (node.role != NodeRole::logical) names.push_back(node.name);
    }
  }
  return names;
}

// Fields of the kind that no target gives; those of several primaries only where there are some.
std::vector<FaultParameter> parameters_of(const ScenarioConfig& config, FaultKind kind,
                                          const std::vector<FaultTarget>& targets) {
  FaultConfig such;
  such.kind = kind;
  const FieldTable& table = FaultConfig::fields();
  const auto is_chosen = [&](std::string_view key) {
    return std::any_of(targets.begin(), targets.end(), [&](const FaultTarget& target) {
      return std::any_of(target.members.begin(), target.members.end(),
                         [&](const FaultMember& one) { return one.key == key; });
    });
  };
  std::vector<FaultParameter> parameters;
  for (const Field& field : table.fields) {
    const std::string_view name = field.name;
    if (name == "kind" || name == "at" || name == "for" || !applies(field, table, &such)) continue;
    // A list of standbys has more forms than there are targets.
    const bool more = name == "value";
    if (is_chosen(name) && !more) continue;
    if (name == "node" && config.topology.primaries == Primaries::one) continue;
    const bool by_people = config.policy.failover.manager == FailoverManager::manual_runbook;
    if (name == "stops_after" && kind != FaultKind::promote && !by_people) continue;
    const std::vector<AppConfig>& apps = config.topology.apps;
    if (name == "pause_poolers" && std::none_of(apps.begin(), apps.end(), has_pausable_pooler)) {
      continue;
    }
    parameters.push_back({&field, usual_value(name), names_for(config, name)});
  }
  return parameters;
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
    choice.parameters = parameters_of(config, kind, choice.targets);
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

void note_states(std::vector<FaultChoice>& choices, const Scene& scene,
                 const std::vector<FaultConfig>& faults) {
  const Duration now = inject_instant(scene.now, TimePoint::never()).at - TimePoint{};
  const auto has_just_begun = [&](const std::string& node) {
    return std::any_of(faults.begin(), faults.end(), [&](const FaultConfig& fault) {
      return fault.at == now && fault.node == node;
    });
  };
  for (FaultChoice& choice : choices) {
    // What is restored or lost beside a server's processes needs none that runs.
    const bool needs_running = is_about_node(rule_of(choice.kind).subject) &&
                               choice.kind != FaultKind::restore_backup &&
                               choice.kind != FaultKind::data_directory_lost;
    if (!needs_running) continue;
    for (const SceneNode& node : scene.nodes) {
      const bool gone = node.liveness == Liveness::vanished;
      const bool down = node.liveness == Liveness::stopped && choice.kind != FaultKind::node_loss;
      if ((!gone && !down) || has_just_begun(node.name)) continue;
      for (FaultTarget& target : choice.targets) {
        for (const FaultMember& one : target.members) {
          if (one.key == "node" && one.json == json_quoted(node.name)) {
            target.state = gone ? "gone" : "down";
          }
        }
      }
    }
    std::stable_partition(choice.targets.begin(), choice.targets.end(),
                          [](const FaultTarget& target) { return target.state.empty(); });
  }
}

std::string why_no_orders(const ScenarioConfig& config) {
  const FailoverManager manager = config.policy.failover.manager;
  if (manager == FailoverManager::none) {
    return "No switchover: policy.failover.manager is none, so there is nobody to order it of.";
  }
  if (!understands(manager, OperatorCommand::switchover)) {
    return "No switchover: " + std::string(enum_text(manager)) + " knows no such order.";
  }
  return "";
}

InjectInstant inject_instant(TimePoint now, TimePoint end) {
  constexpr std::int64_t ms = 1'000'000;
  InjectInstant instant;
  instant.at.ns = std::max<std::int64_t>(0, std::min(now.ns, end.ns - 1) / ms * ms);
  if (now < end) return instant;
  instant.remark = now == end ? "The clock stands at the end of this run"
                              : "The clock stands at " + short_clock_text(now) +
                                    ", this run ends at " + short_clock_text(end);
  instant.remark += ": it would begin a millisecond before, and change next to nothing.";
  return instant;
}

FaultValues usual_values(const FaultChoice& choice) {
  FaultValues values;
  for (const FaultParameter& parameter : choice.parameters) {
    if (!parameter.usual.empty()) values[std::string(parameter.field->name)] = parameter.usual;
  }
  return values;
}

std::string fault_json(const FaultChoice& choice, const FaultTarget& target, TimePoint at,
                       std::optional<Duration> lasts, const FaultValues& values) {
  std::vector<FaultMember> members{member("at", to_text(at - TimePoint{})),
                                   member("kind", choice.name)};
  const auto given = [&](std::string_view key) {
    const auto value = values.find(key);
    return value != values.end() && !value->second.empty();
  };
  for (const FaultMember& one : target.members) {
    if (!given(one.key)) members.push_back(one);
  }
  for (const FaultParameter& parameter : choice.parameters) {
    const std::string name(parameter.field->name);
    if (!given(name)) continue;
    const std::string& text = values.find(name)->second;
    members.push_back({name, json_of(parameter.field->type, text)});
  }
  if (lasts && choice.has_length) members.push_back(member("for", to_text(*lasts)));
  std::string json;
  for (const FaultMember& one : members) {
    json += (json.empty() ? "{" : ", ") + json_quoted(one.key) + ": " + one.json;
  }
  return json + "}";
}

}  // namespace longhaul
