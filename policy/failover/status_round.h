// One round of questions to several members: who was asked, who has answered what.
#pragma once

#include <array>
#include <cstdint>

#include "policy/failover/types.h"

namespace longhaul {

class StatusRound {
 public:
  void begin() {
    asked_ = answered_ = refused_ = 0;
    first_number_ = 0;
  }
  void ask(MemberIndex member, std::uint32_t number) {
    if (asked_ == 0) first_number_ = number;
    asked_ |= set_of(member);
  }
  // Whether the event belongs to this round.
  bool handle(const FailoverEvent& event) {
    const bool is_status = event.kind == FailoverEventKind::member_status;
    const bool is_refusal = event.kind == FailoverEventKind::member_refused;
    if ((!is_status && !is_refusal) || first_number_ == 0 || event.number < first_number_ ||
        !contains(asked_, event.member)) {
      return false;
    }
    if (is_refusal) {
      refused_ |= set_of(event.member);
      return true;
    }
    answered_ |= set_of(event.member);
    statuses_[event.member.value] = event.status;
    return true;
  }
  bool is_complete() const { return asked_ == static_cast<MemberSet>(answered_ | refused_); }
  MemberSet asked() const { return asked_; }
  MemberSet answered() const { return answered_; }
  const MemberStatus& status(MemberIndex member) const { return statuses_[member.value]; }

 private:
  std::array<MemberStatus, members_max> statuses_{};
  MemberSet asked_ = 0;
  MemberSet answered_ = 0;
  MemberSet refused_ = 0;
  std::uint32_t first_number_ = 0;
};

}  // namespace longhaul
