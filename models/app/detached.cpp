#include "models/app/detached.h"

#include "models/app/doubts.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/shards.h"
#include "models/app/statements.h"
#include "models/app/witness.h"

namespace longhaul {
namespace {

std::uint32_t region_of(const World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  return world.plan->populations[session.population.value].region;
}

// True: the statement goes no further now.
bool judge(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const ThrottleConfig& config = world.plan->policy.write_throttle;
  const Router& router = router_of(world, request);
  const ThrottleVerdict verdict = judge_write(config, world.now(), request.waits_since,
                                              lag_that_counts(config, world.now(), router));
  if (verdict.action == ThrottleAction::wait) {
    if (request.phase != Phase::held_back) {
      world.measures.counter(Metric::throttled_writes, region_of(world, request)).count += 1;
    }
    request.phase = Phase::held_back;
    arm_request_deadline(world, id, world.now() + verdict.wait);
    return true;
  }
  if (request.phase == Phase::held_back) {
    world.measures.distribution(Metric::throttle_wait, region_of(world, request))
        .record((world.now() - request.waits_since).ns);
  }
  if (verdict.action == ThrottleAction::proceed) return false;
  statement_failed(world, id, ErrorKind::throttled);
  return true;
}

}  // namespace

void write_optimistically(World& world, RequestId page_id) {
  const RequestId id = new_request(world, world.requests[page_id.value].session);
  const Request& page = world.requests[page_id.value];
  Request& write = world.requests[id.value];
  write.duty = Duty::optimistic;
  write.instance = page.instance;
  write.page = page.page;
  write.number = page.number;
  write.clicked = page.clicked;
  write.call = page.call;
  write.call_round = page.call_round;
  write.step_round = page.step_round;
  write.ordinal = page.ordinal;
  world.measures.counter(Metric::optimistic_lies, region_of(world, write)).population += 1;
  witness_begin(world, id);
  page_clicked(world, id.value, {});
  want_statement(world, id);
  statement_done(world, page_id);
}

void optimistic_failed(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  if (request.doubt != no_doubt) {
    world.doubts.slots[request.doubt].given_up = Duty::optimistic;
  } else {
    world.measures.counter(Metric::optimistic_lies, region_of(world, request)).count += 1;
  }
  free_request(world, id);
}

bool hold_back(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  if (!world.plan->policy.write_throttle.above || is_canary(world, request)) return false;
  const Call& call = current_call(world, request);
  const bool writes =
      call.transaction ? call.writes : current_step(world, request).verb == Verb::write;
  if (!writes) return false;
  world.measures.counter(Metric::throttled_writes, region_of(world, request)).population += 1;
  request.waits_since = world.now();
  return judge(world, id);
}

void ask_again(World& world, RequestId id) {
  if (world.now() >= world.requests[id.value].give_up_at) {
    return statement_failed(world, id, ErrorKind::timeout);
  }
  if (!judge(world, id)) route_statement(world, id);
}

}  // namespace longhaul
