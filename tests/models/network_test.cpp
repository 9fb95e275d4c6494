#include "models/net/network.h"
#include "models/net/tcp.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

constexpr Bytes none{0};
constexpr ByteRate unlimited{0};
constexpr ByteRate kilobyte_a_millisecond{1'000'000};

TimePoint ms(std::int64_t n) { return TimePoint{} + milliseconds(n); }

Link link_of(Duration latency, ByteRate bandwidth) {
  Link link;
  link.latency = latency;
  link.bandwidth = bandwidth;
  return link;
}

Bytes on_wire(Bytes size) { return size + Bytes{52} * tcp_segments(size); }

// What fills `wire` bytes with its headers.
Bytes filling(std::int64_t wire) { return Bytes{wire} - Bytes{52} * ((wire + 1499) / 1500); }

// Regions 0 and 1, 50 ms apart, with a path each way.
struct Pair {
  Network network;
  LinkId out, back;
  PathId there, home;

  explicit Pair(ByteRate bandwidth = unlimited) {
    out = network.add_link(link_of(milliseconds(50), bandwidth));
    back = network.add_link(link_of(milliseconds(50), bandwidth));
    there = network.add_path({{}, {out}});
    home = network.add_path({{}, {back}});
  }
};

}  // namespace

TEST_CASE("network: latency: regions' own ways and every link add up", "[models][network]") {
  Network network;
  const LinkId first = network.add_link(link_of(milliseconds(30), unlimited));
  const LinkId second = network.add_link(link_of(milliseconds(40), unlimited));
  const PathId path = network.add_path({milliseconds(2), {first, second}});
  const PathId inside = network.add_path({milliseconds(1), {}});
  REQUIRE(network.latency(path) == milliseconds(72));  // 2 + 30 + 40
  REQUIRE(network.send(ms(5), path, mebibytes(1), 7).at == ms(77));
  REQUIRE(network.latency(inside) == milliseconds(1));
  REQUIRE(network.send(ms(5), inside, mebibytes(1), 7).at == ms(6));
}

TEST_CASE("network: bandwidth: messages queue first in, first out", "[models][network]") {
  // At 1 kB a millisecond, 10 kB occupy the link for 10 ms; each then travels 50 ms.
  Pair pair(kilobyte_a_millisecond);
  // Handed over at 0: sent 0..10, arrives at 60.
  REQUIRE(pair.network.send(ms(0), pair.there, filling(10'000), 0).at == ms(60));
  // At 4: waits until 10, sent 10..15, arrives at 65.
  REQUIRE(pair.network.send(ms(4), pair.there, filling(5'000), 0).at == ms(65));
  // At 4, headers alone: behind the others still, arrives 52 bytes after 65.
  REQUIRE(pair.network.send(ms(4), pair.there, none, 0).at == ms(65) + microseconds(52));
  // At 100 the link is idle: sent 100..101, arrives at 151.
  REQUIRE(pair.network.send(ms(100), pair.there, filling(1'000), 0).at == ms(151));
  // The other direction never waited: 10 ms and 50 ms.
  REQUIRE(pair.network.send(ms(4), pair.home, filling(10'000), 0).at == ms(64));
}

TEST_CASE("network: bandwidth: sending takes whole nanoseconds, rounded up", "[models][network]") {
  Network network;
  const LinkId link = network.add_link(link_of({}, {3}));
  const PathId path = network.add_path({{}, {link}});
  // One byte and 52 of headers at 3 bytes a second: 17'666'666'666.7 ns.
  REQUIRE(network.send({0}, path, {1}, 0).at.ns == 17'666'666'667);
}

TEST_CASE("network: bandwidth: each link of a way forwards the whole message",
          "[models][network]") {
  // 10 kB: 1 ms inside, 10 ms on the first link and 30 ms of latency: 41; at 0.5 kB a millisecond
  // 20 ms on the second and 40 ms of latency: 101. A second message leaves the first link 10 ms
  // later, at 51, but waits for the second one until 61: 61 + 20 + 40 = 121.
  Network network;
  const LinkId first = network.add_link(link_of(milliseconds(30), kilobyte_a_millisecond));
  const LinkId second = network.add_link(link_of(milliseconds(40), {500'000}));
  const PathId path = network.add_path({milliseconds(1), {first, second}});
  REQUIRE(network.send(ms(0), path, filling(10'000), 0).at == ms(101));
  REQUIRE(network.send(ms(0), path, filling(10'000), 0).at == ms(121));
}

TEST_CASE("network: bandwidth: no message overtakes another on one link", "[models][network]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomStream random{{seed}};
    Pair pair(kilobyte_a_millisecond);
    TimePoint now;
    TimePoint last;
    Duration sending;
    for (int i = 0; i < 200; ++i) {
      now = now + milliseconds(static_cast<std::int64_t>(random.bits() % 10));
      const Bytes size{static_cast<std::int64_t>(random.bits() % 10'000)};
      const TimePoint at = pair.network.send(now, pair.there, size, random.bits()).at;
      sending = transfer_time(on_wire(size), kilobyte_a_millisecond);
      // It begins once the message before is through, or at once: (at - 50 ms) - sending.
      REQUIRE(at == std::max(last, now + milliseconds(50)) + sending);
      last = at;
    }
  }
}

TEST_CASE("network: queue: what does not fit is dropped", "[models][network]") {
  // 1 kB a millisecond and a queue of 9 ms: 6 packets of 1,500 bytes. Of a piece of WAL of ten the
  // last four are dropped; the next finds the queue full, as do messages, until it has drained.
  Network network;
  Link link = link_of(milliseconds(50), kilobyte_a_millisecond);
  link.queue = milliseconds(9);
  const PathId path = network.add_path({{}, {network.add_link(link)}});
  const Bytes ten_packets = tcp_segment * 10;
  const Delivery first = network.send(ms(0), path, ten_packets, 0, Cargo::wal);
  REQUIRE_FALSE(first.lost);
  REQUIRE(first.tail_lost == 4);
  REQUIRE(first.at == ms(59));
  REQUIRE(network.send(ms(0), path, ten_packets, 0, Cargo::wal).lost);
  REQUIRE(network.send(ms(0), path, {100}, 0).lost);
  REQUIRE_FALSE(network.send(ms(0), path, none, 0, Cargo::acknowledgement).lost);
  REQUIRE_FALSE(network.send(ms(5), path, {100}, 0).lost);
  // An idle link takes a packet however short its queue.
  link.queue = {};
  const PathId no_queue = network.add_path({{}, {network.add_link(link)}});
  REQUIRE(network.send(ms(0), no_queue, ten_packets, 0, Cargo::wal).tail_lost == 9);
}

TEST_CASE("network: loss: each packet by itself", "[models][network]") {
  // 5 %: of 10,000 packets 500 are lost, standard deviation 22. Of messages of ten packets
  // 1 - 0.95^10 = 40.1 %, standard deviation 49 of 10,000. Pieces of WAL lose packets, not all.
  Network network;
  Link link = link_of(milliseconds(50), unlimited);
  link.loss = percent(5);
  const PathId path = network.add_path({{}, {network.add_link(link)}});
  RandomStream random{{3}};
  int single = 0, tenfold = 0;
  std::uint32_t packets = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t luck = random.bits();
    single += network.send(ms(0), path, {100}, luck).lost ? 1 : 0;
    tenfold += network.send(ms(0), path, tcp_segment * 10, luck).lost ? 1 : 0;
    packets += network.send(ms(0), path, tcp_segment * 10, luck, Cargo::wal).head_lost;
    REQUIRE_FALSE(network.send(ms(0), path, none, luck, Cargo::acknowledgement).lost);
  }
  REQUIRE(std::abs(single - 500) < 130);
  REQUIRE(std::abs(tenfold - 4'013) < 300);
  REQUIRE(packets > 5'000 - 420);  // of 100,000; standard deviation 69
  REQUIRE(packets < 5'000 + 420);
}

TEST_CASE("network: jitter: it comes on top of the latency, from the message's luck",
          "[models][network]") {
  Network network;
  Link link = link_of(milliseconds(50), unlimited);
  link.jitter = DurationDistribution::uniform({}, milliseconds(10));
  const PathId one = network.add_path({{}, {network.add_link(link)}});
  RandomStream random{{1}};
  std::int64_t sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t luck = random.bits();
    const TimePoint at = network.send(ms(0), one, none, luck).at;
    REQUIRE(at == ms(50) + sample(link.jitter, luck));
    REQUIRE(at >= ms(50));
    REQUIRE(at <= ms(60));
    sum += (at - ms(50)).ns;
  }
  // Mean 5 ms; of 10'000 draws the standard error is 10 / sqrt(12) / 100 = 0.029 ms. Six of them.
  REQUIRE(sum / 10'000 > 4'830'000);
  REQUIRE(sum / 10'000 < 5'170'000);
  REQUIRE(network.latency(one) == milliseconds(50));  // the smallest possible one
}

TEST_CASE("network: jitter: links on one way draw independently", "[models][network]") {
  Network network;
  Link link = link_of({}, unlimited);
  link.jitter = DurationDistribution::uniform({}, milliseconds(10));
  const LinkId first = network.add_link(link);
  const LinkId second = network.add_link(link);
  const PathId path = network.add_path({{}, {first, second}});
  RandomStream random{{2}};
  // Were the second link's jitter the same, all sums would be even draws doubled: the difference
  // between the second and the first would be 0. Independent, |difference| has mean 10 / 3 ms and
  // standard deviation 10 / sqrt(18) = 2.36 ms: 0.024 ms over 10'000 draws.
  std::int64_t sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t luck = random.bits();
    const Duration own = sample(link.jitter, luck);
    const Duration both = network.send(ms(0), path, none, luck).at - ms(0);
    const std::int64_t difference = (both - own - own).ns;
    sum += difference < 0 ? -difference : difference;
  }
  REQUIRE(sum / 10'000 > 3'190'000);
  REQUIRE(sum / 10'000 < 3'480'000);
}

TEST_CASE("network: cut: one direction is lost, the other goes on", "[models][network]") {
  Pair pair;
  pair.network.cut(pair.out);
  REQUIRE(pair.network.is_cut(pair.there));
  REQUIRE_FALSE(pair.network.is_cut(pair.home));
  REQUIRE(pair.network.send(ms(0), pair.there, none, 0).lost);
  REQUIRE_FALSE(pair.network.send(ms(0), pair.home, none, 0).lost);
  REQUIRE(pair.network.survived(ms(50), pair.home));
}

TEST_CASE("network: cut: both directions are lost until both are healed", "[models][network]") {
  Pair pair;
  pair.network.cut(pair.out);
  pair.network.cut(pair.back);
  REQUIRE(pair.network.send(ms(0), pair.there, none, 0).lost);
  REQUIRE(pair.network.send(ms(0), pair.home, none, 0).lost);
  pair.network.heal(ms(10), pair.out);
  REQUIRE_FALSE(pair.network.send(ms(10), pair.there, none, 0).lost);
  REQUIRE(pair.network.send(ms(10), pair.home, none, 0).lost);
  pair.network.heal(ms(20), pair.back);
  REQUIRE_FALSE(pair.network.send(ms(20), pair.home, none, 0).lost);
}

TEST_CASE("network: cut: overlapping cuts end with the last of them", "[models][network]") {
  Pair pair;
  pair.network.cut(pair.out);
  pair.network.cut(pair.out);
  pair.network.heal(ms(10), pair.out);
  REQUIRE(pair.network.is_cut(pair.there));
  REQUIRE(pair.network.send(ms(15), pair.there, none, 0).lost);
  pair.network.heal(ms(20), pair.out);
  REQUIRE_FALSE(pair.network.is_cut(pair.there));
  REQUIRE_FALSE(pair.network.send(ms(20), pair.there, none, 0).lost);
  REQUIRE_THROWS_AS(pair.network.heal(ms(30), pair.out), std::logic_error);
}

TEST_CASE(
    "network: cut: what is on its way when it begins is lost, even if it is healed before "
    "arrival",
    "[models][network]") {
  // Sent at 0, due at 50; the link is cut from 10 to 20.
  Pair pair;
  REQUIRE_FALSE(pair.network.send(ms(0), pair.there, none, 0).lost);
  REQUIRE(pair.network.survived(ms(50), pair.there));  // no cut so far
  pair.network.cut(pair.out);
  REQUIRE_FALSE(pair.network.survived(ms(50), pair.there));  // still cut on arrival
  pair.network.heal(ms(20), pair.out);
  REQUIRE_FALSE(pair.network.survived(ms(50), pair.there));  // cut while it travelled
  // Sent just before the end of the cut, arriving at 20 + 50 - 1 ns, and just after it.
  REQUIRE_FALSE(pair.network.survived(ms(70) - nanoseconds(1), pair.there));
  REQUIRE(pair.network.survived(ms(70), pair.there));
}

TEST_CASE("network: cut: a way is lost with any of its links, at the time it passes it",
          "[models][network]") {
  // Two links of 50 ms: a message sent at t is on the first until t + 50, on the second until
  // t + 100. The first is cut from 60 to 70: what was sent at 0 has passed it, what was sent at 65
  // or just before 70 has not.
  Network network;
  const LinkId first = network.add_link(link_of(milliseconds(50), unlimited));
  const LinkId second = network.add_link(link_of(milliseconds(50), unlimited));
  const PathId path = network.add_path({{}, {first, second}});
  network.cut(second);
  REQUIRE(network.is_cut(path));
  REQUIRE(network.send(ms(0), path, none, 0).lost);
  network.heal(ms(0), second);
  network.cut(first);
  network.heal(ms(70), first);
  REQUIRE_FALSE(network.survived(ms(170) - nanoseconds(1), path));
  REQUIRE(network.survived(ms(170), path));
  // The second is cut until 200: what reaches it at 200, sent at 150, arrives at 250.
  network.cut(second);
  network.heal(ms(200), second);
  REQUIRE_FALSE(network.survived(ms(250) - nanoseconds(1), path));
  REQUIRE(network.survived(ms(250), path));
}

}  // namespace longhaul
