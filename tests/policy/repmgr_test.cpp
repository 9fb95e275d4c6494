// The rules of repmgr's election, each as a story, and the two primaries that it ends in.
#include "policy/failover/repmgr.h"

#include <deque>

#include "tests/catch.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/failover_table_checks.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;
using Why = FailoverReason;

// A daemon beside each member.
struct Story {
  std::vector<MemberInfo> members;
  FailoverHost host;
  std::deque<Repmgr> daemons;

  explicit Story(std::vector<MemberInfo> infos, RepmgrConfig config = {})
      : members(std::move(infos)), host(members.size()) {
    members[0].starts_as_primary = true;
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      if (members[i].is_witness) host.servers[i].status.state = ServerState::primary;
      daemons.emplace_back(config, MemberIndex{i}, members, host.now + milliseconds(100 * i));
      host.add(daemons.back(), i);
    }
    host.run_for(seconds(20));
  }
  void settle() { host.run_for(minutes(3)); }
};

std::vector<MemberInfo> plain(std::size_t count) { return std::vector<MemberInfo>(count); }

}  // namespace

TEST_CASE("repmgr: table: rows, states and sentences", "[policy][failover]") {
  check_table(repmgr_table, RepmgrState::monitoring);
}

TEST_CASE("repmgr: detection: refused connections take 50 to 52 s, silence 62 to 66 s",
          "[policy][failover]") {
  for (const bool is_silent : {false, true}) {
    Story story(plain(3));
    const TimePoint lost = story.host.now;
    if (is_silent) story.host.lose(0);
    if (!is_silent) story.host.crash(0);
    story.settle();
    const LoggedAction* begun = story.host.first(Kind::phase);
    REQUIRE(begun != nullptr);
    // Up to 2 s until the next check, then five pauses of 10 s; in silence each of the seven checks
    // takes its 2 s: 14 s more.
    const Duration took = begun->at - lost;
    REQUIRE(took >= seconds(is_silent ? 62 : 50));
    REQUIRE(took <= seconds(is_silent ? 66 : 52) + milliseconds(20));
    REQUIRE(story.host.count(Kind::promote) == 1);
  }
}

TEST_CASE("repmgr: a primary that is back before the attempts are used up stays",
          "[policy][failover]") {
  Story story(plain(3));
  story.host.isolate(0);
  story.host.run_for(seconds(40));
  REQUIRE(story.daemons[1].state() == RepmgrState::reconnecting);
  story.host.heal();
  story.settle();
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.daemons[1].state() == RepmgrState::monitoring);
}

TEST_CASE("facts 11: node with higher priority but lower LSN: loses in repmgr",
          "[policy][failover][facts]") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 200;
  Story story(members);
  story.host.servers[1].lag = kibibytes(4);
  story.host.servers[1].status.received = Lsn{999'000'000};
  story.host.lose(0);
  story.settle();
  REQUIRE(story.host.is_writable(2));
  REQUIRE_FALSE(story.host.is_writable(1));
  REQUIRE(story.daemons[1].state() == RepmgrState::monitoring);
  REQUIRE(story.daemons[1].primary() == MemberIndex{2});
}

TEST_CASE("repmgr: equal LSN: higher priority wins, then the lower node id", "[policy][failover]") {
  std::vector<MemberInfo> members = plain(3);
  for (const bool has_priority : {true, false}) {
    members[2].priority = has_priority ? 2 : 1;
    Story story(members);
    story.host.lose(0);
    story.settle();
    REQUIRE(story.host.is_writable(has_priority ? 2 : 1));
    REQUIRE(story.host.writable_count() == 1);
    const FailoverAction& refused = story.host.first(Kind::refuse)->action;
    REQUIRE(refused.reason ==
            (has_priority ? Why::another_has_priority : Why::another_has_lower_id));
  }
}

TEST_CASE("repmgr: failover=manual and priority 0 are never promoted", "[policy][failover]") {
  std::vector<MemberInfo> members = plain(3);
  members[1].nofailover = true;
  members[2].priority = 0;
  Story story(members);
  story.host.lose(0);
  story.settle();
  REQUIRE(story.host.count(Kind::promote) == 0);
  // Both wait for a word that never comes, then monitor in degraded mode.
  REQUIRE(story.daemons[1].state() == RepmgrState::degraded);
  REQUIRE(story.daemons[2].state() == RepmgrState::degraded);
}

TEST_CASE(
    "repmgr: without siblings it wins in the primary's location, elsewhere it is no candidate",
    "[policy][failover]") {
  RepmgrConfig config;
  config.location = RepmgrLocation::region;
  for (const std::uint32_t region : {0u, 1u}) {
    std::vector<MemberInfo> members = plain(2);
    members[1].region = region;
    Story story(members, config);
    story.host.lose(0);
    story.settle();
    REQUIRE(story.host.count(Kind::promote) == (region == 0 ? 1 : 0));
  }
}

TEST_CASE("repmgr: nobody in the primary's location seen: cancelled, degraded until it returns",
          "[policy][failover]") {
  RepmgrConfig config;
  config.location = RepmgrLocation::region;
  std::vector<MemberInfo> members = plain(4);
  members[2].region = members[3].region = 1;
  Story story(members, config);
  story.host.lose(0);
  story.host.lose(1);
  story.settle();
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::other_location);
  REQUIRE(story.daemons[2].state() == RepmgrState::degraded);
  story.host.servers[0].host_up = true;
  story.host.run_for(seconds(10));
  REQUIRE(story.daemons[2].state() == RepmgrState::monitoring);
}

TEST_CASE("repmgr: a strict majority of the nodes of that primary has to be seen",
          "[policy][failover]") {
  // Of four standbys two are cut off: two of four are no majority. A witness on their side is.
  for (const bool has_witness : {false, true}) {
    std::vector<MemberInfo> members = plain(has_witness ? 6 : 5);
    if (has_witness) members[5].is_witness = true;
    Story story(members);
    std::vector<std::uint32_t> near{1, 2};
    if (has_witness) near.push_back(5);
    story.host.split(near, {0, 3, 4});
    story.host.lose(0);
    story.settle();
    REQUIRE(story.host.count(Kind::promote) == (has_witness ? 1 : 0));
    if (!has_witness) {
      REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::votes_missing);
    }
  }
}

TEST_CASE("repmgr: primary_visibility_consensus: one that still sees the primary stops it",
          "[policy][failover]") {
  for (const bool needs_consensus : {false, true}) {
    RepmgrConfig config;
    config.primary_visibility_consensus = needs_consensus;
    Story story(plain(4), config);
    story.host.write_step = Bytes{0};  // an idle primary: member 1 stays equal to its siblings
    story.host.run_for(seconds(1));
    story.host.cut(0, 1);
    story.settle();
    REQUIRE(story.host.count(Kind::promote) == (needs_consensus ? 0 : 1));
    if (needs_consensus) {
      REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::primary_still_seen);
    }
  }
}

TEST_CASE("repmgr: a sibling without a daemon is seen but cannot win", "[policy][failover]") {
  Story story(plain(3));
  story.host.servers[1].lag = kibibytes(100);
  story.host.servers[1].status.received = Lsn{999'000'000};
  story.host.managers[2].is_running = false;
  story.host.lose(0);
  story.settle();
  REQUIRE(story.host.is_writable(1));
  REQUIRE(story.host.verdict_on(2)->reason == Why::is_not_running);
}

TEST_CASE("repmgr: a sibling that is primary already is followed", "[policy][failover]") {
  Story story(plain(3));
  story.host.lose(0);
  story.host.run_for(seconds(30));
  story.host.servers[2].status.state = ServerState::primary;  // somebody promotes it by hand
  story.host.servers[2].status.timeline = 2;
  story.settle();
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.daemons[1].primary() == MemberIndex{2});
}

TEST_CASE("facts 10: repmgr isolated primary with majority elsewhere: two writable primaries",
          "[policy][failover][facts]") {
  Story story(plain(3));
  story.host.isolate(0);
  story.settle();
  REQUIRE(story.host.writable_count() == 2);
  const Lsn before = story.host.servers[0].status.received;
  story.host.heal();
  story.settle();
  // Nobody fences it, so the divergence grows until somebody acts.
  REQUIRE(story.host.writable_count() == 2);
  REQUIRE(story.host.servers[0].status.received > before);
  REQUIRE(story.host.count(Kind::fence) == 0);
  REQUIRE(story.host.count(Kind::stop) == 0);
  // By hand: it is rewound, and its daemon monitors the new primary.
  story.host.servers[0].status.state = ServerState::standby;
  story.host.servers[0].status.upstream = MemberIndex{1};
  story.host.run_for(seconds(10));
  REQUIRE(story.daemons[0].state() == RepmgrState::monitoring);
  REQUIRE(story.daemons[0].primary() == MemberIndex{1});
}

TEST_CASE("repmgr: paused it promotes nobody", "[policy][failover]") {
  Story story(plain(3));
  story.host.command(OperatorCommand::pause);
  story.host.lose(0);
  story.settle();
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.daemons[1].state() == RepmgrState::degraded);
}

TEST_CASE("repmgr: a promotion that fails pages somebody", "[policy][failover]") {
  Story story(plain(3));
  story.host.servers[1].orders_fail = true;
  story.host.lose(0);
  story.settle();
  REQUIRE(story.host.first(Kind::page_operator)->action.reason == Why::operation_failed);
  REQUIRE(story.host.writable_count() == 0);
}

TEST_CASE("repmgr: a switchover stops the primary, compares, promotes, and all follow",
          "[policy][failover]") {
  Story story(plain(3));
  FailoverEvent order;
  order.kind = FailoverEventKind::command;
  order.command = OperatorCommand::switchover;
  story.host.tell(story.host.managers[2], order);  // beside the server that takes over
  story.settle();
  REQUIRE(story.host.is_writable(2));
  REQUIRE(story.host.writable_count() == 1);
  const LoggedAction* stopped = story.host.first(Kind::stop);
  REQUIRE(stopped->action.member == MemberIndex{0});
  REQUIRE(stopped->action.stop_mode == StopMode::fast);
  REQUIRE(story.host.first(Kind::promote)->at > stopped->at);
  REQUIRE(story.daemons[2].state() == RepmgrState::leading);
  for (const std::uint32_t other : {0u, 1u}) {
    REQUIRE(story.daemons[other].state() == RepmgrState::monitoring);
    REQUIRE(story.daemons[other].primary() == MemberIndex{2});
  }
}

TEST_CASE("repmgr: a switchover to one that lacks log is given up half-way", "[policy][failover]") {
  // It has not received the end of the stopped primary's log: nobody is primary then, and a person
  // has to act.
  Story story(plain(3));
  story.host.servers[2].status.upstream = MemberIndex{};  // it does not stream
  story.host.run_for(seconds(2));
  FailoverEvent order;
  order.kind = FailoverEventKind::command;
  order.command = OperatorCommand::switchover;
  story.host.tell(story.host.managers[2], order);
  story.host.run_for(seconds(20));
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.writable_count() == 0);
  REQUIRE(story.host.first(Kind::page_operator)->action.reason == Why::lags_too_much);
}

TEST_CASE("repmgr: a promotion is refused while the primary is seen", "[policy][failover]") {
  Story story(plain(3));
  FailoverEvent order;
  order.kind = FailoverEventKind::command;
  order.command = OperatorCommand::failover;
  story.host.tell(story.host.managers[1], order);
  REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::primary_still_seen);
  story.host.lose(0);
  story.host.run_for(seconds(10));
  REQUIRE(story.daemons[1].state() == RepmgrState::reconnecting);
  story.host.tell(story.host.managers[1], order);
  story.host.run_for(seconds(10));
  REQUIRE(story.host.is_writable(1));
}

}  // namespace longhaul
