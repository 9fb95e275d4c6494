// A host for failover managers in tests: a handful of servers whose state a story sets, a network
// that can be cut, and just enough of PostgreSQL for orders to have an outcome.
//
// Members are 0, 1, 2, ...; controllers and voters stand at places 16, 17, ... of the network.
// Writing primaries grow by `write_rate`; standbys that reach their upstream hold what it has, less
// their lag. Everything travels for `latency` each way.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "policy/failover/types.h"

namespace longhaul {

struct HostedManager {
  std::function<void(TimePoint, const FailoverEvent&)> handle;
  std::function<void(TimePoint)> on_timer;
  std::function<std::optional<FailoverAction>()> poll;
  std::function<std::optional<TimePoint>()> next_deadline;
  std::function<MemberStatus(TimePoint)> status;  // agents
  std::function<bool()> sees_primary_dead;        // voters
  std::uint32_t place = 16;
  bool is_running = true;
};

struct LoggedAction {
  TimePoint at;
  std::uint32_t by = 0;  // place
  FailoverAction action;
};

class FailoverHost {
 public:
  struct Server {
    ServerStatus status;
    bool host_up = true;
    bool orders_fail = false;
    Bytes lag{0};
    TimePoint seen_by_upstream{};
    Lsn fork{};  // where its timeline begins
  };

  explicit FailoverHost(std::size_t members) : servers(members) {
    for (std::size_t i = 0; i < members; ++i) {
      ServerStatus& server = servers[i].status;
      server.state = i == 0 ? ServerState::primary : ServerState::standby;
      server.timeline = 1;
      server.received = server.replayed = Lsn{1'000'000'000};
      server.streaming = i != 0;
      if (i != 0) server.upstream = MemberIndex{0};
    }
    at(now, [this] { tick(); });
  }

  template <class Manager>
  HostedManager& add(Manager& manager, std::uint32_t place) {
    HostedManager hosted;
    hosted.handle = [&manager](TimePoint at, const FailoverEvent& e) { manager.handle(at, e); };
    hosted.on_timer = [&manager](TimePoint at) { manager.on_timer(at); };
    hosted.poll = [&manager] { return manager.poll(); };
    hosted.next_deadline = [&manager] { return manager.next_deadline(); };
    if constexpr (requires { manager.describe(TimePoint{}, ServerStatus{}); }) {
      hosted.status = [&manager](TimePoint at) { return manager.describe(at, ServerStatus{}); };
    }
    if constexpr (requires { manager.sees_primary_dead(); }) {
      hosted.sees_primary_dead = [&manager] { return manager.sees_primary_dead(); };
    }
    hosted.place = place;
    managers.push_back(hosted);
    return managers.back();
  }

  void at(TimePoint when, std::function<void()> what) {
    pending_.push_back({when, ++serial_, std::move(what)});
    std::push_heap(pending_.begin(), pending_.end(), later);
  }
  void after(Duration delay, std::function<void()> what) { at(now + delay, std::move(what)); }

  void run_until(TimePoint end) {
    for (;;) {
      std::optional<TimePoint> timer;
      HostedManager* who = nullptr;
      for (HostedManager& manager : managers) {
        if (!manager.is_running || !is_up(manager.place)) continue;
        const auto due = manager.next_deadline();
        if (due && (!timer || *due < *timer)) {
          timer = due;
          who = &manager;
        }
      }
      if (!pending_.empty() && (!timer || pending_.front().when <= *timer)) {
        if (pending_.front().when > end) break;
        std::pop_heap(pending_.begin(), pending_.end(), later);
        const Pending next = std::move(pending_.back());
        pending_.pop_back();
        now = std::max(now, next.when);
        next.what();
        continue;
      }
      if (!timer || *timer > end) break;
      now = std::max(now, *timer);
      who->on_timer(now);
      drain(*who);
    }
    now = std::max(now, end);
  }
  void run_for(Duration time) { run_until(now + time); }

  void tell(HostedManager& manager, const FailoverEvent& event) {
    if (!manager.is_running || !is_up(manager.place)) return;
    manager.handle(now, event);
    drain(manager);
  }
  void command(OperatorCommand command, MemberIndex member = {}) {
    FailoverEvent event;
    event.kind = FailoverEventKind::command;
    event.command = command;
    event.member = member;
    for (HostedManager& manager : managers) tell(manager, event);
  }

  void lose(std::uint32_t member) { servers[member].host_up = false; }
  void crash(std::uint32_t member) { servers[member].status.state = ServerState::stopped; }
  void cut(std::uint32_t a, std::uint32_t b) {
    cuts_.push_back({a, b});
    cuts_.push_back({b, a});
  }
  // Cuts everything between the two sides.
  void split(const std::vector<std::uint32_t>& left, const std::vector<std::uint32_t>& right) {
    for (const auto a : left) {
      for (const auto b : right) cut(a, b);
    }
  }
  void isolate(std::uint32_t place) {
    for (std::uint32_t other = 0; other < 24; ++other) {
      if (other != place) cut(place, other);
    }
  }
  void heal() { cuts_.clear(); }
  bool reaches(std::uint32_t from, std::uint32_t to) const {
    if (!is_up(to) || !is_up(from)) return false;
    return std::find(cuts_.begin(), cuts_.end(), std::pair{from, to}) == cuts_.end();
  }
  bool is_up(std::uint32_t place) const {
    return place >= servers.size() || servers[place].host_up;
  }
  bool is_writable(std::uint32_t member) const {
    const Server& server = servers[member];
    return server.host_up && server.status.state == ServerState::primary &&
           !server.status.read_only;
  }
  std::uint32_t writable_count() const {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < servers.size(); ++i) count += is_writable(i) ? 1 : 0;
    return count;
  }

  // The first action of this kind at or after `from`, of anybody.
  const LoggedAction* first(FailoverActionKind kind, TimePoint from = {}) const {
    for (const LoggedAction& entry : log) {
      if (entry.action.kind == kind && entry.at >= from) return &entry;
    }
    return nullptr;
  }
  std::size_t count(FailoverActionKind kind) const {
    return static_cast<std::size_t>(
        std::count_if(log.begin(), log.end(),
                      [kind](const LoggedAction& entry) { return entry.action.kind == kind; }));
  }
  const FailoverAction* verdict_on(std::uint32_t member) const {
    const FailoverAction* last = nullptr;
    for (const LoggedAction& entry : log) {
      if (entry.action.kind == FailoverActionKind::candidate &&
          entry.action.member.value == member) {
        last = &entry.action;
      }
    }
    return last;
  }

  TimePoint now{seconds(1).ns};
  std::vector<Server> servers;
  std::vector<HostedManager> managers;
  std::vector<LoggedAction> log;
  Duration latency = milliseconds(1);
  std::vector<Duration> answer_delay = std::vector<Duration>(24, Duration{0});
  Duration promote_time = milliseconds(500);
  Duration stop_time = milliseconds(500);
  Duration rejoin_time = seconds(5);
  Duration wal_sender_timeout = seconds(30);
  bool fence_fails = false;
  Bytes write_step{1000};  // each 100 ms
  MemberIndex clients_at{0};
  std::vector<MemberIndex> rebuilt;

 private:
  struct Pending {
    TimePoint when;
    std::uint64_t serial;
    std::function<void()> what;
  };
  static bool later(const Pending& a, const Pending& b) {
    return a.when != b.when ? a.when > b.when : a.serial > b.serial;
  }

  void tick() {
    for (Server& server : servers) {
      if (server.host_up && server.status.state == ServerState::primary) {
        if (!server.status.read_only) {
          server.status.received = server.status.received + write_step;
          server.status.replayed = server.status.received;
        }
      }
    }
    for (std::uint32_t i = 0; i < servers.size(); ++i) stream(i);
    after(milliseconds(100), [this] { tick(); });
  }

  void stream(std::uint32_t i) {
    ServerStatus& own = servers[i].status;
    const bool follows = servers[i].host_up && own.state == ServerState::standby &&
                         own.upstream.valid() && !own.diverged;
    Server* up = own.upstream.valid() ? &servers[own.upstream.value] : nullptr;
    const bool streams = follows && reaches(i, own.upstream.value) &&
                         reaches(own.upstream.value, i) && up->status.state == ServerState::primary;
    own.streaming = streams;
    for (std::uint32_t p = 0; p < servers.size(); ++p) {
      MemberSet& listed = servers[p].status.standbys;
      const bool is_upstream = streams && p == own.upstream.value;
      if (is_upstream) {
        listed |= set_of(MemberIndex{i});
        servers[i].seen_by_upstream = now;
      } else if (contains(listed, MemberIndex{i})) {
        // A standby that says good-bye is gone at once, a silent one after wal_sender_timeout.
        const bool is_silent = !reaches(i, p);
        if (!is_silent || now - servers[i].seen_by_upstream >= wal_sender_timeout) {
          listed = static_cast<MemberSet>(listed & ~set_of(MemberIndex{i}));
        }
      }
    }
    if (!streams) return;
    if (own.timeline < up->status.timeline) own.timeline = up->status.timeline;
    const std::uint64_t behind = static_cast<std::uint64_t>(servers[i].lag.value);
    const Lsn has{up->status.received.value - behind};
    if (has > own.received) own.received = own.replayed = has;
  }

  void drain(HostedManager& manager) {
    while (const auto action = manager.poll()) {
      log.push_back({now, manager.place, *action});
      carry_out(manager.place, *action);
    }
  }
  void answer(std::uint32_t place, const FailoverEvent& event, Duration delay) {
    after(delay, [this, place, event] {
      for (HostedManager& manager : managers) {
        if (manager.place == place) tell(manager, event);
      }
    });
  }
  void answer_from(std::uint32_t from, std::uint32_t place, const FailoverEvent& event) {
    after(latency, [this, from, place, event] {
      if (from == place || reaches(from, place)) answer(place, event, Duration{0});
    });
  }
  HostedManager* manager_at(std::uint32_t place) {
    for (HostedManager& manager : managers) {
      if (manager.place == place) return &manager;
    }
    return nullptr;
  }
  void send(std::uint32_t from, std::uint32_t to, FailoverEvent event) {
    after(latency, [this, from, to, event] {
      if (from == to || reaches(from, to)) answer(to, event, Duration{0});
    });
  }

  void carry_out(std::uint32_t by, const FailoverAction& action);
  void ask(std::uint32_t by, const FailoverAction& action);
  void operate(std::uint32_t by, const FailoverAction& action);
  bool apply(const FailoverAction& action, std::uint32_t target);

  std::vector<Pending> pending_;
  std::uint64_t serial_ = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cuts_;
};

inline void FailoverHost::carry_out(std::uint32_t by, const FailoverAction& action) {
  using Kind = FailoverActionKind;
  FailoverEvent event;
  event.number = action.number;
  event.member = action.member;
  switch (action.kind) {
    case Kind::check_server:
      event.kind = FailoverEventKind::server_status;
      event.status.server = servers[by].status;
      answer(by, event, milliseconds(1));
      break;
    case Kind::probe_server:
    case Kind::poll_member:
    case Kind::poll_voter:
      ask(by, action);
      break;
    case Kind::report_node:
      event.kind = FailoverEventKind::node_report;
      event.member = MemberIndex{by};
      event.status = action.status;
      event.node_state = action.node_state;
      send(by, 16, event);
      break;
    case Kind::answer_node:
      event.kind = FailoverEventKind::node_goal;
      event.number = action.answers;
      event.node_state = action.node_state;
      event.upstream = action.upstream;
      event.members = action.members;
      event.quorum = action.quorum;
      send(by, action.member.value, event);
      break;
    case Kind::tell_member:
      event.kind = FailoverEventKind::told_primary;
      event.member = action.upstream;
      send(by, action.member.value, event);
      break;
    case Kind::page_operator:
    case Kind::refuse:
    case Kind::candidate:
    case Kind::phase:
      break;
    default:
      operate(by, action);
  }
}

inline void FailoverHost::ask(std::uint32_t by, const FailoverAction& action) {
  const bool is_voter = action.kind == FailoverActionKind::poll_voter;
  const std::uint32_t to = is_voter ? 16 + action.voter.value : action.member.value;
  after(latency, [this, by, to, action, is_voter] {
    if (by != to && !reaches(by, to)) return;
    FailoverEvent event;
    event.kind = is_voter ? FailoverEventKind::voter_status : FailoverEventKind::member_status;
    event.number = action.number;
    event.member = action.member;
    event.voter = action.voter;
    HostedManager* manager = manager_at(to);
    const bool is_server = action.kind == FailoverActionKind::probe_server;
    if (!is_server && (manager == nullptr || !manager->is_running)) {
      event.kind = FailoverEventKind::member_refused;
    } else if (is_voter) {
      event.primary_is_dead = manager->sees_primary_dead();
    } else if (is_server && servers[to].status.state == ServerState::stopped) {
      event.kind = FailoverEventKind::member_refused;
    } else if (!is_server && manager->status) {
      event.status = manager->status(now);
    }
    if (!is_voter) event.status.server = servers[to].status;
    after(answer_delay[to], [this, to, by, event] { answer_from(to, by, event); });
  });
}

inline void FailoverHost::operate(std::uint32_t by, const FailoverAction& action) {
  using Kind = FailoverActionKind;
  const bool is_outside = action.kind == Kind::fence || action.kind == Kind::move_clients;
  const std::uint32_t target = action.member.valid() ? action.member.value : by;
  Duration takes = milliseconds(10);
  if (action.kind == Kind::promote) takes = promote_time;
  if (action.kind == Kind::stop) takes = stop_time;
  if (action.kind == Kind::rewind || action.kind == Kind::rebuild) takes = rejoin_time;
  if (!is_outside && by != target && !reaches(by, target)) return;
  after(takes, [this, by, target, action, is_outside] {
    if (!is_outside && !is_up(target)) return;
    FailoverEvent event;
    event.kind = apply(action, target) ? FailoverEventKind::operation_done
                                       : FailoverEventKind::operation_failed;
    event.number = action.number;
    event.action = action.kind;
    event.member = MemberIndex{target};
    event.status.server = servers[target].status;
    if (is_outside || by == target || reaches(target, by)) answer(by, event, milliseconds(1));
  });
}

inline bool FailoverHost::apply(const FailoverAction& action, std::uint32_t target) {
  using Kind = FailoverActionKind;
  ServerStatus& server = servers[target].status;
  if (servers[target].orders_fail) return false;
  const ServerStatus* up =
      action.upstream.valid() ? &servers[action.upstream.value].status : nullptr;
  switch (action.kind) {
    case Kind::promote:
      if (server.state == ServerState::primary) return true;
      if (server.state != ServerState::standby) return false;
      server.state = ServerState::primary;
      server.timeline += 1;
      servers[target].fork = server.received;
      server.upstream = MemberIndex{};
      return true;
    case Kind::stop:
      // An orderly shutdown waits until its standbys have everything.
      for (Server& standby : servers) {
        const bool waits = action.stop_mode == StopMode::fast && standby.status.streaming &&
                           standby.status.upstream == MemberIndex{target};
        if (waits) standby.status.received = standby.status.replayed = server.received;
      }
      server.state = ServerState::stopped;
      server.clean_stop = action.stop_mode == StopMode::fast;
      server.standbys = 0;
      return true;
    case Kind::start_primary:
      if (server.state == ServerState::stopped) server.state = ServerState::primary;
      return true;
    case Kind::start_standby:
      if (up != nullptr && server.timeline < up->timeline &&
          server.received > servers[action.upstream.value].fork) {
        server.diverged = true;
        return false;
      }
      server.state = ServerState::standby;
      server.upstream = action.upstream;
      return true;
    case Kind::rewind:
    case Kind::rebuild:
      if (up == nullptr || !reaches(target, action.upstream.value)) return false;
      if (action.kind == Kind::rebuild) rebuilt.push_back(MemberIndex{target});
      server.state = ServerState::standby;
      server.timeline = up->timeline;
      server.received = server.replayed = up->received;
      server.diverged = false;
      server.upstream = action.upstream;
      return true;
    case Kind::set_read_only:
      server.read_only = action.on;
      return true;
    case Kind::set_synchronous:
      server.synchronous = action.members;
      return true;
    case Kind::fetch_wal:
      if (up == nullptr || !reaches(target, action.upstream.value)) return false;
      if (up->received > server.received) server.received = server.replayed = up->received;
      return true;
    case Kind::fence:
      if (fence_fails) return false;
      servers[target].host_up = false;
      return true;
    case Kind::move_clients:
      clients_at = action.member;
      return true;
    default:
      return true;
  }
}

}  // namespace longhaul
