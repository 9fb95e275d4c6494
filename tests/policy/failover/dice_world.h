// An agent of Patroni alone in a world where every answer is thrown: the fuzz of its machines.
// Whatever happens, a promotion follows a word of the store, a served deadline gives way to a later
// one, and nothing is allocated.
#pragma once

#include <array>

#include "base/check.h"
#include "policy/failover/patroni.h"
#include "tests/policy/luck.h"

namespace longhaul {

struct DiceWorld {
  static constexpr std::uint32_t member_count = 4;
  struct Pending {
    FailoverActionKind kind = FailoverActionKind::check_server;
    std::uint32_t number = 0;
    MemberIndex member{};
  };

  Luck luck;
  std::array<MemberInfo, member_count> infos{};
  PatroniAgent agent;
  TimePoint now{};
  std::array<Pending, 64> pending{};
  std::size_t pending_count = 0;
  ServerState state = ServerState::primary;
  bool is_standby_cluster;
  bool promoted = false;  // an operator has ended that, in the view that it read last
  bool has_word = false;  // the store's last word was that the key is this member's
  std::uint32_t last_request = 0;
  long orders = 0;

  // The last member is another cluster's, which this one is a standby of.
  static std::array<MemberInfo, member_count> members(bool is_standby_cluster) {
    std::array<MemberInfo, member_count> members{};
    members.back().is_remote = is_standby_cluster;
    return members;
  }

  DiceWorld(const PatroniConfig& config, Luck dice, bool standby_cluster = false)
      : luck(dice),
        infos(members(standby_cluster)),
        agent(config, {}, MemberIndex{0}, infos, TimePoint{}),
        is_standby_cluster(standby_cluster) {}

  ServerStatus status() {
    ServerStatus server;
    if (luck.one_in(6)) state = static_cast<ServerState>(luck.below(7));
    if (agent.work() == ServerWork::starting && luck.one_in(2)) state = ServerState::starting;
    server.state = state;
    server.timeline = 1 + static_cast<std::uint32_t>(luck.one_in(4));
    server.received = server.replayed = Lsn{static_cast<std::uint64_t>(luck.below(4) * 1000)};
    server.clean_stop = luck.one_in(3);
    server.diverged = luck.one_in(4);
    server.streaming = luck.one_in(2);
    server.upstream = MemberIndex{static_cast<std::uint32_t>(luck.below(member_count))};
    server.standbys = static_cast<MemberSet>(luck.below(16) & ~1);
    server.synchronous = static_cast<MemberSet>(server.standbys & luck.below(16));
    return server;
  }
  ClusterView view() {
    ClusterView view;
    const auto leader = static_cast<std::uint32_t>(luck.below(member_count + 1));
    if (leader < member_count) view.leader = MemberIndex{luck.one_in(4) ? leader : 0};
    view.timeline = 1 + static_cast<std::uint32_t>(luck.one_in(8));
    view.alive = static_cast<MemberSet>(luck.below(16));
    view.failsafe = static_cast<MemberSet>(luck.one_in(2) ? 0 : luck.below(16) | 1);
    view.switchover = luck.one_in(6);
    view.paused = luck.one_in(6);
    view.promoted = is_standby_cluster && luck.one_in(4);
    if (luck.one_in(2)) view.sync_leader = MemberIndex{0};
    view.sync_standbys = static_cast<MemberSet>(luck.below(16) & ~1);
    view.sync_quorum = view.sync_standbys != 0 ? 1 : 0;
    for (MemberStatus& member : view.members) {
      member.server.state = luck.one_in(2) ? ServerState::primary : ServerState::standby;
    }
    return view;
  }

  void answer(const Pending& order) {
    using Kind = FailoverActionKind;
    FailoverEvent event{.number = order.number, .member = order.member};
    event.action = order.kind;
    const bool fails = luck.one_in(4);
    const bool is_last = order.number == last_request;  // the agent ignores others
    if (is_last) last_request = 0;
    switch (order.kind) {
      case Kind::check_server:
        event.kind = FailoverEventKind::server_status;
        event.status.server = status();
        break;
      case Kind::poll_member:
        event.kind = fails ? FailoverEventKind::member_refused : FailoverEventKind::member_status;
        event.status.server = status();
        event.status.server.state = luck.one_in(6) ? ServerState::primary : ServerState::standby;
        break;
      case Kind::read_store:
        event.kind = fails ? FailoverEventKind::store_failed : FailoverEventKind::store_view;
        event.view = view();
        if (is_last && !fails && event.view.leader != MemberIndex{0}) has_word = false;
        if (is_last && !fails && agent.state() == PatroniState::looking) {
          promoted = event.view.promoted;
        }
        break;
      case Kind::acquire_leader:
      case Kind::renew_leader:
        event.kind = fails            ? FailoverEventKind::store_refused
                     : luck.one_in(4) ? FailoverEventKind::store_failed
                                      : FailoverEventKind::store_done;
        if (is_last) has_word = event.kind == FailoverEventKind::store_done;
        break;
      case Kind::release_leader:
      case Kind::write_sync:
      case Kind::write_switchover:
        event.kind = fails ? FailoverEventKind::store_refused : FailoverEventKind::store_done;
        break;
      default:
        event.kind =
            fails ? FailoverEventKind::operation_failed : FailoverEventKind::operation_done;
        break;
    }
    agent.handle(now, event);
  }

  void drain() {
    using Kind = FailoverActionKind;
    while (const auto action = agent.poll()) {
      orders += 1;
      if (action->kind == Kind::promote) CHECK(has_word);
      if (action->kind == Kind::promote) CHECK(promoted || !is_standby_cluster);
      if (action->kind == Kind::release_leader) has_word = false;
      const bool is_request = action->kind == Kind::read_store ||
                              action->kind == Kind::acquire_leader ||
                              action->kind == Kind::renew_leader;
      if (is_request) last_request = action->number;
      const bool is_answered =
          action->kind < Kind::fence && action->kind != Kind::touch_member &&
          action->kind != Kind::feed_watchdog && action->kind != Kind::keep_slots &&
          action->kind != Kind::write_status && action->kind != Kind::write_failsafe;
      if (!is_answered) continue;
      // The oldest stays unanswered when there are too many.
      pending[pending_count % pending.size()] = {action->kind, action->number, action->member};
      pending_count = pending_count + 1 < pending.size() ? pending_count + 1 : 0;
    }
  }

  // Most often an order is answered; sometimes late, twice or never.
  void step() {
    const std::int64_t dice = luck.below(40);
    if (dice < 30 && pending_count > 0) {
      const auto index =
          static_cast<std::size_t>(luck.below(static_cast<std::int64_t>(pending_count)));
      const Pending order = pending[index];
      // Operations take longer than messages.
      const bool is_operation = order.kind >= FailoverActionKind::promote;
      if (is_operation && !luck.one_in(6)) return;
      if (!luck.one_in(20)) {
        pending_count -= 1;
        pending[index] = pending[pending_count];
      }
      now = now + milliseconds(luck.below(luck.one_in(20) ? 20000 : 20));
      answer(order);
    } else if (dice == 30) {
      const bool wrote = luck.one_in(2);
      agent.handle(now, {.kind = wrote ? FailoverEventKind::leader_status_set
                                       : FailoverEventKind::leader_key_gone});
    } else if (dice == 31) {
      agent.handle(now, {.kind = FailoverEventKind::failsafe_asked, .member = MemberIndex{1}});
    } else if (dice == 32) {
      FailoverEvent event{.kind = FailoverEventKind::command, .member = MemberIndex{1}};
      event.command = luck.one_in(4) ? OperatorCommand::pause : OperatorCommand::resume;
      if (luck.one_in(3)) event.command = static_cast<OperatorCommand>(luck.below(7));
      agent.handle(now, event);
    } else if (const auto due = agent.next_deadline()) {
      now = now > *due ? now : *due;
      agent.on_timer(now);
      const auto next = agent.next_deadline();
      if (next) CHECK(*next > now);
    }
    drain();
  }
};

}  // namespace longhaul
