#include "models/app/retries.h"

#include "models/app/detached.h"
#include "models/app/doubts.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/statements.h"
#include "models/app/witness.h"

namespace longhaul {
namespace {

Failure failure_of(ErrorKind error, bool was_sent) {
  switch (error) {
    case ErrorKind::refused:
    case ErrorKind::rejected:
      return Failure::no_database;
    case ErrorKind::pool_timeout:
    case ErrorKind::pool_full:
    case ErrorKind::too_many_connections:
    case ErrorKind::no_primary:
    case ErrorKind::cannot_connect_now:
    case ErrorKind::login_retry:
      return Failure::no_connection;
    case ErrorKind::server_down:
      return was_sent ? Failure::connection_lost : Failure::no_connection;
    case ErrorKind::timeout:
      return was_sent ? Failure::timed_out : Failure::no_connection;
    case ErrorKind::deadlock:
    case ErrorKind::recovery_conflict:
    case ErrorKind::read_only:
      return Failure::rolled_back;
    case ErrorKind::lock_timeout:
    case ErrorKind::statement_timeout:
    case ErrorKind::undefined_column:
      return Failure::rejected;
    case ErrorKind::overload:
    case ErrorKind::no_entry:
    case ErrorKind::throttled:
    case ErrorKind::outbox_full:
    case ErrorKind::app_down:
      return Failure::shed;
  }
  __builtin_unreachable();
}

StatementClass class_of(const Call& call, const Step& step) {
  const bool writes = call.transaction ? call.writes : step.verb == Verb::write;
  if (writes) return StatementClass::write;
  return step.verb == Verb::locking_read ? StatementClass::locking_read : StatementClass::read;
}

}  // namespace

bool try_again(World& world, RequestId id, ErrorKind error) {
  Request& request = world.requests[id.value];
  const RetryConfig& config = world.plan->policy.retries;
  if (config.attempts == 1 || is_canary(world, request)) return false;
  const bool was_sent = request.phase == Phase::at_database;
  const Call& call = current_call(world, request);
  const FailedTry failed{.failure = failure_of(error, was_sent),
                         .statement = class_of(call, current_step(world, request)),
                         .commit_sent = was_sent && would_commit(world, request),
                         .has_key = call.has_key,
                         .attempts = request.tries + std::int64_t{1},
                         .give_up_at = request.give_up_at};
  const std::uint64_t luck =
      draw(world, request, Purpose::retry_pause, request.ordinal * 128 + request.tries);
  const RetryVerdict verdict = judge_retry(config, world.instances[request.instance.value].retries,
                                           world.now(), failed, luck);
  witness_retry(world, id, verdict);
  if (!verdict.again()) return false;
  note_retry(world, request, error);
  attempt_failed(world, id.value);
  request.tries += 1;
  request.phase = Phase::backing_off;
  arm_request_deadline(world, id, world.now() + verdict.after);
  return true;
}

void note_retry(World& world, const Request& request, ErrorKind error) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  const NodeId node = request.node.valid() ? request.node : world.primary();
  world.measures.counter(Metric::retries, population.region, node.value, error).count += 1;
}

void begin_try(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  if (current_call(world, request).transaction) {
    request.step = 0;
    request.step_round = 0;
    request.ordinal = request.begin_ordinal;
    request.wanted = request.began;
    request.touched.clear();
  }
  request.queued_at = TimePoint::never();
  if (hold_back(world, id)) return;
  route_statement(world, id);
}

}  // namespace longhaul
