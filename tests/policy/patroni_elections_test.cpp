// The checks of Patroni's leader race, in the order in which they are asked (facts sheet, item 72),
// each as the story of a cluster that loses its leader.
// LONGHAUL_ROOT tells election_stories.h where the golden transcripts lie.
#include "tests/policy/election_stories.h"

namespace longhaul {

using stories::Patroni;

#define RULE(text) TEST_CASE("patroni: rule " text, "[policy][failover][transcript]")

RULE("1: who has given the key back after a failed promotion waits a ttl") {
  std::vector<MemberInfo> members(3);
  members[2].nofailover = true;
  Patroni story("1: who has given the key back after a failed promotion waits a ttl", {}, members);
  story.lose_leader();
  story.until(seconds(52));
  story.say("the promotion of 1 fails");
  story.host.fails_promotion = true;
  story.until(seconds(60));
  story.host.fails_promotion = false;
  story.until(seconds(95));
  story.ends("1_released");
}

RULE("2: a server that still starts may not") {
  Patroni story("2: a server that still starts may not");
  story.lose_leader();
  story.say("the servers of 1 and 2 are starting");
  for (const std::uint32_t i : {1u, 2u}) story.host.servers[i].status.state = ServerState::starting;
  story.until(seconds(53));
  story.say("the server of 2 has started");
  story.host.servers[2].status.state = ServerState::standby;
  story.until(seconds(75));
  story.ends("2_starting");
}

RULE("3: a server that is primary already may, unless its timeline is older") {
  Patroni story("3: a server that is primary already may, unless its timeline is older");
  story.until(seconds(25));
  story.say("the leader key is deleted, and all servers live");
  story.host.drop_leader();
  story.until(seconds(32));
  story.say("the leader key is deleted, and the cluster's timeline is 2");
  story.host.keys.timeline = 2;
  story.host.drop_leader();
  story.until(seconds(45));
  story.ends("3_is_primary");
}

RULE("4: tagged nofailover, or with priority 0: never") {
  std::vector<MemberInfo> members(3);
  members[1].nofailover = true;
  members[2].priority = 0;
  Patroni story("4: tagged nofailover (1), or with priority 0 (2): never", {}, members);
  story.lose_leader();
  story.until(seconds(75));
  story.ends("4_tags");
}

RULE("4: paused: nobody") {
  Patroni story("4: paused: nobody");
  story.until(seconds(24));
  story.say("the cluster is paused");
  story.host.keys.paused = true;
  story.lose_leader();
  story.until(seconds(75));
  story.ends("4_paused");
}

RULE("5: a switchover goes to whom it names") {
  Patroni story("5: a switchover goes to whom it names");
  story.until(seconds(25));
  story.say("a switchover to 2 is asked for");
  story.host.command(0, OperatorCommand::switchover, MemberIndex{2});
  story.until(seconds(60));
  story.ends("5_switchover");
}

RULE("6: a watchdog that is required has to work") {
  PatroniConfig config;
  config.watchdog.mode = WatchdogMode::required;
  Patroni story("6: a watchdog that is required has to work: nobody has one", config);
  story.tell_from = {};
  story.until(seconds(40));
  story.ends("6_watchdog");
}

RULE("7: in failsafe mode the last leader has to have known it") {
  PatroniConfig config;
  config.failsafe_mode = true;
  Patroni story("7: in failsafe mode the last leader has to have known it: it does not know 1",
                config);
  story.lose_leader();
  story.host.keys.failsafe = set_of(MemberIndex{0}) | set_of(MemberIndex{2});
  story.until(seconds(75));
  story.ends("7_failsafe");
}

RULE("8: in synchronous mode only synchronous standbys of the last leader") {
  PatroniConfig config;
  config.synchronous_mode = PatroniSync::on;
  Patroni story("8: in synchronous mode only synchronous standbys of the last leader", config);
  story.lose_leader();
  story.until(seconds(75));
  story.ends("8_synchronous");
}

RULE("9: not further behind the leader's last position than maximum_lag_on_failover") {
  PatroniConfig config;
  config.maximum_lag_on_failover = kibibytes(100);
  Patroni story("9: not further behind the leader's last position than maximum_lag_on_failover",
                config);
  story.until(seconds(12));
  story.say("the links of 1 and 2 are cut");
  story.host.sees_peers[1] = story.host.sees_peers[2] = false;
  story.lose_leader();
  story.say("and healed");
  story.host.sees_peers[1] = story.host.sees_peers[2] = true;
  story.until(seconds(75));
  story.ends("9_lag");
}

RULE("10: with check_timeline not on an older timeline than the cluster's") {
  PatroniConfig config;
  config.check_timeline = true;
  Patroni story("10: with check_timeline not on an older timeline than the cluster's", config);
  story.lose_leader();
  story.say("the cluster's timeline is 2, on which only 2 is");
  story.host.keys.timeline = 2;
  story.host.servers[2].status.timeline = 2;
  story.until(seconds(75));
  story.ends("10_timeline");
}

RULE("11: who does not answer within 2 s is left out") {
  Patroni story("11: who does not answer within 2 s is left out");
  story.lose_leader();
  story.say("the host of 2 is lost");
  story.host.kill_host(2);
  story.until(seconds(60));
  story.ends("11_silent");
}

RULE("12: not while a member that answers is primary") {
  Patroni story("12: not while a member that answers is primary");
  story.until(seconds(25));
  story.say("0 sees its lease store no more, and its fast stop hangs");
  story.host.sees_store[0] = false;
  story.host.servers[0].answers_as_primary = true;
  story.until(seconds(55));
  story.say("it is stopped");
  story.host.servers[0].answers_as_primary = false;
  story.host.kill_host(0);
  story.until(seconds(75));
  story.ends("12_still_primary");
}

RULE("13: not while a member that answers is ahead") {
  Patroni story("13: not while a member that answers is ahead");
  story.keep_behind(1);
  story.until(seconds(75));
  story.ends("13_ahead");
}

RULE("14: of equal positions the higher priority") {
  std::vector<MemberInfo> members(3);
  members[2].priority = 5;
  Patroni story("14: of equal positions the higher priority", {}, members);
  story.lose_leader();
  story.until(seconds(75));
  story.ends("14_priority");
}

RULE("14: a position beats any priority") {
  std::vector<MemberInfo> members(3);
  members[1].priority = 100;
  Patroni story("14: a position beats any priority: 1 has 100 and lacks a second", {}, members);
  story.keep_behind(1);
  story.until(seconds(75));
  story.ends("14_position");
}

RULE("14: one by one the priority of a synchronous standby does not count") {
  std::vector<MemberInfo> members(3);
  members[2].priority = 5;
  PatroniConfig config;
  config.synchronous_mode = PatroniSync::on;
  config.synchronous_node_count = 2;
  Patroni story("14: one by one the priority of a synchronous standby does not count: 2 has 5",
                config, members);
  story.lose_leader();
  story.until(seconds(75));
  story.ends("14_synchronous");
}

RULE("14: by quorum the higher priority of a voter") {
  std::vector<MemberInfo> members(3);
  members[2].priority = 5;
  PatroniConfig config;
  config.synchronous_mode = PatroniSync::quorum;
  Patroni story("14: by quorum the higher priority of a voter: 2 has 5", config, members);
  story.lose_leader();
  story.until(seconds(75));
  story.ends("14_voter");
}

RULE("15: in quorum mode it needs the votes of those at or behind its position") {
  PatroniConfig config;
  config.synchronous_mode = PatroniSync::quorum;
  Patroni story("15: in quorum mode it needs the votes of those at or behind its position", config);
  story.lose_leader();
  story.say("the host of 2, a voter, is lost");
  story.host.kill_host(2);
  story.until(seconds(75));
  story.ends("15_quorum");
}

RULE("16: of several the first to create the key; the others follow") {
  Patroni story("16: of several the first to create the key; the others follow");
  story.lose_leader();
  story.until(seconds(75));
  story.ends("16_first");
}

}  // namespace longhaul
