#include "policy/failover/managed.h"

namespace longhaul {

using enum ManagedState;
using enum ManagedInput;
using Guard = ManagedGuard;
using Order = ManagedOrder;
using Kind = FailoverActionKind;
using Why = FailoverReason;

const std::array<ManagedRow, managed_row_count> managed_table{{
    {watching, alarm, Guard::by_itself, deciding, Order::decide, Why::health_check_failed,
     "The check has failed for its periods: a failover is decided on."},
    {watching, ordered, Guard::always, checking, Order::ask_all, Why::planned_switchover,
     "A customer orders a switchover or a failover."},
    {watching, pause, Guard::always, paused, Order::nothing, Why::frozen,
     "Failover is paused for maintenance."},
    {paused, resume, Guard::always, watching, Order::nothing, Why::routine,
     "Maintenance is over: the primary is watched again."},
    {deciding, primary_back, Guard::always, watching, Order::refuse, Why::primary_back,
     "The primary answers again before anything is decided."},
    {deciding, ordered, Guard::always, checking, Order::ask_all, Why::named_by_operator,
     "A customer orders the failover at once."},
    {deciding, time_is_up, Guard::always, checking, Order::ask_all, Why::health_check_failed,
     "The failover is decided on: the standbys are asked how far they are."},
    {checking, answers_in, Guard::has_nobody, checking, Order::wait, Why::no_candidate,
     "Nobody that may be promoted has answered: they are asked again in a while."},
    {checking, answers_in, Guard::always, operating, Order::begin, Why::most_advanced,
     "The most advanced is chosen and the operation begins with the old primary."},
    {checking, time_is_up, Guard::always, checking, Order::ask_all, Why::no_candidate,
     "The standbys are asked again."},
    {checking, primary_back, Guard::by_itself, watching, Order::refuse, Why::primary_back,
     "The primary answers again while nobody could be promoted."},
    {operating, time_is_up, Guard::still_stopping, operating, Order::wait, Why::routine,
     "The old primary has not stopped yet, and nothing may be lost: the operation waits."},
    {operating, time_is_up, Guard::always, promoting, Order::promote, Why::routine,
     "The operation comes to the promotion itself."},
    {promoting, done, Guard::always, moving, Order::nothing, Why::routine,
     "It is promoted; the endpoint comes next."},
    {promoting, failed, Guard::always, checking, Order::ask_all, Why::operation_failed,
     "The promotion has failed: the standbys are asked again."},
    {promoting, time_is_up, Guard::always, checking, Order::ask_all, Why::is_unreachable,
     "Nothing has been heard of the promotion for order_timeout: the standbys are asked again."},
    {moving, time_is_up, Guard::always, moving, Order::move, Why::routine,
     "The endpoint moves to the new primary."},
    {moving, done, Guard::always, watching, Order::finish, Why::routine,
     "The endpoint has moved: clients find the new primary."},
}};

ManagedService::ManagedService(const ManagedConfig& config, std::span<const MemberInfo> members,
                               TimePoint now, std::uint64_t luck)
    : config_(config), roster_(members), probes_(config.detection, now), luck_(luck) {
  primary_ = home_ = roster_.first_primary();
  CHECK(primary_.valid());
}

void ManagedService::handle(TimePoint now, const FailoverEvent& event) {
  luck_.mix(event.luck);
  const ProbeOutcome outcome = probes_.handle(now, event);
  if (outcome == ProbeOutcome::answered && !is_ordered_) fire(now, primary_back);
  if (outcome == ProbeOutcome::missed && probes_.has_failed()) fire(now, alarm);
  if (outcome != ProbeOutcome::none) return;
  switch (event.kind) {
    case FailoverEventKind::member_status:
    case FailoverEventKind::member_refused:
      if (state_ == checking && round_.handle(event) && round_.is_complete()) {
        fire(now, answers_in);
      }
      break;
    case FailoverEventKind::operation_done:
    case FailoverEventKind::operation_failed:
      if (event.number == stop_number_) is_stopping_ = false;
      if (event.number == number_) {
        fire(now, event.kind == FailoverEventKind::operation_done ? done : failed);
      }
      break;
    case FailoverEventKind::command:
      if (event.command == OperatorCommand::pause) fire(now, pause);
      if (event.command == OperatorCommand::resume) fire(now, resume);
      if (event.command == OperatorCommand::switchover ||
          event.command == OperatorCommand::failover ||
          event.command == OperatorCommand::fail_back) {
        if (state_ != watching && state_ != deciding) break;
        named_ = event.command == OperatorCommand::fail_back ? home_ : event.member;
        is_planned_ = event.command != OperatorCommand::failover;
        if (named_ == primary_) break;
        is_ordered_ = true;
        fire(now, ordered);
      }
      break;
    default:
      break;
  }
}

void ManagedService::on_timer(TimePoint now) {
  if (probes_.on_timer(now) == ProbeOutcome::missed && probes_.has_failed()) fire(now, alarm);
  if (probes_.is_due(now)) {
    probes_.sent(now, actions_.push({.kind = Kind::probe_server, .member = primary_}));
  }
  if (!due_ || now < *due_) return;
  due_.reset();
  const bool is_round = state_ == checking && round_.asked() != 0;
  fire(now, is_round ? answers_in : time_is_up);
}

std::optional<TimePoint> ManagedService::next_deadline() const {
  const TimePoint probe = probes_.next_deadline();
  return due_ && *due_ < probe ? *due_ : probe;
}

void ManagedService::fire(TimePoint now, ManagedInput input) {
  for (std::size_t i = 0; i < managed_row_count; ++i) {
    const ManagedRow& row = managed_table[i];
    if (row.from != state_ || row.input != input || !holds(row.guard)) continue;
    rows_taken_.set(i);
    state_ = row.to;
    due_.reset();
    carry_out(now, row);
    return;
  }
}

bool ManagedService::holds(ManagedGuard guard) const {
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::by_itself:
      return !config_.only_on_order && !is_planned_;
    case Guard::has_nobody:
      return !candidate().valid();
    case Guard::still_stopping:
      return is_stopping_;
  }
  return false;
}

bool ManagedService::may_be_promoted(MemberIndex member) const {
  if (named_.valid()) return member == named_;
  if (roster_[member].nofailover) return false;
  const bool is_near = roster_.same_region(member, primary_);
  return config_.candidates == ManagedCandidates::any ||
         is_near == (config_.candidates == ManagedCandidates::same_region);
}

MemberIndex ManagedService::candidate() const {
  MemberIndex best;
  for_each_member(round_.answered(), [&](MemberIndex member) {
    const ServerStatus& server = round_.status(member).server;
    if (server.state != ServerState::standby || !may_be_promoted(member)) return;
    const bool is_ahead =
        !best.valid() || position_of(server) > position_of(round_.status(best).server);
    if (is_ahead) best = member;
  });
  return best;
}

void ManagedService::carry_out(TimePoint now, const ManagedRow& row) {
  switch (row.order) {
    case Order::nothing:
      if (state_ != moving) break;
      old_ = primary_;
      primary_ = candidate_;
      probes_.restart(now + config_.detection.interval);
      enter_phase(FailoverPhase::reroute, row.reason);
      point_all();
      due_ = now + pick(config_.endpoint, luck_.next());
      break;
    case Order::decide:
      enter_phase(FailoverPhase::elect, row.reason);
      due_ = now + pick(config_.decide, luck_.next());
      break;
    case Order::ask_all:
      round_.begin();
      for_each_member(without(roster_.servers(), primary_), [&](MemberIndex member) {
        round_.ask(member, actions_.push({.kind = Kind::probe_server, .member = member}));
      });
      due_ = now + config_.detection.timeout;
      break;
    case Order::refuse:
      actions_.push({.kind = Kind::refuse, .reason = row.reason});
      probes_.restart(now + config_.detection.interval);
      break;
    case Order::wait:
      if (state_ == checking) {
        actions_.push({.kind = Kind::refuse, .reason = row.reason});
        round_.begin();
      }
      due_ = now + (state_ == checking ? config_.detection.interval : seconds(1));
      break;
    case Order::begin:
      candidate_ = candidate();
      announce();
      enter_phase(is_planned_ || config_.fences ? FailoverPhase::fence : FailoverPhase::promote,
                  row.reason);
      is_stopping_ = is_planned_;
      if (is_planned_) {
        stop_number_ = actions_.push({.kind = Kind::stop,
                                      .reason = Why::planned_switchover,
                                      .member = primary_,
                                      .stop_mode = StopMode::fast});
      } else if (config_.fences) {
        actions_.push(
            {.kind = Kind::fence, .reason = Why::primary_unreachable, .member = primary_});
      }
      due_ = now + pick(config_.operate, luck_.next());
      break;
    case Order::promote:
      enter_phase(FailoverPhase::promote, row.reason);
      number_ = actions_.push(
          {.kind = Kind::promote, .reason = Why::most_advanced, .member = candidate_});
      due_ = now + config_.order_timeout;
      break;
    case Order::move:
      number_ =
          actions_.push({.kind = Kind::move_clients, .reason = row.reason, .member = primary_});
      due_ = now + config_.order_timeout;
      break;
    case Order::finish:
      enter_phase(FailoverPhase::reconnect, row.reason);
      named_ = MemberIndex{};
      is_planned_ = is_ordered_ = false;
      break;
  }
}

void ManagedService::announce() {
  for_each_member(round_.answered(), [&](MemberIndex member) {
    const MemberStatus& status = round_.status(member);
    Why why = Why::another_is_ahead;
    if (status.server.state != ServerState::standby) why = Why::is_not_running;
    if (!may_be_promoted(member)) {
      why = named_.valid() ? Why::not_asked_for : Why::other_region_forbidden;
    }
    if (member == candidate_) why = named_.valid() ? Why::named_by_operator : Why::most_advanced;
    actions_.push({.kind = Kind::candidate,
                   .reason = why,
                   .member = member,
                   .position = position_of(status.server),
                   .eligible = member == candidate_ || why == Why::another_is_ahead,
                   .status = status});
  });
}

void ManagedService::point_all() {
  MemberSet others = without(roster_.servers(), primary_);
  if (!is_planned_) others = without(others, old_);
  for_each_member(others, [&](MemberIndex member) {
    actions_.push({.kind = Kind::start_standby, .member = member, .upstream = primary_});
  });
}

void ManagedService::enter_phase(FailoverPhase phase, FailoverReason reason) {
  actions_.push({.kind = Kind::phase, .reason = reason, .member = candidate_, .phase = phase});
}

std::string_view to_text(ManagedState state) {
  static constexpr std::string_view names[] = {"watching",  "deciding", "checking", "operating",
                                               "promoting", "moving",   "paused"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_text(ManagedInput input) {
  static constexpr std::string_view names[] = {"alarm",      "primary_back", "ordered",
                                               "time_is_up", "answers_in",   "done",
                                               "failed",     "pause",        "resume"};
  return names[static_cast<std::size_t>(input)];
}

std::string_view to_text(ManagedGuard guard) {
  static constexpr std::string_view names[] = {"always", "by_itself", "has_nobody",
                                               "still_stopping"};
  return names[static_cast<std::size_t>(guard)];
}

std::string_view to_text(ManagedOrder order) {
  static constexpr std::string_view names[] = {"nothing", "decide",  "ask_all", "refuse", "begin",
                                               "wait",    "promote", "move",    "finish"};
  return names[static_cast<std::size_t>(order)];
}

}  // namespace longhaul
