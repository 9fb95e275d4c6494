// What a lag breaker does beyond its states: the ramp after it has closed, the jitter of its
// probes, and lag that counts only when time and bytes agree.
#include "policy/lag_breaker.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

void probe(LagBreaker& breaker, Duration sent, std::optional<Duration> lag,
           std::optional<Bytes> lag_bytes = std::nullopt) {
  breaker.handle(at(sent), {.measured_at = at(sent), .lag = lag, .lag_bytes = lag_bytes});
  breaker.poll();
}

// How many of a thousand reads whose numbers are evenly spread.
int admitted(const LagBreaker& breaker, Duration now) {
  int count = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    // The upper half is the router's business: it must not matter here.
    const std::uint64_t number = (i * 0x9e3779b9u << 32) | (i * 4'294'967u);
    count += breaker.admits(at(now), number) ? 1 : 0;
  }
  return count;
}

LagBreakerConfig gitlab_like() {
  LagBreakerConfig config;
  config.open_above = seconds(60);
  config.close_below = seconds(60);
  config.open_above_bytes = mebibytes(8);
  config.close_below_bytes = mebibytes(8);
  config.bad_when = BadWhen::both_above;
  config.close_after = 0;
  return config;
}

}  // namespace

TEST_CASE("lag_breaker: ramp: the share of reads grows evenly after it has closed",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.ramp = seconds(100);
  config.close_after = 1;
  config.stale_after = seconds(1000);
  LagBreaker breaker(config);
  probe(breaker, seconds(0), milliseconds(10));
  // A process that has just begun keeps nothing back.
  REQUIRE(admitted(breaker, milliseconds(1)) == 1000);
  probe(breaker, seconds(1), seconds(10));
  REQUIRE(admitted(breaker, seconds(1)) == 0);
  probe(breaker, seconds(2), milliseconds(10));
  probe(breaker, seconds(3), milliseconds(10));
  REQUIRE(breaker.state() == BreakerState::closed);
  REQUIRE(admitted(breaker, seconds(3)) == 0);
  for (const std::int64_t share : {1, 10, 50, 90, 99}) {
    REQUIRE(admitted(breaker, seconds(3 + share)) == Approx(10 * share).margin(1));
  }
  REQUIRE(admitted(breaker, seconds(103)) == 1000);
  // The same read is not admitted and refused again: who is in stays in.
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const std::uint64_t low = number * 4'294'967u;
    if (breaker.admits(at(seconds(20)), low)) REQUIRE(breaker.admits(at(seconds(21)), low));
  }
}

TEST_CASE("lag_breaker: jitter: pauses spread from one interval to one and the jitter",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.probe_interval = seconds(60);
  REQUIRE(probe_pause(config, ~std::uint64_t{0}) == seconds(60));
  config.probe_jitter = percent(100);
  REQUIRE(probe_pause(config, 0) == seconds(60));
  REQUIRE(probe_pause(config, std::uint64_t{1} << 63) == seconds(90));
  REQUIRE(probe_pause(config, ~std::uint64_t{0}) < seconds(120));
  REQUIRE(probe_pause(config, ~std::uint64_t{0}) > milliseconds(119'999));
  // Three of the longest may be missed.
  REQUIRE(news_age_max(config) > seconds(359));
}

TEST_CASE("lag_breaker: both_above: an idle primary is no lag, as for GitLab",
          "[policy][lag_breaker]") {
  LagBreaker breaker(gitlab_like());
  probe(breaker, seconds(0), milliseconds(10), Bytes{0});
  // now() - pg_last_xact_replay_timestamp() of an idle primary, then a burst that is replayed fast.
  probe(breaker, seconds(1), seconds(600), Bytes{100});
  probe(breaker, seconds(2), seconds(1), mebibytes(100));
  REQUIRE(breaker.state() == BreakerState::closed);
  probe(breaker, seconds(3), seconds(61), mebibytes(9));
  REQUIRE(breaker.state() == BreakerState::open);
  // One of them is enough to come back, at once.
  probe(breaker, seconds(4), seconds(61), mebibytes(8));
  REQUIRE(breaker.state() == BreakerState::closed);
}

TEST_CASE("lag_breaker: both_above: a figure that is not known speaks against the database",
          "[policy][lag_breaker]") {
  LagBreaker breaker(gitlab_like());
  probe(breaker, seconds(0), milliseconds(10), Bytes{0});
  probe(breaker, seconds(1), std::nullopt, mebibytes(9));
  REQUIRE(breaker.state() == BreakerState::open);
  probe(breaker, seconds(2), std::nullopt, mebibytes(1));
  REQUIRE(breaker.state() == BreakerState::closed);
  probe(breaker, seconds(3), seconds(61));
  REQUIRE(breaker.state() == BreakerState::open);
}

TEST_CASE("lag_breaker: both_above: at the start an unknown figure decides nothing",
          "[policy][lag_breaker]") {
  LagBreakerConfig config = gitlab_like();  // 60 s and 8 MiB
  config.close_below_bytes = mebibytes(4);
  // 6 MiB and 62 s lie between: they would not have opened it, and do not close it.
  const auto between_after = [&config](std::optional<Duration> lag, std::optional<Bytes> bytes) {
    LagBreaker breaker(config);
    probe(breaker, seconds(0), lag, bytes);
    probe(breaker, seconds(1), seconds(62), mebibytes(6));
    return breaker.state();
  };
  REQUIRE(between_after(seconds(61), mebibytes(9)) == BreakerState::open);
  REQUIRE(between_after(seconds(61), std::nullopt) == BreakerState::closed);
  REQUIRE(between_after(std::nullopt, mebibytes(9)) == BreakerState::closed);
  LagBreaker breaker(config);
  probe(breaker, seconds(0), seconds(61));
  REQUIRE(breaker.reason() == Reason::not_observed);
}

TEST_CASE("lag_breaker: at the start NULL is idle when no byte is missing, and else no news",
          "[policy][lag_breaker]") {
  for (const BadWhen when : {BadWhen::either_above, BadWhen::both_above}) {
    LagBreakerConfig config = gitlab_like();
    config.bad_when = when;
    LagBreaker breaker(config);
    probe(breaker, seconds(0), std::nullopt, Bytes{0});
    REQUIRE(breaker.state() == BreakerState::closed);
  }
  // By default time alone is judged: 2 s are between 1 s and 3 s.
  LagBreaker breaker;
  probe(breaker, seconds(0), std::nullopt, Bytes{100});
  REQUIRE(breaker.reason() == Reason::not_observed);
  probe(breaker, seconds(1), seconds(2), Bytes{100});
  REQUIRE(breaker.state() == BreakerState::closed);
}

TEST_CASE("lag_breaker: either_above: time alone opens it though hardly a byte is missing",
          "[policy][lag_breaker]") {
  LagBreakerConfig config = gitlab_like();
  config.bad_when = BadWhen::either_above;
  LagBreaker breaker(config);
  probe(breaker, seconds(0), milliseconds(10), Bytes{0});
  probe(breaker, seconds(1), seconds(600), Bytes{100});
  REQUIRE(breaker.state() == BreakerState::open);
}

}  // namespace longhaul
