// People with a runbook: how long they take, what they get wrong, when they give up.
#include "policy/failover/manual_runbook.h"

#include "tests/catch.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/failover_table_checks.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;

std::vector<MemberInfo> three_members() {
  return {{.region = 0, .starts_as_primary = true}, {.region = 0}, {.region = 1}};
}

constexpr DurationRange exactly(Duration time) { return {time, time, time}; }

// Every step takes as long as its number of minutes says, so that a story can be added up.
ManualRunbookConfig by_the_clock() {
  ManualRunbookConfig config;
  config.acknowledge = exactly(minutes(4));
  config.decide = exactly(minutes(5));
  config.approval = exactly(minutes(7));
  config.check = exactly(minutes(2));
  config.fence = exactly(minutes(1));
  config.promote = exactly(seconds(30));
  config.repoint = exactly(minutes(2));
  config.move_clients = exactly(minutes(2));
  config.verify = exactly(minutes(1));
  return config;
}

struct Story {
  FailoverHost host{3};
  ManualRunbook manager;

  explicit Story(const ManualRunbookConfig& config, std::uint64_t luck = 1,
                 const FailoverGuards& guards = {})
      : manager(config, three_members(), host.now, luck, guards) {
    host.servers[2].status.received = Lsn{998'000'000};
    host.servers[2].lag = mebibytes(1);
    host.add(manager, 16);
    host.run_for(seconds(30));
  }
};

}  // namespace

TEST_CASE("manual_runbook: table: rows, states and sentences", "[policy][failover]") {
  check_table(manual_runbook_table, RunbookState::quiet);
}

TEST_CASE("manual_runbook: an outage is the sum of its steps", "[policy][failover]") {
  Story story(by_the_clock());
  FailoverHost& host = story.host;
  const TimePoint lost = host.now;
  host.lose(0);
  host.run_for(minutes(40));
  // The probes of minute 1, 2 and 3 fail, each 5 s after it was sent; the primary was lost 30 s
  // before the first of them.
  REQUIRE(host.first(Kind::page_operator)->at - lost == seconds(30) + minutes(2) + seconds(5));
  // Then the steps; the standbys answer at once.
  const Duration to_fence = minutes(4) + minutes(5) + minutes(2) + minutes(1);
  const LoggedAction* fenced = host.first(Kind::fence);
  REQUIRE(fenced->action.member == MemberIndex{0});
  REQUIRE(fenced->at - host.first(Kind::page_operator)->at >= to_fence);
  REQUIRE(fenced->at - host.first(Kind::page_operator)->at < to_fence + seconds(1));
  REQUIRE(host.first(Kind::promote)->at - fenced->at < seconds(31));
  REQUIRE(host.first(Kind::promote)->at - fenced->at >= seconds(30));
  REQUIRE(host.first(Kind::promote)->action.member == MemberIndex{1});
  const Duration to_clients = host.first(Kind::move_clients)->at - host.first(Kind::promote)->at;
  REQUIRE(to_clients >= minutes(4));
  REQUIRE(to_clients < minutes(4) + seconds(2));
  REQUIRE(host.clients_at == MemberIndex{1});
  REQUIRE(story.manager.state() == RunbookState::quiet);
  REQUIRE(story.manager.primary() == MemberIndex{1});
  REQUIRE(host.servers[2].status.upstream == MemberIndex{1});
}

TEST_CASE("manual_runbook: an outage shorter than the alarm's periods pages nobody",
          "[policy][failover]") {
  Story story(by_the_clock());
  story.host.cut(0, 16);
  story.host.after(minutes(2), [&] { story.host.heal(); });
  story.host.run_for(minutes(30));
  REQUIRE(story.host.count(Kind::page_operator) == 0);
}

TEST_CASE("manual_runbook: the attempt is abandoned when the primary is back",
          "[policy][failover]") {
  ManualRunbookConfig config = by_the_clock();
  for (const bool abandons : {true, false}) {
    config.abandons_when_back = abandons;
    Story story(config);
    story.host.cut(0, 16);
    story.host.after(minutes(8), [&] { story.host.heal(); });
    story.host.run_for(minutes(40));
    REQUIRE(story.host.count(Kind::page_operator) == 1);
    REQUIRE(story.host.count(Kind::promote) == (abandons ? 0 : 1));
    if (!abandons) continue;
    REQUIRE(story.host.first(Kind::refuse)->action.reason == FailoverReason::primary_back);
    REQUIRE(story.manager.state() == RunbookState::quiet);
  }
}

TEST_CASE("manual_runbook: approval: nothing moves before it, rejection ends the attempt",
          "[policy][failover]") {
  ManualRunbookConfig config = by_the_clock();
  config.needs_approval = true;
  config.approval = exactly(minutes(60 * 10));
  for (const OperatorCommand answer : {OperatorCommand::approve, OperatorCommand::reject}) {
    Story story(config);
    story.host.lose(0);
    story.host.run_for(minutes(60));
    REQUIRE(story.manager.state() == RunbookState::awaiting_approval);
    REQUIRE(story.host.count(Kind::promote) == 0);
    story.host.command(answer);
    // The primary stays lost, so after a rejection the alarm pages again but nobody is promoted.
    story.host.run_for(minutes(30));
    REQUIRE(story.host.count(Kind::promote) == (answer == OperatorCommand::approve ? 1 : 0));
  }
}

TEST_CASE("manual_runbook: a mistaken operator promotes one that is behind", "[policy][failover]") {
  ManualRunbookConfig config = by_the_clock();
  config.wrong_candidate = percent(100);
  Story story(config);
  story.host.lose(0);
  story.host.run_for(minutes(40));
  REQUIRE(story.host.first(Kind::promote)->action.member == MemberIndex{2});
  REQUIRE(story.host.verdict_on(2)->reason == FailoverReason::operator_mistaken);
  REQUIRE(story.host.verdict_on(1)->reason == FailoverReason::another_is_ahead);
  REQUIRE(story.host.servers[1].status.diverged);
}

TEST_CASE("manual_runbook: how often the operator is mistaken is what was configured",
          "[policy][failover]") {
  ManualRunbookConfig config = by_the_clock();
  config.wrong_candidate = percent(30);
  int mistakes = 0;
  for (std::uint64_t luck = 0; luck < 400; ++luck) {
    Story story(config, luck);
    story.host.lose(0);
    story.host.run_for(minutes(18));
    mistakes += story.host.verdict_on(2)->reason == FailoverReason::operator_mistaken;
  }
  // Binomial: 120 expected, standard deviation 9.2; four of them.
  REQUIRE(mistakes >= 83);
  REQUIRE(mistakes <= 157);
}

TEST_CASE("manual_runbook: the same luck is the same story, another is another",
          "[policy][failover]") {
  ManualRunbookConfig config;
  config.step_fails = percent(20);
  const auto moved_at = [&](std::uint64_t luck) {
    Story story(config, luck);
    story.host.lose(0);
    story.host.run_for(minutes(60 * 4));
    REQUIRE(story.host.first(Kind::move_clients) != nullptr);
    return story.host.first(Kind::move_clients)->at;
  };
  REQUIRE(moved_at(7) == moved_at(7));
  REQUIRE(moved_at(7) != moved_at(8));
}

TEST_CASE("manual_runbook: a fence that fails is tried again, then the person goes on",
          "[policy][failover]") {
  Story story(by_the_clock());
  story.host.fence_fails = true;
  story.host.isolate(0);
  story.host.run_for(minutes(40));
  REQUIRE(story.host.count(Kind::fence) == 2);
  REQUIRE(story.host.count(Kind::promote) == 1);
  REQUIRE(story.host.writable_count() == 2);  // and so there are two primaries
}

TEST_CASE("manual_runbook: a planned switchover stops in order, then everybody follows",
          "[policy][failover]") {
  Story story(by_the_clock());
  FailoverHost& host = story.host;
  host.servers[2].lag = Bytes{0};
  host.run_for(seconds(1));
  host.command(OperatorCommand::switchover, MemberIndex{2});
  host.run_for(minutes(20));
  REQUIRE(host.count(Kind::fence) == 0);
  REQUIRE(host.first(Kind::stop)->action.stop_mode == StopMode::fast);
  REQUIRE(story.manager.primary() == MemberIndex{2});
  REQUIRE(host.servers[0].status.upstream == MemberIndex{2});
  REQUIRE(host.writable_count() == 1);
  // And home again, to where it began.
  host.servers[0].status.diverged = host.servers[1].status.diverged = false;
  host.servers[0].status.state = ServerState::standby;
  host.command(OperatorCommand::fail_back);
  host.run_for(minutes(20));
  REQUIRE(story.manager.primary() == MemberIndex{0});
  REQUIRE(host.clients_at == MemberIndex{0});
}

TEST_CASE("manual_runbook: a maintenance freeze pages nobody", "[policy][failover]") {
  Story story(by_the_clock());
  story.host.command(OperatorCommand::pause);
  story.host.lose(0);
  story.host.run_for(minutes(30));
  REQUIRE(story.host.count(Kind::page_operator) == 0);
  story.host.command(OperatorCommand::resume);
  story.host.run_for(minutes(2));
  REQUIRE(story.host.count(Kind::page_operator) == 1);
}

TEST_CASE("manual_runbook: guards pass over candidates that nobody has named",
          "[policy][failover]") {
  // Member 2 is in another region and here the only standby that answers.
  const auto promotes = [](const FailoverGuards& guards, bool is_ordered) {
    Story story(by_the_clock(), 1, guards);
    story.host.crash(1);
    story.host.lose(0);
    story.host.run_for(minutes(5));
    if (is_ordered) story.host.command(OperatorCommand::failover, MemberIndex{2});
    story.host.run_for(minutes(60));
    return story.host.count(Kind::promote) > 0;
  };
  FailoverGuards guards;
  REQUIRE(promotes(guards, false));
  guards.across_regions = AcrossRegions::forbidden;
  REQUIRE_FALSE(promotes(guards, false));
  REQUIRE(promotes(guards, true));
  guards.across_regions = AcrossRegions::after_hold_down;
  guards.hold_down = minutes(600);
  REQUIRE_FALSE(promotes(guards, false));
  guards.hold_down = minutes(1);
  REQUIRE(promotes(guards, false));
  guards = {};
  guards.loss_max = kibibytes(1);  // it is 1 MiB behind
  REQUIRE_FALSE(promotes(guards, false));
}

TEST_CASE("manual_runbook: same_region_first beats a position", "[policy][failover]") {
  for (const bool is_set : {false, true}) {
    FailoverGuards guards;
    guards.same_region_first = is_set;
    Story story(by_the_clock(), 1, guards);
    story.host.servers[2].lag = Bytes{};
    story.host.servers[2].status.received = Lsn{1'100'000'000};
    story.host.lose(0);
    story.host.run_for(minutes(40));
    REQUIRE(story.host.first(Kind::promote)->action.member == MemberIndex{is_set ? 1u : 2u});
  }
}

}  // namespace longhaul
