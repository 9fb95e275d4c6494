// synchronous_standby_names: its text form and the arithmetic of who releases a commit.
//
//   FIRST n (a, b, c)  the n connected standbys that come first in the list decide; a position is
//                      confirmed when the slowest of them has reached it
//   ANY n (a, b, c)    the n-th largest position among all in the list
//   a, b               the same as FIRST 1 (a, b);  * stands for every standby
//
// With fewer than n candidates nothing is confirmed and commits wait. Source: PostgreSQL manual,
// synchronous_standby_names; syncrep.c, SyncRepGetSyncRecPtr. Left out: names with upper-case
// letters or quotes, since node names have neither.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace longhaul {

enum class SyncMethod : std::uint8_t { none, first, any };

struct SyncStandbys {
  SyncMethod method = SyncMethod::none;
  std::uint32_t count = 0;
  std::vector<std::string> names;  // "*" stays as it is

  friend bool operator==(const SyncStandbys&, const SyncStandbys&) = default;
};

// Empty when the text does not parse. An empty text is method none.
std::optional<SyncStandbys> parse_sync_standbys(std::string_view text);

// A standby as the primary knows it.
struct SyncCandidate {
  std::uint32_t priority = 0;  // place in the list, from 0
  bool eligible = false;       // connected and has caught up once
  Lsn position;                // write, flush or replay position, by synchronous_commit
  std::uint32_t order = 0;     // decides between equal priorities, as "*" gives them
};

// The position up to which commits are confirmed; empty while too few candidates are eligible.
// `candidates` is reordered.
std::optional<Lsn> confirmed_position(SyncMethod method, std::uint32_t count,
                                      std::vector<SyncCandidate>& candidates);

// Whether the candidate `order` is one of those that decide: with FIRST one of the n in front, with
// ANY every eligible one. The reply of another one releases nothing.
bool decides(SyncMethod method, std::uint32_t count, const std::vector<SyncCandidate>& candidates,
             std::uint32_t order);

}  // namespace longhaul
