// A host of agents of Patroni for tests: servers, a lease store and a network of the simplest kind.
// Messages take 1 ms, the store 5 ms, operations what `operation_takes` says. A primary writes one
// byte a microsecond, and its connected standbys have it at once. Whoever is killed, cut off from
// the store or from its peers is set by the test; requests that cannot get through stay unanswered.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "base/units_text.h"
#include "policy/failover/patroni.h"
#include "tests/catch.h"
#include "tests/policy/luck.h"

namespace longhaul {

struct PatroniHost {
  struct Server {
    ServerStatus status;
    std::uint32_t log_id = 0;         // which promotion made the timeline it is on
    bool stop_hangs = false;          // a fast shutdown waits for ever
    bool answers_as_primary = false;  // whatever it is
    bool outlived_by_sender = false;  // its row in pg_stat_replication stays when it is gone
    AckRule waits_for{};
  };
  struct Message {
    TimePoint at;
    std::uint64_t serial;
    std::uint32_t to;
    FailoverEvent event;
  };

  PatroniConfig config;
  FailoverGuards guards;
  std::vector<MemberInfo> infos;
  std::vector<PatroniAgent> agents;
  std::vector<Server> servers;
  std::vector<bool> is_host_up, sees_store, sees_peers;
  std::vector<std::uint64_t> confirmed;  // store events that said the key is its own
  std::vector<Message> queue;
  std::vector<std::string> log;
  std::vector<FailoverActionKind> logged{
      FailoverActionKind::promote,       FailoverActionKind::stop,
      FailoverActionKind::start_primary, FailoverActionKind::start_standby,
      FailoverActionKind::rewind,        FailoverActionKind::rebuild,
      FailoverActionKind::release_leader};
  TimePoint now{};
  Duration operation_takes = milliseconds(100);
  std::uint64_t serial = 0;
  std::uint32_t promotions = 0;
  std::function<void(std::uint32_t, const FailoverAction&)> watch;  // every action
  bool fails_promotion = false;
  std::optional<std::size_t> broken;  // its server cannot be started
  Luck* luck = nullptr;               // operations fail and answers get lost now and then

  // The store.
  ClusterView keys;
  TimePoint lease_ends{};
  std::vector<TimePoint> touched;
  std::vector<std::uint64_t> sync_read;  // the revision that each member read last

  PatroniHost(std::size_t count, const PatroniConfig& with = {}, const FailoverGuards& guarded = {},
              std::vector<MemberInfo> members = {})
      : config(with), guards(guarded), infos(std::move(members)) {
    infos.resize(count);
    infos[0].starts_as_primary = true;
    servers.resize(count);
    is_host_up.assign(count, true);
    sees_store.assign(count, true);
    sees_peers.assign(count, true);
    confirmed.assign(count, 0);
    touched.assign(count, TimePoint{} - seconds(100));
    sync_read.assign(count, 0);
    for (std::uint32_t i = 0; i < count; ++i) {
      ServerStatus& server = servers[i].status;
      server.state = i == 0 ? ServerState::primary : ServerState::standby;
      server.timeline = 1;
      server.upstream = i == 0 ? MemberIndex{} : MemberIndex{0};
      server.received = server.replayed = Lsn{1000};
      agents.emplace_back(config, guards, MemberIndex{i}, infos,
                          TimePoint{} + milliseconds(100 * i));
      keys.alive = static_cast<MemberSet>(keys.alive | set_of(MemberIndex{i}));
      keys.members[i].server = server;
      touched[i] = TimePoint{};
    }
    keys.leader = MemberIndex{0};
    keys.timeline = 1;
    lease_ends = TimePoint{} + config.ttl;
  }

  // ---- What tests do ---------------------------------------------------------------------------

  void run_until(Duration at) {
    const TimePoint end = TimePoint{} + at;
    while (step(end)) {
    }
    advance(end);
  }
  void kill_host(std::uint32_t member) {
    is_host_up[member] = false;
    servers[member].status.state = ServerState::stopped;
    servers[member].status.clean_stop = false;
  }
  void crash_server(std::uint32_t member) {
    servers[member].status.state = ServerState::stopped;
    servers[member].status.clean_stop = false;
  }
  void restart_host(std::uint32_t member) {
    is_host_up[member] = true;
    agents[member] = PatroniAgent(config, guards, MemberIndex{member}, infos, now + seconds(1));
  }
  void command(std::uint32_t member, OperatorCommand command, MemberIndex to = {}) {
    FailoverEvent event{.kind = FailoverEventKind::command, .member = to};
    event.command = command;
    deliver(member, event);
  }
  std::uint32_t primaries() const {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      count += is_host_up[i] && servers[i].status.state == ServerState::primary ? 1 : 0;
    }
    return count;
  }
  bool is_primary(std::uint32_t member) const {
    return is_host_up[member] && servers[member].status.state == ServerState::primary;
  }
  bool streams_from(std::uint32_t member, std::uint32_t upstream) const {
    return servers[member].status.state == ServerState::standby && is_connected(member) &&
           servers[member].status.upstream == MemberIndex{upstream};
  }
  std::string story() const {
    std::string text;
    for (const std::string& line : log) text += line + "\n";
    return text;
  }

  // ---- The world -------------------------------------------------------------------------------

  bool is_connected(std::uint32_t member) const {
    const ServerStatus& own = servers[member].status;
    if (own.state != ServerState::standby || !own.upstream.valid() || own.diverged) return false;
    const std::uint32_t up = own.upstream.value;
    return is_primary(up) && is_host_up[member] && sees_peers[member] && sees_peers[up];
  }

  void advance(TimePoint to) {
    const std::int64_t bytes = (to - now).ns / 1000;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (!is_primary(static_cast<std::uint32_t>(i))) continue;
      Lsn& end = servers[i].status.received;
      end = Lsn{end.value + static_cast<std::uint64_t>(bytes)};
      servers[i].status.replayed = end;
    }
    for (std::uint32_t i = 0; i < servers.size(); ++i) {
      if (!is_connected(i)) continue;
      ServerStatus& own = servers[i].status;
      const Server& up = servers[own.upstream.value];
      if (own.timeline < up.status.timeline && own.received > up.status.fork) {
        own.diverged = true;
        continue;
      }
      own.timeline = up.status.timeline;
      own.fork = up.status.fork;
      servers[i].log_id = up.log_id;
      own.received = own.replayed = std::max(own.received, up.status.received);
    }
    now = to;
    for (std::uint32_t i = 0; i < servers.size(); ++i) {
      if (now - touched[i] > config.ttl) {
        keys.alive = static_cast<MemberSet>(keys.alive & ~set_of(MemberIndex{i}));
      }
    }
    if (keys.leader.valid() && now >= lease_ends) drop_leader();
  }
  void drop_leader() {
    keys.leader = {};
    tell_watchers(FailoverEventKind::leader_key_gone);
  }
  void tell_watchers(FailoverEventKind kind) {
    for (std::uint32_t i = 0; i < agents.size(); ++i) {
      if (sees_store[i]) send(i, {.kind = kind}, milliseconds(5));
    }
  }
  void send(std::uint32_t to, const FailoverEvent& event, Duration after) {
    queue.push_back({now + after, ++serial, to, event});
  }

  // The next message or timer before `end`, if there is one.
  bool step(TimePoint end) {
    TimePoint next = end;
    std::size_t message = queue.size();
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const bool is_sooner = queue[i].at < next || (message < queue.size() && queue[i].at == next &&
                                                    queue[i].serial < queue[message].serial);
      if (!is_sooner) continue;
      next = queue[i].at;
      message = i;
    }
    std::uint32_t timer = static_cast<std::uint32_t>(agents.size());
    for (std::uint32_t i = 0; i < agents.size(); ++i) {
      const auto due = agents[i].next_deadline();
      if (is_host_up[i] && due && *due < next) {
        next = std::max(*due, now);
        timer = i;
        message = queue.size();
      }
    }
    if (keys.leader.valid() && lease_ends < next) {
      advance(std::max(lease_ends, now));
      return true;
    }
    if (next >= end) return false;
    advance(next);
    if (timer < agents.size()) {
      agents[timer].on_timer(now);
      const auto due = agents[timer].next_deadline();
      REQUIRE(due.has_value());
      drain(timer);
      REQUIRE(*agents[timer].next_deadline() > now);
      return true;
    }
    const Message taken = queue[message];
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(message));
    if (is_host_up[taken.to]) deliver(taken.to, taken.event);
    return true;
  }
  void deliver(std::uint32_t to, const FailoverEvent& event) {
    if (event.kind == FailoverEventKind::operation_done) finish(to, event);
    agents[to].handle(now, event);
    drain(to);
  }
  void drain(std::uint32_t member) {
    while (const auto action = agents[member].poll()) carry_out(member, *action);
  }

  ServerStatus seen(std::uint32_t member) const {
    ServerStatus status = servers[member].status;
    status.streaming = is_connected(member);
    if (status.state == ServerState::primary) {
      for (std::uint32_t i = 0; i < servers.size(); ++i) {
        if (!is_connected(i) && !servers[i].outlived_by_sender) continue;
        if (servers[i].status.upstream != MemberIndex{member}) continue;
        status.standbys = static_cast<MemberSet>(status.standbys | set_of(MemberIndex{i}));
      }
      status.synchronous =
          static_cast<MemberSet>(status.standbys & servers[member].waits_for.listed);
    }
    return status;
  }

  void note(std::uint32_t member, const FailoverAction& action) {
    if (std::find(logged.begin(), logged.end(), action.kind) == logged.end()) return;
    std::string line = to_text_ms() + " " + std::to_string(member) + " " +
                       std::string(to_text(action.kind)) + " " +
                       std::string(to_text(action.reason));
    if (action.kind == FailoverActionKind::candidate) {
      line += " " + std::to_string(action.member.value) + (action.eligible ? " yes" : " no");
    }
    if (action.kind == FailoverActionKind::phase) line += " " + std::string(to_text(action.phase));
    if (action.kind == FailoverActionKind::stop) {
      line += action.stop_mode == StopMode::fast ? " fast" : " immediate";
    }
    log.push_back(line);
  }
  std::string to_text_ms() const { return std::to_string((now - TimePoint{}).ns / 1000000); }

  void carry_out(std::uint32_t member, const FailoverAction& action);
  void carry_out_store(std::uint32_t member, const FailoverAction& action);
  void finish(std::uint32_t member, const FailoverEvent& event);
};

inline void PatroniHost::carry_out(std::uint32_t member, const FailoverAction& action) {
  using Kind = FailoverActionKind;
  note(member, action);
  if (watch) watch(member, action);
  Server& server = servers[member];
  const auto answer = [&](FailoverEventKind kind, Duration after) {
    FailoverEvent event{.kind = kind, .number = action.number, .member = action.member};
    event.action = action.kind;
    event.upstream = action.upstream;
    event.members = action.members;
    event.quorum = action.quorum;
    send(member, event, after);
  };
  const bool starts = action.kind == Kind::start_primary || action.kind == Kind::start_standby;
  const bool fails = (luck != nullptr && luck->one_in(10)) || (starts && broken == member);
  switch (action.kind) {
    case Kind::check_server: {
      FailoverEvent event{.kind = FailoverEventKind::server_status, .number = action.number};
      event.status.server = seen(member);
      send(member, event, milliseconds(1));
      break;
    }
    case Kind::poll_member: {
      const std::uint32_t other = action.member.value;
      REQUIRE(other != member);
      if (!sees_peers[member] || !sees_peers[other] || !is_host_up[other] || fails) break;
      if (action.on) {
        send(other, {.kind = FailoverEventKind::failsafe_asked, .member = MemberIndex{member}}, {});
      }
      FailoverEvent event{.kind = FailoverEventKind::member_status,
                          .number = action.number,
                          .member = action.member};
      event.status = agents[other].describe(seen(other));
      if (servers[other].answers_as_primary) event.status.server.state = ServerState::primary;
      send(member, event, milliseconds(1));
      break;
    }
    case Kind::promote:
      REQUIRE(confirmed[member] != 0);  // the store has said so since it last said no
      if (fails_promotion) {
        answer(FailoverEventKind::operation_failed, operation_takes);
        break;
      }
      [[fallthrough]];
    case Kind::start_primary:
    case Kind::start_standby:
    case Kind::rewind:
    case Kind::rebuild:
    case Kind::set_synchronous:
      if (action.kind == Kind::rewind || action.kind == Kind::rebuild) {
        server.status.state = ServerState::busy;
      }
      answer(fails ? FailoverEventKind::operation_failed : FailoverEventKind::operation_done,
             operation_takes);
      break;
    case Kind::stop:
      if (server.stop_hangs && action.stop_mode == StopMode::fast) {
        if (server.status.state != ServerState::stopped)
          server.status.state = ServerState::stopping;
        break;
      }
      answer(fails ? FailoverEventKind::operation_failed : FailoverEventKind::operation_done,
             operation_takes);
      break;
    case Kind::read_store:
    case Kind::acquire_leader:
    case Kind::renew_leader:
    case Kind::release_leader:
    case Kind::write_status:
    case Kind::write_sync:
    case Kind::touch_member:
    case Kind::write_failsafe:
    case Kind::delete_switchover:
    case Kind::write_switchover:
      if (sees_store[member] && !fails) {
        carry_out_store(member, action);
      } else {
        send(member, {.kind = FailoverEventKind::store_failed, .number = action.number},
             action.patience);
      }
      break;
    default:
      break;
  }
}

inline void PatroniHost::carry_out_store(std::uint32_t member, const FailoverAction& action) {
  using Kind = FailoverActionKind;
  const MemberIndex self{member};
  FailoverEvent event{.kind = FailoverEventKind::store_done, .number = action.number};
  const auto refused_unless = [&](bool is_granted) {
    if (!is_granted) event.kind = FailoverEventKind::store_refused;
    return is_granted;
  };
  switch (action.kind) {
    case Kind::read_store:
      event.kind = FailoverEventKind::store_view;
      event.view = keys;
      sync_read[member] = keys.sync_revision;
      if (keys.leader != self) confirmed[member] = 0;
      break;
    case Kind::acquire_leader:
      if (refused_unless(!keys.leader.valid())) {
        keys.leader = self;
        lease_ends = now + action.ttl;
        confirmed[member] += 1;
        tell_watchers(FailoverEventKind::leader_key_set);
      }
      break;
    case Kind::renew_leader:
      if (refused_unless(keys.leader == self)) {
        lease_ends = now + action.ttl;
        confirmed[member] += 1;
      } else {
        confirmed[member] = 0;
      }
      break;
    case Kind::release_leader:
      confirmed[member] = 0;
      if (refused_unless(keys.leader == self)) drop_leader();
      break;
    case Kind::write_status:
      if (refused_unless(keys.leader == self)) {
        keys.leader_position = action.position;
        keys.timeline = std::max(keys.timeline, action.timeline);
      }
      break;
    case Kind::write_sync:
      if (refused_unless(sync_read[member] == keys.sync_revision)) {
        keys.sync_leader = action.member;
        keys.sync_standbys = action.members;
        keys.sync_quorum = action.quorum;
        sync_read[member] = ++keys.sync_revision;
      }
      break;
    case Kind::touch_member:
      keys.alive = static_cast<MemberSet>(keys.alive | set_of(self));
      keys.members[member] = action.status;
      touched[member] = now;
      break;
    case Kind::write_failsafe:
      keys.failsafe = action.members;
      break;
    case Kind::write_switchover:
      keys.switchover = true;
      keys.switchover_to = action.member;
      break;
    case Kind::delete_switchover:
      keys.switchover = false;
      break;
    default:
      break;
  }
  send(member, event, milliseconds(5));
}

// What an operation has done to the server.
inline void PatroniHost::finish(std::uint32_t member, const FailoverEvent& event) {
  using Kind = FailoverActionKind;
  ServerStatus& own = servers[member].status;
  switch (event.action) {
    case Kind::promote:
      if (own.state != ServerState::standby) break;
      own.state = ServerState::primary;
      own.fork = own.received;
      own.timeline += 1;
      own.upstream = {};
      servers[member].log_id = ++promotions;
      break;
    case Kind::start_primary:
      own.state = ServerState::primary;
      break;
    case Kind::start_standby:
      own.state = ServerState::standby;
      own.upstream = event.upstream;
      own.diverged = false;
      break;
    case Kind::stop:
      own.clean_stop = own.state != ServerState::stopped;
      own.state = ServerState::stopped;
      break;
    case Kind::rewind:
    case Kind::rebuild: {
      if (!event.upstream.valid()) break;  // from nobody
      const ServerStatus& up = servers[event.upstream.value].status;
      own = up;
      own.state = ServerState::stopped;
      own.clean_stop = true;
      own.upstream = event.upstream;
      servers[member].log_id = servers[event.upstream.value].log_id;
      break;
    }
    case Kind::set_synchronous:
      servers[member].waits_for = {event.members, event.quorum};
      break;
    default:
      break;
  }
}

}  // namespace longhaul
