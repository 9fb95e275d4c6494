#include "policy/failover/patroni.h"

namespace longhaul {

using enum FailoverReason;
using Kind = FailoverActionKind;
using Event = FailoverEventKind;
using State = PatroniState;
using Input = PatroniInput;
using Guard = PatroniGuard;

PatroniAgent::PatroniAgent(const PatroniConfig& config, const FailoverGuards& guards,
                           MemberIndex self, std::span<const MemberInfo> members,
                           TimePoint first_round)
    : config_(with_adjusted_timeouts(config)),
      guards_(guards),
      self_(self),
      member_count_(static_cast<std::uint32_t>(members.size())),
      now_(TimePoint{std::numeric_limits<std::int64_t>::min()}),
      round_at_(first_round),
      is_frozen_(guards.frozen) {
  CHECK(members.size() <= members_max);
  CHECK(self.value < members.size());
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    infos_[i] = members[i];
    if (members[i].starts_as_primary && !last_leader_.valid()) last_leader_ = MemberIndex{i};
    seen_[i] = first_round;
    if (members[i].is_remote) remote_ = static_cast<MemberSet>(remote_ | set_of(MemberIndex{i}));
  }
}

void PatroniAgent::handle(TimePoint now, const FailoverEvent& event) {
  CHECK(now >= now_);
  now_ = now;
  switch (event.kind) {
    case Event::server_status:
      handle_status(now, event);
      break;
    case Event::member_status:
    case Event::member_refused:
      handle_answer(now, event);
      break;
    case Event::store_view:
    case Event::store_done:
    case Event::store_refused:
    case Event::store_failed:
      handle_store(now, event);
      break;
    case Event::leader_key_gone:
    case Event::leader_key_set:
    case Event::leader_status_set:
      if (holds_key()) break;  // the holder does not watch its own keys
      if (is_resting()) {
        round_at_ = now;
        const bool is_key = event.kind != Event::leader_status_set;
        fire(now, is_key ? Input::key_moved : Input::leader_wrote);
      } else {
        is_woken_ = true;
      }
      break;
    case Event::operation_done:
    case Event::operation_failed:
      handle_operation(now, event);
      break;
    case Event::command:
      handle_command(now, event);
      break;
    case Event::failsafe_asked:
      if (holds_key()) break;
      failsafe_seen_ = now;
      failsafe_leader_ = event.member;
      break;
    default:
      break;  // what other managers say to one another
  }
  drive_sync();
}

void PatroniAgent::on_timer(TimePoint now) {
  CHECK(now >= now_);
  now_ = now;
  if (stop_look_at_ && now >= *stop_look_at_) {
    stop_look_at_ = now + seconds(1);
    stop_look_number_ = push({.kind = Kind::check_server, .member = self_});
  }
  if (stop_given_up_at_ && now >= *stop_given_up_at_) {
    stop_given_up_at_.reset();
    fire_work(now, WorkInput::too_long, operation_failed);
  }
  if (rested_at_ && now >= *rested_at_) {
    rested_at_.reset();
    fire_work(now, WorkInput::rested, routine);
    wake(now);
  }
  if (answers_due_ && now >= *answers_due_) {
    answers_due_.reset();
    awaited_ = 0;
    fire(now, Input::answered);
  }
  if (request_.is_open) {
    if (now >= request_.given_up_at) {
      request_.is_open = false;
      fire(now, Input::store_lost);
    }
  } else if (state_ == State::looking && now >= looked_at_ + config_.retry_timeout) {
    status_.state = ServerState::unknown;
    fire(now, Input::observed);
  }
  if (touch_number_ != 0 && now >= touch_given_up_at_) rest(now);
  if (is_resting() && now >= round_at_) fire(now, Input::round_due);
  sync_.on_timer(now);
  drive_sync();
}

std::optional<TimePoint> PatroniAgent::next_deadline() const {
  std::optional<TimePoint> next;
  const auto consider = [&next](std::optional<TimePoint> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (is_resting()) consider(round_at_);
  if (touch_number_ != 0) consider(touch_given_up_at_);
  if (request_.is_open) {
    consider(request_.given_up_at);
  } else if (state_ == State::looking) {
    consider(looked_at_ + config_.retry_timeout);
  }
  consider(answers_due_);
  consider(rested_at_);
  consider(stop_given_up_at_);
  consider(stop_look_at_);
  consider(sync_.next_deadline());
  return next;
}

MemberStatus PatroniAgent::describe(const ServerStatus& server) const {
  const MemberInfo& info = infos_[self_.value];
  return {.server = server,
          .nofailover = info.nofailover || info.is_witness,
          .priority = info.priority,
          .watchdog_failed = watchdog_fails()};
}

// ---- The machines ------------------------------------------------------------------------------

void PatroniAgent::fire(TimePoint now, PatroniInput input) {
  if (input == Input::observed) {
    answered_ = set_of(self_);
    answers_[self_.value] = describe(status_);
    note_phase();
  }
  if (input == Input::store_lost) store_is_silent_ = true;
  if (input == Input::answered && state_ == State::racing) report_candidates(now, known());
  for (std::size_t i = 0; i < patroni_table.size(); ++i) {
    const PatroniRow& row = patroni_table[i];
    if (row.from != state_ || row.input != input || !holds(now, row.guard)) continue;
    rows_taken_[i] = true;
    state_ = row.to;
    carry_out(now, row);
    if (row.to == State::waiting) end_round(now);
    return;
  }
}

bool PatroniAgent::holds(TimePoint now, PatroniGuard guard) const {
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::status_unknown:
      return is_in(ServerState::unknown);
    case Guard::holds_key:
      return holds_key();
    case Guard::makes_primary:
      return work_ == ServerWork::promoting || work_ == ServerWork::starting;
    case Guard::works:
      return work_ != ServerWork::none;
    case Guard::paused:
      return is_paused();
    case Guard::paused_primary:
      return is_paused() && is_in(ServerState::primary) && !other_leader().valid();
    case Guard::paused_standby:
      return is_paused() && is_in(ServerState::standby);
    case Guard::led_primary:
    case Guard::led_unready:
    case Guard::led_to_rewind:
    case Guard::led_to_rebuild:
    case Guard::led_diverged:
    case Guard::led_stopped:
    case Guard::led_elsewhere:
    case Guard::led:
      return other_leader().valid() && holds_led(guard);
    case Guard::unlocked_stopped:
    case Guard::stopped:
      return is_in(ServerState::stopped);
    case Guard::unlocked_unready:
    case Guard::unready:
      return !is_in(ServerState::primary) && !is_in(ServerState::standby);
    case Guard::primary_may_lead:
      return is_in(ServerState::primary) && judge_alone(election(now), self_).eligible;
    case Guard::is_primary:
      return is_in(ServerState::primary);
    case Guard::may_race:
      return is_in(ServerState::standby) && judge_alone(election(now), self_).eligible;
    case Guard::start_too_long:
      return (is_in(ServerState::starting) || has_crashed()) && starting_since_ &&
             now - *starting_since_ >= config_.primary_start_timeout &&
             (work_ == ServerWork::none || work_ == ServerWork::starting ||
              work_ == ServerWork::following);
    case Guard::starting:
      return is_in(ServerState::starting);
    case Guard::leads_standby_stopped:
      return is_standby_cluster() && is_in(ServerState::stopped);
    case Guard::leads_standby_astray:
      return is_standby_cluster() && is_in(ServerState::standby) && is_astray(now);
    case Guard::leads_standby:
      return is_standby_cluster();
    case Guard::crashed_gives_up:
      return has_crashed() && config_.primary_start_timeout == Duration{};
    case Guard::crashed:
      return has_crashed();
    case Guard::switchover_asked:
      return is_in(ServerState::primary) && view_.switchover;
    case Guard::watchdog_fails:
      return watchdog_fails();
    case Guard::synchronous:
      return config_.synchronous_mode != PatroniSync::off;
    case Guard::keeps_by_failsafe:
      return config_.failsafe_mode && is_in(ServerState::primary);
    case Guard::accepted_by_all:
      return is_in(ServerState::primary) && all_accept();
    case Guard::healthiest:
      return judge(election(now), self_).eligible;
    case Guard::successor_for_switchover:
      return seeking_ == planned_switchover && may_hand_over(election(now), self_);
    case Guard::no_successor_for_switchover:
      return seeking_ == planned_switchover;
    case Guard::successor_after_crash:
      return seeking_ == server_crashed && may_hand_over(election(now), self_);
    case Guard::successor_after_start:
      return seeking_ == server_start_too_long && may_hand_over(election(now), self_);
    case Guard::no_successor_after_crash:
      return seeking_ == server_crashed || has_crashed();
  }
  return false;
}

// Its server follows nobody of the other cluster, or has had the time to connect and does not
// stream.
bool PatroniAgent::is_astray(TimePoint now) const {
  if (!contains(remote_, status_.upstream)) return true;
  return !status_.streaming && (!turned_at_ || now - *turned_at_ >= config_.loop_wait);
}

bool PatroniAgent::holds_led(PatroniGuard guard) const {
  switch (guard) {
    case Guard::led_primary:
      return is_in(ServerState::primary);
    case Guard::led_unready:
      return !is_in(ServerState::stopped) && !is_in(ServerState::standby);
    case Guard::led_to_rewind:
      return (has_diverged() || recovers_past_fork()) && may_rewind() &&
             view_.members[view_.leader.value].server.state == ServerState::primary;
    case Guard::led_to_rebuild:
      return has_diverged() && !may_rewind() && may_rebuild();
    case Guard::led_diverged:
      return has_diverged();
    case Guard::led_stopped:
      return is_in(ServerState::stopped);
    case Guard::led_elsewhere:
      return status_.upstream != other_leader();
    default:
      return true;
  }
}

void PatroniAgent::fire_work(TimePoint now, WorkInput input, FailoverReason reason) {
  for (std::size_t i = 0; i < work_table.size(); ++i) {
    const WorkRow& row = work_table[i];
    if (row.from != work_ || row.input != input || !holds(row.guard)) continue;
    work_rows_taken_[i] = true;
    work_ = row.to;
    carry_out_work(now, row, reason == none ? row.reason : reason);
    return;
  }
}

bool PatroniAgent::holds(WorkGuard guard) const {
  switch (guard) {
    case WorkGuard::always:
      return true;
    case WorkGuard::holds_key:
      return holds_key();
    case WorkGuard::may_rebuild:
      return may_rebuild();
  }
  return false;
}

// ---- Events ------------------------------------------------------------------------------------

void PatroniAgent::handle_status(TimePoint now, const FailoverEvent& event) {
  const ServerStatus& server = event.status.server;
  if (event.number == stop_look_number_ && event.number != 0) {
    stop_look_number_ = 0;
    // Its sessions are gone: the watchdog has nothing to protect any more.
    if (server.state == ServerState::stopping || server.state == ServerState::stopped) {
      stop_look_at_.reset();
      stop_watchdog();
    }
    return;
  }
  if (event.number != check_number_ || event.number == 0) {
    sync_.handle(now, event);
    return;
  }
  check_number_ = 0;
  note_status(now, server);
  if (state_ != State::looking) return;
  has_status_ = true;
  if (has_fresh_view_) fire(now, Input::observed);
}

void PatroniAgent::handle_answer(TimePoint now, const FailoverEvent& event) {
  if (!contains(awaited_, event.member)) return;
  if (event.number != ask_numbers_[event.member.value]) return;
  awaited_ = static_cast<MemberSet>(awaited_ & ~set_of(event.member));
  if (event.kind == Event::member_status) {
    answered_ = static_cast<MemberSet>(answered_ | set_of(event.member));
    answers_[event.member.value] = event.status;
  }
  if (awaited_ != 0) return;
  answers_due_.reset();
  fire(now, Input::answered);
}

void PatroniAgent::handle_store(TimePoint now, const FailoverEvent& event) {
  if (event.number == switchover_number_ && event.number != 0) {
    switchover_number_ = 0;
    if (event.kind == Event::store_done) wake(now);
    return;
  }
  if (event.number == touch_number_ && event.number != 0) return rest(now);
  if (!request_.is_open || event.number != request_.number || event.number == 0) {
    sync_.handle(now, event);
    return;
  }
  request_.is_open = false;
  if (event.kind == Event::store_failed) return fire(now, Input::store_lost);
  if (event.kind == Event::store_view) {
    note_view(now, event.view);
    has_fresh_view_ = true;
    if (!has_status_) return;
    if (now < looked_at_ + seconds(1)) return fire(now, Input::observed);
    return look_at_server(now);  // the view was long in coming
  }
  const bool is_done = event.kind == Event::store_done;
  if (request_.kind == Kind::renew_leader) {
    if (is_done) publish();
    if (!is_done) view_.leader = {};
  }
  if (request_.kind == Kind::renew_leader || request_.kind == Kind::acquire_leader) {
    leads_until_ = is_done ? now + config_.ttl : TimePoint{};
  }
  if (request_.kind == Kind::acquire_leader && is_done) {
    view_.leader = self_;
    note_leader(now);
    close_switchover();
  }
  fire(now, is_done ? Input::granted : Input::refused);
}

void PatroniAgent::handle_operation(TimePoint now, const FailoverEvent& event) {
  if (event.number != work_number_ || event.number == 0) {
    sync_.handle(now, event);
    return;
  }
  work_number_ = 0;
  stop_given_up_at_.reset();
  stop_look_at_.reset();
  stop_look_number_ = 0;
  const bool is_done = event.kind == Event::operation_done;
  if (is_done && event.action == Kind::stop) {
    leads_until_ = {};
    stop_watchdog();
  }
  if (work_ == ServerWork::rewinding) rewind_failed_ = !is_done;
  fire_work(now, is_done ? WorkInput::done : WorkInput::failed, none);
  // What was seen of the server is no longer so.
  if (state_ == State::looking) look_at_server(now);
  if (is_done && work_ == ServerWork::none) wake(now);
}

void PatroniAgent::drive_sync() {
  while (const std::optional<FailoverAction> action = sync_.next()) sync_.ordered(push(*action));
}

// Begins a round at once, or right after this one.
void PatroniAgent::wake(TimePoint now) {
  if (!is_resting()) {
    is_woken_ = true;
    return;
  }
  round_at_ = now;
  fire(now, Input::round_due);
}

void PatroniAgent::note_view(TimePoint now, const ClusterView& view) {
  view_ = view;
  has_view_ = true;
  store_is_silent_ = false;
  met_ = static_cast<MemberSet>(met_ | view.alive);
  const bool is_kept_by_failsafe =
      config_.failsafe_mode && failsafe_seen_ && now - *failsafe_seen_ < config_.ttl;
  if (!view_.leader.valid() && is_kept_by_failsafe) view_.leader = failsafe_leader_;
  if (view_.leader != self_) leads_until_ = {};
  if (view_.leader.valid()) {
    note_leader(now);
  } else if (!away_since_) {
    away_since_ = now;
  }
}

void PatroniAgent::note_leader(TimePoint now) {
  if (last_leader_.valid() && last_leader_ != view_.leader) last_failover_ = now;
  last_leader_ = view_.leader;
  last_alive_ = view_.alive;
  away_since_.reset();
  is_approved_ = false;
  is_rejected_ = false;
  refused_ = none;
  reported_ = {};
}

void PatroniAgent::note_status(TimePoint now, const ServerStatus& status) {
  status_ = status;
  const bool is_running = is_in(ServerState::primary) || is_in(ServerState::standby);
  if (is_running) was_primary_ = is_in(ServerState::primary);
  if (is_running) starting_since_.reset();
  if (is_in(ServerState::starting) && !starting_since_) starting_since_ = now;
  if (is_in(ServerState::primary) || status.streaming) {
    rewind_failed_ = false;
    paged_ = none;
  }
}

// Whoever takes the key has done what was asked for, or made it pointless. In a pause a request
// that names somebody stays (ha.py, process_unhealthy_cluster).
void PatroniAgent::close_switchover() {
  if (!view_.switchover || (is_paused() && view_.switchover_to.valid())) return;
  view_.switchover = false;
  push({.kind = Kind::delete_switchover, .reason = lock_acquired, .member = self_});
}

// Which phase of an outage this member sees, if it sees one.
void PatroniAgent::note_phase() {
  if (holds_key()) {
    if (has_crashed()) enter_phase(FailoverPhase::detect, server_crashed);
    if (is_in(ServerState::primary)) phase_.reset();
  } else if (!view_.leader.valid()) {
    enter_phase(FailoverPhase::elect, leader_key_expired);
  } else if (status_.streaming) {
    phase_.reset();
  } else if (is_in(ServerState::standby) && status_.upstream == view_.leader) {
    enter_phase(FailoverPhase::lease, primary_unreachable);
  }
}

}  // namespace longhaul
