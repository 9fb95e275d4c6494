#include "policy/router.h"

#include <array>
#include <vector>

#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

TEST_CASE("router: writes, locking reads and writing transactions go to the primary",
          "[policy][router]") {
  Host host;
  host.all_answer();
  SessionToken token;
  const auto decide = [&](StatementRequest request) {
    return host.router.decide(second_1, request, token);
  };
  require_served(decide({.statement = StatementClass::write}), us, Reason::write_statement);
  require_served(decide({.statement = StatementClass::locking_read}), us, Reason::locking_read);
  require_served(decide({.statement = StatementClass::read, .in_writing_transaction = true}), us,
                 Reason::writing_transaction);
}

TEST_CASE("router: writes go to a primary whose breaker is open", "[policy][router]") {
  Host host;
  SessionToken token;
  require_served(host.router.decide(second_1, {.statement = StatementClass::write}, token), us,
                 Reason::write_statement);
}

TEST_CASE("router: without a known primary writes are refused", "[policy][router]") {
  const std::array<Candidate, 1> replica_only{{{.latency = milliseconds(1)}}};
  Host host({}, replica_only);
  SessionToken token;
  require_refused(host.router.decide(second_1, {.statement = StatementClass::write}, token),
                  Reason::no_primary);
}

TEST_CASE("router: a router without databases refuses", "[policy][router]") {
  Router router;
  SessionToken token;
  require_refused(router.decide(second_1, a_read, token), Reason::no_primary);
}

TEST_CASE("router: a read goes to the nearest admitted replica", "[policy][router]") {
  Host host;
  host.all_answer();
  require_served(host.read(), eu1, Reason::nearest_replica);
  // eu1 falls 4 s behind (above 3 s): eu2 is next.
  host.probe_replica(seconds(1), eu1, 910, seconds(4));
  require_served(host.read(), eu2, Reason::nearest_replica);
}

TEST_CASE("router: replicas win ties against the primary, then the lower index wins",
          "[policy][router]") {
  const std::array<Candidate, 3> same_zone{{{.latency = milliseconds(1), .is_primary = true},
                                            {.latency = milliseconds(1)},
                                            {.latency = milliseconds(1)}}};
  Host host({}, same_zone);
  const auto order = host.router.preference_order();
  REQUIRE(std::vector<DatabaseIndex>(order.begin(), order.end()) ==
          std::vector<DatabaseIndex>{{1}, {2}, {0}});
}

TEST_CASE("router: the nearest database may be the primary, unless it is a fallback only",
          "[policy][router]") {
  const std::array<Candidate, 2> seen_from_us{
      {{.latency = milliseconds(1), .is_primary = true}, {.latency = milliseconds(80)}}};
  PolicyConfig config;
  Host nearest(config, seen_from_us);
  nearest.probe_primary(seconds(0), us, 1000);
  nearest.probe_replica(seconds(0), eu1, 900);
  require_served(nearest.read(), us, Reason::nearest_primary);

  config.router.primary_reads = PrimaryReads::fallback_only;
  Host fallback(config, seen_from_us);
  fallback.probe_primary(seconds(0), us, 1000);
  fallback.probe_replica(seconds(0), eu1, 900);
  require_served(fallback.read(), eu1, Reason::nearest_replica);
  fallback.probe_replica(seconds(1), eu1, 900, seconds(9));
  require_served(fallback.read(), us, Reason::no_replica_admitted);
}

TEST_CASE("router: a primary that does not answer loses its reads to replicas",
          "[policy][router]") {
  const std::array<Candidate, 2> seen_from_us{
      {{.latency = milliseconds(1), .is_primary = true}, {.latency = milliseconds(80)}}};
  Host host({}, seen_from_us);
  host.probe_primary(seconds(0), us, 1000);
  host.probe_replica(seconds(0), eu1, 900);
  host.router.handle(second_1, us, ProbeFailed{at(milliseconds(500))});
  host.drain();
  require_served(host.read(), eu1, Reason::nearest_replica);
  REQUIRE(host.router.primary() == us);
}

TEST_CASE("router: with replica reads off every read goes to the primary", "[policy][router]") {
  PolicyConfig config;
  config.router.use_replica_reads = false;
  Host host(config);
  host.all_answer();
  require_served(host.read(), us, Reason::replica_reads_off);
}

TEST_CASE("router: when no breaker admits, the primary serves or the read fails",
          "[policy][router]") {
  PolicyConfig config;
  Host before_probes(config);
  require_served(before_probes.read(), us, Reason::no_replica_admitted);
  config.router.when_no_replica = WhenNoReplica::fail;
  Host failing(config);
  require_refused(failing.read(), Reason::no_replica_admitted);
}

TEST_CASE("router: a primary farther than every replica only stands in for them",
          "[policy][router]") {
  // when_nearest, but the primary is 80 ms away: with both replicas out it is no nearest choice.
  PolicyConfig config;
  Host host(config);
  host.all_answer();
  host.probe_replica(milliseconds(500), eu1, 900, seconds(9));
  host.probe_replica(milliseconds(500), eu2, 900, seconds(9));
  require_served(host.read(), us, Reason::no_replica_admitted);

  config.router.when_no_replica = WhenNoReplica::fail;
  Host failing(config);
  failing.all_answer();
  failing.probe_replica(milliseconds(500), eu1, 900, seconds(9));
  failing.probe_replica(milliseconds(500), eu2, 900, seconds(9));
  require_refused(failing.read(), Reason::no_replica_admitted);
}

TEST_CASE("router: the nearest primary serves as such, whatever happened to the replicas",
          "[policy][router]") {
  const std::array<Candidate, 2> seen_from_us{
      {{.latency = milliseconds(1), .is_primary = true}, {.latency = milliseconds(80)}}};
  PolicyConfig config;
  config.router.when_no_replica = WhenNoReplica::fail;
  Host host(config, seen_from_us);
  host.probe_primary(seconds(0), us, 1000);
  host.probe_replica(seconds(0), eu1, 900, seconds(9));
  require_served(host.read(), us, Reason::nearest_primary);
}

TEST_CASE("router: a primary before an admitted replica serves in its turn", "[policy][router]") {
  // eu1 (1 ms) is out, the primary (20 ms) comes before eu2 (60 ms).
  const std::array<Candidate, 3> spread{{{.latency = milliseconds(20), .is_primary = true},
                                         {.latency = milliseconds(1)},
                                         {.latency = milliseconds(60)}}};
  Host host({}, spread);
  host.all_answer();
  host.probe_replica(milliseconds(500), eu1, 900, seconds(9));
  require_served(host.read(), us, Reason::nearest_primary);
}

TEST_CASE("router: half open: the trial read goes there and the next one elsewhere",
          "[policy][router]") {
  Host host;
  host.all_answer();
  host.probe_replica(milliseconds(500), eu1, 900, seconds(4));
  host.probe_replica(seconds(1), eu1, 980, seconds(1));
  require_served(host.read(), eu1, Reason::trial_read);
  require_served(host.read(), eu2, Reason::nearest_replica);
}

TEST_CASE("router: primary: the highest timeline wins and the order follows", "[policy][router]") {
  Host host;
  host.all_answer();
  host.probe_primary(milliseconds(500), eu1, 990, 2);
  REQUIRE(host.actions.size() == 1);
  REQUIRE(host.actions[0].kind == RouterActionKind::primary_changed);
  REQUIRE(host.actions[0].database == eu1);
  REQUIRE(host.actions[0].reason == Reason::primary_observed);
  // The old primary still says that it is one: it is deposed and gets no reads although its breaker
  // admits them.
  host.probe_primary(milliseconds(600), us, 1100, 1);
  REQUIRE(host.router.primary() == eu1);
  host.router.handle(at(milliseconds(700)), eu1, ProbeFailed{at(milliseconds(700))});
  host.router.handle(at(milliseconds(700)), eu2, ProbeFailed{at(milliseconds(700))});
  host.drain();
  REQUIRE(host.router.breaker(us).admits(second_1));
  require_served(host.read(), eu1, Reason::no_replica_admitted);
}

TEST_CASE("router: primary: two on one timeline leave the first in place", "[policy][router]") {
  Host host;
  host.all_answer();
  host.probe_primary(milliseconds(500), eu1, 990, 1);
  REQUIRE(host.router.primary() == us);
}

TEST_CASE("router: primary: one that says it is in recovery leaves no primary",
          "[policy][router]") {
  Host host;
  host.all_answer();
  host.probe_replica(milliseconds(500), us, 1000);
  REQUIRE(host.actions.size() == 1);
  REQUIRE(host.actions[0].reason == Reason::primary_demoted);
  SessionToken token;
  require_refused(host.router.decide(second_1, {.statement = StatementClass::write}, token),
                  Reason::no_primary);
  require_served(host.read(), eu1, Reason::nearest_replica);
  // It may come back on the same timeline, as after a restart.
  host.probe_primary(seconds(1), us, 1000);
  REQUIRE(host.router.primary() == us);
}

TEST_CASE("router: bytes: the lag is the primary's last seen position minus the replica's",
          "[policy][router]") {
  Host host;
  host.probe_replica(seconds(0), eu1, 900);
  REQUIRE_FALSE(host.router.breaker(eu1).lag_bytes());  // no yardstick yet
  host.probe_primary(milliseconds(100), us, 1000);
  host.probe_replica(milliseconds(200), eu1, 920);
  REQUIRE(host.router.breaker(eu1).lag_bytes() == Bytes{80});
  // The primary's figure is older than the replica's: being ahead is being level.
  host.probe_replica(milliseconds(300), eu1, 1010);
  REQUIRE(host.router.breaker(eu1).lag_bytes() == Bytes{0});
  // Positions of two timelines are not subtracted.
  host.probe_replica(milliseconds(400), eu1, 100, milliseconds(20), 2);
  REQUIRE_FALSE(host.router.breaker(eu1).lag_bytes());
}

TEST_CASE("router: probes: an overtaken answer changes neither position nor role",
          "[policy][router]") {
  Host host;
  host.all_answer();
  host.probe_replica(seconds(1), eu1, 990);
  host.router.handle(at(seconds(2)), eu1,
                     {.measured_at = at(milliseconds(900)),
                      .is_primary = true,
                      .timeline = 7,
                      .replay_lsn = Lsn{1},
                      .lag = {}});
  host.drain();
  REQUIRE(host.actions.empty());
  REQUIRE(host.router.primary() == us);
  REQUIRE(host.router.last_observation(eu1)->replay_lsn == Lsn{990});
}

TEST_CASE("router: timers: the earliest breaker's deadline counts and each one fires",
          "[policy][router]") {
  Host host;
  host.probe_replica(milliseconds(400), eu2, 950);
  host.probe_replica(milliseconds(700), eu1, 900);
  // Three probe intervals of 1 s after the older of the two.
  REQUIRE(host.router.next_deadline() == at(milliseconds(3400)));
  host.router.on_timer(at(milliseconds(3700)));
  host.drain();
  REQUIRE(host.actions.size() == 2);
  REQUIRE(host.actions[0].database == eu1);
  REQUIRE(host.actions[1].database == eu2);
  REQUIRE(host.actions[1].transition.reason == Reason::no_news);
  REQUIRE_FALSE(host.router.next_deadline());
}

TEST_CASE("router: value: a copy goes its own way", "[policy][router]") {
  Host host;
  host.all_answer();
  Router later = host.router;
  host.probe_replica(seconds(1), eu1, 900, seconds(9));
  SessionToken token;
  require_served(later.decide(second_1, a_read, token), eu1, Reason::nearest_replica);
  require_served(host.read(), eu2, Reason::nearest_replica);
}

TEST_CASE("router: host: misuse is a failed check", "[policy][router]") {
  Host host;
  host.all_answer();
  host.read({}, at(seconds(2)));
  REQUIRE_THROWS_AS(host.read({}, second_1), std::logic_error);
  REQUIRE_THROWS_AS(host.router.breaker(DatabaseIndex{3}), std::logic_error);
  const std::array<Candidate, 2> two_primaries{
      {{.latency = {}, .is_primary = true}, {.latency = {}, .is_primary = true}}};
  REQUIRE_THROWS_AS(Router({}, two_primaries), std::logic_error);
  const std::array<Candidate, databases_max + 1> too_many{};
  REQUIRE_THROWS_AS(Router({}, too_many), std::logic_error);
}

}  // namespace longhaul
