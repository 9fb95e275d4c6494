#include "run/drill/played_scenario.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "run/config_json.h"
#include "run/json_edit.h"

namespace longhaul {
namespace {

void add(std::vector<FaultConfig>& all, const std::vector<FaultConfig>& faults, Duration after) {
  for (FaultConfig fault : faults) {
    fault.at = fault.at + after;
    all.push_back(std::move(fault));
  }
}

// What is open of a kind, of a server if one is named, as the session ends it.
void end(std::vector<FaultConfig>& all, FaultKind kind, const std::optional<std::string>& node,
         Duration at) {
  for (FaultConfig& fault : all) {
    const bool open = fault.at <= at && !fault.lasts;
    if (open && fault.kind == kind && (!node || fault.node == node)) fault.lasts = at - fault.at;
  }
}

// Of the variant all, also what would have come after the trainee had left.
std::vector<FaultConfig> faults_of(const DrillSession& session) {
  const DrillConfig& drill = session.setup().drill();
  std::vector<FaultConfig> all = session.setup().scenario->config.faults;
  add(all, drill.variants[session.hidden().variant].faults, {});
  for (const Work& work : session.works()) {
    if (work.state != WorkState::done) continue;
    const DrillAction& action = drill.actions[work.action];
    add(all, action.faults, work.ended - TimePoint{});
    if (action.ends) end(all, *action.ends, action.node, work.ended - TimePoint{});
  }
  for (std::size_t i = 0; i < drill.injects.size(); ++i) {
    const TimePoint came = session.came()[i];
    if (came != TimePoint::never()) add(all, drill.injects[i].faults, came - TimePoint{});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const FaultConfig& a, const FaultConfig& b) { return a.at < b.at; });
  return all;
}

}  // namespace

Result<std::string> played_text(const std::string& text, const DrillSession& session) {
  const FieldTable& table = ScenarioConfig::fields();
  nlohmann::ordered_json faults = nlohmann::ordered_json::array();
  for (const FaultConfig& fault : faults_of(session)) {
    faults.push_back(dump(FaultConfig::fields(), &fault));
  }
  Result<std::string> made = without(text, table, "drill");
  if (!made) return made;
  if (Result<std::string> less = without(made.value(), table, "expect")) made = std::move(less);
  return with_value(made.value(), table, "faults", faults.dump());
}

}  // namespace longhaul
