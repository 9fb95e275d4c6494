// Whom commits wait for under Patroni, and who may be promoted meanwhile.
#include "tests/policy/failover/patroni_host.h"

namespace longhaul {

TEST_CASE("patroni: synchronous standbys are in the server before they may be promoted",
          "[policy][failover][patroni]") {
  PatroniConfig config;
  config.synchronous_mode = PatroniSync::on;
  PatroniHost host(3, config);
  host.logged = {FailoverActionKind::set_synchronous, FailoverActionKind::write_sync};
  host.run_until(seconds(8));
  INFO(host.story());
  REQUIRE(host.log == std::vector<std::string>{"10 0 set_synchronous standby_back",
                                               "2111 0 write_sync standby_back"});
  REQUIRE(host.keys.sync_standbys == set_of(MemberIndex{1}));
  REQUIRE(host.servers[0].waits_for == AckRule{set_of(MemberIndex{1}), 1});
  // The standby is lost: first nobody may be promoted, then the server waits for another.
  host.log.clear();
  host.kill_host(1);
  host.run_until(seconds(19));
  INFO(host.story());
  REQUIRE(host.log == std::vector<std::string>{"10010 0 write_sync standby_missing",
                                               "10015 0 set_synchronous standby_missing",
                                               "12116 0 write_sync standby_back"});
  REQUIRE(host.keys.sync_standbys == set_of(MemberIndex{2}));
}

// The host is gone at 25 s, its walsender stays for 60 s. Its member key was written at 20.1 s and
// some, so it has expired in the leader's round of 60 s and not in that of 50 s.
TEST_CASE("patroni: a synchronous standby that is gone is waited for until its key has expired",
          "[policy][failover][patroni]") {
  for (const PatroniSync mode : {PatroniSync::on, PatroniSync::quorum}) {
    PatroniConfig config;
    config.synchronous_mode = mode;
    config.synchronous_node_count = mode == PatroniSync::on ? 1 : 2;
    PatroniHost host(3, config);
    host.run_until(seconds(25));
    host.servers[1].outlived_by_sender = true;
    host.kill_host(1);
    host.run_until(seconds(59));
    REQUIRE(contains(host.servers[0].waits_for.listed, MemberIndex{1}));
    host.run_until(seconds(63));
    REQUIRE(host.servers[0].waits_for == AckRule{set_of(MemberIndex{2}), 1});
    REQUIRE(host.keys.sync_standbys == set_of(MemberIndex{2}));
  }
}

TEST_CASE("patroni: in strict mode commits wait for anybody when the last standby is gone",
          "[policy][failover][patroni]") {
  for (const bool is_strict : {false, true}) {
    PatroniConfig config;
    config.synchronous_mode = PatroniSync::on;
    config.synchronous_mode_strict = is_strict;
    PatroniHost host(2, config);
    host.run_until(seconds(25));
    host.servers[1].outlived_by_sender = true;
    host.kill_host(1);
    host.run_until(seconds(63));
    const AckRule anybody{static_cast<MemberSet>(~0u), 1};
    REQUIRE(host.servers[0].waits_for == (is_strict ? anybody : AckRule{}));
    REQUIRE(host.keys.sync_standbys == 0);
  }
}

}  // namespace longhaul
