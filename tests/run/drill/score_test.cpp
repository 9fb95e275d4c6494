#include "run/drill/score.h"

#include "run/drill/runbook.h"
#include "run/drill/screen.h"
#include "tests/run/drill/small_drill.h"

using namespace longhaul;
namespace drill = longhaul::small_drill;

namespace {

// Promotes at the first alarm; or looks for another minute, and promotes what is dark still.
const char* const rash = "at 68s: promote db-eu\nat 140s: done\n";
const char* const patient = "when alarm server_down(db-us) for 60s: promote db-eu\nat 140s: done\n";

struct Judged {
  DrillPlay play;
  DrillVerdict verdict;
};

Judged judged(const std::string& script, std::size_t variant, unsigned jobs = 2) {
  const DrillSetup setup(drill::scenario());
  Judged result{{{variant, 1}, 1, {}}, {}};
  play_script(setup, parse_script(setup, "x", script).value(), result.play);
  result.verdict = judge_play(setup, result.play, jobs);
  return result;
}

const DrillDecision& last_action(const Judged& judged) {
  const DrillDecision* found = nullptr;
  for (const DrillDecision& decision : judged.verdict.decisions) {
    if (decision.options[decision.chosen].what == "promote db-eu") found = &decision;
  }
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("drill score: luck earns nothing", "[run][drill]") {
  const Judged lucky = judged(rash, drill::lost);
  const Judged unlucky = judged(patient, drill::lost);
  // The region is lost, so who promoted at once had a minute less of outage: 100 points.
  REQUIRE(lucky.verdict.cost.total() + 80 < unlucky.verdict.cost.total());
  // And yet: in 7 of 10 cases it would have been a blip of a minute, and a second primary
  // would have split 2 writes a second for the rest of it, at 4 points each.
  REQUIRE(lucky.verdict.score < unlucky.verdict.score);
  REQUIRE(lucky.verdict.regret > 50);
  REQUIRE(unlucky.verdict.regret < 20);
}

// Ireland writes to a region that is lost from 60 s on; it can write again once db-eu is promoted.
TEST_CASE("drill score: who verifies before users can write again has verified nothing",
          "[run][drill]") {
  const Judged early =
      judged("at 70s: verify\nat 80s: promote db-eu\nat 140s: done\n", drill::lost);
  REQUIRE(early.verdict.times.mitigate);
  REQUIRE_FALSE(early.verdict.times.verify);
  const Judged late = judged(
      "at 70s: verify\nat 80s: promote db-eu\nat 135s: verify\nat 140s: done\n", drill::lost);
  REQUIRE(late.verdict.times.verify == seconds(135) - *late.verdict.times.alarm);
  REQUIRE(late.verdict.times.verify >= late.verdict.times.mitigate);
}

TEST_CASE("drill score: a decision is worth the same whatever was the matter", "[run][drill]") {
  // Until 120 s blip and lost look alike, so at 68 s the same continuations are possible.
  const Judged in_lost = judged(rash, drill::lost);
  const Judged in_blip = judged(rash, drill::blip);
  const DrillDecision& one = last_action(in_lost);
  const DrillDecision& other = last_action(in_blip);
  REQUIRE(one.beliefs.size() == 2);
  REQUIRE(one.beliefs[0].probability == percent(70));
  REQUIRE(one.regret() == other.regret());
  REQUIRE(one.options.size() == other.options.size());
  for (std::size_t i = 0; i < one.options.size(); ++i) {
    REQUIRE(one.options[i].expected == other.options[i].expected);
  }
  // But the cost in truth is not.
  REQUIRE(in_lost.verdict.cost.total() != in_blip.verdict.cost.total());
}

TEST_CASE("drill score: what is seen narrows down what is possible", "[run][drill]") {
  const Judged patience = judged(patient, drill::lost);
  const DrillDecision& decision = last_action(patience);
  // At 127 s the blip would be over and seen: what is dark still is lost.
  REQUIRE(decision.at == seconds(127));
  REQUIRE(decision.beliefs.size() == 1);
  REQUIRE(decision.beliefs[0].variant == drill::lost);
  REQUIRE(decision.regret() == 0);
  REQUIRE(patience.verdict.times.alarm == seconds(67));
  REQUIRE(patience.verdict.times.decide == seconds(60));
}

TEST_CASE("drill score: threads change nothing", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  const Judged one = judged(rash, drill::blip, 1);
  const Judged two = judged(rash, drill::blip, 2);
  REQUIRE(debrief_text(setup, one.play, one.verdict, false) ==
          debrief_text(setup, two.play, two.verdict, false));
}

TEST_CASE("drill runbook: steps, times and what went before come from the play", "[run][drill]") {
  const DrillSetup setup(drill::scenario());
  DrillPlay play{{drill::lost, 1}, 1, {}};
  const std::string script =
      "at 70s: check db-us\nat 80s: power off db-us\nat 96s: promote db-eu\n";
  DrillSession session = play_script(setup, parse_script(setup, "x", script).value(), play);
  const std::string text = runbook_markdown(session, play, {});
  const auto has = [&text](const std::string& part) { return text.find(part) != text.npos; };
  REQUIRE(has("- `server_down(db-us)`: a probe of the server fails for 5s"));
  REQUIRE(has("| check db-us | "));
  REQUIRE(has("no answer, connection timed out"));
  // Approved after 10 s, done after 5 more, every time.
  REQUIRE(has("| 1 | power off db-us | "));
  REQUIRE(has(" | yes | 15s | 15s |"));
  REQUIRE(
      has("| 2 | promote db-eu | `psql -h db-eu -c \"SELECT pg_promote(wait => true)\"` | no | "
          "5s | 5s |"));
  REQUIRE(has("## Abort when"));
  REQUIRE(has("## Rollback"));
  REQUIRE(has("## Failback"));
}

TEST_CASE("drill runbook: a step that fails is repeated", "[run][drill]") {
  // Half of the tries of 10 s fail: 1 try in half of the cases, at most 5 in 31 of 32.
  DrillAction action;
  action.takes = DurationDistribution::constant(seconds(10));
  action.fails = percent(50);
  REQUIRE(step_time(action).p50 <= seconds(20));
  REQUIRE(step_time(action).p95 >= seconds(40));
  REQUIRE(step_time(action).p95 <= seconds(60));
}

// Nothing changes by itself for who does nothing: their own play is what they are measured by.
TEST_CASE("drill score: who does nothing earns nothing where something had to be done",
          "[run][drill]") {
  const Judged idle = judged("", drill::lost);
  REQUIRE(idle.verdict.regret == idle.verdict.idle_regret);
  REQUIRE(idle.verdict.regret * 4 > idle.verdict.stake);
  REQUIRE(idle.verdict.score == Ratio{});
  // Who looked for another minute and promoted then kept nearly all that was thrown away.
  const Judged acted = judged(patient, drill::lost);
  REQUIRE(acted.verdict.idle_regret == idle.verdict.regret);
  REQUIRE(acted.verdict.score > percent(80));
}

TEST_CASE("drill score: who does nothing earns all where waiting was best", "[run][drill]") {
  // The blip is over after a minute, before anything else could be known.
  const Judged idle = judged("", drill::blip);
  REQUIRE(idle.verdict.regret * 10 < idle.verdict.stake);
  REQUIRE(idle.verdict.score > percent(60));
  REQUIRE(judged(rash, drill::blip).verdict.score < percent(10));
}

TEST_CASE("drill score: nobody has to act on what has not happened yet", "[run][drill]") {
  // Both troubles begin at 100 s. Who asks at 25 s has an answer at 44 s, who waits looks again at
  // 45 s, and either looks on until 207 s, when the server is seen to be down: it is all the same.
  Scenario scenario = drill::scenario();
  scenario.config.drill->decide_every = seconds(20);
  scenario.config.drill->variants[drill::lost].weight = 20;
  for (DrillVariant& variant : scenario.config.drill->variants) {
    variant.faults.front().at = seconds(100);
  }
  const DrillSetup setup(scenario);
  DrillPlay play{{drill::blip, 1}, 1, {}};
  play_script(setup, parse_script(setup, "x", "at 25s: check db-us\nat 46s: done\n").value(), play);
  const DrillVerdict verdict = judge_play(setup, play, 2);
  const DrillDecision& asks = verdict.decisions.front();
  REQUIRE(asks.options[asks.chosen].what == "check db-us");
  REQUIRE(asks.options[0].what == "wait");
  REQUIRE(asks.options[0].expected == asks.options[asks.chosen].expected);
  // A promotion now is one that nobody needed yet: 100 points, less what Ireland loses meanwhile.
  REQUIRE(asks.options[1].what == "promote db-eu");
  REQUIRE(asks.options[1].expected >= asks.options[asks.chosen].expected + 30);
}
