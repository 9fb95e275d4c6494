#include "policy/failover/repmgr.h"

namespace longhaul {

using enum RepmgrState;
using enum RepmgrInput;
using Guard = RepmgrGuard;
using Order = RepmgrOrder;
using Why = FailoverReason;

const std::array<RepmgrRow, repmgr_row_count> repmgr_table{{
    // Detection.
    {monitoring, primary_missed, Guard::always, reconnecting, Order::try_again,
     Why::primary_unreachable, "The primary does not answer: the attempts to reconnect begin."},
    {monitoring, told_primary, Guard::always, following, Order::follow, Why::new_primary_seen,
     "A new primary announces itself."},
    {reconnecting, primary_answers, Guard::always, monitoring, Order::go_on, Why::primary_back,
     "The primary answers again before the attempts are used up."},
    {reconnecting, told_primary, Guard::always, following, Order::follow, Why::new_primary_seen,
     "Another daemon was faster and announces itself as the new primary."},
    {reconnecting, primary_missed, Guard::attempts_left, reconnecting, Order::nothing,
     Why::primary_unreachable,
     "An attempt has failed; the next one is made in reconnect_interval."},
    {reconnecting, primary_missed, Guard::is_paused, degraded, Order::go_on, Why::frozen,
     "The attempts are used up, but failover is paused."},
    {reconnecting, primary_missed, Guard::is_witness, awaiting_notification, Order::await_word,
     Why::awaits_notification, "The attempts are used up: a witness waits for the winner."},
    {reconnecting, primary_missed, Guard::always, electing, Order::look_at_self,
     Why::primary_unreachable,
     "The attempts are used up: the election begins with its own server."},
    // The election, in the order of do_election.
    {electing, own_server_seen, Guard::is_manual, awaiting_notification, Order::await_word,
     Why::has_nofailover, "Failover is manual here: not a candidate."},
    {electing, own_server_seen, Guard::no_priority, awaiting_notification, Order::await_word,
     Why::priority_zero, "Its priority is zero: the election is lost."},
    {electing, own_server_seen, Guard::not_running, degraded, Order::go_on, Why::is_not_running,
     "Its own server does not run as a standby."},
    {electing, own_server_seen, Guard::alone_near, promoting, Order::promote, Why::only_candidate,
     "It has no siblings and is in the location of the primary: it wins."},
    {electing, own_server_seen, Guard::alone, awaiting_notification, Order::await_word,
     Why::other_location, "It has no siblings, but is in another location: not a candidate."},
    {electing, own_server_seen, Guard::always, electing, Order::ask_next, Why::routine,
     "The siblings are asked one after the other."},
    {electing, told_primary, Guard::always, following, Order::follow, Why::new_primary_seen,
     "A new primary announces itself during the election."},
    {electing, sibling_asked, Guard::sibling_leads, following, Order::follow,
     Why::another_is_primary, "A sibling runs as primary already: it is followed."},
    {electing, sibling_asked, Guard::siblings_left, electing, Order::ask_next, Why::routine,
     "The next sibling is asked."},
    {electing, sibling_asked, Guard::location_not_seen, degraded, Order::go_on, Why::other_location,
     "Nobody in the location of the primary is seen: the election is cancelled."},
    {electing, sibling_asked, Guard::still_visible, degraded, Order::go_on, Why::primary_still_seen,
     "A sibling has seen the primary a moment ago: the election is cancelled."},
    {electing, sibling_asked, Guard::no_majority, degraded, Order::go_on, Why::votes_missing,
     "No more than half of the nodes of that primary are seen: the election is cancelled."},
    {electing, sibling_asked, Guard::is_behind, awaiting_notification, Order::await_word,
     Why::another_is_ahead, "A sibling has received more: it wins."},
    {electing, sibling_asked, Guard::lower_priority, awaiting_notification, Order::await_word,
     Why::another_has_priority, "A sibling has received as much and has a higher priority."},
    {electing, sibling_asked, Guard::higher_number, awaiting_notification, Order::await_word,
     Why::another_has_lower_id, "A sibling is equal in all and has a lower number."},
    {electing, sibling_asked, Guard::always, promoting, Order::promote, Why::most_advanced,
     "No sibling beats it: it wins."},
    // By order of an operator.
    {monitoring, switchover_ordered, Guard::always, handing_over, Order::stop_old,
     Why::planned_switchover, "A switchover is ordered: the primary is stopped in order."},
    {monitoring, promotion_ordered, Guard::always, monitoring, Order::refuse,
     Why::primary_still_seen, "A promotion is ordered, but there is an active primary."},
    {reconnecting, promotion_ordered, Guard::always, promoting, Order::promote,
     Why::named_by_operator, "The primary does not answer and an operator promotes this server."},
    {awaiting_notification, promotion_ordered, Guard::always, promoting, Order::promote,
     Why::named_by_operator, "No winner has announced itself yet: an operator names this server."},
    {degraded, promotion_ordered, Guard::always, promoting, Order::promote, Why::named_by_operator,
     "There is no primary and an operator promotes this server."},
    {handing_over, done, Guard::always, comparing, Order::compare, Why::planned_switchover,
     "The old primary has stopped: the end of its log is compared."},
    {handing_over, failed, Guard::always, monitoring, Order::page, Why::operation_failed,
     "The primary could not be stopped: the switchover is given up."},
    {handing_over, time_is_up, Guard::always, monitoring, Order::page, Why::operation_failed,
     "The primary has not stopped within shutdown_check_timeout: the switchover is given up."},
    {comparing, own_server_seen, Guard::lacks_log, degraded, Order::page, Why::lags_too_much,
     "Log of the stopped primary is missing here: the switchover is given up half-way."},
    {comparing, own_server_seen, Guard::always, promoting, Order::promote, Why::planned_switchover,
     "Nothing is missing: its server is promoted."},
    // After the election.
    {promoting, done, Guard::always, leading, Order::notify, Why::routine,
     "Its server is the primary: the siblings are told."},
    {promoting, failed, Guard::always, degraded, Order::page, Why::operation_failed,
     "The promotion has failed: somebody has to look."},
    {promoting, time_is_up, Guard::always, degraded, Order::page, Why::operation_failed,
     "The promotion has not ended within promote_check_timeout: somebody has to look."},
    {awaiting_notification, told_primary, Guard::always, following, Order::follow,
     Why::new_primary_seen, "The winner announces itself."},
    {awaiting_notification, time_is_up, Guard::always, degraded, Order::go_on,
     Why::awaits_notification, "No winner has announced itself within the time-out."},
    {following, done, Guard::always, monitoring, Order::go_on, Why::routine,
     "It follows the new primary and monitors it."},
    {following, failed, Guard::always, degraded, Order::page, Why::diverged,
     "It cannot follow the new primary: somebody has to rejoin it by hand."},
    {degraded, primary_answers, Guard::always, monitoring, Order::go_on, Why::primary_back,
     "The primary answers again: monitoring goes on as before."},
    {degraded, told_primary, Guard::always, following, Order::follow, Why::new_primary_seen,
     "A new primary announces itself or is found by looking around."},
    {leading, RepmgrInput::demoted_by_hand, Guard::always, monitoring, Order::go_on,
     Why::old_primary_returns, "Somebody has made its server a standby: it monitors the primary."},
}};

namespace {

template <class Enum, std::size_t n>
std::string_view name_of(const std::string_view (&names)[n], Enum value) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view to_text(RepmgrState state) {
  static constexpr std::string_view names[] = {
      "monitoring", "reconnecting", "electing",     "promoting", "awaiting_notification",
      "following",  "degraded",     "handing_over", "comparing", "leading"};
  return name_of(names, state);
}

std::string_view to_text(RepmgrInput input) {
  static constexpr std::string_view names[] = {"primary_answers",
                                               "primary_missed",
                                               "own_server_seen",
                                               "sibling_asked",
                                               "done",
                                               "failed",
                                               "time_is_up",
                                               "told_primary",
                                               "demoted_by_hand",
                                               "switchover_ordered",
                                               "promotion_ordered"};
  return name_of(names, input);
}

std::string_view to_text(RepmgrGuard guard) {
  static constexpr std::string_view names[] = {
      "always",         "attempts_left",     "is_paused",     "is_witness",  "is_manual",
      "no_priority",    "not_running",       "alone_near",    "alone",       "sibling_leads",
      "siblings_left",  "location_not_seen", "still_visible", "no_majority", "is_behind",
      "lower_priority", "higher_number",     "lacks_log"};
  return name_of(names, guard);
}

std::string_view to_text(RepmgrOrder order) {
  static constexpr std::string_view names[] = {
      "nothing", "try_again", "look_at_self", "ask_next", "promote", "await_word", "follow",
      "notify",  "page",      "go_on",        "stop_old", "compare", "refuse"};
  return name_of(names, order);
}

}  // namespace longhaul
