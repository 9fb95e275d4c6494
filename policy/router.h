// Which database gets this statement.
//
// Writes, locking reads and every statement of a writing transaction go to the primary. Reads go to
// the nearest database whose breaker admits them, subject to the freshness rule. The order of
// preference is computed when something changes, not on a request: by latency, replicas before the
// primary, then by index.
//
// One router belongs to one app instance, because each instance has its own probes and therefore
// its own opinion; breakers of several instances open at different times. Which database is the
// primary is what probes say: the one on the highest timeline that says it is not in recovery. A
// primary that does not answer stays the primary until another one is seen; statements sent to it
// fail as they will. A database that calls itself the primary on an older timeline gets nothing.
//
// The host's duties, in order:
//   1. build the router with the latency of each database, and send a probe to every one of them
//      (the primary too: its position is the yardstick for bytes) every lag_breaker.probe_interval;
//   2. call handle() with each answer, or with ProbeFailed after probe_timeout;
//   3. after each handle() and on_timer() drain poll() and arm next_deadline();
//   4. call decide() for each statement and do what it says, and note_write() after each
//      acknowledged write.
//
// The primary serves a read when it is the nearest of all, or when its turn comes before that of an
// admitted replica (primary_reads = when_nearest). When no replica is admitted, when_no_replica
// decides, and the reason says so.
//
// With a token a farther replica that is known to cover it may beat waiting at the nearest: it is
// taken when the detour costs no more than `wait`. With wait = 0 it is taken when it beats what
// `otherwise` says: it is no farther than the primary, or the alternative is to fail.
//
// Left out: load (the nearest gets all), retries, latency that changes while the router lives, and
// replicas that follow a deposed primary: only their lag speaks against them.
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
#include "policy/types.h"

namespace longhaul {

// A database as the host knows it before the first probe. Its index is its place in the list.
struct Candidate {
  Duration latency{};       // round trip, as measured by the host
  bool is_primary = false;  // at most one
};

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
  Router(const PolicyConfig& config, std::span<const Candidate> candidates);

  // Renews a token that an older timeline left behind (see renew() in policy/freshness.h).
  Decision decide(TimePoint now, const StatementRequest& request, SessionToken& token);

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
  const PolicyConfig& config() const { return config_; }

 private:
  struct Database {
    Duration latency;
    LagBreaker breaker;
    std::optional<Observation> observation;  // the newest by time of sending
  };

  const Database& at(DatabaseIndex database) const;
  Database& at(DatabaseIndex database);
  void advance(TimePoint now);
  void learn_role(DatabaseIndex database, const Observation& observation);
  void set_primary(DatabaseIndex database, Reason reason);
  void order_by_preference();
  std::optional<Bytes> bytes_behind_primary(const Observation& observation) const;

  bool admits(DatabaseIndex database) const;
  Coverage coverage_of(DatabaseIndex database, const SessionToken& token) const;
  bool beats_waiting(DatabaseIndex covering, DatabaseIndex nearest) const;
  Decision to_primary(Reason reason) const;
  Decision serve_read(DatabaseIndex database, Reason reason);
  Decision decide_read(SessionToken& token);
  Decision nearest();
  Decision primary_in_turn();
  Decision nearest_covering(const SessionToken& token);
  Decision behind_token(DatabaseIndex replica, const SessionToken& token);
  Decision nobody_admitted() const;

  PolicyConfig config_;
  std::array<Database, databases_max> databases_{};
  std::array<DatabaseIndex, databases_max> order_{};
  std::size_t count_ = 0;
  std::size_t order_count_ = 0;
  TimePoint now_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  DatabaseIndex primary_{};
  std::uint32_t primary_timeline_ = 0;  // of the last primary seen; 0 before the first
  std::optional<RouterAction> pending_;
};

}  // namespace longhaul
