#include <array>
#include <vector>

#include "policy/router.h"
#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

TEST_CASE("router: pin: a session that wrote reads from the primary until the pin ends",
          "[policy][router]") {
  Host host(with_rule(FreshnessRule::pin_after_write));
  host.all_answer();
  host.probe_replica(seconds(4), eu1, 990);
  require_served(host.read(wrote(990), at(seconds(4))), us, Reason::pinned_after_write);
  // Written at 0 s, pin 5 s.
  require_served(host.read(wrote(990), at(seconds(5))), eu1, Reason::nearest_replica);
  require_served(host.read({}, at(seconds(5))), eu1, Reason::nearest_replica);
}

TEST_CASE("router: without a rule tokens count for nothing", "[policy][router]") {
  Host host;
  host.all_answer();
  require_served(host.read(wrote(1000)), eu1, Reason::nearest_replica);
}

TEST_CASE("router: token: a replica seen beyond it serves at once", "[policy][router]") {
  Host host(with_rule(FreshnessRule::lsn_token));
  host.all_answer();
  require_served(host.read(wrote(900)), eu1, Reason::token_covered);
}

TEST_CASE("router: token: a farther replica that covers it beats waiting within the detour",
          "[policy][router]") {
  // eu1 stands at 900, eu2 at 950 and 2 ms farther; the wait is 50 ms.
  Host host(with_rule(FreshnessRule::lsn_token));
  host.all_answer();
  require_served(host.read(wrote(950)), eu2, Reason::token_covered);
  Host just_so(with_rule(FreshnessRule::lsn_token, milliseconds(2)));
  just_so.all_answer();
  require_served(just_so.read(wrote(950)), eu2, Reason::token_covered);
  // With a wait of 1 ms the detour of 2 ms costs more.
  Host impatient(with_rule(FreshnessRule::lsn_token, milliseconds(1)));
  impatient.all_answer();
  REQUIRE(impatient.read(wrote(950)).reason == Reason::token_awaited);
}

TEST_CASE("router: token: otherwise the nearest replica is asked and waited for",
          "[policy][router]") {
  Host host(with_rule(FreshnessRule::lsn_token));
  host.all_answer();
  const Decision decision = host.read(wrote(1000));
  REQUIRE(decision == Decision{.kind = DecisionKind::wait_then_serve,
                               .database = eu1,
                               .reason = Reason::token_awaited,
                               .may_be_stale = false,
                               .required_timeline = 1,
                               .required_lsn = Lsn{1000},
                               .wait = milliseconds(50),
                               .otherwise = us});
}

TEST_CASE("router: token: what follows a vain wait is decided with the wait", "[policy][router]") {
  Host failing(with_rule(FreshnessRule::lsn_token, milliseconds(50), FreshnessOtherwise::fail));
  failing.all_answer();
  REQUIRE_FALSE(failing.read(wrote(1000)).otherwise.valid());
  Host stale(
      with_rule(FreshnessRule::lsn_token, milliseconds(50), FreshnessOtherwise::serve_stale));
  stale.all_answer();
  REQUIRE(stale.read(wrote(1000)).otherwise == eu1);
}

TEST_CASE("router: token: without a wait the alternative comes at once", "[policy][router]") {
  const Duration no_wait{};
  Host primary(with_rule(FreshnessRule::lsn_token, no_wait));
  primary.all_answer();
  require_served(primary.read(wrote(1000)), us, Reason::token_not_covered);
  Host failing(with_rule(FreshnessRule::lsn_token, no_wait, FreshnessOtherwise::fail));
  failing.all_answer();
  require_refused(failing.read(wrote(1000)), Reason::token_not_covered);
  Host stale(with_rule(FreshnessRule::lsn_token, no_wait, FreshnessOtherwise::serve_stale));
  stale.all_answer();
  const Decision decision = stale.read(wrote(1000));
  require_served(decision, eu1, Reason::token_not_covered);
  REQUIRE(decision.may_be_stale);
}

TEST_CASE("router: token: without a wait a covering replica beats the primary and failing",
          "[policy][router]") {
  const Duration no_wait{};
  Host primary(with_rule(FreshnessRule::lsn_token, no_wait));
  primary.all_answer();
  require_served(primary.read(wrote(950)), eu2, Reason::token_covered);
  Host failing(with_rule(FreshnessRule::lsn_token, no_wait, FreshnessOtherwise::fail));
  failing.all_answer();
  require_served(failing.read(wrote(950)), eu2, Reason::token_covered);
  // serve_stale asks for the nearest answer, so it takes no detour.
  Host stale(with_rule(FreshnessRule::lsn_token, no_wait, FreshnessOtherwise::serve_stale));
  stale.all_answer();
  require_served(stale.read(wrote(950)), eu1, Reason::token_not_covered);
}

TEST_CASE("router: token: a covering replica beyond the primary loses to it", "[policy][router]") {
  // eu1 is behind, the primary 20 ms away, eu2 covers but is 60 ms away: no wait, so the primary.
  const std::array<Candidate, 3> spread{{{.latency = milliseconds(20), .is_primary = true},
                                         {.latency = milliseconds(1)},
                                         {.latency = milliseconds(60)}}};
  Host host(with_rule(FreshnessRule::lsn_token, Duration{}), spread);
  host.all_answer();
  require_served(host.read(wrote(950)), us, Reason::token_not_covered);
}

TEST_CASE("router: token: the primary covers everything", "[policy][router]") {
  const std::array<Candidate, 2> seen_from_us{
      {{.latency = milliseconds(1), .is_primary = true}, {.latency = milliseconds(80)}}};
  Host host(with_rule(FreshnessRule::lsn_token), seen_from_us);
  host.probe_primary(seconds(0), us, 1000);
  host.probe_replica(seconds(0), eu1, 900);
  require_served(host.read(wrote(5000)), us, Reason::nearest_primary);
}

TEST_CASE("router: token: replicas on another timeline leave the primary", "[policy][router]") {
  Host host(with_rule(FreshnessRule::lsn_token));
  host.all_answer();
  // The session wrote through a primary on timeline 2 of which no probe has told yet. Position 500
  // is numerically covered everywhere, and means nothing.
  SessionToken token = wrote(500, 2);
  require_served(host.router.decide(second_1, a_read, token), us, Reason::token_other_timeline);
  REQUIRE(token == wrote(500, 2));
}

TEST_CASE("router: token: after a failover an old token is restated on the new timeline",
          "[policy][router]") {
  Host host(with_rule(FreshnessRule::lsn_token));
  host.all_answer();
  host.probe_primary(milliseconds(500), eu2, 970, 2);
  REQUIRE(host.router.primary() == eu2);
  // eu1 still reports timeline 1 and a position above the token: not comparable with timeline 2.
  SessionToken token = wrote(900);
  require_served(host.router.decide(second_1, a_read, token), eu2, Reason::token_other_timeline);
  REQUIRE(token == wrote(970, 2));
  // Once eu1 follows the new timeline beyond 970 it serves the session again.
  host.probe_replica(seconds(1), eu1, 971, milliseconds(20), 2);
  require_served(host.router.decide(second_1, a_read, token), eu1, Reason::token_covered);
}

TEST_CASE("router: token: with the breaker off a replica that never answered covers nothing",
          "[policy][router]") {
  PolicyConfig config = with_rule(FreshnessRule::lsn_token);
  config.lag_breaker.enabled = false;
  Host host(config);
  require_served(host.read(wrote(1)), us, Reason::token_other_timeline);
  require_served(host.read(), eu1, Reason::nearest_replica);
}

}  // namespace longhaul
