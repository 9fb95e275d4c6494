// What people order of the agent of Patroni.
#include "policy/failover/patroni.h"

namespace longhaul {

using enum FailoverReason;
using Kind = FailoverActionKind;

void PatroniAgent::handle_command(TimePoint now, const FailoverEvent& event) {
  switch (event.command) {
    case OperatorCommand::pause:
      is_frozen_ = true;
      break;
    case OperatorCommand::resume:
      is_frozen_ = false;
      break;
    case OperatorCommand::approve:
    case OperatorCommand::reject:
      is_approved_ = event.command == OperatorCommand::approve;
      is_rejected_ = !is_approved_;
      break;
    case OperatorCommand::switchover:
    case OperatorCommand::failover:
      switchover_number_ = push(
          {.kind = Kind::write_switchover, .reason = planned_switchover, .member = event.member});
      return;
    case OperatorCommand::fail_back:
      fail_back(planned_failback);
      return;
  }
  wake(now);
}

// To the furthest member of the region where the cluster began.
void PatroniAgent::fail_back(FailoverReason reason) {
  MemberIndex home{};
  for (std::uint32_t i = member_count_; i-- > 0;) {
    if (infos_[i].starts_as_primary) home = MemberIndex{i};
  }
  MemberIndex best{};
  for (std::uint32_t i = 0; i < member_count_; ++i) {
    const MemberIndex member{i};
    const MemberInfo& info = infos_[i];
    if (!home.valid() || info.region != infos_[home.value].region) continue;
    if (member == view_.leader || info.nofailover || info.is_witness || info.priority <= 0)
      continue;
    if (!contains(view_.alive, member)) continue;
    const Lsn position = position_of(view_.members[i].server);
    if (!best.valid() || position > position_of(view_.members[best.value].server)) best = member;
  }
  const bool is_home = home.valid() && view_.leader.valid() &&
                       in_primary_region({infos_.data(), member_count_}, home, view_.leader);
  if (is_home || !best.valid()) {
    push({.kind = Kind::refuse, .reason = is_home ? not_asked_for : no_candidate, .member = best});
    return;
  }
  switchover_number_ = push({.kind = Kind::write_switchover, .reason = reason, .member = best});
}

}  // namespace longhaul
