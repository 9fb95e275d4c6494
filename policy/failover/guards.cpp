#include "policy/failover/guards.h"

namespace longhaul {

bool in_primary_region(std::span<const MemberInfo> members, MemberIndex primary,
                       MemberIndex candidate) {
  return !primary.valid() || members[candidate.value].region == members[primary.value].region;
}

FailoverReason objection(const FailoverGuards& guards, std::span<const MemberInfo> members,
                         const GuardView& view, MemberIndex candidate, Lsn position) {
  using enum FailoverReason;
  if (view.is_frozen) return frozen;
  if (members[candidate.value].capacity < guards.capacity_min) return too_small;
  const bool crosses = !in_primary_region(members, view.primary, candidate);
  if (crosses && guards.across_regions == AcrossRegions::forbidden) return other_region_forbidden;
  if (guards.loss_max && view.primary_position > position &&
      view.primary_position - position > *guards.loss_max) {
    return loss_above_limit;
  }
  if (view.last_failover && view.now - *view.last_failover < guards.cool_down) return in_cool_down;
  if (!crosses) return none;
  if (guards.across_regions == AcrossRegions::after_hold_down &&
      (!view.away_since || view.now - *view.away_since < guards.hold_down)) {
    return awaits_hold_down;
  }
  if (guards.across_regions == AcrossRegions::by_hand && !view.is_approved) {
    return view.is_rejected ? rejected : awaits_approval;
  }
  return none;
}

}  // namespace longhaul
