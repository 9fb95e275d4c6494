#include "sim/scheduler.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

constexpr EventClass ordinary = EventClass::ordinary;

std::vector<std::uint32_t> targets_popped(Scheduler& scheduler) {
  std::vector<std::uint32_t> targets;
  Event event;
  while (scheduler.pop(event)) targets.push_back(event.target);
  return targets;
}

// A world of its own dynamics: each event schedules one or two others until time is up.
void run_until(Scheduler& scheduler, TimePoint end) {
  Event event;
  while (scheduler.pop_until(end, event)) {
    const std::uint64_t bits = draw_bits({event.arg}, scheduler.events(), 1);
    scheduler.after({static_cast<std::int64_t>(bits % 1'000)}, ordinary, event.target, 1, 0, bits);
    if (bits % 50 == 0) scheduler.after({1}, EventClass::control, event.target + 1, 2, 0, bits);
  }
}

}  // namespace

TEST_CASE("scheduler: order: faults, then control, then the rest, first in, first out",
          "[sim][scheduler]") {
  Scheduler scheduler;
  scheduler.at({5}, ordinary, 1, 0, 0, 0);
  scheduler.at({5}, EventClass::control, 2, 0, 0, 0);
  scheduler.at({5}, EventClass::fault, 3, 0, 0, 0);
  scheduler.at({5}, ordinary, 4, 0, 0, 0);
  scheduler.at({4}, ordinary, 5, 0, 0, 0);
  scheduler.at({5}, EventClass::control, 6, 0, 0, 0);
  REQUIRE(targets_popped(scheduler) == std::vector<std::uint32_t>{5, 3, 2, 6, 1, 4});
  // Six events; those of instant 5 follow one another, and all but the first of them are ties.
  REQUIRE(scheduler.events() == 6);
  REQUIRE(scheduler.ties() == 4);
  REQUIRE(scheduler.now() == TimePoint{5});
}

TEST_CASE("scheduler: clock: it moves to the event and never back", "[sim][scheduler]") {
  Scheduler scheduler;
  scheduler.after({10}, ordinary, 0, 0, 0, 0);
  Event event;
  REQUIRE(scheduler.next_time() == TimePoint{10});
  REQUIRE(scheduler.pop(event));
  REQUIRE(scheduler.now() == TimePoint{10});
  REQUIRE_THROWS_AS(scheduler.at({9}, ordinary, 0, 0, 0, 0), std::logic_error);
  REQUIRE_THROWS_AS(scheduler.at(TimePoint::never(), ordinary, 0, 0, 0, 0), std::logic_error);
  scheduler.at({10}, ordinary, 7, 0, 0, 0);
  REQUIRE(scheduler.pop(event));
  REQUIRE(event.target == 7);
  REQUIRE_FALSE(scheduler.pop(event));
  REQUIRE(scheduler.next_time() == TimePoint::never());
}

TEST_CASE("scheduler: pop_until: an event at the limit is due, a later one stays",
          "[sim][scheduler]") {
  Scheduler scheduler;
  scheduler.at({10}, ordinary, 1, 0, 0, 0);
  scheduler.at({11}, ordinary, 2, 0, 0, 0);
  Event event;
  REQUIRE_FALSE(scheduler.pop_until({9}, event));
  REQUIRE(scheduler.now() == TimePoint{0});
  REQUIRE(scheduler.pop_until({10}, event));
  REQUIRE_FALSE(scheduler.pop_until({10}, event));
  REQUIRE(scheduler.pending() == 1);
  REQUIRE(scheduler.pop_until({11}, event));
  REQUIRE(event.target == 2);
}

TEST_CASE("scheduler: event limit: reaching it is an outcome", "[sim][scheduler]") {
  Scheduler scheduler;
  scheduler.set_event_limit(2);
  for (std::int64_t at = 1; at <= 3; ++at) scheduler.at({at}, ordinary, 0, 0, 0, 0);
  Event event;
  REQUIRE(scheduler.pop(event));
  REQUIRE(scheduler.pop(event));
  REQUIRE_FALSE(scheduler.limit_reached());
  REQUIRE_FALSE(scheduler.pop_until({2}, event));  // nothing was due, so nothing was refused
  REQUIRE_FALSE(scheduler.limit_reached());
  REQUIRE_FALSE(scheduler.pop(event));
  REQUIRE(scheduler.limit_reached());
  REQUIRE(scheduler.pending() == 1);
}

TEST_CASE("scheduler: digest: every part of an event counts and the serial does not",
          "[sim][scheduler]") {
  const auto digest = [](TimePoint at, EventClass event_class, std::uint32_t target,
                         std::uint16_t kind, std::uint16_t generation, std::uint64_t arg,
                         bool detour = false) {
    Scheduler scheduler;
    Event event;
    if (detour) scheduler.at({100}, ordinary, 0, 0, 0, 0);  // takes serial 0 and is not popped
    scheduler.at(at, event_class, target, kind, generation, arg);
    scheduler.pop(event);
    return scheduler.digest();
  };
  const std::vector<std::uint64_t> digests = {digest({1}, ordinary, 1, 1, 1, 1),
                                              digest({2}, ordinary, 1, 1, 1, 1),
                                              digest({1}, EventClass::control, 1, 1, 1, 1),
                                              digest({1}, ordinary, 2, 1, 1, 1),
                                              digest({1}, ordinary, 1, 2, 1, 1),
                                              digest({1}, ordinary, 1, 1, 2, 1),
                                              digest({1}, ordinary, 1, 1, 1, 2)};
  for (std::size_t i = 0; i < digests.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) REQUIRE(digests[i] != digests[j]);
  }
  REQUIRE(digest({1}, ordinary, 1, 1, 1, 1, true) == digests[0]);
}

TEST_CASE("scheduler: copies: a continued copy ends with the digest of the original",
          "[sim][scheduler]") {
  Scheduler original;
  for (std::uint32_t i = 0; i < 100; ++i) original.at({i}, ordinary, i, 1, 0, i);
  run_until(original, {20'000});
  Scheduler copy = original;
  run_until(original, {40'000});
  REQUIRE(copy.digest() != original.digest());
  run_until(copy, {40'000});
  REQUIRE(copy.digest() == original.digest());
  REQUIRE(copy.events() == original.events());
  REQUIRE(copy.ties() == original.ties());
  REQUIRE(original.ties() > 0);
}

TEST_CASE("scheduler: faults: a branch agrees with the run that planned the fault",
          "[sim][scheduler]") {
  const auto plan = [](Scheduler& scheduler, std::int64_t at) {
    scheduler.at({at}, EventClass::fault, 7, 9, 0, 3);
  };
  Scheduler full;
  plan(full, 30'000);
  Scheduler branch;
  for (std::uint32_t i = 0; i < 50; ++i) {
    full.at({i}, ordinary, i, 1, 0, i);
    branch.at({i}, ordinary, i, 1, 0, i);
  }
  run_until(full, {60'000});
  run_until(branch, {25'000});
  plan(branch, 30'000);
  run_until(branch, {60'000});
  REQUIRE(branch.digest() == full.digest());
}

TEST_CASE("scheduler: permute_ties: targets are shuffled, each keeps its own order",
          "[sim][scheduler]") {
  const auto popped = [](std::uint64_t seed) {
    Scheduler scheduler;
    scheduler.permute_ties(seed);
    for (std::uint32_t round = 0; round < 3; ++round) {
      for (std::uint32_t target = 0; target < 20; ++target) {
        scheduler.at({5}, ordinary, target, 0, 0, round);
      }
    }
    scheduler.at({5}, EventClass::fault, 101, 0, 0, 0);
    scheduler.at({5}, EventClass::fault, 100, 0, 0, 0);
    scheduler.at({4}, ordinary, 99, 0, 0, 0);
    std::vector<Event> events;
    Event event;
    while (scheduler.pop(event)) events.push_back(event);
    return events;
  };
  const std::vector<Event> first = popped(1);
  const std::vector<Event> second = popped(2);
  REQUIRE(first == popped(1));
  REQUIRE(first != second);
  // Time and class go before the shuffle, and faults keep the order of their plan.
  for (const auto& events : {first, second}) {
    REQUIRE(events.size() == 63);
    REQUIRE(events[0].target == 99);
    REQUIRE(events[1].target == 101);
    REQUIRE(events[2].target == 100);
    std::vector<std::uint64_t> rounds(20, 0);
    for (std::size_t i = 3; i < events.size(); ++i) {
      REQUIRE(events[i].arg == rounds[events[i].target]++);
    }
  }
}

}  // namespace longhaul
