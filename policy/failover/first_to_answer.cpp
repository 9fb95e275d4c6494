#include "policy/failover/first_to_answer.h"

namespace longhaul {

using enum FirstState;
using enum FirstInput;
using Guard = FirstGuard;
using Order = FirstOrder;
using Why = FailoverReason;

const std::array<FirstRow, first_to_answer_row_count> first_to_answer_table{{
    {watching, missed, Guard::too_many, asking, Order::ask_all, Why::heartbeats_missed,
     "The primary has missed as many probes as `failures` asks for: all standbys are asked."},
    {watching, ordered, Guard::always, asking, Order::ask_all, Why::named_by_operator,
     "An operator orders a failover: all standbys are asked."},
    {watching, cannot_follow, Guard::always, watching, Order::page, Why::diverged,
     "A standby cannot follow the new primary, which it was ahead of: somebody has to rebuild it."},
    {watching, clients_moved, Guard::always, watching, Order::end, Why::routine,
     "The clients have been moved and connect again."},
    {watching, pause, Guard::always, paused, Order::nothing, Why::frozen,
     "An operator pauses failover."},
    {asking, standby_answered, Guard::always, promoting, Order::promote_it, Why::first_answer,
     "The first standby that answers is promoted; nobody compares positions."},
    {asking, time_is_up, Guard::always, watching, Order::give_up, Why::no_candidate,
     "No standby has answered within ask_timeout: the probes are counted from nought again."},
    {asking, pause, Guard::always, paused, Order::nothing, Why::frozen,
     "An operator pauses failover before anybody has answered."},
    {promoting, promoted, Guard::always, watching, Order::point_all, Why::first_answer,
     "It is promoted: clients are moved to it and the other standbys told to follow it."},
    {promoting, promotion_failed, Guard::always, asking, Order::ask_all, Why::operation_failed,
     "The promotion has failed: all standbys are asked again."},
    {promoting, time_is_up, Guard::always, asking, Order::ask_all, Why::is_unreachable,
     "Nothing has been heard of the promotion for promote_timeout: all standbys are asked again."},
    {paused, cannot_follow, Guard::always, paused, Order::page, Why::diverged,
     "A standby cannot follow the new primary: somebody has to rebuild it."},
    {paused, resume, Guard::always, watching, Order::nothing, Why::routine,
     "An operator resumes failover: the probes are counted from nought."},
}};

FirstToAnswer::FirstToAnswer(const FirstToAnswerConfig& config, std::span<const MemberInfo> members,
                             TimePoint now)
    : config_(config), roster_(members), probes_(config.probes, now) {
  primary_ = roster_.first_primary();
  CHECK(primary_.valid());
}

void FirstToAnswer::handle(TimePoint now, const FailoverEvent& event) {
  using Kind = FailoverEventKind;
  using Action = FailoverActionKind;
  if (state_ == watching && probes_.handle(now, event) == ProbeOutcome::missed) fire(now, missed);
  switch (event.kind) {
    case Kind::member_status:
      if (state_ != asking || event.number < asked_from_) break;
      if (event.status.server.state != ServerState::standby) break;
      answer_ = event;
      fire(now, standby_answered);
      break;
    case Kind::operation_done:
      if (event.action == Action::promote && event.number == order_number_) fire(now, promoted);
      if (event.action == Action::move_clients) fire(now, clients_moved);
      break;
    case Kind::operation_failed:
      if (event.action == Action::promote && event.number == order_number_) {
        fire(now, promotion_failed);
      }
      if (event.action == Action::start_standby) {
        answer_.member = event.member;
        fire(now, cannot_follow);
      }
      break;
    case Kind::command:
      if (event.command == OperatorCommand::failover) fire(now, ordered);
      if (event.command == OperatorCommand::pause) fire(now, pause);
      if (event.command == OperatorCommand::resume) fire(now, resume);
      break;
    default:
      break;
  }
}

void FirstToAnswer::on_timer(TimePoint now) {
  if (state_ == watching) {
    if (probes_.on_timer(now) == ProbeOutcome::missed) fire(now, missed);
    if (state_ == watching && probes_.is_due(now)) {
      probes_.sent(now,
                   actions_.push({.kind = FailoverActionKind::probe_server, .member = primary_}));
    }
  } else if (state_ != paused && now >= due_) {
    fire(now, time_is_up);
  }
}

std::optional<TimePoint> FirstToAnswer::next_deadline() const {
  if (state_ == paused) return std::nullopt;
  return state_ == watching ? probes_.next_deadline() : due_;
}

void FirstToAnswer::fire(TimePoint now, FirstInput input) {
  for (const FirstRow& row : first_to_answer_table) {
    if (row.from != state_ || row.input != input || !holds(row.guard)) continue;
    state_ = row.to;
    carry_out(now, row);
    if (state_ == watching && row.from != watching) probes_.restart(now + config_.probes.interval);
    return;
  }
}

bool FirstToAnswer::holds(FirstGuard guard) const {
  return guard == Guard::always || probes_.has_failed();
}

void FirstToAnswer::carry_out(TimePoint now, const FirstRow& row) {
  switch (row.order) {
    case Order::nothing:
      break;
    case Order::ask_all:
      actions_.push({.kind = FailoverActionKind::phase,
                     .reason = row.reason,
                     .member = primary_,
                     .phase = FailoverPhase::elect});
      ask_all(now);
      break;
    case Order::promote_it:
      actions_.push({.kind = FailoverActionKind::candidate,
                     .reason = row.reason,
                     .member = answer_.member,
                     .position = position_of(answer_.status.server),
                     .eligible = true,
                     .status = answer_.status});
      actions_.push({.kind = FailoverActionKind::phase,
                     .reason = row.reason,
                     .member = answer_.member,
                     .phase = FailoverPhase::promote});
      order_number_ = actions_.push(
          {.kind = FailoverActionKind::promote, .reason = row.reason, .member = answer_.member});
      due_ = now + config_.promote_timeout;
      break;
    case Order::point_all:
      point_all(now, row.reason);
      break;
    case Order::give_up:
      actions_.push({.kind = FailoverActionKind::refuse, .reason = row.reason});
      break;
    case Order::page:
      actions_.push({.kind = FailoverActionKind::page_operator,
                     .reason = row.reason,
                     .member = answer_.member});
      break;
    case Order::end:
      actions_.push({.kind = FailoverActionKind::phase,
                     .reason = row.reason,
                     .member = primary_,
                     .phase = FailoverPhase::reconnect});
      break;
  }
}

void FirstToAnswer::ask_all(TimePoint now) {
  asked_from_ = ~0u;  // nothing is an answer
  for_each_member(without(roster_.servers(), primary_), [&](MemberIndex member) {
    const std::uint32_t number =
        actions_.push({.kind = FailoverActionKind::probe_server, .member = member});
    if (number < asked_from_) asked_from_ = number;
  });
  due_ = now + config_.ask_timeout;
}

void FirstToAnswer::point_all(TimePoint now, FailoverReason reason) {
  const MemberIndex old = primary_;
  primary_ = answer_.member;
  probes_.restart(now + config_.probes.interval);
  actions_.push({.kind = FailoverActionKind::phase,
                 .reason = reason,
                 .member = primary_,
                 .phase = FailoverPhase::reroute});
  actions_.push({.kind = FailoverActionKind::move_clients, .reason = reason, .member = primary_});
  const MemberSet others = without(without(roster_.servers(), primary_), old);
  for_each_member(others, [&](MemberIndex member) {
    actions_.push({.kind = FailoverActionKind::start_standby,
                   .reason = reason,
                   .member = member,
                   .upstream = primary_});
  });
}

std::string_view to_text(FirstState state) {
  static constexpr std::string_view names[] = {"watching", "asking", "promoting", "paused"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_text(FirstInput input) {
  static constexpr std::string_view names[] = {
      "missed",        "standby_answered", "time_is_up", "promoted", "promotion_failed",
      "cannot_follow", "clients_moved",    "ordered",    "pause",    "resume"};
  return names[static_cast<std::size_t>(input)];
}

std::string_view to_text(FirstGuard guard) {
  return guard == Guard::always ? "always" : "too_many";
}

std::string_view to_text(FirstOrder order) {
  static constexpr std::string_view names[] = {"nothing", "ask_all", "promote_it", "point_all",
                                               "give_up", "page",    "end"};
  return names[static_cast<std::size_t>(order)];
}

}  // namespace longhaul
