#include "gui/views/drill_view.h"

#include <imgui.h>

#include <algorithm>
#include <iterator>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "run/drill/screen.h"

namespace longhaul {
namespace {

using Stage = DrillSitting::Stage;

void draw_clock(DrillSitting& sitting) {
  const std::string now = clock_text(sitting.now());
  const float middle = ImGui::GetFrameHeight() / 2;
  const float top = ImGui::GetCursorPosY();
  ImGui::SetCursorPosY(top + middle - face(Face::title)->FontSize / 2);
  say(now, Tint::text, Face::title);
  mark_text("drill.clock", now);
  ImGui::SameLine(0, px(8));
  ImGui::SetCursorPosY(top);
  ImGui::AlignTextToFramePadding();
  say("of " + clock_text(sitting.ends()), Tint::faint);
  ImGui::SameLine(0, px(16));
}

struct Pace {
  std::int64_t pace;
  const char* name;
  const char* icon;
  const char* text;
  const char* hint;
};
constexpr Pace paces[] = {
    {0, "drill.pause", icon::pause, "", "Stop the clock  Space"},
    {1, "drill.pace.1", "", "1x", "As on the wall  [ slower  ] faster"},
    {10, "drill.pace.10", "", "10x", "Ten seconds in one  [ slower  ] faster"},
    {60, "drill.pace.60", "", "60x", "A minute in a second  [ slower  ] faster"},
};

void draw_pace(DrillSitting& sitting) {
  for (const Pace& pace : paces) {
    const bool active = sitting.pace() == pace.pace && !sitting.runs_to_news();
    if (tool_button(pace.name, pace.icon, pace.text, pace.hint, true, active)) {
      if (pace.pace == 0) {
        sitting.toggle_pause();
      } else {
        sitting.set_pace(pace.pace);
      }
    }
    ImGui::SameLine(0, px(4));
  }
  if (tool_button("drill.pace.news", icon::step_forward, "News",
                  "On until something is shown: an alarm, an answer, an outcome  .", true,
                  sitting.runs_to_news())) {
    sitting.run_to_news();
  }
}

std::int64_t alarms_up(const DrillSession& session) {
  const auto& alarms = session.alarms();
  return std::count_if(alarms.begin(), alarms.end(), [](const Alarm& a) { return a.raised; });
}

void draw_bar(App& app, DrillSitting& sitting, DrillUi& ui, Area area) {
  begin_panel("drill.bar", area, "", false);
  draw_clock(sitting);
  draw_pace(sitting);
  const std::string facilitator = "Facilitator";
  ImGui::SameLine(0, px(16));
  const float padding = 2 * ImGui::GetStyle().FramePadding.x;
  const float width =
      ImGui::CalcTextSize((std::string(icon::users) + "  " + facilitator).c_str()).x + padding +
      ImGui::CalcTextSize(icon::close).x + padding + px(6);
  const float right = ImGui::GetWindowContentRegionMax().x - width;
  if (right > ImGui::GetCursorPosX()) {
    const std::int64_t up = alarms_up(*sitting.session());
    const std::string state =
        up == 0 ? "no alarm" : std::to_string(up) + (up == 1 ? " alarm" : " alarms");
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + px(3));
    chip(std::string(up == 0 ? icon::good : icon::bell) + "  " + state,
         up == 0 ? Tint::good : Tint::bad);
    mark_text("drill.alarms", state);
    ImGui::SameLine();
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - px(3));
    ImGui::SetCursorPosX(std::max(ImGui::GetCursorPosX(), right));
  }
  const bool fits = right > ImGui::GetCursorPosX() - px(1);
  if (tool_button("drill.facilitator", icon::users, fits ? facilitator.c_str() : "",
                  "What it really is, injects and approvals: for who leads the drill", true,
                  ui.facilitator)) {
    ui.facilitator = !ui.facilitator;
  }
  ImGui::SameLine(0, px(6));
  if (tool_button("drill.quit", icon::close, "", "Give it up: no debriefing")) {
    app.dialogs.ask_play(app, "give it up", [](App& to) { to.drill.give_up(); });
  }
  end_panel();
}

void draw_waiting(DrillSitting& sitting, Area area) {
  if (begin_panel("drill.waiting", area)) {
    if (sitting.stage() == Stage::preparing) {
      empty_state("The system warms up ...", "");
    } else {
      const std::uint64_t judged = sitting.decisions_judged();
      empty_state("Your decisions are judged ...",
                  "For each of them, what could have been the matter as far as you could know is "
                  "simulated to its end, for every choice that you had.");
      const float width = std::min(ImGui::GetContentRegionAvail().x, px(320));
      const std::string text =
          std::to_string(judged) + (judged == 1 ? " decision judged" : " decisions judged");
      ImGui::Dummy({0, px(10)});
      ImGui::SetCursorPosX((ImGui::GetWindowWidth() - width) / 2);
      ImGui::BeginGroup();
      say(text, Tint::faint);
      if (tool_button("drill.stop_judging", icon::close, "Leave it", "Back to the briefing")) {
        sitting.leave();
      }
      ImGui::EndGroup();
    }
  }
  end_panel();
}

}  // namespace

bool DrillView::is_busy() const {
  return sitting_ && (sitting_->stage() == Stage::preparing || sitting_->stage() == Stage::judging);
}

bool DrillView::is_moving() const {
  return sitting_ && sitting_->stage() == Stage::playing && sitting_->pace() > 0;
}

void DrillView::toggle_pause() {
  if (sitting_ && sitting_->stage() == Stage::playing) sitting_->toggle_pause();
}

bool DrillView::is_briefed(const App& app) const {
  const Design* design = app.work.current();
  return sitting_ && sitting_->stage() == Stage::briefing && design != nullptr &&
         design->number == design_ && app.work.mode == Mode::drill;
}

void DrillView::leave_it() { leave_drill(*sitting_, ui_); }

void DrillView::change_pace(bool faster) {
  std::size_t at = 0;
  while (at + 1 < std::size(paces) && paces[at + 1].pace <= sitting_->pace()) ++at;
  if (faster && at + 1 < std::size(paces)) at += 1;
  if (!faster && at > 0) at -= 1;
  sitting_->set_pace(paces[at].pace);
}

void DrillView::draw_no_drill(App& app, Area area) {
  if (begin_panel("drill.none", area)) {
    empty_state("This scenario is no drill",
                "A drill has a role, a briefing, something hidden and what may be done about it. "
                "Here are some to play:");
    if (!drills_) {
      drills_ = templates_in(scenarios_folder());
      std::erase_if(*drills_, [](const Template& of) { return !of.is_drill; });
    }
    float width = 0;
    for (const Template& drill : *drills_) {
      width = std::max(width, tool_button_width(icon::open, drill.name.c_str()));
    }
    ImGui::Dummy({0, px(12)});
    for (const Template& drill : *drills_) {
      centre_next(width);
      if (tool_button(("drill.open." + drill.name).c_str(), icon::open, drill.name.c_str(),
                      drill.path.c_str())) {
        app.open_asking(drill.path, false);
      }
    }
    if (drills_->empty()) {
      const char* none = "The scenarios that come with Longhaul are not installed here.";
      centre_next(ImGui::CalcTextSize(none).x);
      say(none, Tint::faint);
    }
  }
  end_panel();
}

bool is_drill_page(Area area) { return area.height() < px(480); }

// Two columns that scroll as one, so that alarms stand beside what may be done about them; one
// below the other where even that has no room.
void DrillView::draw_play_page(Area area) {
  DrillSitting& sitting = *sitting_;
  const int columns = area.width() > px(560) ? 2 : 1;
  if (begin_panel("drill.page", area) && ImGui::BeginTable("page", columns)) {
    ImGui::TableSetupColumn("shown", ImGuiTableColumnFlags_WidthStretch, 0.56f);
    if (columns == 2) ImGui::TableSetupColumn("done", ImGuiTableColumnFlags_WidthStretch, 0.44f);
    ImGui::TableNextColumn();
    draw_drill_news(sitting);
    if (ui_.facilitator) draw_drill_facts(sitting);
    draw_drill_signals(sitting, px(170));
    ImGui::TableNextColumn();
    draw_drill_orders(sitting, ui_);
    ImGui::Dummy({0, px(8)});
    draw_drill_record(sitting, ui_);
    ImGui::EndTable();
  }
  end_panel();
}

void DrillView::draw_play(App& app, Area area) {
  DrillSitting& sitting = *sitting_;
  const bool page = is_drill_page(area);
  draw_bar(app, sitting, ui_, area.cut_top(ImGui::GetFrameHeight() + px(18)));
  area.cut_top(px(6));
  if (page) return draw_play_page(area);
  Area right = area.cut_right(std::min(px(390), area.width() * 0.42f));
  area.cut_right(px(6));
  const float log = std::min(std::max(right.height() * 0.38f, px(110)), right.height() * 0.5f);
  draw_drill_actions(sitting, ui_, right.cut_top(right.height() - log));
  right.cut_top(px(6));
  draw_drill_log(sitting, ui_, right);
  const bool moves = sitting.pace() > 0 && !app.settings.reduced_motion;
  // Where there is little room, the one stands in place of the other.
  if (ui_.facilitator && area.height() < px(480)) {
    draw_drill_truth(sitting, ui_, moves, area);
    return;
  }
  if (ui_.facilitator) {
    const float whole = std::max(1.0f, area.height() / current_scale());
    const float most = std::max(120.0f, whole - 120);
    float lower = std::clamp(ui_.truth_share * whole, 120.0f, most);
    const float before = lower;
    const Area truth = area.cut_bottom(px(lower));
    splitter("drill.split_truth", area.cut_bottom(px(6)), false, lower, 120, most, true);
    if (lower != before) ui_.truth_share = lower / whole;
    draw_drill_truth(sitting, ui_, moves, truth);
  }
  draw_drill_dashboard(sitting, area);
}

// Above a play that is not of what is open in front.
void DrillView::draw_strip(App& app, Area area) {
  begin_panel("drill.other", area, "", false);
  if (tool_button("drill.leave", icon::close, "Leave this play", "What was played is lost")) {
    app.dialogs.ask_play(app, "leave it", [](App& to) { to.drill.give_up(); });
  }
  ImGui::SameLine(0, px(12));
  ImGui::AlignTextToFramePadding();
  const Design* design = app.work.current();
  const bool edited = design != nullptr && design->number == design_;
  const std::string text = "This play is of " + sitting_->scenario()->config.name +
                           (edited ? " as it was when it began; it has been edited since."
                                   : ", not of the design that is chosen above.");
  say(fitted(text, ImGui::GetContentRegionAvail().x), Tint::warning);
  if (ImGui::IsItemHovered()) hint(text);
  end_panel();
}

void DrillView::update(App& app, double elapsed_s) {
  for (const auto& design : app.work.designs) {
    const auto& scenario = design->document.scenario();
    if (scenario && !scenario->config.drill) reveal(*design);
  }
  if (!sitting_) return;
  const auto is_it = [this](const auto& design) { return design->number == design_; };
  if (sitting_->stage() != Stage::nothing &&
      std::none_of(app.work.designs.begin(), app.work.designs.end(), is_it)) {
    sitting_.reset();  // closed, and who closed it was asked
    return;
  }
  const Stage before = sitting_->stage();
  sitting_->update(elapsed_s);
  if (before == Stage::judging && sitting_->stage() == Stage::judged) {
    revealed_.insert(design_);
    revealed_names_.insert(sitting_->scenario()->config.name);
  }
  const bool away = app.work.mode != Mode::drill;
  if (away && before == Stage::playing && sitting_->stage() == Stage::judging) {
    app.tell("The drill is over; it is being judged.");
  }
}

std::string DrillView::badge() const {
  if (!sitting_) return {};
  switch (sitting_->stage()) {
    case Stage::nothing:
    case Stage::briefing:
      return {};
    case Stage::preparing:
      return "drill warms up";
    case Stage::playing:
      return (sitting_->pace() > 0 ? "drill running " : "drill paused ") +
             clock_text(sitting_->now());
    case Stage::judging:
      return "drill is judged";
    case Stage::judged:
      return "drill judged";
  }
  return {};
}

void DrillView::draw_badge(App& app) {
  const std::string text = badge();
  if (text.empty() || app.work.mode == Mode::drill) return;
  const bool plays = sitting_->stage() == Stage::playing;
  const std::int64_t up = plays ? alarms_up(*sitting_->session()) : 0;
  const bool runs = plays && sitting_->pace() > 0;
  const char* sign = up > 0 ? icon::bell : runs ? icon::play : plays ? icon::pause : icon::clock;
  const Tint tint = up > 0 ? Tint::bad : runs ? Tint::warning : Tint::accent;
  ImGui::PushStyleColor(ImGuiCol_Border, colour(tint));
  ImGui::PushStyleColor(ImGuiCol_Text, colour(tint));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, px(1));
  const std::string more = (up == 0   ? std::string("Back to the drill")
                            : up == 1 ? std::string("An alarm is up. Back to the drill")
                                      : std::to_string(up) + " alarms are up. Back to the drill") +
                           "  F5";
  const bool pressed = ImGui::Button((std::string(sign) + "  " + text + "###drill.badge").c_str());
  ImGui::PopStyleVar();
  ImGui::PopStyleColor(2);
  mark("drill.badge");
  mark_text("drill.badge", text);
  if (ImGui::IsItemHovered()) hint(more);
  if (pressed) app.work.mode = Mode::drill;
}

bool DrillView::hides(const Design& design) const {
  const auto& scenario = design.document.scenario();
  if (!scenario) return false;
  // By name, too: a copy is hidden as well.
  const ScenarioConfig& config = scenario->config;
  const bool played =
      plays() && (design.number == design_ ||
                  (config.drill && config.name == sitting_->scenario()->config.name));
  const bool revealed =
      revealed_.count(design.number) > 0 || revealed_names_.count(config.name) > 0;
  return played || (config.drill && !revealed);
}

void DrillView::reveal(const Design& design) {
  revealed_.insert(design.number);
  if (const auto& scenario = design.document.scenario(); scenario && scenario->config.drill) {
    revealed_names_.insert(scenario->config.name);
  }
}

bool DrillView::is_of(const Design& design) const { return plays() && design.number == design_; }

void DrillView::give_up() {
  if (sitting_) sitting_->leave();
}

std::string DrillView::command_line(const App& app) const {
  const Design* design = app.work.current();
  if (!sitting_ || sitting_->stage() == Stage::nothing || design == nullptr) return {};
  for (const auto& open : app.work.designs) {
    if (open->number == design_) design = open.get();
  }
  const bool told = sitting_->stage() == Stage::judged || ui_.facilitator;
  const std::string text =
      drill_command_line(design->document.path(), *sitting_, told,
                         sitting_->stage() == Stage::judged ? ui_.actions : std::string());
  const Document& document = design->document;
  return document.has_file() && !document.dirty() ? text : text + "   # save first";
}

void DrillView::draw(App& app, Area area) {
  if (!sitting_) sitting_ = std::make_unique<DrillSitting>(app.work.wake);
  Design* design = app.work.current();
  const auto scenario = design != nullptr ? design->document.scenario() : nullptr;
  const bool is_drill = scenario && scenario->config.drill.has_value();
  const bool at_rest = sitting_->stage() == Stage::nothing || sitting_->stage() == Stage::briefing;
  const bool is_it = scenario && design_ == design->number && sitting_->is_of(*scenario);
  if (at_rest) {
    if (!is_drill) return draw_no_drill(app, area);
    if (!is_it) {
      sitting_->open(scenario, app.work.seed_of(*design));
      design_ = design->number;
      ui_ = {};
    }
  } else if (!is_it) {
    draw_strip(app, area.cut_top(ImGui::GetFrameHeight() + px(18)));
    area.cut_top(px(6));
  }
  switch (sitting_->stage()) {
    case Stage::nothing:
      break;
    case Stage::briefing:
      draw_drill_briefing(*sitting_, ui_, area);
      break;
    case Stage::preparing:  // nothing of the play before is left
      ui_.actions.clear();
      ui_.confirming.reset();
      ui_.confirming_done = false;
      draw_waiting(*sitting_, area);
      break;
    case Stage::judging:
      draw_waiting(*sitting_, area);
      break;
    case Stage::playing:
      draw_play(app, area);
      break;
    case Stage::judged:
      draw_drill_debrief(app, *sitting_, ui_, area);
      break;
  }
}

}  // namespace longhaul
