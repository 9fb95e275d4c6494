#include "models/app/replay_waits.h"

#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/positions.h"
#include "models/app/shards.h"
#include "models/app/statements.h"
#include "models/app/tokens.h"

namespace longhaul {
namespace {

// Asks the next replica, if there is one.
bool ask_next(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  Router& router = router_of(world, request);
  const auto waiting = router.replica_to_await(world.now(), token_of(world, request));
  if (!waiting) return false;
  request.decision = *waiting;
  ask_position(world, id, Phase::awaiting_replay);
  return true;
}

void note_wait(World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  world.measures.distribution(Metric::replay_wait, population.region, 0)
      .record((world.now() - request.waits_since).ns);
}

}  // namespace

bool await_replay(World& world, RequestId id) {
  const FreshnessConfig& rule = world.plan->policy.freshness;
  if (rule.rule != FreshnessRule::wait_for_replay) return false;
  Request& request = world.requests[id.value];
  if (is_canary(world, request) || !ask_next(world, id)) return false;
  request.waits_since = world.now();
  spend(world, id.value, PagePart::token);
  arm_request_deadline(world, id, world.now() + rule.wait);
  return true;
}

void replay_judged(World& world, RequestId id, WaitVerdict verdict) {
  Request& request = world.requests[id.value];
  if (verdict == WaitVerdict::serve) {
    note_replayed(token_of(world, request), request.decision);
    if (ask_next(world, id)) return;
  }
  request.deadline.cancel();
  note_wait(world, request);
  const bool fails = world.plan->policy.freshness.otherwise == FreshnessOtherwise::fail;
  if (verdict != WaitVerdict::serve && fails) {
    return fail_committed(world, id, ErrorKind::refused);  // nothing is left to try again
  }
  if (!keep_token(world, id)) write_settled(world, id);
}

}  // namespace longhaul
