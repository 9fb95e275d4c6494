#include "run/diff.h"

#include <fmt/format.h>

#include "base/units_text.h"
#include "models/event_kinds.h"

namespace longhaul {
namespace {

std::string instance_text(const Plan& plan, std::uint32_t index) {
  for (const AppPlan& app : plan.apps) {
    const std::uint32_t number = index - app.first_instance.value;
    if (index >= app.first_instance.value &&
        number < static_cast<std::uint32_t>(app.config.instances)) {
      return fmt::format("{}/{}", app.config.name, number);
    }
  }
  return fmt::format("instance {}", index);
}

std::string session_text(const Plan& plan, std::uint32_t index) {
  for (const PopulationPlan& population : plan.populations) {
    const std::uint32_t number = index - population.first_session.value;
    if (index >= population.first_session.value &&
        number < static_cast<std::uint32_t>(population.config.sessions)) {
      return fmt::format("session {}/{}", population.config.name, number);
    }
  }
  return fmt::format("session {}", index);
}

}  // namespace

std::string target_text(const Plan& plan, std::uint32_t target) {
  const std::uint32_t index = target_index(target);
  switch (target_kind(target)) {
    case TargetKind::run: return "run";
    case TargetKind::fault: return fmt::format("faults[{}]", index);
    case TargetKind::node:
      return index < plan.nodes.size() ? plan.nodes[index].config.name
                                       : fmt::format("node {}", index);
    case TargetKind::instance: return instance_text(plan, index);
    case TargetKind::session: return session_text(plan, index);
    case TargetKind::request: return fmt::format("request {}", index);
    case TargetKind::network: return "network";
  }
  return fmt::format("target {:#x}", target);
}

std::string event_text(const Plan& plan, std::uint64_t number, const Event& event) {
  return fmt::format("event {} at {}: {} of {}, generation {}, argument {:#x}, serial {}", number,
                     to_text(event.at - TimePoint{}),
                     to_text(static_cast<EventKind>(event.kind)), target_text(plan, event.target),
                     event.generation, event.arg, event.serial());
}

}  // namespace longhaul
