#include "policy/failover/election.h"

namespace longhaul {
namespace {

using enum FailoverReason;

constexpr CandidateVerdict no(FailoverReason reason) { return {false, reason}; }
constexpr CandidateVerdict yes(FailoverReason reason) { return {true, reason}; }
constexpr CandidateVerdict undecided{};

const MemberStatus& status_of(const Election& election, MemberIndex member) {
  return (*election.answers)[member.value];
}

bool may_never(const Election& election, MemberIndex member) {
  const MemberInfo& info = election.members[member.value];
  const MemberStatus& status = status_of(election, member);
  return info.is_witness || info.nofailover || status.nofailover || info.priority <= 0;
}

bool has_failed_watchdog(const Election& election, MemberIndex member) {
  return election.rules.watchdog_required && status_of(election, member).watchdog_failed;
}

// Its answer counts (failover_limitation): rule 11.
bool counts(const Election& election, MemberIndex member) {
  return contains(election.answered, member) && !may_never(election, member) &&
         !has_failed_watchdog(election, member);
}

bool is_running(const ServerStatus& server) {
  return server.state == ServerState::standby || server.state == ServerState::primary;
}

// Synchronous mode was on when the last leader led.
bool has_sync_list(const Election& election) {
  return election.rules.synchronous && election.view->sync_leader.valid();
}

bool is_on_sync_list(const Election& election, MemberIndex member) {
  return member == election.view->sync_leader || contains(election.view->sync_standbys, member);
}

// Rule 5, as far as it concerns this candidate alone.
CandidateVerdict judge_switchover(const Election& election, MemberIndex candidate) {
  const MemberIndex asked = election.view->switchover_to;
  if (has_sync_list(election) && !is_on_sync_list(election, candidate)) {
    return no(not_synchronous);
  }
  if (candidate == asked) return yes(named_by_operator);
  if (asked.valid() && counts(election, asked) && is_running(status_of(election, asked).server)) {
    return no(not_asked_for);
  }
  return undecided;
}

// Rules 9 and 10 and the guards: of a candidate as it stands.
CandidateVerdict judge_standing(const Election& election, MemberIndex candidate, bool is_planned) {
  const ServerStatus& server = status_of(election, candidate).server;
  const Lsn position = position_of(server);
  const Lsn leader = election.view->leader_position;
  if (!is_planned && leader > position && leader - position > election.rules.lag_max) {
    return no(lags_too_much);
  }
  if (election.rules.check_timeline && server.timeline < election.view->timeline) {
    return no(timeline_too_old);
  }
  if (is_planned) return undecided;
  GuardView view = election.guard_view;
  view.primary_position = leader;
  const FailoverReason reason =
      objection(*election.guards, election.members, view, candidate, position);
  return reason == none ? undecided : no(reason);
}

// Rules 1 to 4 and 6 to 8.
CandidateVerdict judge_condition(const Election& election, MemberIndex candidate) {
  const ServerStatus& server = status_of(election, candidate).server;
  if (candidate == election.self && election.has_just_released) return no(leader_key_released);
  if (!contains(election.answered, candidate) && !may_never(election, candidate)) {
    return no(is_unreachable);
  }
  if (contains(election.answered, candidate) && !is_running(server)) return no(is_not_running);
  if (server.state == ServerState::primary && contains(election.answered, candidate)) {
    return server.timeline < election.view->timeline ? no(timeline_too_old) : yes(is_primary);
  }
  if (election.view->paused) return no(frozen);
  if (may_never(election, candidate)) {
    const MemberInfo& info = election.members[candidate.value];
    const bool by_priority = !info.is_witness && !info.nofailover && info.priority <= 0;
    return no(by_priority ? priority_zero : has_nofailover);
  }
  return undecided;
}

bool is_planned(const Election& election) { return election.view->switchover; }

// In the primary's region, for those to whom that matters.
bool is_near(const Election& election, MemberIndex member) {
  return in_primary_region(election.members, election.guard_view.primary, member);
}

// Some other member in the primary's region may be promoted as it stands.
bool has_near_candidate(const Election& election, MemberIndex candidate) {
  for (std::uint32_t i = 0; i < election.members.size(); ++i) {
    const MemberIndex other{i};
    if (other == candidate || !contains(election.known, other)) continue;
    if (is_near(election, other) && counts(election, other) &&
        judge_alone(election, other).eligible) {
      return true;
    }
  }
  return false;
}

// Whether the position of `other` holds `candidate` back (guards pass members over).
bool is_compared(const Election& election, MemberIndex candidate, MemberIndex other) {
  if (is_planned(election)) return other != election.last_leader;
  if (election.guards->same_region_first && is_near(election, candidate) &&
      !is_near(election, other)) {
    return false;
  }
  const Lsn position = position_of(status_of(election, other).server);
  return objection(*election.guards, election.members, election.guard_view, other, position) ==
         none;
}

// A higher priority of `other` counts. In synchronous mode only that of a voter does: nobody gives
// way to a member that may not be promoted.
bool heeds_priority(const Election& election, MemberIndex other) {
  if (!has_sync_list(election)) return other != election.last_leader;
  return other != election.view->sync_leader && election.rules.by_quorum &&
         contains(election.view->sync_standbys, other);
}

// Of a member that the leader may leave the key to, as it stands.
bool may_succeed(const Election& election, MemberIndex candidate) {
  const ClusterView& view = *election.view;
  if (is_planned(election) && view.switchover_to.valid() && view.switchover_to != candidate) {
    return false;
  }
  const ServerStatus& server = status_of(election, candidate).server;
  if (!counts(election, candidate) || server.state != ServerState::standby) return false;
  if (has_sync_list(election) && !election.rules.by_quorum &&
      !contains(view.sync_standbys, candidate)) {
    return false;
  }
  const Lsn position = position_of(server);
  if (view.leader_position > position && view.leader_position - position > election.rules.lag_max) {
    return false;
  }
  return !election.rules.check_timeline || server.timeline >= view.timeline;
}

}  // namespace

CandidateVerdict judge_alone(const Election& election, MemberIndex candidate) {
  const CandidateVerdict condition = judge_condition(election, candidate);
  if (condition != undecided) return condition;
  if (is_planned(election)) {
    const CandidateVerdict asked = judge_switchover(election, candidate);
    if (asked != undecided) return asked;
  }
  const ClusterView& view = *election.view;
  if (has_failed_watchdog(election, candidate)) return no(watchdog_not_working);
  if (election.rules.failsafe_mode && view.failsafe != 0 && !contains(view.failsafe, candidate)) {
    return no(not_in_failsafe);
  }
  if (has_sync_list(election) && !election.rules.by_quorum &&
      !is_on_sync_list(election, candidate)) {
    return no(not_synchronous);
  }
  const CandidateVerdict standing = judge_standing(election, candidate, is_planned(election));
  return standing != undecided ? standing : yes(only_candidate);
}

CandidateVerdict judge(const Election& election, MemberIndex candidate) {
  const CandidateVerdict alone = judge_alone(election, candidate);
  if (!alone.eligible || alone.reason != only_candidate) return alone;
  if (is_planned(election) && candidate == election.last_leader) {
    return may_hand_over(election, candidate) ? no(leader_key_released) : alone;
  }
  const bool near_first = election.guards->same_region_first && !is_planned(election);
  if (near_first && !is_near(election, candidate) && has_near_candidate(election, candidate)) {
    return no(same_region_first);
  }
  const Lsn position = position_of(status_of(election, candidate).server);
  const bool with_sync = has_sync_list(election);
  const MemberSet voters = election.view->sync_standbys;
  std::uint32_t votes = contains(voters, candidate) ? 1 : 0;
  FailoverReason reason = only_candidate;
  for (std::uint32_t i = 0; i < election.members.size(); ++i) {
    const MemberIndex other{i};
    if (other == candidate || !contains(election.known, other)) continue;
    const MemberStatus& status = status_of(election, other);
    // By quorum those that may never be promoted vote all the same.
    const bool votes_only = election.rules.by_quorum && contains(election.answered, other) &&
                            contains(voters, other) && is_running(status.server);
    if (!counts(election, other)) {
      if (votes_only && position_of(status.server) <= position) votes += 1;
      continue;
    }
    if (status.server.state == ServerState::primary) return no(another_is_primary);
    if (!is_running(status.server)) continue;
    // In synchronous mode only those on the list are compared, but for a switchover all are.
    const bool lists_all = !with_sync || is_planned(election);
    if (!lists_all && !is_on_sync_list(election, other)) continue;
    const bool is_compared_here = is_compared(election, candidate, other);
    const Lsn theirs = position_of(status.server);
    if (theirs > position) {
      const bool is_former = with_sync && other == election.view->sync_leader;
      if (is_compared_here && !is_former) return no(another_is_ahead);
      continue;
    }
    if (contains(voters, other)) votes += 1;
    if (!is_compared_here) continue;
    const bool has_priority =
        theirs == position && heeds_priority(election, other) &&
        election.members[i].priority > election.members[candidate.value].priority;
    if (has_priority) return no(another_has_priority);
    reason = most_advanced;
  }
  const bool needs_votes =
      with_sync && election.rules.by_quorum && candidate != election.view->sync_leader;
  if (needs_votes && (votes < election.view->sync_quorum || election.view->sync_quorum == 0)) {
    return no(quorum_not_reached);
  }
  return yes(reason);
}

bool may_hand_over(const Election& election, MemberIndex leader) {
  std::uint32_t successors = 0;
  for (std::uint32_t i = 0; i < election.members.size(); ++i) {
    successors += MemberIndex{i} != leader && may_succeed(election, {i}) ? 1 : 0;
  }
  const bool is_named = is_planned(election) && election.view->switchover_to.valid();
  const bool needs_votes = has_sync_list(election) && election.rules.by_quorum && !is_named;
  return successors > 0 && (!needs_votes || successors >= election.view->sync_quorum);
}

}  // namespace longhaul
