// Classes of pages by max_staleness, and the rollout.
#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

namespace {

Decision read_within(Host& host, Duration max_staleness, TimePoint now = second_1) {
  SessionToken nothing;
  return host.router.decide(now, {.max_staleness = max_staleness}, nothing);
}

}  // namespace

TEST_CASE("router: a page that is never stale reads from the primary",
          "[policy][router][staleness]") {
  Host host;
  host.all_answer();
  require_served(read_within(host, {}), us, Reason::never_stale);
  // Even while other users' reads are moved off it for lack of a primary's answers.
  const std::array<Candidate, 1> replica_only{{{.latency = milliseconds(1)}}};
  Host without({}, replica_only);
  without.probe_replica(seconds(0), {0}, 900);
  require_refused(read_within(without, {}), Reason::no_primary);
}

TEST_CASE("router: a replica serves a class by its lag plus the age of that news",
          "[policy][router][staleness]") {
  Host host;
  host.all_answer();  // at 0 s: both replicas lag by 20 ms
  require_served(read_within(host, milliseconds(1020)), eu1, Reason::nearest_replica);
  require_served(read_within(host, milliseconds(1019)), us, Reason::too_stale);
  // eu2 has newer news: the next replica before the primary.
  host.probe_replica(seconds(1), eu2, 950);
  const TimePoint later = at(milliseconds(1100));
  require_served(read_within(host, milliseconds(1019), later), eu2, Reason::nearest_replica);
  require_served(read_within(host, milliseconds(120), later), eu2, Reason::nearest_replica);
  require_served(read_within(host, milliseconds(119), later), us, Reason::too_stale);
}

TEST_CASE("router: an unknown lag serves no class", "[policy][router][staleness]") {
  Host host;
  host.probe_primary(seconds(0), us, 1000);
  // No lag in time, and bytes are missing: nothing is known.
  host.probe(seconds(0), eu1, {.timeline = 1, .replay_lsn = Lsn{900}});
  require_served(read_within(host, minutes(1)), us, Reason::no_replica_admitted);
  // No byte is missing: that is a lag of zero, a second ago.
  host.probe(seconds(1), eu1, {.timeline = 1, .replay_lsn = Lsn{1000}});
  require_served(read_within(host, seconds(1), at(seconds(2))), eu1, Reason::nearest_replica);
}

TEST_CASE("router: a tolerant class is served by a replica that its breaker keeps from others",
          "[policy][router][staleness]") {
  Host host;
  host.all_answer();
  host.probe_replica(milliseconds(900), eu1, 900, seconds(9));
  require_served(host.read(), eu2, Reason::nearest_replica);
  require_served(read_within(host, seconds(30)), eu1, Reason::stale_tolerated);
  require_served(read_within(host, seconds(9)), eu2, Reason::nearest_replica);  // 9.1 s
  // A replica that does not answer is out for everybody.
  host.router.handle(second_1, eu1, ProbeFailed{at(milliseconds(950))});
  host.drain();
  require_served(read_within(host, seconds(30)), eu2, Reason::nearest_replica);
}

TEST_CASE("router: the class holds against panic and cap", "[policy][router][staleness]") {
  PolicyConfig config;
  config.router.when_no_replica = WhenNoReplica::serve_stale;
  config.router.moved_reads.max_share = Ratio{0};
  config.router.moved_reads.at_least = 0;
  config.router.moved_reads.beyond = BeyondCap::serve_stale;
  Host host(config);
  host.all_answer();
  host.probe_replica(milliseconds(900), eu1, 900, seconds(9));
  host.probe_replica(milliseconds(900), eu2, 900, seconds(20));
  require_served(host.read(), eu1, Reason::no_replica_admitted);
  require_served(read_within(host, seconds(10)), eu1, Reason::stale_tolerated);
  require_refused(read_within(host, seconds(5)), Reason::moved_reads_capped);
}

TEST_CASE("router: a rollout reaches a share of the users, always the same ones",
          "[policy][router][rollout]") {
  const auto reached = [](Ratio share, std::uint64_t user) {
    Router router({}, seen_from_europe, share);
    SessionToken nothing;
    const Decision decision = router.decide(second_1, {.user = user}, nothing);
    return decision.reason != Reason::not_rolled_out;
  };
  constexpr std::uint64_t step = ~std::uint64_t{0} / 1000;
  int at_10 = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t user = i * step + step / 2;
    REQUIRE_FALSE(reached(Ratio{0}, user));
    REQUIRE(reached(percent(100), user));
    at_10 += reached(percent(10), user) ? 1 : 0;
    // Whoever is in stays in while the share grows.
    REQUIRE((!reached(percent(10), user) || reached(percent(11), user)));
  }
  REQUIRE(at_10 == 100);
  REQUIRE(reached(percent(100), ~std::uint64_t{0}));
}

TEST_CASE("router: before the rollout reads go to the primary, which they are meant for",
          "[policy][router][rollout]") {
  PolicyConfig config;
  config.router.moved_reads.max_share = Ratio{0};
  config.router.moved_reads.at_least = 0;
  Router router(config, seen_from_europe, percent(0));
  SessionToken nothing;
  require_served(router.decide(second_1, a_read, nothing), us, Reason::not_rolled_out);
}

TEST_CASE("router: the share of a rollout by region", "[policy][router][rollout]") {
  REQUIRE(rollout_share({}, "eu") == percent(100));
  const std::vector<RolloutConfig> rollout{{"eu", percent(10)}, {"us", percent(100)}};
  REQUIRE(rollout_share(rollout, "eu") == percent(10));
  REQUIRE(rollout_share(rollout, "us") == percent(100));
  REQUIRE(rollout_share(rollout, "asia") == Ratio{0});

  PolicyConfig config;
  config.rollout = {{"eu", percent(10)}, {"eu", percent(20)}};
  config.router.queue = {.retry = seconds(2), .wait_max = seconds(1)};
  const std::vector<Complaint> complaints = validate(config);
  REQUIRE(complaints.size() == 2);
  REQUIRE(complaints[0].path == "router.queue.retry");
  REQUIRE(complaints[1].path == "rollout");
}

}  // namespace longhaul
