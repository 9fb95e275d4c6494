// Read your writes: after a session has written, which databases may answer its reads.
//
//   none              any admitted database; a replica that lags shows the session an older state.
//   pin_after_write   the primary for `pin` after the last acknowledged write. A bet that no
//                     replica that still gets reads lags by more: it holds when pin >= open_above +
//                     probe_interval + the time of a probe (with lag_breaker.confirm = 1).
//   lsn_token         a replica that has replayed the session's commit. Exact: the last *observed*
//                     replay position on the token's timeline covers the token, or the host asks
//                     the replica until it does, for at most `wait`.
//   replica_age       a replica whose observed lag + age of that observation + `margin` is less
//                     than the time since the write. A pin that follows the lag: as good as the
//                     lag's source, and it needs no positions. Lag that is NULL covers nothing.
//   gitlab_sticking   the primary for the rest of the request that wrote; later requests read from
//                     replicas seen to have replayed the commit, else from the primary, and the
//                     token is deleted when all replicas have, or after `ttl` (30 s). It never
//                     waits. GitLab asks every replica anew for each request; here the last probe
//                     answers, which sends more reads to the primary and never a wrong one.
//   wait_for_replay   the write waits: it is answered once the nearest replica, or every admitted
//                     one, has replayed it (remote_apply on the application's side), for at most
//                     `wait`. Other sessions and devices gain, too. After a vain wait, and at
//                     replicas that were not asked, reads are held to the token without waiting.
//
// monotonic_reads goes with any rule: the host brings a position that covers each read, and a
// later read goes to the database that showed the newest one, to one seen beyond it, or to the
// primary.
//
// Positions only grow on one timeline, so an old observation that covers a token is still right;
// one that does not cover it may be out of date, which is why waiting pays. Across timelines
// nothing is comparable: such a token leads to the primary.
//
// Left out: writes that were lost in a failover. A pin and replica_age compare clocks of hosts.
//
// Sources: Rails DatabaseSelector, Makara and django_replicated (pins); GitLab load balancing
// (sticking) and MaxScale causal_reads (tokens); PostgreSQL 19 WAIT FOR LSN; policies of these
// products as configurations: policy/freshness_presets.h.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

enum class FreshnessRule : std::uint8_t {
  none,
  pin_after_write,
  lsn_token,
  replica_age,
  gitlab_sticking,
  wait_for_replay,
};
enum class FreshnessOtherwise : std::uint8_t { primary, fail, serve_stale };
// Whose token the host passes: a new one for each request, one of the session, one of the user that
// all of the user's sessions share, or one of each row, so that a write holds nobody up who reads
// other rows. The policy is the same for all four.
enum class TokenScope : std::uint8_t { request, session, user, entity };
// wait_for_replay: which replicas a write waits for.
enum class WaitFor : std::uint8_t { nearest, all };

// Where the tokens are kept.
//   ideal     everywhere at once and at no cost: what a rule is worth before its store is chosen.
//   cookie    with the session: travels with its pages. Another device does not have it. Parallel
//             pages race, and the answer that arrives last wins whatever it knows.
//   process   in the app instance: other instances do not know it.
//   shared    in a store of the app's region, Redis and the like: a round trip for each look-up
//             and each write. Apps in other regions do not see it.
enum class TokenPlace : std::uint8_t { ideal, cookie, process, shared };
// What a request does when the shared store does not answer in time.
enum class StoreFailure : std::uint8_t { no_token, primary, fail };

struct TokenStoreConfig {
  TokenPlace kind = TokenPlace::ideal;
  Duration timeout = milliseconds(100);
  StoreFailure when_down = StoreFailure::no_token;

  static const FieldTable& fields();
  friend constexpr bool operator==(const TokenStoreConfig&, const TokenStoreConfig&) = default;
};

struct FreshnessConfig {
  FreshnessRule rule = FreshnessRule::none;
  Duration pin = seconds(5);
  Duration wait = milliseconds(50);
  FreshnessOtherwise otherwise = FreshnessOtherwise::primary;
  Duration margin = seconds(1);
  WaitFor wait_for = WaitFor::nearest;
  bool monotonic_reads = false;
  TokenScope scope = TokenScope::session;
  std::optional<Duration> ttl;
  TokenStoreConfig store;

  static const FieldTable& fields();
  friend constexpr bool operator==(const FreshnessConfig&, const FreshnessConfig&) = default;
};

template <>
const EnumNames& enum_names<FreshnessRule>();
template <>
const EnumNames& enum_names<FreshnessOtherwise>();
template <>
const EnumNames& enum_names<TokenScope>();
template <>
const EnumNames& enum_names<WaitFor>();
template <>
const EnumNames& enum_names<TokenPlace>();
template <>
const EnumNames& enum_names<StoreFailure>();

// ---- What the host does with tokens ------------------------------------------------------------

// The token that covers both. The newer timeline wins whole: its WAL begins with all that survived
// of the older one, so every commit on it lies behind the fork.
SessionToken merge(const SessionToken& a, const SessionToken& b);

// Call after each acknowledged write, with a position taken after COMMIT returned (never before).
void note_write(SessionToken& token, std::uint32_t timeline, Lsn lsn, TimePoint acknowledged_at);

// monotonic_reads: call after each read, with a position of its database that covers all that the
// read showed: the replay position, or a primary's insert position, asked for in the same
// statement.
void note_read(SessionToken& token, DatabaseIndex database, std::uint32_t timeline, Lsn lsn);

// A wait has ended with serve: its database replayed what was required.
void note_replayed(SessionToken& token, const Decision& waiting);

// Whether the token no longer counts: its ttl has passed since the write. A store may drop it then.
bool is_expired(const FreshnessConfig& config, TimePoint now, const SessionToken& token);

// ---- What the router asks ----------------------------------------------------------------------

// A token of an older timeline than the primary's, restated on the primary's: whatever survived of
// the session's writes and reads lies before the fork, hence before any position observed on the
// new timeline. Leaves the token alone when the primary is not on a newer timeline.
void renew(SessionToken& token, const Observation& primary);

// Whether the session is within its pin.
bool is_pinned(const FreshnessConfig& config, TimePoint now, const SessionToken& token);

// Whether it matters to a read of the session which replica serves it.
bool holds_reads(const FreshnessConfig& config, const SessionToken& token);

// How long a read may wait for a replica.
Duration read_wait(const FreshnessConfig& config);

// What is known about one replica's state against a token: by positions alone, by what the rule
// says of writes, and by that and what the session has read.
enum class Coverage : std::uint8_t { covered, behind, other_timeline };
Coverage coverage(const Observation& replica, const SessionToken& token);
Coverage covers_write(const FreshnessConfig& config, TimePoint now, DatabaseIndex database,
                      const Observation& replica, const SessionToken& token);
Coverage covers(const FreshnessConfig& config, TimePoint now, DatabaseIndex database,
                const Observation& replica, const SessionToken& token);

// ---- Waiting -----------------------------------------------------------------------------------

// While a wait_then_serve is under way: what the position just read from its database means.
// give_up: the database has left the timeline (it was promoted, or follows another primary).
enum class WaitVerdict : std::uint8_t { serve, keep_waiting, give_up };
WaitVerdict judge_wait(const Decision& waiting, const Observation& position);

// What to do when the wait is over: by serve, by give_up, or (keep_waiting) because `wait` has
// passed or the database did not answer.
Decision after_wait(const Decision& waiting, WaitVerdict verdict);

}  // namespace longhaul
