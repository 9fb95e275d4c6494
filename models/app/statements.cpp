#include "models/app/statements.h"

#include <algorithm>

#include "models/app/answers.h"
#include "models/app/cache.h"
#include "models/app/dead_connections.h"
#include "models/app/detached.h"
#include "models/app/doubts.h"
#include "models/app/edge.h"
#include "models/app/find_primary.h"
#include "models/app/guards.h"
#include "models/app/outbox.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/pools.h"
#include "models/app/positions.h"
#include "models/app/replay_waits.h"
#include "models/app/retries.h"
#include "models/app/shards.h"
#include "models/app/tokens.h"
#include "models/app/witness.h"
#include "models/net/messages.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

StatementClass class_of(const Call& call, const Step& step) {
  if (call.transaction) return StatementClass::read;
  return step.verb == Verb::write          ? StatementClass::write
         : step.verb == Verb::locking_read ? StatementClass::locking_read
                                           : StatementClass::read;
}

// The statement's answer will never be used, but the server may still run it: the slot stays until
// the server is done and the page goes home in another.
RequestId abandon(World& world, RequestId id) {
  const RequestId copy_id = take_request(world);
  Request& copy = world.requests[copy_id.value];
  Request& request = world.requests[id.value];
  const std::uint16_t generation = copy.generation;
  const Timer deadline = copy.deadline;
  copy = request;
  copy.generation = generation;
  copy.deadline = deadline;
  copy.connected = false;
  copy.written.clear();
  copy.first_lock = no_lock;  // the server's side stays behind
  copy.lock_wait = no_lock;
  copy.tables_held = 0;
  copy.at_server = false;
  request.phase = Phase::abandoned;
  request.doubt = no_doubt;  // goes with the page
  page_moves(world, id.value, copy_id.value);
  move_cookie(world, id, copy_id);
  if (request.duty == Duty::drain) item_moved(world, id, copy_id);
  return copy_id;
}

// The answer is good: what it says is kept, and the page goes on.
void statement_answered(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const Step& step = current_step(world, request);
  request.deadline.cancel();
  const bool ends = !current_call(world, request).transaction || step.verb == Verb::commit;
  if (ends) end_call(world, request, false);
  if (step.verb == Verb::read) note_seen(world, id);
  note_rows(world, request, step);
  if (request.version_count > 0 && request.duty == Duty::page) {       // others tell nobody
    const std::uint32_t timeline = world.node(request.node).timeline;  // comes with the answer
    note_own_write(world, request, timeline, request.commit_end);
    if (await_replay(world, id) || keep_token(world, id)) {
      release_connection(world, request, false);
      return;
    }
  }
  write_settled(world, id);
}

}  // namespace

void write_settled(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const Call& call = current_call(world, request);
  const Step& step = current_step(world, request);
  note_commit(world, request);
  note_answer(world, request, call, step);
  remember_rows(world, request, step);
  if (step.keeps_versions) {
    fill_cache(world, request, step);
    note_first_read(world, request, step);
  }
  if (!call.transaction || step.verb == Verb::commit) {
    release_connection(world, request, false);
    end_doubt(world, request);
    request.tries = 0;
    request.touched.clear();
  }
  statement_done(world, id);
}

const AppConfig& app_of(const World& world, const Request& request) {
  const AppId app = world.instances[request.instance.value].app;
  return world.plan->apps[app.value].config;
}

PathId path_to(const World& world, const Request& request, NodeId node) {
  return way_to_node(world, request.instance, node, request.seeks_primary);
}

void arm_request_deadline(World& world, RequestId id, TimePoint at) {
  Request& request = world.requests[id.value];
  const TimePoint when = std::max(world.now(), std::min(at, request.give_up_at));
  if (when == TimePoint::never()) return;
  request.deadline.arm(world.scheduler, when, EventClass::ordinary, target(id),
                       static_cast<std::uint16_t>(EventKind::request_deadline));
}

void fail_committed(World& world, RequestId id, ErrorKind error) {
  const Request& request = world.requests[id.value];
  if (!world.caches.empty()) invalidate_caches(world, request);
  note_failure(world, request);
  witness_failed(world, id, error);
  fail_page(world, id, error);
}

void want_statement(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const Call& call = current_call(world, request);
  request.wanted = world.now();
  request.queued_at = TimePoint::never();
  forget_found_token(world, request);
  if (request.duty == Duty::page && call.enqueued) return enqueue(world, id);
  if (request.duty == Duty::page && call.optimistic) return write_optimistically(world, id);
  if (call.transaction && request.step > 0) {
    request.pooled = world.now();
    send_statement(world, id);
    return;
  }
  attempt_begins(world, id.value);
  request.group = group_for(world, request);
  if (call.transaction) {
    request.began = world.now();
    request.begin_ordinal = request.ordinal;
  }
  if (call.cached && is_looked_up(world, request)) return ask_cache(world, id);
  if (hold_back(world, id)) return;
  route_statement(world, id);
}

StatementRequest asked(const World& world, const Request& request) {
  const Call& call = current_call(world, request);
  const Session& session = world.sessions[request.session.value];
  StatementRequest result;
  result.statement = class_of(call, current_step(world, request));
  result.in_writing_transaction = call.transaction && call.writes;
  result.max_staleness = call.max_staleness;
  result.after_write = request.wrote;
  result.token_unknown = request.token_unknown;
  if (request.queued_at != TimePoint::never()) result.queued_for = world.now() - request.queued_at;
  const PolicyConfig& policy = world.plan->policy;
  if (policy.router.balance == Balance::by_weight || policy.lag_breaker.ramp > Duration{}) {
    result.number = draw_of_try(world, request, Purpose::route);
  }
  // The multiplication spreads users anew, or a rollout would follow the rows that are theirs.
  result.user = world.users[session.user.value].home * 0x9e3779b97f4a7c15u;
  result.rejected = rejected_databases(world, request);
  result.ejected = ejected_databases(world, request);
  return result;
}

void route_statement(World& world, RequestId id) {
  if (await_token(world, id)) return;
  Request& request = world.requests[id.value];
  const bool is_first = request.tries == 0 && request.queued_at == TimePoint::never();
  if (is_first && request.duty != Duty::drain && !is_canary(world, request)) {
    world.instances[request.instance.value].retries.note_request(world.now());
  }
  SessionToken& token = token_of(world, request);
  const SessionToken before = token;
  const Decision decision =
      router_of(world, request).decide(world.now(), asked(world, request), token);
  if (before.has_written && !token.has_written) note_unstuck(world, request, before);
  follow(world, id, decision);
}

void follow(World& world, RequestId id, const Decision& decision) {
  Request& request = world.requests[id.value];
  request.decision = decision;
  note_decision(world, request);
  witness_decision(world, id);
  request.seeks_primary = seeks_primary(world, request, decision);
  if (request.seeks_primary) {
    request.node = last_sought(world, request);
    return take_connection(world, id);
  }
  if (decision.kind == DecisionKind::refuse) {
    const bool is_rejected = decision.reason == Reason::call_rejected;
    statement_failed(world, id, is_rejected ? ErrorKind::rejected : ErrorKind::refused);
    return;
  }
  if (decision.kind == DecisionKind::queue) {
    if (request.queued_at == TimePoint::never()) request.queued_at = world.now();
    request.phase = Phase::queueing;
    spend(world, id.value, PagePart::app);
    arm_request_deadline(world, id, world.now() + decision.wait);
    return;
  }
  request.node = world.plan->node_at(request.group, decision.database);
  if (decision.kind == DecisionKind::serve) {
    if (begin_call(world, request)) return take_connection(world, id);
    statement_failed(world, id, ErrorKind::rejected);
    return;
  }
  request.wait_until = world.now() + decision.wait;
  spend(world, id.value, PagePart::token);
  ask_position(world, id, Phase::positioning);
  arm_request_deadline(world, id, request.wait_until);
}

void send_statement(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  request.phase = Phase::at_database;
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  request.connected = true;
  request.lost = false;
  request.refused.reset();
  request.version_count = 0;
  request.sent_at = world.now();
  request.dead_at = TimePoint::never();
  arm_request_deadline(world, id, answer_by(world, request));
  const PathId path = path_to(world, request, request.node);
  statement_sets_out(world, id.value, path);
  const TimePoint at = post(world, {.kind = EventKind::statement_at_node,
                                    .target = target(request.node),
                                    .attempt = request.attempt,
                                    .slot = id.value,
                                    .generation = request.generation,
                                    .path = path,
                                    .size = world.plan->network.statement_request,
                                    .luck = draw_of_try(world, request, Purpose::to_node)});
  if (at == TimePoint::never()) note_unacknowledged(world, id);
}

void reply_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  const RequestId id{arg.slot};
  spend(world, id.value, PagePart::app);
  if (request->phase == Phase::abandoned) {
    end_backend(world, *request);
    free_request(world, id);
    return;
  }
  if (request->refused) {
    request->deadline.cancel();
    const bool closes = closes_after(world, *request);
    if (closes) end_backend(world, *request);
    release_connection(world, *request, closes);
    statement_failed(world, id, *request->refused);
    return;
  }
  statement_answered(world, id);
}

void statement_failed(World& world, RequestId id, ErrorKind error) {
  witness_failed(world, id, error);
  end_call(world, world.requests[id.value], true);
  const Duty duty = world.requests[id.value].duty;
  if (duty == Duty::drain) return item_failed(world, id, error);
  if (try_again(world, id, error)) return;
  note_failure(world, world.requests[id.value]);
  if (duty == Duty::optimistic) return optimistic_failed(world, id);
  fail_page(world, id, error);
}

RequestId stop_waiting(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  release_connection(world, request, true);
  if (!request.lost) {
    const RequestId page = abandon(world, id);
    lose_sight(world, page, id);
    return page;
  }
  end_backend(world, request);
  lose_sight(world, id, id);
  return id;
}

void statement_lost(World& world, RequestId id, bool sent) {
  Request& request = world.requests[id.value];
  request.lost = true;
  if (request.phase != Phase::abandoned) {
    if (sent) note_unacknowledged(world, id);
    return;
  }
  end_backend(world, request);
  free_request(world, id);
}

void connection_lost(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  // An answer that jitter lets the reset overtake comes to nothing.
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  end_backend(world, request);
  release_connection(world, request, true);
  lose_sight(world, id, id);
  statement_failed(world, id, ErrorKind::server_down);
}

namespace {

// By the application's own time-outs, or the kernel's; or it was acknowledged since and has more
// time.
void statement_overdue(World& world, RequestId id) {
  const Request& request = world.requests[id.value];
  const TimePoint until = answer_by(world, request);
  if (world.now() >= until) {
    return statement_failed(world, stop_waiting(world, id), ErrorKind::timeout);
  }
  if (world.now() < request.dead_at) return arm_request_deadline(world, id, until);
  statement_failed(world, stop_waiting(world, id), ErrorKind::server_down);
}

// A client of PgBouncer waits for its answer, whether or not there is a connection.
ErrorKind pooling_error(const World& world, const Request& request) {
  const AppConfig& app = app_of(world, request);
  if (!app.pgbouncer) return ErrorKind::pool_timeout;
  const Duration waited = world.now() - request.pooled;
  return waited >= app.statement_timeout ? ErrorKind::timeout : ErrorKind::pool_timeout;
}

}  // namespace

void request_deadline(World& world, const Event& event) {
  const RequestId id{target_index(event.target)};
  Request& request = world.requests[id.value];
  if (!request.deadline.fires(world.scheduler, event)) return;
  switch (request.phase) {
    case Phase::positioning:
      if (world.now() >= request.give_up_at) {
        return statement_failed(world, id, ErrorKind::timeout);
      }
      wait_over(world, id, WaitVerdict::keep_waiting);
      break;
    case Phase::queueing:
      if (world.now() >= request.give_up_at) {
        return statement_failed(world, id, ErrorKind::timeout);
      }
      route_statement(world, id);
      break;
    case Phase::awaiting_replay:
      replay_judged(world, id, WaitVerdict::keep_waiting);
      break;
    case Phase::pooling:
      note_pool_wait(world, request);
      statement_failed(world, id, pooling_error(world, request));
      break;
    case Phase::at_database:
      statement_overdue(world, id);
      break;
    case Phase::backing_off:
      begin_try(world, id);
      break;
    case Phase::held_back:
      ask_again(world, id);
      break;
    case Phase::enqueuing:
      enqueue_failed(world, id);
      break;
    case Phase::storing:
      item_stored(world, id);
      break;
    case Phase::finding_token:
    case Phase::at_cache:
      statement_failed(world, id, ErrorKind::timeout);
      break;
    case Phase::keeping_token:
      fail_committed(world, id, ErrorKind::timeout);
      break;
    case Phase::free:
    case Phase::travelling:
    case Phase::abandoned:
      break;
  }
}

}  // namespace longhaul
