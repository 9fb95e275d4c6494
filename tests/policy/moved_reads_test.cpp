#include "policy/moved_reads.h"

#include "tests/catch.h"
#include "tests/policy/router_host.h"

namespace longhaul {

using namespace router_host;

namespace {

// Reads that all ask to be moved; returns how many were.
int move_all(MovedReads& window, TimePoint now, int reads) {
  int moved = 0;
  for (int i = 0; i < reads; ++i) {
    if (window.may_move(now)) {
      window.note_moved(now);
      moved += 1;
    }
    window.note_read(now);
  }
  return moved;
}

PolicyConfig capped(BeyondCap beyond, WhenNoReplica when_no_replica = WhenNoReplica::primary) {
  PolicyConfig config;
  config.router.moved_reads.max_share = percent(20);
  config.router.moved_reads.at_least = 1;
  config.router.moved_reads.beyond = beyond;
  config.router.when_no_replica = when_no_replica;
  return config;
}

// Both replicas answer and are 9 s behind: their breakers are open.
void all_lag(Host& host) {
  host.all_answer();
  host.probe_replica(milliseconds(500), eu1, 900, seconds(9));
  host.probe_replica(milliseconds(500), eu2, 900, seconds(9));
}

}  // namespace

TEST_CASE("moved reads: without a cap all may move", "[policy][moved_reads]") {
  MovedReads window{MovedReadsConfig{}};
  REQUIRE(move_all(window, second_1, 1000) == 1000);
  REQUIRE(window.reads() == 0);  // and nothing is counted
}

TEST_CASE("moved reads: a share of the reads moves, and a few whatever the share",
          "[policy][moved_reads]") {
  MovedReads window{{.max_share = percent(20)}};
  // The first three by at_least, then the 20th, 25th, ... read brings the share back to a whole:
  // of 19 reads 3 moved, of 100 a fifth.
  REQUIRE(move_all(window, second_1, 19) == 3);
  REQUIRE(move_all(window, second_1, 81) == 17);
  REQUIRE(window.moved() == 20);
  REQUIRE(window.reads() == 100);

  MovedReads none{{.max_share = Ratio{0}, .at_least = 0}};
  REQUIRE(move_all(none, second_1, 100) == 0);
}

TEST_CASE("moved reads: the window slides by tenths", "[policy][moved_reads]") {
  MovedReads window{{.max_share = percent(50), .window = seconds(10), .at_least = 0}};
  // Slices of 1 s. 100 reads in second 1, 50 of them moved; 100 in second 5 that nobody moves.
  REQUIRE(move_all(window, at(milliseconds(1500)), 100) == 50);
  for (int i = 0; i < 100; ++i) window.note_read(at(milliseconds(5500)));
  // Second 10 still sees second 1: 50 of 200, so 50 + n <= (200 + n) / 2 for n = 100.
  REQUIRE(window.may_move(at(milliseconds(10'900))));
  REQUIRE(window.reads() == 200);
  REQUIRE(window.moved() == 50);
  // Second 11 does not.
  REQUIRE(window.may_move(at(seconds(11))));
  REQUIRE(window.reads() == 100);
  REQUIRE(window.moved() == 0);
  // A pause longer than the window leaves nothing.
  REQUIRE_FALSE(window.may_move(at(seconds(30))));  // (0 + 1) / 2 is no whole read
  REQUIRE(window.reads() == 0);
}

TEST_CASE("router: beyond the cap reads fail", "[policy][router][moved_reads]") {
  Host host(capped(BeyondCap::fail));
  all_lag(host);
  // Of ten reads one moves by at_least; two are a fifth of ten.
  int moved = 0;
  for (int i = 0; i < 10; ++i) {
    const Decision decision = host.read();
    if (decision.kind == DecisionKind::serve) {
      require_served(decision, us, Reason::no_replica_admitted);
      moved += 1;
    } else {
      require_refused(decision, Reason::moved_reads_capped);
    }
  }
  REQUIRE(moved == 2);
}

TEST_CASE("router: beyond the cap replicas serve stale, the nearest that answers",
          "[policy][router][moved_reads]") {
  Host host(capped(BeyondCap::serve_stale));
  all_lag(host);
  require_served(host.read(), us, Reason::no_replica_admitted);
  Decision stale = host.read();
  require_served(stale, eu1, Reason::moved_reads_capped);
  REQUIRE(stale.may_be_stale);
  // eu1 falls silent: eu2 is next. With both silent nobody is left to serve anything.
  host.router.handle(second_1, eu1, ProbeFailed{at(milliseconds(700))});
  host.drain();
  require_served(host.read(), eu2, Reason::moved_reads_capped);
  host.router.handle(second_1, eu2, ProbeFailed{at(milliseconds(700))});
  host.drain();
  require_refused(host.read(), Reason::moved_reads_capped);
}

TEST_CASE("router: beyond the cap reads queue, for a while", "[policy][router][moved_reads]") {
  PolicyConfig config = capped(BeyondCap::queue);
  config.router.queue = {.retry = milliseconds(300), .wait_max = seconds(1)};
  Host host(config);
  all_lag(host);
  require_served(host.read(), us, Reason::no_replica_admitted);
  SessionToken nothing;
  const auto queued = [&](Duration queued_for) {
    return host.router.decide(second_1, {.queued_for = queued_for}, nothing);
  };
  REQUIRE(queued({}).kind == DecisionKind::queue);
  REQUIRE(queued({}).reason == Reason::moved_reads_capped);
  REQUIRE(queued({}).wait == milliseconds(300));
  REQUIRE(queued(milliseconds(900)).wait == milliseconds(100));
  require_refused(queued(seconds(1)), Reason::queue_expired);
  // A read that queues is counted when it is decided: one moved, one refused.
  REQUIRE(host.router.moved_reads().reads() == 2);
}

TEST_CASE("router: what belongs on the primary is not moved", "[policy][router][moved_reads]") {
  PolicyConfig config = capped(BeyondCap::fail);
  config.router.moved_reads.at_least = 0;
  SessionToken nothing;
  SECTION("writes, and reads that are never stale") {
    Host host(config);
    all_lag(host);
    for (int i = 0; i < 10; ++i) {
      require_served(host.router.decide(second_1, {.statement = StatementClass::write}, nothing),
                     us, Reason::write_statement);
      require_served(host.router.decide(second_1, {.max_staleness = Duration{0}}, nothing), us,
                     Reason::never_stale);
    }
  }
  SECTION("reads that the primary is nearest to") {
    const std::array<Candidate, 2> seen_from_us{
        {{.latency = milliseconds(1), .is_primary = true}, {.latency = milliseconds(80)}}};
    config.freshness.rule = FreshnessRule::pin_after_write;
    Host host(config, seen_from_us);
    host.probe_primary(seconds(0), us, 1000);
    for (int i = 0; i < 10; ++i) {
      require_served(host.read(), us, Reason::nearest_primary);
      require_served(host.read(wrote(1000)), us, Reason::pinned_after_write);
    }
  }
}

TEST_CASE("router: pins, tokens and waits count as moved", "[policy][router][moved_reads]") {
  PolicyConfig config = capped(BeyondCap::serve_stale);
  SECTION("a pin") {
    config.freshness.rule = FreshnessRule::pin_after_write;
    Host host(config);
    host.all_answer();
    require_served(host.read(wrote(1000)), us, Reason::pinned_after_write);
    require_served(host.read(wrote(1000)), eu1, Reason::moved_reads_capped);
  }
  SECTION("a token") {
    config.freshness.rule = FreshnessRule::lsn_token;
    config.freshness.wait = {};
    Host host(config);
    host.all_answer();
    require_served(host.read(wrote(1000)), us, Reason::token_not_covered);
    require_served(host.read(wrote(1000)), eu1, Reason::moved_reads_capped);
  }
  SECTION("a wait in vain") {
    config.freshness.rule = FreshnessRule::lsn_token;
    Host host(config);
    host.all_answer();
    for (const Reason reason : {Reason::wait_expired, Reason::moved_reads_capped}) {
      const Decision waiting = host.read(wrote(1000));
      REQUIRE(waiting.kind == DecisionKind::wait_then_serve);
      const Decision then =
          host.router.after_wait(second_1, a_read, waiting, WaitVerdict::keep_waiting);
      require_served(then, reason == Reason::wait_expired ? us : eu1, reason);
    }
    REQUIRE(host.router.moved_reads().moved() == 1);
  }
}

TEST_CASE("router: a primary between two replicas leaves the capped reads to the farther one",
          "[policy][router][moved_reads]") {
  const std::array<Candidate, 3> spread{{{.latency = milliseconds(20), .is_primary = true},
                                         {.latency = milliseconds(1)},
                                         {.latency = milliseconds(80)}}};
  Host host(capped(BeyondCap::fail), spread);
  host.all_answer();
  host.probe_replica(milliseconds(500), eu1, 900, seconds(9));
  require_served(host.read(), us, Reason::nearest_primary);
  require_served(host.read(), eu2, Reason::nearest_replica);
}

TEST_CASE("router: in panic all replicas that answer serve, or none", "[policy][router][panic]") {
  PolicyConfig config;
  config.router.panic_below = percent(60);
  const auto after_half_fail = [](PolicyConfig chosen) {
    Host host(chosen);
    host.all_answer();
    host.probe_replica(milliseconds(500), eu1, 900, seconds(9));
    return host;
  };
  // One of two is admitted: 50 %, less than 60 %.
  REQUIRE(after_half_fail(config).read().reason == Reason::panic);
  require_served(after_half_fail(config).read(), us, Reason::panic);
  config.router.when_no_replica = WhenNoReplica::fail;
  require_refused(after_half_fail(config).read(), Reason::panic);
  config.router.when_no_replica = WhenNoReplica::queue;
  REQUIRE(after_half_fail(config).read().kind == DecisionKind::queue);
  config.router.when_no_replica = WhenNoReplica::serve_stale;
  const Decision stale = after_half_fail(config).read();
  require_served(stale, eu1, Reason::panic);  // the nearest that answers, its breaker open or not
  REQUIRE(stale.may_be_stale);

  config.router.panic_below = percent(50);
  require_served(after_half_fail(config).read(), eu2, Reason::nearest_replica);
}

TEST_CASE("router: with all replicas out, stale reads stay where answers come from",
          "[policy][router][panic]") {
  PolicyConfig config;
  config.router.when_no_replica = WhenNoReplica::serve_stale;
  Host silent(config);
  require_served(silent.read(), us, Reason::no_replica_admitted);  // nobody has answered yet
  Host host(config);
  all_lag(host);
  require_served(host.read(), eu1, Reason::no_replica_admitted);
  REQUIRE(host.read().may_be_stale);
}

}  // namespace longhaul
