// All that a policy sees and says: what a statement is, what a probe found, what a session wrote,
// and the decisions with their reasons.
//
// Policy code takes time as an argument and owns values only. It reads no clock, does no I/O,
// starts no thread, draws no random number, throws nothing and, once built, allocates nothing. A
// simulator and a production process are two hosts of the same object code, so nothing here may
// hold what a production process could not know: an Observation is late and sampled, never the
// truth.
//
// Left out: SQL (the host classifies statements), connections, retries and error codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/units.h"

namespace longhaul {

// A host numbers the databases that it talks to 0..n-1, in an order that it keeps.
using DatabaseIndex = StrongId<struct DatabaseTag>;
constexpr std::size_t databases_max = 16;
using DatabaseSet = std::uint16_t;  // a bit for each index

// A locking read (SELECT ... FOR UPDATE) takes row locks, which a standby refuses: it needs the
// primary.
enum class StatementClass : std::uint8_t { read, locking_read, write };

// One statement, or one whole read-only transaction: its statements share one snapshot, so the host
// asks once and sends all of them to the same database.
struct StatementRequest {
  StatementClass statement = StatementClass::read;
  bool in_writing_transaction = false;  // every statement of it goes where its writes go
  // How old the rows of a read may be. Absent: what the breakers let through; zero: never stale.
  std::optional<Duration> max_staleness{};
  Duration queued_for{};  // since the first decision that told this statement to queue
  // Luck and identity come from the host, spread evenly over 64 bits.
  std::uint64_t number = 0;    // of the request: chooses among equals, and who comes up a ramp
  std::uint64_t user = 0;      // a hash of the user: whether a rollout has reached them
  bool after_write = false;    // an earlier statement of the same request wrote (gitlab_sticking)
  bool token_unknown = false;  // its store did not answer, and reads go to the primary then
  DatabaseSet rejected = 0;    // the host makes no call to these: policy/call_breaker.h
  DatabaseSet ejected = 0;     // no read unless the router panics: policy/outlier_ejection.h
};

// What one probe of one database returned.
struct Observation {
  TimePoint measured_at{};  // host time when the probe was sent: the figures are no older than this
  bool is_primary = false;  // not pg_is_in_recovery()
  std::uint32_t timeline = 0;  // 0 when the probe could not tell
  Lsn replay_lsn{};            // replica: pg_last_wal_replay_lsn(); primary: its current insert LSN
  // A replica's lag by the formula of the probe; absent for NULL, for a probe that asks for bytes
  // only, and for a primary. The plain now() - pg_last_xact_replay_timestamp() grows by itself
  // while the primary is idle; corrected to zero when received equals replayed, it hides a dead
  // receiver; pg_stat_replication stands still while nobody replies and is NULL after a pause of
  // the traffic; a heartbeat row does none of that.
  std::optional<Duration> lag{};
  // A replica's lag in bytes, when the probe asked the primary for it. Absent: the router takes the
  // difference of the two positions that it saw last.
  std::optional<Bytes> lag_bytes{};
  // How long the database itself took to answer, when it did.
  std::optional<Duration> round_trip{};
};

// The probe that was sent at this time got no usable answer within its timeout.
struct ProbeFailed {
  TimePoint sent_at{};
};

// The newest state that a session has read: where its database stood then.
struct SeenState {
  std::uint32_t timeline = 0;  // 0: nothing has been read
  DatabaseIndex database{};
  Lsn lsn{};

  friend constexpr bool operator==(const SeenState&, const SeenState&) = default;
};

// What a session needs to see again: the place of its last acknowledged write. An LSN means
// something on one timeline only. After a failover unrelated WAL reaches the same number, so a
// token is the pair (PostgreSQL 19 manual, WAIT FOR: "timeline-blind").
struct SessionToken {
  bool has_written = false;
  // A bit for each database that has said that it replayed up to the token: positions only grow, so
  // that stays true for as long as the token does.
  std::uint16_t replayed_by = 0;
  std::uint32_t timeline = 0;
  Lsn lsn{};  // at or after the end of the commit record: pg_current_wal_insert_lsn() after COMMIT
  TimePoint wrote_at{};  // host time of the acknowledgement
  SeenState seen{};      // monotonic_reads

  friend constexpr bool operator==(const SessionToken&, const SessionToken&) = default;
};

// Why a statement went where it went, or why a breaker moved.
enum class Reason : std::uint8_t {
  // Decisions that name the primary for what the statement is.
  write_statement,
  writing_transaction,
  locking_read,
  // Decisions about reads.
  replica_reads_off,
  not_rolled_out,
  never_stale,
  too_stale,
  stale_tolerated,
  nearest_replica,
  nearest_primary,
  trial_read,
  pinned_after_write,
  writing_request,
  token_unknown,
  token_covered,
  token_awaited,
  token_not_covered,
  token_other_timeline,
  replay_awaited,
  wait_covered,
  wait_expired,
  wait_pointless,
  no_replica_admitted,
  replica_rejected,
  panic,
  moved_reads_capped,
  queue_expired,
  call_rejected,
  no_primary,
  // Transitions and states of a breaker.
  breaker_off,
  not_observed,
  first_observation,
  lag_above_threshold,
  lag_bytes_above_threshold,
  lag_recovered,
  lag_returned,
  lag_stayed_low,
  probe_failed,
  no_news,
  // Transitions of a call breaker.
  too_many_failures,
  too_many_slow_calls,
  open_long_enough,
  trials_passed,
  trials_too_long,
  ordered,
  // Ejections of outliers.
  failing_in_a_row,
  too_many_ejected,
  ejection_over,
  // Actions of the router.
  primary_observed,
  primary_demoted,
};
constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::primary_demoted) + 1;

std::string_view to_text(Reason reason);  // the enumerator: "lag_above_threshold"
std::string_view explain(Reason reason);  // a sentence for people

enum class DecisionKind : std::uint8_t { serve, wait_then_serve, queue, refuse };

// The answer to one request.
//   serve            send it to `database`.
//   wait_then_serve  ask `database` for its position, at once and again, until judge_wait() says
//                    serve or give_up, or until `wait` has passed; then do as after_wait() says.
//   queue            hold the statement for `wait`, then ask again with its queued_for.
//   refuse           answer with an error; `reason` says which.
struct Decision {
  DecisionKind kind = DecisionKind::refuse;
  DatabaseIndex database{};
  Reason reason = Reason::no_primary;
  bool may_be_stale = false;            // the freshness promise is knowingly not kept
  std::uint32_t required_timeline = 0;  // wait_then_serve
  Lsn required_lsn{};                   // wait_then_serve
  Duration wait{};                      // wait_then_serve, queue
  DatabaseIndex otherwise{};  // wait_then_serve: who serves after a vain wait; none: refuse

  friend constexpr bool operator==(const Decision&, const Decision&) = default;
};

std::string_view to_text(StatementClass statement);
std::string_view to_text(DecisionKind kind);

}  // namespace longhaul
