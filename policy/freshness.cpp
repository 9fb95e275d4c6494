#include "policy/freshness.h"

namespace longhaul {

SessionToken merge(const SessionToken& a, const SessionToken& b) {
  if (!a.has_written) return b;
  if (!b.has_written) return a;
  const bool a_wins = a.timeline != b.timeline ? a.timeline > b.timeline : a.lsn >= b.lsn;
  SessionToken merged = a_wins ? a : b;
  merged.wrote_at = a.wrote_at > b.wrote_at ? a.wrote_at : b.wrote_at;
  return merged;
}

void note_write(SessionToken& token, std::uint32_t timeline, Lsn lsn, TimePoint acknowledged_at) {
  token = merge(
      token,
      SessionToken{
          .has_written = true, .timeline = timeline, .lsn = lsn, .wrote_at = acknowledged_at});
}

void renew(SessionToken& token, const Observation& primary) {
  if (!token.has_written || !primary.is_primary || primary.timeline <= token.timeline) return;
  token.timeline = primary.timeline;
  token.lsn = primary.replay_lsn;
}

bool is_pinned(const FreshnessConfig& config, TimePoint now, const SessionToken& token) {
  // A host that moved the session here may be ahead of this one's clock: a write "in the future" is
  // a recent write.
  return config.rule == FreshnessRule::pin_after_write && token.has_written &&
         now - token.wrote_at < config.pin;
}

Coverage coverage(const Observation& replica, const SessionToken& token) {
  if (token.timeline == 0 || replica.timeline != token.timeline) return Coverage::other_timeline;
  return replica.replay_lsn >= token.lsn ? Coverage::covered : Coverage::behind;
}

WaitVerdict judge_wait(const Decision& waiting, const Observation& position) {
  CHECK(waiting.kind == DecisionKind::wait_then_serve);
  if (position.timeline != waiting.required_timeline) return WaitVerdict::give_up;
  return position.replay_lsn >= waiting.required_lsn ? WaitVerdict::serve
                                                     : WaitVerdict::keep_waiting;
}

Decision after_wait(const Decision& waiting, WaitVerdict verdict) {
  CHECK(waiting.kind == DecisionKind::wait_then_serve);
  if (verdict == WaitVerdict::serve) {
    return {
        .kind = DecisionKind::serve, .database = waiting.database, .reason = Reason::wait_covered};
  }
  const Reason reason =
      verdict == WaitVerdict::give_up ? Reason::wait_pointless : Reason::wait_expired;
  if (!waiting.otherwise.valid()) return {.kind = DecisionKind::refuse, .reason = reason};
  return {.kind = DecisionKind::serve,
          .database = waiting.otherwise,
          .reason = reason,
          .may_be_stale = waiting.otherwise == waiting.database};
}

}  // namespace longhaul
