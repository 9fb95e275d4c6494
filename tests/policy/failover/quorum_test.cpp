// Votes and acknowledgements, against every set there is.
#include <algorithm>
#include <vector>

#include "policy/failover/quorum.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

// The definition: every set of `acks` listed ones meets every set of `votes` voters.
bool meets_always(const AckRule& server, const VoteRule& store, MemberSet all) {
  for (std::uint32_t a = 0; a <= all; ++a) {
    const auto acks = static_cast<MemberSet>(a);
    if ((acks & ~server.listed) != 0 || size_of(acks) != server.acks) continue;
    for (std::uint32_t v = 0; v <= all; ++v) {
      const auto votes = static_cast<MemberSet>(v);
      if ((votes & ~store.voters) != 0 || size_of(votes) != store.votes) continue;
      if ((acks & votes) == 0) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("quorum: a majority is more than half", "[policy][failover][quorum]") {
  REQUIRE(majority_of(2) == 2);
  REQUIRE(majority_of(3) == 2);
  REQUIRE(majority_of(4) == 3);
  REQUIRE_FALSE(has_majority(2, 4));
  REQUIRE(has_majority(3, 5));
}

TEST_CASE("quorum: is_safe is its definition, for all rules over four standbys",
          "[policy][failover][quorum]") {
  for (std::uint32_t listed = 0; listed < 16; ++listed) {
    for (std::uint32_t voters = 1; voters < 16; ++voters) {
      for (std::uint32_t acks = 0; acks <= size_of(static_cast<MemberSet>(listed)); ++acks) {
        for (std::uint32_t votes = 1; votes <= size_of(static_cast<MemberSet>(voters)); ++votes) {
          const AckRule server{static_cast<MemberSet>(listed), acks};
          const VoteRule store{static_cast<MemberSet>(voters), votes};
          CAPTURE(listed, acks, voters, votes);
          REQUIRE(is_safe(server, store) == meets_always(server, store, 15));
        }
      }
    }
  }
}

// ANY 2 of 3: two have a commit, so two votes meet them; ANY 1 of 3 needs all three.
TEST_CASE("quorum: votes_needed is the least that is safe", "[policy][failover][quorum]") {
  REQUIRE(votes_needed(3, 2) == 2);
  REQUIRE(votes_needed(3, 1) == 3);
  for (std::uint32_t count = 1; count <= 5; ++count) {
    const auto all = static_cast<MemberSet>((1u << count) - 1);
    for (std::uint32_t acks = 1; acks <= count; ++acks) {
      const std::uint32_t votes = votes_needed(count, acks);
      REQUIRE(meets_always({all, acks}, {all, votes}, all));
      if (votes > 1) REQUIRE_FALSE(meets_always({all, acks}, {all, votes - 1}, all));
    }
  }
}

// From every rule to every other of both kinds, every step is safe, and at most seven are needed:
// three for a change of members and three for a change of their number, and one to empty the list.
TEST_CASE("quorum: changes are safe at every step and end", "[policy][failover][quorum]") {
  std::vector<SyncRules> rules;
  for (std::uint32_t set = 0; set < 16; ++set) {
    const auto members = static_cast<MemberSet>(set);
    rules.push_back(each_of(members));
    for (std::uint32_t acks = 1; acks <= size_of(members); ++acks) {
      rules.push_back(any_of(members, acks));
    }
  }
  rules.push_back({{15, 1}, {}});  // strict: anybody, and nobody may be promoted
  std::uint32_t most = 0;
  for (const SyncRules& from : rules) {
    for (const SyncRules& to : rules) {
      SyncRules now = from;
      REQUIRE(is_safe(now.server, now.store));
      std::uint32_t steps = 0;
      while (!(now == to)) {
        const SyncStep step = next_sync_step(now, to);
        CAPTURE(from.server.listed, from.server.acks, from.store.voters, from.store.votes);
        CAPTURE(to.server.listed, to.server.acks, to.store.voters, to.store.votes, steps);
        REQUIRE(step.kind != SyncStepKind::none);
        if (step.kind == SyncStepKind::change_store) now.store = step.store;
        if (step.kind == SyncStepKind::change_server) now.server = step.server;
        REQUIRE(is_safe(now.server, now.store));
        steps += 1;
        REQUIRE(steps <= 7);
      }
      most = std::max(most, steps);
      REQUIRE(next_sync_step(now, to).kind == SyncStepKind::none);
    }
  }
  REQUIRE(most >= 3);
}

// Adding: first the server waits for it, then it may be promoted. Removing: the other way round.
TEST_CASE("quorum: one by one, who is added waits and who is removed goes first",
          "[policy][failover][quorum]") {
  REQUIRE(next_sync_step(each_of(1), each_of(3)).kind == SyncStepKind::change_server);
  REQUIRE(next_sync_step(each_of(3), each_of(1)).kind == SyncStepKind::change_store);
  // One for another: nobody may be promoted in between.
  const SyncStep step = next_sync_step(each_of(1), each_of(2));
  REQUIRE(step.kind == SyncStepKind::change_store);
  REQUIRE(step.store.voters == 0);
}

}  // namespace longhaul
