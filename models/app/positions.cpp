#include "models/app/positions.h"

#include "models/app/answers.h"
#include "models/app/pages.h"
#include "models/app/replay_waits.h"
#include "models/app/shards.h"
#include "models/app/statements.h"
#include "models/app/witness.h"
#include "models/net/messages.h"

namespace longhaul {

void ask_position(World& world, RequestId id, Phase phase) {
  Request& request = world.requests[id.value];
  request.phase = phase;
  const NodeId node = world.plan->node_at(request.group, request.decision.database);
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  post(world, {.kind = EventKind::position_at_node,
               .target = target(node),
               .attempt = request.attempt,
               .slot = id.value,
               .generation = request.generation,
               .path = path_to(world, request, node),
               .size = world.plan->network.statement_request,
               .luck = draw(world, request, Purpose::position, request.attempt * 2u)});
}

void wait_over(World& world, RequestId id, WaitVerdict verdict) {
  const Request& request = world.requests[id.value];
  note_freshness_wait(world, request);
  Router& router = router_of(world, request);
  follow(world, id,
         router.after_wait(world.now(), asked(world, request), request.decision, verdict));
}

void position_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Mail mail = world.mail.release(arg.slot);
  Request* request = find(world, {mail.about, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  if (request->phase != Phase::positioning && request->phase != Phase::awaiting_replay) return;
  Observation position;
  position.measured_at = world.now();
  position.is_primary = mail.is_primary;
  position.timeline = mail.timeline;
  position.replay_lsn = mail.apply;
  const WaitVerdict verdict = judge_wait(request->decision, position);
  witness_position(world, {mail.about}, position, verdict);
  if (verdict == WaitVerdict::keep_waiting) {
    const Duration pause = app_of(world, *request).position_poll;
    world.scheduler.after(pause, EventClass::ordinary, target(request->instance),
                          static_cast<std::uint16_t>(EventKind::position_due), request->attempt,
                          MessageArg{mail.about, request->generation, 0}.pack());
    return;
  }
  if (request->phase == Phase::awaiting_replay) return replay_judged(world, {mail.about}, verdict);
  request->deadline.cancel();
  wait_over(world, {mail.about}, verdict);
}

void position_due(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  if (request->phase != Phase::positioning && request->phase != Phase::awaiting_replay) return;
  ask_position(world, {arg.slot}, request->phase);
}

}  // namespace longhaul
