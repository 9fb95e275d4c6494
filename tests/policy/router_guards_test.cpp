// What the host's guards and the ramp of a breaker leave to a read.
#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

namespace {

constexpr DatabaseSet set_of(DatabaseIndex database) {
  return static_cast<DatabaseSet>(1u << database.value);
}

Decision read_with(Host& host, const StatementRequest& request, TimePoint now = second_1) {
  SessionToken nothing;
  return host.router.decide(now, request, nothing);
}

// eu1 has come back at 3 s, where its ramp of a minute begins; eu2 is out if it lags.
Host ramping(Duration lag_of_eu2) {
  PolicyConfig config;
  config.lag_breaker.ramp = seconds(60);
  config.lag_breaker.close_after = 1;
  config.router.when_no_replica = WhenNoReplica::fail;
  Host host(config);
  host.all_answer();
  host.probe_replica(seconds(1), eu1, 900, seconds(9));
  for (const Duration now : {seconds(2), seconds(3)}) {
    host.probe_replica(now, eu1, 950);
    host.probe_replica(now, eu2, 950, lag_of_eu2);
  }
  return host;
}

}  // namespace

TEST_CASE("router: a replica on its ramp gets few reads beside others and all when it is the last",
          "[policy][router]") {
  const StatementRequest late{.number = 0xffffffffu};  // the last that the ramp admits
  Host two = ramping(milliseconds(20));
  require_served(read_with(two, late, at(seconds(3))), eu2, Reason::nearest_replica);
  Host one = ramping(seconds(9));
  require_served(read_with(one, late, at(seconds(3))), eu1, Reason::nearest_replica);
}

TEST_CASE("router: a read that the primary's call breaker rejects has not been moved",
          "[policy][router][moved_reads]") {
  PolicyConfig config;
  config.router.moved_reads.max_share = percent(20);
  Host host(config);
  host.all_answer();
  host.probe_replica(milliseconds(500), eu1, 900, seconds(9));
  host.probe_replica(milliseconds(500), eu2, 900, seconds(9));
  require_refused(read_with(host, {.rejected = set_of(us)}), Reason::call_rejected);
  REQUIRE(host.router.moved_reads().moved() == 0);
  REQUIRE(host.router.moved_reads().reads() == 1);
  require_served(read_with(host, {}), us, Reason::no_replica_admitted);
  REQUIRE(host.router.moved_reads().moved() == 1);
}

TEST_CASE("router: the reason names the guards that keep every good replica away",
          "[policy][router]") {
  Host host;
  host.all_answer();
  const DatabaseSet both = set_of(eu1) | set_of(eu2);
  require_served(read_with(host, {.rejected = both}), us, Reason::replica_rejected);
  require_served(read_with(host, {.ejected = both}), us, Reason::replica_rejected);
  // eu2 is well but too old for the class, which eu1 alone would serve.
  host.probe_replica(seconds(1), eu1, 950);
  const StatementRequest fresh{.max_staleness = milliseconds(200), .rejected = set_of(eu1)};
  require_served(read_with(host, fresh), us, Reason::replica_rejected);
  // Without the guards' doing it is a matter of age.
  const StatementRequest fresher{.max_staleness = milliseconds(10), .rejected = set_of(eu1)};
  require_served(read_with(host, fresher), us, Reason::too_stale);
}

TEST_CASE("moved reads: a read that waited counts once in its share", "[policy][moved_reads]") {
  // A fifth of five reads is one, a fifth of four is none.
  MovedReads window{{.max_share = percent(20), .at_least = 0}};
  for (int i = 0; i < 4; ++i) window.note_read(second_1);
  REQUIRE(window.may_move(second_1));
  REQUIRE_FALSE(window.may_move(second_1, true));
}

}  // namespace longhaul
