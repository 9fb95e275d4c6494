// The debriefing: score, times, decisions, hindsight.
#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "gui/app.h"
#include "gui/views/drill_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "gui/widgets/theme.h"
#include "run/drill/played_scenario.h"
#include "run/drill/screen.h"

namespace longhaul {
namespace {

std::string percent_of(Ratio ratio) { return std::to_string((ratio.ppm + 5'000) / 10'000) + "%"; }

// A file beside the scenario that is not there yet: what is there belongs to somebody.
std::string free_path(const App& app, const DrillSitting& sitting, const std::string& ending) {
  namespace fs = std::filesystem;
  const Design* design = app.work.current();
  const fs::path scenario = design != nullptr ? design->document.path() : "drill.json";
  const std::string stem = scenario.stem().string() + "_play" + std::to_string(sitting.seed());
  std::error_code failed;
  for (int i = 1; i < 1000; ++i) {
    const std::string number = i == 1 ? "" : "_" + std::to_string(i);
    const fs::path path = scenario.parent_path() / (stem + number + ending);
    if (!fs::exists(path, failed)) return path.string();
  }
  return (scenario.parent_path() / (stem + ending)).string();
}

bool save_text(App& app, const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (stream) {
    app.tell("Saved " + path, Tint::good);
  } else {
    app.tell(std::string(icon::error) + "  Could not write " + path, Tint::bad);
  }
  return static_cast<bool>(stream);
}

// What was played as a design of its own, in Run.
void see_in_run(App& app, const DrillSitting& sitting) {
  const Design* design = app.work.current();
  if (app.work.designs.size() >= designs_max) return app.tell("Four designs are open already.");
  const Result<std::string> text = played_text(design->document.text(), *sitting.session());
  if (!text) return app.tell(to_text(text.errors().front()), Tint::bad);
  Document document = Document::from_text(free_path(app, sitting, ".json"), text.value());
  if (!document.sound()) return app.tell(to_text(document.errors().front()), Tint::bad);
  app.work.adopt(std::move(document));
  app.work.active = app.work.designs.size() - 1;
  app.work.seed = sitting.session()->hidden().seed;
  app.work.mode = Mode::run;
}

// Regret, stake and score, with their unit (run/drill/score.h).
std::string score_meaning(const DrillConfig& drill, const DrillVerdict& verdict) {
  const std::int64_t quarter = verdict.stake / 4;
  const std::int64_t measure = std::max(verdict.idle_regret, quarter);
  return "A point is the drill's unit of damage: " + points_meaning(drill.costs) +
         ".\n\nRegret of a decision: the points to be expected after what you chose, less those "
         "after the best choice, over all that was possible still. Yours add up to " +
         points_text(verdict.regret) + "; those of who does nothing to " +
         points_text(verdict.idle_regret) +
         ".\n\nAt stake: the dearest choice less the best, in the decision where that was most, " +
         points_text(verdict.stake) + ".\n\nScore: 1 - " + points_text(verdict.regret) + " / " +
         points_text(measure) +
         ", the larger of the regret of doing nothing and a quarter of the "
         "stake.";
}

void draw_score(App& app, DrillSitting& sitting, const DrillDebrief& debrief, DrillUi& ui) {
  const DrillVerdict& verdict = debrief.verdict;
  const Ratio pass = sitting.setup().drill().pass;
  const bool passed = verdict.score >= pass;
  const std::int64_t measure = std::max(verdict.idle_regret, verdict.stake / 4);
  say(percent_of(verdict.score), passed ? Tint::good : Tint::bad, Face::title);
  mark_text("drill.score", percent_of(verdict.score));
  ImGui::SameLine(0, px(10));
  chip(passed ? std::string(icon::good) + "  passed" : std::string(icon::close) + "  not passed",
       passed ? Tint::good : Tint::bad);
  mark_text("drill.passed", passed ? "passed" : "not passed");
  const std::string regret =
      percent_of(pass) + " are needed. Your decisions cost " + points_text(verdict.regret) +
      " points more than the best ones on what was visible then (the regret); doing nothing would "
      "have cost " +
      points_text(verdict.idle_regret) + " more. Score: 1 - " + points_text(verdict.regret) +
      " / " + points_text(measure) +
      (measure > verdict.idle_regret ? ", a quarter of what was at stake." : ".");
  say_wrapped(regret, Tint::faint);
  if (ImGui::IsItemHovered()) hint(score_meaning(sitting.setup().drill(), verdict));
  mark("drill.regret");
  mark_text("drill.regret", regret);
  if (verdict.closest_only) {
    say_wrapped("Nothing that was simulated looked quite like this play; the closest was taken.",
                Tint::warning, Face::small);
  }
  ImGui::Dummy({0, px(4)});
  if (tool_button("drill.save_runbook", icon::save, "Runbook",
                  "Save what you did, as Markdown with times, beside the scenario")) {
    save_text(app, free_path(app, sitting, ".md"), debrief.runbook);
  }
  beside_or_below(icon::save, "Actions");
  if (tool_button("drill.save_actions", icon::save, "Actions",
                  "Save what you entered, for longhaul drill --actions, beside the scenario")) {
    const std::string path = free_path(app, sitting, ".actions");
    if (save_text(app, path, actions_file(sitting, debrief))) ui.actions = path;
  }
  const Design* design = app.work.current();
  const auto scenario = design != nullptr ? design->document.scenario() : nullptr;
  const bool is_it = scenario && sitting.is_of(*scenario);
  beside_or_below(icon::right, "See it in Run");
  if (tool_button("drill.see_in_run", icon::right, "See it in Run",
                  "What was played, beside the drill: what was hidden and what you did, as faults "
                  "of a scenario",
                  is_it)) {
    see_in_run(app, sitting);
  }
  beside_or_below(icon::undo, "The same again");
  if (tool_button("drill.again", icon::undo, "The same again", "The same hidden trouble")) {
    sitting.start();
  }
  beside_or_below(icon::play, "Another");
  if (tool_button("drill.next", icon::play, "Another", "With the next number: new luck")) {
    sitting.leave();
    sitting.choose(sitting.seed() + 1, std::nullopt);
  }
}

void draw_times(const DrillVerdict& verdict) {
  const DrillTimes& times = verdict.times;
  if (!times.alarm) return say("No alarm went off.", Tint::faint);
  const auto text = [](const std::optional<Duration>& time) {
    return time ? drill_time_text(*time) : std::string("never");
  };
  struct Row {
    const char* name;
    std::string value;
    const char* meaning;
  };
  const Row rows[] = {{"detect", text(times.detect), "anything entered"},
                      {"acknowledge", text(times.acknowledge), "Acknowledge"},
                      {"decide", text(times.decide), "a change ordered, or Done"},
                      {"mitigate", times.had_outage ? text(times.mitigate) : "-",
                       times.had_outage ? "users write again, in truth" : "all could write"},
                      {"verify", text(times.verify), "Verify, once they could"}};
  // What they mean stands beside them where there is room for it, else it is told on hover.
  float longest = 0;
  ImGui::PushFont(face(Face::small));
  for (const Row& row : rows) longest = std::max(longest, ImGui::CalcTextSize(row.meaning).x);
  ImGui::PopFont();
  ImGui::PushFont(face(Face::strong));
  float value = 0;
  for (const Row& row : rows) value = std::max(value, ImGui::CalcTextSize(row.value.c_str()).x);
  ImGui::PopFont();
  const float name = ImGui::CalcTextSize("acknowledge").x;
  const bool wide = ImGui::GetContentRegionAvail().x > name + value + longest + px(40);
  if (ImGui::BeginTable("times", wide ? 3 : 2, ImGuiTableFlags_SizingFixedFit)) {
    ImGui::TableSetupColumn("what");
    ImGui::TableSetupColumn("time", 0, value);
    if (wide) ImGui::TableSetupColumn("meaning", ImGuiTableColumnFlags_WidthStretch);
    for (const Row& row : rows) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      say(row.name);
      if (!wide && ImGui::IsItemHovered()) hint(row.meaning);
      ImGui::TableNextColumn();
      // Where nobody was without writes there was nothing to decide for, or to verify.
      const bool missed = row.value == "never" && times.had_outage;
      say_right(row.value, missed ? Tint::warning : Tint::text, Face::strong);
      mark_text(std::string("drill.time.") + row.name, row.value);
      if (!wide) continue;
      ImGui::TableNextColumn();
      // On the line of the larger letters beside it.
      const float drop = (face(Face::body)->FontSize - face(Face::small)->FontSize) * 0.8f;
      ImGui::SetCursorPos({ImGui::GetCursorPosX() + px(6), ImGui::GetCursorPosY() + drop});
      say(row.meaning, Tint::faint, Face::small);
    }
    ImGui::EndTable();
  }
  say("First alarm at " + clock_text(*times.alarm) + ".", Tint::faint, Face::small);
  std::string out;
  for (std::size_t i = 0; i < times.still_out.size(); ++i) {
    out += (i == 0 ? "" : i + 1 == times.still_out.size() ? " and " : ", ") + times.still_out[i];
  }
  if (!out.empty()) say_wrapped("Users of " + out + " could not write even at the end.", Tint::bad);
}

void draw_hindsight(const DrillSitting& sitting, const DrillVerdict& verdict) {
  const DrillVariant& variant = sitting.setup().drill().variants[sitting.play().hidden.variant];
  say("It was " + variant.name, Tint::text, Face::strong);
  if (!variant.reveals.empty()) say_wrapped(variant.reveals, Tint::faint);
  ImGui::Dummy({0, px(4)});
  if (ImGui::BeginTable("cost", 2, ImGuiTableFlags_SizingFixedFit)) {
    ImGui::TableSetupColumn("what", ImGuiTableColumnFlags_WidthStretch);
    ImGui::TableSetupColumn("points", 0, px(44));
    const auto row = [](const std::string& what, std::int64_t points, Tint tint) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      say_wrapped(what, tint);
      ImGui::TableNextColumn();
      say_right(points_text(points), tint);
    };
    for (const DrillCost::Part& part : verdict.cost.parts) {
      if (part.amount == 0) continue;
      row(part.what + ": " +
              (part.is_time ? drill_time_text(Duration{part.amount}) : points_text(part.amount)),
          part.points, Tint::text);
    }
    row("points of this play", verdict.cost.total(), Tint::accent);
    row("best for who knew: " + verdict.best, verdict.best_cost, Tint::good);
    ImGui::EndTable();
  }
}

std::string belief_text(const DrillConfig& drill, const DrillDecision& decision) {
  std::string text;
  for (const DrillDecision::Belief& belief : decision.beliefs) {
    text += (text.empty() ? "" : ", ") + drill.variants[belief.variant].name + " " +
            percent_of(belief.probability);
  }
  return text;
}

void draw_decisions(const DrillSitting& sitting, const DrillVerdict& verdict, DrillUi& ui) {
  const ImGuiTableFlags flags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg |
                                ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;
  if (verdict.decisions.empty()) return say("There was nothing to decide.", Tint::faint);
  say_wrapped("Expected: points at the end of the run, on average over what was possible still.",
              Tint::faint, Face::small);
  const bool wide = ImGui::GetContentRegionAvail().x > px(690);
  if (!ImGui::BeginTable("decisions", wide ? 7 : 6, flags)) return;
  for (int column = 0; column < 6; ++column) ImGui::TableSetupColumn("");
  if (wide) {
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch);
    header_row({"at", "what you did", "<expected", "best on what was visible", "<expected",
                "<regret", "still possible"});
  } else {
    header_row({"at", "what you did", "<expected", "best then", "<expected", "<regret"});
  }
  for (std::size_t i = 0; i < verdict.decisions.size(); ++i) {
    const DrillDecision& decision = verdict.decisions[i];
    if (decision.stake() == 0) continue;  // it was all the same
    const DrillDecision::Option& chosen = decision.options[decision.chosen];
    const DrillDecision::Option& best = decision.options[decision.best()];
    const std::string beliefs = belief_text(sitting.setup().drill(), decision);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    const bool looked_at = ui.decision == i;
    if (ImGui::Selectable((clock_text(decision.at) + "###" + std::to_string(i)).c_str(), looked_at,
                          ImGuiSelectableFlags_SpanAllColumns)) {
      ui.decision = looked_at ? std::nullopt : std::optional(i);
    }
    mark("drill.decision." + std::to_string(i));
    if (ImGui::IsItemHovered()) {
      std::string text = decision.alarms.empty() ? "" : "Alarms: " + decision.alarms + "\n";
      text += "Still possible: " + beliefs + "\n";
      text += "Expected points of each choice:";
      for (const DrillDecision::Option& option : decision.options) {
        text += "\n  " + points_text(option.expected) + "  " + option.what;
      }
      hint(text);
    }
    ImGui::TableNextColumn();
    say(chosen.what, Tint::text, Face::mono);
    ImGui::TableNextColumn();
    say_right(points_text(chosen.expected));
    ImGui::TableNextColumn();
    say(best.what, Tint::text, Face::mono);
    ImGui::TableNextColumn();
    say_right(points_text(best.expected));
    ImGui::TableNextColumn();
    const bool regrets = decision.regret() > 0;
    say_right((regrets ? std::string(icon::warning) + " " : "") + points_text(decision.regret()),
              regrets ? Tint::warning : Tint::faint);
    if (!wide) continue;
    ImGui::TableNextColumn();
    say(fitted(beliefs, ImGui::GetContentRegionAvail().x), Tint::faint);
    if (ImGui::IsItemHovered()) hint(beliefs);
  }
  ImGui::EndTable();
}

struct Part {
  const char* id;
  const char* title;
  std::function<void()> draw;
};

void draw_panel(const Part& part, Area area) {
  if (begin_panel(part.id, area, part.title)) part.draw();
  end_panel();
}

}  // namespace

void draw_drill_debrief(App& app, DrillSitting& sitting, DrillUi& ui, Area area) {
  const auto debrief = sitting.debrief();
  if (!debrief) return;
  const DrillVerdict& verdict = debrief->verdict;
  const Part score{"drill.result", "Score", [&] { draw_score(app, sitting, *debrief, ui); }};
  const Part times{"drill.times", "Times after the first alarm", [&] { draw_times(verdict); }};
  const Part hindsight{"drill.hindsight", "Hindsight, no part of the score",
                       [&] { draw_hindsight(sitting, verdict); }};
  const Part decisions{"drill.decisions", "Decisions", [&] {
                         draw_drill_timeline(sitting, *debrief, ui);
                         ImGui::Dummy({0, px(8)});
                         draw_decisions(sitting, verdict, ui);
                       }};
  if (is_drill_page(area)) {
    if (begin_panel("drill.debriefing", area)) {
      for (const Part* part : {&score, &times, &decisions, &hindsight}) {
        heading(part->title);
        part->draw();
        ImGui::Dummy({0, px(8)});
      }
      draw_drill_record(sitting, ui);
    }
    return end_panel();
  }
  // Where it is narrow the log stands below.
  if (area.width() > px(1000)) {
    const Area log = area.cut_right(std::min(px(330), area.width() * 0.26f));
    area.cut_right(px(6));
    draw_drill_log(sitting, ui, log);
  } else {
    const Area log = area.cut_bottom(area.height() * 0.24f);
    area.cut_bottom(px(6));
    draw_drill_log(sitting, ui, log);
  }
  Area top = area.cut_top(std::clamp(area.height() * 0.42f, px(120), px(290)));
  const float third = (top.width() - px(12)) / 3;
  draw_panel(score, top.cut_left(third * 0.86f));
  top.cut_left(px(6));
  draw_panel(times, top.cut_left(third * 1.07f));
  top.cut_left(px(6));
  draw_panel(hindsight, top);
  area.cut_top(px(6));
  draw_panel(decisions, area);
}

}  // namespace longhaul
