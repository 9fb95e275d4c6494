// The names of requests: "eu/17#42" is page 42 of session 17 of the users "eu", all counted from 0.
//
// A session clicks the same pages whatever the topology, so a name means the same request in every
// design that has these users, and in every run of one scenario and seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/world.h"

namespace longhaul {

struct RequestName {
  SessionId session;
  std::uint64_t number = 0;
  friend bool operator==(const RequestName&, const RequestName&) = default;
};

std::string session_text(const Plan& plan, SessionId session);  // "eu/17"
std::string request_text(const Plan& plan, const RequestName& name);

// The request that a text names, or what is wrong with it.
Result<RequestName> parse_request(const Plan& plan, const std::string& text);

// The page that an event belongs to; nothing when it is nobody's, or its page is over.
std::optional<RequestName> request_of(const World& world, const Event& event);

}  // namespace longhaul
