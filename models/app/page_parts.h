// What the time of a page is made of, as sums. models/app/page_time.h says what each part means.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/units.h"
#include "policy/types.h"

namespace longhaul {

enum class PagePart : std::uint8_t {
  user,      // between user and app
  legs,      // between app and database; by node, see Legs
  repeats,   // the same, of a read that its call has sent before (N + 1)
  transfer,  // what a message took beyond the latency of its path
  cpu,
  service,
  locks,
  flush,
  standbys,
  token,
  pool,
  connect,
  app,
  cache,
  retries,
};
constexpr std::size_t page_parts = static_cast<std::size_t>(PagePart::retries) + 1;

constexpr bool is_leg(PagePart part) { return part == PagePart::legs || part == PagePart::repeats; }

// "user to app and back", for people; "user", for programs.
std::string_view title_of(PagePart part);
std::string_view name_of(PagePart part);

// Statements sent to one node, and the network time of their round trips.
struct Legs {
  std::int64_t count = 0;
  std::int64_t repeats = 0;  // of them
  Duration network;          // of all of them
  void add(const Legs& other);
};

// The time of one page, or of many. `spent` adds up to the latency of those pages, to the
// nanosecond.
struct PageTime {
  std::int64_t pages = 0;
  std::array<Duration, page_parts> spent{};
  std::array<Legs, databases_max> legs{};  // by node
  std::int64_t cache_misses = 0;

  Duration& operator[](PagePart part) { return spent[static_cast<std::size_t>(part)]; }
  Duration operator[](PagePart part) const { return spent[static_cast<std::size_t>(part)]; }
  Duration total() const;
  void add(const PageTime& other);
};

// The clock of a page in progress: which part it is in, and since when.
struct PageClock {
  PageTime time;
  TimePoint since;
  PagePart part = PagePart::user;
  std::uint8_t node = 0;     // of the leg under way
  Duration expected = {-1};  // of the message under way; below zero: there is none
  PageTime before_attempt;   // as it stood when the current statement was wanted
};

}  // namespace longhaul
