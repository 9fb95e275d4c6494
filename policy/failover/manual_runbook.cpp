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

ManualRunbook::ManualRunbook(const ManualRunbookConfig& config, std::span<const MemberInfo> members,
                             TimePoint now, std::uint64_t luck)
    : config_(config), roster_(members), alarm_(config.alarm, now), luck_(luck) {
  primary_ = home_ = roster_.first_primary();
  CHECK(primary_.valid());
}

void ManualRunbook::handle(TimePoint now, const FailoverEvent& event) {
  luck_.mix(event.luck);
  const ProbeOutcome beat = alarm_.handle(now, event);
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

void ManualRunbook::on_timer(TimePoint now) {
  if (alarm_.on_timer(now) == ProbeOutcome::missed && alarm_.has_failed()) fire(now, alarm);
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
      actions_.push({.kind = Kind::refuse, .reason = row.reason});
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

// Of those that answered as a standby; an operator's choice beats any position.
MemberIndex ManualRunbook::most_advanced(MemberSet among) const {
  MemberIndex best;
  for_each_member(among, [&](MemberIndex member) {
    const ServerStatus& server = round_.status(member).server;
    if (server.state != ServerState::standby || roster_[member].nofailover) return;
    if (named_.valid() && member != named_) return;
    const bool is_ahead =
        !best.valid() || position_of(server) > position_of(round_.status(best).server);
    if (is_ahead) best = member;
  });
  return best;
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
    const Why verdict = member == candidate_         ? why
                        : roster_[member].nofailover ? Why::has_nofailover
                        : is_eligible                ? Why::another_is_ahead
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
