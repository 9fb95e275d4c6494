// Failover managers on random hosts: whatever happens, in whatever order, they keep their promises
// to the host, and what each is known for holds.
#include <deque>
#include <memory>

#include "policy/failover/auto_failover_keeper.h"
#include "policy/failover/auto_failover_monitor.h"
#include "policy/failover/consensus.h"
#include "policy/failover/first_to_answer.h"
#include "policy/failover/managed.h"
#include "policy/failover/managed_presets.h"
#include "policy/failover/manual_runbook.h"
#include "policy/failover/repmgr.h"
#include "tests/catch.h"
#include "tests/policy/failover_dice.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/luck.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;

// A cluster of 2 to 5 members and faults of random kinds for a few minutes; then all is well.
struct RandomStory {
  Luck luck;
  std::vector<MemberInfo> members;
  FailoverHost host;

  explicit RandomStory(std::uint64_t seed) : luck{seed}, members(draw()), host(members.size()) {}

  std::vector<MemberInfo> draw() {
    std::vector<MemberInfo> infos(static_cast<std::size_t>(2 + luck.below(4)));
    for (MemberInfo& info : infos) {
      info.region = static_cast<std::uint32_t>(luck.below(2));
      info.priority = static_cast<std::int32_t>(luck.below(3));
      info.nofailover = luck.one_in(8);
    }
    infos[0].starts_as_primary = true;
    return infos;
  }
  std::uint32_t any() {
    return static_cast<std::uint32_t>(luck.below(static_cast<std::int64_t>(members.size())));
  }
  void disturb() {
    host.run_for(seconds(20));
    for (int fault = 0; fault < 8; ++fault) {
      const std::uint32_t member = any();
      switch (luck.below(9)) {
        case 0:
          host.lose(member);
          break;
        case 1:
          host.crash(member);
          break;
        case 2:
          host.isolate(member);
          break;
        case 3:
          host.cut(member, 16 + static_cast<std::uint32_t>(luck.below(3)));
          break;
        case 4:
          host.heal();
          break;
        case 5:
          host.servers[member].host_up = true;
          break;
        case 6:
          host.servers[member].orders_fail = luck.one_in(2);
          break;
        case 7:
          host.command(static_cast<OperatorCommand>(luck.below(7)), MemberIndex{member});
          break;
        case 8:
          host.fence_fails = luck.one_in(2);
          break;
      }
      host.run_for(milliseconds(luck.below(90'000)));
    }
    host.heal();
    host.fence_fails = false;
    for (FailoverHost::Server& server : host.servers) {
      server.host_up = true;
      server.orders_fail = false;
    }
    host.command(OperatorCommand::resume);
    host.run_for(minutes(5));
  }
  // Every action is about a member that exists, is numbered, and has a reason.
  void check_log() const {
    REQUIRE(!host.log.empty());
    for (const LoggedAction& entry : host.log) {
      const FailoverAction& action = entry.action;
      REQUIRE(action.number > 0);
      if (action.member.valid()) REQUIRE(action.member.value < members.size());
      if (action.upstream.valid()) REQUIRE(action.upstream.value < members.size());
      if (action.kind == Kind::promote) {
        REQUIRE(action.member.valid());
        REQUIRE_FALSE(members[action.member.value].is_witness);
      }
      if (action.kind == Kind::refuse) REQUIRE(action.reason != FailoverReason::none);
    }
  }
};

template <class Make>
void run_seeds(std::uint64_t seeds, Make make) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    RandomStory story(seed * 7919);
    make(story, seed);
  }
}

void fuzz_first(std::uint64_t seeds) {
  run_seeds(seeds, [](RandomStory& story, std::uint64_t) {
    FirstToAnswer manager(FirstToAnswerConfig{}, story.members, story.host.now);
    story.host.add(manager, 16);
    story.disturb();
    story.check_log();
    REQUIRE(story.host.count(Kind::fence) == 0);
  });
}

void fuzz_runbook(std::uint64_t seeds) {
  run_seeds(seeds, [](RandomStory& story, std::uint64_t seed) {
    ManualRunbookConfig config;
    config.alarm = {.interval = seconds(5), .timeout = seconds(2), .failures = 2};
    for (DurationRange* step : {&config.acknowledge, &config.decide, &config.check, &config.fence,
                                &config.repoint, &config.move_clients, &config.verify}) {
      *step = {seconds(1), seconds(3), seconds(20)};
    }
    config.wrong_candidate = percent(20);
    config.step_fails = percent(20);
    ManualRunbook manager(config, story.members, story.host.now, seed);
    story.host.add(manager, 16);
    story.disturb();
    story.check_log();
  });
}

void fuzz_managed(std::uint64_t seeds) {
  run_seeds(seeds, [](RandomStory& story, std::uint64_t seed) {
    const ManagedPreset& preset = managed_presets[seed % managed_presets.size()];
    ManagedService manager(preset.config, story.members, story.host.now, seed);
    story.host.add(manager, 16);
    story.disturb();
    story.check_log();
    if (preset.config.fences) return;
    REQUIRE(story.host.count(Kind::fence) == 0);
  });
}

void fuzz_voters(std::uint64_t seeds) {
  run_seeds(seeds, [](RandomStory& story, std::uint64_t seed) {
    FailoverGuards guards;
    guards.across_regions = static_cast<AcrossRegions>(seed % 4);
    std::deque<ConsensusVoter> voters;
    for (std::uint32_t i = 0; i < 3; ++i) {
      voters.emplace_back(ConsensusConfig{}, guards, VoterIndex{i}, 3, story.members,
                          story.host.now);
      story.host.add(voters.back(), 16 + i);
    }
    story.disturb();
    story.check_log();
    if (guards.across_regions != AcrossRegions::forbidden) return;
    for (const LoggedAction& entry : story.host.log) {
      if (entry.action.kind != Kind::promote) continue;
      REQUIRE(story.members[entry.action.member.value].region == story.members[0].region);
    }
  });
}

void fuzz_repmgr(std::uint64_t seeds) {
  run_seeds(seeds, [](RandomStory& story, std::uint64_t seed) {
    RepmgrConfig config;
    config.location = static_cast<RepmgrLocation>(seed % 3);
    config.primary_visibility_consensus = seed % 2 == 0;
    std::deque<Repmgr> daemons;
    for (std::uint32_t i = 0; i < story.members.size(); ++i) {
      daemons.emplace_back(config, MemberIndex{i}, story.members, story.host.now);
      story.host.add(daemons.back(), i);
    }
    story.disturb();
    story.check_log();
    for (const LoggedAction& entry : story.host.log) {
      const FailoverReason reason = entry.action.reason;
      const bool is_ordered = reason == FailoverReason::planned_switchover ||
                              reason == FailoverReason::named_by_operator;
      if (entry.action.kind == Kind::stop) REQUIRE(is_ordered);
      if (entry.action.kind != Kind::promote) continue;
      REQUIRE(entry.by == entry.action.member.value);
      if (is_ordered) continue;
      REQUIRE(story.members[entry.by].priority > 0);
      REQUIRE_FALSE(story.members[entry.by].nofailover);
    }
  });
}

void fuzz_keepers(std::uint64_t seeds) {
  run_seeds(seeds, [](RandomStory& story, std::uint64_t) {
    AutoFailoverConfig config;
    AutoFailoverMonitor monitor(config, story.members, story.host.now);
    std::deque<AutoFailoverKeeper> keepers;
    story.host.add(monitor, 16);
    for (std::uint32_t i = 0; i < story.members.size(); ++i) {
      keepers.emplace_back(config, MemberIndex{i}, story.members, story.host.now);
      story.host.add(keepers.back(), i);
    }
    story.disturb();
    story.check_log();
    // With everything healed the monitor knows of one primary at most, and nobody else writes.
    std::uint32_t assigned = 0;
    for (std::uint32_t i = 0; i < story.members.size(); ++i) {
      const NodeState goal = monitor.goal(MemberIndex{i});
      assigned += goal == NodeState::primary || goal == NodeState::wait_primary ? 1 : 0;
    }
    REQUIRE(assigned <= 1);
    REQUIRE(story.host.writable_count() <= 1);
  });
}

}  // namespace

TEST_CASE("failover: fuzz: managers on random hosts", "[policy][failover]") {
  fuzz_first(40);
  fuzz_runbook(40);
  fuzz_managed(24);
  fuzz_voters(40);
  fuzz_repmgr(40);
  fuzz_keepers(40);
}

TEST_CASE("failover: fuzz: answers that are late, doubled or wrong break no manager",
          "[policy][failover]") {
  const TimePoint now = TimePoint{} + seconds(1);
  const long steps = 2000;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Luck luck{seed};
    const auto members = members_of_dice(luck);
    FirstToAnswer first(FirstToAnswerConfig{}, members, now);
    ManualRunbook runbook(ManualRunbookConfig{}, members, now, seed);
    Repmgr repmgr(RepmgrConfig{}, MemberIndex{1}, members, now);
    AutoFailoverMonitor monitor(AutoFailoverConfig{}, members, now);
    AutoFailoverKeeper keeper(AutoFailoverConfig{}, MemberIndex{1}, members, now);
    ManagedService managed(ManagedConfig{}, members, now, seed);
    ConsensusVoter voter(ConsensusConfig{}, FailoverGuards{}, VoterIndex{0}, 3, members, now);
    // Every one goes on giving orders to the end: none is stuck or has stopped to look.
    REQUIRE(play_dice(first, luck, now, steps) > 100);
    REQUIRE(play_dice(runbook, luck, now, steps) > 100);
    REQUIRE(play_dice(repmgr, luck, now, steps) > 100);
    REQUIRE(play_dice(monitor, luck, now, steps) > 100);
    REQUIRE(play_dice(keeper, luck, now, steps) > 100);
    REQUIRE(play_dice(managed, luck, now, steps) > 100);
    REQUIRE(play_dice(voter, luck, now, steps) > 100);
  }
}

TEST_CASE("failover: fuzz: managers on many random hosts", "[.slow][policy]") {
  fuzz_first(2000);
  fuzz_runbook(2000);
  fuzz_managed(1000);
  fuzz_voters(2000);
  fuzz_repmgr(2000);
  fuzz_keepers(2000);
}

}  // namespace longhaul
