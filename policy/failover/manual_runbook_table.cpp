// The runbook as a table, and its words.
#include "policy/failover/manual_runbook.h"

namespace longhaul {

using enum RunbookState;
using enum RunbookInput;
using Guard = RunbookGuard;
using Order = RunbookOrder;
using Why = FailoverReason;

const std::array<RunbookRow, manual_runbook_row_count> manual_runbook_table{{
    // Nothing is wrong, as far as anybody knows.
    {quiet, alarm, Guard::always, paged, Order::page, Why::alarm_raised,
     "The alarm has been above its threshold for its periods: somebody is paged."},
    {quiet, ordered, Guard::always, checking, Order::begin, Why::named_by_operator,
     "An operator begins the runbook at its checks, without an alarm."},
    {quiet, pause, Guard::always, frozen, Order::nothing, Why::frozen,
     "Maintenance: alarms page nobody."},
    {frozen, resume, Guard::always, quiet, Order::nothing, Why::routine,
     "Maintenance is over: the alarm pages again."},
    // From the page to the decision.
    {paged, primary_back, Guard::abandons, quiet, Order::give_up, Why::primary_back,
     "The primary answers again before anybody has acknowledged the page."},
    {paged, person_ready, Guard::always, deciding, Order::begin, Why::alarm_raised,
     "Somebody has acknowledged the page and looks into it."},
    {paged, ordered, Guard::always, checking, Order::begin, Why::named_by_operator,
     "An operator orders the failover at once."},
    {deciding, primary_back, Guard::abandons, quiet, Order::give_up, Why::primary_back,
     "The primary answers again before anything is decided."},
    {deciding, person_ready, Guard::needs_approval, awaiting_approval, Order::begin,
     Why::awaits_approval, "A failover is proposed, and somebody else has to approve it."},
    {deciding, person_ready, Guard::always, checking, Order::begin, Why::primary_unreachable,
     "A failover is decided on."},
    {deciding, ordered, Guard::always, checking, Order::begin, Why::named_by_operator,
     "An operator orders the failover at once."},
    {awaiting_approval, primary_back, Guard::abandons, quiet, Order::give_up, Why::primary_back,
     "The primary answers again before the failover is approved."},
    {awaiting_approval, person_ready, Guard::always, checking, Order::begin, Why::approved,
     "The failover is approved."},
    {awaiting_approval, approved, Guard::always, checking, Order::begin, Why::approved,
     "An operator approves the failover."},
    {awaiting_approval, rejected, Guard::always, quiet, Order::give_up, Why::rejected,
     "An operator rejects the failover."},
    // Who is most advanced?
    {checking, primary_back, Guard::abandons, quiet, Order::give_up, Why::primary_back,
     "The primary answers again before it has been fenced."},
    {checking, rejected, Guard::always, quiet, Order::give_up, Why::rejected,
     "An operator calls the attempt off."},
    {checking, person_ready, Guard::slips, checking, Order::begin, Why::step_failed,
     "The person makes a mistake and begins the check again."},
    {checking, person_ready, Guard::always, checking, Order::ask_all, Why::routine,
     "Every standby is asked how far it is."},
    {checking, done, Guard::has_nobody, checking, Order::refuse, Why::no_candidate,
     "No standby that may be promoted has answered: they are asked again."},
    {checking, done, Guard::stops_old, fencing, Order::choose, Why::most_advanced,
     "The person picks whom they take for the most advanced, and turns to the old primary."},
    {checking, done, Guard::always, promoting, Order::choose, Why::most_advanced,
     "The person picks whom they take for the most advanced; the runbook does not fence."},
    // The old primary must not write any more.
    {fencing, rejected, Guard::always, quiet, Order::give_up, Why::rejected,
     "An operator calls the attempt off with the old primary stopped or not."},
    {fencing, person_ready, Guard::slips, fencing, Order::begin, Why::step_failed,
     "The person makes a mistake and begins the step again."},
    {fencing, person_ready, Guard::always, fencing, Order::stop_old, Why::routine,
     "The old primary is fenced, or stopped in order when this was planned."},
    {fencing, done, Guard::always, promoting, Order::begin, Why::fenced,
     "The old primary can no longer write."},
    {fencing, failed, Guard::may_retry, fencing, Order::begin, Why::fencing_failed,
     "Fencing has failed and is tried again."},
    {fencing, failed, Guard::always, promoting, Order::begin, Why::fencing_failed,
     "Fencing has failed as often as fence_attempts allows: the person goes on without."},
    // The new primary.
    {promoting, rejected, Guard::always, quiet, Order::give_up, Why::rejected,
     "An operator calls the attempt off: the old primary is stopped and nobody promoted."},
    {promoting, person_ready, Guard::slips, promoting, Order::begin, Why::step_failed,
     "The person makes a mistake and begins the step again."},
    {promoting, person_ready, Guard::always, promoting, Order::promote, Why::routine,
     "The candidate is promoted."},
    {promoting, done, Guard::always, repointing, Order::take_over, Why::routine,
     "The new primary is open; the other standbys come next."},
    {promoting, failed, Guard::always, checking, Order::begin, Why::operation_failed,
     "The promotion has failed: the person checks again who could be promoted."},
    {repointing, rejected, Guard::always, quiet, Order::give_up, Why::rejected,
     "An operator calls the attempt off: the new primary is open and no client has been moved."},
    {repointing, person_ready, Guard::slips, repointing, Order::begin, Why::step_failed,
     "The person makes a mistake and begins the step again."},
    {repointing, person_ready, Guard::always, repointing, Order::point_all, Why::routine,
     "The other standbys are told to follow the new primary."},
    {repointing, done, Guard::always, moving, Order::begin, Why::routine,
     "The standbys have been told; the clients come next."},
    // The clients.
    {moving, person_ready, Guard::slips, moving, Order::begin, Why::step_failed,
     "The person makes a mistake and begins the step again."},
    {moving, person_ready, Guard::always, moving, Order::move, Why::routine,
     "The clients are moved to the new primary."},
    {moving, done, Guard::always, verifying, Order::begin, Why::routine,
     "The clients are moved; the person sees whether the new primary works."},
    {moving, failed, Guard::always, moving, Order::begin, Why::operation_failed,
     "Moving the clients has failed and is done again."},
    {verifying, person_ready, Guard::slips, verifying, Order::begin, Why::step_failed,
     "The person makes a mistake and begins the step again."},
    {verifying, person_ready, Guard::always, verifying, Order::probe_new, Why::routine,
     "The new primary is probed."},
    {verifying, done, Guard::always, quiet, Order::finish, Why::routine,
     "The new primary answers: the runbook has been worked through."},
    {verifying, failed, Guard::always, verifying, Order::begin, Why::primary_unreachable,
     "The new primary does not answer and is looked at again."},
    {verifying, ordered, Guard::always, checking, Order::begin, Why::named_by_operator,
     "An operator has the runbook begun again."},
}};

std::string_view to_text(RunbookState state) {
  static constexpr std::string_view names[] = {
      "quiet",     "paged",      "deciding", "awaiting_approval", "checking", "fencing",
      "promoting", "repointing", "moving",   "verifying",         "frozen"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_text(RunbookInput input) {
  static constexpr std::string_view names[] = {"alarm",  "primary_back", "person_ready", "done",
                                               "failed", "ordered",      "approved",     "rejected",
                                               "pause",  "resume"};
  return names[static_cast<std::size_t>(input)];
}

std::string_view to_text(RunbookGuard guard) {
  static constexpr std::string_view names[] = {
      "always", "slips", "abandons", "needs_approval", "has_nobody", "stops_old", "may_retry"};
  return names[static_cast<std::size_t>(guard)];
}

std::string_view to_text(RunbookOrder order) {
  static constexpr std::string_view names[] = {
      "nothing", "page",      "begin",     "ask_all", "choose",    "refuse",  "stop_old",
      "promote", "take_over", "point_all", "move",    "probe_new", "give_up", "finish"};
  return names[static_cast<std::size_t>(order)];
}

}  // namespace longhaul
