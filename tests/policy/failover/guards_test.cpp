#include "policy/failover/guards.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

using enum FailoverReason;

constexpr MemberIndex primary{0}, near{1}, far{2};
const std::array<MemberInfo, 3> members{{{.region = 0}, {.region = 0}, {.region = 1}}};

GuardView away_for(Duration away) {
  GuardView view;
  view.now = TimePoint{} + seconds(1000);
  view.primary = primary;
  view.primary_position = Lsn{5000};
  view.away_since = view.now - away;
  return view;
}

FailoverReason of(const FailoverGuards& guards, const GuardView& view, MemberIndex candidate) {
  return objection(guards, members, view, candidate, Lsn{4000});
}

}  // namespace

TEST_CASE("guards: as shipped they object to nobody", "[policy][failover][guards]") {
  REQUIRE(of({}, away_for({}), near) == none);
  REQUIRE(of({}, away_for({}), far) == none);
}

TEST_CASE("guards: another region is forbidden, or waits for time or a person",
          "[policy][failover][guards]") {
  FailoverGuards guards;
  guards.across_regions = AcrossRegions::forbidden;
  REQUIRE(of(guards, away_for(minutes(60)), far) == other_region_forbidden);
  REQUIRE(of(guards, away_for({}), near) == none);
  guards.across_regions = AcrossRegions::after_hold_down;
  guards.hold_down = seconds(60);
  REQUIRE(of(guards, away_for(seconds(59)), far) == awaits_hold_down);
  REQUIRE(of(guards, away_for(seconds(60)), far) == none);
  guards.across_regions = AcrossRegions::by_hand;
  GuardView view = away_for(minutes(60));
  REQUIRE(of(guards, view, far) == awaits_approval);
  view.is_rejected = true;
  REQUIRE(of(guards, view, far) == rejected);
  view.is_approved = true;
  REQUIRE(of(guards, view, far) == none);
}

TEST_CASE("guards: loss, size, cool-down and freeze", "[policy][failover][guards]") {
  FailoverGuards guards;
  guards.loss_max = Bytes{1000};  // 5000 - 4000 is not more
  REQUIRE(of(guards, away_for({}), near) == none);
  guards.loss_max = Bytes{999};
  REQUIRE(of(guards, away_for({}), near) == loss_above_limit);
  guards = {};
  guards.capacity_min = 101;
  REQUIRE(of(guards, away_for({}), near) == too_small);
  guards = {};
  guards.cool_down = seconds(300);
  GuardView view = away_for({});
  view.last_failover = view.now - seconds(299);
  REQUIRE(of(guards, view, near) == in_cool_down);
  view.last_failover = view.now - seconds(300);
  REQUIRE(of(guards, view, near) == none);
  view.is_frozen = true;
  REQUIRE(of(guards, view, near) == frozen);
}

}  // namespace longhaul
