// Who may be promoted and why the others may not, in the order in which Patroni asks.
//
// Each agent judges for itself, from its own status and from the answers to requests that it sent
// to the others at the same moment; judging the others with the same answers tells a person what
// the race looked like. Rules 1 to 10 need no answer (judge_alone); 11 to 15 compare. The last, who
// creates the leader key first, is the store's.
//
//   1  gave the key back of itself within the last ttl         no
//   2  its server does not run, or still starts                no
//   3  its server is primary already                           yes, unless its timeline is older
//   4  paused; tagged nofailover or priority 0                 no
//   5  a switchover is asked for                               only who it names, if that is well;
//                                                              the old leader if nobody else may
//   6  the watchdog is required and does not work              no
//   7  failsafe mode, and the last leader did not know it      no
//   8  synchronous mode, and not among the last leader's list  no
//   9  too far behind the leader's position in the store       no
//  10  check_timeline, and on an older timeline                no
//      a guard of the team objects (guards.h)                  no
//  11  members that do not answer, are tagged nofailover or have no watchdog do not count
//  12  a member that answers is primary                        no
//  13  a member that answers is ahead                          no (in synchronous mode the former
//                                                              leader may be, and without a
//                                                              switchover who is not on the list)
//  14  another with the same position has a higher priority    no (the former leader's is ignored,
//                                                              in synchronous mode all but voters')
//  15  by quorum: too few voters at or behind its position     no
//
// The position in rule 9 is as old as the leader's last round. Equal positions and priorities leave
// several: the store decides. With same_region_first those in the primary's region do not see those
// elsewhere, who in turn give way to any of them that may be promoted.
//
// Source: Patroni ha.py, is_healthiest_node and _is_healthiest_node; manual_failover_process_no_
// leader for rule 5. Left out: pre-promote scripts.
#pragma once

#include <array>
#include <span>

#include "policy/failover/guards.h"

namespace longhaul {

struct ElectionRules {
  Bytes lag_max{};
  bool check_timeline = false;
  bool failsafe_mode = false;
  bool synchronous = false;  // one by one or by quorum
  bool by_quorum = false;
  bool watchdog_required = false;
};

struct Election {
  ElectionRules rules;
  const FailoverGuards* guards = nullptr;
  std::span<const MemberInfo> members{};
  const ClusterView* view = nullptr;
  GuardView guard_view{};
  MemberIndex self{};
  bool has_just_released = false;  // rule 1, of itself
  MemberIndex last_leader{};
  MemberSet known = 0;     // members that count: alive now or when there last was a leader
  MemberSet answered = 0;  // itself included
  const std::array<MemberStatus, members_max>* answers = nullptr;
};

struct CandidateVerdict {
  bool eligible = false;
  FailoverReason reason = FailoverReason::none;

  friend constexpr bool operator==(const CandidateVerdict&, const CandidateVerdict&) = default;
};

CandidateVerdict judge_alone(const Election& election, MemberIndex candidate);
CandidateVerdict judge(const Election& election, MemberIndex candidate);

// Whether `leader` may leave its key to others: to somebody who may be promoted as it stands, and
// by quorum, unless a switchover names one, to as many as have to vote (is_failover_possible).
bool may_hand_over(const Election& election, MemberIndex leader);

}  // namespace longhaul
