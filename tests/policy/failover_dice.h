// A host that answers a manager with dice: late, wrong, out of order or not at all. Whatever the
// manager makes of that, it must survive it, and without an allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "policy/failover/types.h"
#include "tests/policy/luck.h"

namespace longhaul {

constexpr std::uint32_t dice_members = 5;

inline std::array<MemberInfo, dice_members> members_of_dice(Luck& luck) {
  std::array<MemberInfo, dice_members> members{};
  for (MemberInfo& info : members) {
    info.region = static_cast<std::uint32_t>(luck.below(2));
    info.priority = static_cast<std::int32_t>(1 + luck.below(3));
  }
  members[0].starts_as_primary = true;
  return members;
}

inline MemberIndex member_of_dice(Luck& luck) {
  return MemberIndex{static_cast<std::uint32_t>(luck.below(dice_members))};
}

inline MemberStatus status_of_dice(Luck& luck, bool is_primary) {
  MemberStatus status;
  status.server.state = is_primary ? ServerState::primary : ServerState::standby;
  if (luck.one_in(6)) status.server.state = static_cast<ServerState>(luck.below(6));
  status.server.timeline = static_cast<std::uint32_t>(1 + luck.below(3));
  status.server.received = Lsn{static_cast<std::uint64_t>(1'000'000 + luck.below(1000))};
  status.server.standbys = static_cast<MemberSet>(luck.below(1 << dice_members));
  status.server.upstream = member_of_dice(luck);
  if (luck.one_in(3)) status.primary_seen = milliseconds(luck.below(10'000));
  return status;
}

// What might be the answer to `action`, of a manager beside or above `self`.
inline FailoverEvent event_of_dice(Luck& luck, const FailoverAction& action, bool primary_lives) {
  using Kind = FailoverEventKind;
  FailoverEvent event;
  event.number = action.number;
  event.action = action.kind;
  event.member = action.member.valid() ? action.member : member_of_dice(luck);
  event.voter = action.voter;
  event.luck = luck.bits();
  event.primary_is_dead = !primary_lives || luck.one_in(4);
  event.node_state = static_cast<NodeState>(luck.below(node_state_count));
  event.upstream = member_of_dice(luck);
  event.status = status_of_dice(luck, event.member.value == 0 && primary_lives);
  switch (action.kind) {
    case FailoverActionKind::check_server:
      event.kind = Kind::server_status;
      break;
    case FailoverActionKind::probe_server:
    case FailoverActionKind::poll_member:
      event.kind = luck.one_in(5) ? Kind::member_refused : Kind::member_status;
      break;
    case FailoverActionKind::poll_voter:
      event.kind = Kind::voter_status;
      break;
    case FailoverActionKind::report_node:
      event.kind = Kind::node_goal;
      break;
    default:
      event.kind = luck.one_in(4) ? Kind::operation_failed : Kind::operation_done;
      break;
  }
  return event;
}

// Plays `steps` moves and returns how many actions the manager gave.
template <class Manager>
long play_dice(Manager& manager, Luck& luck, TimePoint now, long steps) {
  std::array<FailoverAction, 32> open{};
  std::size_t given = 0;
  const auto drain = [&] {
    while (const auto action = manager.poll()) open[given++ % open.size()] = *action;
  };
  for (long step = 0; step < steps; ++step) {
    const bool primary_lives = step / 500 % 2 == 0;
    const auto due = manager.next_deadline();
    if (luck.one_in(2) || given == 0) {
      if (due && *due > now) now = *due;
      manager.on_timer(now);
    } else if (luck.one_in(40)) {
      FailoverEvent event;
      const bool is_report = luck.one_in(2);
      event.kind = is_report ? FailoverEventKind::node_report : FailoverEventKind::command;
      if (luck.one_in(6)) event.kind = FailoverEventKind::told_primary;
      event.command = static_cast<OperatorCommand>(luck.below(7));
      if (luck.one_in(2)) event.command = OperatorCommand::resume;
      event.member = member_of_dice(luck);
      event.node_state = static_cast<NodeState>(luck.below(node_state_count));
      event.status = status_of_dice(luck, false);
      manager.handle(now, event);
    } else {
      now = now + milliseconds(luck.below(50));
      const std::size_t newest = given < open.size() ? given : open.size();
      const std::size_t back =
          static_cast<std::size_t>(luck.below(static_cast<std::int64_t>(newest)));
      const FailoverAction& action = open[(given - 1 - back) % open.size()];
      manager.handle(now, event_of_dice(luck, action, primary_lives));
    }
    drain();
  }
  return static_cast<long>(given);
}

}  // namespace longhaul
