// Stories of clusters under Patroni, in a small host.
#include "tests/policy/failover/patroni_host.h"

namespace longhaul {
namespace {

PatroniConfig fast() {
  PatroniConfig config;
  config.use_pg_rewind = true;
  return config;
}

}  // namespace

TEST_CASE("patroni: a healthy cluster is left alone", "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(120));
  REQUIRE(host.story().empty());
  REQUIRE(host.is_primary(0));
  // The leader renewed its key in its last round, which began after 110 s.
  REQUIRE(host.lease_ends > TimePoint{} + seconds(139));
}

// The key was renewed at 20.005 s, so it expires at 50.005 s; the watch takes 5 ms, the look at the
// store 5 ms, polls 2 s (the dead member stays silent), the key 5 ms.
TEST_CASE("patroni: a lost host is replaced when its key expires", "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.kill_host(0);
  host.run_until(seconds(60));
  INFO(host.story());
  REQUIRE(host.log.size() == 2);
  REQUIRE(host.log[0] == "52020 1 promote lock_acquired");
  REQUIRE(host.is_primary(1));
  REQUIRE(host.streams_from(2, 1));
}

TEST_CASE("patroni: a crashed server is started again where it is, and nobody else moves",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.crash_server(0);
  host.run_until(seconds(60));
  INFO(host.story());
  REQUIRE(host.log == std::vector<std::string>{"30010 0 start_primary server_crashed"});
  REQUIRE(host.is_primary(0));
}

TEST_CASE("patroni: with primary_start_timeout 0 a crash hands over at once",
          "[policy][failover][patroni]") {
  PatroniConfig config = fast();
  config.primary_start_timeout = Duration{};
  PatroniHost host(3, config);
  host.run_until(seconds(25));
  host.crash_server(0);
  host.run_until(seconds(60));
  INFO(host.story());
  REQUIRE(host.primaries() == 1);
  REQUIRE_FALSE(host.is_primary(0));
  // The next round begins at 30 s; stop, release and race take less than a second.
  REQUIRE(host.log[0] == "30011 0 stop server_crashed immediate");
  REQUIRE(host.log[2].find("promote") != std::string::npos);
  REQUIRE(host.log[2].substr(0, 2) == "30");
}

// The start is ordered at 30.01 s and fails 0.1 s later, which frees the key (ha.py, post_recover):
// the watches, the store, the others' answers and the promotion take 0.2 s more.
TEST_CASE("patroni: a server that cannot be started is given up at once",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.broken = 0;
  host.crash_server(0);
  host.run_until(milliseconds(30'100));
  REQUIRE(host.primaries() == 0);
  host.run_until(milliseconds(30'350));
  INFO(host.story());
  REQUIRE(host.primaries() == 1);
  REQUIRE_FALSE(host.is_primary(0));
}

// The start is ordered at 30.01 s; the round of 330 s renews its key at 330.01 s and finds 300 s
// gone.
TEST_CASE("patroni: a server that is still starting is given up after primary_start_timeout",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.crash_server(0);
  host.operation_takes = seconds(400);
  host.run_until(seconds(31));
  host.servers[0].status.state = ServerState::starting;
  host.operation_takes = milliseconds(100);
  host.run_until(seconds(330));
  REQUIRE(host.primaries() == 0);
  host.run_until(seconds(335));
  INFO(host.story());
  REQUIRE(host.primaries() == 1);
  REQUIRE_FALSE(host.is_primary(0));
}

// Nobody else is there to take the key, so it goes on trying; repaired at 400 s it starts, as a
// standby first.
TEST_CASE("patroni: a server that nobody can take over from is started again and again",
          "[policy][failover][patroni]") {
  PatroniHost host(1, fast());
  host.run_until(seconds(25));
  host.broken = 0;
  host.crash_server(0);
  host.run_until(seconds(400));
  REQUIRE(host.primaries() == 0);
  host.broken.reset();
  host.run_until(seconds(425));
  INFO(host.story());
  REQUIRE(host.is_primary(0));
}

// The store was asked at 30 s, given up 10 s later; the fast stop and the restart take 0.1 s each.
TEST_CASE("patroni: a leader without the store steps down before its key expires",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.sees_store[0] = false;
  host.sees_peers[0] = false;
  host.run_until(seconds(90));
  INFO(host.story());
  REQUIRE(host.log[0] == "40000 0 stop store_unreachable fast");
  REQUIRE(host.log[1] == "40100 0 start_standby store_unreachable");
  REQUIRE(host.is_primary(1));
  REQUIRE(host.primaries() == 1);
  // The leader's lease ends 30 s after the renewal of 20 s.
  REQUIRE(host.log[2].substr(0, 5) == "52020");
}

// The round of 10 s ends with the answer to its last write, at 23 s: the next one is late, and
// begins at once; the one after it loop_wait later. A host that is silent is waited for twice as
// long as it is given.
TEST_CASE("patroni: a round begins when the last one's last write is answered",
          "[policy][failover][patroni]") {
  const std::vector<MemberInfo> members(3);
  PatroniAgent agent(fast(), {}, MemberIndex{0}, members, TimePoint{} + seconds(10));
  const auto order_of = [&](FailoverActionKind kind) {
    std::optional<FailoverAction> found;
    while (const auto action = agent.poll()) {
      if (action->kind == kind) found = action;
    }
    return found;
  };
  const auto go_through_round = [&](TimePoint at) {
    agent.on_timer(at);
    std::uint32_t check = 0;
    std::uint32_t read = 0;
    while (const auto action = agent.poll()) {
      if (action->kind == FailoverActionKind::check_server) check = action->number;
      if (action->kind != FailoverActionKind::read_store) continue;
      read = action->number;
      REQUIRE(action->patience == seconds(10));
    }
    FailoverEvent view{.kind = FailoverEventKind::store_view, .number = read};
    view.view.leader = MemberIndex{1};
    agent.handle(at, view);
    FailoverEvent status{.kind = FailoverEventKind::server_status, .number = check};
    status.status.server.state = ServerState::standby;
    status.status.server.upstream = MemberIndex{1};
    agent.handle(at, status);
    return order_of(FailoverActionKind::touch_member)->number;
  };
  const std::uint32_t touch = go_through_round(TimePoint{} + seconds(10));
  REQUIRE(agent.next_deadline() == TimePoint{} + seconds(30));  // twice retry_timeout
  agent.handle(TimePoint{} + seconds(23),
               {.kind = FailoverEventKind::store_failed, .number = touch});
  const TimePoint late = TimePoint{} + seconds(23) + milliseconds(1);
  REQUIRE(agent.next_deadline() == late);
  const std::uint32_t other = go_through_round(late);
  agent.handle(late + seconds(1), {.kind = FailoverEventKind::store_done, .number = other});
  REQUIRE(agent.next_deadline() == late + seconds(10));
  go_through_round(late + seconds(10));
  agent.on_timer(late + seconds(30));
  REQUIRE(agent.next_deadline() == late + seconds(30) + milliseconds(1));
}

// Its own round would begin at 30 s.
TEST_CASE("patroni: a standby begins a round when it sees the leader write its position",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  PatroniAgent& standby = host.agents[1];
  REQUIRE(standby.state() == PatroniState::waiting);
  standby.handle(host.now, {.kind = FailoverEventKind::leader_status_set});
  REQUIRE(standby.state() == PatroniState::looking);
  PatroniAgent& leader = host.agents[0];
  leader.handle(host.now, {.kind = FailoverEventKind::leader_status_set});
  REQUIRE(leader.state() == PatroniState::waiting);
}

TEST_CASE("patroni: in failsafe mode a leader stays while all members accept it",
          "[policy][failover][patroni]") {
  PatroniConfig config = fast();
  config.failsafe_mode = true;
  PatroniHost host(3, config);
  host.run_until(seconds(25));
  host.sees_store.assign(3, false);
  host.run_until(seconds(200));
  REQUIRE(host.story().empty());
  REQUIRE(host.is_primary(0));
  // One member that does not answer is enough: all have to accept.
  host.sees_peers[2] = false;
  host.run_until(seconds(240));
  INFO(host.story());
  REQUIRE(host.log[0].find("0 stop failsafe_refused fast") != std::string::npos);
}

TEST_CASE("patroni: members that accepted a leader without the store do not race it",
          "[policy][failover][patroni]") {
  PatroniConfig config = fast();
  config.failsafe_mode = true;
  PatroniHost host(3, config);
  host.run_until(seconds(25));
  host.sees_store[0] = false;  // the others see it, and see the key expire
  host.run_until(seconds(200));
  INFO(host.story());
  REQUIRE(host.story().empty());
  REQUIRE(host.is_primary(0));
}

TEST_CASE("patroni: a primary whose key is another's stops at once",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.keys.leader = MemberIndex{2};  // somebody has forced it
  host.lease_ends = TimePoint{} + seconds(60);
  host.run_until(seconds(50));
  INFO(host.story());
  REQUIRE(host.log[0].find("0 stop leader_key_lost immediate") != std::string::npos);
  REQUIRE(host.is_primary(2));
  REQUIRE(host.primaries() == 1);
}

TEST_CASE("patroni: an old primary comes back by pg_rewind, by base backup, or waits",
          "[policy][failover][patroni]") {
  PatroniConfig config;
  std::string expected = "page_operator diverged";
  SECTION("rewind") {
    config.use_pg_rewind = true;
    expected = "0 rewind diverged";
  }
  SECTION("base backup") {
    config.remove_data_directory_on_diverged_timelines = true;
    expected = "0 rebuild diverged";
  }
  SECTION("neither") {}
  PatroniHost host(3, config);
  host.logged.push_back(FailoverActionKind::page_operator);
  host.run_until(seconds(25));
  host.sees_peers[0] = false;
  host.sees_store[0] = false;
  host.run_until(seconds(26));
  host.kill_host(0);
  host.run_until(seconds(80));
  host.sees_peers[0] = host.sees_store[0] = true;
  host.restart_host(0);
  host.run_until(seconds(120));
  INFO(host.story());
  REQUIRE(host.is_primary(1));
  REQUIRE(host.story().find(expected) != std::string::npos);
  REQUIRE(host.streams_from(0, 1) == (expected != "page_operator diverged"));
}

// The old leader wrote on for 15 s after the cut. When the new one loses its key after the heal,
// the old one has the longest log, so it promotes, on the timeline number that the others are on.
TEST_CASE("patroni: an old leader with more log takes the key back and forks the timeline",
          "[policy][failover][patroni]") {
  PatroniConfig config;  // nothing brings it onto the new history first
  PatroniHost host(3, config);
  host.run_until(seconds(25));
  host.sees_store[0] = host.sees_peers[0] = false;
  host.run_until(seconds(55));
  REQUIRE(host.is_primary(1));
  REQUIRE(host.servers[1].status.timeline == 2);
  host.sees_store[0] = host.sees_peers[0] = true;
  host.run_until(seconds(62));
  host.sees_store[1] = host.sees_peers[1] = false;
  host.lease_ends = host.now;
  host.run_until(seconds(66));
  INFO(host.story());
  REQUIRE(host.is_primary(0));
  REQUIRE(host.is_primary(1));  // until its retry_timeout is over
  REQUIRE(host.servers[0].status.timeline == 2);
  REQUIRE(host.servers[0].log_id != host.servers[1].log_id);
  host.run_until(seconds(90));
  REQUIRE(host.primaries() == 1);
}

// Nobody asks anybody: its server is primary, and the store has no newer timeline.
TEST_CASE("patroni: a primary whose key has expired takes it again",
          "[policy][failover][patroni]") {
  PatroniHost host(2, fast());
  host.logged.push_back(FailoverActionKind::acquire_leader);
  host.run_until(seconds(25));
  host.kill_host(1);
  host.lease_ends = host.now;
  host.run_until(seconds(40));
  INFO(host.story());
  REQUIRE(host.log == std::vector<std::string>{"30005 0 acquire_leader routine"});
  REQUIRE(host.is_primary(0));
}

TEST_CASE("patroni: a switchover stops the primary in order and loses nothing",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.command(0, OperatorCommand::switchover, MemberIndex{2});
  host.run_until(seconds(40));
  INFO(host.story());
  REQUIRE(host.log.size() >= 3);
  REQUIRE(host.log[0].find("0 stop planned_switchover fast") != std::string::npos);
  REQUIRE(host.log[1].find("0 release_leader") != std::string::npos);
  REQUIRE(host.log[2].find("2 promote") != std::string::npos);
  REQUIRE(host.is_primary(2));
  REQUIRE_FALSE(host.keys.switchover);
  REQUIRE(host.streams_from(0, 2));
  REQUIRE(host.story().find("rewind") == std::string::npos);
  // From the stop to the new primary under a second: nobody waits for a key to expire.
  REQUIRE(host.log[2].substr(0, 2) == "25");
}

// The request was for another leader: who takes the key deletes it and does not hand over in its
// next round. Paused, one that names a member is kept (ha.py, process_unhealthy_cluster).
TEST_CASE("patroni: whoever takes the key ends a switchover that was asked of another leader",
          "[policy][failover][patroni]") {
  const bool is_paused = GENERATE(false, true);
  PatroniHost host(3, fast());
  host.run_until(seconds(25));
  host.keys.paused = is_paused;
  host.keys.switchover = true;
  host.keys.switchover_to = MemberIndex{2};
  host.lease_ends = host.now;
  host.sees_store[1] = host.sees_store[2] = false;  // they cannot race
  host.run_until(seconds(32));
  host.sees_store[1] = host.sees_store[2] = true;
  host.run_until(seconds(45));
  INFO(host.story());
  REQUIRE(host.story().empty());
  REQUIRE(host.is_primary(0));
  REQUIRE(host.keys.leader == MemberIndex{0});
  REQUIRE(host.keys.switchover == is_paused);
}

TEST_CASE("patroni: fail_back goes to the region where the cluster began",
          "[policy][failover][patroni]") {
  PatroniHost host(3, fast(), {}, {{.region = 0}, {.region = 0}, {.region = 1}});
  host.run_until(seconds(5));
  host.command(0, OperatorCommand::switchover, MemberIndex{2});
  host.run_until(seconds(40));
  REQUIRE(host.is_primary(2));
  host.command(2, OperatorCommand::fail_back);
  host.run_until(seconds(80));
  REQUIRE((host.is_primary(0) || host.is_primary(1)));
}

TEST_CASE("patroni: a watchdog that is required and missing keeps a member from leading",
          "[policy][failover][patroni]") {
  PatroniConfig config = fast();
  config.watchdog.mode = WatchdogMode::required;
  PatroniHost host(2, config);
  host.run_until(seconds(60));
  REQUIRE(host.primaries() == 0);
}

TEST_CASE("patroni: the watchdog is fed for less than the key lives, and off after a stop",
          "[policy][failover][patroni]") {
  PatroniConfig config = fast();
  config.watchdog.device = true;
  PatroniAgent agent(config, {}, MemberIndex{0}, std::vector<MemberInfo>(2), TimePoint{});
  agent.on_timer(TimePoint{});
  std::uint32_t check = 0, read = 0;
  while (const auto action = agent.poll()) {
    if (action->kind == FailoverActionKind::check_server) check = action->number;
    if (action->kind == FailoverActionKind::read_store) read = action->number;
  }
  FailoverEvent status{.kind = FailoverEventKind::server_status, .number = check};
  status.status.server.state = ServerState::primary;
  agent.handle(TimePoint{}, status);
  FailoverEvent view{.kind = FailoverEventKind::store_view, .number = read};
  view.view.leader = MemberIndex{0};
  agent.handle(TimePoint{}, view);
  const auto renew = agent.poll();
  REQUIRE(renew->kind == FailoverActionKind::renew_leader);
  REQUIRE(renew->ttl == seconds(30));
  agent.handle(TimePoint{}, {.kind = FailoverEventKind::store_done, .number = renew->number});
  const auto feed = agent.poll();
  REQUIRE(feed->kind == FailoverActionKind::feed_watchdog);
  REQUIRE(feed->ttl == seconds(25));  // ttl - safety_margin
}

TEST_CASE("patroni: a fast stop that hangs does not let the watchdog bite",
          "[policy][failover][patroni]") {
  PatroniConfig config = fast();
  config.watchdog.device = true;
  PatroniHost host(3, config);
  host.logged = {FailoverActionKind::stop, FailoverActionKind::feed_watchdog};
  host.servers[0].stop_hangs = true;
  host.run_until(seconds(25));
  host.log.clear();
  host.sees_store[0] = false;
  host.run_until(seconds(45));
  INFO(host.story());
  // One second after the order its sessions are gone, and the watchdog is switched off.
  REQUIRE(host.log == std::vector<std::string>{"40000 0 stop store_unreachable fast",
                                               "41001 0 feed_watchdog routine"});
}

TEST_CASE("patroni: paused, nothing is promoted, started or stopped",
          "[policy][failover][patroni]") {
  FailoverGuards guards;
  guards.frozen = true;
  PatroniHost host(3, fast(), guards);
  host.run_until(seconds(25));
  host.kill_host(0);
  host.run_until(seconds(120));
  REQUIRE(host.story().empty());
  for (std::uint32_t i : {1u, 2u}) host.command(i, OperatorCommand::resume);
  host.run_until(seconds(140));
  REQUIRE(host.primaries() == 1);
}

// Its key renewed at 20.01 s, the leader has stepped down at 40.1 s (above). Paused it stays, and
// its answer with it when the key has expired at 50.01 s; with the store there the key counts.
TEST_CASE("patroni: GET /primary is answered by who holds the key, whatever the servers are",
          "[policy][failover][patroni]") {
  for (const bool is_paused : {false, true}) {
    FailoverGuards guards;
    guards.frozen = is_paused;
    PatroniHost host(3, fast(), guards);
    const auto is_found = [&](std::uint32_t member) {
      return host.agents[member].answers_as_primary(host.now, host.seen(member));
    };
    host.run_until(seconds(25));
    host.servers[1].status.state = ServerState::primary;
    REQUIRE(is_found(0));
    REQUIRE_FALSE(is_found(1));
    host.servers[1].status.state = ServerState::standby;
    host.sees_store[0] = false;
    host.sees_peers[0] = false;
    host.run_until(milliseconds(40'050));
    REQUIRE(is_found(0));
    host.run_until(milliseconds(40'150));
    REQUIRE(is_found(0) == is_paused);
    host.run_until(seconds(90));
    REQUIRE(is_found(0) == is_paused);
    REQUIRE(is_found(1) != is_paused);
  }
}

TEST_CASE("patroni: by hand, the promotion waits for a person", "[policy][failover][patroni]") {
  FailoverGuards guards;
  guards.across_regions = AcrossRegions::by_hand;
  PatroniHost host(2, fast(), guards, {{.region = 0}, {.region = 1}});
  host.logged.push_back(FailoverActionKind::page_operator);
  host.run_until(seconds(25));
  host.kill_host(0);
  host.run_until(seconds(200));
  INFO(host.story());
  REQUIRE(host.log.size() == 1);
  REQUIRE(host.log[0].find("1 page_operator awaits_approval") != std::string::npos);
  host.command(1, OperatorCommand::approve);
  host.run_until(seconds(210));
  REQUIRE(host.is_primary(1));
}

TEST_CASE("patroni: settings that break the rule of the time-outs are reduced as Patroni does",
          "[policy][failover][patroni]") {
  PatroniConfig config;
  REQUIRE(with_adjusted_timeouts(config) == config);  // 10 + 2 * 10 <= 30
  config.ttl = seconds(25);
  REQUIRE(with_adjusted_timeouts(config).loop_wait == seconds(5));  // 25 - 2 * 10
  config.ttl = seconds(20);
  REQUIRE(with_adjusted_timeouts(config).loop_wait == seconds(1));
  REQUIRE(with_adjusted_timeouts(config).retry_timeout == milliseconds(9500));  // (20 - 1) / 2
}

}  // namespace longhaul
