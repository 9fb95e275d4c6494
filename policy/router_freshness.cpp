// What the freshness rule asks of a router: policy/freshness.h by what its probes have told.
#include "policy/router.h"

namespace longhaul {

// Why a read has to go to the primary whatever replicas have replayed.
std::optional<Reason> Router::needs_primary(const StatementRequest& request,
                                            const SessionToken& token) const {
  const FreshnessConfig& rule = config_.freshness;
  if (request.token_unknown) return Reason::token_unknown;
  if (request.after_write && rule.rule == FreshnessRule::gitlab_sticking) {
    return Reason::writing_request;
  }
  if (is_pinned(rule, now_, token)) return Reason::pinned_after_write;
  return std::nullopt;
}

// Whether it matters which replica serves the read; brings the token up to date first.
bool Router::is_held(SessionToken& token) const {
  const FreshnessConfig& rule = config_.freshness;
  if (!holds_reads(rule, token)) return false;
  if (primary_.valid() && at(primary_).observation) renew(token, *at(primary_).observation);
  const bool is_over = is_expired(rule, now_, token) ||
                       (rule.rule == FreshnessRule::gitlab_sticking && all_replayed(token));
  if (is_over) token = {.seen = token.seen};
  return holds_reads(rule, token);
}

// GitLab's unsticking: nothing is left that could show the session an older state.
bool Router::all_replayed(const SessionToken& token) const {
  if (!token.has_written) return false;
  for (std::size_t i = 0; i < count_; ++i) {
    const DatabaseIndex database{static_cast<std::uint32_t>(i)};
    if (database == primary_) continue;
    const std::optional<Observation>& seen = at(database).observation;
    if (!seen || coverage(*seen, token) != Coverage::covered) return false;
  }
  return true;
}

Coverage Router::coverage_of(DatabaseIndex database, const SessionToken& token) const {
  const std::optional<Observation>& seen = at(database).observation;
  if (!seen) return Coverage::other_timeline;
  return covers(config_.freshness, now_, database, *seen, token);
}

// The position that the read needs is that of the session's write, or of what it has read.
Decision Router::wait_at(DatabaseIndex replica, const SessionToken& token) {
  const FreshnessConfig& rule = config_.freshness;
  Decision waiting = serve_read(replica, Reason::token_awaited);
  waiting.kind = DecisionKind::wait_then_serve;
  waiting.required_timeline = token.has_written ? token.timeline : token.seen.timeline;
  waiting.required_lsn = token.lsn;
  if (rule.monotonic_reads && token.seen.timeline == waiting.required_timeline &&
      token.seen.lsn > token.lsn) {
    waiting.required_lsn = token.seen.lsn;
  }
  waiting.wait = rule.wait;
  if (rule.otherwise == FreshnessOtherwise::primary) waiting.otherwise = primary_;
  if (rule.otherwise == FreshnessOtherwise::serve_stale) waiting.otherwise = replica;
  return waiting;
}

std::optional<Decision> Router::replica_to_await(TimePoint now, const SessionToken& token) {
  advance(now);
  const FreshnessConfig& rule = config_.freshness;
  if (rule.rule != FreshnessRule::wait_for_replay || !token.has_written) return std::nullopt;
  for (const DatabaseIndex database : preference_order()) {
    const bool is_replica = database != primary_;
    if (is_replica && !is_fit(database, StatementRequest{})) continue;
    // What the session has read is no business of the write's.
    const std::optional<Observation>& seen = at(database).observation;
    const bool lacks_it =
        is_replica && seen && covers_write(rule, now_, database, *seen, token) == Coverage::behind;
    if (lacks_it) {
      return Decision{.kind = DecisionKind::wait_then_serve,
                      .database = database,
                      .reason = Reason::replay_awaited,
                      .required_timeline = token.timeline,
                      .required_lsn = token.lsn,
                      .wait = rule.wait};
    }
    if (rule.wait_for == WaitFor::nearest) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace longhaul
