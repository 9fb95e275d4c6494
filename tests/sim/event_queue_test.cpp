#include "sim/event_queue.h"

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <vector>

#include "base/stream_key.h"
#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

struct Earlier {
  bool operator()(const Event& a, const Event& b) const { return runs_before(a, b); }
};

// The queue beside a sorted set that is obviously right: every answer must be the same.
class Pair {
 public:
  void push(std::int64_t at, std::uint64_t order) {
    const Event event{{at}, order, static_cast<std::uint32_t>(order), 1, 2, ~order};
    queue_.push(event);
    reference_.insert(event);
  }

  // The time of the event, or -1 when none is due.
  std::int64_t pop(TimePoint limit = TimePoint::never()) {
    REQUIRE(queue_.size() == reference_.size());
    Event event;
    const bool due = !reference_.empty() && reference_.begin()->at <= limit;
    REQUIRE(queue_.pop_until(limit, event) == due);
    if (!due) return -1;
    REQUIRE(event == *reference_.begin());
    reference_.erase(reference_.begin());
    return event.at.ns;
  }

  void look() {
    const bool empty = reference_.empty();
    REQUIRE((queue_.peek() == nullptr) == empty);
    REQUIRE(queue_.next_time() == (empty ? TimePoint::never() : reference_.begin()->at));
    if (!empty) REQUIRE(*queue_.peek() == *reference_.begin());
  }

  std::size_t size() const { return reference_.size(); }

 private:
  EventQueue queue_;
  std::set<Event, Earlier> reference_;
};

constexpr StreamKey test_key = stream(1, "event_queue_test");

// Distances of every magnitude from 0 to 2^44 ns, a third of them rounded so that instants
// coincide.
std::int64_t any_distance(std::uint64_t bits) {
  const auto value = static_cast<std::int64_t>(bits >> (20 + bits % 44));
  return bits / 64 % 3 == 0 ? value / 1'000'000 * 1'000'000 : value;
}

}  // namespace

TEST_CASE("event_queue: random pushes and pops agree with a sorted set", "[sim][event_queue]") {
  for (std::uint64_t round = 0; round < 20; ++round) {
    Pair pair;
    RandomStream random{stream(round, "random pushes")};
    std::uint64_t order = 0;
    std::int64_t now = 0;
    for (int step = 0; step < 4'000; ++step) {
      // Waves: the queue fills for 500 steps and drains for 500.
      const bool fill = step / 500 % 2 == 0;
      if (below(random.bits(), 10) < (fill ? 7 : 3)) {
        // Ties are broken by the high bits as well, so orders do not only rise.
        const std::uint64_t tie = below(random.bits(), 4) << 40;
        pair.push(now + any_distance(random.bits()), tie | order++);
      } else {
        const std::int64_t limit = now + any_distance(random.bits());
        now = std::max(now, pair.pop(step % 3 == 0 ? TimePoint{limit} : TimePoint::never()));
      }
      if (step % 7 == 0) pair.look();
    }
    while (pair.size() > 0) pair.pop();
    pair.look();
  }
}

TEST_CASE("event_queue: events of one instant leave in order", "[sim][event_queue]") {
  Pair pair;
  // 7919 is prime and does not divide 3000, so the orders are a permutation of 0 to 2999.
  for (std::uint64_t i = 0; i < 3'000; ++i) pair.push(5'000, i * 7919 % 3'000);
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    REQUIRE(pair.pop() == 5'000);
    // Later, earlier and middle places in the burst that is being popped.
    pair.push(5'000, 10'000 + i);
    pair.push(5'000, (std::uint64_t{1} << 40) - i);
    if (i % 3 == 0) pair.push(5'000, 2'000'000 + i * 7919 % 3'000);
  }
  while (pair.size() > 0) pair.pop();
}

TEST_CASE("event_queue: a crowd can gather before the event that was looked for",
          "[sim][event_queue]") {
  Pair pair;
  pair.push(1'000'000'000'000, 0);
  // The limit lies in the bucket of the event and before the event itself.
  REQUIRE(pair.pop({999'999'999'999}) == -1);
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    pair.push(static_cast<std::int64_t>(i * 7919 % 1'000) * 1'000'000, i);
  }
  std::int64_t last = 0;
  while (pair.size() > 0) {
    const std::int64_t at = pair.pop();
    REQUIRE(at >= last);
    last = at;
  }
  REQUIRE(last == 1'000'000'000'000);
}

TEST_CASE("event_queue: the last representable instants are ordered too", "[sim][event_queue]") {
  constexpr std::int64_t end = std::numeric_limits<std::int64_t>::max();
  Pair pair;
  std::uint64_t order = 0;
  for (const std::int64_t at : {end - 1, end, std::int64_t{0}, end / 2, end / 2 + 1, end - 300}) {
    pair.push(at, order++);
  }
  for (const std::int64_t at : {std::int64_t{0}, end / 2, end / 2 + 1, end - 300, end - 1, end}) {
    REQUIRE(pair.pop() == at);
  }
}

TEST_CASE("event_queue: an event before the last one popped is a mistake", "[sim][event_queue]") {
  EventQueue queue;
  queue.push({{10}, 0, 0, 0, 0, 0});
  Event event;
  REQUIRE(queue.pop(event));
  REQUIRE_THROWS_AS(queue.push({{9}, 1, 0, 0, 0, 0}), std::logic_error);
  REQUIRE_THROWS_AS(EventQueue{}.push({{-1}, 0, 0, 0, 0, 0}), std::logic_error);
  queue.push({{10}, 1, 0, 0, 0, 0});
  REQUIRE(queue.next_time() == TimePoint{10});
}

TEST_CASE("event_queue: a copy is independent of its original", "[sim][event_queue]") {
  EventQueue original;
  for (std::uint64_t i = 0; i < 500; ++i) {
    original.push({{static_cast<std::int64_t>(i * 7919 % 500) * 1'000}, i, 0, 0, 0, 0});
  }
  Event event;
  for (int i = 0; i < 100; ++i) original.pop(event);
  EventQueue copy = original;
  while (original.pop(event)) {
  }
  REQUIRE(copy.size() == 400);
  // The times were 0, 1000, ..., 499000, of which the first hundred are gone.
  for (std::int64_t i = 100; i < 500; ++i) {
    REQUIRE(copy.pop(event));
    REQUIRE(event.at == TimePoint{i * 1'000});
  }
  REQUIRE_FALSE(copy.pop(event));
}

TEST_CASE("event_queue: a pending event takes at most 64 bytes and memory does not creep",
          "[sim][event_queue]") {
  // Below some thousands the fixed part of 9 KiB shows: 1,000 events x 64 bytes hold it as well.
  for (const std::uint64_t pending : {1'000, 10'000, 100'000}) {
    EventQueue queue;
    RandomStream random{test_key};
    std::uint64_t order = 0;
    const auto distance = [&] { return any_distance(random.bits()); };
    while (order < pending) queue.push({{distance()}, order++, 0, 0, 0, 0});
    std::size_t warm = 0;
    Event event;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
      if (i == 50'000) warm = queue.memory_bytes();
      REQUIRE(queue.pop(event));
      queue.push({{event.at.ns + distance()}, order++, 0, 0, 0, 0});
    }
    REQUIRE(queue.memory_bytes() <= 64 * pending);
    // The scratch arrays may still meet a fuller bucket than before.
    REQUIRE(queue.memory_bytes() <= warm + warm / 100);
  }
}

}  // namespace longhaul
