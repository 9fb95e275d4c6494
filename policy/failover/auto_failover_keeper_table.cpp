#include "policy/failover/auto_failover_keeper.h"

namespace longhaul {

using enum NodeState;
using Guard = KeeperGuard;
using Order = KeeperOrder;
using Why = FailoverReason;

const std::array<KeeperRow, auto_failover_keeper_row_count> auto_failover_keeper_table{{
    // A primary.
    {primary, wait_primary, Guard::always, wait_primary, Order::wait_for_none, Why::standby_missing,
     "No standby can be counted on: commits wait for none."},
    {wait_primary, primary, Guard::always, primary, Order::wait_for_some, Why::standby_back,
     "Commits wait for the standbys that the monitor names."},
    {primary, draining, Guard::always, draining, Order::stop, Why::goal_assigned,
     "A standby is about to replace it: it stops."},
    {primary, demote_timeout, Guard::always, demote_timeout, Order::stop, Why::goal_assigned,
     "A standby is promoted already: it stops."},
    {primary, demoted, Guard::always, demoted, Order::stop, Why::new_primary_seen,
     "Another one writes: it stops."},
    {wait_primary, draining, Guard::always, draining, Order::stop, Why::goal_assigned,
     "A standby is about to replace the primary that writes alone: it stops."},
    {wait_primary, demote_timeout, Guard::always, demote_timeout, Order::stop, Why::goal_assigned,
     "A standby is promoted already: it stops."},
    {wait_primary, demoted, Guard::always, demoted, Order::stop, Why::new_primary_seen,
     "Another one writes: it stops."},
    // On the way down.
    {draining, demote_timeout, Guard::always, demote_timeout, Order::nothing, Why::goal_assigned,
     "It has stopped and says so."},
    {draining, demoted, Guard::always, demoted, Order::nothing, Why::new_primary_seen,
     "It has stopped, and another one writes."},
    {demote_timeout, demoted, Guard::always, demoted, Order::nothing, Why::new_primary_seen,
     "It has stopped in time, and another one writes."},
    {demote_timeout, draining, Guard::always, draining, Order::nothing, Why::goal_assigned,
     "It has stopped by itself and is now told to."},
    {demote_timeout, primary, Guard::always, primary, Order::resume, Why::goal_assigned,
     "It has stopped because it was alone, but nobody has replaced it: it goes on."},
    {demote_timeout, wait_primary, Guard::always, wait_primary, Order::resume, Why::goal_assigned,
     "It was alone and nobody has replaced it: it goes on without standbys."},
    {demoted, catchingup, Guard::always, catchingup, Order::rejoin, Why::old_primary_returns,
     "It joins the new primary by pg_rewind, or by a base backup."},
    // A standby.
    {catchingup, secondary, Guard::always, secondary, Order::nothing, Why::goal_assigned,
     "It has caught up and may be promoted."},
    {catchingup, report_lsn, Guard::always, report_lsn, Order::stop_receiving, Why::goal_assigned,
     "It stops to receive and tells how far it is."},
    {secondary, catchingup, Guard::always, catchingup, Order::nothing, Why::goal_assigned,
     "It is not counted on for now."},
    {secondary, report_lsn, Guard::always, report_lsn, Order::stop_receiving, Why::goal_assigned,
     "The primary is gone: it stops to receive and tells how far it is."},
    {secondary, prepare_promotion, Guard::always, prepare_promotion, Order::stop_receiving,
     Why::goal_assigned, "It is about to be promoted."},
    {report_lsn, catchingup, Guard::always, catchingup, Order::follow, Why::new_primary_seen,
     "It follows the new primary, rewound if it was ahead."},
    {report_lsn, prepare_promotion, Guard::always, prepare_promotion, Order::nothing,
     Why::goal_assigned, "It has been chosen and is about to be promoted."},
    {report_lsn, fast_forward, Guard::always, fast_forward, Order::fetch, Why::fetches_missing_log,
     "It has been chosen and fetches what another has received."},
    {fast_forward, prepare_promotion, Guard::always, prepare_promotion, Order::nothing,
     Why::goal_assigned, "It has all that anybody has."},
    // The promotion.
    {prepare_promotion, stop_replication, Guard::always, stop_replication, Order::promote_read_only,
     Why::goal_assigned, "It is promoted, read only for now."},
    {stop_replication, wait_primary, Guard::always, wait_primary, Order::open, Why::goal_assigned,
     "The old primary cannot write any more: it opens for writes."},
    {prepare_promotion, catchingup, Guard::always, catchingup, Order::follow, Why::new_primary_seen,
     "Another one writes: it follows that one."},
}};

std::string_view to_text(KeeperGuard) { return "always"; }

std::string_view to_text(KeeperOrder order) {
  static constexpr std::string_view names[] = {
      "nothing",        "wait_for_none", "wait_for_some",     "stop", "resume", "follow", "rejoin",
      "stop_receiving", "fetch",         "promote_read_only", "open"};
  return names[static_cast<std::size_t>(order)];
}

}  // namespace longhaul
