// How many of whom: majorities, and who holds every commit that was acknowledged.
//
// A commit is acknowledged when `acks` of the standbys that synchronous_standby_names lists have
// it: FIRST n of exactly n, or ANY n of more. A candidate may be promoted when it knows the
// positions of `votes` of the voters, its own included, and none is ahead of its own. No commit is
// lost when whatever acks made it known and whatever votes elect meet in at least one standby:
//
//   every set of `acks` listed standbys meets every set of `votes` voters.
//
// With votes = 1 the voters are those that may be promoted by themselves. Names in the server and
// voters in the store change one at a time, so both the old and the new pair have to meet at every
// step: next_sync_step() says what to change next, and needs at most a few steps.
//
// Source: Patroni quorum.py has the same invariant; docs/replication_modes.rst.
#pragma once

#include <cstdint>

#include "policy/failover/types.h"

namespace longhaul {

constexpr std::uint32_t majority_of(std::uint32_t voters) { return voters / 2 + 1; }
constexpr bool has_majority(std::uint32_t seen, std::uint32_t voters) {
  return seen >= majority_of(voters);
}

// What PostgreSQL waits for: `acks` of `listed`; none: for nobody.
struct AckRule {
  MemberSet listed = 0;
  std::uint32_t acks = 0;

  friend constexpr bool operator==(const AckRule&, const AckRule&) = default;
};

// Who may be promoted: whoever has `votes` of `voters`; no voter: nobody.
struct VoteRule {
  MemberSet voters = 0;
  std::uint32_t votes = 0;

  friend constexpr bool operator==(const VoteRule&, const VoteRule&) = default;
};

// Whoever may be promoted has every acknowledged commit.
bool is_safe(const AckRule& server, const VoteRule& store);

// The fewest votes of `voters` that meet every set of `acks` of them.
constexpr std::uint32_t votes_needed(std::uint32_t voters, std::uint32_t acks) {
  return acks > voters ? 0 : voters - acks + 1;
}

// Both sides as they are, or as they are to be.
struct SyncRules {
  AckRule server;
  VoteRule store;

  friend constexpr bool operator==(const SyncRules&, const SyncRules&) = default;
};

// The rules with which all of `standbys` are waited for (FIRST n of n) ...
constexpr SyncRules each_of(MemberSet standbys) {
  return {{standbys, size_of(standbys)}, {standbys, standbys == 0 ? 0u : 1u}};
}
// ... and any `acks` of them (ANY n).
constexpr SyncRules any_of(MemberSet standbys, std::uint32_t acks) {
  const std::uint32_t count = size_of(standbys);
  const std::uint32_t most = acks < count ? acks : count;
  return {{standbys, most}, {standbys, standbys == 0 ? 0u : votes_needed(count, most)}};
}

enum class SyncStepKind : std::uint8_t { none, change_store, change_server };

struct SyncStep {
  SyncStepKind kind = SyncStepKind::none;
  AckRule server{};
  VoteRule store{};

  friend constexpr bool operator==(const SyncStep&, const SyncStep&) = default;
};

// The next change on the way from `now` to `target`; safe before and after, if `now` and `target`
// are.
SyncStep next_sync_step(const SyncRules& now, const SyncRules& target);

// A store that says `after` promotes nobody whom `before` would not have promoted.
constexpr bool is_restriction(const VoteRule& before, const VoteRule& after) {
  if (after.voters == 0) return true;
  return (after.voters & ~before.voters) == 0 && after.votes >= before.votes;
}

}  // namespace longhaul
