#include "policy/failover/auto_failover_monitor.h"

namespace longhaul {

using enum NodeState;
using enum MonitorInput;
using Guard = MonitorGuard;
using Order = MonitorOrder;
using Why = FailoverReason;

const std::array<MonitorRow, auto_failover_monitor_row_count> auto_failover_monitor_table{{
    // Two nodes.
    {secondary, reports, Guard::alone_and_fit, prepare_promotion, Order::drain,
     Why::heartbeats_missed,
     "The primary is unhealthy and its only standby is healthy and near enough: it prepares."},
    // More: positions first.
    {secondary, reports, Guard::primary_gone_many, report_lsn, Order::elect, Why::heartbeats_missed,
     "The primary is unhealthy: each standby stops to receive and reports."},
    {secondary, is_unhealthy, Guard::always, catchingup, Order::nothing, Why::standby_missing,
     "The standby is unhealthy: commits no longer wait for it."},
    {catchingup, reports, Guard::primary_gone_many, report_lsn, Order::elect,
     Why::heartbeats_missed, "The primary is unhealthy: a standby that catches up reports too."},
    {catchingup, reports, Guard::caught_up, secondary, Order::nothing, Why::standby_back,
     "The standby is healthy, on the primary's timeline and near enough to be counted on."},
    {report_lsn, reports, Guard::has_new_primary, catchingup, Order::nothing, Why::new_primary_seen,
     "Another one writes: it follows that one."},
    {report_lsn, reports, Guard::is_chosen_behind, fast_forward, Order::prefer,
     Why::fetches_missing_log,
     "It has the highest priority, but another has received more: it fetches that first."},
    {report_lsn, reports, Guard::is_chosen, prepare_promotion, Order::prefer, Why::highest_priority,
     "Of the highest priority it has received the most, and nobody has more."},
    {fast_forward, reports, Guard::is_converged, prepare_promotion, Order::nothing,
     Why::most_advanced, "It has fetched what it lacked."},
    // The promotion.
    {prepare_promotion, reports, Guard::is_converged, stop_replication, Order::wait_for_old,
     Why::routine, "It is promoted, but stays read only until the old primary cannot write."},
    {stop_replication, reports, Guard::old_has_stopped, wait_primary, Order::open, Why::fenced,
     "The old primary reports that it has stopped: the new one opens for writes."},
    {stop_replication, reports, Guard::drain_expired, wait_primary, Order::open,
     Why::fencing_timed_out,
     "The old primary has had primary_demote_timeout to stop by itself: the new one opens."},
    // The old primary.
    {primary, candidate_assigned, Guard::always, draining, Order::nothing, Why::goal_assigned,
     "Somebody prepares to replace it: it stops."},
    {primary, switchover_ordered, Guard::has_successor, draining, Order::nothing,
     Why::planned_switchover, "An operator orders a switchover: it stops, and the rest follows."},
    {wait_primary, candidate_assigned, Guard::always, draining, Order::nothing, Why::goal_assigned,
     "Somebody prepares to replace the primary that writes alone: it stops."},
    {draining, candidate_promoted, Guard::always, demote_timeout, Order::nothing,
     Why::goal_assigned, "Its time to stop by itself runs."},
    {demote_timeout, candidate_opens, Guard::always, demoted, Order::nothing, Why::goal_assigned,
     "Another one writes: it is to be stopped when it returns."},
    {demoted, reports, Guard::has_new_primary, catchingup, Order::nothing, Why::old_primary_returns,
     "It has stopped and reports: it joins as a standby."},
    // The primary and those that its commits wait for.
    {primary, reports, Guard::stands_alone, wait_primary, Order::nothing, Why::standby_missing,
     "No standby is healthy: the primary goes on without waiting for one."},
    {wait_primary, reports, Guard::has_secondary, primary, Order::nothing, Why::standby_back,
     "A standby can be counted on: commits wait for it."},
}};

std::string_view to_text(MonitorInput input) {
  static constexpr std::string_view names[] = {
      "reports",         "is_unhealthy",      "candidate_assigned", "candidate_promoted",
      "candidate_opens", "switchover_ordered"};
  return names[static_cast<std::size_t>(input)];
}

std::string_view to_text(MonitorGuard guard) {
  static constexpr std::string_view names[] = {
      "always",       "alone_and_fit",    "primary_gone_many", "caught_up",       "has_new_primary",
      "is_chosen",    "is_chosen_behind", "is_converged",      "old_has_stopped", "drain_expired",
      "stands_alone", "has_secondary",    "has_successor"};
  return names[static_cast<std::size_t>(guard)];
}

std::string_view to_text(MonitorOrder order) {
  static constexpr std::string_view names[] = {"nothing", "drain",        "elect",
                                               "prefer",  "wait_for_old", "open"};
  return names[static_cast<std::size_t>(order)];
}

}  // namespace longhaul
