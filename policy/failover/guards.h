// The guards that a team puts around its manager, whichever it is: they object to candidates that
// the manager's own rules would let through. A member that a guard objects to is passed over like
// one that may never be promoted: it does not hold back those behind it.
//
// A planned switchover is not guarded: a person has decided.
#pragma once

#include <optional>
#include <span>

#include "policy/failover/guards_config.h"
#include "policy/failover/types.h"

namespace longhaul {

// What guards look at beside the candidate.
struct GuardView {
  TimePoint now{};
  MemberIndex primary{};  // the last one; none: not known, then no region is another
  Lsn primary_position{};
  std::optional<TimePoint> away_since{};  // when the primary was first missed
  std::optional<TimePoint> last_failover{};
  bool is_frozen = false;  // an operator's pause or the configured one, until resumed
  bool is_approved = false;
  bool is_rejected = false;
};

bool in_primary_region(std::span<const MemberInfo> members, MemberIndex primary,
                       MemberIndex candidate);

// Why `candidate`, which has got to `position`, is not promoted now; none: no objection. Those that
// pass with time or by a person come last.
FailoverReason objection(const FailoverGuards& guards, std::span<const MemberInfo> members,
                         const GuardView& view, MemberIndex candidate, Lsn position);

}  // namespace longhaul
