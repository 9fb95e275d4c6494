// Read your writes: after a session has written, which databases may answer its reads.
//
//   none              any admitted database; a replica that lags shows the session an older state.
//   pin_after_write   the primary for `pin` after the last acknowledged write. A bet that no
//                     replica that still gets reads lags by more: it holds when pin >= open_above +
//                     probe_interval + the time of a probe (with lag_breaker.confirm = 1).
//   lsn_token         a replica that has replayed the session's commit. Exact: the last *observed*
//                     replay position on the token's timeline covers the token, or the host asks
//                     the replica until it does, for at most `wait`.
//
// Positions only grow on one timeline, so an old observation that covers a token is still right;
// one that does not cover it may be out of date, which is why waiting pays. Across timelines
// nothing is comparable: such a token leads to the primary.
//
// Left out: monotonic reads (a session that never wrote may see time go back between replicas) and
// writes that were lost in a failover.
//
// Sources: Rails DatabaseSelector, Makara and django_replicated (pins); GitLab load balancing and
// MaxScale causal_reads (tokens); PostgreSQL 19 WAIT FOR LSN.
#pragma once

#include <cstdint>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

enum class FreshnessRule : std::uint8_t { none, pin_after_write, lsn_token };
enum class FreshnessOtherwise : std::uint8_t { primary, fail, serve_stale };
// Whose token the host passes: a new one for each request, one of the session, or one of the user
// that all of the user's sessions share. The policy is the same for all three.
enum class TokenScope : std::uint8_t { request, session, user };

struct FreshnessConfig {
  FreshnessRule rule = FreshnessRule::none;
  Duration pin = seconds(5);
  Duration wait = milliseconds(50);
  FreshnessOtherwise otherwise = FreshnessOtherwise::primary;
  TokenScope scope = TokenScope::session;

  static const FieldTable& fields();
  friend constexpr bool operator==(const FreshnessConfig&, const FreshnessConfig&) = default;
};

template <>
const EnumNames& enum_names<FreshnessRule>();
template <>
const EnumNames& enum_names<FreshnessOtherwise>();
template <>
const EnumNames& enum_names<TokenScope>();

// The token that covers both. The newer timeline wins whole: its WAL begins with all that survived
// of the older one, so every commit on it lies behind the fork.
SessionToken merge(const SessionToken& a, const SessionToken& b);

// Call after each acknowledged write, with a position taken after COMMIT returned (never before).
void note_write(SessionToken& token, std::uint32_t timeline, Lsn lsn, TimePoint acknowledged_at);

// A token of an older timeline than the primary's, restated on the primary's: whatever survived of
// the session's writes lies before the fork, hence before any position observed on the new
// timeline. Leaves the token alone when the primary is not on a newer timeline.
void renew(SessionToken& token, const Observation& primary);

// Whether the session is within its pin.
bool is_pinned(const FreshnessConfig& config, TimePoint now, const SessionToken& token);

// What is known about one replica's state against a token.
enum class Coverage : std::uint8_t { covered, behind, other_timeline };
Coverage coverage(const Observation& replica, const SessionToken& token);

// While a wait_then_serve is under way: what the position just read from its database means.
// give_up: the database has left the timeline (it was promoted, or follows another primary).
enum class WaitVerdict : std::uint8_t { serve, keep_waiting, give_up };
WaitVerdict judge_wait(const Decision& waiting, const Observation& position);

// What to do when the wait is over: by serve, by give_up, or (keep_waiting) because `wait` has
// passed or the database did not answer.
Decision after_wait(const Decision& waiting, WaitVerdict verdict);

}  // namespace longhaul
