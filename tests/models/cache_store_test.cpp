#include "models/app/cache_store.h"

#include <algorithm>
#include <deque>

#include "base/digest.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

TEST_CASE("cache_store: the row that was used least recently goes first", "[models][cache]") {
  CacheStore store(3);
  for (std::uint64_t key : {1, 2, 3}) store.put(key).version = key * 10;
  store.touch(*store.find(1));
  store.put(4);  // 2 is the oldest now
  REQUIRE(store.find(2) == nullptr);
  REQUIRE(store.find(1)->version == 10);
  store.retire(*store.find(4));
  store.put(5);
  REQUIRE(store.find(4) == nullptr);
  REQUIRE(store.find(3)->version == 30);
  REQUIRE(store.size() == 3);
}

TEST_CASE("cache_store: random use agrees with a list in order of use", "[models][cache]") {
  // The model is a list, newest first, cut at the limit.
  constexpr std::uint32_t limit = 50;
  CacheStore store(limit);
  std::deque<std::uint64_t> model;
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    const std::uint64_t luck = mix64(n);
    const std::uint64_t key = luck % 80;
    const auto known = std::find(model.begin(), model.end(), key);
    REQUIRE((store.find(key) != nullptr) == (known != model.end()));
    const bool there = known != model.end();
    if (there) model.erase(known);
    if ((luck >> 32) % 10 == 0 && there) {
      store.retire(*store.find(key));
      model.push_back(key);
      continue;
    }
    store.put(key).version = key;
    model.push_front(key);
    if (model.size() > limit) model.pop_back();
    REQUIRE(store.find(key)->version == key);
  }
  REQUIRE(store.size() == limit);
}

}  // namespace
}  // namespace longhaul
