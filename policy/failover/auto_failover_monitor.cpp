#include "policy/failover/auto_failover_monitor.h"

namespace longhaul {

using enum NodeState;
using enum MonitorInput;
using Guard = MonitorGuard;
using Order = MonitorOrder;
using Kind = FailoverActionKind;
using Why = FailoverReason;

AutoFailoverMonitor::AutoFailoverMonitor(const AutoFailoverConfig& config,
                                         std::span<const MemberInfo> members, TimePoint now)
    : config_(config), roster_(members), started_(now) {
  primary_ = roster_.first_primary();
  CHECK(primary_.valid());
  nodes_[primary_.value].goal = size_of(roster_.servers()) > 1 ? NodeState::primary : wait_primary;
  for (Node& node : nodes_) node.due = now;
}

void AutoFailoverMonitor::handle(TimePoint now, const FailoverEvent& event) {
  if (event.kind == FailoverEventKind::command) {
    handle_command(now, event);
    return;
  }
  if (!roster_.has(event.member)) return;
  Node& node = nodes_[event.member.value];
  const bool is_refusal = event.kind == FailoverEventKind::member_refused;
  if (event.kind == FailoverEventKind::member_status || is_refusal) {
    if (node.number == 0 || event.number != node.number) return;
    const ServerState seen = event.status.server.state;
    end_check(now, node,
              !is_refusal && (seen == ServerState::primary || seen == ServerState::standby));
    return;
  }
  if (event.kind != FailoverEventKind::node_report) return;
  node.reported = event.node_state;
  node.reported_at = now;
  node.status = event.status;
  if (event.member == primary_ && writes(primary_)) {
    for_each_member(standbys(), [&](MemberIndex standby) {
      if (is_unhealthy(now, standby)) fire(now, standby, MonitorInput::is_unhealthy);
    });
  }
  fire(now, event.member, reports);
  explain_refusal(now);
  answer(event.member, event.number);
}

void AutoFailoverMonitor::handle_command(TimePoint now, const FailoverEvent& event) {
  switch (event.command) {
    case OperatorCommand::pause:
      is_paused_ = true;
      return;
    case OperatorCommand::resume:
      is_paused_ = false;
      return;
    case OperatorCommand::switchover:
    case OperatorCommand::failover:
    case OperatorCommand::fail_back:
      break;
    default:
      return;
  }
  const bool is_free = writes(primary_) && !candidate_.valid();
  const MemberIndex to =
      event.command == OperatorCommand::fail_back ? roster_.first_primary() : event.member;
  if (!is_free || to == primary_) return;
  named_ = to;
  fire(now, primary_, switchover_ordered);
  if (!writes(primary_)) return;
  named_ = MemberIndex{};
  actions_.push({.kind = Kind::refuse,
                 .reason = is_paused_ ? Why::frozen : Why::no_candidate,
                 .member = event.member});
}

void AutoFailoverMonitor::on_timer(TimePoint now) {
  for_each_member(roster_.servers(), [&](MemberIndex member) {
    Node& node = nodes_[member.value];
    if (now < node.due) return;
    if (node.number != 0) {
      end_check(now, node, false);
    } else {
      node.number = actions_.push({.kind = Kind::probe_server, .member = member});
      node.due = now + config_.health_check_timeout;
    }
  });
}

std::optional<TimePoint> AutoFailoverMonitor::next_deadline() const {
  std::optional<TimePoint> first;
  for_each_member(roster_.servers(), [&](MemberIndex member) {
    const TimePoint due = nodes_[member.value].due;
    if (!first || due < *first) first = due;
  });
  return first;
}

// A check is bad when it and its retries have failed.
void AutoFailoverMonitor::end_check(TimePoint now, Node& node, bool is_good) {
  node.number = 0;
  node.attempts = is_good ? 0 : node.attempts + 1;
  const bool tries_again = !is_good && node.attempts <= config_.health_check_max_retries;
  if (!tries_again) {
    node.check_failed = !is_good;
    node.attempts = 0;
  }
  node.due = now + (tries_again ? config_.health_check_retry_delay : config_.health_check_period);
}

bool AutoFailoverMonitor::is_unhealthy(TimePoint now, MemberIndex member) const {
  const Node& node = nodes_[member.value];
  if (node.reported_at && node.status.server.state == ServerState::stopped) return true;
  const TimePoint heard = node.reported_at ? *node.reported_at : started_;
  return now - heard > config_.node_considered_unhealthy_timeout && node.check_failed &&
         now - started_ > config_.startup_grace_period;
}

bool AutoFailoverMonitor::writes(MemberIndex member) const {
  const NodeState goal = nodes_[member.value].goal;
  return goal == NodeState::primary || goal == wait_primary;
}

bool AutoFailoverMonitor::has_reported(MemberIndex member) const {
  const Node& node = nodes_[member.value];
  return node.goal == report_lsn && node.reported == report_lsn;
}

std::uint32_t AutoFailoverMonitor::sync_standbys() const {
  std::uint32_t voting = 0;  // in the replication quorum
  for_each_member(roster_.servers(), [&](MemberIndex member) {
    voting += roster_[member].may_be_synchronous ? 1 : 0;
  });
  const std::uint32_t usual = voting > 2 ? 1 : 0;
  return config_.number_sync_standbys ? static_cast<std::uint32_t>(*config_.number_sync_standbys)
                                      : usual;
}

std::int32_t AutoFailoverMonitor::priority_of(MemberIndex member) const {
  constexpr std::int32_t named = 1000;  // above all that can be configured
  return member == named_ ? named : roster_[member].priority;
}

bool AutoFailoverMonitor::has_successor(TimePoint now) const {
  if (is_paused_ || nodes_[primary_.value].reported != nodes_[primary_.value].goal) return false;
  bool has_one = false;
  for_each_member(standbys(), [&](MemberIndex member) {
    const Node& node = nodes_[member.value];
    const bool is_asked_for = !named_.valid() || member == named_;
    has_one |= is_asked_for && node.goal == secondary && node.reported == secondary &&
               !is_unhealthy(now, member) && priority_of(member) > 0 && !roster_[member].nofailover;
  });
  return has_one;
}

// By what both have last reported.
bool AutoFailoverMonitor::is_near(MemberIndex member, Bytes limit) const {
  const Lsn end = position_of(nodes_[primary_.value].status.server);
  const Lsn has = position_of(nodes_[member.value].status.server);
  return end.value <= has.value + static_cast<std::uint64_t>(limit.value);
}

MemberIndex AutoFailoverMonitor::most_advanced(MemberSet among) const {
  MemberIndex best;
  for_each_member(among, [&](MemberIndex member) {
    const Lsn has = position_of(nodes_[member.value].status.server);
    if (!best.valid() || has > position_of(nodes_[best.value].status.server)) best = member;
  });
  return best;
}

// What stands in the way of an election; none: nothing does.
FailoverReason AutoFailoverMonitor::obstacle(TimePoint now) const {
  std::uint32_t heard = 0;
  bool is_missing = false;
  MemberSet all = 0;
  for_each_member(standbys(), [&](MemberIndex member) {
    const bool counts = roster_[member].may_be_synchronous;
    if (has_reported(member)) {
      all |= set_of(member);
      heard += counts ? 1 : 0;
    } else {
      is_missing |= counts || !is_unhealthy(now, member);
    }
  });
  if (is_missing || heard < sync_standbys() + 1) return Why::reports_missing;
  if (!is_near(most_advanced(all), config_.promote_wal_log_threshold)) return Why::lags_too_much;
  const MemberIndex best = chosen(now);
  if (!best.valid()) return Why::no_candidate;
  return Why::none;
}

// Why a standby is not chosen, before they are compared.
FailoverReason AutoFailoverMonitor::verdict(TimePoint now, MemberIndex member) const {
  if (!has_reported(member)) return Why::reports_missing;
  if (is_unhealthy(now, member)) return Why::is_unreachable;
  if (roster_[member].nofailover) return Why::has_nofailover;
  if (priority_of(member) <= 0) return Why::priority_zero;
  return Why::none;
}

// Priority first, then position; none when it would have to fetch and nobody can give.
MemberIndex AutoFailoverMonitor::chosen(TimePoint now) const {
  MemberIndex best;
  MemberSet reporters = 0;
  MemberSet healthy = 0;
  for_each_member(standbys(), [&](MemberIndex member) {
    if (!has_reported(member)) return;
    reporters |= set_of(member);
    if (!is_unhealthy(now, member)) healthy |= set_of(member);
    if (verdict(now, member) != Why::none) return;
    const std::int32_t priority = priority_of(member);
    const Lsn has = position_of(nodes_[member.value].status.server);
    const bool wins =
        !best.valid() || priority > priority_of(best) ||
        (priority == priority_of(best) && has > position_of(nodes_[best.value].status.server));
    if (wins) best = member;
  });
  if (!best.valid()) return best;
  const Lsn most = position_of(nodes_[most_advanced(reporters).value].status.server);
  const Lsn given = position_of(nodes_[most_advanced(healthy).value].status.server);
  return given < most ? MemberIndex{} : best;
}

bool AutoFailoverMonitor::holds(TimePoint now, MemberIndex member, MonitorGuard guard) const {
  const Node& node = nodes_[member.value];
  const Node& current = nodes_[primary_.value];
  const bool is_open = !candidate_.valid() && !is_paused_ && member != primary_ &&
                       (is_unhealthy(now, primary_) || current.goal == draining);
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::alone_and_fit:
      return is_open && size_of(standbys()) == 1 && node.reported == secondary &&
             priority_of(member) > 0 && !roster_[member].nofailover && !is_unhealthy(now, member) &&
             is_near(member, config_.promote_wal_log_threshold);
    case Guard::primary_gone_many:
      return is_open && size_of(standbys()) > 1;
    case Guard::caught_up:
      return writes(primary_) && member != primary_ && node.reported == catchingup &&
             node.status.server.state == ServerState::standby && !node.check_failed &&
             node.status.server.timeline == current.status.server.timeline &&
             is_near(member, config_.enable_sync_wal_log_threshold);
    case Guard::has_new_primary:
      return member != primary_ && writes(primary_) &&
             (current.reported == NodeState::primary || current.reported == wait_primary) &&
             (node.reported == node.goal || node.reported == demoted);
    case Guard::is_chosen:
    case Guard::is_chosen_behind: {
      if (candidate_.valid() || writes(primary_) || obstacle(now) != Why::none ||
          chosen(now) != member)
        return false;
      const MemberIndex first = most_advanced(standbys());
      return guard == Guard::is_chosen ||
             position_of(nodes_[first.value].status.server) > position_of(node.status.server);
    }
    case Guard::is_converged:
      return node.reported == node.goal;
    case Guard::old_has_stopped:
      return node.reported == node.goal &&
             (current.reported == demote_timeout || current.reported == demoted);
    case Guard::drain_expired:
      return node.reported == node.goal && now - drains_since_ >= config_.primary_demote_timeout;
    case Guard::has_successor:
      return has_successor(now);
    case Guard::stands_alone:
    case Guard::has_secondary: {
      bool has_one = false;
      for_each_member(standbys(), [&](MemberIndex standby) {
        has_one |=
            nodes_[standby.value].goal == secondary && nodes_[standby.value].reported == secondary;
        has_one |= guard == Guard::stands_alone && nodes_[standby.value].goal == secondary;
      });
      return guard == Guard::has_secondary ? has_one : !has_one && sync_standbys() == 0;
    }
  }
  return false;
}

void AutoFailoverMonitor::fire(TimePoint now, MemberIndex member, MonitorInput input) {
  Node& node = nodes_[member.value];
  for (std::size_t i = 0; i < auto_failover_monitor_row_count; ++i) {
    const MonitorRow& row = auto_failover_monitor_table[i];
    if (row.from != node.goal || row.input != input || !holds(now, member, row.guard)) continue;
    rows_taken_.set(i);
    carry_out(now, member, row);
    node.goal = row.to;
    return;
  }
}

void AutoFailoverMonitor::carry_out(TimePoint now, MemberIndex member, const MonitorRow& row) {
  switch (row.order) {
    case Order::nothing:
      break;
    case Order::drain:
      refused_ = Why::none;
      candidate_ = member;
      enter_phase(FailoverPhase::elect, row.reason);
      announce(now, member, Why::only_candidate);
      fire(now, primary_, candidate_assigned);
      enter_phase(FailoverPhase::promote, row.reason);
      break;
    case Order::elect:
      if (nodes_[primary_.value].goal != draining) {
        enter_phase(FailoverPhase::elect, row.reason);
        fire(now, primary_, candidate_assigned);
      }
      break;
    case Order::prefer:
      refused_ = Why::none;
      candidate_ = member;
      source_ = most_advanced(standbys());
      announce(now, member, row.reason);
      enter_phase(FailoverPhase::promote, row.reason);
      break;
    case Order::wait_for_old:
      drains_since_ = now;
      fire(now, primary_, candidate_promoted);
      enter_phase(FailoverPhase::fence, row.reason);
      break;
    case Order::open:
      fire(now, primary_, candidate_opens);
      primary_ = member;
      candidate_ = source_ = named_ = MemberIndex{};
      enter_phase(FailoverPhase::reconnect, row.reason);
      break;
  }
}

void AutoFailoverMonitor::announce(TimePoint now, MemberIndex winner, FailoverReason reason) {
  for_each_member(standbys(), [&](MemberIndex member) {
    const Why why = verdict(now, member);
    const Node& node = nodes_[member.value];
    const bool is_lower = why == Why::none && priority_of(member) < priority_of(winner);
    const Why lost = is_lower ? Why::another_has_priority : Why::another_is_ahead;
    actions_.push({.kind = Kind::candidate,
                   .reason = member == winner   ? reason
                             : why != Why::none ? why
                                                : lost,
                   .member = member,
                   .position = position_of(node.status.server),
                   .eligible = member == winner || why == Why::none,
                   .status = node.status});
  });
}

// Says once why nobody is promoted while the primary is gone.
void AutoFailoverMonitor::explain_refusal(TimePoint now) {
  if (candidate_.valid()) return;
  const bool is_gone = is_unhealthy(now, primary_) || nodes_[primary_.value].goal == draining;
  if (!is_gone) {
    refused_ = Why::none;
    return;
  }
  Why why = Why::none;
  if (is_paused_) {
    why = Why::frozen;
  } else if (size_of(standbys()) == 1) {
    const MemberIndex only = most_advanced(standbys());
    if (nodes_[only.value].goal != secondary) {
      why = Why::no_candidate;
    } else if (!is_near(only, config_.promote_wal_log_threshold)) {
      why = Why::lags_too_much;
    }
  } else {
    why = obstacle(now);
  }
  if (why == Why::none || why == refused_) return;
  refused_ = why;
  actions_.push({.kind = Kind::refuse, .reason = why});
}

void AutoFailoverMonitor::answer(MemberIndex member, std::uint32_t number) {
  FailoverAction action{.kind = Kind::answer_node,
                        .reason = Why::goal_assigned,
                        .member = member,
                        .upstream = primary_,
                        .node_state = nodes_[member.value].goal,
                        .answers = number};
  if (action.node_state == fast_forward) action.upstream = source_;
  if (action.node_state == NodeState::primary) {
    for_each_member(standbys(), [&](MemberIndex standby) {
      const bool is_sync =
          nodes_[standby.value].goal == secondary && roster_[standby].may_be_synchronous;
      if (is_sync) action.members |= set_of(standby);
    });
    if (action.members != 0 || sync_standbys() > 0) {
      action.quorum = sync_standbys() > 1 ? sync_standbys() : 1;
    }
  }
  actions_.push(action);
}

void AutoFailoverMonitor::enter_phase(FailoverPhase phase, FailoverReason reason) {
  actions_.push({.kind = Kind::phase, .reason = reason, .member = candidate_, .phase = phase});
}

}  // namespace longhaul
