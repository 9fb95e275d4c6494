#include "models/app/tokens.h"

namespace longhaul {

SessionToken& token_of(World& world, Request& request) {
  Session& session = world.sessions[request.session.value];
  switch (world.plan->policy.freshness.scope) {
    case TokenScope::request:
      return request.token;
    case TokenScope::session:
      return session.token;
    case TokenScope::user:
      return world.users[session.user.value].token;
  }
  __builtin_unreachable();
}

}  // namespace longhaul
