#include "policy/lag_breaker.h"

#include <optional>

#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

// A breaker with its probes a millisecond on the way; drains poll() after each event.
struct Host {
  LagBreaker breaker;
  std::optional<BreakerTransition> last = std::nullopt;

  void probe(Duration sent, Duration lag, std::optional<Bytes> lag_bytes = std::nullopt) {
    breaker.handle(at(sent + milliseconds(1)),
                   LagReading{.measured_at = at(sent), .lag = lag, .lag_bytes = lag_bytes});
    drain();
  }
  void fail(Duration sent) {
    breaker.handle(at(sent + breaker.config().probe_timeout), ProbeFailed{at(sent)});
    drain();
  }
  void timer(Duration now) {
    breaker.on_timer(at(now));
    drain();
  }
  void drain() {
    last = breaker.poll();
    REQUIRE_FALSE(breaker.poll());
  }
};

Host closed_host(const LagBreakerConfig& config = {}) {
  Host host{LagBreaker(config)};
  host.probe(seconds(0), milliseconds(100));
  REQUIRE(host.breaker.state() == BreakerState::closed);
  return host;
}

// Open since the probe of second 1.
Host open_host(const LagBreakerConfig& config = {}) {
  Host host = closed_host(config);
  host.probe(seconds(1), seconds(4));
  REQUIRE(host.breaker.state() == BreakerState::open);
  return host;
}

// Half open since the probe of second 2.
Host half_open_host(const LagBreakerConfig& config = {}) {
  Host host = open_host(config);
  host.probe(seconds(2), milliseconds(500));
  REQUIRE(host.breaker.state() == BreakerState::half_open);
  return host;
}

LagBreakerConfig with_bytes() {
  LagBreakerConfig config;
  config.open_above_bytes = mebibytes(8);
  config.close_below_bytes = mebibytes(1);
  return config;
}

}  // namespace

TEST_CASE("lag_breaker: start: nothing is admitted before the first answer",
          "[policy][lag_breaker]") {
  const LagBreaker breaker{LagBreakerConfig{}};
  REQUIRE(breaker.state() == BreakerState::open);
  REQUIRE(breaker.reason() == Reason::not_observed);
  REQUIRE_FALSE(breaker.admits(at(seconds(0))));
  REQUIRE_FALSE(breaker.next_deadline());
}

TEST_CASE("lag_breaker: start: the first answer decides against open_above, not close_below",
          "[policy][lag_breaker]") {
  // 3 s is not above open_above (3 s), though far above close_below (1 s).
  Host host{LagBreaker{LagBreakerConfig{}}};
  host.probe(seconds(0), seconds(3));
  REQUIRE(host.last->reason == Reason::first_observation);
  REQUIRE(host.breaker.admits(at(milliseconds(1))));
}

TEST_CASE("lag_breaker: start: a first answer above the threshold says why reads stay away",
          "[policy][lag_breaker]") {
  Host host{LagBreaker{with_bytes()}};
  host.probe(seconds(0), seconds(0), mebibytes(8) + Bytes{1});
  REQUIRE(host.breaker.state() == BreakerState::open);
  REQUIRE(host.breaker.reason() == Reason::lag_bytes_above_threshold);
}

TEST_CASE("lag_breaker: closed: opens above the threshold and not at it", "[policy][lag_breaker]") {
  Host host = closed_host();
  host.probe(seconds(1), seconds(3));
  REQUIRE_FALSE(host.last);
  host.probe(seconds(2), seconds(3) + nanoseconds(1));
  REQUIRE(host.last == BreakerTransition{.from = BreakerState::closed,
                                         .to = BreakerState::open,
                                         .reason = Reason::lag_above_threshold,
                                         .lag = seconds(3) + nanoseconds(1)});
  REQUIRE_FALSE(host.breaker.admits(at(seconds(3))));
}

TEST_CASE("lag_breaker: closed: confirm asks for that many bad probes in a row",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.confirm = 3;
  Host host = closed_host(config);
  // Two bad, one good, then three bad: only the third in a row opens. A failure counts as bad.
  host.probe(seconds(1), seconds(4));
  host.probe(seconds(2), seconds(4));
  host.probe(seconds(3), seconds(2));
  host.probe(seconds(4), seconds(4));
  host.fail(seconds(5));
  REQUIRE(host.breaker.state() == BreakerState::closed);
  host.probe(seconds(6), seconds(4));
  REQUIRE(host.last->reason == Reason::lag_above_threshold);
}

TEST_CASE("lag_breaker: closed: one failed probe opens by default", "[policy][lag_breaker]") {
  Host host = closed_host();
  host.fail(seconds(1));
  REQUIRE(host.last->reason == Reason::probe_failed);
}

TEST_CASE("lag_breaker: closed: bytes open as time does", "[policy][lag_breaker]") {
  Host host = closed_host(with_bytes());
  host.probe(seconds(1), seconds(0), mebibytes(8));
  REQUIRE_FALSE(host.last);
  host.probe(seconds(2), seconds(0), mebibytes(8) + Bytes{1});
  REQUIRE(host.last->reason == Reason::lag_bytes_above_threshold);
  REQUIRE(host.last->lag_bytes == mebibytes(8) + Bytes{1});
}

TEST_CASE("lag_breaker: closed: bytes are not judged while the primary's position is unknown",
          "[policy][lag_breaker]") {
  Host host = closed_host(with_bytes());
  host.probe(seconds(1), seconds(0), std::nullopt);
  REQUIRE(host.breaker.admits(at(seconds(2))));
}

TEST_CASE("lag_breaker: closed: silence opens it three probe intervals after the last news",
          "[policy][lag_breaker]") {
  Host host = closed_host();
  // The last answered probe was sent at 0 s; 3 x 1 s later it is no news any more.
  REQUIRE(host.breaker.next_deadline() == at(seconds(3)));
  host.timer(seconds(3) - nanoseconds(1));
  REQUIRE_FALSE(host.last);
  host.timer(seconds(3));
  REQUIRE(host.last->reason == Reason::no_news);
  REQUIRE_FALSE(host.breaker.next_deadline());
}

TEST_CASE("lag_breaker: closed: old news admit nothing even when the timer is late",
          "[policy][lag_breaker]") {
  const Host host = closed_host();
  REQUIRE(host.breaker.admits(at(seconds(3) - nanoseconds(1))));
  REQUIRE_FALSE(host.breaker.admits(at(seconds(3))));
}

TEST_CASE("lag_breaker: news: the default age leaves a slow answer its time",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.probe_interval = milliseconds(100);
  // 3 x 100 ms is less than 100 ms + the 1 s in which the next answer may still come.
  REQUIRE(news_age_max(config) == milliseconds(1100));
  config.stale_after = milliseconds(700);
  REQUIRE(news_age_max(config) == milliseconds(700));
}

TEST_CASE("lag_breaker: news: an answer that was overtaken changes nothing",
          "[policy][lag_breaker]") {
  Host host = closed_host();
  host.probe(seconds(2), milliseconds(100));
  host.breaker.handle(at(seconds(3)), LagReading{.measured_at = at(seconds(1)), .lag = seconds(9)});
  REQUIRE_FALSE(host.breaker.poll());
  host.breaker.handle(at(seconds(3)), ProbeFailed{at(seconds(2))});
  REQUIRE_FALSE(host.breaker.poll());
  REQUIRE(host.breaker.lag() == milliseconds(100));
}

TEST_CASE("lag_breaker: news: an answer older than stale_after is none", "[policy][lag_breaker]") {
  Host host = open_host();
  // Sent at 2 s, arrives at 5 s: 3 s old.
  host.breaker.handle(at(seconds(5)), LagReading{.measured_at = at(seconds(2)), .lag = seconds(0)});
  REQUIRE_FALSE(host.breaker.poll());
  REQUIRE(host.breaker.state() == BreakerState::open);
}

TEST_CASE("lag_breaker: open: stays open between the thresholds", "[policy][lag_breaker]") {
  Host host = open_host();
  host.probe(seconds(2), seconds(1) + nanoseconds(1));
  REQUIRE(host.breaker.state() == BreakerState::open);
  host.probe(seconds(3), seconds(1));
  REQUIRE(host.last->reason == Reason::lag_recovered);
  REQUIRE(host.breaker.state() == BreakerState::half_open);
}

TEST_CASE("lag_breaker: open: time alone does not close it", "[policy][lag_breaker]") {
  Host host = open_host();
  host.timer(minutes(10));
  REQUIRE_FALSE(host.last);
  REQUIRE(host.breaker.state() == BreakerState::open);
}

TEST_CASE("lag_breaker: half_open: one late probe opens it again", "[policy][lag_breaker]") {
  Host host = half_open_host();
  host.probe(seconds(3), milliseconds(500));
  host.probe(seconds(4), seconds(1) + nanoseconds(1));
  REQUIRE(host.last->reason == Reason::lag_returned);
  REQUIRE(host.breaker.state() == BreakerState::open);
}

TEST_CASE("lag_breaker: half_open: closes after close_after more good probes",
          "[policy][lag_breaker]") {
  Host host = half_open_host();
  // The probe that half opened it does not count: 3 more are needed.
  host.probe(seconds(3), milliseconds(500));
  host.probe(seconds(4), milliseconds(500));
  REQUIRE(host.breaker.state() == BreakerState::half_open);
  host.probe(seconds(5), milliseconds(500));
  REQUIRE(host.last->reason == Reason::lag_stayed_low);
  REQUIRE(host.breaker.state() == BreakerState::closed);
}

TEST_CASE("lag_breaker: half_open: a new trial counts its good probes from the start",
          "[policy][lag_breaker]") {
  Host host = half_open_host();
  host.probe(seconds(3), milliseconds(500));
  host.probe(seconds(4), milliseconds(500));
  host.fail(seconds(5));
  host.probe(seconds(7), milliseconds(500));
  // Two good probes before the failure and two after it are not three in a row.
  host.probe(seconds(8), milliseconds(500));
  host.probe(seconds(9), milliseconds(500));
  REQUIRE(host.breaker.state() == BreakerState::half_open);
}

TEST_CASE("lag_breaker: closed: bad probes from before the trial do not count again",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.confirm = 2;
  config.close_after = 1;
  Host host = closed_host(config);
  host.probe(seconds(1), seconds(4));
  host.probe(seconds(2), seconds(4));
  host.probe(seconds(3), milliseconds(500));
  host.probe(seconds(4), milliseconds(500));
  REQUIRE(host.last->reason == Reason::lag_stayed_low);
  host.probe(seconds(5), seconds(4));
  REQUIRE(host.breaker.state() == BreakerState::closed);
}

TEST_CASE("lag_breaker: half_open: each good probe admits half_open_reads reads",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.half_open_reads = 2;
  Host host = half_open_host(config);
  const TimePoint now = at(seconds(2) + milliseconds(1));
  host.breaker.take_read();
  REQUIRE(host.breaker.admits(now));
  host.breaker.take_read();
  REQUIRE_FALSE(host.breaker.admits(now));
  host.probe(seconds(3), milliseconds(500));
  REQUIRE(host.breaker.admits(at(seconds(3) + milliseconds(1))));
}

TEST_CASE("lag_breaker: half_open: a failed probe or silence ends the trial",
          "[policy][lag_breaker]") {
  Host failed = half_open_host();
  failed.fail(seconds(3));
  REQUIRE(failed.last->reason == Reason::probe_failed);
  Host silent = half_open_host();
  silent.timer(seconds(5));
  REQUIRE(silent.last->reason == Reason::no_news);
}

TEST_CASE("lag_breaker: off: admits everything and never moves", "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.enabled = false;
  Host host{LagBreaker(config)};
  REQUIRE(host.breaker.admits(at(seconds(0))));
  host.probe(seconds(0), minutes(5));
  host.fail(seconds(1));
  host.timer(minutes(1));
  REQUIRE_FALSE(host.last);
  REQUIRE(host.breaker.admits(at(minutes(2))));
  REQUIRE(host.breaker.lag() == minutes(5));
  REQUIRE_FALSE(host.breaker.next_deadline());
}

TEST_CASE("lag_breaker: host: time that goes back and undrained actions are mistakes",
          "[policy][lag_breaker]") {
  Host host = closed_host();
  REQUIRE_THROWS_AS(host.breaker.on_timer(at(seconds(0))), std::logic_error);
  REQUIRE_THROWS_AS(
      host.breaker.handle(at(seconds(1)), LagReading{.measured_at = at(seconds(2)), .lag = {}}),
      std::logic_error);
  host.breaker.handle(at(seconds(2)), ProbeFailed{at(seconds(1))});
  REQUIRE_THROWS_AS(host.breaker.on_timer(at(seconds(2))), std::logic_error);
}

TEST_CASE("lag_breaker: host: thresholds in the wrong order are a mistake",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.close_below = config.open_above + nanoseconds(1);
  REQUIRE_THROWS_AS(LagBreaker(config), std::logic_error);
}

}  // namespace longhaul
