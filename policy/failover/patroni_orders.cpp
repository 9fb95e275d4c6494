// What the agent of Patroni orders, and what it knows when it decides.
#include "policy/failover/patroni.h"

namespace longhaul {

using enum FailoverReason;
using Kind = FailoverActionKind;
using State = PatroniState;
using Order = PatroniOrder;

void PatroniAgent::carry_out(TimePoint now, const PatroniRow& row) {
  switch (row.order) {
    case Order::nothing:
      break;
    case Order::look:
      begin_round(now);
      break;
    case Order::renew:
      request(now, Kind::renew_leader);
      break;
    case Order::ask_all:
      seeking_ = row.reason;
      ask(now, known(), false);
      break;
    case Order::ask_failsafe:
      ask(now, view_.failsafe != 0 ? view_.failsafe : known(), true);
      break;
    case Order::acquire:
      request(now, Kind::acquire_leader);
      break;
    case Order::claim_sync:
      request(now, Kind::write_sync);
      break;
    case Order::lead:
      lead();
      break;
    case Order::lead_standbys:
      break;
    case Order::lead_without_store:
      leads_until_ = now + config_.ttl;
      feed_watchdog();
      break;
    case Order::release:
      released_at_ = now;
      release(row.reason);
      break;
    case Order::stand_back:
      stand_back(now, row);
      break;
    case Order::cancel_switchover:
      push({.kind = Kind::delete_switchover, .reason = row.reason, .member = self_});
      refuse(row.reason);
      break;
    case Order::report_diverged:
      refuse(row.reason);
      page(row.reason);
      break;
    case Order::promote:
      fire_work(now, WorkInput::promote, row.reason);
      break;
    case Order::start_primary:
      fire_work(now, WorkInput::start_primary, row.reason);
      break;
    case Order::follow_remote:
      turned_at_ = now;
      fire_work(now, WorkInput::follow, row.reason);
      break;
    case Order::start_read_only:
    case Order::follow:
      fire_work(now, WorkInput::follow, row.reason);
      break;
    case Order::rewind:
      fire_work(now, WorkInput::rewind, row.reason);
      break;
    case Order::rebuild:
      fire_work(now, WorkInput::rebuild, row.reason);
      break;
    case Order::demote_offline:
      fire_work(now, WorkInput::demote_offline, row.reason);
      break;
    case Order::demote_lost:
      fire_work(now, WorkInput::demote_lost, row.reason);
      break;
    case Order::hand_over:
      fire_work(now, WorkInput::hand_over, row.reason);
      break;
    case Order::give_up:
      fire_work(now, WorkInput::give_up, row.reason);
      break;
  }
}

void PatroniAgent::carry_out_work(TimePoint now, const WorkRow& row, FailoverReason reason) {
  const bool from_remote = is_standby_cluster() && holds_key();
  FailoverAction action{.reason = reason, .upstream = from_remote ? next_remote() : other_leader()};
  switch (row.order) {
    case WorkOrder::nothing:
      break;
    case WorkOrder::promote:
      make_primary(now, reason);
      break;
    case WorkOrder::start_primary:
      if (!starting_since_) starting_since_ = now;
      action.kind = Kind::start_primary;
      operate(action);
      break;
    case WorkOrder::start_standby:
    case WorkOrder::start_offline:
      action.kind = Kind::start_standby;
      operate(action);
      break;
    case WorkOrder::stop_fast:
      stop(now, StopMode::fast, reason);
      break;
    case WorkOrder::stop_immediately:
      stop(now, StopMode::immediate, reason);
      break;
    case WorkOrder::release:
      rested_at_ = now + seconds(2);
      release(reason);
      break;
    case WorkOrder::release_after_failure:
      released_at_ = now;
      release(reason);
      break;
    case WorkOrder::give_key_back:
      was_primary_ = false;
      starting_since_.reset();
      stop_watchdog();
      release(reason);
      break;
    case WorkOrder::rewind:
      action.kind = Kind::rewind;
      operate(action);
      break;
    case WorkOrder::rebuild:
      action.kind = Kind::rebuild;
      operate(action);
      break;
    case WorkOrder::take_over:
      was_primary_ = true;
      enter_phase(FailoverPhase::reroute, reason);
      break;
    case WorkOrder::page:
      page(reason);
      break;
  }
}

std::uint32_t PatroniAgent::push(FailoverAction action) {
  if (is_for_store(action.kind)) action.patience = config_.retry_timeout;
  return actions_.push(action);
}

// ---- A round -----------------------------------------------------------------------------------

void PatroniAgent::begin_round(TimePoint now) {
  is_woken_ = false;
  has_fresh_view_ = false;
  request(now, Kind::read_store);
  look_at_server(now);
}

void PatroniAgent::look_at_server(TimePoint now) {
  has_status_ = false;
  check_number_ = push({.kind = Kind::check_server, .member = self_});
  looked_at_ = now;
}

void PatroniAgent::end_round(TimePoint now) {
  round_at_ = round_at_ + config_.loop_wait;
  if (!has_fresh_view_) return rest(now);
  keep_slots(now);
  touch_number_ = push({.kind = Kind::touch_member,
                        .member = self_,
                        .ttl = config_.ttl,
                        .status = describe(status_)});
  touch_given_up_at_ = now + config_.retry_timeout * 2;
}

// The round is over.
void PatroniAgent::rest(TimePoint now) {
  touch_number_ = 0;
  if (is_woken_ || round_at_ <= now) round_at_ = now + milliseconds(1);
}

// Of all members whose keys are there, or were within member_slots_ttl. Slots that outlive the keys
// are on every server: then the new ones are there already (slots.py, sync_replication_slots).
void PatroniAgent::keep_slots(TimePoint now) {
  const bool outlive = config_.member_slots_ttl > Duration{};
  MemberSet wanted = 0;
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{i};
    const bool is_there = contains(view_.alive, member);
    if (is_there) seen_[i] = now;
    if (member == self_) continue;
    if (is_there || (outlive && now - seen_[i] < config_.member_slots_ttl)) {
      wanted = static_cast<MemberSet>(wanted | set_of(member));
    }
  }
  const bool leads = is_in(ServerState::primary) || (is_standby_cluster() && holds_key());
  if (!outlive && !leads) wanted = 0;
  if (work_ != ServerWork::none || slots_ == wanted) return;
  if (!is_in(ServerState::primary) && !is_in(ServerState::standby)) return;
  const bool is_as_made = outlive && !slots_;  // by whoever made the server
  slots_ = wanted;
  if (is_as_made) return;
  push({.kind = Kind::keep_slots, .member = self_, .members = wanted});
}

void PatroniAgent::request(TimePoint now, FailoverActionKind kind) {
  request_ = {.is_open = true, .kind = kind, .given_up_at = now + config_.retry_timeout * 2};
  request_.number =
      push({.kind = kind, .member = self_, .ttl = config_.ttl, .on = config_.compare_leader_key});
}

void PatroniAgent::ask(TimePoint now, MemberSet members, bool for_failsafe) {
  answered_ = set_of(self_);
  answers_ = {};
  answers_[self_.value] = describe(status_);
  asked_ = 0;
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{i};
    const MemberInfo& info = infos_[i];
    if (!contains(members, member) || member == self_ || info.is_witness) continue;
    // By quorum those that may not be promoted vote.
    const bool counts = !info.nofailover || config_.synchronous_mode == PatroniSync::quorum;
    if (!counts && !for_failsafe) continue;
    ask_numbers_[i] = push({.kind = Kind::poll_member, .member = member, .on = for_failsafe});
    asked_ = static_cast<MemberSet>(asked_ | set_of(member));
  }
  awaited_ = asked_;
  if (asked_ == 0) {
    fire(now, PatroniInput::answered);
  } else {
    answers_due_ = now + seconds(2);
  }
}

void PatroniAgent::publish() {
  if (is_standby_cluster() && is_in(ServerState::standby)) {
    push({.kind = Kind::write_status,
          .member = self_,
          .position = position_of(status_),
          .timeline = status_.timeline});
    return;
  }
  if (!is_in(ServerState::primary) && work_ != ServerWork::promoting) return;
  feed_watchdog();
  if (!is_in(ServerState::primary)) return;
  push({.kind = Kind::write_status,
        .member = self_,
        .position = status_.received,
        .timeline = status_.timeline});
}

void PatroniAgent::lead() {
  if (is_paused()) return;
  if (config_.synchronous_mode != PatroniSync::off) {
    sync_.begin(config_, {infos_.data(), member_count_}, status_, view_, self_, gone());
  }
  const auto members = static_cast<MemberSet>(view_.alive | set_of(self_));
  if (config_.failsafe_mode && members != view_.failsafe) {
    push({.kind = Kind::write_failsafe, .member = self_, .members = members});
  }
}

void PatroniAgent::stand_back(TimePoint now, const PatroniRow& row) {
  FailoverReason reason = row.reason;
  if (row.reason == no_candidate) {
    const Election race = election(now);
    reason = (row.from == State::racing ? judge(race, self_) : judge_alone(race, self_)).reason;
    if (row.from == State::looking) report_candidates(now, set_of(self_));
  }
  refuse(reason);
  if (reason == awaits_approval) page(reason);
}

// ---- Work on the server ------------------------------------------------------------------------

void PatroniAgent::operate(FailoverAction action) {
  action.member = self_;
  work_number_ = push(action);
}

void PatroniAgent::make_primary(TimePoint, FailoverReason reason) {
  enter_phase(FailoverPhase::promote, reason);
  if (config_.synchronous_mode != PatroniSync::off) {
    AckRule rule;
    if (config_.synchronous_mode_strict) rule = {static_cast<MemberSet>(~0u), 1};
    push({.kind = Kind::set_synchronous,
          .reason = reason,
          .member = self_,
          .members = rule.listed,
          .quorum = rule.acks});
    sync_.note_server(rule);
    view_.sync_leader = self_;
    view_.sync_standbys = 0;
  }
  feed_watchdog();
  operate({.kind = Kind::promote, .reason = reason});
}

void PatroniAgent::stop(TimePoint now, StopMode mode, FailoverReason reason) {
  sync_.forget();
  was_primary_ = false;
  starting_since_.reset();
  if (mode == StopMode::fast) stop_look_at_ = now + seconds(1);
  const bool may_be_too_long = work_ == ServerWork::handing_over &&
                               config_.primary_stop_timeout > Duration{} &&
                               config_.synchronous_mode != PatroniSync::off;
  if (may_be_too_long) stop_given_up_at_ = now + config_.primary_stop_timeout;
  operate({.kind = Kind::stop, .reason = reason, .stop_mode = mode});
}

void PatroniAgent::release(FailoverReason reason) {
  push({.kind = Kind::release_leader, .reason = reason, .member = self_});
  view_.leader = {};
  leads_until_ = {};
}

// ---- What people read --------------------------------------------------------------------------

void PatroniAgent::refuse(FailoverReason reason) {
  if (refused_ == reason) return;
  refused_ = reason;
  push({.kind = Kind::refuse, .reason = reason, .member = self_});
}

void PatroniAgent::page(FailoverReason reason) {
  if (paged_ == reason) return;
  paged_ = reason;
  push({.kind = Kind::page_operator, .reason = reason, .member = self_});
}

void PatroniAgent::report_candidates(TimePoint now, MemberSet members) {
  const Election race = election(now);
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{i};
    if (!contains(members, member)) continue;
    const CandidateVerdict verdict = judge(race, member);
    if (verdict == reported_[i]) continue;
    reported_[i] = verdict;
    push({.kind = Kind::candidate,
          .reason = verdict.reason,
          .member = member,
          .eligible = verdict.eligible,
          .status = answers_[i]});
  }
}

void PatroniAgent::enter_phase(FailoverPhase phase, FailoverReason reason) {
  if (phase_ == phase || is_standby_cluster()) return;  // nobody's writes wait for that one
  phase_ = phase;
  push({.kind = Kind::phase, .reason = reason, .member = self_, .phase = phase});
}

void PatroniAgent::feed_watchdog() {
  if (!has_watchdog(config_.watchdog)) return;
  is_watchdog_on_ = true;
  push({.kind = Kind::feed_watchdog,
        .member = self_,
        .ttl = config_.ttl - config_.watchdog.safety_margin});
}

void PatroniAgent::stop_watchdog() {
  if (!is_watchdog_on_) return;
  is_watchdog_on_ = false;
  push({.kind = Kind::feed_watchdog, .member = self_});
}

// ---- What is known -----------------------------------------------------------------------------

bool PatroniAgent::answers_as_primary(TimePoint now, const ServerStatus& server) const {
  if (is_standby_cluster()) return false;
  if (is_paused() && store_is_silent_) return server.state == ServerState::primary;
  return now < leads_until_;
}

void PatroniAgent::begin_well(TimePoint now) {
  if (infos_[self_.value].starts_as_primary) leads_until_ = now + config_.ttl;
}

Election PatroniAgent::election(TimePoint now) const {
  Election race;
  race.rules = {.lag_max = config_.maximum_lag_on_failover,
                .check_timeline = config_.check_timeline,
                .failsafe_mode = config_.failsafe_mode,
                .synchronous = config_.synchronous_mode != PatroniSync::off,
                .by_quorum = config_.synchronous_mode == PatroniSync::quorum,
                .watchdog_required = config_.watchdog.mode == WatchdogMode::required};
  race.guards = &guards_;
  race.members = {infos_.data(), member_count_};
  race.view = &view_;
  race.guard_view = {.now = now,
                     .primary = last_leader_,
                     .primary_position = view_.leader_position,
                     .away_since = away_since_,
                     .last_failover = last_failover_,
                     .is_frozen = is_frozen_,
                     .is_approved = is_approved_,
                     .is_rejected = is_rejected_};
  race.self = self_;
  race.has_just_released = released_at_ && now - *released_at_ < config_.ttl;
  race.last_leader = last_leader_;
  race.known = known();
  race.answered = answered_;
  race.answers = &answers_;
  return race;
}

// Alive now or when there last was a leader.
MemberSet PatroniAgent::known() const {
  return static_cast<MemberSet>(view_.alive | last_alive_ | set_of(self_));
}

// Those whose member keys have expired, or say that their servers do not run as standbys: what
// pg_stat_replication still shows of them says nothing, for wal_sender_timeout. As a run begins no
// member has written its key yet.
MemberSet PatroniAgent::gone() const {
  MemberSet gone = 0;
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{i};
    const bool runs = contains(view_.alive, member) &&
                      view_.members[i].server.state == ServerState::standby;
    if (contains(met_, member) && !runs) gone = static_cast<MemberSet>(gone | set_of(member));
  }
  return gone;
}

// Its log goes beyond the point where the leader's timeline left its own.
bool PatroniAgent::has_diverged() const {
  if (!is_in(ServerState::stopped) && !is_in(ServerState::standby)) return false;
  const ServerStatus& leader = view_.members[view_.leader.value].server;
  const bool is_past_fork = leader.state == ServerState::primary &&
                            leader.timeline > status_.timeline && leader.fork > Lsn{} &&
                            position_of(status_) > leader.fork;
  return is_past_fork || status_.diverged;
}

// A primary that crashed is recovered in single-user mode first, whose last checkpoint puts a
// record behind the point where another timeline began (ha.py, _handle_crash_recovery).
bool PatroniAgent::recovers_past_fork() const {
  const ServerStatus& leader = view_.members[view_.leader.value].server;
  return is_in(ServerState::stopped) && !status_.clean_stop && !status_.upstream.valid() &&
         leader.timeline > status_.timeline;
}

// The host after the one that it follows in vain.
MemberIndex PatroniAgent::next_remote() const {
  std::uint32_t from = 0;
  if (contains(remote_, status_.upstream)) {
    from = status_.upstream.value + (is_in(ServerState::standby) ? 1 : 0);
  }
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{(from + i) % member_count_};
    if (contains(remote_, member)) return member;
  }
  return {};
}

bool PatroniAgent::may_rebuild() const {
  return config_.remove_data_directory_on_diverged_timelines ||
         (config_.remove_data_directory_on_rewind_failure && rewind_failed_);
}

bool PatroniAgent::has_crashed() const {
  return is_in(ServerState::stopped) && !status_.clean_stop && was_primary_;
}

bool PatroniAgent::all_accept() const {
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{i};
    if (!contains(asked_, member)) continue;
    if (!contains(answered_, member)) return false;
    if (answers_[i].server.state == ServerState::primary) return false;
  }
  return true;
}

bool PatroniAgent::watchdog_fails() const {
  return config_.watchdog.mode == WatchdogMode::required && !config_.watchdog.device;
}

}  // namespace longhaul
