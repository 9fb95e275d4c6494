#include "models/app/cache_store.h"

#include "base/check.h"
#include "base/digest.h"

namespace longhaul {

std::uint32_t CacheStore::bucket_of(std::uint64_t key) const {
  return static_cast<std::uint32_t>(mix64(key + 1)) &
         static_cast<std::uint32_t>(buckets_.size() - 1);
}

std::uint32_t CacheStore::slot_of(const CacheEntry& entry) const {
  std::uint32_t slot = buckets_[bucket_of(entry.key)];
  while (&slots_[slot].entry != &entry) slot = slots_[slot].next;
  return slot;
}

CacheEntry* CacheStore::find(std::uint64_t key) {
  if (slots_.empty()) return nullptr;
  for (std::uint32_t slot = buckets_[bucket_of(key)]; slot != none; slot = slots_[slot].next) {
    if (slots_[slot].entry.key == key) return &slots_[slot].entry;
  }
  return nullptr;
}

CacheEntry& CacheStore::put(std::uint64_t key) {
  if (CacheEntry* known = find(key)) {
    touch(*known);
    return *known;
  }
  CHECK(entries_max_ > 0);
  std::uint32_t slot = oldest_;
  if (full()) {
    unlink(slot);
    leave_bucket(slot);
  } else {
    slot = size();
    slots_.emplace_back();
    if (slots_.size() > buckets_.size()) grow_buckets();
  }
  Slot& taken = slots_[slot];
  taken.entry = {key, 0, {}, false};
  std::uint32_t& bucket = buckets_[bucket_of(key)];
  taken.next = bucket;
  bucket = slot;
  link_newest(slot);
  return taken.entry;
}

void CacheStore::touch(const CacheEntry& entry) {
  const std::uint32_t slot = slot_of(entry);
  if (slot == newest_) return;
  unlink(slot);
  link_newest(slot);
}

void CacheStore::retire(const CacheEntry& entry) {
  const std::uint32_t slot = slot_of(entry);
  if (slot == oldest_) return;
  unlink(slot);
  slots_[slot].newer = oldest_;
  slots_[slot].older = none;
  slots_[oldest_].older = slot;
  oldest_ = slot;
}

void CacheStore::unlink(std::uint32_t slot) {
  const Slot& at = slots_[slot];
  (at.newer == none ? newest_ : slots_[at.newer].older) = at.older;
  (at.older == none ? oldest_ : slots_[at.older].newer) = at.newer;
}

void CacheStore::link_newest(std::uint32_t slot) {
  slots_[slot].newer = none;
  slots_[slot].older = newest_;
  (newest_ == none ? oldest_ : slots_[newest_].newer) = slot;
  newest_ = slot;
}

void CacheStore::leave_bucket(std::uint32_t slot) {
  std::uint32_t* link = &buckets_[bucket_of(slots_[slot].entry.key)];
  while (*link != slot) link = &slots_[*link].next;
  *link = slots_[slot].next;
}

void CacheStore::grow_buckets() {
  buckets_.assign(buckets_.empty() ? 16 : buckets_.size() * 2, none);
  for (std::uint32_t slot = 0; slot + 1 < size(); ++slot) {  // the last is not linked yet
    std::uint32_t& bucket = buckets_[bucket_of(slots_[slot].entry.key)];
    slots_[slot].next = bucket;
    bucket = slot;
  }
}

}  // namespace longhaul
