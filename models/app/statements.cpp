#include "models/app/statements.h"

#include <algorithm>

#include "models/app/pages.h"
#include "models/app/pools.h"
#include "models/net/messages.h"
#include "models/pg/primary.h"

namespace longhaul {
namespace {

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

// ---- where to -------------------------------------------------------------------------------

void ask_position(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  request.phase = Phase::positioning;
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  post(world, {.kind = EventKind::position_at_node,
               .target = target(request.node),
               .attempt = request.attempt,
               .slot = id.value,
               .generation = request.generation,
               .path = path_to(world, request, request.node),
               .size = world.plan->network.statement_request,
               .luck = draw(world, request, Purpose::position, request.attempt * 2u)});
}

void follow(World& world, RequestId id, const Decision& decision) {
  Request& request = world.requests[id.value];
  request.decision = decision;
  if (decision.kind == DecisionKind::refuse) {
    fail_statement(world, id, ErrorKind::refused);
    return;
  }
  request.node = {decision.database.value};
  if (decision.kind == DecisionKind::serve) {
    take_connection(world, id);
    return;
  }
  request.wait_until = world.now() + decision.wait;
  ask_position(world, id);
  arm_request_deadline(world, id, request.wait_until);
}

StatementRequest classify(const Call& call, const Step& step) {
  StatementRequest result;
  result.in_writing_transaction = call.transaction && call.writes;
  if (call.transaction) return result;
  result.statement = step.verb == Verb::write          ? StatementClass::write
                     : step.verb == Verb::locking_read ? StatementClass::locking_read
                                                       : StatementClass::read;
  return result;
}

// ---- counting -------------------------------------------------------------------------------

void note_answer(World& world, Request& request, const Call& call, const Step& step) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  if (population.canary) return;
  const std::uint32_t region = population.region;
  const std::uint32_t page = world.plan->pages[request.page].label;
  const std::uint32_t node = request.node.value;
  const auto latency = [&](Metric metric, TimePoint since) {
    world.measures.distribution(metric, region, page, node, Outcome::ok)
        .record((world.now() - since).ns);
  };
  Counter& reads = world.measures.counter(Metric::reads, region, node);
  Counter& writes = world.measures.counter(Metric::writes, region, node);
  const bool reads_rows = step.verb == Verb::read || step.verb == Verb::locking_read;
  if (reads_rows) {
    reads.count += 1;
    reads.population += 1;
  }
  if (call.transaction) {
    if (step.verb != Verb::commit) return;
    latency(Metric::transaction_latency, request.began);
    if (!call.writes) return;
  } else if (reads_rows) {
    latency(Metric::read_latency, request.wanted);
    return;
  } else {
    latency(Metric::write_latency, request.wanted);
  }
  writes.count += 1;
  writes.population += 1;
}

// The app learns that a commit is durable.
void note_commit(World& world, Request& request) {
  for (std::uint32_t i = 0; i < request.version_count; ++i) {
    world.truth.acknowledge(request.first_version + i, world.now());
  }
  if (request.version_count > 0) {
    const std::uint32_t timeline = world.node(request.node).timeline;  // comes with the answer
    note_write(token_of(world, request), timeline, request.commit_end, world.now());
  }
}

// "own" statements touch what the user wrote last.
void remember_rows(World& world, const Request& request, const Step& step) {
  if (step.verb != Verb::write) return;
  const std::uint64_t row = row_of(world, request, step, 0);
  const DataSetPlan& set = world.plan->sets[step.set.value];
  const UserId user = world.sessions[request.session.value].user;
  world.last_rows[user.value * world.plan->sets.size() + step.set.value] =
      static_cast<std::uint32_t>(row - set.first_row);
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
  return copy_id;
}

}  // namespace

const AppConfig& app_of(const World& world, const Request& request) {
  const AppId app = world.instances[request.instance.value].app;
  return world.plan->apps[app.value].config;
}

PathId path_to(const World& world, const Request& request, NodeId node) {
  return world.plan->path(world.instances[request.instance.value].place,
                          world.plan->nodes[node.value].place);
}

void arm_request_deadline(World& world, RequestId id, TimePoint at) {
  world.requests[id.value].deadline.arm(world.scheduler, at, EventClass::ordinary, target(id),
                                        static_cast<std::uint16_t>(EventKind::request_deadline));
}

void fail_statement(World& world, RequestId id, ErrorKind error) {
  const Request& request = world.requests[id.value];
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  if (!population.canary) {
    const Call& call = current_call(world, request);
    const Verb verb = current_step(world, request).verb;
    const Metric metric = call.transaction      ? Metric::transaction_latency
                          : verb == Verb::write ? Metric::write_latency
                                                : Metric::read_latency;
    const NodeId node = request.node.valid() ? request.node : world.plan->primary;
    world.measures
        .distribution(metric, population.region, world.plan->pages[request.page].label, node.value,
                      Outcome::error)
        .record((world.now() - (call.transaction ? request.began : request.wanted)).ns);
  }
  fail_page(world, id, error);
}

void send_statement(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  request.phase = Phase::at_database;
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  request.connected = true;
  request.lost = false;
  request.refused.reset();
  request.version_count = 0;
  arm_request_deadline(world, id, world.now() + app_of(world, request).statement_timeout);
  post(world, {.kind = EventKind::statement_at_node,
               .target = target(request.node),
               .attempt = request.attempt,
               .slot = id.value,
               .generation = request.generation,
               .path = path_to(world, request, request.node),
               .size = world.plan->network.statement_request,
               .luck = draw(world, request, Purpose::to_node, request.ordinal)});
}

void want_statement(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const Call& call = current_call(world, request);
  const Step& step = current_step(world, request);
  request.wanted = world.now();
  if (call.transaction && request.step > 0) {
    request.pooled = world.now();
    send_statement(world, id);
    return;
  }
  if (call.transaction) request.began = world.now();
  Instance& instance = world.instances[request.instance.value];
  follow(world, id,
         instance.router.decide(world.now(), classify(call, step), token_of(world, request)));
}

void reply_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  const RequestId id{arg.slot};
  if (request->phase == Phase::abandoned) {
    end_backend(world, *request);
    free_request(world, id);
    return;
  }
  if (request->refused) {
    request->deadline.cancel();
    release_connection(world, *request, false);
    fail_statement(world, id, *request->refused);
    return;
  }
  const Call& call = current_call(world, *request);
  const Step& step = current_step(world, *request);
  request->deadline.cancel();
  note_commit(world, *request);
  note_answer(world, *request, call, step);
  remember_rows(world, *request, step);
  if (!call.transaction || step.verb == Verb::commit) {
    release_connection(world, *request, false);
  }
  statement_done(world, id);
}

void position_at_app(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Mail mail = world.mail.release(arg.slot);
  Request* request = find(world, {mail.about, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  if (request->phase != Phase::positioning) return;
  Observation position;
  position.measured_at = world.now();
  position.is_primary = mail.is_primary;
  position.timeline = mail.timeline;
  position.replay_lsn = mail.apply;
  const WaitVerdict verdict = judge_wait(request->decision, position);
  if (verdict == WaitVerdict::keep_waiting) {
    const Duration pause = app_of(world, *request).position_poll;
    world.scheduler.after(pause, EventClass::ordinary, target(request->instance),
                          static_cast<std::uint16_t>(EventKind::position_due), request->attempt,
                          MessageArg{mail.about, request->generation, 0}.pack());
    return;
  }
  request->deadline.cancel();
  follow(world, {mail.about}, after_wait(request->decision, verdict));
}

void position_due(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  if (request->phase == Phase::positioning) ask_position(world, {arg.slot});
}

void statement_lost(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  request.lost = true;
  if (request.phase != Phase::abandoned) return;
  end_backend(world, request);
  free_request(world, id);
}

void connection_lost(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  end_backend(world, request);
  release_connection(world, request, true);
  fail_statement(world, id, ErrorKind::server_down);
}

void request_deadline(World& world, const Event& event) {
  const RequestId id{target_index(event.target)};
  Request& request = world.requests[id.value];
  if (!request.deadline.fires(world.scheduler, event)) return;
  switch (request.phase) {
    case Phase::positioning:
      follow(world, id, after_wait(request.decision, WaitVerdict::keep_waiting));
      break;
    case Phase::pooling:
      note_pool_wait(world, request);
      fail_statement(world, id, ErrorKind::pool_timeout);
      break;
    case Phase::at_database:
      release_connection(world, request, true);
      if (request.lost) {
        end_backend(world, request);
        fail_statement(world, id, ErrorKind::timeout);
      } else {
        fail_statement(world, abandon(world, id), ErrorKind::timeout);
      }
      break;
    case Phase::free:
    case Phase::travelling:
    case Phase::abandoned:
      break;
  }
}

}  // namespace longhaul
