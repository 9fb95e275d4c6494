// Stories of elections as transcripts: what happens, said in words, and what the managers order and
// why, held against tests/policy/data/elections/NAME.txt. LONGHAUL_REWRITE=1 writes the files.
#pragma once

#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "policy/failover/auto_failover_keeper.h"
#include "policy/failover/auto_failover_monitor.h"
#include "policy/failover/consensus.h"
#include "policy/failover/managed.h"
#include "policy/failover/repmgr.h"
#include "tests/policy/failover/patroni_host.h"
#include "tests/policy/failover_host.h"

namespace longhaul::stories {

inline std::string millis(TimePoint at) {
  const std::int64_t ms = at.ns / 1'000'000;
  std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  return std::to_string(ms / 1000) + "." + fraction;
}

inline bool is_told(FailoverActionKind kind) {
  using Kind = FailoverActionKind;
  switch (kind) {
    case Kind::acquire_leader:
    case Kind::release_leader:
    case Kind::promote:
    case Kind::start_primary:
    case Kind::start_standby:
    case Kind::stop:
    case Kind::rewind:
    case Kind::rebuild:
    case Kind::set_read_only:
    case Kind::set_synchronous:
    case Kind::fetch_wal:
    case Kind::fence:
    case Kind::move_clients:
    case Kind::page_operator:
    case Kind::refuse:
    case Kind::candidate:
    case Kind::phase:
      return true;
    default:
      return false;
  }
}

// "52.020 agent 1 promote: lock_acquired"
inline std::string line_of(TimePoint at, std::uint32_t by, const FailoverAction& action) {
  using Kind = FailoverActionKind;
  std::string line = millis(at) + (by < 16 ? " agent " + std::to_string(by)
                                           : " controller " + std::to_string(by - 16));
  line += " " + std::string(to_text(action.kind));
  if (action.kind == Kind::phase) line += " " + std::string(to_text(action.phase));
  const bool of_another = action.member.valid() && action.member.value != by;
  if (of_another || action.kind == Kind::candidate) {
    line += " " + (action.member.valid() ? std::to_string(action.member.value) : "nobody");
  }
  if (action.kind == Kind::candidate) line += action.eligible ? " yes" : " no";
  if (action.kind == Kind::stop)
    line += action.stop_mode == StopMode::fast ? " fast" : " immediate";
  if (action.kind == Kind::set_read_only) line += action.on ? " on" : " off";
  return line + ": " + std::string(to_text(action.reason)) + "\n";
}

// Compares, or writes.
inline void hold_against(const std::string& name, const std::string& text) {
  const std::string path =
      std::string(LONGHAUL_ROOT) + "/tests/policy/data/elections/" + name + ".txt";
  const char* rewrite = std::getenv("LONGHAUL_REWRITE");
  if (rewrite != nullptr && std::string(rewrite) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ostringstream held;
  held << std::ifstream(path, std::ios::binary).rdbuf();
  INFO(path);
  REQUIRE(text == held.str());
}

// Agents of Patroni, of which 0 leads. Its host is lost at 25 s unless a story says otherwise.
struct Patroni {
  PatroniHost host;
  std::string text;

  explicit Patroni(const std::string& rule, const PatroniConfig& config = {},
                   std::vector<MemberInfo> members = std::vector<MemberInfo>(3))
      : host(members.size(), config, {}, members), text("# " + rule + "\n") {
    host.logged = {};
    host.watch = [this](std::uint32_t member, const FailoverAction& action) {
      if (is_told(action.kind) && host.now >= TimePoint{} + tell_from) {
        text += line_of(host.now, member, action);
      }
    };
  }

  Duration tell_from = seconds(20);

  void say(const std::string& what) { text += millis(host.now) + " " + what + "\n"; }
  void until(Duration at) { host.run_until(at); }
  void lose_leader() {
    until(seconds(25));
    say("the host of 0 is lost");
    host.kill_host(0);
  }
  // It has nothing of the last second of the leader's log.
  void keep_behind(std::uint32_t member) {
    until(seconds(24));
    say("the link of " + std::to_string(member) + " is cut");
    host.sees_peers[member] = false;
    lose_leader();
    say("the link of " + std::to_string(member) + " is healed");
    host.sees_peers[member] = true;
  }
  void ends(const std::string& name) { hold_against("patroni_" + name, text); }
};

// The other managers, on their common host.
struct Others {
  std::vector<MemberInfo> members;
  FailoverHost host;
  std::deque<Repmgr> daemons;
  std::deque<AutoFailoverKeeper> keepers;
  std::deque<AutoFailoverMonitor> monitors;
  std::deque<ConsensusVoter> voters;
  std::deque<ManagedService> services;
  std::string text;
  std::size_t shown = 0;

  Others(const std::string& rule, std::vector<MemberInfo> infos)
      : members(std::move(infos)), host(members.size()), text("# " + rule + "\n") {
    members[0].starts_as_primary = true;
  }

  void repmgr(const RepmgrConfig& config = {}) {
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      if (members[i].is_witness) host.servers[i].status.state = ServerState::primary;
      daemons.emplace_back(config, MemberIndex{i}, members, host.now + milliseconds(100 * i));
      host.add(daemons.back(), i);
    }
    begin();
  }
  void auto_failover(const AutoFailoverConfig& config = {}) {
    monitors.emplace_back(config, members, host.now);
    host.add(monitors.back(), 16);
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      keepers.emplace_back(config, MemberIndex{i}, members, host.now + milliseconds(130 * i));
      host.add(keepers.back(), i);
    }
    begin();
  }
  void consensus(const FailoverGuards& guards = {}, const ConsensusConfig& config = {}) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      voters.emplace_back(config, guards, VoterIndex{i}, 3, members,
                          host.now + milliseconds(170 * i));
      host.add(voters.back(), 16 + i);
    }
    begin();
  }
  void managed(const ManagedConfig& config) {
    services.emplace_back(config, members, host.now, 1);
    host.add(services.back(), 16);
    begin();
  }

  void begin() {
    host.run_for(seconds(60));
    shown = host.log.size();
  }
  void say(const std::string& what) {
    tell();
    text += millis(host.now) + " " + what + "\n";
  }
  void tell() {
    for (; shown < host.log.size(); ++shown) {
      const LoggedAction& entry = host.log[shown];
      if (is_told(entry.action.kind)) text += line_of(entry.at, entry.by, entry.action);
    }
  }
  void run(Duration time) { host.run_for(time); }
  void lose(std::uint32_t member) {
    say("the host of " + std::to_string(member) + " is lost");
    host.lose(member);
  }
  void keep_behind(std::uint32_t member, Bytes lag) {
    say(std::to_string(member) + " falls behind by " + to_text(lag));
    host.write_step = kibibytes(500);
    host.servers[member].lag = lag;
    run(seconds(30));
  }
  void ends(const std::string& name) {
    tell();
    hold_against(name, text);
  }
};

inline std::vector<MemberInfo> plain(std::size_t count) { return std::vector<MemberInfo>(count); }

}  // namespace longhaul::stories
