#include "policy/failover/consensus.h"

namespace longhaul {

using enum VoterState;
using enum VoterInput;
using Guard = VoterGuard;
using Order = VoterOrder;
using Kind = FailoverActionKind;
using Why = FailoverReason;

const std::array<VoterRow, consensus_row_count> consensus_table{{
    {watching, polled, Guard::other_leads, watching, Order::adopt, Why::new_primary_seen,
     "A primary on a higher timeline is seen: that one is watched from now on."},
    {watching, polled, Guard::primary_alive, watching, Order::calm, Why::routine,
     "The primary answers: whatever was held against it is forgotten."},
    {watching, polled, Guard::too_few, watching, Order::nothing, Why::primary_unreachable,
     "The primary has missed a poll, but not yet as many as it takes."},
    {watching, polled, Guard::no_majority, watching, Order::refuse, Why::votes_missing,
     "No majority of all voters says that the primary is dead."},
    {watching, polled, Guard::another_acts, watching, Order::refuse, Why::another_voter_acts,
     "A voter with a lower number is seen: it acts for the group."},
    {watching, polled, Guard::blocked, watching, Order::refuse, Why::in_cool_down,
     "The last recovery was within recovery_period_block."},
    {watching, polled, Guard::nobody, watching, Order::refuse, Why::no_candidate,
     "Nobody that is reached may be promoted."},
    {watching, polled, Guard::always, promoting, Order::promote, Why::most_advanced,
     "A majority says that the primary is dead: the most advanced standby reached is promoted."},
    {watching, clients_moved, Guard::always, watching, Order::end, Why::routine,
     "The clients have been moved and connect again."},
    {promoting, done, Guard::always, watching, Order::point_all, Why::routine,
     "It is promoted: standbys that are reached follow it, and clients are moved."},
    {promoting, failed, Guard::always, watching, Order::page, Why::operation_failed,
     "The promotion has failed: somebody has to look."},
    {promoting, time_is_up, Guard::always, watching, Order::page, Why::is_unreachable,
     "Nothing has been heard of the promotion for promote_timeout: somebody has to look."},
}};

ConsensusVoter::ConsensusVoter(const ConsensusConfig& config, const FailoverGuards& guards,
                               VoterIndex self, std::uint32_t voters,
                               std::span<const MemberInfo> members, TimePoint now)
    : config_(config),
      guards_(guards),
      self_(self),
      voters_(voters),
      roster_(members),
      poll_due_(now),
      vote_due_(now),
      is_frozen_(guards.frozen) {
  CHECK(voters <= voters_max && self.value < voters);
  primary_ = roster_.first_primary();
  CHECK(primary_.valid());
}

void ConsensusVoter::handle(TimePoint now, const FailoverEvent& event) {
  switch (event.kind) {
    case FailoverEventKind::member_status:
    case FailoverEventKind::member_refused:
      if (is_polling_ && round_.handle(event) && round_.is_complete()) end_round(now);
      break;
    case FailoverEventKind::voter_status:
      if (event.voter.value < voters_) votes_[event.voter.value] = {now, event.primary_is_dead};
      break;
    case FailoverEventKind::operation_done:
      if (event.action == Kind::promote && event.number == number_) fire(now, done);
      if (event.action == Kind::move_clients) fire(now, clients_moved);
      break;
    case FailoverEventKind::operation_failed:
      if (event.action == Kind::promote && event.number == number_) fire(now, failed);
      if (event.action == Kind::start_standby) {
        actions_.push(
            {.kind = Kind::page_operator, .reason = Why::diverged, .member = event.member});
      }
      break;
    case FailoverEventKind::command:
      if (event.command == OperatorCommand::pause) is_frozen_ = true;
      if (event.command == OperatorCommand::resume) is_frozen_ = false;
      if (event.command == OperatorCommand::approve) is_approved_ = true;
      if (event.command == OperatorCommand::reject) is_rejected_ = true;
      break;
    default:
      break;
  }
}

void ConsensusVoter::on_timer(TimePoint now) {
  if (now >= vote_due_) {
    vote_due_ = now + config_.vote_interval;
    for (std::uint32_t i = 0; i < voters_; ++i) {
      if (i != self_.value) actions_.push({.kind = Kind::poll_voter, .voter = VoterIndex{i}});
    }
  }
  if (now >= poll_due_) {
    if (is_polling_) {
      end_round(now);
    } else {
      begin_round(now);
    }
  }
  if (state_ == promoting && now >= order_due_) fire(now, time_is_up);
}

std::optional<TimePoint> ConsensusVoter::next_deadline() const {
  TimePoint first = vote_due_ < poll_due_ ? vote_due_ : poll_due_;
  if (state_ == promoting && order_due_ < first) first = order_due_;
  return first;
}

void ConsensusVoter::begin_round(TimePoint now) {
  is_polling_ = true;
  round_began_ = now;
  poll_due_ = now + config_.polls.timeout;
  round_.begin();
  for_each_member(roster_.servers(), [&](MemberIndex member) {
    round_.ask(member, actions_.push({.kind = Kind::probe_server, .member = member}));
  });
}

void ConsensusVoter::end_round(TimePoint now) {
  is_polling_ = false;
  const TimePoint regular = round_began_ + config_.polls.interval;
  poll_due_ = regular > now ? regular : now;
  if (primary_answers()) {
    missed_ = 0;
    timeline_ = round_.status(primary_).server.timeline;
    primary_position_ = position_of(round_.status(primary_).server);
  } else {
    if (missed_ == 0) away_since_ = round_began_;
    if (!sees_primary_dead()) missed_ += 1;
  }
  if (state_ == watching) fire(now, polled);
}

bool ConsensusVoter::is_fresh(TimePoint now, const Vote& vote) const {
  return vote.heard_at && now - *vote.heard_at <= config_.vote_age_max;
}

bool ConsensusVoter::primary_answers() const {
  return contains(round_.answered(), primary_) &&
         round_.status(primary_).server.state == ServerState::primary;
}

MemberIndex ConsensusVoter::other_primary() const {
  MemberIndex best;
  std::uint32_t newest = timeline_;
  for_each_member(without(round_.answered(), primary_), [&](MemberIndex member) {
    const ServerStatus& server = round_.status(member).server;
    if (server.state != ServerState::primary || server.timeline <= newest) return;
    best = member;
    newest = server.timeline;
  });
  return best;
}

FailoverReason ConsensusVoter::objection_to(TimePoint now, MemberIndex member) const {
  const ServerStatus& server = round_.status(member).server;
  if (!contains(round_.answered(), member)) return Why::is_unreachable;
  if (server.state != ServerState::standby) return Why::is_not_running;
  if (roster_[member].nofailover) return Why::has_nofailover;
  const GuardView view{.now = now,
                       .primary = primary_,
                       .primary_position = primary_position_,
                       .away_since = away_since_,
                       .last_failover = last_failover_,
                       .is_frozen = is_frozen_,
                       .is_approved = is_approved_,
                       .is_rejected = is_rejected_};
  return objection(guards_, roster_.members(), view, member, position_of(server));
}

MemberIndex ConsensusVoter::candidate(TimePoint now) const {
  MemberIndex best;
  for_each_member(without(roster_.servers(), primary_), [&](MemberIndex member) {
    if (objection_to(now, member) != Why::none) return;
    if (!best.valid()) {
      best = member;
      return;
    }
    const bool is_near = roster_.same_region(member, primary_);
    const bool best_is_near = roster_.same_region(best, primary_);
    const bool is_ahead =
        position_of(round_.status(member).server) > position_of(round_.status(best).server);
    const bool region_decides = guards_.same_region_first && is_near != best_is_near;
    if (region_decides ? is_near : is_ahead) best = member;
  });
  return best;
}

bool ConsensusVoter::holds(TimePoint now, VoterGuard guard) const {
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::other_leads:
      return other_primary().valid();
    case Guard::primary_alive:
      return missed_ == 0;
    case Guard::too_few:
      return !sees_primary_dead();
    case Guard::no_majority: {
      std::uint32_t dead = 1;
      for (std::uint32_t i = 0; i < voters_; ++i) {
        const bool counts = i != self_.value && is_fresh(now, votes_[i]) && votes_[i].is_dead;
        dead += counts ? 1 : 0;
      }
      return 2 * dead <= voters_;
    }
    case Guard::another_acts:
      for (std::uint32_t i = 0; i < self_.value; ++i) {
        if (is_fresh(now, votes_[i])) return true;
      }
      return false;
    case Guard::blocked:
      return last_failover_ && now - *last_failover_ < config_.recovery_period_block;
    case Guard::nobody:
      return !candidate(now).valid();
  }
  return false;
}

void ConsensusVoter::fire(TimePoint now, VoterInput input) {
  for (std::size_t i = 0; i < consensus_row_count; ++i) {
    const VoterRow& row = consensus_table[i];
    if (row.from != state_ || row.input != input || !holds(now, row.guard)) continue;
    rows_taken_.set(i);
    state_ = row.to;
    carry_out(now, row);
    return;
  }
}

void ConsensusVoter::carry_out(TimePoint now, const VoterRow& row) {
  switch (row.order) {
    case Order::nothing:
      break;
    case Order::adopt:
      take_over(now, other_primary());
      timeline_ = round_.status(primary_).server.timeline;
      break;
    case Order::calm:
      away_since_.reset();
      is_approved_ = is_rejected_ = false;
      refused_ = Why::none;
      break;
    case Order::refuse:
      refuse(now, row.reason);
      break;
    case Order::promote:
      candidate_ = candidate(now);
      actions_.push({.kind = Kind::phase,
                     .reason = row.reason,
                     .member = candidate_,
                     .phase = FailoverPhase::elect});
      announce(now, candidate_);
      actions_.push({.kind = Kind::phase,
                     .reason = row.reason,
                     .member = candidate_,
                     .phase = FailoverPhase::promote});
      number_ = actions_.push({.kind = Kind::promote, .reason = row.reason, .member = candidate_});
      order_due_ = now + config_.promote_timeout;
      break;
    case Order::point_all: {
      const MemberIndex old = primary_;
      take_over(now, candidate_);
      timeline_ += 1;
      actions_.push({.kind = Kind::phase,
                     .reason = row.reason,
                     .member = primary_,
                     .phase = FailoverPhase::reroute});
      actions_.push({.kind = Kind::move_clients, .reason = row.reason, .member = primary_});
      for_each_member(without(without(roster_.servers(), primary_), old), [&](MemberIndex member) {
        actions_.push({.kind = Kind::start_standby,
                       .reason = row.reason,
                       .member = member,
                       .upstream = primary_});
      });
      break;
    }
    case Order::page:
      actions_.push({.kind = Kind::page_operator, .reason = row.reason, .member = candidate_});
      last_failover_ = now;
      break;
    case Order::end:
      actions_.push({.kind = Kind::phase,
                     .reason = row.reason,
                     .member = primary_,
                     .phase = FailoverPhase::reconnect});
      break;
  }
}

void ConsensusVoter::take_over(TimePoint now, MemberIndex member) {
  primary_ = member;
  missed_ = 0;
  away_since_.reset();
  last_failover_ = now;
  is_approved_ = is_rejected_ = false;
  refused_ = Why::none;
}

void ConsensusVoter::announce(TimePoint now, MemberIndex winner) {
  for_each_member(without(roster_.servers(), primary_), [&](MemberIndex member) {
    const Why why = objection_to(now, member);
    const Why lost = why != Why::none ? why : Why::another_is_ahead;
    actions_.push({.kind = Kind::candidate,
                   .reason = member == winner ? Why::most_advanced : lost,
                   .member = member,
                   .position = position_of(round_.status(member).server),
                   .eligible = why == Why::none,
                   .status = round_.status(member)});
  });
}

// Once for each reason. That nobody may be promoted is put down to the most advanced.
void ConsensusVoter::refuse(TimePoint now, FailoverReason reason) {
  MemberIndex best;
  if (reason == Why::no_candidate) {
    for_each_member(without(round_.answered(), primary_), [&](MemberIndex member) {
      const Lsn has = position_of(round_.status(member).server);
      if (!best.valid() || has > position_of(round_.status(best).server)) best = member;
    });
    if (best.valid()) reason = objection_to(now, best);
  }
  if (reason == refused_) return;
  refused_ = reason;
  if (reason == Why::awaits_approval) {
    actions_.push({.kind = Kind::page_operator, .reason = reason, .member = best});
  }
  actions_.push({.kind = Kind::refuse, .reason = reason, .member = best});
}

std::string_view to_text(VoterState state) { return state == watching ? "watching" : "promoting"; }

std::string_view to_text(VoterInput input) {
  static constexpr std::string_view names[] = {"polled", "done", "failed", "time_is_up",
                                               "clients_moved"};
  return names[static_cast<std::size_t>(input)];
}

std::string_view to_text(VoterGuard guard) {
  static constexpr std::string_view names[] = {"always",  "other_leads", "primary_alive",
                                               "too_few", "no_majority", "another_acts",
                                               "blocked", "nobody"};
  return names[static_cast<std::size_t>(guard)];
}

std::string_view to_text(VoterOrder order) {
  static constexpr std::string_view names[] = {"nothing", "adopt",     "calm", "refuse",
                                               "promote", "point_all", "page", "end"};
  return names[static_cast<std::size_t>(order)];
}

}  // namespace longhaul
