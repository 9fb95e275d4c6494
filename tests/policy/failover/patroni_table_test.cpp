// The tables of the agent of Patroni: their shape, their printed form, and that all is used.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/policy/failover/dice_world.h"
#include "tests/policy/failover/patroni_host.h"
#include "tests/policy/failover/table_walk.h"

namespace longhaul {
namespace {

// Faults come and go at random: hosts, servers, connections to the store and to others, hung
// stops, switchovers, pauses. Every tenth operation or request fails.
void torment(PatroniHost& host, Luck& luck, Duration until) {
  host.luck = &luck;
  while (host.now < TimePoint{} + until) {
    const auto member =
        static_cast<std::uint32_t>(luck.below(static_cast<std::int64_t>(host.agents.size())));
    switch (luck.below(15)) {
      case 0:
        if (host.is_host_up[member]) host.kill_host(member);
        break;
      case 1:
      case 2:
        if (!host.is_host_up[member]) host.restart_host(member);
        break;
      case 3:
        host.crash_server(member);
        break;
      case 4:
        host.sees_store[member] = !host.sees_store[member];
        break;
      case 5:
        host.sees_peers[member] = !host.sees_peers[member];
        break;
      case 6:
        host.servers[member].stop_hangs = !host.servers[member].stop_hangs;
        break;
      case 7:
        host.command(member, OperatorCommand::switchover,
                     luck.one_in(2) ? MemberIndex{} : MemberIndex{member});
        break;
      case 8:
        host.keys.paused = luck.one_in(3);
        break;
      case 9:
        if (host.servers[member].status.state == ServerState::standby) {
          host.servers[member].status.diverged = true;
        }
        break;
      case 10:
        if (host.servers[member].status.state == ServerState::stopped) {
          host.servers[member].status.state = ServerState::starting;
        }
        break;
      case 11:
        if (luck.one_in(3)) host.drop_leader();
        break;
      case 12:
        host.command(member, OperatorCommand::fail_back);
        break;
      case 13:
        host.lease_ends = host.now;
        host.keys.leader = MemberIndex{member};
        break;
      default:
        for (std::size_t i = 0; i < host.agents.size(); ++i) {
          host.sees_store[i] = host.sees_peers[i] = true;
          host.servers[i].stop_hangs = false;
          if (!host.is_host_up[i]) host.restart_host(static_cast<std::uint32_t>(i));
        }
        break;
    }
    host.run_until(host.now - TimePoint{} + milliseconds(luck.below(15000)));
  }
}

PatroniConfig drawn(Luck& luck) {
  PatroniConfig config;
  config.use_pg_rewind = luck.one_in(2);
  config.remove_data_directory_on_rewind_failure = luck.one_in(2);
  config.remove_data_directory_on_diverged_timelines = luck.one_in(3);
  config.synchronous_mode = static_cast<PatroniSync>(luck.below(3));
  config.synchronous_mode_strict = luck.one_in(2);
  config.primary_stop_timeout = luck.one_in(2) ? seconds(5) : Duration{};
  config.primary_start_timeout = seconds(5 * luck.below(3));
  config.failsafe_mode = luck.one_in(3);
  config.check_timeline = luck.one_in(2);
  config.watchdog.device = luck.one_in(2);
  if (luck.one_in(6)) config.watchdog.mode = WatchdogMode::required;
  return config;
}

}  // namespace

TEST_CASE("patroni: table: well formed", "[policy][failover][patroni]") {
  check_table<PatroniState, PatroniInput, PatroniGuard, PatroniOrder>(
      patroni_table, PatroniState::waiting, PatroniGuard::always);
  check_table<ServerWork, WorkInput, WorkGuard, WorkOrder>(work_table, ServerWork::none,
                                                           WorkGuard::always);
}

TEST_CASE("patroni: table: its printed form is the golden one", "[policy][failover][patroni]") {
  const std::string path = std::string(LONGHAUL_ROOT) + "/tests/golden/patroni_table.txt";
  const std::string text =
      printed<PatroniState, PatroniInput, PatroniGuard, PatroniOrder>(patroni_table) + "\n" +
      printed<ServerWork, WorkInput, WorkGuard, WorkOrder>(work_table);
  if (std::getenv("LONGHAUL_REWRITE") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  REQUIRE(text == golden);
}

// The host requires that every promotion follows a word of the store that the key is this member's,
// and that a deadline that has been served gives way to a later one.
TEST_CASE("patroni: table: random faults promote nobody without the key",
          "[policy][failover][patroni]") {
  Luck luck{20260501};
  for (int story = 0; story < 20; ++story) {
    const PatroniConfig config = drawn(luck);
    PatroniHost host(static_cast<std::size_t>(2 + luck.below(4)), config);
    host.logged.clear();
    torment(host, luck, seconds(1000));
  }
}

TEST_CASE("patroni: table: random faults for long", "[.slow][policy][failover][patroni]") {
  Luck luck{20260502};
  std::uint64_t events = 0;
  while (events < 1'000'000) {
    const PatroniConfig config = drawn(luck);
    PatroniHost host(static_cast<std::size_t>(2 + luck.below(4)), config);
    host.logged.clear();
    torment(host, luck, seconds(3000));
    events += host.serial;
  }
}

TEST_CASE("patroni: table: an agent whose world is dice takes every row",
          "[policy][failover][patroni]") {
  std::bitset<patroni_row_count> rows;
  std::bitset<work_row_count> work_rows;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Luck luck{seed};
    DiceWorld world(drawn(luck), luck, seed % 3 == 0);
    for (int i = 0; i < 3000; ++i) world.step();
    rows |= world.agent.rows_taken();
    work_rows |= world.agent.work_rows_taken();
  }
  for (std::size_t i = 0; i < patroni_row_count; ++i) {
    INFO(patroni_table[i].sentence << " (" << to_text(patroni_table[i].from) << " "
                                   << to_text(patroni_table[i].guard) << ")");
    REQUIRE(rows[i]);
  }
  for (std::size_t i = 0; i < work_row_count; ++i) {
    INFO(work_table[i].sentence);
    REQUIRE(work_rows[i]);
  }
}

// Whatever has happened, ten minutes without faults bring one primary that all can follow.
TEST_CASE("patroni: after random faults a cluster converges", "[policy][failover][patroni]") {
  Luck luck{20260503};
  for (int story = 0; story < 40; ++story) {
    PatroniConfig config = drawn(luck);
    config.watchdog.mode = WatchdogMode::automatic;
    config.use_pg_rewind = config.remove_data_directory_on_diverged_timelines = true;
    config.synchronous_mode = PatroniSync::off;
    PatroniHost host(3, config);
    torment(host, luck, seconds(600));
    host.luck = nullptr;
    host.keys.paused = false;
    for (std::uint32_t i = 0; i < 3; ++i) {
      host.sees_store[i] = host.sees_peers[i] = true;
      host.servers[i].stop_hangs = false;
      host.restart_host(i);  // ends waits for what will never be answered
      if (host.servers[i].status.state != ServerState::primary) {
        host.servers[i].status.state = ServerState::stopped;
      }
    }
    host.log.clear();
    host.run_until(host.now - TimePoint{} + minutes(10));
    INFO(host.story());
    CAPTURE(story);
    REQUIRE(host.primaries() == 1);
    REQUIRE(host.keys.leader.valid());
    for (std::uint32_t i = 0; i < 3; ++i) {
      if (host.is_primary(i)) continue;
      REQUIRE(host.streams_from(i, host.keys.leader.value));
    }
  }
}

}  // namespace longhaul
