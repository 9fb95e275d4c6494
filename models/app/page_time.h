// Where the time of a page goes: every nanosecond between click and answer belongs to one part.
//
// Each page in progress has a clock that stands in one part at a time; what happens to the page
// moves it on. So the parts add up to the latency of the page by construction, whatever is added to
// the simulator later: time that nobody names stays in the part before it.
//
//   user       last mile and the way between the user's region and the app, both directions
//   legs       app to database and back: the latency of the path, once there and once back for each
//              statement in sequence
//   repeats    the legs of a read beyond the first of its call: N + 1 queries, which one could be
//   transfer   jitter, sending, queues of links and retransmission, of all messages
//   cpu        in the queue of the server's processors
//   service    on a processor
//   locks      for a table or a row
//   flush      for the local flush of a commit
//   standbys   behind it, for synchronous standbys
//   token      until a replica is as far as the session's token, the questions included
//   pool       for a connection of the pool
//   connect    while a new connection is set up
//   app        held back by the app itself, or until its queue has the item
//   cache      round trips to caches, hits and misses, and waits for others to fill them
//   retries    attempts that failed and were made again, and the pauses between
//
// Counted only when asked for (time_pages): nothing that happens depends on it, and a run that is
// not asked pays one comparison a step. Sums are kept by region of the users, page and outcome.
// Left out: what overlaps. A page does one thing after another.
#pragma once

#include "models/world.h"

namespace longhaul {

// Pages are timed. Call before the first event.
void time_pages(World& world);

// The cell of Measures::page_times.
std::size_t page_time_cell(const LabelValues& labels, std::uint32_t region, std::uint32_t page,
                           Outcome outcome);

namespace page_clock {

void begin(World& world, std::uint32_t slot, Duration expected);
void move(World& world, std::uint32_t slot, PagePart part, TimePoint at);
void travel(World& world, std::uint32_t slot, PagePart part, Duration expected);
void leg(World& world, std::uint32_t slot, PathId path, bool sets_out);
void end(World& world, std::uint32_t slot, std::uint32_t region, Outcome outcome);
void copy(World& world, std::uint32_t from, std::uint32_t to);
void attempt(World& world, std::uint32_t slot, bool again);

}  // namespace page_clock

inline bool pages_timed(const World& world) { return !world.page_clocks.empty(); }

// The page in the slot has been clicked, and its request is on the way for at least `expected`.
inline void page_clicked(World& world, std::uint32_t slot, Duration expected) {
  if (pages_timed(world)) page_clock::begin(world, slot, expected);
}

// The page is in another part now, or has been since `at`.
inline void spend(World& world, std::uint32_t slot, PagePart part) {
  if (pages_timed(world)) page_clock::move(world, slot, part, world.now());
}
inline void spend_since(World& world, std::uint32_t slot, PagePart part, TimePoint at) {
  if (pages_timed(world)) page_clock::move(world, slot, part, at);
}

// A message of the page sets out that takes at least `expected`; what it takes beyond is transfer.
inline void spend_travelling(World& world, std::uint32_t slot, PagePart part, Duration expected) {
  if (pages_timed(world)) page_clock::travel(world, slot, part, expected);
}

// The page's statement sets out for its node, or the answer for the app.
inline void statement_sets_out(World& world, std::uint32_t slot, PathId path) {
  if (pages_timed(world)) page_clock::leg(world, slot, path, true);
}
inline void answer_sets_out(World& world, std::uint32_t slot, PathId path) {
  if (pages_timed(world)) page_clock::leg(world, slot, path, false);
}

// A page needs its current statement; and needs it again after a failed attempt, whose time becomes
// that of retries.
inline void attempt_begins(World& world, std::uint32_t slot) {
  if (pages_timed(world)) page_clock::attempt(world, slot, false);
}
inline void attempt_failed(World& world, std::uint32_t slot) {
  if (pages_timed(world)) page_clock::attempt(world, slot, true);
}

// The page goes on in another slot.
inline void page_moves(World& world, std::uint32_t from, std::uint32_t to) {
  if (pages_timed(world)) page_clock::copy(world, from, to);
}

// The page is over and counts.
inline void page_ends(World& world, std::uint32_t slot, std::uint32_t region, Outcome outcome) {
  if (pages_timed(world)) page_clock::end(world, slot, region, outcome);
}

}  // namespace longhaul
