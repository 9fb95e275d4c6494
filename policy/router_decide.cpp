// Requests: where a statement goes, by what probes have told so far.
#include "policy/router.h"

namespace longhaul {

Decision Router::decide(TimePoint now, const StatementRequest& request, SessionToken& token) {
  advance(now);
  if (request.in_writing_transaction) return to_primary(Reason::writing_transaction);
  switch (request.statement) {
    case StatementClass::write:
      return to_primary(Reason::write_statement);
    case StatementClass::locking_read:
      return to_primary(Reason::locking_read);
    case StatementClass::read:
      break;
  }
  return decide_read(token);
}

Decision Router::decide_read(SessionToken& token) {
  if (!config_.router.use_replica_reads) return to_primary(Reason::replica_reads_off);
  if (is_pinned(config_.freshness, now_, token)) return to_primary(Reason::pinned_after_write);
  if (config_.freshness.rule != FreshnessRule::lsn_token || !token.has_written) return nearest();
  if (primary_.valid() && at(primary_).observation) renew(token, *at(primary_).observation);
  return nearest_covering(token);
}

Decision Router::nearest() {
  for (const DatabaseIndex database : preference_order()) {
    if (!admits(database)) continue;
    if (database == primary_) return primary_in_turn();
    return serve_read(database, Reason::nearest_replica);
  }
  return nobody_admitted();
}

// The primary is the first in the order that admits the read. When it is the nearest of all, or an
// admitted replica stands behind it, it serves as the nearest. Otherwise all replicas are out and
// it would stand in for them.
Decision Router::primary_in_turn() {
  bool is_nearest = preference_order().front() == primary_;
  for (const DatabaseIndex database : preference_order()) {
    is_nearest = is_nearest || (database != primary_ && admits(database));
  }
  return is_nearest ? serve_read(primary_, Reason::nearest_primary) : nobody_admitted();
}

Decision Router::nearest_covering(const SessionToken& token) {
  DatabaseIndex behind;  // the nearest that only has to catch up
  bool left_timeline = false;
  for (const DatabaseIndex database : preference_order()) {
    if (!admits(database)) continue;
    if (database == primary_) {
      // It covers every token, but is not worth a detour from a replica that may catch up in time.
      if (behind.valid()) continue;
      return left_timeline ? to_primary(Reason::token_other_timeline) : primary_in_turn();
    }
    switch (coverage_of(database, token)) {
      case Coverage::covered:
        if (behind.valid() && !beats_waiting(database, behind)) continue;
        return serve_read(database, Reason::token_covered);
      case Coverage::behind:
        if (!behind.valid()) behind = database;
        continue;
      case Coverage::other_timeline:
        left_timeline = true;
        continue;
    }
  }
  if (behind.valid()) return behind_token(behind, token);
  return left_timeline ? to_primary(Reason::token_other_timeline) : nobody_admitted();
}

Decision Router::behind_token(DatabaseIndex replica, const SessionToken& token) {
  const FreshnessConfig& rule = config_.freshness;
  if (rule.wait > Duration{0}) {
    Decision waiting = serve_read(replica, Reason::token_awaited);
    waiting.kind = DecisionKind::wait_then_serve;
    waiting.required_timeline = token.timeline;
    waiting.required_lsn = token.lsn;
    waiting.wait = rule.wait;
    if (rule.otherwise == FreshnessOtherwise::primary) waiting.otherwise = primary_;
    if (rule.otherwise == FreshnessOtherwise::serve_stale) waiting.otherwise = replica;
    return waiting;
  }
  switch (rule.otherwise) {
    case FreshnessOtherwise::primary:
      break;
    case FreshnessOtherwise::fail:
      return {.kind = DecisionKind::refuse, .reason = Reason::token_not_covered};
    case FreshnessOtherwise::serve_stale: {
      Decision stale = serve_read(replica, Reason::token_not_covered);
      stale.may_be_stale = true;
      return stale;
    }
  }
  return to_primary(Reason::token_not_covered);
}

// Whether a farther replica that covers the token is better than what the nearest would lead to.
bool Router::beats_waiting(DatabaseIndex covering, DatabaseIndex nearest) const {
  const Duration detour = at(covering).latency - at(nearest).latency;
  const FreshnessConfig& rule = config_.freshness;
  if (detour <= rule.wait) return true;
  if (rule.wait > Duration{0}) return false;
  switch (rule.otherwise) {
    case FreshnessOtherwise::primary:
      return !primary_.valid() || at(covering).latency <= at(primary_).latency;
    case FreshnessOtherwise::fail:
      return true;
    case FreshnessOtherwise::serve_stale:
      return false;
  }
  return false;
}

bool Router::admits(DatabaseIndex database) const {
  const Database& candidate = at(database);
  const bool is_deposed =
      candidate.observation && candidate.observation->is_primary && database != primary_;
  return !is_deposed && candidate.breaker.admits(now_);
}

Coverage Router::coverage_of(DatabaseIndex database, const SessionToken& token) const {
  const std::optional<Observation>& observation = at(database).observation;
  return observation ? coverage(*observation, token) : Coverage::other_timeline;
}

Decision Router::to_primary(Reason reason) const {
  if (!primary_.valid()) return {.kind = DecisionKind::refuse, .reason = Reason::no_primary};
  return {.kind = DecisionKind::serve, .database = primary_, .reason = reason};
}

Decision Router::serve_read(DatabaseIndex database, Reason reason) {
  LagBreaker& breaker = at(database).breaker;
  breaker.take_read();
  const bool is_plain = reason == Reason::nearest_replica || reason == Reason::nearest_primary;
  if (is_plain && breaker.state() == BreakerState::half_open) reason = Reason::trial_read;
  return {.kind = DecisionKind::serve, .database = database, .reason = reason};
}

Decision Router::nobody_admitted() const {
  switch (config_.router.when_no_replica) {
    case WhenNoReplica::primary:
      return to_primary(Reason::no_replica_admitted);
    case WhenNoReplica::fail:
      break;
  }
  return {.kind = DecisionKind::refuse, .reason = Reason::no_replica_admitted};
}

}  // namespace longhaul
