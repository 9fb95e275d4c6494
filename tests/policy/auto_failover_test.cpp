// The rules of pg_auto_failover, each as a story with a monitor and a keeper beside each server.
#include <deque>

#include "policy/failover/auto_failover_keeper.h"
#include "policy/failover/auto_failover_monitor.h"
#include "tests/catch.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/failover_table_checks.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;
using Why = FailoverReason;

struct Story {
  std::vector<MemberInfo> members;
  FailoverHost host;
  AutoFailoverMonitor monitor;
  std::deque<AutoFailoverKeeper> keepers;

  explicit Story(std::vector<MemberInfo> infos, AutoFailoverConfig config = {})
      : members(with_primary(std::move(infos))),
        host(members.size()),
        monitor(config, members, host.now) {
    host.add(monitor, 16);
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      keepers.emplace_back(config, MemberIndex{i}, members, host.now + milliseconds(130 * i));
      host.add(keepers.back(), i);
    }
    host.run_for(seconds(60));
  }
  static std::vector<MemberInfo> with_primary(std::vector<MemberInfo> infos) {
    infos[0].starts_as_primary = true;
    return infos;
  }
  Duration until_writable(std::uint32_t member, Duration at_most) {
    const TimePoint from = host.now;
    while (!host.is_writable(member) && host.now - from < at_most) host.run_for(milliseconds(100));
    return host.now - from;
  }
  // Runs until the primary of the start no longer writes.
  Duration until_stopped(Duration at_most) {
    const TimePoint from = host.now;
    while (host.is_writable(0) && host.now - from < at_most) host.run_for(milliseconds(100));
    return host.now - from;
  }
};

std::vector<MemberInfo> plain(std::size_t count) { return std::vector<MemberInfo>(count); }

}  // namespace

TEST_CASE("pg_auto_failover: tables: rows, states and sentences", "[policy][failover]") {
  check_table(auto_failover_monitor_table, NodeState::primary);
  check_table(auto_failover_keeper_table, NodeState::primary);
}

TEST_CASE("pg_auto_failover: a healthy pair is synchronous and left alone", "[policy][failover]") {
  Story story(plain(2));
  story.host.run_for(minutes(3));
  REQUIRE(story.monitor.goal(MemberIndex{0}) == NodeState::primary);
  REQUIRE(story.monitor.goal(MemberIndex{1}) == NodeState::secondary);
  REQUIRE(story.host.servers[0].status.synchronous == set_of(MemberIndex{1}));
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.count(Kind::set_synchronous) == 1);
}

TEST_CASE(
    "facts 9: pg_auto_failover with a fully blackholed primary: new primary not writable before "
    "about 50 s; old primary stopped about 50 s after isolation",
    "[policy][failover][facts]") {
  Story story(plain(2));
  const TimePoint cut = story.host.now;
  story.host.isolate(0);
  const Duration writable = story.until_writable(1, minutes(3));
  // 20 to 25 s until the primary is unhealthy, about 3 s of keeper ticks, 30 s for it to stop.
  REQUIRE(writable >= seconds(50));
  REQUIRE(writable <= seconds(60));
  // The old one lists its standby until wal_sender_timeout, 30 s, and stops 20 s later,
  // about then. In between its commits hang, since they wait for a standby.
  REQUIRE(story.host.servers[0].status.synchronous == set_of(MemberIndex{1}));
  story.host.run_for(seconds(2));
  REQUIRE_FALSE(story.host.is_writable(0));
  const LoggedAction* stopped = story.host.first(Kind::stop, cut);
  REQUIRE(stopped->by == 0);
  REQUIRE(stopped->action.reason == Why::isolated);
  REQUIRE(stopped->at - cut >= seconds(49));
  REQUIRE(stopped->at - cut <= seconds(52));
  // It is promoted long before it may write.
  const LoggedAction* promoted = story.host.first(Kind::promote, cut);
  REQUIRE(promoted->at - cut <= seconds(28));
}

TEST_CASE("facts 9: pg_auto_failover: old primary stopped 20 s after, if connections were reset",
          "[policy][failover][facts]") {
  Story story(plain(2));
  story.host.wal_sender_timeout = seconds(0);  // the standby is no longer listed at once
  story.host.isolate(0);
  const Duration took = story.until_stopped(minutes(2));
  REQUIRE(took >= seconds(19));
  REQUIRE(took <= seconds(23));
}

TEST_CASE("pg_auto_failover: a primary that sees a standby goes on without the monitor",
          "[policy][failover]") {
  Story story(plain(2));
  story.host.split({16}, {0, 1});
  story.host.run_for(minutes(5));
  REQUIRE(story.host.is_writable(0));
  REQUIRE(story.host.writable_count() == 1);
  story.host.heal();
  story.host.run_for(minutes(1));
  REQUIRE(story.host.count(Kind::promote) == 0);
}

TEST_CASE("pg_auto_failover: a failing health check alone never fails over", "[policy][failover]") {
  Story story(plain(2));
  story.host.answer_delay[0] = seconds(30);  // probes time out, the keeper still calls
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 0);
}

TEST_CASE("pg_auto_failover: a server that cannot be started, keeper alive: about ten seconds",
          "[policy][failover]") {
  Story story(plain(2));
  story.host.servers[0].orders_fail = true;  // it does not start again
  story.host.crash(0);
  story.host.run_for(seconds(6));
  story.host.servers[0].orders_fail = false;  // stopping what does not run works
  story.host.servers[0].status.state = ServerState::stopped;
  REQUIRE(story.monitor.goal(MemberIndex{1}) != NodeState::secondary);
  // Four attempts of 1 s, then a few ticks: no primary_demote_timeout, since the old one reports.
  const Duration rest = story.until_writable(1, minutes(2));
  REQUIRE(rest <= seconds(10));
}

TEST_CASE("pg_auto_failover: a crashed server that starts again causes no failover",
          "[policy][failover]") {
  Story story(plain(2));
  story.host.crash(0);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.is_writable(0));
}

TEST_CASE("pg_auto_failover: the old primary returns as a secondary, sync off and on again",
          "[policy][failover]") {
  Story story(plain(2));
  story.host.lose(0);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.is_writable(1));
  REQUIRE(story.host.servers[1].status.synchronous == 0);
  REQUIRE(story.monitor.goal(MemberIndex{1}) == NodeState::wait_primary);
  story.host.servers[0].host_up = true;  // it comes back as it was: a primary
  story.host.run_for(seconds(3));
  REQUIRE_FALSE(story.host.is_writable(0));
  story.host.run_for(minutes(1));
  REQUIRE(story.host.servers[0].status.upstream == MemberIndex{1});
  REQUIRE(story.monitor.goal(MemberIndex{0}) == NodeState::secondary);
  REQUIRE(story.monitor.goal(MemberIndex{1}) == NodeState::primary);
  REQUIRE(story.host.servers[1].status.synchronous == set_of(MemberIndex{0}));
}

TEST_CASE("pg_auto_failover: sync is switched off when no healthy secondary is left",
          "[policy][failover]") {
  Story story(plain(2));
  story.host.lose(1);
  story.host.run_for(minutes(1));
  REQUIRE(story.monitor.goal(MemberIndex{0}) == NodeState::wait_primary);
  REQUIRE(story.host.servers[0].status.synchronous == 0);
  story.host.servers[1].host_up = true;
  story.host.run_for(minutes(1));
  REQUIRE(story.monitor.goal(MemberIndex{0}) == NodeState::primary);
}

TEST_CASE("pg_auto_failover: a standby more than 16 MiB behind is not promoted",
          "[policy][failover]") {
  for (const std::int64_t behind : {11, 22}) {
    // The monitor compares reports that are up to a second, 4 MB, apart.
    Story story(plain(2));
    story.host.write_step = kibibytes(400);  // 4 MB/s, so that the lag can grow
    story.host.servers[1].lag = mebibytes(behind);
    story.host.run_for(seconds(10));
    story.host.lose(0);
    story.host.run_for(minutes(2));
    REQUIRE(story.host.count(Kind::promote) == (behind == 11 ? 1 : 0));
    if (behind == 22) REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::lags_too_much);
  }
}

TEST_CASE(
    "facts 11: node with higher priority but lower LSN: wins (after fast_forward) in "
    "pg_auto_failover",
    "[policy][failover][facts]") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 100;
  members[2].priority = 50;
  Story story(members);
  story.host.servers[1].lag = mebibytes(1);
  story.host.write_step = kibibytes(100);
  story.host.run_for(seconds(30));
  const Lsn most = story.host.servers[2].status.received;
  REQUIRE(story.host.servers[1].status.received < most);
  story.host.lose(0);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.is_writable(1));
  REQUIRE(story.host.first(Kind::fetch_wal)->action.upstream == MemberIndex{2});
  REQUIRE(story.host.first(Kind::fetch_wal)->at < story.host.first(Kind::promote)->at);
  REQUIRE(story.host.servers[1].fork >= most);
  REQUIRE_FALSE(story.host.servers[2].status.diverged);
  REQUIRE(story.host.servers[2].status.upstream == MemberIndex{1});
}

TEST_CASE("pg_auto_failover: among equal priorities the greatest reported LSN",
          "[policy][failover]") {
  Story story(plain(3));
  story.host.write_step = kibibytes(100);
  story.host.servers[1].lag = mebibytes(1);
  story.host.run_for(seconds(30));
  story.host.lose(0);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.is_writable(2));
  REQUIRE(story.host.count(Kind::fetch_wal) == 0);
  REQUIRE(story.host.verdict_on(1)->reason == Why::another_is_ahead);
}

TEST_CASE("pg_auto_failover: an unreachable quorum standby blocks the election",
          "[policy][failover]") {
  Story story(plain(3));
  story.host.lose(0);
  story.host.lose(2);
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.first(Kind::refuse)->action.reason == Why::reports_missing);
  story.host.servers[2].host_up = true;
  story.host.run_for(minutes(2));
  REQUIRE(story.host.count(Kind::promote) == 1);
}

TEST_CASE("pg_auto_failover: number_sync_standbys + 1 reports are needed", "[policy][failover]") {
  // The third standby does not count for the quorum, so its silence does not block, but with
  // number_sync_standbys 1 two that count have to report.
  std::vector<MemberInfo> members = plain(3);
  members[2].may_be_synchronous = false;
  for (const std::int32_t needed : {0, 1}) {
    AutoFailoverConfig config;
    config.number_sync_standbys = needed;
    Story story(members, config);
    story.host.lose(0);
    story.host.lose(2);
    story.host.run_for(minutes(5));
    REQUIRE(story.host.count(Kind::promote) == (needed == 0 ? 1 : 0));
  }
}

TEST_CASE("pg_auto_failover: priority 0 is never promoted", "[policy][failover]") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 0;
  Story story(members);
  story.host.lose(0);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.is_writable(2));
  REQUIRE(story.host.verdict_on(1)->reason == Why::priority_zero);
}

TEST_CASE("pg_auto_failover: without the monitor nobody is promoted", "[policy][failover]") {
  Story story(plain(3));
  story.host.isolate(16);
  story.host.lose(0);
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 0);
}

}  // namespace longhaul
