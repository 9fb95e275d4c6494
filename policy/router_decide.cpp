// Requests: where a statement goes, by what probes have told so far.
#include "policy/router.h"

namespace longhaul {
namespace {

// The next of a row of numbers, as even as the first (the finalizer of MurmurHash3).
std::uint64_t mixed(std::uint64_t number) {
  number = (number ^ number >> 33) * 0xff51afd7ed558ccdu;
  number = (number ^ number >> 33) * 0xc4ceb9fe1a85ec53u;
  return number ^ number >> 33;
}

bool is_in(unsigned set, DatabaseIndex database) { return (set >> database.value & 1) != 0; }

}  // namespace

Decision Router::decide(TimePoint now, const StatementRequest& request, SessionToken& token) {
  advance(now);
  if (request.in_writing_transaction) return to_primary(request, Reason::writing_transaction);
  switch (request.statement) {
    case StatementClass::write:
      return to_primary(request, Reason::write_statement);
    case StatementClass::locking_read:
      return to_primary(request, Reason::locking_read);
    case StatementClass::read:
      break;
  }
  const Decision decision = decide_read(request, token);
  if (decision.kind != DecisionKind::queue) moved_reads_.note_read(now_);
  return decision;
}

Decision Router::after_wait(TimePoint now, const StatementRequest& request, const Decision& waiting,
                            WaitVerdict verdict) {
  advance(now);
  const Decision decision = longhaul::after_wait(waiting, verdict);
  const bool leaves = decision.kind == DecisionKind::serve && decision.database != waiting.database;
  const Read waited{.request = request, .order = preference_order(), .is_counted = true};
  return leaves ? move_to_primary(waited, decision.reason) : decision;
}

Decision Router::decide_read(const StatementRequest& request, SessionToken& token) {
  if (!config_.router.use_replica_reads) return to_primary(request, Reason::replica_reads_off);
  if (!is_rolled_out(request)) return to_primary(request, Reason::not_rolled_out);
  if (request.max_staleness == Duration{0}) return to_primary(request, Reason::never_stale);
  if (!has_equals_) return route({.request = request, .order = preference_order()}, token);
  Order order = order_;
  shuffle_equals(order, request.number);
  return route({.request = request, .order = {order.data(), order_count_}}, token);
}

Decision Router::route(const Read& read, SessionToken& token) {
  if (const std::optional<Reason> reason = needs_primary(read.request, token)) {
    return move_to_primary(read, *reason);
  }
  if (is_moved(read) && is_panicking(read.request)) return without_replicas(read, Reason::panic);
  return is_held(token) ? nearest_covering(read, token) : nearest(read);
}

Decision Router::nearest(const Read& read) {
  for (const DatabaseIndex database : read.order) {
    if (!admits(database, read)) continue;
    if (database != primary_) return serve_read(database, Reason::nearest_replica);
    if (const std::optional<Decision> decision = primary_in_turn(read)) return *decision;
  }
  return read.ignores_ramps ? nobody_admitted(read) : nearest(without_ramps(read));
}

// No replica before the primary admits the read. It serves as the nearest when it is the first of
// all, or when an admitted replica stands behind it, which gets what the cap keeps from the primary
// (nothing is returned then). Otherwise all replicas are out and it is not its turn either.
std::optional<Decision> Router::primary_in_turn(const Read& read) {
  if (is_moved(read)) {
    bool has_replica = false;
    for (const DatabaseIndex database : read.order) {
      has_replica = has_replica || (database != primary_ && admits(database, read));
    }
    if (!has_replica || !moved_reads_.may_move(now_, read.is_counted)) return std::nullopt;
    moved_reads_.note_moved(now_);
  }
  return serve_read(primary_, Reason::nearest_primary);
}

Decision Router::nearest_covering(const Read& read, const SessionToken& token) {
  DatabaseIndex behind;  // the nearest that only has to catch up
  bool left_timeline = false;
  for (const DatabaseIndex database : read.order) {
    if (!admits(database, read)) continue;
    if (database == primary_) {
      // It covers every token, but is not worth a detour from a replica that may catch up in time.
      if (behind.valid()) continue;
      if (left_timeline) return move_to_primary(read, Reason::token_other_timeline);
      if (const std::optional<Decision> decision = primary_in_turn(read)) return *decision;
      continue;
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
  if (behind.valid()) return behind_token(read, behind, token);
  if (left_timeline) return move_to_primary(read, Reason::token_other_timeline);
  return read.ignores_ramps ? nobody_admitted(read) : nearest_covering(without_ramps(read), token);
}

Decision Router::behind_token(const Read& read, DatabaseIndex replica, const SessionToken& token) {
  const FreshnessConfig& rule = config_.freshness;
  if (read_wait(rule) > Duration{0}) return wait_at(replica, token);
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
  return move_to_primary(read, Reason::token_not_covered);
}

// Whether a farther replica that covers the token is better than what the nearest would lead to.
bool Router::beats_waiting(DatabaseIndex covering, DatabaseIndex nearest) const {
  const Duration detour = at(covering).latency - at(nearest).latency;
  const FreshnessConfig& rule = config_.freshness;
  if (detour <= read_wait(rule)) return true;
  if (read_wait(rule) > Duration{0}) return false;
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

// ---- Who may ----------------------------------------------------------------------------------

bool Router::is_rolled_out(const StatementRequest& request) const {
  const auto bucket = static_cast<std::int64_t>((request.user >> 32) * 1'000'000 >> 32);
  return bucket < rollout_ppm_;
}

// It calls itself a primary, and another one is.
bool Router::is_deposed(DatabaseIndex database) const {
  const std::optional<Observation>& seen = at(database).observation;
  return seen && seen->is_primary && database != primary_;
}

// The newest probe was answered, and that is news.
bool Router::answers(DatabaseIndex database) const {
  const Database& candidate = at(database);
  return !candidate.is_silent && now_ - candidate.observation->measured_at < news_age_max_;
}

// Since it was observed a database has fallen behind by at most the time that has passed.
bool Router::is_within(DatabaseIndex database, Duration max_staleness) const {
  const LagReading& seen = at(database).reading;
  const std::optional<Duration> lag = known_lag(seen);
  return lag && *lag + (now_ - seen.measured_at) <= max_staleness;
}

bool Router::admits(DatabaseIndex database, const Read& read) const {
  if (is_out(database, read.request) || !is_fit(database, read.request)) return false;
  const LagBreaker& breaker = at(database).breaker;
  const bool has_turn = breaker.admits(now_, read.request.number) || !breaker.admits(now_);
  return has_turn || read.ignores_ramps;
}

// The host's own guards keep reads away from it.
bool Router::is_out(DatabaseIndex database, const StatementRequest& request) {
  return is_in(request.rejected | request.ejected, database);
}

// By what its probes have told.
bool Router::is_fit(DatabaseIndex database, const StatementRequest& request) const {
  if (is_deposed(database)) return false;
  const LagBreaker& breaker = at(database).breaker;
  if (!request.max_staleness || database == primary_) return breaker.admits(now_);
  if (!is_within(database, *request.max_staleness)) return false;
  // What keeps a database out that answers is its lag, which this read puts up with.
  return breaker.admits(now_) || answers(database);
}

// Too few replicas are healthy. One on trial is not yet.
bool Router::is_panicking(const StatementRequest& request) const {
  if (!config_.router.panic_below) return false;
  std::int64_t replicas = 0;
  std::int64_t healthy = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const DatabaseIndex database{static_cast<std::uint32_t>(i)};
    if (database == primary_) continue;
    const LagBreaker& breaker = at(database).breaker;
    replicas += 1;
    const bool is_missing = is_deposed(database) || is_out(database, request);
    const bool is_admitted = breaker.admits(now_) && breaker.state() != BreakerState::half_open;
    healthy += !is_missing && is_admitted ? 1 : 0;
  }
  return healthy * percent(100).ppm < replicas * config_.router.panic_below->ppm;
}

// Gives equals an order of the request's own: one after another is drawn by weight from those of
// its rank that are left, with numbers that follow from the request's.
void Router::shuffle_equals(Order& order, std::uint64_t number) const {
  for (std::size_t i = 0; i < order_count_; ++i) {
    std::size_t end = group_end_[i];
    if (order[end - 1] == primary_) end -= 1;
    std::uint64_t total = 0;
    for (std::size_t k = i; k < end; ++k) total += weight(order[k]);
    if (i + 1 >= end || total == 0) continue;
    std::uint64_t drawn = (number >> 32) * total >> 32;
    std::size_t chosen = i;
    while (drawn >= weight(order[chosen])) drawn -= weight(order[chosen++]);
    const DatabaseIndex first = order[chosen];
    order[chosen] = order[i];
    order[i] = first;
    number = mixed(number);
  }
}

// ---- Who does ---------------------------------------------------------------------------------

Decision Router::to_primary(const StatementRequest& request, Reason reason) const {
  if (!primary_.valid()) return {.kind = DecisionKind::refuse, .reason = Reason::no_primary};
  if (is_in(request.rejected, primary_)) {
    return {.kind = DecisionKind::refuse, .reason = Reason::call_rejected};
  }
  return {.kind = DecisionKind::serve, .database = primary_, .reason = reason};
}

Decision Router::serve_read(DatabaseIndex database, Reason reason) {
  LagBreaker& breaker = at(database).breaker;
  const bool is_admitted = breaker.admits(now_);
  if (is_admitted) breaker.take_read();
  if (reason == Reason::nearest_replica || reason == Reason::nearest_primary) {
    if (!is_admitted) reason = Reason::stale_tolerated;
    if (breaker.state() == BreakerState::half_open && is_admitted) reason = Reason::trial_read;
  }
  return {.kind = DecisionKind::serve, .database = database, .reason = reason};
}

// The first replica whose breaker admits the read, or else the first that answers. In panic all
// that answer take part, for the few that are admitted would not carry the load. None when all are
// silent or older than the read may be.
std::optional<Decision> Router::serve_stale(const Read& read, Reason reason) {
  for (const bool by_breaker : {true, false}) {
    if (by_breaker && reason == Reason::panic) continue;
    for (const DatabaseIndex database : read.order) {
      if (database == primary_ || is_deposed(database)) continue;
      if (is_in(read.request.rejected, database)) continue;
      if (by_breaker ? !at(database).breaker.admits(now_) : !answers(database)) continue;
      const std::optional<Duration>& limit = read.request.max_staleness;
      if (limit && !is_within(database, *limit)) continue;
      Decision stale = serve_read(database, reason);
      stale.may_be_stale = true;
      return stale;
    }
  }
  return std::nullopt;
}

// Whether a read that goes to the primary was meant for a replica: one comes before the primary.
bool Router::is_moved(const Read& read) const {
  return !read.order.empty() && read.order.front() != primary_;
}

Decision Router::move_to_primary(const Read& read, Reason reason) {
  const Decision decision = to_primary(read.request, reason);
  if (decision.kind == DecisionKind::refuse || !is_moved(read)) return decision;
  if (moved_reads_.may_move(now_, read.is_counted)) {
    moved_reads_.note_moved(now_);
    return decision;
  }
  constexpr Reason capped = Reason::moved_reads_capped;
  switch (config_.router.moved_reads.beyond) {
    case BeyondCap::serve_stale:
      if (const std::optional<Decision> stale = serve_stale(read, capped)) return *stale;
      break;
    case BeyondCap::queue:
      return queue(read, capped);
    case BeyondCap::fail:
      break;
  }
  return {.kind = DecisionKind::refuse, .reason = capped};
}

// A ramp lowers a replica's share. Where nobody else may serve the read, it takes all of it.
Router::Read Router::without_ramps(const Read& read) {
  Read whole = read;
  whole.ignores_ramps = true;
  return whole;
}

// No database of the order may serve the read. That is an outage of replicas unless some of them
// are well and only too old for this read. The reason names the host's guards if it is they who
// keep a replica away that would have served.
Decision Router::nobody_admitted(const Read& read) {
  bool has_rejected = false;
  bool has_old = false;
  for (const DatabaseIndex database : read.order) {
    if (database == primary_ || is_deposed(database)) continue;
    if (is_out(database, read.request)) {
      has_rejected = has_rejected || is_fit(database, read.request);
    } else {
      has_old = has_old || (read.request.max_staleness && at(database).breaker.admits(now_));
    }
  }
  if (has_old) {
    return move_to_primary(read, has_rejected ? Reason::replica_rejected : Reason::too_stale);
  }
  return without_replicas(read,
                          has_rejected ? Reason::replica_rejected : Reason::no_replica_admitted);
}

Decision Router::without_replicas(const Read& read, Reason reason) {
  switch (config_.router.when_no_replica) {
    case WhenNoReplica::primary:
      break;
    case WhenNoReplica::serve_stale:
      if (const std::optional<Decision> stale = serve_stale(read, reason)) return *stale;
      break;
    case WhenNoReplica::queue:
      return queue(read, reason);
    case WhenNoReplica::fail:
      return {.kind = DecisionKind::refuse, .reason = reason};
  }
  return move_to_primary(read, reason);
}

Decision Router::queue(const Read& read, Reason reason) const {
  const QueueConfig& rule = config_.router.queue;
  const Duration left = rule.wait_max - read.request.queued_for;
  if (left <= Duration{0}) {
    return {.kind = DecisionKind::refuse, .reason = Reason::queue_expired};
  }
  return {
      .kind = DecisionKind::queue, .reason = reason, .wait = left < rule.retry ? left : rule.retry};
}

}  // namespace longhaul
