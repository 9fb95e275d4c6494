// The names and sentences of reasons: what a decision log and a person read.
#include <array>

#include "policy/types.h"

namespace longhaul {
namespace {

struct ReasonText {
  Reason reason;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array<ReasonText, reason_count> texts{{
    {Reason::write_statement, "write_statement", "Only the primary takes writes."},
    {Reason::writing_transaction, "writing_transaction",
     "A transaction that writes runs whole on the primary."},
    {Reason::locking_read, "locking_read", "A standby refuses row locks, so the primary reads."},
    {Reason::replica_reads_off, "replica_reads_off", "Reads from replicas are switched off."},
    {Reason::not_rolled_out, "not_rolled_out",
     "Reads from replicas have not been rolled out to this user."},
    {Reason::never_stale, "never_stale", "The page is never stale, so the primary reads."},
    {Reason::too_stale, "too_stale",
     "No admitted replica was seen within the max_staleness of the page."},
    {Reason::stale_tolerated, "stale_tolerated",
     "The replica lags too much for its breaker, not for the max_staleness of the page."},
    {Reason::nearest_replica, "nearest_replica", "The nearest admitted database is this replica."},
    {Reason::nearest_primary, "nearest_primary", "The nearest admitted database is the primary."},
    {Reason::trial_read, "trial_read",
     "The nearest admitted database is on trial and gets one of its trial reads."},
    {Reason::pinned_after_write, "pinned_after_write",
     "The session wrote within the pin, so the primary reads."},
    {Reason::writing_request, "writing_request",
     "An earlier statement of the request wrote, so the primary serves the rest of it."},
    {Reason::token_unknown, "token_unknown",
     "The store of the session's token did not answer, so the primary reads."},
    {Reason::token_covered, "token_covered",
     "The replica was seen to have replayed the session's last write."},
    {Reason::token_awaited, "token_awaited",
     "The replica was not yet seen to have replayed the session's last write: ask it and wait."},
    {Reason::token_not_covered, "token_not_covered",
     "No replica that is worth going to was seen to have replayed the session's last write."},
    {Reason::token_other_timeline, "token_other_timeline",
     "No replica is known to follow the timeline of the session's last write."},
    {Reason::replay_awaited, "replay_awaited",
     "The write is not answered before the replica has replayed it: ask it and wait."},
    {Reason::wait_covered, "wait_covered",
     "The replica replayed the session's last write in time."},
    {Reason::wait_expired, "wait_expired",
     "The replica did not replay the session's last write in time."},
    {Reason::wait_pointless, "wait_pointless",
     "The replica left the timeline of the session's last write."},
    {Reason::no_replica_admitted, "no_replica_admitted",
     "No breaker admits reads from any replica."},
    {Reason::replica_rejected, "replica_rejected",
     "The replica that would serve this is rejected by the host's call breaker, or ejected."},
    {Reason::panic, "panic", "Fewer replicas are admitted than the panic threshold asks for."},
    {Reason::moved_reads_capped, "moved_reads_capped",
     "The primary has got its share of reads that were meant for replicas."},
    {Reason::queue_expired, "queue_expired", "The read has queued for as long as it may."},
    {Reason::call_rejected, "call_rejected",
     "The host's call breaker rejects calls to the only database that may serve this."},
    {Reason::no_primary, "no_primary", "No primary is known."},
    {Reason::breaker_off, "breaker_off", "The breaker is switched off and admits everything."},
    {Reason::not_observed, "not_observed", "No probe of this database has been answered yet."},
    {Reason::first_observation, "first_observation",
     "The first probe was answered and its lag is not above the threshold."},
    {Reason::lag_above_threshold, "lag_above_threshold", "The lag in time is above open_above."},
    {Reason::lag_bytes_above_threshold, "lag_bytes_above_threshold",
     "The lag in bytes is above open_above_bytes."},
    {Reason::lag_recovered, "lag_recovered", "The lag has come down to close_below."},
    {Reason::lag_returned, "lag_returned", "The lag rose above close_below during the trial."},
    {Reason::lag_stayed_low, "lag_stayed_low", "The lag stayed low for close_after probes."},
    {Reason::probe_failed, "probe_failed", "A probe failed."},
    {Reason::no_news, "no_news", "The newest observation is older than stale_after."},
    {Reason::too_many_failures, "too_many_failures",
     "The share of failed calls has reached failure_rate."},
    {Reason::too_many_slow_calls, "too_many_slow_calls",
     "The share of slow calls has reached slow_call_rate."},
    {Reason::open_long_enough, "open_long_enough", "The breaker was open for wait_in_open."},
    {Reason::trials_passed, "trials_passed", "The calls of the trial were good."},
    {Reason::trials_too_long, "trials_too_long", "The trial was not over within half_open_wait."},
    {Reason::ordered, "ordered", "An operator or the configuration has set the breaker so."},
    {Reason::failing_in_a_row, "failing_in_a_row",
     "The database has failed consecutive_failures times in a row."},
    {Reason::too_many_ejected, "too_many_ejected",
     "The database fails, but max_ejected of them are out already."},
    {Reason::ejection_over, "ejection_over", "The time of the ejection is over."},
    {Reason::primary_observed, "primary_observed",
     "A database says that it is the primary, on the highest timeline seen."},
    {Reason::primary_demoted, "primary_demoted", "The primary says that it is in recovery."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (static_cast<std::size_t>(texts[i].reason) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a text stands at the number of its reason");

const ReasonText& text_of(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  CHECK(index < texts.size());
  return texts[index];
}

}  // namespace

std::string_view to_text(Reason reason) { return text_of(reason).name; }
std::string_view explain(Reason reason) { return text_of(reason).sentence; }

std::string_view to_text(StatementClass statement) {
  switch (statement) {
    case StatementClass::read:
      return "read";
    case StatementClass::locking_read:
      return "locking_read";
    case StatementClass::write:
      return "write";
  }
  return "?";
}

std::string_view to_text(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::serve:
      return "serve";
    case DecisionKind::wait_then_serve:
      return "wait_then_serve";
    case DecisionKind::queue:
      return "queue";
    case DecisionKind::refuse:
      return "refuse";
  }
  return "?";
}

}  // namespace longhaul
