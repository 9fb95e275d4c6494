// The names and sentences of failover: what a decision log and a person read.
#include <array>

#include "base/check.h"
#include "policy/failover/types.h"

namespace longhaul {
namespace {

struct ReasonText {
  FailoverReason reason;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array<ReasonText, failover_reason_count> texts{{
    {FailoverReason::none, "none", "No reason is needed."},
    {FailoverReason::routine, "routine", "It is part of every round."},
    {FailoverReason::leader_key_expired, "leader_key_expired",
     "The leader key is gone: not renewed within ttl, or given back."},
    {FailoverReason::leader_key_released, "leader_key_released",
     "The leader has given its key back."},
    {FailoverReason::leader_key_lost, "leader_key_lost",
     "The leader key is no longer this member's."},
    {FailoverReason::store_unreachable, "store_unreachable",
     "The lease store has not answered within retry_timeout."},
    {FailoverReason::failsafe_refused, "failsafe_refused",
     "Without the store not every member accepts the leader."},
    {FailoverReason::failsafe_accepted, "failsafe_accepted",
     "Without the store every member accepts the leader, so it stays."},
    {FailoverReason::server_crashed, "server_crashed",
     "The server process is gone while its host and agent live."},
    {FailoverReason::server_start_too_long, "server_start_too_long",
     "The server has not started within the time allowed."},
    {FailoverReason::primary_unreachable, "primary_unreachable", "The primary does not answer."},
    {FailoverReason::primary_reported_down, "primary_reported_down",
     "The agent of the primary reports that its server is down."},
    {FailoverReason::primary_still_seen, "primary_still_seen",
     "Another member has seen the primary a moment ago."},
    {FailoverReason::heartbeats_missed, "heartbeats_missed",
     "Too many heartbeats in a row are missing."},
    {FailoverReason::alarm_raised, "alarm_raised",
     "The alarm has been above its threshold for its periods."},
    {FailoverReason::health_check_failed, "health_check_failed",
     "The health check has failed as often as its threshold asks for."},
    {FailoverReason::planned_switchover, "planned_switchover",
     "An operator has asked for a switchover."},
    {FailoverReason::planned_failback, "planned_failback",
     "The home region is back and well: the primary returns to it."},
    {FailoverReason::is_not_running, "is_not_running", "Its server does not run."},
    {FailoverReason::is_unreachable, "is_unreachable", "It does not answer."},
    {FailoverReason::has_nofailover, "has_nofailover", "It is tagged nofailover."},
    {FailoverReason::priority_zero, "priority_zero", "Its priority is zero: never."},
    {FailoverReason::watchdog_not_working, "watchdog_not_working",
     "A watchdog is required and does not work."},
    {FailoverReason::not_synchronous, "not_synchronous",
     "It is not among the synchronous standbys of the last leader."},
    {FailoverReason::not_in_failsafe, "not_in_failsafe", "The last leader did not know it."},
    {FailoverReason::lags_too_much, "lags_too_much",
     "It is too far behind the last known position of the leader."},
    {FailoverReason::timeline_too_old, "timeline_too_old",
     "It is on an older timeline than the cluster."},
    {FailoverReason::another_is_ahead, "another_is_ahead",
     "Another member that answers has received more."},
    {FailoverReason::another_has_priority, "another_has_priority",
     "Another member with the same position has a higher priority."},
    {FailoverReason::another_has_lower_id, "another_has_lower_id",
     "Another member with the same position and priority has a lower number."},
    {FailoverReason::another_is_primary, "another_is_primary", "Another member runs as primary."},
    {FailoverReason::quorum_not_reached, "quorum_not_reached",
     "Too few of the synchronous standbys have no more than it has."},
    {FailoverReason::votes_missing, "votes_missing", "A majority of the voters is not seen."},
    {FailoverReason::reports_missing, "reports_missing",
     "A member whose position has to be known has not reported."},
    {FailoverReason::other_location, "other_location",
     "Nobody in the location of the primary is seen."},
    {FailoverReason::other_region_forbidden, "other_region_forbidden",
     "It is in a region in which nobody may be promoted."},
    {FailoverReason::awaits_approval, "awaits_approval",
     "The promotion waits for a person to approve it."},
    {FailoverReason::awaits_hold_down, "awaits_hold_down",
     "The primary has not been away for as long as the hold-down asks for."},
    {FailoverReason::in_cool_down, "in_cool_down", "The last failover was too recently."},
    {FailoverReason::loss_above_limit, "loss_above_limit",
     "Its promotion would lose more than the limit."},
    {FailoverReason::too_small, "too_small", "It cannot carry the load of the primary."},
    {FailoverReason::frozen, "frozen", "Failover is paused for maintenance."},
    {FailoverReason::not_asked_for, "not_asked_for", "The switchover names another member."},
    {FailoverReason::no_candidate, "no_candidate", "Nobody may be promoted."},
    {FailoverReason::most_advanced, "most_advanced", "It has received the most."},
    {FailoverReason::highest_priority, "highest_priority", "It has the highest priority."},
    {FailoverReason::same_region_first, "same_region_first", "It is in the region of the primary."},
    {FailoverReason::lowest_id, "lowest_id", "Of equal candidates it has the lowest number."},
    {FailoverReason::only_candidate, "only_candidate", "It is the only candidate."},
    {FailoverReason::is_primary, "is_primary", "Its server is primary already."},
    {FailoverReason::first_answer, "first_answer", "It answered first; nobody compared positions."},
    {FailoverReason::named_by_operator, "named_by_operator", "An operator has named it."},
    {FailoverReason::lock_acquired, "lock_acquired", "It has created the leader key."},
    {FailoverReason::lock_taken_by_other, "lock_taken_by_other",
     "Another member has created the leader key first."},
    {FailoverReason::fenced, "fenced", "The old primary can no longer accept writes."},
    {FailoverReason::fencing_failed, "fencing_failed", "The old primary could not be fenced."},
    {FailoverReason::fencing_timed_out, "fencing_timed_out",
     "The old primary has had the time that it needs to stop by itself."},
    {FailoverReason::lost_leadership, "lost_leadership", "It is no longer the leader."},
    {FailoverReason::isolated, "isolated", "It sees neither its standbys nor its manager."},
    {FailoverReason::new_primary_seen, "new_primary_seen", "Another member is the primary now."},
    {FailoverReason::diverged, "diverged", "Its log is not on the history of the new primary."},
    {FailoverReason::rewind_refused, "rewind_refused", "pg_rewind cannot bring it back."},
    {FailoverReason::old_primary_returns, "old_primary_returns",
     "The old primary is back and joins as a standby."},
    {FailoverReason::standby_missing, "standby_missing", "A synchronous standby is gone."},
    {FailoverReason::standby_back, "standby_back",
     "A standby has caught up and may be synchronous."},
    {FailoverReason::approved, "approved", "A person has approved it."},
    {FailoverReason::rejected, "rejected", "A person has rejected it."},
    {FailoverReason::primary_back, "primary_back",
     "The primary answers again, so the attempt is given up."},
    {FailoverReason::operator_mistaken, "operator_mistaken",
     "A person takes it for the most advanced, which it is not."},
    {FailoverReason::step_failed, "step_failed",
     "A step of the runbook has failed and is done again."},
    {FailoverReason::fetches_missing_log, "fetches_missing_log",
     "It lacks what another has received and fetches that first."},
    {FailoverReason::another_voter_acts, "another_voter_acts", "Another voter acts for the group."},
    {FailoverReason::awaits_notification, "awaits_notification",
     "It waits to be told who the new primary is."},
    {FailoverReason::goal_assigned, "goal_assigned", "The monitor has assigned this state."},
    {FailoverReason::leads_standby_cluster, "leads_standby_cluster",
     "It leads a standby cluster and follows another cluster."},
    {FailoverReason::operation_failed, "operation_failed", "An operation on a server has failed."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (static_cast<std::size_t>(texts[i].reason) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a text stands at the number of its reason");

template <class Enum, std::size_t n>
std::string_view name_of(const std::string_view (&names)[n], Enum value) {
  const auto index = static_cast<std::size_t>(value);
  CHECK(index < n);
  return names[index];
}

}  // namespace

std::string_view to_text(ServerState state) {
  static constexpr std::string_view names[] = {"unknown", "stopped", "starting", "standby",
                                               "primary", "busy",    "stopping"};
  return name_of(names, state);
}

std::string_view to_text(FailoverEventKind kind) {
  static constexpr std::string_view names[] = {
      "server_status",  "member_status",   "member_refused", "store_view",       "store_done",
      "store_refused",  "store_failed",    "told_primary",   "node_report",      "node_goal",
      "voter_status",   "leader_key_gone", "operation_done", "operation_failed", "command",
      "leader_key_set", "failsafe_asked",  "leader_status_set"};
  return name_of(names, kind);
}

std::string_view to_text(FailoverActionKind kind) {
  static constexpr std::string_view names[] = {"check_server",
                                               "probe_server",
                                               "poll_member",
                                               "poll_voter",
                                               "read_store",
                                               "acquire_leader",
                                               "renew_leader",
                                               "release_leader",
                                               "write_status",
                                               "write_sync",
                                               "touch_member",
                                               "write_failsafe",
                                               "delete_switchover",
                                               "write_switchover",
                                               "promote",
                                               "start_primary",
                                               "start_standby",
                                               "stop",
                                               "rewind",
                                               "rebuild",
                                               "set_read_only",
                                               "set_synchronous",
                                               "fetch_wal",
                                               "feed_watchdog",
                                               "keep_slots",
                                               "fence",
                                               "move_clients",
                                               "report_node",
                                               "answer_node",
                                               "tell_member",
                                               "page_operator",
                                               "refuse",
                                               "candidate",
                                               "phase"};
  return name_of(names, kind);
}

std::string_view to_text(NodeState state) {
  static constexpr std::string_view names[] = {"none",
                                               "single",
                                               "wait_primary",
                                               "primary",
                                               "draining",
                                               "demote_timeout",
                                               "demoted",
                                               "catchingup",
                                               "secondary",
                                               "report_lsn",
                                               "fast_forward",
                                               "prepare_promotion",
                                               "stop_replication"};
  return name_of(names, state);
}

std::string_view to_text(FailoverPhase phase) {
  static constexpr std::string_view names[] = {"detect",  "lease",   "elect",    "fence",
                                               "promote", "reroute", "reconnect"};
  return name_of(names, phase);
}

std::string_view to_text(OperatorCommand command) {
  static constexpr std::string_view names[] = {"switchover", "failover", "approve",  "reject",
                                               "pause",      "resume",   "fail_back"};
  return name_of(names, command);
}

std::string_view to_text(FailoverReason reason) {
  return texts[static_cast<std::size_t>(reason)].name;
}

std::string_view explain(FailoverReason reason) {
  return texts[static_cast<std::size_t>(reason)].sentence;
}

}  // namespace longhaul
