#include <array>

#include "policy/freshness_presets.h"
#include "policy/recent_writes.h"
#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

namespace {

PolicyConfig ruled(FreshnessRule rule) {
  PolicyConfig config;
  config.freshness.rule = rule;
  return config;
}

// eu1 stands at 900 and 20 ms back, eu2 at 950, the primary at 1000; all said so at 0 s.
Host answered(const PolicyConfig& config) {
  Host host(config);
  host.all_answer();
  return host;
}

SessionToken written(std::uint64_t lsn, Duration when, std::uint32_t timeline = 1) {
  return {.has_written = true, .timeline = timeline, .lsn = Lsn{lsn}, .wrote_at = at(when)};
}

}  // namespace

TEST_CASE(
    "freshness: A read-your-writes token issued before a failover is never accepted on the new "
    "timeline by LSN comparison alone",
    "[policy][freshness]") {
  // Facts sheet, section 12, check 15. Written at 500 of timeline 1; every replica is far beyond
  // 500 on timeline 2, which says nothing: the write may be lost.
  const SessionToken before = written(500, Duration{});
  for (const FreshnessRule rule :
       {FreshnessRule::lsn_token, FreshnessRule::gitlab_sticking, FreshnessRule::wait_for_replay}) {
    FreshnessConfig config;
    config.rule = rule;
    for (const std::uint64_t position : {500u, 501u, 1'000'000u}) {
      const Observation on_new{.timeline = 2, .replay_lsn = Lsn{position}};
      REQUIRE(covers(config, second_1, eu1, on_new, before) == Coverage::other_timeline);
      REQUIRE(coverage(on_new, before) == Coverage::other_timeline);
    }
    // A router that has not seen the new primary yet sends the read to the one it knows.
    Host host(ruled(rule));
    host.probe_primary(seconds(0), us, 1000);
    host.probe_replica(seconds(0), eu1, 1'000'000, milliseconds(20), 2);
    host.probe_replica(seconds(0), eu2, 1'000'000, milliseconds(20), 2);
    require_served(host.read(before), us, Reason::token_other_timeline);
  }
  // A wait under way is given up, and the database's word about the old timeline is forgotten.
  const Decision waiting{.kind = DecisionKind::wait_then_serve,
                         .database = eu1,
                         .required_timeline = 1,
                         .required_lsn = Lsn{500}};
  REQUIRE(judge_wait(waiting, {.timeline = 2, .replay_lsn = Lsn{1'000'000}}) ==
          WaitVerdict::give_up);
  SessionToken renewed = before;
  note_replayed(renewed, waiting);
  REQUIRE(renewed.replayed_by != 0);
  renew(renewed, {.is_primary = true, .timeline = 2, .replay_lsn = Lsn{400}});
  REQUIRE(renewed.replayed_by == 0);
  REQUIRE(renewed.lsn == Lsn{400});
}

TEST_CASE("freshness: replica_age: a replica serves once lag, age and margin fit behind the write",
          "[policy][freshness]") {
  PolicyConfig config = ruled(FreshnessRule::replica_age);
  config.freshness.margin = milliseconds(500);
  Host host(config);
  host.probe_primary(seconds(0), us, 1000);
  host.probe_replica(seconds(10), eu1, 900, milliseconds(300));
  // Asked at 10.2 s: 300 ms of lag + 200 ms of age + 500 ms of margin = 1 s. A write of 9.2 s is
  // exactly as old, and may be missing; one of 1 ns earlier is not.
  const TimePoint asked = at(milliseconds(10'200));
  require_served(host.read(written(990, milliseconds(9'200)), asked), us,
                 Reason::token_not_covered);
  require_served(host.read(written(990, milliseconds(9'200) - nanoseconds(1)), asked), eu1,
                 Reason::token_covered);
  require_served(host.read({}, asked), eu1, Reason::nearest_replica);
}

TEST_CASE("freshness: replica_age: lag that is NULL, or of an older timeline, covers nothing",
          "[policy][freshness]") {
  FreshnessConfig config;
  config.rule = FreshnessRule::replica_age;
  const SessionToken token = written(5, Duration{}, 2);
  const TimePoint late = at(minutes(60));
  REQUIRE(covers(config, late, eu1, {.timeline = 2}, token) == Coverage::behind);
  const Observation old{.measured_at = late, .timeline = 1, .lag = Duration{0}};
  REQUIRE(covers(config, late, eu1, old, token) == Coverage::other_timeline);
}

TEST_CASE("freshness: replica_age: it never waits, whatever wait says", "[policy][freshness]") {
  PolicyConfig config = ruled(FreshnessRule::replica_age);
  config.freshness.wait = seconds(10);
  Host host = answered(config);
  require_served(host.read(written(1000, milliseconds(900))), us, Reason::token_not_covered);
  config.freshness.otherwise = FreshnessOtherwise::fail;
  Host failing = answered(config);
  require_refused(failing.read(written(1000, milliseconds(900))), Reason::token_not_covered);
}

TEST_CASE("freshness: gitlab_sticking: the rest of the request that wrote goes to the primary",
          "[policy][freshness]") {
  Host host = answered(ruled(FreshnessRule::gitlab_sticking));
  SessionToken token = written(10, Duration{});  // replayed everywhere
  const StatementRequest same{.after_write = true};
  require_served(host.router.decide(second_1, same, token), us, Reason::writing_request);
  REQUIRE(token.has_written);
  // Other rules know no requests.
  Host other = answered(ruled(FreshnessRule::lsn_token));
  require_served(other.router.decide(second_1, same, token), eu1, Reason::token_covered);
}

TEST_CASE("freshness: gitlab_sticking: none caught up, some, all", "[policy][freshness]") {
  Host host = answered(ruled(FreshnessRule::gitlab_sticking));
  require_served(host.read(written(960, Duration{})), us, Reason::token_not_covered);
  SessionToken some = written(950, Duration{});
  require_served(host.router.decide(second_1, a_read, some), eu2, Reason::token_covered);
  REQUIRE(some.has_written);
  SessionToken all = written(900, Duration{});
  require_served(host.router.decide(second_1, a_read, all), eu1, Reason::nearest_replica);
  REQUIRE(all == SessionToken{});  // deleted
}

TEST_CASE("freshness: gitlab_sticking: the token is forgotten after 30 s", "[policy][freshness]") {
  PolicyConfig config = ruled(FreshnessRule::gitlab_sticking);
  config.lag_breaker.enabled = false;
  Host host = answered(config);
  SessionToken token = written(5000, seconds(1));
  require_served(host.router.decide(at(seconds(31)) - nanoseconds(1), a_read, token), us,
                 Reason::token_not_covered);
  require_served(host.router.decide(at(seconds(31)), a_read, token), eu1, Reason::nearest_replica);
  REQUIRE_FALSE(token.has_written);
}

TEST_CASE("freshness: ttl: a token of another rule counts for as long as it says",
          "[policy][freshness]") {
  FreshnessConfig config;
  config.rule = FreshnessRule::lsn_token;
  REQUIRE_FALSE(is_expired(config, at(minutes(60 * 24 * 365)), written(1, Duration{})));
  config.ttl = seconds(10);
  REQUIRE_FALSE(is_expired(config, at(seconds(10)) - nanoseconds(1), written(1, Duration{})));
  REQUIRE(is_expired(config, at(seconds(10)), written(1, Duration{})));
  REQUIRE_FALSE(is_expired(config, at(seconds(10)), SessionToken{}));
}

TEST_CASE("freshness: a token that its store did not give leads to the primary",
          "[policy][freshness]") {
  Host host = answered(ruled(FreshnessRule::lsn_token));
  SessionToken token;
  require_served(host.router.decide(second_1, {.token_unknown = true}, token), us,
                 Reason::token_unknown);
}

TEST_CASE("freshness: wait_for_replay: the write awaits the nearest replica, or each of them",
          "[policy][freshness]") {
  PolicyConfig config = ruled(FreshnessRule::wait_for_replay);
  config.freshness.wait = seconds(2);
  Host host = answered(config);
  SessionToken token = written(1000, Duration{});
  std::optional<Decision> waiting = host.router.replica_to_await(second_1, token);
  REQUIRE(waiting.has_value());
  REQUIRE(*waiting == Decision{.kind = DecisionKind::wait_then_serve,
                               .database = eu1,
                               .reason = Reason::replay_awaited,
                               .required_timeline = 1,
                               .required_lsn = Lsn{1000},
                               .wait = seconds(2)});
  note_replayed(token, *waiting);
  REQUIRE_FALSE(host.router.replica_to_await(second_1, token).has_value());
  // The read that follows goes there, although the last probe says 900; eu2 was not asked.
  require_served(host.read(token), eu1, Reason::token_covered);

  config.freshness.wait_for = WaitFor::all;
  Host all = answered(config);
  waiting = all.router.replica_to_await(second_1, token);
  REQUIRE(waiting->database == eu2);
  SessionToken written_again = written(1001, Duration{});
  note_replayed(written_again, *waiting);
  REQUIRE(written_again.replayed_by == 0);
  note_replayed(token, *waiting);
  REQUIRE_FALSE(all.router.replica_to_await(second_1, token).has_value());
  // 940 is seen at eu2 and not at eu1.
  REQUIRE(all.router.replica_to_await(second_1, written(940, Duration{}))->database == eu1);
}

TEST_CASE("freshness: wait_for_replay: a write does not wait for what its session has read",
          "[policy][freshness]") {
  // The session has read at 2000 on the primary; a replica that has the write has said enough.
  PolicyConfig config = ruled(FreshnessRule::wait_for_replay);
  config.freshness.monotonic_reads = true;
  Host host = answered(config);
  SessionToken token = written(1000, Duration{});
  note_read(token, us, 1, Lsn{2000});
  const std::optional<Decision> waiting = host.router.replica_to_await(second_1, token);
  REQUIRE(waiting->required_lsn == Lsn{1000});
  note_replayed(token, *waiting);
  REQUIRE_FALSE(host.router.replica_to_await(second_1, token).has_value());
}

TEST_CASE("freshness: wait_for_replay: after a vain wait reads do without the replica",
          "[policy][freshness]") {
  Host host = answered(ruled(FreshnessRule::wait_for_replay));
  require_served(host.read(written(1000, Duration{})), us, Reason::token_not_covered);
}

TEST_CASE("freshness: wait_for_replay: nothing is awaited where the primary is the nearest",
          "[policy][freshness]") {
  const std::array<Candidate, 2> seen_from_us{
      {{.latency = milliseconds(1), .is_primary = true}, {.latency = milliseconds(80)}}};
  PolicyConfig config = ruled(FreshnessRule::wait_for_replay);
  Host host(config, seen_from_us);
  host.probe_primary(seconds(0), us, 1000);
  host.probe_replica(seconds(0), eu1, 900);
  REQUIRE_FALSE(host.router.replica_to_await(second_1, written(1000, Duration{})).has_value());
  config.freshness.wait_for = WaitFor::all;
  Host all(config, seen_from_us);
  all.probe_primary(seconds(0), us, 1000);
  all.probe_replica(seconds(0), eu1, 900);
  REQUIRE(all.router.replica_to_await(second_1, written(1000, Duration{}))->database == eu1);
}

TEST_CASE("freshness: monotonic reads: a session stays where it saw the newest state",
          "[policy][freshness]") {
  PolicyConfig config = ruled(FreshnessRule::none);
  config.freshness.monotonic_reads = true;
  Host host = answered(config);
  SessionToken token;
  require_served(host.read(token), eu1, Reason::nearest_replica);
  // It read 960 at eu2, which was last seen at 950 and cannot have gone back.
  note_read(token, eu2, 1, Lsn{960});
  require_served(host.read(token), eu2, Reason::token_covered);
  // 970 at the primary, as while a pin lasted: no replica was seen there.
  note_read(token, us, 1, Lsn{970});
  require_served(host.read(token), us, Reason::token_not_covered);
  host.probe_replica(seconds(1), eu1, 970);
  require_served(host.read(token), eu1, Reason::token_covered);
  // An older read changes nothing.
  note_read(token, eu1, 1, Lsn{100});
  REQUIRE(token.seen.lsn == Lsn{970});
}

TEST_CASE("freshness: monotonic reads: a wait covers what was written and what was read",
          "[policy][freshness]") {
  PolicyConfig config = ruled(FreshnessRule::lsn_token);
  config.freshness.monotonic_reads = true;
  Host host = answered(config);
  SessionToken token = written(930, Duration{});
  note_read(token, us, 1, Lsn{980});
  REQUIRE(host.read(token).required_lsn == Lsn{980});
  SessionToken reader;
  note_read(reader, us, 1, Lsn{980});
  const Decision decision = host.read(reader);
  REQUIRE(decision.kind == DecisionKind::wait_then_serve);
  REQUIRE(decision.required_timeline == 1);
  REQUIRE(decision.required_lsn == Lsn{980});
}

TEST_CASE("freshness: recent writes: rows have tokens of their own, the oldest share one",
          "[policy][freshness]") {
  RecentWrites recent;
  REQUIRE_FALSE(recent.token_of(1).has_written);
  for (std::uint64_t row = 1; row <= RecentWrites::rows_max; ++row) {
    recent.put(row, written(100 * row, seconds(static_cast<std::int64_t>(row))));
  }
  REQUIRE(recent.token_of(1).lsn == Lsn{100});
  REQUIRE(recent.token_of(8).lsn == Lsn{800});
  REQUIRE_FALSE(recent.token_of(9).has_written);
  // The ninth row pushes the first out: rows that are not listed are held to its token from now on.
  recent.put(9, written(900, seconds(9)));
  REQUIRE(recent.size() == RecentWrites::rows_max);
  REQUIRE(recent.token_of(1).lsn == Lsn{100});
  REQUIRE(recent.token_of(77).lsn == Lsn{100});
  REQUIRE(recent.token_of(9).lsn == Lsn{900});
  REQUIRE(recent.token_of(2).lsn == Lsn{200});
}

TEST_CASE("freshness: presets: the defaults of well-known products", "[policy][freshness]") {
  // Facts sheet, section 9.2: items 128 (Rails 2 s), 129 and 130 (5 s), 133 (10 s), 134 (30 s).
  const auto preset = [](std::string_view name) {
    for (const FreshnessPreset& each : freshness_presets) {
      if (each.name == name) return each.config;
    }
    FAIL("no preset " << name);
    return FreshnessConfig{};
  };
  REQUIRE(preset("rails").pin == seconds(2));
  REQUIRE(preset("makara").pin == seconds(5));
  REQUIRE(preset("django_replicated").pin == seconds(5));
  REQUIRE(preset("gitlab").rule == FreshnessRule::gitlab_sticking);
  REQUIRE(preset("gitlab").ttl == seconds(30));
  REQUIRE(preset("maxscale_local").wait == seconds(10));
  REQUIRE(preset("maxscale_local").otherwise == FreshnessOtherwise::primary);
  REQUIRE(preset("maxscale_fast").wait == Duration{0});
  for (const FreshnessPreset& each : freshness_presets) {
    PolicyConfig config;
    config.freshness = each.config;
    REQUIRE(validate(config).empty());
    REQUIRE_FALSE(each.source.empty());
  }
}

}  // namespace longhaul
