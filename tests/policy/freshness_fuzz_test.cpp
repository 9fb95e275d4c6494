// Random events against every freshness rule. A small world of databases that write, replay and
// fail over stands beside the router, which sees them through probes that are late; each decision
// is judged by what was observed and by what is true.
#include <array>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/policy/luck.h"
#include "tests/policy/router_host.h"

namespace longhaul {
namespace {

struct Truth {
  std::uint32_t timeline = 1;
  std::uint64_t position = 100;
};

// A probe's or a wait's answer that has been given and has not arrived.
struct Underway {
  DatabaseIndex database;
  Observation seen;
};

class Fuzz {
 public:
  explicit Fuzz(std::uint64_t seed) : luck_{seed} {
    FreshnessConfig& rule = config_.freshness;
    rule.rule = static_cast<FreshnessRule>(luck_.below(6));
    rule.pin = milliseconds(luck_.below(4000));
    rule.wait = milliseconds(50 * luck_.below(2));
    rule.otherwise = static_cast<FreshnessOtherwise>(luck_.below(3));
    rule.margin = milliseconds(luck_.below(1000));
    rule.wait_for = static_cast<WaitFor>(luck_.below(2));
    rule.monotonic_reads = luck_.one_in(2);
    if (luck_.one_in(3)) rule.ttl = seconds(1 + luck_.below(40));
    config_.lag_breaker.enabled = luck_.one_in(2);
    const std::int64_t count = 2 + luck_.below(4);
    for (std::int64_t i = 0; i < count; ++i) {
      candidates_.push_back({.latency = milliseconds(1 + luck_.below(100)), .is_primary = i == 0});
    }
    truth_.resize(candidates_.size());
    seen_.resize(candidates_.size());
    router_ = Router(config_, candidates_);
  }

  // Empty, or the promise that is broken.
  std::string step() {
    now_ = now_ + milliseconds(luck_.below(400));
    switch (luck_.below(20)) {
      case 0:
        if (luck_.one_in(10)) fail_over();
        return {};
      case 1:
      case 2:
      case 3:
        return write();
      case 4:
      case 5:
      case 6:
        replay(any());
        return {};
      case 7:
      case 8:
      case 9:
        answer_probe(any());
        return {};
      case 10:
      case 11:
      case 12:
        deliver();
        return {};
      default:
        return read();
    }
  }

  const FreshnessConfig& rule() const { return config_.freshness; }
  std::int64_t held() const { return held_; }

 private:
  Truth& truth(DatabaseIndex database) { return truth_[database.value]; }
  DatabaseIndex any() {
    return {static_cast<std::uint32_t>(luck_.below(static_cast<std::int64_t>(truth_.size())))};
  }

  // The primary is lost. The promoted replica forks off where it stands; the others follow it from
  // the fork on, or from where they are.
  void fail_over() {
    const DatabaseIndex next = any();
    if (next == primary_) return;
    const std::uint64_t fork = truth(next).position;
    primary_ = next;
    timeline_ += 1;
    had_failover_ = true;
    for (Truth& each : truth_) {
      if (luck_.one_in(3)) continue;  // is told later: stays on its timeline
      each.timeline = timeline_;
      each.position = std::min(each.position, fork);
    }
    truth(primary_) = {timeline_, fork + 1};
  }

  void replay(DatabaseIndex database) {
    Truth& replica = truth(database);
    if (database == primary_) return;
    if (replica.timeline != timeline_) {
      if (luck_.one_in(4)) replica = {timeline_, std::min(replica.position, fork_bound())};
      return;
    }
    const auto missing = static_cast<std::int64_t>(truth(primary_).position - replica.position);
    if (missing > 0) replica.position += static_cast<std::uint64_t>(luck_.below(missing + 1));
  }

  // A replica that joins late has nothing beyond where the timeline began; low is safe.
  std::uint64_t fork_bound() const { return 0; }

  Observation observe(DatabaseIndex database) {
    Observation seen;
    seen.measured_at = now_;
    seen.is_primary = database == primary_;
    seen.timeline = truth(database).timeline;
    seen.replay_lsn = Lsn{truth(database).position};
    if (!seen.is_primary && !luck_.one_in(5)) seen.lag = milliseconds(luck_.below(3000));
    return seen;
  }

  void answer_probe(DatabaseIndex database) {
    if (underway_.size() < 8) underway_.push_back({database, observe(database)});
  }

  // Answers arrive in any order.
  void deliver() {
    if (underway_.empty()) return;
    const auto at =
        static_cast<std::size_t>(luck_.below(static_cast<std::int64_t>(underway_.size())));
    const Underway answer = underway_[at];
    underway_[at] = underway_.back();
    underway_.pop_back();
    std::optional<Observation>& newest = seen_[answer.database.value];
    if (!newest || answer.seen.measured_at > newest->measured_at) newest = answer.seen;
    router_.handle(now_, answer.database, answer.seen);
    while (router_.poll()) {
    }
  }

  std::string write() {
    Truth& primary = truth(primary_);
    primary.position += 1 + static_cast<std::uint64_t>(luck_.below(50));
    SessionToken& token = tokens_[static_cast<std::size_t>(luck_.below(3))];
    note_write(token, primary.timeline, Lsn{primary.position}, now_);
    // The write's own wait: each replica that is asked says what is true.
    while (const auto waiting = router_.replica_to_await(now_, token)) {
      if (rule().rule != FreshnessRule::wait_for_replay) return "waits by another rule";
      if (luck_.one_in(3)) break;  // in vain
      Truth& replica = truth(waiting->database);
      replay(waiting->database);
      const Observation position = observe(waiting->database);
      const bool is_there =
          replica.timeline == token.timeline && replica.position >= token.lsn.value;
      const WaitVerdict verdict = judge_wait(*waiting, position);
      if ((verdict == WaitVerdict::serve) != is_there) return "a wait ends wrongly";
      if (verdict != WaitVerdict::serve) break;
      note_replayed(token, *waiting);
    }
    return {};
  }

  std::string read() {
    SessionToken& token = tokens_[static_cast<std::size_t>(luck_.below(3))];
    StatementRequest request;
    request.after_write = luck_.one_in(10);
    request.token_unknown = luck_.one_in(20);
    const SessionToken before = token;
    Decision decision = router_.decide(now_, request, token);
    if (std::string broken = judge_token(before, token); !broken.empty()) return broken;
    if (decision.kind == DecisionKind::wait_then_serve) {
      replay(decision.database);
      const WaitVerdict verdict = judge_wait(decision, observe(decision.database));
      if (verdict == WaitVerdict::serve) {
        const Truth& there = truth(decision.database);
        if (there.timeline != decision.required_timeline ||
            there.position < decision.required_lsn.value) {
          return "a wait ends too early";
        }
      }
      if (token.has_written && decision.required_lsn < token.lsn) return "a wait asks for less";
      if (token.has_written && decision.required_timeline != token.timeline) {
        return "a wait on another timeline";
      }
      const DatabaseIndex waited = decision.database;
      decision = router_.after_wait(now_, request, decision, verdict);
      if (verdict == WaitVerdict::serve) note_read_at(waited, token);
      return {};
    }
    if (decision.kind != DecisionKind::serve) return {};
    const std::string broken = judge_served(request, token, decision);
    note_read_at(decision.database, token);
    return broken;
  }

  void note_read_at(DatabaseIndex database, SessionToken& token) {
    if (!rule().monotonic_reads) return;
    note_read(token, database, truth(database).timeline, Lsn{truth(database).position});
  }

  // A token is renewed on a newer timeline or deleted for a reason.
  std::string judge_token(const SessionToken& before, const SessionToken& after) const {
    if (!before.has_written || after.has_written) {
      return after.timeline >= before.timeline ? "" : "a token went back to an older timeline";
    }
    if (is_expired(rule(), now_, before)) return {};
    if (rule().rule != FreshnessRule::gitlab_sticking) return "a token is lost";
    const DatabaseIndex primary = router_.primary();
    SessionToken held = before;
    if (primary.valid() && seen_[primary.value]) renew(held, *seen_[primary.value]);
    for (std::uint32_t i = 0; i < seen_.size(); ++i) {
      if (DatabaseIndex{i} == primary) continue;
      if (!seen_[i] || seen_[i]->timeline != held.timeline || seen_[i]->replay_lsn < held.lsn) {
        return "unstuck although a replica was not seen there";
      }
    }
    return {};
  }

  // The token is as the router left it.
  std::string judge_served(const StatementRequest& request, const SessionToken& token,
                           const Decision& decision) {
    if (decision.may_be_stale || decision.database == router_.primary()) return {};
    if (request.token_unknown) return "a replica serves without the token";
    const FreshnessRule kind = rule().rule;
    if (kind == FreshnessRule::gitlab_sticking && request.after_write) {
      return "a replica serves the request that wrote";
    }
    const std::optional<Observation>& seen = seen_[decision.database.value];
    const Truth& there = truth(decision.database);
    if (rule().monotonic_reads && token.seen.timeline != 0) {
      if (!seen || seen->timeline != token.seen.timeline) return "seen on another timeline";
      const bool same = decision.database == token.seen.database;
      if (!same && seen->replay_lsn < token.seen.lsn) return "back to an older state";
      if (!had_failover_ && there.position < token.seen.lsn.value) return "time goes back";
    }
    if (!token.has_written) return {};
    held_ += 1;
    switch (kind) {
      case FreshnessRule::none:
        return {};
      case FreshnessRule::pin_after_write:
        return now_ - token.wrote_at < rule().pin ? "a replica serves within the pin" : "";
      case FreshnessRule::replica_age: {
        if (!seen || !seen->lag) return "served without a lag";
        const Duration age = *seen->lag + (now_ - seen->measured_at) + rule().margin;
        if (seen->timeline < token.timeline) return "served on an older timeline";
        return age < now_ - token.wrote_at ? "" : "served by a replica that is too old";
      }
      case FreshnessRule::lsn_token:
      case FreshnessRule::gitlab_sticking:
      case FreshnessRule::wait_for_replay:
        break;
    }
    if (!seen || seen->timeline != token.timeline) return "served on another timeline";
    const bool has_said_so = (token.replayed_by >> decision.database.value & 1) != 0;
    if (!has_said_so && seen->replay_lsn < token.lsn) return "served at an older position";
    const bool is_true = there.timeline == token.timeline && there.position >= token.lsn.value;
    return had_failover_ || is_true ? "" : "served without the write";
  }

  Luck luck_;
  PolicyConfig config_;
  std::vector<Candidate> candidates_;
  std::vector<Truth> truth_;
  std::vector<std::optional<Observation>> seen_;
  std::vector<Underway> underway_;
  Router router_;
  std::array<SessionToken, 3> tokens_{};
  TimePoint now_ = TimePoint{} + seconds(1);
  DatabaseIndex primary_{0};
  std::uint32_t timeline_ = 1;
  bool had_failover_ = false;
  std::int64_t held_ = 0;
};

void run(std::uint64_t seeds, int events) {
  std::array<std::int64_t, 6> held{};
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Fuzz fuzz(seed);
    for (int event = 0; event < events; ++event) {
      const std::string broken = fuzz.step();
      if (broken.empty()) continue;
      FAIL("seed " << seed << ", event " << event << ", rule " << enum_text(fuzz.rule().rule)
                   << ": " << broken);
    }
    held[static_cast<std::size_t>(fuzz.rule().rule)] += fuzz.held();
  }
  // Each rule has let replicas serve sessions that had written.
  for (const std::int64_t reads : held) REQUIRE(reads > 0);
}

}  // namespace

TEST_CASE(
    "facts 15: a read-your-writes token issued before a failover is never accepted on the new "
    "timeline by LSN comparison alone, random events",
    "[policy][freshness][fuzz][facts]") {
  run(200, 500);
}

TEST_CASE("freshness: a million random events for each rule break no promise",
          "[.slow][policy][freshness][fuzz]") {
  run(6'000, 1'000);
}

}  // namespace longhaul
