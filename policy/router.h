// Which database gets this statement.
//
// Writes, locking reads and every statement of a writing transaction go to the primary. Reads go to
// the first database in the order of preference whose breaker admits them, subject to the freshness
// rule and to the max_staleness of their page. The order is computed when something changes, not on
// a request: the app's zone, its region, then by round trip; replicas before the primary, then by
// index. Round trips come with the probes and are smoothed; the order follows a change that lasts
// and matters, not noise. Replicas of equal rank may share the reads by weight: the host brings an
// evenly spread number with each request.
//
// max_staleness, of a page or a call: a replica serves it whose last observed lag plus the age of
// that observation is within it, else the next, else the primary. Zero is never stale: always the
// primary. The class is a promise, so it holds against every other rule: neither panic nor the cap
// serve such a read anything older. A class that tolerates more than the breaker does is served by
// a replica whose breaker is open for its lag, as long as it answers probes.
//
// Rollout: reads may go to replicas for a share of the users, chosen by the host's hash of the
// user, so that nobody flips and a growing share only adds users.
//
// Panic: when a smaller share of the replicas than panic_below is admitted, when_no_replica decides
// on all reads that belong on one: they go to the primary, fail, queue, or are served stale by all
// replicas that answer probes, since the few that are admitted would not carry the load.
//
// Reads that belong on a replica and were moved to the primary (open breakers, pins, tokens) are
// counted; beyond moved_reads.max_share they are served stale, queue or fail. Reads of a class that
// is never stale, of users before the rollout and those that the primary is nearest to belong on
// the primary and are not moved.
//
// One router belongs to one app instance, because each instance has its own probes and therefore
// its own opinion; breakers of several instances open at different times. Which database is the
// primary is what probes say: the one on the highest timeline that says it is not in recovery. A
// primary that does not answer stays the primary until another one is seen; statements sent to it
// fail as they will. A database that calls itself the primary on an older timeline gets nothing.
//
// The host's duties, in order:
//   1. build the router with the place and latency of each database, and send a probe to every one
//      of them (the primary too: its position is the yardstick for bytes) every
//      lag_breaker.probe_interval, with the round trip in the answer where it is known;
//   2. call handle() with each answer, or with ProbeFailed after probe_timeout;
//   3. after each handle() and on_timer() drain poll() and arm next_deadline();
//   4. call decide() for each statement and do what it says (after a wait_then_serve go on with
//      after_wait()), and note_write() after each acknowledged write.
//
// The primary serves a read when it is the nearest of all, or when its turn comes before that of an
// admitted replica (primary_reads = when_nearest). When no replica is admitted, when_no_replica
// decides, and the reason says so.
//
// With a token a farther replica that is known to cover it may beat waiting at the nearest: it is
// taken when the detour costs no more than `wait`. With wait = 0 it is taken when it beats what
// `otherwise` says: it is no farther than the primary, or the alternative is to fail.
//
// Databases that the host's call breakers reject get nothing, those that it has ejected get no
// reads in turn; a read that finds nobody else ends on the primary as above. Panic overrules
// ejections, not breakers. A replica on the ramp of its lag breaker gets a growing share of the
// reads that others may serve as well, and all that nobody else may.
//
// Left out: load (weights do not follow it), retries, hedged reads, what a read ages while it waits
// for a token or a connection, and replicas that follow a deposed primary: only their lag speaks
// against them.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "base/fields.h"
#include "policy/config.h"
#include "policy/freshness.h"
#include "policy/lag_breaker.h"
#include "policy/moved_reads.h"
#include "policy/types.h"

namespace longhaul {

// Where a database stands as seen from the app instance.
enum class Nearness : std::uint8_t { same_zone, same_region, elsewhere };

// A database as the host knows it before the first probe. Its index is its place in the list.
struct Candidate {
  Duration latency{};       // round trip, as measured by the host
  bool is_primary = false;  // at most one
  Nearness nearness = Nearness::elsewhere;
  std::int32_t weight = 1;  // among replicas of equal rank; 0: only when those others are out
};
constexpr std::int32_t weight_max = 1'000'000;

// What a router tells its host besides decisions.
enum class RouterActionKind : std::uint8_t { breaker_moved, primary_changed };

struct RouterAction {
  RouterActionKind kind = RouterActionKind::breaker_moved;
  DatabaseIndex database{};  // whose breaker; or the new primary, none when there is none
  Reason reason = Reason::not_observed;
  BreakerTransition transition{};  // breaker_moved
};

class Router {
 public:
  Router() = default;  // talks to no database and refuses everything
  // `rollout` is what rollout_share() says for the region of the app.
  Router(const PolicyConfig& config, std::span<const Candidate> candidates,
         Ratio rollout = percent(100));

  // Renews a token that an older timeline left behind (see renew() in policy/freshness.h), and
  // forgets one that has expired or that every replica has replayed (gitlab_sticking).
  Decision decide(TimePoint now, const StatementRequest& request, SessionToken& token);
  // What follows a wait_then_serve of this router: see after_wait() in policy/freshness.h.
  Decision after_wait(TimePoint now, const StatementRequest& request, const Decision& waiting,
                      WaitVerdict verdict);
  // Rule wait_for_replay, after an acknowledged write: the replica that has to replay it before it
  // is answered. The host waits as for a read; on serve it calls note_replayed() and asks again.
  // Nothing: answer now.
  std::optional<Decision> replica_to_await(TimePoint now, const SessionToken& token);

  void handle(TimePoint now, DatabaseIndex database, const Observation& observation);
  void handle(TimePoint now, DatabaseIndex database, ProbeFailed failure);
  void on_timer(TimePoint now);
  std::optional<RouterAction> poll();
  std::optional<TimePoint> next_deadline() const;

  std::size_t size() const { return count_; }
  DatabaseIndex primary() const { return primary_; }  // none while no primary is known
  const LagBreaker& breaker(DatabaseIndex database) const { return at(database).breaker; }
  const std::optional<Observation>& last_observation(DatabaseIndex database) const {
    return at(database).observation;
  }
  std::span<const DatabaseIndex> preference_order() const { return {order_.data(), order_count_}; }
  Duration latency(DatabaseIndex database) const { return at(database).latency; }
  const MovedReads& moved_reads() const { return moved_reads_; }

 private:
  struct Config {
    RouterConfig router;
    FreshnessConfig freshness;
  };
  using Order = std::array<DatabaseIndex, databases_max>;

  struct Database {
    Duration latency;   // that the order goes by
    Duration smoothed;  // moving average of the round trips observed
    Nearness nearness = Nearness::elsewhere;
    std::int32_t weight = 1;
    LagBreaker breaker;
    std::optional<Observation> observation;  // the newest by time of sending
    LagReading reading{};                    // the newest that knows the lag in time
    bool is_silent = true;                   // the newest probe got no answer, or none was sent
  };

  // A read and the databases in its order: the order of preference, equals shuffled.
  struct Read {
    const StatementRequest& request;
    std::span<const DatabaseIndex> order;
    bool is_counted = false;     // among moved_reads_' reads: it has waited
    bool ignores_ramps = false;  // nobody is left but those that the ramp holds back
  };

  const Database& at(DatabaseIndex database) const;
  Database& at(DatabaseIndex database);
  void advance(TimePoint now);
  void learn_role(DatabaseIndex database, const Observation& observation);
  void set_primary(DatabaseIndex database, Reason reason);
  void learn_round_trip(Database& database, Duration round_trip);
  bool comes_before(DatabaseIndex a, DatabaseIndex b) const;
  bool are_equal(DatabaseIndex first, DatabaseIndex other) const;
  void order_by_preference();
  void rank();
  std::optional<Bytes> bytes_behind_primary(const Observation& observation) const;

  bool is_deposed(DatabaseIndex database) const;
  bool answers(DatabaseIndex database) const;
  bool is_within(DatabaseIndex database, Duration max_staleness) const;
  bool admits(DatabaseIndex database, const Read& read) const;
  static bool is_out(DatabaseIndex database, const StatementRequest& request);
  bool is_fit(DatabaseIndex database, const StatementRequest& request) const;
  bool is_panicking(const StatementRequest& request) const;
  bool is_rolled_out(const StatementRequest& request) const;
  std::optional<Reason> needs_primary(const StatementRequest& request,
                                      const SessionToken& token) const;
  bool is_held(SessionToken& token) const;
  bool all_replayed(const SessionToken& token) const;
  Coverage coverage_of(DatabaseIndex database, const SessionToken& token) const;
  Decision wait_at(DatabaseIndex replica, const SessionToken& token);
  bool beats_waiting(DatabaseIndex covering, DatabaseIndex nearest) const;
  std::uint64_t weight(DatabaseIndex database) const {
    return static_cast<std::uint64_t>(at(database).weight);
  }
  void shuffle_equals(Order& order, std::uint64_t number) const;

  Decision decide_read(const StatementRequest& request, SessionToken& token);
  Decision route(const Read& read, SessionToken& token);
  Decision nearest(const Read& read);
  std::optional<Decision> primary_in_turn(const Read& read);
  Decision nearest_covering(const Read& read, const SessionToken& token);
  Decision behind_token(const Read& read, DatabaseIndex replica, const SessionToken& token);
  Decision serve_read(DatabaseIndex database, Reason reason);
  std::optional<Decision> serve_stale(const Read& read, Reason reason);
  Decision to_primary(const StatementRequest& request, Reason reason) const;
  bool is_moved(const Read& read) const;
  Decision move_to_primary(const Read& read, Reason reason);
  static Read without_ramps(const Read& read);
  Decision nobody_admitted(const Read& read);
  Decision without_replicas(const Read& read, Reason reason);
  Decision queue(const Read& read, Reason reason) const;

  Config config_;
  std::int64_t rollout_ppm_ = percent(100).ppm;
  Duration news_age_max_{};  // older observations are no news
  MovedReads moved_reads_;
  std::array<Database, databases_max> databases_{};
  Order order_{};
  std::array<std::uint8_t, databases_max> group_end_{};  // by place: behind those of equal rank
  bool has_equals_ = false;  // replicas share reads by weight somewhere in the order
  std::size_t count_ = 0;
  std::size_t order_count_ = 0;
  TimePoint now_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  DatabaseIndex primary_{};
  std::uint32_t primary_timeline_ = 0;  // of the last primary seen; 0 before the first
  std::optional<RouterAction> pending_;
};

}  // namespace longhaul
