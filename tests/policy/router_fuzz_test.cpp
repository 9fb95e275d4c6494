// A million random events against routers of random configurations. Each invariant is judged by
// what the host itself has seen and counted, not by what the router remembers.
#include <array>
#include <deque>
#include <vector>

#include "tests/catch.h"
#include "tests/policy/luck.h"
#include "tests/policy/router_host.h"

namespace longhaul {
namespace {

// What the host has seen of one database.
struct Seen {
  std::optional<Observation> newest{};
  std::optional<Observation> with_lag{};  // the newest that knows the lag in time
};

// One read that was decided.
struct Decided {
  std::int64_t slice;
  bool moved;
};

class Fuzz {
 public:
  explicit Fuzz(std::uint64_t seed) : luck_{seed} {
    RouterConfig& rule = config_.router;
    rule.primary_reads = static_cast<PrimaryReads>(luck_.below(2));
    rule.prefer = static_cast<Prefer>(luck_.below(2));
    rule.balance = static_cast<Balance>(luck_.below(2));
    rule.when_no_replica = static_cast<WhenNoReplica>(luck_.below(4));
    if (luck_.one_in(2)) rule.panic_below = percent(luck_.below(101));
    if (luck_.one_in(2)) rule.moved_reads.max_share = percent(luck_.below(101));
    rule.moved_reads.at_least = luck_.below(4);
    rule.moved_reads.beyond = static_cast<BeyondCap>(luck_.below(3));
    rule.moved_reads.window = seconds(1 + luck_.below(20));
    config_.freshness.rule = std::array{FreshnessRule::none, FreshnessRule::pin_after_write,
                                        FreshnessRule::lsn_token}[luck_.bits() % 3];
    config_.freshness.wait = milliseconds(50 * luck_.below(2));
    config_.freshness.otherwise = static_cast<FreshnessOtherwise>(luck_.below(3));
    config_.lag_breaker.enabled = !luck_.one_in(5);
    rollout_ = luck_.one_in(3) ? percent(luck_.below(101)) : percent(100);
    const std::int64_t count = 1 + luck_.below(5);
    for (std::int64_t i = 0; i < count; ++i) {
      candidates_.push_back({.latency = milliseconds(luck_.below(100)),
                             .is_primary = i == 0 && !luck_.one_in(5),
                             .nearness = static_cast<Nearness>(luck_.below(3)),
                             .weight = static_cast<std::int32_t>(luck_.below(4))});
    }
    seen_.resize(candidates_.size());
    router_ = Router(config_, candidates_, rollout_);
  }

  // Empty while all is well, else what is broken.
  std::string step() {
    now_ = now_ + microseconds(luck_.below(200'000));
    switch (luck_.below(8)) {
      case 0:
      case 1:
        probe_answered();
        return {};
      case 2:
        probe_failed();
        return {};
      case 3:
        router_.on_timer(now_);
        drain();
        return {};
      case 4:
        note_write(token_, timeline_, Lsn{lsn_}, now_);
        return {};
      default:
        return decide();
    }
  }

 private:
  DatabaseIndex any_database() {
    return {static_cast<std::uint32_t>(luck_.below(static_cast<std::int64_t>(seen_.size())))};
  }

  void probe_answered() {
    lsn_ += static_cast<std::uint64_t>(luck_.below(1000));
    if (luck_.one_in(300)) timeline_ += 1;
    const DatabaseIndex database = any_database();
    Observation answer;
    answer.measured_at = now_ - milliseconds(luck_.below(400));
    // Mostly the database that was built as the primary, at times another one or several.
    answer.is_primary = luck_.one_in(20) ? luck_.one_in(2) : database.value == 0;
    answer.timeline = timeline_ - static_cast<std::uint32_t>(luck_.one_in(10) ? 1 : 0);
    answer.replay_lsn = Lsn{lsn_ - static_cast<std::uint64_t>(luck_.below(2)) * lsn_ / 2};
    if (!answer.is_primary && !luck_.one_in(10)) {
      answer.lag = milliseconds(luck_.below(luck_.one_in(4) ? 20'000 : 1'000));
    }
    if (luck_.one_in(2)) answer.round_trip = milliseconds(luck_.below(200));
    router_.handle(now_, database, answer);
    drain();
    Seen& seen = seen_[database.value];
    if (seen.newest && answer.measured_at <= seen.newest->measured_at) return;
    seen.newest = answer;
    const bool is_caught_up = !answer.lag && router_.breaker(database).lag() == Duration{0};
    if (answer.lag || answer.is_primary || is_caught_up) seen.with_lag = answer;
  }

  void probe_failed() {
    router_.handle(now_, any_database(), ProbeFailed{now_ - milliseconds(luck_.below(1000))});
    drain();
  }

  void drain() {
    while (router_.poll()) {
    }
  }

  std::string decide() {
    StatementRequest request{.statement = static_cast<StatementClass>(luck_.below(3)),
                             .in_writing_transaction = luck_.one_in(5),
                             .queued_for = milliseconds(luck_.below(1200)),
                             .number = luck_.bits(),
                             .user = luck_.bits()};
    if (luck_.one_in(2)) request.statement = StatementClass::read;
    if (luck_.one_in(3)) request.max_staleness = milliseconds(luck_.below(3) * luck_.below(10'000));
    const bool belongs_elsewhere = !router_.preference_order().empty() &&
                                   router_.preference_order().front() != router_.primary();
    const Decision decision = router_.decide(now_, request, token_);
    if (const std::string broken = judge(request, decision); !broken.empty()) return broken;
    if (request.in_writing_transaction || request.statement != StatementClass::read) return {};
    std::string broken = count(request, decision, belongs_elsewhere, true);
    if (!broken.empty() || decision.kind != DecisionKind::wait_then_serve) return broken;
    const Decision then =
        router_.after_wait(now_, request, decision, static_cast<WaitVerdict>(luck_.below(3)));
    const bool moves = then.kind == DecisionKind::serve && then.database == router_.primary();
    return moves ? count(request, then, belongs_elsewhere, false) : "";
  }

  std::string judge(const StatementRequest& request, const Decision& decision) {
    const bool is_served =
        decision.kind == DecisionKind::serve || decision.kind == DecisionKind::wait_then_serve;
    const DatabaseIndex to = decision.database;
    const bool needs_primary = request.in_writing_transaction ||
                               request.statement != StatementClass::read ||
                               request.max_staleness == Duration{0};
    if (needs_primary && is_served && to != router_.primary()) return "needs the primary";
    if (needs_primary && decision.kind == DecisionKind::queue) return "needs the primary, queues";
    if (is_served && to != router_.primary() && seen_[to.value].newest &&
        seen_[to.value].newest->is_primary) {
      return "a deposed primary serves";
    }
    if (decision.kind == DecisionKind::queue &&
        (decision.wait <= Duration{0} ||
         request.queued_for + decision.wait > config_.router.queue.wait_max)) {
      return "queues too long";
    }
    if (is_served && to != router_.primary()) {
      const std::uint64_t bucket = (request.user >> 32) * 1'000'000 >> 32;
      if (bucket >= static_cast<std::uint64_t>(rollout_.ppm)) return "not rolled out";
      if (request.max_staleness && !is_within(to, *request.max_staleness)) return "too stale";
    }
    return {};
  }

  bool is_within(DatabaseIndex database, Duration max_staleness) const {
    const std::optional<Observation>& seen = seen_[database.value].with_lag;
    if (!seen) return false;
    return seen->lag.value_or(Duration{0}) + (now_ - seen->measured_at) <= max_staleness;
  }

  // The cap: of the reads of the window, those that were meant for a replica and went to the
  // primary.
  std::string count(const StatementRequest& request, const Decision& decision,
                    bool belongs_elsewhere, bool is_new) {
    if (decision.kind == DecisionKind::queue) return {};
    const bool is_moved = decision.kind == DecisionKind::serve &&
                          decision.database == router_.primary() && belongs_elsewhere &&
                          request.max_staleness != Duration{0} &&
                          decision.reason != Reason::not_rolled_out;
    const std::int64_t slice = now_.ns / (config_.router.moved_reads.window.ns / 10);
    while (!decided_.empty() && decided_.front().slice <= slice - 10) decided_.pop_front();
    if (is_new) {
      decided_.push_back({slice, is_moved});
    } else {
      decided_.back().moved = true;
    }
    if (!is_moved || !config_.router.moved_reads.max_share) return {};
    std::int64_t moved = 0;
    for (const Decided& read : decided_) moved += read.moved ? 1 : 0;
    const auto reads = static_cast<std::int64_t>(decided_.size()) + (is_new ? 0 : 1);
    const std::int64_t cap = reads * config_.router.moved_reads.max_share->ppm / 1'000'000;
    return moved <= std::max(cap, config_.router.moved_reads.at_least) ? "" : "above the cap";
  }

  Luck luck_;
  PolicyConfig config_;
  Ratio rollout_;
  std::vector<Candidate> candidates_;
  Router router_;
  std::vector<Seen> seen_;
  std::deque<Decided> decided_;
  SessionToken token_;
  TimePoint now_ = TimePoint{} + seconds(1);
  std::uint32_t timeline_ = 2;
  std::uint64_t lsn_ = 1'000'000;
};

}  // namespace

TEST_CASE("router: a million random events break no promise", "[policy][router][fuzz]") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Fuzz fuzz(seed);
    for (int event = 0; event < 1000; ++event) {
      const std::string broken = fuzz.step();
      if (broken.empty()) continue;
      FAIL("seed " << seed << ", event " << event << ": " << broken);
    }
  }
}

}  // namespace longhaul
