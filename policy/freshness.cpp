#include "policy/freshness.h"

#include <limits>

namespace longhaul {
namespace {

constexpr Duration gitlab_expiry = seconds(30);

constexpr std::uint16_t bit_of(DatabaseIndex database) {
  return static_cast<std::uint16_t>(1u << database.value);
}
static_assert(databases_max <= std::numeric_limits<std::uint16_t>::digits);

// The state that is certainly no older than either. On one timeline the later position is; a newer
// timeline holds what survived of the older one.
SeenState newer(const SeenState& a, const SeenState& b) {
  if (a.timeline != b.timeline) return a.timeline > b.timeline ? a : b;
  return a.lsn >= b.lsn ? a : b;
}

// What is known of a replica against what the session has read.
Coverage covers_seen(DatabaseIndex database, const Observation& replica, const SeenState& seen) {
  if (seen.timeline == 0) return Coverage::covered;
  if (replica.timeline != seen.timeline) return Coverage::other_timeline;
  const bool is_there = database == seen.database || replica.replay_lsn >= seen.lsn;
  return is_there ? Coverage::covered : Coverage::behind;
}

// By the replica's own word about its lag, as old as it is. A replica on an older timeline than
// the write lacks it whatever its lag.
Coverage covers_by_age(const FreshnessConfig& config, TimePoint now, const Observation& replica,
                       const SessionToken& token) {
  if (replica.timeline < token.timeline) return Coverage::other_timeline;
  if (!replica.lag) return Coverage::behind;
  const Duration age = *replica.lag + (now - replica.measured_at) + config.margin;
  return age < now - token.wrote_at ? Coverage::covered : Coverage::behind;
}

}  // namespace

SessionToken merge(const SessionToken& a, const SessionToken& b) {
  SessionToken merged = a;
  if (b.has_written) {
    const bool b_wins =
        !a.has_written || (a.timeline != b.timeline ? b.timeline > a.timeline : b.lsn > a.lsn);
    if (b_wins) merged = b;
    const bool is_one = a.has_written && a.timeline == b.timeline && a.lsn == b.lsn;
    if (is_one) merged.replayed_by = a.replayed_by | b.replayed_by;
    if (a.has_written && a.wrote_at > merged.wrote_at) merged.wrote_at = a.wrote_at;
    if (b.wrote_at > merged.wrote_at) merged.wrote_at = b.wrote_at;
  }
  merged.seen = newer(a.seen, b.seen);
  return merged;
}

void note_write(SessionToken& token, std::uint32_t timeline, Lsn lsn, TimePoint acknowledged_at) {
  token = merge(
      token,
      SessionToken{
          .has_written = true, .timeline = timeline, .lsn = lsn, .wrote_at = acknowledged_at});
}

void note_read(SessionToken& token, DatabaseIndex database, std::uint32_t timeline, Lsn lsn) {
  token.seen = newer(token.seen, {.timeline = timeline, .database = database, .lsn = lsn});
}

void note_replayed(SessionToken& token, const Decision& waiting) {
  // The session may have written again meanwhile.
  if (token.timeline != waiting.required_timeline || token.lsn > waiting.required_lsn) return;
  token.replayed_by = static_cast<std::uint16_t>(token.replayed_by | bit_of(waiting.database));
}

bool is_expired(const FreshnessConfig& config, TimePoint now, const SessionToken& token) {
  std::optional<Duration> life = config.ttl;
  if (!life && config.rule == FreshnessRule::gitlab_sticking) life = gitlab_expiry;
  return token.has_written && life && now - token.wrote_at >= *life;
}

void renew(SessionToken& token, const Observation& primary) {
  if (!primary.is_primary) return;
  if (token.has_written && primary.timeline > token.timeline) {
    token.timeline = primary.timeline;
    token.lsn = primary.replay_lsn;
    token.replayed_by = 0;
  }
  if (token.seen.timeline != 0 && primary.timeline > token.seen.timeline) {
    token.seen = {.timeline = primary.timeline, .database = {}, .lsn = primary.replay_lsn};
  }
}

bool is_pinned(const FreshnessConfig& config, TimePoint now, const SessionToken& token) {
  // A host that moved the session here may be ahead of this one's clock: a write "in the future" is
  // a recent write.
  return config.rule == FreshnessRule::pin_after_write && token.has_written &&
         now - token.wrote_at < config.pin;
}

bool holds_reads(const FreshnessConfig& config, const SessionToken& token) {
  const bool by_rule =
      config.rule != FreshnessRule::none && config.rule != FreshnessRule::pin_after_write;
  return (by_rule && token.has_written) || (config.monotonic_reads && token.seen.timeline != 0);
}

Duration read_wait(const FreshnessConfig& config) {
  return config.rule == FreshnessRule::lsn_token ? config.wait : Duration{0};
}

Coverage coverage(const Observation& replica, const SessionToken& token) {
  if (token.timeline == 0 || replica.timeline != token.timeline) return Coverage::other_timeline;
  return replica.replay_lsn >= token.lsn ? Coverage::covered : Coverage::behind;
}

Coverage covers_write(const FreshnessConfig& config, TimePoint now, DatabaseIndex database,
                      const Observation& replica, const SessionToken& token) {
  if (!token.has_written) return Coverage::covered;
  switch (config.rule) {
    case FreshnessRule::none:
    case FreshnessRule::pin_after_write:
      return Coverage::covered;
    case FreshnessRule::replica_age:
      return covers_by_age(config, now, replica, token);
    case FreshnessRule::lsn_token:
    case FreshnessRule::gitlab_sticking:
    case FreshnessRule::wait_for_replay:
      break;
  }
  const Coverage by_position = coverage(replica, token);
  const bool has_said_so = (token.replayed_by & bit_of(database)) != 0;
  return by_position == Coverage::behind && has_said_so ? Coverage::covered : by_position;
}

Coverage covers(const FreshnessConfig& config, TimePoint now, DatabaseIndex database,
                const Observation& replica, const SessionToken& token) {
  const Coverage written = covers_write(config, now, database, replica, token);
  if (!config.monotonic_reads || written == Coverage::other_timeline) return written;
  const Coverage seen = covers_seen(database, replica, token.seen);
  return seen == Coverage::covered ? written : seen;
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
