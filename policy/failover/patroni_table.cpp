#include "policy/failover/patroni_table.h"

#include "base/check.h"

namespace longhaul {

using enum PatroniState;
using S = PatroniState;
using I = PatroniInput;
using G = PatroniGuard;
using O = PatroniOrder;
using R = FailoverReason;
using W = ServerWork;
using WI = WorkInput;
using WG = WorkGuard;
using WO = WorkOrder;

// clang-format off
const std::array<PatroniRow, patroni_row_count> patroni_table{{
    // The round begins.
    {waiting, I::round_due, G::always, looking, O::look, R::routine,
     "A round begins every loop_wait."},
    {waiting, I::key_moved, G::always, looking, O::look, R::leader_key_expired,
     "The leader key has gone or come: the round begins at once."},
    {waiting, I::leader_wrote, G::always, looking, O::look, R::routine,
     "The leader has written its position: the round begins at once."},
    // What there is.
    {looking, I::observed, G::status_unknown, waiting, O::nothing, R::routine,
     "The own server does not answer: nothing is decided, and no key renewed."},
    {looking, I::observed, G::holds_key, renewing, O::renew, R::routine,
     "The holder of the key renews it before anything else."},
    {looking, I::observed, G::makes_primary, waiting, O::demote_lost, R::leader_key_lost,
     "The key is gone while the server is being made a primary: it is stopped at once."},
    {looking, I::observed, G::works, waiting, O::nothing, R::routine,
     "An operation on the server is under way."},
    {looking, I::observed, G::paused_primary, acquiring, O::acquire, R::frozen,
     "Paused and without a leader: whoever is primary takes the key."},
    {looking, I::observed, G::paused, waiting, O::nothing, R::frozen,
     "Paused: nothing is changed."},
    {looking, I::observed, G::led_primary, waiting, O::demote_lost, R::leader_key_lost,
     "Another member holds the key: a primary stops at once."},
    {looking, I::observed, G::led_unready, waiting, O::nothing, R::routine,
     "The server starts, stops or is worked on: it can follow nobody yet."},
    {looking, I::observed, G::led_to_rewind, waiting, O::rewind, R::diverged,
     "The log is not on the leader's history: pg_rewind brings the server back."},
    {looking, I::observed, G::led_to_rebuild, waiting, O::rebuild, R::diverged,
     "The log is not on the leader's history: a base backup replaces the server."},
    {looking, I::observed, G::led_diverged, waiting, O::report_diverged, R::diverged,
     "The log is not on the leader's history, and nothing may be done about it but by a person."},
    {looking, I::observed, G::led_stopped, waiting, O::follow, R::old_primary_returns,
     "The server is stopped: it starts as a standby of the leader."},
    {looking, I::observed, G::led_elsewhere, waiting, O::follow, R::new_primary_seen,
     "The standby follows another than the leader: it turns to the leader."},
    {looking, I::observed, G::led, waiting, O::nothing, R::routine,
     "The standby follows the leader."},
    {looking, I::observed, G::unlocked_stopped, waiting, O::start_read_only, R::is_not_running,
     "Nobody leads and the server is stopped: it starts as a standby, to race in a later round."},
    {looking, I::observed, G::unlocked_unready, waiting, O::stand_back, R::is_not_running,
     "Nobody leads, but the server does not run yet."},
    {looking, I::observed, G::primary_may_lead, acquiring, O::acquire, R::is_primary,
     "Nobody leads and the server is primary: it takes the key without asking anybody."},
    {looking, I::observed, G::is_primary, waiting, O::demote_lost, R::timeline_too_old,
     "Nobody leads and the server is primary, but others have moved on to a newer timeline."},
    {looking, I::observed, G::may_race, racing, O::ask_all, R::leader_key_expired,
     "Nobody leads and nothing speaks against this member: it asks the others how far they are."},
    {looking, I::observed, G::always, waiting, O::stand_back, R::no_candidate,
     "Nobody leads, but this member may not."},
    {looking, I::store_lost, G::works, waiting, O::nothing, R::store_unreachable,
     "The store is silent while an operation on the server is under way."},
    {looking, I::store_lost, G::paused, waiting, O::nothing, R::frozen,
     "The store is silent, but nothing is changed while paused."},
    {looking, I::store_lost, G::keeps_by_failsafe, asking_members, O::ask_failsafe,
     R::store_unreachable, "The store is silent: the primary asks whether all accept it anyway."},
    {looking, I::store_lost, G::is_primary, waiting, O::demote_offline, R::store_unreachable,
     "The store is silent: the primary steps down before its key can expire."},
    {looking, I::store_lost, G::always, waiting, O::nothing, R::store_unreachable,
     "The store is silent: a standby waits."},
    // The leader, its key renewed.
    {renewing, I::granted, G::start_too_long, seeking_successor, O::ask_all,
     R::server_start_too_long, "The server has not started within primary_start_timeout."},
    {renewing, I::granted, G::works, waiting, O::nothing, R::routine,
     "The key is kept while an operation on the server is under way."},
    {renewing, I::granted, G::paused_standby, waiting, O::release, R::frozen,
     "Paused, and its server is not primary: the key is given back."},
    {renewing, I::granted, G::paused, waiting, O::nothing, R::frozen,
     "Paused: the key is kept and nothing is changed."},
    {renewing, I::granted, G::starting, waiting, O::nothing, R::routine,
     "The server starts: the key is kept meanwhile."},
    {renewing, I::granted, G::leads_standby_stopped, waiting, O::follow_remote,
     R::leads_standby_cluster, "The leader of a standby cluster starts as a standby of the other."},
    {renewing, I::granted, G::leads_standby_astray, waiting, O::follow_remote,
     R::leads_standby_cluster,
     "The leader of a standby cluster turns to the next host of the other."},
    {renewing, I::granted, G::leads_standby, waiting, O::lead_standbys, R::leads_standby_cluster,
     "The leader of a standby cluster streams from the other cluster and promotes nothing."},
    {renewing, I::granted, G::crashed_gives_up, seeking_successor, O::ask_all, R::server_crashed,
     "The server has crashed, and primary_start_timeout leaves no time to start it again."},
    {renewing, I::granted, G::crashed, waiting, O::start_primary, R::server_crashed,
     "The server has crashed: it is started again where it is."},
    {renewing, I::granted, G::stopped, waiting, O::start_read_only, R::lock_acquired,
     "The server is stopped: it starts as a standby first, to be promoted in a later round."},
    {renewing, I::granted, G::unready, waiting, O::nothing, R::routine,
     "The server stops or is worked on."},
    {renewing, I::granted, G::switchover_asked, seeking_successor, O::ask_all,
     R::planned_switchover, "A switchover is asked for: it looks for somebody to take over."},
    {renewing, I::granted, G::watchdog_fails, waiting, O::give_up, R::watchdog_not_working,
     "The watchdog is required and does not work: this member may not lead."},
    {renewing, I::granted, G::is_primary, waiting, O::lead, R::routine,
     "The primary leads, and looks after its synchronous standbys."},
    {renewing, I::granted, G::synchronous, claiming_sync, O::claim_sync, R::lock_acquired,
     "It has the key but is no primary: first nobody else may be promoted as synchronous."},
    {renewing, I::granted, G::always, waiting, O::promote, R::lock_acquired,
     "It has the key but is no primary: it promotes its server."},
    {renewing, I::refused, G::makes_primary, waiting, O::demote_lost, R::leader_key_lost,
     "The key is no longer its own while the server is being made a primary."},
    {renewing, I::refused, G::works, waiting, O::nothing, R::leader_key_lost,
     "The key is no longer its own, and an operation on the server is under way."},
    {renewing, I::refused, G::is_primary, waiting, O::demote_lost, R::leader_key_lost,
     "The key is no longer its own: the primary stops at once."},
    {renewing, I::refused, G::always, waiting, O::stand_back, R::leader_key_lost,
     "The key is no longer its own: it is not promoted."},
    {renewing, I::store_lost, G::works, waiting, O::nothing, R::store_unreachable,
     "The store is silent while an operation on the server is under way."},
    {renewing, I::store_lost, G::paused, waiting, O::nothing, R::frozen,
     "The store is silent, but nothing is changed while paused."},
    {renewing, I::store_lost, G::keeps_by_failsafe, asking_members, O::ask_failsafe,
     R::store_unreachable, "The store is silent: the primary asks whether all accept it anyway."},
    {renewing, I::store_lost, G::is_primary, waiting, O::demote_offline, R::store_unreachable,
     "The store is silent: the primary steps down before its key can expire."},
    {renewing, I::store_lost, G::always, waiting, O::nothing, R::store_unreachable,
     "The store is silent: a standby waits."},
    // Failsafe mode.
    {asking_members, I::answered, G::accepted_by_all, waiting, O::lead_without_store,
     R::failsafe_accepted, "Every member accepts the primary without the store: it stays."},
    {asking_members, I::answered, G::is_primary, waiting, O::demote_offline, R::failsafe_refused,
     "Not every member accepts the primary without the store: it steps down."},
    {asking_members, I::answered, G::always, waiting, O::nothing, R::failsafe_refused,
     "The server is no longer primary."},
    // The race.
    {racing, I::answered, G::healthiest, acquiring, O::acquire, R::most_advanced,
     "Nobody that answers is ahead: it tries to create the key."},
    {racing, I::answered, G::always, waiting, O::stand_back, R::no_candidate,
     "Somebody else is to be promoted."},
    {acquiring, I::granted, G::paused, waiting, O::lead, R::frozen,
     "Paused: the primary has its key back."},
    {acquiring, I::granted, G::watchdog_fails, waiting, O::release, R::watchdog_not_working,
     "It has the key, but the watchdog is required and does not work."},
    {acquiring, I::granted, G::is_primary, waiting, O::lead, R::lock_acquired,
     "It has the key, and its server is primary already."},
    {acquiring, I::granted, G::leads_standby_astray, waiting, O::follow_remote,
     R::leads_standby_cluster,
     "It has the key of a standby cluster: it follows the other cluster."},
    {acquiring, I::granted, G::leads_standby, waiting, O::lead_standbys, R::leads_standby_cluster,
     "It has the key of a standby cluster, and follows the other cluster already."},
    {acquiring, I::granted, G::synchronous, claiming_sync, O::claim_sync, R::lock_acquired,
     "It has the key: first nobody else may be promoted as synchronous."},
    {acquiring, I::granted, G::always, waiting, O::promote, R::lock_acquired,
     "It has the key: it promotes its server."},
    {acquiring, I::refused, G::is_primary, waiting, O::demote_lost, R::lock_taken_by_other,
     "Another member was first: a primary stops at once."},
    {acquiring, I::refused, G::always, waiting, O::stand_back, R::lock_taken_by_other,
     "Another member was first."},
    {acquiring, I::store_lost, G::paused, waiting, O::nothing, R::frozen,
     "The store is silent, but nothing is changed while paused."},
    {acquiring, I::store_lost, G::is_primary, waiting, O::demote_offline, R::store_unreachable,
     "The store is silent: the primary steps down."},
    {acquiring, I::store_lost, G::always, waiting, O::nothing, R::store_unreachable,
     "The store is silent: whether the key was created shows in a later round."},
    {claiming_sync, I::granted, G::always, waiting, O::promote, R::lock_acquired,
     "The list of synchronous standbys is empty: it promotes its server."},
    {claiming_sync, I::refused, G::always, waiting, O::nothing, R::leader_key_lost,
     "Somebody else has changed the list: the promotion waits for the next round."},
    {claiming_sync, I::store_lost, G::always, waiting, O::nothing, R::store_unreachable,
     "The store is silent: the promotion waits for the next round."},
    // Handing over.
    {seeking_successor, I::answered, G::successor_for_switchover, waiting, O::hand_over,
     R::planned_switchover, "A successor is there: the primary stops in order."},
    {seeking_successor, I::answered, G::no_successor_for_switchover, waiting,
     O::cancel_switchover, R::no_candidate, "Nobody may take over: the switchover is given up."},
    {seeking_successor, I::answered, G::successor_after_crash, waiting, O::give_up,
     R::server_crashed, "The server has crashed and another may be promoted: the key is released."},
    {seeking_successor, I::answered, G::successor_after_start, waiting, O::give_up,
     R::server_start_too_long, "The start takes too long and another may be promoted."},
    {seeking_successor, I::answered, G::no_successor_after_crash, waiting, O::start_primary,
     R::server_crashed, "The server has crashed and nobody may be promoted: it is started again."},
    {seeking_successor, I::answered, G::always, waiting, O::nothing, R::no_candidate,
     "The start takes too long, but nobody may be promoted: it goes on."},
}};

const std::array<WorkRow, work_row_count> work_table{{
    {W::none, WI::promote, WG::always, W::promoting, WO::promote, R::lock_acquired,
     "The standby is promoted."},
    {W::promoting, WI::done, WG::always, W::none, WO::take_over, R::lock_acquired,
     "The server is primary."},
    {W::promoting, WI::failed, WG::always, W::none, WO::release_after_failure,
     R::operation_failed, "The promotion has failed: the key is left to others for a ttl."},
    {W::promoting, WI::demote_lost, WG::always, W::stopping_lost, WO::stop_immediately,
     R::leader_key_lost, "The key was lost during the promotion."},
    {W::none, WI::start_primary, WG::always, W::starting, WO::start_primary, R::server_crashed,
     "The crashed primary is started again."},
    {W::starting, WI::done, WG::always, W::none, WO::nothing, R::server_crashed,
     "The primary runs again."},
    {W::starting, WI::failed, WG::always, W::none, WO::give_key_back, R::operation_failed,
     "The start has failed: the key is given back at once, for others to take."},
    {W::starting, WI::demote_lost, WG::always, W::stopping_lost, WO::stop_immediately,
     R::leader_key_lost, "The key was lost while the primary started."},
    {W::starting, WI::give_up, WG::always, W::giving_up, WO::stop_immediately,
     R::server_start_too_long, "The start takes too long, and another may be promoted."},
    {W::none, WI::follow, WG::always, W::following, WO::start_standby, R::new_primary_seen,
     "The server runs as a standby from here on."},
    {W::following, WI::done, WG::always, W::none, WO::nothing, R::routine,
     "The server is a standby."},
    {W::following, WI::failed, WG::holds_key, W::none, WO::give_key_back, R::operation_failed,
     "The start has failed: the key is given back at once, for others to take."},
    {W::following, WI::failed, WG::always, W::none, WO::nothing, R::operation_failed,
     "The standby has not started: the next round looks again."},
    {W::following, WI::give_up, WG::always, W::giving_up, WO::stop_immediately,
     R::server_start_too_long, "The start takes too long, and another may be promoted."},
    {W::none, WI::demote_offline, WG::always, W::stopping_offline, WO::stop_fast,
     R::store_unreachable, "The primary stops fast; its walsenders may keep it waiting."},
    {W::stopping_offline, WI::done, WG::always, W::following, WO::start_offline,
     R::store_unreachable, "It has stopped and starts again read-only."},
    {W::stopping_offline, WI::failed, WG::always, W::stopping_lost, WO::stop_immediately,
     R::operation_failed, "It does not stop in order: it is stopped at once."},
    {W::none, WI::demote_lost, WG::always, W::stopping_lost, WO::stop_immediately,
     R::leader_key_lost, "The primary is stopped at once."},
    {W::stopping_lost, WI::done, WG::always, W::following, WO::start_offline, R::leader_key_lost,
     "It has stopped and starts again as a standby."},
    {W::stopping_lost, WI::failed, WG::always, W::none, WO::page, R::operation_failed,
     "It does not stop: somebody has to look."},
    {W::none, WI::hand_over, WG::always, W::handing_over, WO::stop_fast, R::planned_switchover,
     "The primary stops in order, so that its standbys get all it has."},
    {W::handing_over, WI::done, WG::always, W::resting, WO::release, R::planned_switchover,
     "It has stopped: the key is released for the successor."},
    {W::handing_over, WI::failed, WG::always, W::giving_up, WO::stop_immediately,
     R::operation_failed, "It does not stop in order: it is stopped at once."},
    {W::handing_over, WI::too_long, WG::always, W::giving_up, WO::stop_immediately,
     R::operation_failed, "It has not stopped within primary_stop_timeout."},
    {W::none, WI::give_up, WG::always, W::giving_up, WO::stop_immediately,
     R::server_start_too_long, "The server is stopped for good."},
    {W::giving_up, WI::done, WG::always, W::resting, WO::release, R::leader_key_released,
     "It has stopped: the key is released for another."},
    {W::giving_up, WI::failed, WG::always, W::none, WO::page, R::operation_failed,
     "It does not stop: somebody has to look."},
    {W::resting, WI::rested, WG::always, W::none, WO::nothing, R::routine,
     "The others have had two seconds to take the key."},
    {W::none, WI::rewind, WG::always, W::rewinding, WO::rewind, R::diverged,
     "pg_rewind works on the server."},
    {W::rewinding, WI::done, WG::always, W::following, WO::start_standby, R::old_primary_returns,
     "The server is back on the leader's history and follows it."},
    {W::rewinding, WI::failed, WG::may_rebuild, W::rebuilding, WO::rebuild, R::rewind_refused,
     "pg_rewind has failed: a base backup replaces the server."},
    {W::rewinding, WI::failed, WG::always, W::none, WO::page, R::rewind_refused,
     "pg_rewind has failed: the server waits for a person."},
    {W::none, WI::rebuild, WG::always, W::rebuilding, WO::rebuild, R::diverged,
     "A base backup replaces the server."},
    {W::rebuilding, WI::done, WG::always, W::following, WO::start_standby, R::old_primary_returns,
     "The server is a copy of the leader and follows it."},
    {W::rebuilding, WI::failed, WG::always, W::none, WO::nothing, R::operation_failed,
     "The base backup has failed: the next round begins anew."},
}};
// clang-format on

MachineTable patroni_round() {
  return {"patroni", to_text(waiting), patroni_table.size(),
          [](std::size_t i) { return text_of(patroni_table[i]); }};
}
MachineTable patroni_work() {
  return {"patroni: work on the server", to_text(W::none), work_table.size(),
          [](std::size_t i) { return text_of(work_table[i]); }};
}

namespace {

template <class Enum, std::size_t n>
std::string_view name_of(const std::string_view (&names)[n], Enum value) {
  const auto index = static_cast<std::size_t>(value);
  CHECK(index < n);
  return names[index];
}

}  // namespace

std::string_view to_text(PatroniState state) {
  static constexpr std::string_view names[] = {
      "waiting",   "looking",       "renewing",          "racing",
      "acquiring", "claiming_sync", "seeking_successor", "asking_members"};
  return name_of(names, state);
}

std::string_view to_text(PatroniInput input) {
  static constexpr std::string_view names[] = {
      "round_due", "key_moved", "leader_wrote", "observed",
      "granted",   "refused",   "store_lost",   "answered"};
  return name_of(names, input);
}

std::string_view to_text(PatroniGuard guard) {
  static constexpr std::string_view names[] = {"always",
                                               "status_unknown",
                                               "holds_key",
                                               "makes_primary",
                                               "works",
                                               "paused",
                                               "paused_primary",
                                               "paused_standby",
                                               "led_primary",
                                               "led_unready",
                                               "led_to_rewind",
                                               "led_to_rebuild",
                                               "led_diverged",
                                               "led_stopped",
                                               "led_elsewhere",
                                               "led",
                                               "unlocked_stopped",
                                               "unlocked_unready",
                                               "primary_may_lead",
                                               "is_primary",
                                               "may_race",
                                               "start_too_long",
                                               "starting",
                                               "leads_standby_stopped",
                                               "leads_standby_astray",
                                               "leads_standby",
                                               "crashed_gives_up",
                                               "crashed",
                                               "stopped",
                                               "unready",
                                               "switchover_asked",
                                               "watchdog_fails",
                                               "synchronous",
                                               "keeps_by_failsafe",
                                               "accepted_by_all",
                                               "healthiest",
                                               "successor_for_switchover",
                                               "no_successor_for_switchover",
                                               "successor_after_crash",
                                               "successor_after_start",
                                               "no_successor_after_crash"};
  return name_of(names, guard);
}

std::string_view to_text(PatroniOrder order) {
  static constexpr std::string_view names[] = {
      "nothing",         "look",           "renew",
      "ask_all",         "ask_failsafe",   "acquire",
      "claim_sync",      "lead",           "lead_standbys",  "lead_without_store",
      "release",         "stand_back",     "cancel_switchover",
      "report_diverged", "promote",        "start_primary",
      "start_read_only", "follow",         "follow_remote", "rewind",
      "rebuild",         "demote_offline", "demote_lost",
      "hand_over",       "give_up"};
  return name_of(names, order);
}

std::string_view to_text(ServerWork work) {
  static constexpr std::string_view names[] = {
      "none",         "promoting", "starting", "following", "stopping_offline", "stopping_lost",
      "handing_over", "giving_up", "resting",  "rewinding", "rebuilding"};
  return name_of(names, work);
}

std::string_view to_text(WorkInput input) {
  static constexpr std::string_view names[] = {
      "promote",   "start_primary", "follow", "rewind", "rebuild",  "demote_offline", "demote_lost",
      "hand_over", "give_up",       "done",   "failed", "too_long", "rested"};
  return name_of(names, input);
}

std::string_view to_text(WorkGuard guard) {
  static constexpr std::string_view names[] = {"always", "holds_key", "may_rebuild"};
  return name_of(names, guard);
}

std::string_view to_text(WorkOrder order) {
  static constexpr std::string_view names[] = {
      "nothing",       "promote",   "start_primary",    "start_standby",
      "start_offline", "stop_fast", "stop_immediately", "release",
      "release_after_failure",      "give_key_back",    "rewind",
      "rebuild",       "take_over", "page"};
  return name_of(names, order);
}

}  // namespace longhaul
