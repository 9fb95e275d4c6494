#include "models/app/page_time.h"

#include <algorithm>

#include "models/app/pages.h"
#include "models/app/witness.h"

namespace longhaul {

std::string_view title_of(PagePart part) {
  constexpr std::array<std::string_view, page_parts> titles = {"user to app and back",
                                                               "app to database: legs",
                                                               "N + 1 legs",
                                                               "links: queue, transfer",
                                                               "queue for a CPU",
                                                               "service",
                                                               "locks",
                                                               "local flush",
                                                               "sync standbys",
                                                               "token wait",
                                                               "pool wait",
                                                               "connection set-up",
                                                               "held back by the app",
                                                               "cache",
                                                               "failed attempts"};
  return titles[static_cast<std::size_t>(part)];
}

std::string_view name_of(PagePart part) {
  constexpr std::array<std::string_view, page_parts> names = {
      "user",     "legs",  "repeats", "transfer", "cpu", "service", "locks",  "flush",
      "standbys", "token", "pool",    "connect",  "app", "cache",   "retries"};
  return names[static_cast<std::size_t>(part)];
}

void Legs::add(const Legs& other) {
  count += other.count;
  repeats += other.repeats;
  network += other.network;
}

Duration PageTime::total() const {
  Duration sum;
  for (Duration part : spent) sum += part;
  return sum;
}

void PageTime::add(const PageTime& other) {
  pages += other.pages;
  for (std::size_t i = 0; i < page_parts; ++i) spent[i] += other.spent[i];
  for (std::size_t i = 0; i < legs.size(); ++i) legs[i].add(other.legs[i]);
  cache_misses += other.cache_misses;
}

void time_pages(World& world) {
  CHECK(world.requests.empty());
  world.page_clocks.resize(1);
  const LabelValues& labels = world.plan->labels;
  world.measures.page_times.resize(labels[Label::region].size() * labels[Label::page].size() *
                                   labels[Label::outcome].size());
}

std::size_t page_time_cell(const LabelValues& labels, std::uint32_t region, std::uint32_t page,
                           Outcome outcome) {
  return (region * labels[Label::page].size() + page) * labels[Label::outcome].size() +
         static_cast<std::size_t>(outcome);
}

namespace page_clock {
namespace {

// What has passed belongs to the part that the clock stands in.
void settle(PageClock& clock, TimePoint at) {
  at = std::max(at, clock.since);
  Duration passed = at - clock.since;
  clock.since = at;
  if (clock.expected.ns >= 0) {
    const Duration late = std::max(passed - clock.expected, Duration{});
    clock.time[PagePart::transfer] += late;
    passed = passed - late;
    clock.expected = {-1};
    if (is_leg(clock.part)) clock.time.legs[clock.node].network += passed;
  }
  clock.time[clock.part] += passed;
}

// The same read of the same call has been sent before.
bool is_repeat(const World& world, const Request& request) {
  const Call& call = current_call(world, request);
  return (request.step_round > 0 && current_step(world, request).verb == Verb::read) ||
         (request.call_round > 0 && !call.writes);
}

}  // namespace

void begin(World& world, std::uint32_t slot, Duration expected) {
  if (slot >= world.page_clocks.size()) world.page_clocks.resize(world.requests.size());
  PageClock& clock = world.page_clocks[slot];
  clock = {};
  clock.since = world.now();
  clock.expected = expected;
  if (!is_witnessed(world)) return;
  witness::part(world, slot, PagePart::user, world.now());
  witness::travels(world, slot, expected);
}

void move(World& world, std::uint32_t slot, PagePart part, TimePoint at) {
  PageClock& clock = world.page_clocks[slot];
  settle(clock, at);
  clock.part = part;
  if (is_witnessed(world)) witness::part(world, slot, part, clock.since);
}

void travel(World& world, std::uint32_t slot, PagePart part, Duration expected) {
  move(world, slot, part, world.now());
  world.page_clocks[slot].expected = expected;
  if (is_witnessed(world)) witness::travels(world, slot, expected);
}

void leg(World& world, std::uint32_t slot, PathId path, bool sets_out) {
  const Request& request = world.requests[slot];
  const bool repeat = is_repeat(world, request);
  travel(world, slot, repeat ? PagePart::repeats : PagePart::legs, world.network.latency(path));
  PageClock& clock = world.page_clocks[slot];
  clock.node = static_cast<std::uint8_t>(request.node.value);
  if (is_witnessed(world)) witness::leg(world, slot, sets_out);
  if (!sets_out) return;
  Legs& legs = clock.time.legs[clock.node];
  legs.count += 1;
  if (repeat) legs.repeats += 1;
}

void end(World& world, std::uint32_t slot, std::uint32_t region, Outcome outcome) {
  PageClock& clock = world.page_clocks[slot];
  settle(clock, world.now());
  clock.time.pages = 1;
  const std::uint32_t page = world.plan->pages[world.requests[slot].page].label;
  world.measures.page_times[page_time_cell(world.plan->labels, region, page, outcome)].add(
      clock.time);
}

void copy(World& world, std::uint32_t from, std::uint32_t to) {
  if (to >= world.page_clocks.size()) world.page_clocks.resize(world.requests.size());
  world.page_clocks[to] = world.page_clocks[from];
  if (is_witnessed(world)) witness::move(world, {from}, {to});
}

void attempt(World& world, std::uint32_t slot, bool again) {
  PageClock& clock = world.page_clocks[slot];
  move(world, slot, PagePart::app, world.now());
  if (again) {
    const Duration lost = clock.time.total() - clock.before_attempt.total();
    clock.time = clock.before_attempt;
    clock.time[PagePart::retries] += lost;
    clock.part = PagePart::retries;  // so is the pause
    if (is_witnessed(world)) witness::part(world, slot, PagePart::retries, world.now());
  }
  clock.before_attempt = clock.time;
}

}  // namespace page_clock
}  // namespace longhaul
