#include "models/app/token_table.h"

#include <utility>

#include "base/digest.h"

namespace longhaul {
namespace {

bool counts(const FreshnessConfig& config, TimePoint now, const SessionToken& token) {
  if (token.seen.timeline != 0) return true;
  if (!token.has_written || is_expired(config, now, token)) return false;
  return config.rule != FreshnessRule::pin_after_write || is_pinned(config, now, token);
}

}  // namespace

SessionToken TokenTable::find(std::uint64_t key) const {
  if (entries_.empty()) return {};
  const Entry& entry = entries_[slot_of(key)];
  return entry.is_used ? entry.token : SessionToken{};
}

void TokenTable::put(const FreshnessConfig& config, TimePoint now, std::uint64_t key,
                     const SessionToken& token) {
  if (2 * (used_ + 1) > entries_.size()) rebuild(config, now);
  Entry& entry = entries_[slot_of(key)];
  if (!entry.is_used) {
    entry = {true, key, token};
    used_ += 1;
  } else {
    entry.token = merge(entry.token, token);
  }
}

void TokenTable::erase(std::uint64_t key) {
  if (entries_.empty()) return;
  Entry& entry = entries_[slot_of(key)];
  if (entry.is_used) entry.token = {};
}

std::size_t TokenTable::slot_of(std::uint64_t key) const {
  const std::size_t mask = entries_.size() - 1;
  std::size_t slot = mix64(key) & mask;
  while (entries_[slot].is_used && entries_[slot].key != key) slot = (slot + 1) & mask;
  return slot;
}

void TokenTable::rebuild(const FreshnessConfig& config, TimePoint now) {
  std::size_t alive = 0;
  for (const Entry& entry : entries_) {
    alive += entry.is_used && counts(config, now, entry.token) ? 1 : 0;
  }
  std::size_t size = 16;
  while (size < 4 * (alive + 1)) size *= 2;
  const std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(size));
  used_ = alive;
  for (const Entry& entry : old) {
    if (entry.is_used && counts(config, now, entry.token)) entries_[slot_of(entry.key)] = entry;
  }
}

}  // namespace longhaul
