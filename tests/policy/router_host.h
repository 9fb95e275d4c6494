// A host in Europe with three databases, for the tests of the router.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "policy/router.h"
#include "tests/catch.h"

namespace longhaul::router_host {

constexpr DatabaseIndex us{0};   // primary, 80 ms away
constexpr DatabaseIndex eu1{1};  // replica, 1 ms away
constexpr DatabaseIndex eu2{2};  // replica, 3 ms away
constexpr std::array<Candidate, 3> seen_from_europe{
    {{.latency = milliseconds(80), .is_primary = true},
     {.latency = milliseconds(1)},
     {.latency = milliseconds(3)}}};
constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }
constexpr TimePoint second_1 = at(seconds(1));
constexpr StatementRequest a_read{};

struct Host {
  Router router;
  std::vector<RouterAction> actions{};

  explicit Host(const PolicyConfig& config = {},
                std::span<const Candidate> candidates = seen_from_europe)
      : router(config, candidates) {}

  void probe(Duration now, DatabaseIndex database, Observation observation) {
    observation.measured_at = at(now);
    router.handle(at(now), database, observation);
    drain();
  }
  void probe_replica(Duration now, DatabaseIndex database, std::uint64_t lsn,
                     Duration lag = milliseconds(20), std::uint32_t timeline = 1) {
    probe(now, database, {.timeline = timeline, .replay_lsn = Lsn{lsn}, .lag = lag});
  }
  void probe_primary(Duration now, DatabaseIndex database, std::uint64_t lsn,
                     std::uint32_t timeline = 1) {
    probe(now, database, {.is_primary = true, .timeline = timeline, .replay_lsn = Lsn{lsn}});
  }
  // All three answer at the start: the primary stands at 1000, eu1 at 900, eu2 at 950.
  void all_answer() {
    probe_primary(seconds(0), us, 1000);
    probe_replica(seconds(0), eu1, 900);
    probe_replica(seconds(0), eu2, 950);
  }
  void drain() {
    actions.clear();
    while (const auto action = router.poll()) actions.push_back(*action);
  }
  Decision read(SessionToken token = {}, TimePoint now = second_1) {
    return router.decide(now, a_read, token);
  }
};

inline void require_served(const Decision& decision, DatabaseIndex database, Reason reason) {
  INFO(to_text(decision.kind) << " " << decision.database.value << " because "
                              << to_text(decision.reason));
  REQUIRE(decision.kind == DecisionKind::serve);
  REQUIRE(decision.database == database);
  REQUIRE(decision.reason == reason);
}

inline void require_refused(const Decision& decision, Reason reason) {
  REQUIRE(decision.kind == DecisionKind::refuse);
  REQUIRE_FALSE(decision.database.valid());
  REQUIRE(decision.reason == reason);
}

inline SessionToken wrote(std::uint64_t lsn, std::uint32_t timeline = 1) {
  return {.has_written = true, .timeline = timeline, .lsn = Lsn{lsn}, .wrote_at = TimePoint{}};
}

inline PolicyConfig with_rule(FreshnessRule rule, Duration wait = milliseconds(50),
                              FreshnessOtherwise otherwise = FreshnessOtherwise::primary) {
  PolicyConfig config;
  config.freshness.rule = rule;
  config.freshness.wait = wait;
  config.freshness.otherwise = otherwise;
  return config;
}

}  // namespace longhaul::router_host
