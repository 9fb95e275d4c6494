#include "run/request_id.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "models/app/pages.h"

namespace longhaul {
namespace {

const PopulationPlan* population_at(const Plan& plan, SessionId session) {
  for (const PopulationPlan& population : plan.populations) {
    const std::uint32_t number = session.value - population.first_session.value;
    if (session.value >= population.first_session.value &&
        number < static_cast<std::uint32_t>(population.config.sessions)) {
      return &population;
    }
  }
  return nullptr;
}

Error about(const std::string& text, const std::string& expected) {
  Error error;
  error.path = "--request";
  error.value = text;
  error.expected = expected;
  return error;
}

std::optional<std::uint64_t> whole(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, wrong] = std::from_chars(text.data(), end, number);
  return wrong == std::errc{} && stopped == end ? std::optional{number} : std::nullopt;
}

// Whose slot the argument of a message names.
bool is_about_request(EventKind kind) {
  switch (kind) {
    case EventKind::page_at_app:
    case EventKind::page_at_user:
    case EventKind::statement_at_node:
    case EventKind::statement_served:
    case EventKind::reply_at_app:
    case EventKind::position_at_node:
    case EventKind::position_due:
    case EventKind::token_at_store:
    case EventKind::token_at_app:
    case EventKind::lookup_at_cache:
    case EventKind::lookup_at_app:
    case EventKind::enqueue_at_broker:
    case EventKind::enqueued_at_app:
      return true;
    default:
      return false;
  }
}

std::optional<RequestName> name_of(const World& world, std::uint32_t slot) {
  if (slot >= world.requests.size()) return std::nullopt;
  const Request& request = world.requests[slot];
  if (request.phase == Phase::free || is_canary(world, request)) return std::nullopt;
  return RequestName{request.session, request.number};
}

}  // namespace

std::string session_text(const Plan& plan, SessionId session) {
  const PopulationPlan* population = population_at(plan, session);
  if (population == nullptr) return fmt::format("{}", session.value);
  return fmt::format("{}/{}", population->config.name,
                     session.value - population->first_session.value);
}

std::string request_text(const Plan& plan, const RequestName& name) {
  return fmt::format("{}#{}", session_text(plan, name.session), name.number);
}

Result<RequestName> parse_request(const Plan& plan, const std::string& text) {
  const std::size_t slash = text.rfind('/');
  const std::size_t hash = text.rfind('#');
  const bool shaped = slash != text.npos && hash != text.npos && slash < hash;
  const auto session =
      shaped ? whole(std::string_view(text).substr(slash + 1, hash - slash - 1)) : std::nullopt;
  const auto number = shaped ? whole(std::string_view(text).substr(hash + 1)) : std::nullopt;
  if (!session || !number) {
    return about(text, "users/session#page such as eu/17#42; --find lists some");
  }
  std::vector<std::string> names;
  for (const PopulationPlan& population : plan.populations) {
    if (population.canary) continue;
    names.push_back(population.config.name);
    if (population.config.name != text.substr(0, slash)) continue;
    const auto sessions = static_cast<std::uint64_t>(population.config.sessions);
    if (*session < sessions) {
      return RequestName{{population.first_session.value + static_cast<std::uint32_t>(*session)},
                         *number};
    }
    return about(
        text, fmt::format("a session of {}, from 0 to {}", population.config.name, sessions - 1));
  }
  Error error = about(text, "users of the scenario: " + fmt::format("{}", fmt::join(names, ", ")));
  error.nearest = nearest_of(text.substr(0, slash), names);
  return error;
}

std::optional<RequestName> request_of(const World& world, const Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  const MessageArg arg = MessageArg::unpack(event.arg);
  if (kind == EventKind::request_deadline) return name_of(world, target_index(event.target));
  if (kind == EventKind::page_due) {
    const SessionId session{target_index(event.target)};
    const Session& state = world.sessions[session.value];
    if (world.plan->populations[state.population.value].canary) return std::nullopt;
    return RequestName{session, state.pages};
  }
  if (kind == EventKind::position_at_app) return name_of(world, world.mail.slots[arg.slot].about);
  if (!is_about_request(kind)) return std::nullopt;
  if (arg.slot >= world.requests.size()) return std::nullopt;
  if (world.requests[arg.slot].generation != arg.generation) return std::nullopt;
  return name_of(world, arg.slot);
}

}  // namespace longhaul
