// The election rules of repmgr (facts sheet, item 95), pg_auto_failover (87 and 88), a controller
// by consensus and managed services, each as a story.
// LONGHAUL_ROOT tells election_stories.h where the golden transcripts lie.
#include "policy/failover/managed_presets.h"
#include "tests/policy/election_stories.h"

namespace longhaul {

using stories::Others;
using stories::plain;

#define RULE(text) TEST_CASE(text, "[policy][failover][transcript]")

// ---- repmgr ------------------------------------------------------------------------------------

RULE("repmgr: rule: failover=manual is no candidate") {
  std::vector<MemberInfo> members = plain(3);
  members[1].nofailover = true;
  Others story("failover=manual is no candidate: 1 is", members);
  story.repmgr();
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_manual");
}

RULE("repmgr: rule: priority 0 has lost") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 0;
  Others story("priority 0 has lost: that of 1 is", members);
  story.repmgr();
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_priority_zero");
}

RULE("repmgr: rule: without siblings it wins in the primary's location only") {
  std::vector<MemberInfo> members = plain(2);
  members[1].region = 1;
  RepmgrConfig config;
  config.location = RepmgrLocation::region;
  Others story("without siblings it wins in the primary's location only: 1 stands elsewhere",
               members);
  story.repmgr(config);
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_no_siblings");
}

RULE("repmgr: rule: a sibling that is primary already is followed") {
  Others story("a sibling that is primary already is followed", plain(3));
  story.repmgr();
  story.lose(0);
  story.run(seconds(50));
  story.say("somebody has promoted 2 by hand");
  story.host.servers[2].status.state = ServerState::primary;
  story.host.servers[2].status.timeline = 2;
  story.host.servers[2].fork = story.host.servers[2].status.received;
  story.run(minutes(3));
  story.ends("repmgr_already_primary");
}

RULE("repmgr: rule: the higher received LSN wins") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 200;
  Others story("the higher received LSN wins: 1 has the higher priority and lacks 1 MiB", members);
  story.repmgr();
  story.keep_behind(1, mebibytes(1));
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_lsn");
}

RULE("repmgr: rule: equal LSN: the higher priority wins") {
  std::vector<MemberInfo> members = plain(3);
  members[2].priority = 2;
  Others story("equal LSN: the higher priority wins: 2 has it", members);
  story.repmgr();
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_priority");
}

RULE("repmgr: rule: equal priority: the lower node id wins") {
  Others story("equal priority: the lower node id wins", plain(3));
  story.repmgr();
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_node_id");
}

RULE("repmgr: rule: nobody in the primary's location seen: cancelled") {
  std::vector<MemberInfo> members = plain(4);
  members[2].region = members[3].region = 1;
  RepmgrConfig config;
  config.location = RepmgrLocation::region;
  Others story("nobody in the primary's location seen: cancelled: 0 and 1 share one", members);
  story.repmgr(config);
  story.lose(1);
  story.lose(0);
  story.run(minutes(3));
  story.ends("repmgr_location");
}

RULE("repmgr: rule: with primary_visibility_consensus one that sees the primary cancels it") {
  RepmgrConfig config;
  config.primary_visibility_consensus = true;
  Others story("with primary_visibility_consensus one that sees the primary cancels it", plain(3));
  story.repmgr(config);
  story.say("1 is cut off from 0");
  story.host.cut(0, 1);
  story.run(minutes(3));
  story.ends("repmgr_still_seen");
}

RULE("repmgr: rule: a strict majority of the primary's nodes has to be seen") {
  Others story("a strict majority of the primary's nodes has to be seen: 1 is alone of four",
               plain(5));
  story.repmgr();
  story.say("1 is cut off from all others");
  story.host.isolate(1);
  story.run(minutes(3));
  story.ends("repmgr_majority");
}

// ---- pg_auto_failover ---------------------------------------------------------------------------

RULE("pg_auto_failover: rule: two nodes: draining, then 30 s until the new one may write") {
  Others story("two nodes: draining, then 30 s until the new one may write", plain(2));
  story.auto_failover();
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_two_nodes");
}

RULE("pg_auto_failover: rule 1: an unreachable quorum standby blocks the election") {
  Others story("1: an unreachable quorum standby blocks the election", plain(3));
  story.auto_failover();
  story.lose(2);
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_1_reports");
}

RULE("pg_auto_failover: rule 2: refused when the most advanced lacks more than 16 MiB") {
  Others story("2: refused when the most advanced lacks more than 16 MiB", plain(2));
  story.auto_failover();
  story.keep_behind(1, mebibytes(22));
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_2_lag");
}

RULE("pg_auto_failover: rule 3: priority 0 is left out") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 0;
  Others story("3: priority 0 is left out: that of 1 is", members);
  story.auto_failover();
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_3_priority_zero");
}

RULE("pg_auto_failover: rule 4: the highest priority first") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 50;
  members[2].priority = 60;
  Others story("4: the highest priority first: 2 has it", members);
  story.auto_failover();
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_4_priority");
}

RULE("pg_auto_failover: rule 5: of equal priority the greatest reported LSN") {
  Others story("5: of equal priority the greatest reported LSN: 1 lacks 1 MiB", plain(3));
  story.auto_failover();
  story.keep_behind(1, mebibytes(1));
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_5_lsn");
}

RULE("pg_auto_failover: rule 6: the chosen one fetches what it lacks first") {
  std::vector<MemberInfo> members = plain(3);
  members[1].priority = 100;
  members[2].priority = 50;
  Others story("6: the chosen one, 1, fetches what it lacks first", members);
  story.auto_failover();
  story.keep_behind(1, mebibytes(1));
  story.lose(0);
  story.run(minutes(3));
  story.ends("pg_auto_failover_6_fast_forward");
}

// ---- Controllers --------------------------------------------------------------------------------

// Two coasts: 0 and 1, and 2 and 3.
std::vector<MemberInfo> coasts() {
  std::vector<MemberInfo> members = plain(4);
  members[2].region = members[3].region = 1;
  return members;
}

RULE("consensus_without_fencing: rule: a majority of the voters promotes, the primary writes on") {
  Others story("a majority of the voters promotes, and nobody stops the old primary", coasts());
  story.consensus();
  story.say("0, 1 and voter 0 are cut off for 43 s");
  story.host.split({0, 1, 16}, {2, 3, 17, 18});
  story.run(seconds(43));
  story.say("the links are healed");
  story.host.heal();
  story.run(minutes(2));
  story.ends("consensus_cut");
}

RULE("consensus_without_fencing: rule: across regions after a hold-down only") {
  FailoverGuards guards;
  guards.across_regions = AcrossRegions::after_hold_down;
  guards.hold_down = seconds(60);
  Others story("across regions after a hold-down only, of 60 s: the cut lasts 43 s", coasts());
  story.consensus(guards);
  story.say("0, 1 and voter 0 are cut off for 43 s");
  story.host.split({0, 1, 16}, {2, 3, 17, 18});
  story.run(seconds(43));
  story.say("the links are healed");
  story.host.heal();
  story.run(minutes(2));
  story.ends("consensus_hold_down");
}

RULE("managed: rule: the service promotes its standby and moves the endpoint") {
  const auto preset = std::find_if(
      managed_presets.begin(), managed_presets.end(),
      [](const ManagedPreset& one) { return one.name == std::string_view("rds_multi_az"); });
  Others story("RDS Multi-AZ: the service promotes its standby and moves the endpoint", plain(2));
  story.managed(preset->config);
  story.lose(0);
  story.run(minutes(10));
  story.ends("managed_standby");
}

}  // namespace longhaul
