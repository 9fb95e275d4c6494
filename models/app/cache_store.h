// What a cache holds: row to version, at most so many rows, the least recently used one goes first.
//
// A value of fixed rules and no clock: who may read what is decided in cache.cpp. Rows stand in one
// vector, linked by their age of use and by their bucket; memory grows up to the limit as rows come
// and never after. Redis draws five keys and evicts the oldest of them; this is the exact order
// that it approximates. Expired rows keep their room until they are replaced or evicted.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"

namespace longhaul {

struct CacheEntry {
  std::uint64_t key = 0;
  std::uint64_t version = 0;  // as Truth::version_in() numbers them
  TimePoint expires;
  bool removed = false;  // a mark of an invalidation: nothing to read here
};

class CacheStore {
 public:
  CacheStore() = default;
  explicit CacheStore(std::uint32_t entries_max) : entries_max_(entries_max) {}

  // The entry of a key, expired or not; null: there is none. Finding is no use.
  CacheEntry* find(std::uint64_t key);

  // The key's entry, a new one if there is none, as the one used last.
  CacheEntry& put(std::uint64_t key);

  void touch(const CacheEntry& entry);   // used last
  void retire(const CacheEntry& entry);  // goes first

  std::uint32_t size() const { return static_cast<std::uint32_t>(slots_.size()); }
  bool full() const { return size() == entries_max_; }

 private:
  static constexpr std::uint32_t none = 0xffffffffu;

  struct Slot {
    CacheEntry entry;
    std::uint32_t newer = none;
    std::uint32_t older = none;
    std::uint32_t next = none;  // in its bucket
  };

  std::uint32_t bucket_of(std::uint64_t key) const;
  std::uint32_t slot_of(const CacheEntry& entry) const;
  void unlink(std::uint32_t slot);
  void link_newest(std::uint32_t slot);
  void leave_bucket(std::uint32_t slot);
  void grow_buckets();

  std::uint32_t entries_max_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> buckets_;  // a power of two
  std::uint32_t newest_ = none;
  std::uint32_t oldest_ = none;
};

}  // namespace longhaul
