#include "gui/views/run_tab_what_if.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/json_edit.h"

namespace longhaul {

void RunWhatIfTab::remember(const RunLook& look) {
  if (before_.empty() && look.view && look.view->complete()) before_ = look.figures;
}

namespace {

const std::string open_above = "policy.lag_breaker.open_above";
const std::string close_below = "policy.lag_breaker.close_below";

}  // namespace

void RunWhatIfTab::set(App& app, const RunLook& look, const Knob& knob, const std::string& json) {
  remember(look);
  if (const auto error = look.design->document.set(knob.path, json, knob.path)) {
    app.tell(to_text(*error), Tint::bad);
  }
}

// A breaker closes below what it opens above: the other threshold gives way, and comes back.
void RunWhatIfTab::set_value(App& app, const RunLook& look, const Knob& knob, std::int64_t value) {
  Document& document = look.design->document;
  const std::string json = value_json(knob, value);
  const auto other = ranges_.find(knob.path == open_above    ? close_below
                                  : knob.path == close_below ? open_above
                                                             : "");
  if (other == ranges_.end() || !document.scenario()) return set(app, look, knob, json);
  const Knob now = knob_at(document.scenario()->config, other->first);
  if (now.field == nullptr) return set(app, look, knob, json);
  std::int64_t wanted = other->second.value;
  if (knob.path == open_above && wanted > value) {
    wanted = value / 3 > 0 ? std::min(value, in_few_digits(now, value / 3)) : value;
  }
  if (knob.path == close_below && wanted < value) wanted = value;
  remember(look);
  std::string text = document.text();
  const auto edit = [&](const std::string& path, const std::string& to) {
    Result<std::string> edited = with_value(text, ScenarioConfig::fields(), path, to);
    if (!edited) {
      app.tell(to_text(edited.errors().front()), Tint::bad);
      return;
    }
    text = std::move(edited).value();
  };
  edit(knob.path, json);
  if (wanted != now.value) edit(other->first, value_json(now, wanted));
  document.replace_text(std::move(text), knob.path);
}

void RunWhatIfTab::knob(App& app, const RunLook& look, Knob knob) {
  Document& document = look.design->document;
  const std::string name = "whatif." + knob.path;
  ImGui::PushID(knob.path.c_str());
  ImGui::AlignTextToFramePadding();
  const float field = px(knob.is_choice() ? 158.0f : 112.0f);
  const float room = ImGui::GetContentRegionAvail().x - field - px(8);
  const std::string title = fitted_middle(knob.title, room);
  say(title);
  if (ImGui::IsItemHovered()) hint(knob.title + "\n" + knob.path + "\n\n" + knob.about);
  ImGui::SameLine();
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - field);
  ImGui::SetNextItemWidth(field);
  if (knob.is_choice()) {
    if (ImGui::BeginCombo("##choice", knob.choice.c_str())) {
      for (const std::string& choice : knob.choices) {
        if (ImGui::Selectable(choice.c_str(), choice == knob.choice)) {
          set(app, look, knob, "\"" + choice + "\"");
          document.settle();
        }
        mark(name + "." + choice);
      }
      ImGui::EndCombo();
    }
    mark(name);
    mark_text(name, knob.choice);
    ImGui::PopID();
    return;
  }
  const auto first = ranges_.try_emplace(knob.path, knob).first;
  knob.least = std::min(first->second.least, knob.value);
  knob.most = std::max(first->second.most, knob.value);

  // The value as text.
  const std::string shown = value_text(knob, knob.value);
  if (typed_ != knob.path) {
    char still[48];
    std::snprintf(still, sizeof still, "%s", shown.c_str());
    ImGui::InputText("##value", still, sizeof still, ImGuiInputTextFlags_AutoSelectAll);
    if (ImGui::IsItemActive()) {
      typed_ = knob.path;
      std::snprintf(text_, sizeof text_, "%s", still);
    }
  } else {
    const bool entered =
        ImGui::InputText("##value", text_, sizeof text_,
                         ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
    if (entered || ImGui::IsItemDeactivatedAfterEdit()) {
      if (const auto value = parse_value(knob, text_)) {
        set_value(app, look, knob, *value);
        first->second.value = *value;
        document.settle();
      } else {
        app.tell("Not a value of " + knob.path + ": " + text_, Tint::warning);
      }
    }
    if (entered || ImGui::IsItemDeactivated()) typed_.clear();
  }
  mark(name + ".text");

  const bool held = held_ == knob.path;
  float position = held ? position_ : static_cast<float>(position_of(knob, knob.value));
  ImGui::SetNextItemWidth(-1);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {px(4), px(1)});
  const bool moved = ImGui::SliderFloat("##slider", &position, 0, 1, "", ImGuiSliderFlags_NoInput);
  ImGui::PopStyleVar();
  mark(name);
  mark_text(name, shown);
  if (ImGui::IsItemActivated()) remember(look);
  if (ImGui::IsItemActive()) {
    held_ = knob.path;
    position_ = position;
  }
  if (moved) {
    const std::int64_t value = value_at(knob, static_cast<double>(position));
    if (value != knob.value) set_value(app, look, knob, value);
  }
  if (ImGui::IsItemDeactivated()) {
    held_.clear();
    first->second.value = knob.value;
    document.settle();
  }
  ImGui::PopID();
}

void RunWhatIfTab::changes(const RunLook& look) {
  if (before_.empty()) {
    say_wrapped("Move a slider: the run starts anew, and what changes is told here.", Tint::faint);
    return;
  }
  say("Changed since then", Tint::faint, Face::small);
  ImGui::SameLine();
  ImGui::PushFont(face(Face::small));
  const bool forget = ImGui::SmallButton("compare from here on");
  ImGui::PopFont();
  mark("whatif.rebase");
  const std::string no_verdict = "One seed: no verdict; Compare decides over 20.";
  say_wrapped(no_verdict, Tint::faint, Face::small);
  mark_text("whatif.no_verdict", no_verdict);
  std::size_t rows = 0;
  constexpr ImGuiTableFlags flags =
      ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;
  for (const FigureGroup& group : look.figures) {
    bool titled = false;
    for (const RunFigure& figure : group.figures) {
      const RunFigure* before = find_figure(before_, figure.name);
      if (before == nullptr || before->text == figure.text) continue;
      if (!titled) {
        if (rows > 0) ImGui::EndTable();
        say(group.title, Tint::faint, Face::small);
        if (!ImGui::BeginTable(group.title.c_str(), 3, flags)) return;
        ImGui::TableSetupColumn("figure", ImGuiTableColumnFlags_WidthStretch, 1.2f);
        ImGui::TableSetupColumn("now", ImGuiTableColumnFlags_WidthStretch, 0.8f);
        ImGui::TableSetupColumn("change", ImGuiTableColumnFlags_WidthStretch, 1.1f);
        titled = true;
      }
      rows += 1;
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      say(fitted(figure.title, ImGui::GetContentRegionAvail().x), Tint::faint);
      ImGui::TableNextColumn();
      say_right(figure.text);
      ImGui::TableNextColumn();
      say_right(change_text(*before, figure), Tint::text, Face::small);
      mark_text("change." + figure.name, change_text(*before, figure));
    }
  }
  if (rows > 0) {
    ImGui::EndTable();
  } else if (!look.figures.empty()) {
    say("No figure differs.", Tint::faint);
  }
  if (forget) before_.clear();
}

void RunWhatIfTab::draw(App& app, const RunLook& look) {
  if (design_ != look.design) {
    design_ = look.design;
    ranges_.clear();
    before_.clear();
    held_.clear();
    typed_.clear();
  }
  const auto& scenario = look.design->document.scenario();
  if (!scenario) {
    empty_state("", "The scenario has mistakes.");
    return;
  }
  if (!look.design->document.sound()) {
    say_wrapped(std::string(icon::error) + "  " + to_text(look.design->document.errors().front()) +
                    "\nWhat runs is the last text that was sound.",
                Tint::bad, Face::small);
    mark("whatif.mistake");
  }
  // What changes is in sight while a slider is dragged, where there is room for both.
  const float room = ImGui::GetContentRegionAvail().y;
  const bool both = room >= px(400);
  if (both) ImGui::BeginChild("knobs", {0, std::floor(room * 0.56f)});
  for (Knob& one : knobs_of(scenario->config)) knob(app, look, std::move(one));
  if (both) ImGui::EndChild();
  ImGui::Dummy({0, px(4)});
  ImGui::Separator();
  ImGui::Dummy({0, px(2)});
  if (both) ImGui::BeginChild("changes");
  changes(look);
  if (both) ImGui::EndChild();
}

}  // namespace longhaul
