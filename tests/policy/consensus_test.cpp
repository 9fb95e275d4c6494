// Voters without a fence: what a short cut does, and which guard prevents it.
#include "policy/failover/consensus.h"

#include <deque>

#include "tests/catch.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/failover_table_checks.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;
using Why = FailoverReason;

// Two coasts: members 0 and 1 in the east with voter 0, members 2 and 3 in the west with voter 1,
// and voter 2 in a third place.
struct Story {
  std::vector<MemberInfo> members{
      {.region = 0, .starts_as_primary = true}, {.region = 0}, {.region = 1}, {.region = 1}};
  FailoverHost host{4};
  std::deque<ConsensusVoter> voters;

  explicit Story(FailoverGuards guards = {}, ConsensusConfig config = {}) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      voters.emplace_back(config, guards, VoterIndex{i}, 3, members,
                          host.now + milliseconds(170 * i));
      host.add(voters.back(), 16 + i);
    }
    host.run_for(seconds(30));
  }
  // The east from everything else, for so long.
  void cut_the_east(Duration time) {
    host.split({0, 1, 16}, {2, 3, 17, 18});
    host.after(time, [this] { host.heal(); });
    host.run_for(time);
  }
};

}  // namespace

TEST_CASE("consensus_without_fencing: table: rows, states and sentences", "[policy][failover]") {
  check_table(consensus_table, VoterState::watching);
}

TEST_CASE("consensus_without_fencing: GitHub 2018-10-21: a cut of 43 s leaves two primaries",
          "[policy][failover]") {
  Story story;
  story.cut_the_east(seconds(43));
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 1);
  REQUIRE(story.host.clients_at.value >= 2);
  REQUIRE(story.host.is_writable(0));  // nobody fences the east
  REQUIRE(story.host.writable_count() == 2);
  // Two polls 5 s apart that each wait 2 s, then a vote that is up to a second old.
  const Duration took = story.host.first(Kind::promote)->at - TimePoint{seconds(31).ns};
  REQUIRE(took >= seconds(7));
  REQUIRE(took <= seconds(19));
  // All voters agree on the west once they see it.
  for (const ConsensusVoter& voter : story.voters) {
    REQUIRE(voter.primary() == story.host.clients_at);
  }
}

TEST_CASE(
    "consensus_without_fencing: GitHub 2018-10-21 with a hold-down of 60 s, or no promotion "
    "across regions: nobody is promoted",
    "[policy][failover]") {
  for (const AcrossRegions rule : {AcrossRegions::after_hold_down, AcrossRegions::forbidden}) {
    FailoverGuards guards;
    guards.across_regions = rule;
    Story story(guards);
    story.cut_the_east(seconds(43));
    story.host.run_for(minutes(5));
    REQUIRE(story.host.count(Kind::promote) == 0);
    REQUIRE(story.host.writable_count() == 1);
    REQUIRE(story.host.clients_at == MemberIndex{0});
    const Why expected =
        rule == AcrossRegions::forbidden ? Why::other_region_forbidden : Why::awaits_hold_down;
    bool is_said = false;
    for (const LoggedAction& entry : story.host.log) {
      is_said = is_said || (entry.action.kind == Kind::refuse && entry.action.reason == expected);
    }
    REQUIRE(is_said);
  }
}

TEST_CASE("consensus_without_fencing: a hold-down lets a cut that lasts through",
          "[policy][failover]") {
  FailoverGuards guards;
  guards.across_regions = AcrossRegions::after_hold_down;
  Story story(guards);
  const TimePoint cut = story.host.now;
  story.cut_the_east(minutes(3));
  REQUIRE(story.host.count(Kind::promote) == 1);
  REQUIRE(story.host.first(Kind::promote)->at - cut >= seconds(60));
  REQUIRE(story.host.first(Kind::promote)->at - cut <= seconds(60 + 12));
}

TEST_CASE("consensus_without_fencing: by hand: somebody is paged, and approval promotes",
          "[policy][failover]") {
  FailoverGuards guards;
  guards.across_regions = AcrossRegions::by_hand;
  Story story(guards);
  story.host.split({0, 1, 16}, {2, 3, 17, 18});
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.first(Kind::page_operator)->action.reason == Why::awaits_approval);
  story.host.command(OperatorCommand::approve);
  story.host.run_for(seconds(10));
  REQUIRE(story.host.count(Kind::promote) == 1);
}

TEST_CASE("consensus_without_fencing: a minority does not act", "[policy][failover]") {
  Story story;
  story.host.cut(0, 16);  // one voter alone misses the primary
  story.host.run_for(minutes(3));
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::votes_missing);
}

TEST_CASE("consensus_without_fencing: the most advanced wins, or the primary's region first",
          "[policy][failover]") {
  for (const bool near_first : {false, true}) {
    FailoverGuards guards;
    guards.same_region_first = near_first;
    Story story(guards);
    story.host.write_step = kibibytes(10);
    story.host.servers[1].lag = story.host.servers[3].lag = kibibytes(500);
    story.host.run_for(seconds(20));
    story.host.lose(0);
    story.host.run_for(minutes(1));
    REQUIRE(story.host.count(Kind::promote) == 1);
    REQUIRE(story.host.is_writable(near_first ? 1 : 2));
  }
}

TEST_CASE("consensus_without_fencing: no second recovery within recovery_period_block",
          "[policy][failover]") {
  Story story;
  story.host.lose(0);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.count(Kind::promote) == 1);
  story.host.lose(story.host.clients_at.value);
  story.host.run_for(minutes(50));
  REQUIRE(story.host.count(Kind::promote) == 1);
  story.host.run_for(minutes(20));
  REQUIRE(story.host.count(Kind::promote) == 2);
}

}  // namespace longhaul
