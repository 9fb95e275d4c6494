#include "gui/model/drill_play.h"

#include <chrono>
#include <thread>

#include "gui/model/scene.h"
#include "run/drill/played_scenario.h"
#include "run/drill/screen.h"
#include "run/runner.h"
#include "tests/run/drill/small_drill.h"

using namespace longhaul;
namespace drill = longhaul::small_drill;

namespace {

constexpr double frame = 1.0 / 60;

// Frames until it is no longer in that stage; background work takes its time.
void pass(DrillSitting& sitting, DrillSitting::Stage stage) {
  for (int i = 0; i < 30'000 && sitting.stage() == stage; ++i) {
    sitting.update(frame);
    if (stage != DrillSitting::Stage::playing) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  REQUIRE(sitting.stage() != stage);
}

void play_to(DrillSitting& sitting, Duration instant) {
  for (int i = 0; i < 30'000 && sitting.now() < instant; ++i) sitting.update(frame);
  REQUIRE(sitting.now() == instant);
}

std::unique_ptr<DrillSitting> begun(std::size_t variant,
                                    const Scenario& scenario = drill::scenario()) {
  auto sitting = std::make_unique<DrillSitting>();
  sitting->open(std::make_shared<const Scenario>(scenario), 1);
  REQUIRE(sitting->stage() == DrillSitting::Stage::briefing);
  sitting->choose(1, variant);
  sitting->start();
  pass(*sitting, DrillSitting::Stage::preparing);
  REQUIRE(sitting->stage() == DrillSitting::Stage::playing);
  return sitting;
}

// The small drill, but for one piece of its text.
Scenario changed_drill(const std::string& before, const std::string& after) {
  std::string json = drill::text;
  const std::size_t at = json.find(before);
  REQUIRE(at != json.npos);
  json.replace(at, before.size(), after);
  Result<Scenario> loaded = drill::load(json);
  REQUIRE(loaded);
  return std::move(loaded).value();
}

void enter(DrillSitting& sitting, const std::string& typed) {
  sitting.enter(drill::command(sitting.setup(), typed));
}

}  // namespace

TEST_CASE("drill sitting: what is clicked gives the score of the same commands in a file",
          "[gui][drill]") {
  const auto sitting = begun(drill::lost);
  sitting->set_pace(60);
  // The region goes dark at 60 s; it is seen within 5 s, and shown 2 s later.
  play_to(*sitting, seconds(75));
  enter(*sitting, "ack");
  enter(*sitting, "check db-us");
  play_to(*sitting, seconds(85));
  enter(*sitting, "note silent");
  enter(*sitting, "promote db-eu");
  play_to(*sitting, seconds(110));
  enter(*sitting, "verify");
  play_to(*sitting, seconds(140));
  enter(*sitting, "done");
  const std::string transcript = transcript_text(*sitting->session(), sitting->play(), false);
  REQUIRE(sitting->stage() == DrillSitting::Stage::judging);
  pass(*sitting, DrillSitting::Stage::judging);
  const auto debrief = sitting->debrief();
  REQUIRE(debrief);

  // As cli/cmd_drill.cpp does with --actions.
  const DrillSetup setup(drill::scenario());
  DrillPlay play{{drill::lost, 1}, 1, {}};
  auto rules = parse_script(setup, "x", debrief->actions);
  REQUIRE(rules);
  const DrillSession session = play_script(setup, std::move(rules).value(), play);
  REQUIRE(transcript_text(session, play, false) == transcript);
  const DrillVerdict verdict = judge_play(setup, play, 2);
  REQUIRE(verdict.score == debrief->verdict.score);
  REQUIRE(verdict.cost.total() == debrief->verdict.cost.total());
  REQUIRE(debrief_text(setup, play, verdict, false) == debrief->text);
  REQUIRE(debrief->runbook.find("promote db-eu") != std::string::npos);

  // The log has all of it, in the order of time.
  REQUIRE(sitting->log().size() == session.shown().size() + play.commands.size());
  for (std::size_t i = 1; i < sitting->log().size(); ++i) {
    REQUIRE(sitting->log()[i - 1].at <= sitting->log()[i].at);
  }
  // Both users' regions could not write from 60 s on; db-eu took over at 90 s.
  REQUIRE(debrief->outages.size() >= 1);
  for (const DrillSpan& outage : debrief->outages) REQUIRE(outage.from >= seconds(59));
  REQUIRE(debrief->works.size() == 2);
  REQUIRE(debrief->works[1].from == seconds(85));
  REQUIRE(debrief->works[1].to == seconds(90));  // it takes 5 s
}

TEST_CASE("drill sitting: the clock goes by its pace, stands, and stops at news", "[gui][drill]") {
  const auto sitting = begun(drill::lost);
  REQUIRE(sitting->now() == seconds(20));  // the warm-up is over
  for (int i = 0; i < 90; ++i) sitting->update(frame);
  REQUIRE(sitting->now() == seconds(21));  // a second and a half on the wall
  sitting->set_pace(10);
  for (int i = 0; i < 61; ++i) sitting->update(frame);
  REQUIRE(sitting->now() == seconds(31));
  // The inject without a time waits for the facilitator; that of 30 s has come.
  REQUIRE(sitting->log().back().text == "Well?");
  sitting->toggle_pause();
  for (int i = 0; i < 60; ++i) sitting->update(frame);
  REQUIRE(sitting->now() == seconds(31));
  sitting->toggle_pause();
  REQUIRE(sitting->pace() == 10);
  sitting->run_to_news();
  for (int i = 0; i < 600 && sitting->pace() > 0; ++i) sitting->update(frame);
  REQUIRE(sitting->pace() == 0);
  REQUIRE(sitting->log().back().kind == ShownKind::alarm);
  REQUIRE(TimePoint{} + sitting->now() == sitting->log().back().at);
}

TEST_CASE("drill sitting: an approval is the facilitator's, and a play can be left",
          "[gui][drill]") {
  const auto sitting = begun(drill::blip);
  enter(*sitting, "power off db-us");
  REQUIRE(sitting->is_under_way(2));
  REQUIRE(sitting->session()->works()[0].state == WorkState::approval);
  const auto progress = [&] {
    const DrillSession& session = *sitting->session();
    const Work& work = session.works()[0];
    return progress_permille(session.setup().drill().actions[work.action], work, session.now());
  };
  REQUIRE(progress() == 0);
  sitting->say(CommandKind::approve);
  REQUIRE(sitting->session()->works()[0].state == WorkState::under_way);
  sitting->set_pace(60);
  play_to(*sitting, seconds(22));  // it takes 5 s
  REQUIRE(progress() == 400);
  REQUIRE(sitting->has_said(CommandKind::approve));
  sitting->leave();
  REQUIRE(sitting->stage() == DrillSitting::Stage::briefing);
  REQUIRE(sitting->session() == nullptr);
  REQUIRE(sitting->log().empty());
  // A judge that works is left within a moment.
  sitting->start();
  pass(*sitting, DrillSitting::Stage::preparing);
  sitting->say(CommandKind::done);
  REQUIRE(sitting->stage() == DrillSitting::Stage::judging);
  sitting->leave();
  REQUIRE_FALSE(sitting->debrief());
}

TEST_CASE("drill sitting: the truth is told in the scenario's verbs, for the facilitator",
          "[gui][drill]") {
  // The region is lost at 60 s; "promote db-eu" of 65 s is done at 70 s; an inject comes at 30 s.
  const auto sitting = begun(drill::lost);
  REQUIRE(happened(*sitting->session()).empty());
  REQUIRE(sitting->session()->came()[0] == TimePoint::never());
  sitting->set_pace(60);
  play_to(*sitting, seconds(65));
  enter(*sitting, "promote db-eu");
  REQUIRE(happened(*sitting->session()).size() == 1);
  play_to(*sitting, seconds(90));
  const std::vector<DrillHappening> all = happened(*sitting->session());
  REQUIRE(all.size() == 2);
  REQUIRE(fault_text(all[0].fault) == "region_loss aws:us-east-1");
  REQUIRE(all[0].cause == DrillCause::hidden);
  REQUIRE(all[0].fault.at == seconds(60));
  REQUIRE(fault_text(all[1].fault) == "promote db-eu");
  REQUIRE(all[1].cause == DrillCause::trainee);
  REQUIRE(all[1].fault.at == seconds(70));
  REQUIRE(sitting->session()->came()[0] == TimePoint{} + seconds(30));
  REQUIRE(sitting->session()->came()[1] == TimePoint::never());
  // An answer to what was entered stands behind it.
  enter(*sitting, "approve");
  REQUIRE(sitting->log().back().text == "approve: nothing waits for approval");
  REQUIRE(sitting->log()[sitting->log().size() - 2].text == "approve");
  REQUIRE(drill_command_line("a b.json", *sitting, true, "x.actions") ==
          "longhaul drill 'a b.json' --seed 1 --variant lost --actions x.actions");
  REQUIRE(drill_command_line("x.json", *sitting, false, "") == "longhaul drill x.json --seed 1");
}

TEST_CASE("drill sitting: what was played is a scenario of its own", "[gui][drill]") {
  // As above: lost at 60 s, ordered at 65 s, promoted at 70 s.
  const auto sitting = begun(drill::lost);
  sitting->set_pace(60);
  play_to(*sitting, seconds(65));
  enter(*sitting, "promote db-eu");
  play_to(*sitting, seconds(80));
  const Result<std::string> text = played_text(drill::text, *sitting->session());
  REQUIRE(text);
  const Result<Scenario> played = drill::load(text.value());
  REQUIRE(played);
  REQUIRE_FALSE(played.value().config.drill);
  const std::vector<FaultConfig>& faults = played.value().config.faults;
  REQUIRE(faults.size() == 2);
  REQUIRE(fault_text(faults[0]) == "region_loss aws:us-east-1");
  REQUIRE(faults[0].at == seconds(60));
  REQUIRE(fault_text(faults[1]) == "promote db-eu");
  REQUIRE(faults[1].at == seconds(70));
  // It goes as the play went: both have lost as much of the log, which db-eu did not have.
  const RunOptions options;
  Cluster run = build_run(played.value(), sitting->session()->hidden().seed, options);
  const TimePoint instant = TimePoint{} + seconds(80);
  REQUIRE(advance(run, instant, options));
  const Scene then = scene_of(run.world());
  const Scene seen = scene_of(sitting->session()->cluster().world());
  REQUIRE(then.nodes.size() == seen.nodes.size());
  for (std::size_t i = 0; i < then.nodes.size(); ++i) {
    REQUIRE(then.nodes[i].primary == seen.nodes[i].primary);
    REQUIRE(then.nodes[i].timeline == seen.nodes[i].timeline);
    REQUIRE(then.nodes[i].position == seen.nodes[i].position);
  }
}

TEST_CASE("drill sitting: what an action ended has an end in what was played", "[gui][drill]") {
  std::string json = drill::text;
  const auto change = [&](const std::string& before, const std::string& after) {
    const std::size_t at = json.find(before);
    REQUIRE(at != json.npos);
    json.replace(at, before.size(), after);
  };
  change(R"("fails": "100%")", R"("fails": "0%")");
  change(R"("at": "60s"}])",
         R"("at": "200s"}, {"kind": "pause_replay", "node": "db-eu", "at": "40s"}])");
  const Result<Scenario> scenario = drill::load(json);
  REQUIRE(scenario);
  const auto sitting = begun(drill::lost, scenario.value());
  sitting->set_pace(60);
  play_to(*sitting, seconds(50));
  enter(*sitting, "never works");  // it does now, and takes 3 s
  play_to(*sitting, seconds(60));
  const Result<std::string> text = played_text(json, *sitting->session());
  REQUIRE(text);
  const Result<Scenario> played = drill::load(text.value());
  REQUIRE(played);
  const std::vector<FaultConfig>& faults = played.value().config.faults;
  REQUIRE(faults.size() == 2);
  REQUIRE(fault_text(faults[0]) == "pause_replay db-eu");
  REQUIRE(faults[0].lasts == seconds(13));  // from 40 s to 53 s
}

TEST_CASE("drill sitting: what is said of an action", "[gui][drill]") {
  const DrillSetup setup(drill::scenario());
  REQUIRE(action_remark(setup.drill().actions[0]).empty());
  REQUIRE(action_remark(setup.drill().actions[2]) == "needs approval, about 10s");
  REQUIRE(action_remark(setup.drill().actions[5]) == "fails 100% of the time");
  REQUIRE(points_text(-1234567) == "-1,234,567");
  REQUIRE(drill_time_text(milliseconds(119'001)) == "2min 0s");
}

TEST_CASE("drill sitting: two primaries stay where no action stops a server", "[gui][drill]") {
  const Scenario scenario = drill::scenario();
  DrillConfig config = *scenario.config.drill;
  Alarm alarm;
  alarm.kind = AlarmKind::two_primaries;
  REQUIRE(why_it_stays(config, alarm).empty());  // "stop db-us"
  std::erase_if(config.actions,
                [](const DrillAction& action) { return action.command != "promote db-eu"; });
  REQUIRE(config.actions.size() == 1);
  REQUIRE(why_it_stays(config, alarm) ==
          "No action of this drill stops a server, so none ends this.");
  alarm.kind = AlarmKind::server_down;
  REQUIRE(why_it_stays(config, alarm).empty());
}

TEST_CASE("drill sitting: of two injects with the same text the one that came is told",
          "[gui][drill]") {
  const Scenario scenario =
      changed_drill(R"({"name": "late", "text": "Oh."})", R"({"name": "late", "text": "Well?",
          "faults": [{"kind": "checkpoint", "node": "db-us", "at": "0s"}]})");
  const auto sitting = begun(drill::blip, scenario);
  // The facilitator's at 20 s; that of 30 s has not come.
  enter(*sitting, "inject late");
  REQUIRE(sitting->session()->came()[0] == TimePoint::never());
  REQUIRE(sitting->session()->came()[1] == TimePoint{} + seconds(20));
  const std::vector<DrillHappening> all = happened(*sitting->session());
  REQUIRE(all.size() == 1);
  REQUIRE(all[0].cause == DrillCause::inject);
}

TEST_CASE("drill truth: the reads of late are none of before the first look", "[gui][drill]") {
  const Scenario scenario = changed_drill(R"({"write": "rows"})", R"({"read": "rows"})");
  const DrillSetup setup(scenario);
  DrillSession session(setup, {drill::blip, 1}, 1);
  const auto counted = [&] {
    const Measures& measures = session.cluster().world().measures;
    std::int64_t all = 0;
    for (std::size_t cell = 0; cell < measures.cells(Metric::reads); ++cell) {
      all += measures.counter_at(Metric::reads, cell).count;
    }
    return all;
  };
  DrillReads reads;
  const auto lately = [&] {
    reads.look(session.cluster().world());
    std::int64_t all = 0;
    const RunSeries series = reads.lately();
    for (const SeriesColumn* column : series.of("reads")) all += *column->values[0];
    return all;
  };
  session.advance(TimePoint{} + seconds(50));
  const std::int64_t before = counted();
  REQUIRE(before > 0);
  REQUIRE(lately() == 0);
  session.advance(TimePoint{} + seconds(55));
  REQUIRE(counted() > before);
  REQUIRE(lately() == counted() - before);
}

TEST_CASE("drill sitting: an acknowledgement is of the alarms before it", "[gui][drill]") {
  const auto sitting = begun(drill::blip);
  sitting->set_pace(60);
  // The region is dark from 60 s to 120 s: no data within 5 s and 2 s more.
  play_to(*sitting, seconds(75));
  REQUIRE(sitting->session()->any_alarm());
  REQUIRE_FALSE(sitting->has_said(CommandKind::acknowledge));
  sitting->say(CommandKind::acknowledge);
  REQUIRE(sitting->has_said(CommandKind::acknowledge));
}

TEST_CASE("drill sitting: an edit that is undone is the same drill again", "[gui][drill]") {
  const auto sitting = begun(drill::blip);
  const Result<Scenario> again = drill::load();
  REQUIRE(again);
  REQUIRE(sitting->is_of(again.value()));
  REQUIRE_FALSE(sitting->is_of(changed_drill("Something happens.", "Something else happens.")));
}

TEST_CASE("drill sitting: points are told with their prices", "[gui][drill]") {
  DrillCosts costs;
  costs.write_outage_minute = 1200;
  costs.lost_transaction = 0;
  costs.split_brain_write = 4;
  costs.failover = 0;
  costs.needless_failover = 0;
  REQUIRE(points_meaning(costs) ==
          "1,200 for a minute in which the users of a region cannot write, "
          "4 for a write on the wrong side of a split brain");
}
