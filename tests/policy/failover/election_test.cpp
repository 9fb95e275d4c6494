// The rules of the leader race, one test each, in the order in which they are asked (facts sheet,
// item 72; rule 16, who creates the key first, is the store's: see patroni_test.cpp).
#include "policy/failover/election.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr MemberIndex old{0}, self{1}, other{2}, third{3};

// The leader, 0, is lost; 1, 2 and 3 are standbys at the same position, and all three answer.
struct Race {
  std::array<MemberInfo, 4> infos{};
  ClusterView view{};
  std::array<MemberStatus, members_max> answers{};
  FailoverGuards guards{};
  Election election{};

  Race() {
    view.timeline = 1;
    view.leader_position = Lsn{10'000'000};
    for (MemberStatus& status : answers) {
      status.server.state = ServerState::standby;
      status.server.timeline = 1;
      status.server.received = Lsn{10'000'000};
    }
    election.rules.lag_max = mebibytes(1);
    election.self = self;
    election.last_leader = old;
    election.known = 0b1111;
    election.answered = 0b1110;
    election.guard_view.primary = old;
  }
  ServerStatus& server(MemberIndex member) { return answers[member.value].server; }
  CandidateVerdict verdict(MemberIndex candidate = self) {
    election.members = infos;
    election.view = &view;
    election.guards = &guards;
    election.answers = &answers;
    return judge(election, candidate);
  }
};

constexpr CandidateVerdict no(FailoverReason reason) { return {false, reason}; }
constexpr CandidateVerdict yes(FailoverReason reason) { return {true, reason}; }
using enum FailoverReason;

}  // namespace

#define RULE(text) TEST_CASE("election: rule " text, "[policy][failover][election]")

RULE("0: equal members all may try, and the store decides") {
  Race race;
  REQUIRE(race.verdict(self) == yes(most_advanced));
  REQUIRE(race.verdict(other) == yes(most_advanced));
  REQUIRE(race.verdict(old) == no(is_unreachable));
}

RULE("1: who has given the key back by itself waits a ttl") {
  Race race;
  race.election.has_just_released = true;
  race.server(self).state = ServerState::primary;  // comes before everything else
  REQUIRE(race.verdict(self) == no(leader_key_released));
  REQUIRE(race.verdict(other).reason != leader_key_released);  // of the others nothing is known
}

RULE("2: a server that starts may not") {
  Race race;
  race.server(self).state = ServerState::starting;
  race.view.paused = true;
  REQUIRE(race.verdict() == no(is_not_running));
}

RULE("3: a server that is primary may, unless its timeline is older than the cluster's") {
  Race race;
  race.server(self).state = ServerState::primary;
  race.view.paused = true;                        // asked later
  race.server(other).received = Lsn{20'000'000};  // never asked
  race.guards.across_regions = AcrossRegions::forbidden;
  REQUIRE(race.verdict() == yes(is_primary));
  race.view.timeline = 2;
  REQUIRE(race.verdict() == no(timeline_too_old));
}

RULE("4: paused nobody may; nofailover and priority 0 never") {
  Race race;
  race.infos[1].nofailover = true;
  REQUIRE(race.verdict() == no(has_nofailover));
  race.view.paused = true;
  REQUIRE(race.verdict() == no(frozen));
  race.view.paused = false;
  race.infos[1] = {.priority = 0};
  REQUIRE(race.verdict() == no(priority_zero));
}

RULE("5: a switchover names who may, while that one is well") {
  Race race;
  race.view.switchover = true;
  race.view.switchover_to = other;
  REQUIRE(race.verdict(self) == no(not_asked_for));
  REQUIRE(race.verdict(other) == yes(named_by_operator));
  race.server(other).state = ServerState::stopped;
  REQUIRE(race.verdict(self) == yes(most_advanced));
}

RULE("5: a switchover does not ask for the lag, and passes the old leader over") {
  Race race;
  race.view.switchover = true;
  race.view.leader_position = Lsn{90'000'000};
  race.election.answered = 0b1111;
  race.server(old).received = Lsn{90'000'000};
  REQUIRE(race.verdict() == yes(most_advanced));
}

RULE("5: in synchronous mode a switchover goes to a synchronous standby") {
  Race race;
  race.election.rules.synchronous = true;
  race.view.sync_leader = old;
  race.view.sync_standbys = set_of(other);
  race.view.switchover = true;
  race.view.switchover_to = self;
  REQUIRE(race.verdict() == no(not_synchronous));
}

RULE("5: for a switchover also who is not on the list is compared") {
  Race race;
  race.election.rules.synchronous = true;
  race.view.sync_leader = old;
  race.view.sync_standbys = set_of(self);
  race.view.switchover = true;
  REQUIRE(race.verdict() == yes(most_advanced));
  race.server(other).received = Lsn{20'000'000};
  REQUIRE(race.verdict(self) == no(another_is_ahead));
  REQUIRE(race.verdict(other) == no(not_synchronous));
}

RULE("5: the old leader takes its key back if nobody may take over, and only then") {
  Race race;
  race.election.self = old;
  race.election.answered = 0b1111;
  race.view.switchover = true;
  REQUIRE(race.verdict(old) == no(leader_key_released));
  // They lack 2 MB, and maximum_lag_on_failover is 1 MiB.
  race.view.leader_position = race.server(old).received = Lsn{12'000'000};
  REQUIRE(race.verdict(old) == yes(only_candidate));
  race.view.switchover = false;
  REQUIRE(race.verdict(old) == yes(most_advanced));
}

RULE("15: a leader hands over by quorum to as many as have to vote, or to whom is named") {
  Race race;
  race.verdict();
  race.election.rules.synchronous = race.election.rules.by_quorum = true;
  race.view.sync_leader = old;
  race.view.sync_standbys = set_of(self) | set_of(other) | set_of(third);
  race.view.sync_quorum = 2;
  race.view.switchover = true;
  REQUIRE(may_hand_over(race.election, old));
  race.election.answered = 0b0010;
  REQUIRE_FALSE(may_hand_over(race.election, old));
  race.view.switchover_to = self;
  REQUIRE(may_hand_over(race.election, old));
}

RULE("6: a required watchdog has to work") {
  Race race;
  race.election.rules.watchdog_required = true;
  race.answers[1].watchdog_failed = true;
  race.view.leader_position = Lsn{90'000'000};  // asked later
  REQUIRE(race.verdict() == no(watchdog_not_working));
}

RULE("7: in failsafe mode the last leader has to have known it") {
  Race race;
  race.election.rules.failsafe_mode = true;
  REQUIRE(race.verdict().eligible);  // an empty key is ignored
  race.view.failsafe = set_of(other);
  REQUIRE(race.verdict() == no(not_in_failsafe));
}

RULE("8: in synchronous mode only the list of the last leader may, and is compared") {
  Race race;
  race.election.rules.synchronous = true;
  REQUIRE(race.verdict().eligible);  // not in force yet: nobody has written the list
  race.view.sync_leader = old;
  race.view.sync_standbys = set_of(self);
  race.server(other).received = Lsn{20'000'000};  // ahead, but not on the list
  REQUIRE(race.verdict(self).eligible);
  REQUIRE(race.verdict(other) == no(not_synchronous));
}

// 10,000,000 - 1,048,576 = 8,951,424 is as far behind as maximum_lag_on_failover allows.
RULE("8: by quorum who is not on the list may, with enough votes, and is not compared") {
  Race race;
  race.election.rules.synchronous = race.election.rules.by_quorum = true;
  race.view.sync_leader = old;
  race.view.sync_standbys = set_of(self) | set_of(third);
  race.view.sync_quorum = 2;
  race.server(other).received = Lsn{20'000'000};  // ahead, but not on the list
  REQUIRE(race.verdict(self).eligible);
  REQUIRE(race.verdict(other).eligible);
  race.election.answered = 0b0010;
  REQUIRE(race.verdict(self) == no(quorum_not_reached));
}

RULE("9: too far behind the leader's position in the store") {
  Race race;
  race.server(self).received = Lsn{8'951'423};
  REQUIRE(race.verdict() == no(lags_too_much));
  for (const MemberIndex member : {self, other, third}) {
    race.server(member).received = Lsn{8'951'424};
  }
  REQUIRE(race.verdict().eligible);
  // The further of received and replayed counts.
  race.server(self).received = Lsn{1};
  race.server(self).replayed = Lsn{8'951'424};
  REQUIRE(race.verdict().eligible);
}

RULE("10: check_timeline keeps older timelines out") {
  Race race;
  race.view.timeline = 2;
  REQUIRE(race.verdict().eligible);  // off by default
  race.election.rules.check_timeline = true;
  REQUIRE(race.verdict() == no(timeline_too_old));
}

RULE("11: who does not answer, is tagged or has no watchdog does not hold others back") {
  Race race;
  race.server(other).received = Lsn{20'000'000};
  SECTION("silent") { race.election.answered = 0b1010; }
  SECTION("nofailover") { race.answers[2].nofailover = true; }
  SECTION("watchdog") {
    race.election.rules.watchdog_required = true;
    race.answers[2].watchdog_failed = true;
  }
  REQUIRE(race.verdict().eligible);
}

RULE("12: a member that answers as primary ends the race") {
  Race race;
  race.election.answered = 0b1111;
  race.server(old).state = ServerState::primary;
  race.server(old).received = Lsn{1};
  REQUIRE(race.verdict() == no(another_is_primary));
}

RULE("13: a member that is ahead ends the race, by one byte") {
  Race race;
  race.server(other).received = Lsn{10'000'001};
  REQUIRE(race.verdict(self) == no(another_is_ahead));
  REQUIRE(race.verdict(other) == yes(most_advanced));
}

RULE("13: in synchronous mode the former leader may be ahead") {
  Race race;
  race.election.rules.synchronous = true;
  race.view.sync_leader = old;
  race.view.sync_standbys = set_of(self);
  race.election.answered = 0b1111;
  race.server(old).received = Lsn{20'000'000};
  REQUIRE(race.verdict().eligible);
}

RULE("14: of equal positions the higher priority, but a position beats any priority") {
  Race race;
  race.infos[2].priority = 5;
  REQUIRE(race.verdict(self) == no(another_has_priority));
  race.server(other).received = Lsn{9'999'999};
  REQUIRE(race.verdict(self).eligible);
  REQUIRE(race.verdict(other) == no(another_is_ahead));
}

TEST_CASE("facts 11: node with higher priority but lower LSN: loses in Patroni",
          "[policy][failover][facts]") {
  Race race;
  race.infos[1].priority = 100;
  race.server(self).received = Lsn{9'999'999};
  REQUIRE(race.verdict(self) == no(another_is_ahead));
  REQUIRE(race.verdict(other) == yes(most_advanced));
}

RULE("14: the former leader's priority does not count") {
  Race race;
  race.election.answered = 0b1111;
  race.infos[0].priority = 5;
  REQUIRE(race.verdict().eligible);
}

// ANY 1 of 1, 2, 3 was in force: of three voters all three are needed.
RULE("15: by quorum it needs the votes of those at or behind its position") {
  Race race;
  race.election.rules.synchronous = race.election.rules.by_quorum = true;
  race.view.sync_leader = old;
  race.view.sync_standbys = 0b1110;
  race.view.sync_quorum = 3;
  REQUIRE(race.verdict().eligible);
  race.election.answered = 0b0110;
  REQUIRE(race.verdict() == no(quorum_not_reached));
  // ANY 2 of 3: two votes are enough.
  race.view.sync_quorum = 2;
  REQUIRE(race.verdict().eligible);
  // Those that may never be promoted vote all the same.
  race.answers[2].nofailover = true;
  REQUIRE(race.verdict().eligible);
  // The former leader has everything and needs no votes.
  race.election.answered = 0b0001;
  REQUIRE(race.verdict(old).eligible);
}

RULE("guards: who is objected to does not hold others back") {
  Race race;
  race.infos[2].region = 1;
  race.server(other).received = Lsn{10'500'000};
  REQUIRE(race.verdict(self) == no(another_is_ahead));
  race.guards.across_regions = AcrossRegions::forbidden;
  REQUIRE(race.verdict(other) == no(other_region_forbidden));
  REQUIRE(race.verdict(self).eligible);
}

RULE("guards: the primary's region first, while somebody there may be promoted") {
  Race race;
  race.infos[2].region = race.infos[3].region = 1;
  race.server(other).received = Lsn{10'500'000};
  race.guards.same_region_first = true;
  REQUIRE(race.verdict(self).eligible);
  REQUIRE(race.verdict(other) == no(same_region_first));
  race.server(self).state = ServerState::stopped;
  REQUIRE(race.verdict(other) == yes(most_advanced));
}

#undef RULE

}  // namespace longhaul
