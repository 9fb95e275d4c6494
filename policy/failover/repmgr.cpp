#include "policy/failover/repmgr.h"

namespace longhaul {

using enum RepmgrState;
using enum RepmgrInput;
using Guard = RepmgrGuard;
using Order = RepmgrOrder;
using Kind = FailoverActionKind;
using Why = FailoverReason;

constexpr Duration shutdown_check_timeout = seconds(60);  // repmgr configdata.c

Repmgr::Repmgr(const RepmgrConfig& config, MemberIndex self, std::span<const MemberInfo> members,
               TimePoint now)
    : config_(config), roster_(members), self_(self), due_(now) {
  primary_ = roster_.first_primary();
  CHECK(primary_.valid() && roster_.has(self));
  if (primary_ == self_) state_ = leading;
}

void Repmgr::handle(TimePoint now, const FailoverEvent& event) {
  switch (event.kind) {
    case FailoverEventKind::server_status:
      if (event.number != number_) break;
      number_ = 0;
      own_ = event.status.server;
      if (state_ == electing || state_ == comparing) fire(now, own_server_seen);
      if (state_ == leading && own_.state == ServerState::standby && own_.upstream.valid()) {
        primary_ = own_.upstream;
        fire(now, demoted_by_hand);
      }
      break;
    case FailoverEventKind::member_status:
    case FailoverEventKind::member_refused:
      if (state_ == electing) {
        handle_sibling(now, event);
      } else {
        handle_answer(now, event);
      }
      break;
    case FailoverEventKind::told_primary:
      if (event.member == self_ || event.member == primary_) break;
      next_primary_ = event.member;
      fire(now, told_primary);
      break;
    case FailoverEventKind::operation_done:
      if (event.number != number_) break;
      if (state_ == handing_over) stopped_at_ = position_of(event.status.server);
      fire(now, done);
      break;
    case FailoverEventKind::operation_failed:
      if (event.number == number_) fire(now, failed);
      break;
    case FailoverEventKind::command:
      handle_command(now, event);
      break;
    default:
      break;
  }
}

void Repmgr::handle_command(TimePoint now, const FailoverEvent& event) {
  switch (event.command) {
    case OperatorCommand::pause:
      is_paused_ = true;
      break;
    case OperatorCommand::resume:
      is_paused_ = false;
      break;
    case OperatorCommand::switchover:
    case OperatorCommand::fail_back:
      if (!roster_[self_].is_witness) fire(now, switchover_ordered);
      break;
    case OperatorCommand::failover:
      if (!roster_[self_].is_witness) fire(now, promotion_ordered);
      break;
    default:
      break;
  }
}

// An answer of the primary, or in degraded mode of anybody.
void Repmgr::handle_answer(TimePoint now, const FailoverEvent& event) {
  const bool is_refusal = event.kind == FailoverEventKind::member_refused;
  const ServerState seen = event.status.server.state;
  if (state_ == degraded) {
    if (is_refusal || number_ == 0 || event.number < number_ || seen != ServerState::primary) {
      return;
    }
    if (event.member == primary_) {
      primary_seen_ = now;
      fire(now, primary_answers);
    } else if (!roster_[event.member].is_witness) {
      next_primary_ = event.member;
      fire(now, told_primary);
    }
    return;
  }
  if (number_ == 0 || event.number != number_) return;
  number_ = 0;
  const bool is_alive =
      !is_refusal && (seen == ServerState::primary || seen == ServerState::standby);
  if (!is_alive) {
    fire(now, primary_missed);
    return;
  }
  primary_seen_ = now;
  const TimePoint regular = sent_at_ + config_.monitor_interval;
  due_ = regular > now ? regular : now;
  fire(now, primary_answers);
}

void Repmgr::handle_sibling(TimePoint now, const FailoverEvent& event) {
  if (event.member != asked_ || (event.number != number_ && event.number != daemon_number_)) {
    return;
  }
  Sibling& sibling = answers_[asked_.value];
  const bool answers = event.kind == FailoverEventKind::member_status;
  if (event.number == number_) {
    number_ = 0;
    sibling.is_visible = answers;
    if (answers) sibling.status.server = event.status.server;
  } else {
    daemon_number_ = 0;
    sibling.has_daemon = answers;
    if (answers) {
      sibling.status.priority = event.status.priority;
      sibling.status.primary_seen = event.status.primary_seen;
    }
  }
  if (number_ == 0 && daemon_number_ == 0) fire(now, sibling_asked);
}

void Repmgr::on_timer(TimePoint now) {
  if (!due_ || now < *due_) return;
  switch (state_) {
    case monitoring:
    case reconnecting:
      if (number_ == 0) {
        check(now);
      } else {
        number_ = 0;
        fire(now, primary_missed);
      }
      break;
    case electing:
      if (asked_.valid()) {
        number_ = daemon_number_ = 0;
        fire(now, sibling_asked);
      } else {  // its own server has not answered
        number_ = 0;
        own_ = ServerStatus{};
        fire(now, own_server_seen);
      }
      break;
    case comparing:
      number_ = 0;
      own_ = ServerStatus{};
      fire(now, own_server_seen);
      break;
    case promoting:
    case handing_over:
    case awaiting_notification:
      fire(now, time_is_up);
      break;
    case following:
      fire(now, roster_[self_].is_witness ? done : failed);
      break;
    case degraded:
      scan(now);
      break;
    case leading:
      number_ = actions_.push({.kind = Kind::check_server});
      due_ = now + config_.monitor_interval;
      break;
  }
}

MemberStatus Repmgr::describe(TimePoint now, const ServerStatus& server) const {
  MemberStatus status;
  status.server = server;
  status.priority = roster_[self_].priority;
  status.nofailover = roster_[self_].nofailover || !config_.automatic;
  if (primary_seen_) status.primary_seen = now - *primary_seen_;
  return status;
}

void Repmgr::fire(TimePoint now, RepmgrInput input) {
  for (std::size_t i = 0; i < repmgr_row_count; ++i) {
    const RepmgrRow& row = repmgr_table[i];
    if (row.from != state_ || row.input != input) continue;
    if (row.input == primary_missed && state_ == reconnecting &&
        row.guard == Guard::attempts_left) {
      attempts_ += 1;
    }
    if (!holds(row.guard)) continue;
    rows_taken_.set(i);
    state_ = row.to;
    carry_out(now, row);
    return;
  }
}

bool Repmgr::in_location(MemberIndex member) const {
  const MemberInfo& info = roster_[member];
  const MemberInfo& primary = roster_[primary_];
  switch (config_.location) {
    case RepmgrLocation::single:
      return true;
    case RepmgrLocation::region:
      return info.region == primary.region;
    case RepmgrLocation::zone:
      return info.region == primary.region && info.zone == primary.zone;
  }
  return false;
}

// Whether the sibling could win.
bool Repmgr::competes(MemberIndex member) const {
  const Sibling& sibling = answers_[member.value];
  return sibling.is_visible && sibling.has_daemon && !roster_[member].is_witness &&
         sibling.status.priority > 0;
}

bool Repmgr::loses_by(RepmgrGuard guard) const {
  bool loses = false;
  const std::int32_t priority = roster_[self_].priority;
  for_each_member(siblings_, [&](MemberIndex member) {
    if (!competes(member)) return;
    const MemberStatus& other = answers_[member.value].status;
    const bool is_equal = other.server.received == own_.received;
    if (guard == Guard::is_behind) loses |= other.server.received > own_.received;
    if (guard == Guard::lower_priority) loses |= is_equal && other.priority > priority;
    if (guard == Guard::higher_number) {
      loses |= is_equal && other.priority == priority && member < self_;
    }
  });
  return loses;
}

bool Repmgr::holds(RepmgrGuard guard) const {
  const MemberInfo& self = roster_[self_];
  bool found = false;
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::attempts_left:
      return attempts_ < config_.reconnect_attempts;
    case Guard::is_paused:
      return is_paused_;
    case Guard::is_witness:
      return self.is_witness;
    case Guard::is_manual:
      return !config_.automatic || self.nofailover;
    case Guard::no_priority:
      return self.priority <= 0;
    case Guard::lacks_log:
      return own_.state != ServerState::standby || own_.received < stopped_at_;
    case Guard::not_running:
      return own_.state != ServerState::standby;
    case Guard::alone_near:
      return siblings_ == 0 && in_location(self_);
    case Guard::alone:
      return siblings_ == 0;
    case Guard::sibling_leads: {
      const Sibling& sibling = answers_[asked_.value];
      return sibling.is_visible && sibling.has_daemon && !roster_[asked_].is_witness &&
             sibling.status.server.state == ServerState::primary;
    }
    case Guard::siblings_left:
      return to_ask_ != 0;
    case Guard::location_not_seen:
      found = in_location(self_);
      for_each_member(siblings_, [&](MemberIndex member) {
        found |= answers_[member.value].is_visible && in_location(member);
      });
      return !found;
    case Guard::still_visible:
      for_each_member(siblings_, [&](MemberIndex member) {
        const Sibling& sibling = answers_[member.value];
        found |= sibling.has_daemon && sibling.status.primary_seen &&
                 *sibling.status.primary_seen < config_.monitor_interval * 2;
      });
      return config_.primary_visibility_consensus && found;
    case Guard::no_majority: {
      std::uint32_t visible = 1;
      for_each_member(siblings_, [&](MemberIndex member) {
        visible += answers_[member.value].is_visible ? 1 : 0;
      });
      return 2 * visible <= size_of(siblings_) + 1;
    }
    case Guard::is_behind:
    case Guard::lower_priority:
    case Guard::higher_number:
      return loses_by(guard);
  }
  return false;
}

void Repmgr::carry_out(TimePoint now, const RepmgrRow& row) {
  const bool ends_election = row.from == electing && row.to != electing && row.to != following;
  if (ends_election) announce(row.reason, row.to == promoting);
  if (ends_election && row.to != promoting) {
    actions_.push({.kind = Kind::refuse, .reason = row.reason, .member = self_});
  }
  switch (row.order) {
    case Order::nothing:
      due_ = now + config_.reconnect_interval;
      break;
    case Order::try_again:
      attempts_ = 0;
      check(now);
      break;
    case Order::look_at_self:
      enter_phase(FailoverPhase::elect, row.reason);
      siblings_ = 0;
      for (std::uint32_t i = 0; i < roster_.size(); ++i) siblings_ |= set_of(MemberIndex{i});
      siblings_ = to_ask_ = without(without(siblings_, self_), primary_);
      answers_ = {};
      asked_ = MemberIndex{};
      number_ = actions_.push({.kind = Kind::check_server});
      due_ = now + config_.connect_timeout;
      break;
    case Order::ask_next:
      ask_next(now);
      break;
    case Order::promote:
      enter_phase(FailoverPhase::promote, row.reason);
      number_ = actions_.push({.kind = Kind::promote, .reason = row.reason, .member = self_});
      due_ = now + config_.promote_check_timeout;
      break;
    case Order::await_word:
      number_ = 0;
      due_ = now + config_.primary_notification_timeout;
      break;
    case Order::follow:
      if (row.input == sibling_asked) next_primary_ = asked_;
      primary_ = next_primary_;
      due_ = now;  // a witness has no server that would have to follow
      if (roster_[self_].is_witness) break;
      number_ = actions_.push({.kind = Kind::start_standby,
                               .reason = row.reason,
                               .member = self_,
                               .upstream = next_primary_});
      due_ = now + config_.promote_check_timeout;
      break;
    case Order::stop_old:
      enter_phase(FailoverPhase::fence, row.reason);
      number_ = actions_.push({.kind = Kind::stop,
                               .reason = row.reason,
                               .member = primary_,
                               .stop_mode = StopMode::fast});
      due_ = now + shutdown_check_timeout;
      break;
    case Order::compare:
      is_handed_over_ = true;
      siblings_ = without(without(roster_.servers(), self_), primary_);
      number_ = actions_.push({.kind = Kind::check_server});
      due_ = now + config_.connect_timeout;
      break;
    case Order::refuse:
      actions_.push({.kind = Kind::refuse, .reason = row.reason, .member = self_});
      break;
    case Order::notify:
      if (is_handed_over_) {
        actions_.push({.kind = Kind::start_standby,
                       .reason = Why::old_primary_returns,
                       .member = primary_,
                       .upstream = self_});
      }
      is_handed_over_ = false;
      primary_ = self_;
      enter_phase(FailoverPhase::reroute, row.reason);
      if (config_.moves_clients) {
        actions_.push({.kind = Kind::move_clients, .reason = row.reason, .member = self_});
      }
      for_each_member(siblings_, [&](MemberIndex member) {
        actions_.push(
            {.kind = Kind::tell_member, .reason = row.reason, .member = member, .upstream = self_});
      });
      enter_phase(FailoverPhase::reconnect, row.reason);
      number_ = 0;
      due_ = now + config_.monitor_interval;
      break;
    case Order::page:
      actions_.push({.kind = Kind::page_operator, .reason = row.reason, .member = self_});
      number_ = 0;
      due_ = now + config_.monitor_interval;
      break;
    case Order::go_on:
      number_ = 0;
      due_ = now + config_.monitor_interval;
      break;
  }
}

void Repmgr::check(TimePoint now) {
  number_ = actions_.push({.kind = Kind::probe_server, .member = primary_});
  sent_at_ = now;
  due_ = now + config_.connect_timeout;
}

void Repmgr::ask_next(TimePoint now) {
  std::uint32_t next = 0;
  while (!contains(to_ask_, MemberIndex{next})) next += 1;
  asked_ = MemberIndex{next};
  to_ask_ = without(to_ask_, asked_);
  number_ = actions_.push({.kind = Kind::probe_server, .member = asked_});
  daemon_number_ = actions_.push({.kind = Kind::poll_member, .member = asked_});
  due_ = now + config_.connect_timeout;
}

// Degraded: is there a primary anywhere?
void Repmgr::scan(TimePoint now) {
  number_ = 0;
  for_each_member(without(roster_.servers(), self_), [&](MemberIndex member) {
    const std::uint32_t number = actions_.push({.kind = Kind::probe_server, .member = member});
    if (number_ == 0) number_ = number;
  });
  const bool is_slow = config_.connect_timeout > config_.monitor_interval;
  due_ = now + (is_slow ? config_.connect_timeout : config_.monitor_interval);
}

// The verdict on everybody that was looked at, as this daemon sees it.
void Repmgr::announce(FailoverReason reason, bool wins) {
  actions_.push({.kind = Kind::candidate,
                 .reason = reason,
                 .member = self_,
                 .position = own_.received,
                 .eligible = wins,
                 .status = describe(sent_at_, own_)});
  for_each_member(static_cast<MemberSet>(siblings_ & ~to_ask_), [&](MemberIndex member) {
    const Sibling& sibling = answers_[member.value];
    if (roster_[member].is_witness) return;
    const FailoverReason verdict = !sibling.is_visible   ? FailoverReason::is_unreachable
                                   : !sibling.has_daemon ? FailoverReason::is_not_running
                                   : !competes(member)   ? FailoverReason::priority_zero
                                                         : FailoverReason::none;
    actions_.push({.kind = Kind::candidate,
                   .reason = verdict,
                   .member = member,
                   .position = sibling.status.server.received,
                   .eligible = competes(member),
                   .status = sibling.status});
  });
}

void Repmgr::enter_phase(FailoverPhase phase, FailoverReason reason) {
  actions_.push({.kind = Kind::phase, .reason = reason, .member = self_, .phase = phase});
}

}  // namespace longhaul
