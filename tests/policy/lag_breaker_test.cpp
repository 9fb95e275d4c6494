#include "policy/lag_breaker.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

std::string printed_table() {
  std::string text;
  for (const BreakerRow& row : breaker_table) {
    text += std::string(to_text(row.from)) + " --" + std::string(to_text(row.event)) + "[" +
            std::string(to_text(row.guard)) + "]--> " + std::string(to_text(row.to)) + " because " +
            std::string(to_text(row.reason)) + "\n    " + std::string(row.sentence) + "\n";
  }
  return text;
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

TEST_CASE("lag_breaker: host: thresholds without hysteresis are a mistake",
          "[policy][lag_breaker]") {
  LagBreakerConfig config;
  config.close_below = config.open_above;
  REQUIRE_THROWS_AS(LagBreaker(config), std::logic_error);
}

TEST_CASE("lag_breaker: table: no row twice, none behind one that always holds",
          "[policy][lag_breaker]") {
  std::set<std::tuple<BreakerState, BreakerEvent, BreakerGuard>> seen;
  std::set<std::pair<BreakerState, BreakerEvent>> decided;
  for (const BreakerRow& row : breaker_table) {
    REQUIRE(seen.insert({row.from, row.event, row.guard}).second);
    REQUIRE(decided.count({row.from, row.event}) == 0);
    if (row.guard == BreakerGuard::always) decided.insert({row.from, row.event});
    REQUIRE_FALSE(row.sentence.empty());
  }
}

TEST_CASE("lag_breaker: table: every state is reachable from the start and leavable",
          "[policy][lag_breaker]") {
  std::set<BreakerState> reached{LagBreaker{}.state()};
  std::set<BreakerState> left;
  for (std::size_t round = 0; round < breaker_row_count; ++round) {
    for (const BreakerRow& row : breaker_table) {
      if (reached.count(row.from)) reached.insert(row.to);
      if (row.from != row.to) left.insert(row.from);
    }
  }
  const std::set<BreakerState> all{BreakerState::closed, BreakerState::open,
                                   BreakerState::half_open};
  REQUIRE(reached == all);
  REQUIRE(left == all);
}

TEST_CASE("lag_breaker: table: random histories take every row and admit only on good news",
          "[policy][lag_breaker]") {
  std::set<std::pair<BreakerState, Reason>> taken;
  std::uint64_t dice = 20260101;
  const auto roll = [&dice](std::uint64_t sides) {
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((dice >> 33) % sides);
  };
  for (int history = 0; history < 300; ++history) {
    LagBreaker breaker{with_bytes()};
    TimePoint now;
    for (int step = 0; step < 40; ++step) {
      const bool is_quiet = roll(6) == 0;
      now = now + milliseconds(200 + 100 * roll(12) + (is_quiet ? 2500 : 0));
      const TimePoint sent = now - milliseconds(roll(200));
      const std::int64_t what = roll(10);
      if (what == 0) breaker.handle(now, ProbeFailed{sent});
      if (what == 1) breaker.on_timer(now);
      if (what >= 2) {
        breaker.handle(now, LagReading{.measured_at = sent,
                                       .lag = milliseconds(roll(4) == 0 ? 4000 : 300 * roll(5)),
                                       .lag_bytes = kibibytes(roll(9) == 0 ? 9000 : 100)});
      }
      if (const auto moved = breaker.poll()) {
        taken.insert({moved->from, moved->reason});
        REQUIRE(moved->to == breaker.state());
      }
      // confirm is 1, so an admitting breaker has seen neither threshold passed.
      if (breaker.admits(now)) {
        REQUIRE(breaker.lag() <= seconds(3));
        REQUIRE(breaker.lag_bytes() <= mebibytes(8));
        REQUIRE(breaker.next_deadline() > now);
      }
    }
  }
  for (const BreakerRow& row : breaker_table) {
    INFO(row.sentence);
    REQUIRE(taken.count({row.from, row.reason}) == 1);
  }
}

TEST_CASE("lag_breaker: table: its printed form is the golden one", "[policy][lag_breaker]") {
  const std::string path = std::string(LONGHAUL_ROOT) + "/tests/golden/lag_breaker_table.txt";
  if (std::getenv("LONGHAUL_REWRITE") != nullptr) std::ofstream(path) << printed_table();
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  REQUIRE(printed_table() == golden);
}

}  // namespace longhaul
