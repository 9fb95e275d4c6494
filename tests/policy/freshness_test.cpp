#include "policy/freshness.h"

#include "tests/catch.h"

namespace longhaul {
namespace {

SessionToken token(std::uint32_t timeline, std::uint64_t lsn, Duration wrote = seconds(1)) {
  return {
      .has_written = true, .timeline = timeline, .lsn = Lsn{lsn}, .wrote_at = TimePoint{} + wrote};
}

Observation replica_at(std::uint32_t timeline, std::uint64_t lsn) {
  Observation observation;
  observation.timeline = timeline;
  observation.replay_lsn = Lsn{lsn};
  return observation;
}

Decision waiting_for(std::uint32_t timeline, std::uint64_t lsn, DatabaseIndex otherwise) {
  Decision decision;
  decision.kind = DecisionKind::wait_then_serve;
  decision.database = DatabaseIndex{1};
  decision.required_timeline = timeline;
  decision.required_lsn = Lsn{lsn};
  decision.otherwise = otherwise;
  return decision;
}

}  // namespace

TEST_CASE("freshness: merge: on one timeline the later position and the later time win",
          "[policy][freshness]") {
  REQUIRE(merge(token(1, 500, seconds(9)), token(1, 700, seconds(2))) == token(1, 700, seconds(9)));
}

TEST_CASE("freshness: merge: the newer timeline wins over a higher number", "[policy][freshness]") {
  REQUIRE(merge(token(1, 900), token(2, 300)) == token(2, 300));
  REQUIRE(merge(token(2, 300), token(1, 900)) == token(2, 300));
}

TEST_CASE("freshness: merge: a session that has not written adds nothing", "[policy][freshness]") {
  REQUIRE(merge(SessionToken{}, token(1, 5)) == token(1, 5));
  REQUIRE(merge(token(1, 5), SessionToken{}) == token(1, 5));
}

TEST_CASE("freshness: note_write: acknowledgements out of order leave the highest position",
          "[policy][freshness]") {
  SessionToken session;
  note_write(session, 1, Lsn{200}, TimePoint{} + seconds(2));
  note_write(session, 1, Lsn{100}, TimePoint{} + seconds(3));
  REQUIRE(session == token(1, 200, seconds(3)));
}

TEST_CASE("freshness: renew: a token from before the failover moves to the new timeline",
          "[policy][freshness]") {
  SessionToken session = token(1, 900, seconds(1));
  Observation primary = replica_at(2, 400);
  primary.is_primary = true;
  renew(session, primary);
  // Position 900 of timeline 1 may be lost; what survived lies before 400 of timeline 2.
  REQUIRE(session == token(2, 400, seconds(1)));
}

TEST_CASE("freshness: renew: leaves current, newer and empty tokens alone", "[policy][freshness]") {
  Observation primary = replica_at(2, 400);
  primary.is_primary = true;
  for (SessionToken session : {token(2, 900), token(3, 100), SessionToken{}}) {
    const SessionToken before = session;
    renew(session, primary);
    REQUIRE(session == before);
  }
  SessionToken session = token(1, 900);
  renew(session, replica_at(2, 400));  // a replica's position may lie before the fork
  REQUIRE(session == token(1, 900));
}

TEST_CASE("freshness: pin: lasts as long as it says and not longer", "[policy][freshness]") {
  FreshnessConfig config;
  config.rule = FreshnessRule::pin_after_write;
  const SessionToken session = token(1, 5, seconds(10));
  // Written at 10 s with a pin of 5 s: the last pinned instant is just before 15 s.
  REQUIRE(is_pinned(config, TimePoint{} + seconds(15) - nanoseconds(1), session));
  REQUIRE_FALSE(is_pinned(config, TimePoint{} + seconds(15), session));
  REQUIRE_FALSE(is_pinned(config, TimePoint{} + seconds(11), SessionToken{}));
}

TEST_CASE("freshness: pin: a write stamped by a clock that is ahead pins", "[policy][freshness]") {
  FreshnessConfig config;
  config.rule = FreshnessRule::pin_after_write;
  REQUIRE(is_pinned(config, TimePoint{} + seconds(1), token(1, 5, seconds(2))));
}

TEST_CASE(
    "facts 15: a read-your-writes token issued before a failover is never accepted on the new "
    "timeline by LSN comparison alone",
    "[policy][freshness][facts]") {
  REQUIRE(coverage(replica_at(1, 500), token(1, 500)) == Coverage::covered);
  REQUIRE(coverage(replica_at(1, 499), token(1, 500)) == Coverage::behind);
  REQUIRE(coverage(replica_at(2, 900), token(1, 500)) == Coverage::other_timeline);
  REQUIRE(coverage(replica_at(1, 900), token(2, 500)) == Coverage::other_timeline);
  REQUIRE(coverage(replica_at(0, 900), token(0, 500)) == Coverage::other_timeline);
}

TEST_CASE("freshness: wait: ends when the position is reached or the timeline is left",
          "[policy][freshness]") {
  const Decision waiting = waiting_for(1, 500, DatabaseIndex{0});
  REQUIRE(judge_wait(waiting, replica_at(1, 499)) == WaitVerdict::keep_waiting);
  REQUIRE(judge_wait(waiting, replica_at(1, 500)) == WaitVerdict::serve);
  REQUIRE(judge_wait(waiting, replica_at(2, 900)) == WaitVerdict::give_up);
}

TEST_CASE("freshness: wait: afterwards the replica, the other database or nobody serves",
          "[policy][freshness]") {
  const Decision to_primary = waiting_for(1, 500, DatabaseIndex{0});
  Decision after = after_wait(to_primary, WaitVerdict::serve);
  REQUIRE(after.database == DatabaseIndex{1});
  REQUIRE(after.reason == Reason::wait_covered);
  after = after_wait(to_primary, WaitVerdict::keep_waiting);
  REQUIRE(after.database == DatabaseIndex{0});
  REQUIRE(after.reason == Reason::wait_expired);
  REQUIRE_FALSE(after.may_be_stale);

  after = after_wait(waiting_for(1, 500, DatabaseIndex::none()), WaitVerdict::give_up);
  REQUIRE(after.kind == DecisionKind::refuse);
  REQUIRE(after.reason == Reason::wait_pointless);

  after = after_wait(waiting_for(1, 500, DatabaseIndex{1}), WaitVerdict::keep_waiting);
  REQUIRE(after.kind == DecisionKind::serve);
  REQUIRE(after.may_be_stale);
}

TEST_CASE("freshness: wait: only a waiting decision can be judged", "[policy][freshness]") {
  REQUIRE_THROWS_AS(judge_wait(Decision{}, Observation{}), std::logic_error);
  REQUIRE_THROWS_AS(after_wait(Decision{}, WaitVerdict::serve), std::logic_error);
}

}  // namespace longhaul
