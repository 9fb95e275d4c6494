// What the primary's three lags say, sample by sample.

#include "models/pg/lag_tracker.h"

#include "tests/catch.h"

namespace longhaul {
namespace {

using enum ReportedPosition;

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }
constexpr TimePoint at_ms(std::int64_t ms) { return at(milliseconds(ms)); }

// A reply whose three positions are the same.
void reply(LagTracker& tracker, std::uint64_t position, std::uint64_t sent, std::int64_t ms) {
  tracker.note_reply({position}, {position}, {position}, {sent}, at_ms(ms));
}

}  // namespace

TEST_CASE("lag_tracker: nothing sent: no lag", "[models][lag_tracker]") {
  LagTracker tracker;
  REQUIRE_FALSE(tracker.lag(write));
  reply(tracker, 0, 0, 10);
  REQUIRE_FALSE(tracker.lag(apply));
}

TEST_CASE("lag_tracker: a reply that passes samples shows the age of the newest of them",
          "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  tracker.note_send({200}, at_ms(5));
  tracker.note_send({300}, at_ms(9));
  // Written up to 250: past the sample of 5 ms. Flushed to 100: that of 0 ms. Applied nothing: the
  // sample it waits for counts as if it were passed now.
  tracker.note_reply({250}, {100}, {0}, {300}, at_ms(25));
  REQUIRE(tracker.lag(write) == milliseconds(20));
  REQUIRE(tracker.lag(flush) == milliseconds(25));
  REQUIRE(tracker.lag(apply) == milliseconds(25));
}

TEST_CASE("lag_tracker: a sender that wakes up to the same end of the log takes no sample",
          "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  tracker.note_send({100}, at_ms(7));
  REQUIRE(tracker.samples() == 1);
  reply(tracker, 100, 100, 20);
  REQUIRE(tracker.lag(write) == milliseconds(20));
  REQUIRE(tracker.samples() == 0);
}

TEST_CASE("lag_tracker: a position stuck between two samples gets a time between theirs",
          "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  tracker.note_send({200}, at_ms(40));
  reply(tracker, 100, 200, 50);
  // A quarter of the way from 100 to 200: sent, so to speak, at 10 ms. It grows with every reply.
  reply(tracker, 125, 200, 60);
  REQUIRE(tracker.lag(apply) == milliseconds(50));
  reply(tracker, 125, 200, 1060);
  REQUIRE(tracker.lag(apply) == milliseconds(1050));
}

TEST_CASE("lag_tracker: after a pause the first sample of the new burst is all that counts",
          "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  reply(tracker, 100, 100, 20);
  tracker.note_send({200}, at_ms(10'000));
  // Not interpolated from the sample of 0 ms, which would make ten seconds of it.
  reply(tracker, 150, 200, 10'005);
  REQUIRE(tracker.lag(apply) == milliseconds(5));
}

TEST_CASE("lag_tracker: two replies in a row that have applied everything clear the lags",
          "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  reply(tracker, 100, 100, 20);
  REQUIRE(tracker.lag(apply) == milliseconds(20));
  reply(tracker, 100, 100, 10'020);
  REQUIRE_FALSE(tracker.lag(write));
  REQUIRE_FALSE(tracker.lag(flush));
  REQUIRE_FALSE(tracker.lag(apply));
}

TEST_CASE("lag_tracker: something was sent in between: the lags stay", "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  reply(tracker, 100, 100, 20);
  tracker.note_send({200}, at_ms(30));
  tracker.note_reply({100}, {100}, {100}, {200}, at_ms(31));  // the second reply to the first piece
  REQUIRE(tracker.lag(apply) == milliseconds(1));
  reply(tracker, 200, 200, 50);
  REQUIRE(tracker.lag(apply) == milliseconds(20));
}

TEST_CASE("lag_tracker: without replies nothing moves", "[models][lag_tracker]") {
  LagTracker tracker;
  tracker.note_send({100}, at_ms(0));
  reply(tracker, 100, 100, 20);
  for (std::uint64_t i = 1; i <= 100; ++i) tracker.note_send({100 + i}, at_ms(1000));
  REQUIRE(tracker.lag(apply) == milliseconds(20));
}

TEST_CASE("lag_tracker: a reader that is overrun keeps the sample it waited for",
          "[models][lag_tracker]") {
  LagTracker tracker;
  // 10000 samples, one a millisecond. Writing keeps up, applying stands before the first.
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    tracker.note_send({i}, at_ms(static_cast<std::int64_t>(i)));
    tracker.note_reply({i}, {i}, {0}, {i}, at_ms(static_cast<std::int64_t>(i)));
  }
  REQUIRE(tracker.samples() == LagTracker::capacity);
  REQUIRE(tracker.lag(write) == Duration{});
  // The sample of 1 ms fell out of the buffer, not out of mind: 10000 - 1 ms.
  REQUIRE(tracker.lag(apply) == milliseconds(9999));
  // Past it, the oldest samples left are those from 10000 - 8191 + 1 = 1810 on. Applied up to 100,
  // the last one passed is that of 1 ms, the next 1810: 1 + (100 - 1) x 1809 / 1809 = 100 ms.
  tracker.note_reply({10'000}, {10'000}, {100}, {10'000}, at_ms(10'000));
  REQUIRE(tracker.lag(apply) == milliseconds(9999));  // passed the sample of 1 ms just now
  tracker.note_reply({10'000}, {10'000}, {100}, {10'000}, at_ms(10'000));
  REQUIRE(tracker.lag(apply) == milliseconds(9900));
  tracker.note_reply({10'000}, {10'000}, {9000}, {10'000}, at_ms(10'000));
  REQUIRE(tracker.lag(apply) == milliseconds(1000));
  tracker.note_reply({10'000}, {10'000}, {10'000}, {10'000}, at_ms(10'001));
  REQUIRE(tracker.lag(apply) == milliseconds(1));
  REQUIRE(tracker.samples() == 0);
}

}  // namespace longhaul
