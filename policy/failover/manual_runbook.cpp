#include "policy/failover/manual_runbook.h"

namespace longhaul {

using enum RunbookState;
using enum RunbookInput;
using Guard = RunbookGuard;
using Order = RunbookOrder;
using Why = FailoverReason;

ManualRunbook::ManualRunbook(const ManualRunbookConfig& config, std::span<const MemberInfo> members,
                             TimePoint now, std::uint64_t luck, const FailoverGuards& guards)
    : config_(config),
      guards_(guards),
      now_(now),
      roster_(members),
      alarm_(config.alarm, now),
      luck_(luck) {
  primary_ = home_ = roster_.first_primary();
  CHECK(primary_.valid());
}

void ManualRunbook::handle(TimePoint now, const FailoverEvent& event) {
  luck_.mix(event.luck);
  now_ = now;
  const ProbeOutcome beat = alarm_.handle(now, event);
  note_beat(event, beat);
  if (beat == ProbeOutcome::answered) fire(now, primary_back);
  if (beat == ProbeOutcome::missed && alarm_.has_failed()) fire(now, alarm);
  if (event.kind == FailoverEventKind::command) {
    handle_command(now, event);
  } else if (beat == ProbeOutcome::none && world_due_) {
    handle_outcome(now, event);
  }
}

void ManualRunbook::handle_command(TimePoint now, const FailoverEvent& event) {
  switch (event.command) {
    case OperatorCommand::switchover:
    case OperatorCommand::failover:
    case OperatorCommand::fail_back: {
      const bool is_free =
          state_ == quiet || state_ == paged || state_ == deciding || state_ == verifying;
      const MemberIndex to = event.command == OperatorCommand::fail_back ? home_ : event.member;
      if (!is_free || to == primary_) break;
      named_ = to;
      is_planned_ = event.command != OperatorCommand::failover;
      is_ordered_ = true;
      fire(now, ordered);
      break;
    }
    case OperatorCommand::approve:
      fire(now, approved);
      break;
    case OperatorCommand::reject:
      fire(now, rejected);
      break;
    case OperatorCommand::pause:
      fire(now, pause);
      break;
    case OperatorCommand::resume:
      fire(now, resume);
      break;
  }
}

// What the world answers to the order of the present step.
void ManualRunbook::handle_outcome(TimePoint now, const FailoverEvent& event) {
  const bool is_done = event.kind == FailoverEventKind::operation_done;
  const bool has_failed = event.kind == FailoverEventKind::operation_failed;
  if (state_ == checking) {
    if (round_.handle(event) && round_.is_complete()) fire(now, done);
  } else if (state_ == repointing) {
    if (!(is_done || has_failed) || event.action != FailoverActionKind::start_standby) return;
    if (has_failed) {
      actions_.push({.kind = FailoverActionKind::page_operator,
                     .reason = Why::diverged,
                     .member = event.member});
    }
    to_point_ = without(to_point_, event.member);
    if (to_point_ == 0) fire(now, done);
  } else if (event.number == number_) {
    const bool answers = event.kind == FailoverEventKind::member_status &&
                         event.status.server.state == ServerState::primary;
    fire(now, is_done || answers ? done : failed);
  }
}

// What the alarm tells of the primary.
void ManualRunbook::note_beat(const FailoverEvent& event, ProbeOutcome beat) {
  if (beat == ProbeOutcome::missed && !away_since_) away_since_ = now_;
  if (beat != ProbeOutcome::answered) return;
  away_since_.reset();
  primary_position_ = position_of(event.status.server);
}

void ManualRunbook::on_timer(TimePoint now) {
  now_ = now;
  const ProbeOutcome beat = alarm_.on_timer(now);
  note_beat({}, beat);
  if (beat == ProbeOutcome::missed && alarm_.has_failed()) fire(now, alarm);
  if (alarm_.is_due(now)) {
    alarm_.sent(now, actions_.push({.kind = FailoverActionKind::probe_server, .member = primary_}));
  }
  if (person_due_ && now >= *person_due_) {
    person_due_.reset();
    fire(now, person_ready);
  } else if (world_due_ && now >= *world_due_) {
    const bool goes_on = state_ == checking || state_ == repointing;
    fire(now, goes_on ? done : failed);
  }
}

std::optional<TimePoint> ManualRunbook::next_deadline() const {
  TimePoint first = alarm_.next_deadline();
  if (person_due_ && *person_due_ < first) first = *person_due_;
  if (world_due_ && *world_due_ < first) first = *world_due_;
  return first;
}

void ManualRunbook::fire(TimePoint now, RunbookInput input) {
  for (const RunbookRow& row : manual_runbook_table) {
    if (row.from != state_ || row.input != input || !holds(row.guard)) continue;
    if (row.from != row.to) attempts_ = 0;
    state_ = row.to;
    person_due_.reset();
    world_due_.reset();
    carry_out(now, row);
    return;
  }
}

bool ManualRunbook::holds(RunbookGuard guard) {
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::slips:
      return luck_.happens(config_.step_fails);
    case Guard::abandons:
      return config_.abandons_when_back && !is_ordered_;
    case Guard::needs_approval:
      return config_.needs_approval;
    case Guard::has_nobody:
      return !most_advanced(round_.answered()).valid();
    case Guard::stops_old:
      return config_.fences || is_planned_;
    case Guard::may_retry:
      return attempts_ < config_.fence_attempts;
  }
  return false;
}

void ManualRunbook::carry_out(TimePoint now, const RunbookRow& row) {
  using Kind = FailoverActionKind;
  switch (row.order) {
    case Order::nothing:
      break;
    case Order::page:
      actions_.push({.kind = Kind::page_operator, .reason = row.reason, .member = primary_});
      begin_step(now, row.reason);
      break;
    case Order::begin:
      begin_step(now, row.reason);
      break;
    case Order::ask_all:
      ask_all();
      await_world(now, config_.ask_timeout);
      break;
    case Order::refuse:
      refuse(row.reason);
      begin_step(now, row.reason);
      break;
    case Order::choose:
      choose(row.reason);
      begin_step(now, row.reason);
      break;
    case Order::stop_old:
      attempts_ += 1;
      number_ =
          actions_.push({.kind = is_planned_ ? Kind::stop : Kind::fence,
                         .reason = is_planned_ ? Why::planned_switchover : Why::primary_unreachable,
                         .member = primary_,
                         .stop_mode = StopMode::fast});
      await_world(now, config_.operation_timeout);
      break;
    case Order::promote:
      number_ = actions_.push(
          {.kind = Kind::promote, .reason = Why::most_advanced, .member = candidate_});
      await_world(now, config_.operation_timeout);
      break;
    case Order::take_over:
      old_primary_ = primary_;
      primary_ = candidate_;
      away_since_.reset();
      last_failover_ = now;
      alarm_.restart(now + config_.alarm.interval);
      begin_step(now, row.reason);
      break;
    case Order::point_all:
      point_all(row.reason);
      await_world(now, to_point_ == 0 ? Duration{0} : config_.operation_timeout);
      break;
    case Order::move:
      number_ =
          actions_.push({.kind = Kind::move_clients, .reason = row.reason, .member = candidate_});
      await_world(now, config_.operation_timeout);
      break;
    case Order::probe_new:
      number_ = actions_.push({.kind = Kind::probe_server, .member = candidate_});
      await_world(now, config_.ask_timeout);
      break;
    case Order::give_up:
      actions_.push({.kind = Kind::refuse, .reason = row.reason});
      finish(now);
      break;
    case Order::finish:
      actions_.push({.kind = Kind::phase,
                     .reason = row.reason,
                     .member = candidate_,
                     .phase = FailoverPhase::reconnect});
      finish(now);
      break;
  }
}

const DurationRange* ManualRunbook::step() const {
  switch (state_) {
    case paged:
      return &config_.acknowledge;
    case deciding:
      return &config_.decide;
    case awaiting_approval:
      return &config_.approval;
    case checking:
      return &config_.check;
    case fencing:
      return &config_.fence;
    case promoting:
      return &config_.promote;
    case repointing:
      return &config_.repoint;
    case moving:
      return &config_.move_clients;
    case verifying:
      return &config_.verify;
    case quiet:
    case frozen:
      break;
  }
  return nullptr;
}

FailoverPhase ManualRunbook::phase() const {
  switch (state_) {
    case deciding:
    case awaiting_approval:
    case checking:
      return FailoverPhase::elect;
    case fencing:
      return FailoverPhase::fence;
    case promoting:
      return FailoverPhase::promote;
    case repointing:
    case moving:
      return FailoverPhase::reroute;
    case verifying:
      return FailoverPhase::reconnect;
    default:
      return FailoverPhase::detect;
  }
}

// The person begins the step of this state, maybe anew.
void ManualRunbook::begin_step(TimePoint now, FailoverReason reason) {
  if (phase_ != phase()) {
    phase_ = phase();
    actions_.push({.kind = FailoverActionKind::phase,
                   .reason = reason,
                   .member = candidate_,
                   .phase = *phase_});
  }
  person_due_ = now + pick(*step(), luck_.next());
}

void ManualRunbook::await_world(TimePoint now, Duration limit) { world_due_ = now + limit; }

void ManualRunbook::ask_all() {
  round_.begin();
  for_each_member(without(roster_.servers(), primary_), [&](MemberIndex member) {
    round_.ask(member, actions_.push({.kind = FailoverActionKind::probe_server, .member = member}));
  });
}

// An operator's choice beats any guard.
FailoverReason ManualRunbook::objection_to(MemberIndex member) const {
  if (is_ordered_) return Why::none;
  const GuardView view{.now = now_,
                       .primary = primary_,
                       .primary_position = primary_position_,
                       .away_since = away_since_,
                       .last_failover = last_failover_};
  return objection(guards_, roster_.members(), view, member,
                   position_of(round_.status(member).server));
}

bool ManualRunbook::is_better(MemberIndex member, MemberIndex best) const {
  const bool is_near = roster_.same_region(member, primary_);
  const bool region_decides =
      guards_.same_region_first && is_near != roster_.same_region(best, primary_);
  return region_decides
             ? is_near
             : position_of(round_.status(member).server) > position_of(round_.status(best).server);
}

// Of those that answered as a standby; an operator's choice beats any position.
MemberIndex ManualRunbook::most_advanced(MemberSet among) const {
  MemberIndex best;
  for_each_member(among, [&](MemberIndex member) {
    const ServerStatus& server = round_.status(member).server;
    if (server.state != ServerState::standby || roster_[member].nofailover) return;
    if (named_.valid() && member != named_) return;
    if (objection_to(member) != Why::none) return;
    if (!best.valid() || is_better(member, best)) best = member;
  });
  return best;
}

// Nobody may be promoted: by the word of a guard, if one stands in the way of somebody.
void ManualRunbook::refuse(FailoverReason reason) {
  for_each_member(round_.answered(), [&](MemberIndex member) {
    const Why why = objection_to(member);
    const bool could = round_.status(member).server.state == ServerState::standby;
    if (could && why != Why::none) reason = why;
  });
  actions_.push({.kind = FailoverActionKind::refuse, .reason = reason});
}

void ManualRunbook::choose(FailoverReason reason) {
  const MemberIndex best = most_advanced(round_.answered());
  MemberSet rest = without(round_.answered(), best);
  for_each_member(rest, [&](MemberIndex member) {
    const bool is_eligible = most_advanced(set_of(member)).valid();
    if (!is_eligible) rest = without(rest, member);
  });
  candidate_ = best;
  Why why = named_.valid() ? Why::named_by_operator : reason;
  if (rest != 0 && !named_.valid() && luck_.happens(config_.wrong_candidate)) {
    std::uint64_t skip = luck_.next() % size_of(rest);
    for_each_member(rest, [&](MemberIndex member) {
      if (skip-- == 0) candidate_ = member;
    });
    why = Why::operator_mistaken;
  }
  for_each_member(round_.answered(), [&](MemberIndex member) {
    const MemberStatus& status = round_.status(member);
    const bool is_eligible = most_advanced(set_of(member)).valid();
    const Why verdict = member == candidate_                ? why
                        : roster_[member].nofailover        ? Why::has_nofailover
                        : is_eligible                       ? Why::another_is_ahead
                        : objection_to(member) != Why::none ? objection_to(member)
                                                            : Why::is_not_running;
    actions_.push({.kind = FailoverActionKind::candidate,
                   .reason = named_.valid() && member != named_ ? Why::not_asked_for : verdict,
                   .member = member,
                   .position = position_of(status.server),
                   .eligible = is_eligible,
                   .status = status});
  });
}

void ManualRunbook::point_all(FailoverReason reason) {
  to_point_ = without(roster_.servers(), primary_);
  if (!is_planned_) to_point_ = without(to_point_, old_primary_);
  for_each_member(to_point_, [&](MemberIndex member) {
    actions_.push({.kind = FailoverActionKind::start_standby,
                   .reason = reason,
                   .member = member,
                   .upstream = primary_});
  });
}

void ManualRunbook::finish(TimePoint now) {
  alarm_.restart(now + config_.alarm.interval);
  phase_.reset();
  named_ = MemberIndex{};
  candidate_ = MemberIndex{};
  is_planned_ = is_ordered_ = false;
}

}  // namespace longhaul
