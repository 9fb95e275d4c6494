#include "sim/timers.h"

#include <vector>

#include "tests/catch.h"

namespace longhaul {

namespace {

constexpr std::uint32_t target = 3;
constexpr std::uint16_t kind = 4;

struct Clockwork {
  Scheduler scheduler;
  Timer timer;

  void arm(std::int64_t at) { timer.arm(scheduler, {at}, EventClass::ordinary, target, kind, 17); }

  // The instants at which the timer goes off.
  std::vector<std::int64_t> run() {
    std::vector<std::int64_t> fired;
    Event event;
    while (scheduler.pop(event)) {
      REQUIRE(event.target == target);
      REQUIRE(event.kind == kind);
      REQUIRE(event.arg == 17);
      if (timer.fires(scheduler, event)) fired.push_back(event.at.ns);
    }
    return fired;
  }
};

using Instants = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("timers: an armed timer fires once, at its deadline", "[sim][timers]") {
  Clockwork clockwork;
  clockwork.arm(10);
  REQUIRE(clockwork.timer.armed());
  REQUIRE(clockwork.run() == Instants{10});
  REQUIRE_FALSE(clockwork.timer.armed());
}

TEST_CASE("timers: a deadline that moves later costs one event more, however often it moves",
          "[sim][timers]") {
  Clockwork clockwork;
  for (std::int64_t at = 10; at <= 1'000; ++at) clockwork.arm(at);
  REQUIRE(clockwork.scheduler.pending() == 1);
  REQUIRE(clockwork.run() == Instants{1'000});
  // The event at 10 is popped, finds the deadline at 1000 and is scheduled again.
  REQUIRE(clockwork.scheduler.events() == 2);
}

TEST_CASE("timers: a deadline that moves earlier fires early and only once", "[sim][timers]") {
  Clockwork clockwork;
  clockwork.arm(100);
  clockwork.arm(20);
  REQUIRE(clockwork.run() == Instants{20});
  REQUIRE(clockwork.scheduler.events() == 2);  // the event at 100 is popped and ignored
}

TEST_CASE("timers: a cancelled timer does not fire and can be armed again", "[sim][timers]") {
  Clockwork clockwork;
  clockwork.arm(10);
  clockwork.timer.cancel();
  REQUIRE(clockwork.run().empty());
  clockwork.arm(30);
  clockwork.timer.cancel();
  clockwork.arm(40);
  REQUIRE(clockwork.scheduler.pending() == 1);
  REQUIRE(clockwork.run() == Instants{40});
}

TEST_CASE("timers: a timer may be armed for now when it fires", "[sim][timers]") {
  Clockwork clockwork;
  clockwork.arm(10);
  Event event;
  REQUIRE(clockwork.scheduler.pop(event));
  REQUIRE(clockwork.timer.fires(clockwork.scheduler, event));
  clockwork.arm(10);
  // The event that fired does not fire twice, the new one does.
  REQUIRE_FALSE(clockwork.timer.fires(clockwork.scheduler, event));
  REQUIRE(clockwork.run() == Instants{10});
}

}  // namespace longhaul
