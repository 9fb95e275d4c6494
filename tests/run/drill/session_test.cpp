#include "run/drill/session.h"

#include "tests/run/drill/small_drill.h"

using namespace longhaul;
namespace drill = longhaul::small_drill;

namespace {

TimePoint at(std::int64_t s) { return TimePoint{} + seconds(s); }

std::vector<std::string> shown_in(const DrillSession& session) {
  std::vector<std::string> texts;
  for (const Shown& shown : session.shown()) {
    texts.push_back(std::to_string((shown.at - TimePoint{}).ns / 1'000'000'000) + " " + shown.text);
  }
  return texts;
}

bool has(const DrillSession& session, const std::string& text) {
  const std::vector<std::string> texts = shown_in(session);
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

TEST_CASE("drill session: a fault that is injected is one that was planned", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  ClusterConfig config = setup.cluster_of(drill::blip);
  FaultConfig promotion;
  promotion.kind = FaultKind::promote;
  promotion.node = "db-eu";
  promotion.at = seconds(90);

  Cluster later = build(config, 1);
  later.run_until(at(70));
  inject(later, config, promotion);
  later.run_until(later.end());

  config.faults.push_back(promotion);
  Cluster planned = build(config, 1);
  planned.run_until(planned.end());
  REQUIRE(later.world().scheduler.events() == planned.world().scheduler.events());
  REQUIRE(later.world().scheduler.digest() == planned.world().scheduler.digest());
}

TEST_CASE("drill session: dashboards are sampled, late, and dark beyond a cut", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  DrillSession session(setup, {drill::blip, 1}, 1);
  // The region is cut off at 60 s, so the sample of 60 s, taken after the cut, is the first that is
  // dark. Dark for 5 s means the sample of 65 s, which is on the dashboard at 67 s.
  session.advance(at(66));
  REQUIRE(session.frames().back().taken == at(60));
  REQUIRE(session.frames().back().nodes[0].seen == NodeSignal::Seen::no_data);
  REQUIRE(session.frames().back().nodes[1].seen == NodeSignal::Seen::up);
  REQUIRE_FALSE(session.frames().back().users[0].data);
  REQUIRE(session.frames().back().users[1].data);
  REQUIRE_FALSE(session.any_alarm());
  session.advance(at(67));
  REQUIRE(session.any_alarm());
  REQUIRE(has(session, "67 server_down(db-us)"));
  REQUIRE(has(session, "67 no_data(aws:us-east-1)"));
  REQUIRE(has(session, "30 Well?"));  // the inject
}

TEST_CASE("drill session: what is asked finds what the network lets it find", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  for (const std::size_t variant : {drill::blip, drill::lost}) {
    DrillSession session(setup, {variant, 1}, 1);
    session.advance(at(80));
    session.enter(drill::command(setup, "check db-us"));
    session.enter(drill::command(setup, "ask virginia"));
    session.advance(at(84));
    // From Ireland a region that is cut off and one that is lost are silent alike.
    REQUIRE(has(session, "84 check db-us: no answer, connection timed out"));
    session.advance(at(90));
    REQUIRE(session.works()[1].state == WorkState::done);
    const bool alive = session.works()[1].answer.starts_with("alive, 0% of pages fail");
    REQUIRE(alive == (variant == drill::blip));
  }
}

TEST_CASE("drill session: an action beyond a cut times out, one by the console does not",
          "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  DrillSession session(setup, {drill::blip, 1}, 1);
  session.advance(at(80));
  session.enter(drill::command(setup, "stop db-us"));
  session.enter(drill::command(setup, "power off db-us"));
  session.enter(drill::command(setup, "never works"));
  session.advance(at(100));
  REQUIRE(session.works()[0].state == WorkState::unreachable);
  // 10 s until it is approved, 5 s until it is done.
  REQUIRE(has(session, "90 power off db-us: approved, under way"));
  REQUIRE(has(session, "95 power off db-us: done"));
  REQUIRE(session.works()[2].state == WorkState::failed);
  REQUIRE(session.cluster().world().node({0}).liveness == Liveness::vanished);
}

TEST_CASE("drill session: an approval can be given at once, or refused", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  DrillSession session(setup, {drill::blip, 1}, 1);
  session.advance(at(80));
  session.enter(drill::command(setup, "power off db-us"));
  session.enter(drill::command(setup, "approve"));
  session.advance(at(85));
  REQUIRE(has(session, "85 power off db-us: done"));
  session.enter(drill::command(setup, "power off db-us"));
  session.enter(drill::command(setup, "reject"));
  session.advance(at(120));
  REQUIRE(session.works()[1].state == WorkState::rejected);
}

TEST_CASE("drill session: who approves or acknowledges nothing is told so", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  DrillSession session(setup, {drill::blip, 1}, 1);
  session.advance(at(40));
  session.enter(drill::command(setup, "ack"));
  session.enter(drill::command(setup, "approve"));
  session.enter(drill::command(setup, "reject"));
  REQUIRE(has(session, "40 ack: no alarm is up"));
  REQUIRE(has(session, "40 approve: nothing waits for approval"));
  REQUIRE(has(session, "40 reject: nothing waits for approval"));
  session.advance(at(80));  // the region is dark
  session.enter(drill::command(setup, "ack"));
  REQUIRE_FALSE(has(session, "80 ack: no alarm is up"));
}

TEST_CASE("drill session: a copy goes on as the original would", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  DrillSession session(setup, {drill::lost, 1}, 1);
  session.advance(at(90));
  session.enter(drill::command(setup, "promote db-eu"));
  DrillSession copy = session;
  session.advance(at(200));
  copy.advance(at(150));
  copy.advance(at(200));
  REQUIRE(shown_in(copy) == shown_in(session));
  REQUIRE(copy.cluster().world().scheduler.digest() ==
          session.cluster().world().scheduler.digest());
  REQUIRE(cost_of(copy).total() == cost_of(session).total());
}

TEST_CASE("drill session: a promotion that nobody needed costs what is said", "[run][drill]") {
  // Promoted at 30 s, while db-us is well and its users write; its region is lost 30 s later.
  const DrillSetup setup(drill::scenario());
  const auto points = [&](Duration at) {
    DrillSession session = begin_play(setup, {{drill::lost, 1}, 1, {}});
    session.advance(TimePoint{} + at);
    session.enter(drill::command(setup, "promote db-eu"));
    for (const DrillCost::Part& part : cost_of(session).parts) {
      if (part.what == "needless promotions") return part.points;
    }
    return std::int64_t{-1};
  };
  REQUIRE(points(seconds(25)) == setup.drill().costs.needless_failover);
  REQUIRE(points(seconds(90)) == 0);  // the region is lost since 60 s
}
