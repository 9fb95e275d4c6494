// What the trainee may do, what is under way, and the log of all that was shown and entered.
#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <utility>

#include "gui/views/drill_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/theme.h"
#include "run/drill/screen.h"

namespace longhaul {
namespace {

// A button over the whole width: what is typed at the left, how long it takes at the right; in
// brief where there is little room.
bool wide_button(const std::string& name, const std::string& text, const std::string& right,
                 const std::string& brief, bool enabled, bool active) {
  const float width = ImGui::GetContentRegionAvail().x;
  ImGui::BeginDisabled(!enabled);
  ImGui::PushStyleVar(ImGuiStyleVar_ButtonTextAlign, {0, 0.5f});
  if (active) ImGui::PushStyleColor(ImGuiCol_Button, colour_vec(Tint::accent, 0.35f));
  ImGui::PushFont(face(Face::mono));
  const bool pressed = ImGui::Button((text + "###" + name).c_str(), {width, 0});
  ImGui::PopFont();
  if (active) ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  mark(name);
  const ImVec2 from = ImGui::GetItemRectMin();
  const ImVec2 to = ImGui::GetItemRectMax();
  const auto size_of = [](Face with, const std::string& part) {
    ImFont* font = face(with);
    return font->CalcTextSizeA(font->FontSize, 1e9f, 0, part.c_str());
  };
  const float room = width - size_of(Face::mono, text).x - px(26);
  const bool whole = size_of(Face::small, right).x < room;
  const std::string& shown = whole ? right : brief;
  const ImVec2 size = size_of(Face::small, shown);
  if (size.x < room) {
    ImGui::GetWindowDrawList()->AddText(face(Face::small), face(Face::small)->FontSize,
                                        {to.x - size.x - px(10), (from.y + to.y - size.y) / 2},
                                        colour(Tint::faint, enabled ? 1.0f : 0.5f), shown.c_str());
    mark_text(name + ".takes", shown);
  }
  if (!whole && ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) {
    hint(text + ", " + right);
  }
  ImGui::EndDisabled();
  return pressed;
}

// Whether a key is meant for the view: nobody types, nothing is held, no dialog is above.
bool listens() {
  const bool covered =
      ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  return !covered && !ImGui::GetIO().WantTextInput && !ImGui::IsAnyItemActive();
}

void draw_confirm(DrillSitting& sitting, DrillUi& ui, const DrillAction& action,
                  std::size_t number) {
  ImGui::Indent(px(10));
  say_wrapped("This changes the system. It cannot be called back once it is ordered.",
              Tint::warning, Face::small);
  if (!action.how.empty()) say_wrapped(action.how, Tint::faint, Face::small);
  const bool hears = !ui.scrolls && listens();
  const auto key = [hears](int code) { return hears && ImGui::IsKeyPressed(code, false); };
  if (tool_button("drill.confirm", icon::good, "Order it", "Enter", true, true) ||
      key(GLFW_KEY_ENTER)) {
    sitting.act(number);
    ui.confirming.reset();
  }
  ImGui::SameLine();
  if (tool_button("drill.cancel", "", "Not now", "Escape") || key(GLFW_KEY_ESCAPE)) {
    ui.confirming.reset();
  }
  if (ui.scrolls) ImGui::SetScrollHereY(1.0f);
  ui.scrolls = false;
  ImGui::Unindent(px(10));
  ImGui::Dummy({0, px(4)});
}

// The first nine have a digit: `place` counts them as they stand there.
void draw_group(DrillSitting& sitting, DrillUi& ui, bool questions, int& place) {
  const DrillConfig& drill = sitting.setup().drill();
  bool any = false;
  for (std::size_t i = 0; i < drill.actions.size(); ++i) {
    const DrillAction& action = drill.actions[i];
    if (action.is_question() != questions) continue;
    if (!any) heading(questions ? "Questions" : "Changes");
    any = true;
    const bool open = sitting.is_under_way(i);
    const bool confirming = ui.confirming == i;
    place += 1;
    const std::string digit = place <= 9 ? std::to_string(place) + " " : "  ";
    const bool keyed = place <= 9 && listens() && ImGui::IsKeyPressed('0' + place, false);
    const std::string takes = drill_time_text(mean(action.takes));
    const bool pressed = wide_button("drill.action." + action.command, digit + " " + action.command,
                                     open ? "under way" : "about " + takes,
                                     open ? "..." : "~" + takes, !open, confirming);
    if (pressed || (keyed && !open)) {
      if (questions) {
        sitting.act(i);
      } else if (confirming) {
        ui.confirming.reset();
      } else {
        ui.confirming = i;
        ui.scrolls = true;
      }
    }
    const std::string remark = action_remark(action);
    if (!remark.empty()) {
      ImGui::Indent(px(10));
      say_wrapped(remark, Tint::faint, Face::small);
      ImGui::Unindent(px(10));
    }
    if (confirming && !open) draw_confirm(sitting, ui, action, i);
  }
  if (any) ImGui::Dummy({0, px(6)});
}

void draw_under_way(const DrillSitting& sitting) {
  const DrillSession& session = *sitting.session();
  bool any = false;
  for (const Work& work : session.works()) {
    if (!work.is_open()) continue;
    if (!any) heading("Under way");
    any = true;
    const DrillAction& action = session.setup().drill().actions[work.action];
    say(action.command, Tint::text, Face::mono);
    const bool waits = work.state == WorkState::approval;
    const Duration since = session.now() - (waits ? work.ordered : work.approved);
    ImGui::SameLine();
    say_right(waits ? "waits for approval, " + drill_time_text(since)
                    : drill_time_text(since) + " of about " + drill_time_text(mean(action.takes)),
              waits ? Tint::warning : Tint::faint, Face::small);
    const std::int64_t done = progress_permille(action, work, session.now());
    progress_bar(waits ? -1 : static_cast<float>(done) / 1000, "");
    ImGui::Dummy({0, px(3)});
  }
  if (any) ImGui::Dummy({0, px(6)});
}

void draw_sayings(DrillSitting& sitting, DrillUi& ui) {
  heading("Say");
  struct Saying {
    CommandKind kind;
    const char* name;
    const char* icon;
    const char* text;
    const char* hint;
  };
  static constexpr Saying sayings[] = {
      {CommandKind::acknowledge, "drill.ack", icon::bell, "Acknowledge",
       "You have seen the alarm  A"},
      {CommandKind::declare, "drill.declare", icon::warning, "Declare", "It is an incident  D"},
      {CommandKind::verify, "drill.verify", icon::good, "Verify", "Users are served again  V"},
  };
  const float left = ImGui::GetCursorScreenPos().x;
  const float right = left + ImGui::GetContentRegionAvail().x;
  for (const Saying& saying : sayings) {
    if (tool_button(saying.name, saying.icon, saying.text, saying.hint, true,
                    sitting.has_said(saying.kind))) {
      sitting.say(saying.kind);
    }
    if (ImGui::GetItemRectMax().x + px(120) < right) ImGui::SameLine(0, px(4));
  }
  if (ImGui::GetCursorScreenPos().x > left + px(8)) ImGui::NewLine();
  ImGui::Dummy({0, px(4)});
  if (!ui.confirming_done) {
    if (tool_button("drill.done", "", "Done: leave it at that",
                    "Ends the play; nothing more is done until the end of the run  Ctrl+E")) {
      leave_drill(sitting, ui);
    }
    return;
  }
  say_wrapped("An alarm is up, or a change is under way. Leave it at that?", Tint::warning,
              Face::small);
  const bool hears = listens() && !ui.confirming;
  const auto key = [hears](int code) { return hears && ImGui::IsKeyPressed(code, false); };
  if (tool_button("drill.done.yes", icon::good, "Done", "Enter", true, true) ||
      key(GLFW_KEY_ENTER)) {
    ui.confirming_done = false;
    sitting.say(CommandKind::done);
  }
  ImGui::SameLine();
  if (tool_button("drill.done.no", "", "Not yet", "Escape") || key(GLFW_KEY_ESCAPE)) {
    ui.confirming_done = false;
  }
  if (std::exchange(ui.scrolls, false)) ImGui::SetScrollHereY(1.0f);
}

struct LineLook {
  const char* icon;
  Tint tint;
};

LineLook look_of(ShownKind kind) {
  switch (kind) {
    case ShownKind::alarm:
      return {icon::bell, Tint::bad};
    case ShownKind::cleared:
      return {icon::good, Tint::good};
    case ShownKind::answer:
      return {icon::info, Tint::accent};
    case ShownKind::outcome:
      return {icon::gear, Tint::accent};
    case ShownKind::inject:
      return {icon::users, Tint::warning};
    case ShownKind::command:
      return {icon::right, Tint::faint};
  }
  return {"", Tint::text};
}

}  // namespace

void leave_drill(DrillSitting& sitting, DrillUi& ui) {
  ui.confirming_done = sitting.session()->any_alarm() || sitting.session()->any_change_under_way();
  if (!ui.confirming_done) return sitting.say(CommandKind::done);
  ui.scrolls = true;
  ImGui::SetWindowFocus(nullptr);  // Enter and Escape are for the question
}

namespace {

void draw_choices(DrillSitting& sitting, DrillUi& ui) {
  draw_under_way(sitting);
  int place = 0;
  draw_group(sitting, ui, true, place);
  draw_group(sitting, ui, false, place);
}

}  // namespace

void draw_drill_orders(DrillSitting& sitting, DrillUi& ui) {
  draw_choices(sitting, ui);
  draw_sayings(sitting, ui);
}

void draw_drill_actions(DrillSitting& sitting, DrillUi& ui, Area area) {
  // What is said stays in sight, unless there is no room for both.
  const bool splits = area.height() > px(300);
  if (begin_panel("drill.actions", area, "", !splits)) {
    if (splits) {
      const float room = ImGui::GetContentRegionAvail().y - ui.say_height;
      ImGui::BeginChild("list", {0, std::max(px(60), room)}, false, ImGuiWindowFlags_NoBackground);
    }
    draw_choices(sitting, ui);
    if (splits) ImGui::EndChild();
    const float top = ImGui::GetCursorPosY();
    draw_sayings(sitting, ui);
    ui.say_height = ImGui::GetCursorPosY() - top + ImGui::GetStyle().ItemSpacing.y;
  }
  end_panel();
}

namespace {

void draw_line(const DrillLogLine& line) {
  const LineLook look = look_of(line.kind);
  say(clock_text(line.at - TimePoint{}), Tint::faint, Face::mono);
  ImGui::SameLine(px(54));
  say(look.icon, look.tint);
  ImGui::SameLine(px(76));
  const bool entered = line.kind == ShownKind::command;
  const char* more = line.kind == ShownKind::cleared ? " is over" : "";
  say_wrapped(line.text + more, entered ? Tint::faint : Tint::text, Face::body);
}

void draw_lines(DrillSitting& sitting) {
  const auto& log = sitting.log();
  if (log.empty()) return say("Nothing has happened yet.", Tint::faint);
  for (const DrillLogLine& line : log) draw_line(line);
  mark_text("drill.last", log.back().text);
}

void draw_note(DrillSitting& sitting, DrillUi& ui) {
  ImGui::SetNextItemWidth(-1);
  if (std::exchange(ui.begins_note, false)) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputTextWithHint("##note", "A note, kept with the play  N, Enter", ui.note,
                               sizeof ui.note, ImGuiInputTextFlags_EnterReturnsTrue);
  mark("drill.note");
  if (!entered || ui.note[0] == '\0') return;
  sitting.enter({{}, CommandKind::note, 0, ui.note});
  ui.note[0] = '\0';
  ImGui::SetKeyboardFocusHere(-1);
}

bool is_played(const DrillSitting& sitting) {
  return sitting.stage() == DrillSitting::Stage::playing;
}

}  // namespace

void draw_drill_news(DrillSitting& sitting) {
  if (sitting.log().empty()) return;
  heading("Last");
  draw_line(sitting.log().back());
  ImGui::Dummy({0, px(8)});
}

void draw_drill_record(DrillSitting& sitting, DrillUi& ui) {
  heading("Log");
  draw_lines(sitting);
  if (is_played(sitting)) draw_note(sitting, ui);
}

void draw_drill_log(DrillSitting& sitting, DrillUi& ui, Area area) {
  begin_panel("drill.log", area, "Log", false);
  const float below = is_played(sitting) ? ImGui::GetFrameHeightWithSpacing() : 0;
  const float height = std::max(px(30), ImGui::GetContentRegionAvail().y - below);
  ImGui::BeginChild("lines", {0, height}, false, ImGuiWindowFlags_NoBackground);
  draw_lines(sitting);
  if (sitting.log().size() != ui.log_lines) ImGui::SetScrollHereY(1.0f);
  ui.log_lines = sitting.log().size();
  ImGui::EndChild();
  if (is_played(sitting)) draw_note(sitting, ui);
  end_panel();
}

}  // namespace longhaul
