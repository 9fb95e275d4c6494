#include "models/host/station.h"

#include <optional>

#include "tests/catch.h"

namespace longhaul {

using Jobs = Station<int>;

TEST_CASE("station: offer: servers first, then the queue, then refusal", "[models][station]") {
  Jobs station(2, 3);
  REQUIRE(station.offer(1) == Jobs::Offer::serve);
  REQUIRE(station.offer(2) == Jobs::Offer::serve);
  REQUIRE(station.offer(3) == Jobs::Offer::wait);
  REQUIRE(station.offer(4) == Jobs::Offer::wait);
  REQUIRE(station.offer(5) == Jobs::Offer::wait);
  REQUIRE(station.offer(6) == Jobs::Offer::refuse);
  REQUIRE(station.busy() == 2);
  REQUIRE(station.servers() == 2);
  REQUIRE(station.waiting() == 3);
}

TEST_CASE("station: finish: the longest waiting job takes the server", "[models][station]") {
  Jobs station(1, 2);
  station.offer(1);
  station.offer(2);
  station.offer(3);
  REQUIRE(station.finish() == std::optional<int>(2));
  // Job 2 holds the server and left a place in the queue: 4 waits behind 3, 5 finds it full.
  REQUIRE(station.busy() == 1);
  REQUIRE(station.offer(4) == Jobs::Offer::wait);
  REQUIRE(station.offer(5) == Jobs::Offer::refuse);
  REQUIRE(station.finish() == std::optional<int>(3));
  REQUIRE(station.finish() == std::optional<int>(4));
  REQUIRE(station.busy() == 1);
  REQUIRE(station.finish() == std::nullopt);
  REQUIRE(station.busy() == 0);
  REQUIRE(station.offer(6) == Jobs::Offer::serve);
}

TEST_CASE("station: finish: one of several servers falls idle", "[models][station]") {
  Jobs station(3, 1);
  station.offer(1);
  station.offer(2);
  REQUIRE(station.finish() == std::nullopt);
  REQUIRE(station.busy() == 1);
  REQUIRE(station.waiting() == 0);
}

TEST_CASE("station: offer: without a queue a busy server refuses", "[models][station]") {
  Jobs station(1, 0);
  REQUIRE(station.offer(1) == Jobs::Offer::serve);
  REQUIRE(station.offer(2) == Jobs::Offer::refuse);
  REQUIRE(station.finish() == std::nullopt);
  REQUIRE(station.offer(3) == Jobs::Offer::serve);
}

}  // namespace longhaul
