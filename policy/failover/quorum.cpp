#include "policy/failover/quorum.h"

namespace longhaul {
namespace {

constexpr std::uint32_t less(std::uint32_t a, std::uint32_t b) { return a > b ? a - b : 0; }

SyncStep store_step(const VoteRule& store) {
  return {.kind = SyncStepKind::change_store, .store = store};
}

// The first safe change of one side towards `target`, if there is one.
SyncStep direct_step(const SyncRules& now, const SyncRules& target) {
  if (now.store != target.store && is_safe(now.server, target.store)) {
    return store_step(target.store);
  }
  if (now.server != target.server && is_safe(target.server, now.store)) {
    return {.kind = SyncStepKind::change_server, .server = target.server};
  }
  return {};
}

}  // namespace

// The most a set of acks can avoid the voters is to lie outside of them first, and likewise for the
// votes: what is left of both has to be more than there are standbys in common.
bool is_safe(const AckRule& server, const VoteRule& store) {
  if (store.voters == 0) return true;
  const auto common = static_cast<MemberSet>(server.listed & store.voters);
  const std::uint32_t in_common = size_of(common);
  const std::uint32_t acks = less(server.acks, size_of(server.listed) - in_common);
  const std::uint32_t votes = less(store.votes, size_of(store.voters) - in_common);
  return acks + votes > in_common;
}

SyncStep next_sync_step(const SyncRules& now, const SyncRules& target) {
  if (now == target) return {};
  if (const SyncStep step = direct_step(now, target); step.kind != SyncStepKind::none) return step;
  // By quorum: first everybody, then fewer.
  const auto all = static_cast<MemberSet>(now.server.listed | target.server.listed);
  for (const std::uint32_t acks : {now.server.acks, target.server.acks}) {
    if (target.store.votes <= 1 || acks == 0) break;
    const SyncStep step = direct_step(now, any_of(all, acks));
    if (step.kind != SyncStepKind::none) return step;
  }
  // One by one: first only those that stay; at last nobody.
  const auto staying = static_cast<MemberSet>(now.store.voters & target.store.voters);
  const VoteRule kept{staying, now.store.votes};
  if (staying != 0 && kept != now.store && now.store.votes <= 1) return store_step(kept);
  return store_step({});
}

}  // namespace longhaul
