// What the naive rule costs, and that it does what it says.
#include "policy/failover/first_to_answer.h"

#include "tests/catch.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/failover_table_checks.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;

std::vector<MemberInfo> three_members() {
  return {{.region = 0, .starts_as_primary = true}, {.region = 0}, {.region = 1}};
}

// Member 2 is the nearest to the script and a mebibyte behind; member 1 has everything.
struct Story {
  FailoverHost host{3};
  FirstToAnswer manager{FirstToAnswerConfig{}, three_members(), host.now};

  Story() {
    host.servers[2].lag = mebibytes(1);
    host.servers[2].status.received = Lsn{998'000'000};
    host.answer_delay[1] = milliseconds(20);
    host.add(manager, 16);
    host.run_for(seconds(10));
  }
};

}  // namespace

TEST_CASE("first_to_answer: table: rows, states and sentences", "[policy][failover]") {
  check_table(first_to_answer_table, FirstState::watching);
}

TEST_CASE("first_to_answer: a primary that answers is left alone", "[policy][failover]") {
  Story story;
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 0);
  // One probe a second and nothing else.
  REQUIRE(story.host.log.size() == 311);
}

TEST_CASE("first_to_answer: the nearest standby is promoted, the one that is ahead cannot follow",
          "[policy][failover]") {
  Story story;
  FailoverHost& host = story.host;
  const TimePoint lost = host.now;
  host.lose(0);
  host.run_for(seconds(20));
  const LoggedAction* promoted = host.first(Kind::promote);
  REQUIRE(promoted != nullptr);
  REQUIRE(promoted->action.member == MemberIndex{2});
  REQUIRE(promoted->action.reason == FailoverReason::first_answer);
  // Three probes of 1 s without an answer, the first sent up to 1 s after the loss, then the answer
  // of member 2.
  REQUIRE(promoted->at - lost >= seconds(3));
  REQUIRE(promoted->at - lost <= seconds(4) + milliseconds(5));
  REQUIRE(host.clients_at == MemberIndex{2});
  REQUIRE(host.servers[1].status.diverged);
  REQUIRE(host.first(Kind::page_operator)->action.member == MemberIndex{1});
  REQUIRE(story.manager.primary() == MemberIndex{2});
}

TEST_CASE("first_to_answer: a primary that is only cut off writes on beside the new one",
          "[policy][failover]") {
  Story story;
  story.host.cut(0, 16);
  story.host.run_for(seconds(20));
  REQUIRE(story.host.writable_count() == 2);
  REQUIRE(story.host.count(Kind::fence) == 0);
}

TEST_CASE("first_to_answer: nobody answers: it gives up and begins to count anew",
          "[policy][failover]") {
  Story story;
  FailoverHost& host = story.host;
  host.isolate(16);
  host.run_for(minutes(1));
  REQUIRE(host.count(Kind::promote) == 0);
  REQUIRE(host.first(Kind::refuse)->action.reason == FailoverReason::no_candidate);
  // A round takes 3 probes of 1 s, 2 s of asking and 1 s until the next probe: ten in a minute.
  REQUIRE(host.count(Kind::refuse) >= 9);
  REQUIRE(host.count(Kind::refuse) <= 10);
  host.heal();
  host.run_for(minutes(1));
  REQUIRE(story.manager.state() == FirstState::watching);
  REQUIRE(host.count(Kind::promote) == 0);
}

TEST_CASE("first_to_answer: a promotion that fails, or is never heard of, is tried elsewhere",
          "[policy][failover]") {
  Story story;
  FailoverHost& host = story.host;
  host.servers[2].orders_fail = true;
  host.lose(0);
  host.run_for(seconds(5));
  REQUIRE(host.count(Kind::promote) >= 1);
  host.lose(2);  // the promotion of member 2 that is under way never ends
  host.run_for(seconds(70));
  REQUIRE(host.is_writable(1));
  REQUIRE(story.manager.primary() == MemberIndex{1});
}

TEST_CASE("first_to_answer: paused it promotes nobody, resumed it does", "[policy][failover]") {
  Story story;
  FailoverHost& host = story.host;
  host.command(OperatorCommand::pause);
  host.lose(0);
  host.run_for(minutes(1));
  REQUIRE(host.count(Kind::promote) == 0);
  host.command(OperatorCommand::resume);
  host.run_for(seconds(10));
  REQUIRE(host.count(Kind::promote) == 1);
}

}  // namespace longhaul
