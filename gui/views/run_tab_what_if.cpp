#include "gui/views/run_tab_what_if.h"

#include <imgui.h>

#include <algorithm>
#include <cstdio>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {

void RunWhatIfTab::remember(const RunLook& look) {
  if (before_.empty() && look.view && look.view->complete()) before_ = look.figures;
}

void RunWhatIfTab::set(App& app, const RunLook& look, const Knob& knob, const std::string& json) {
  remember(look);
  if (const auto error = look.design->document.set(knob.path, json, knob.path)) {
    app.tell(to_text(*error), Tint::bad);
  }
}

void RunWhatIfTab::knob(App& app, const RunLook& look, Knob knob) {
  Document& document = look.design->document;
  const std::string name = "whatif." + knob.path;
  ImGui::PushID(knob.path.c_str());
  ImGui::AlignTextToFramePadding();
  const float field = px(112);
  const float room = ImGui::GetContentRegionAvail().x - field - px(8);
  const std::string title = fitted(knob.title, room);
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
        set(app, look, knob, value_json(knob, *value));
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
  const bool moved = ImGui::SliderFloat("##slider", &position, 0, 1, "", ImGuiSliderFlags_NoInput);
  mark(name);
  mark_text(name, shown);
  if (ImGui::IsItemActivated()) remember(look);
  if (ImGui::IsItemActive()) {
    held_ = knob.path;
    position_ = position;
  }
  if (moved) {
    const std::int64_t value = value_at(knob, static_cast<double>(position));
    if (value != knob.value) set(app, look, knob, value_json(knob, value));
  }
  if (ImGui::IsItemDeactivated()) {
    held_.clear();
    document.settle();
  }
  ImGui::PopID();
}

void RunWhatIfTab::changes(const RunLook& look) {
  if (before_.empty()) {
    say_wrapped("Move a slider: the run starts anew, and what changes is told here.", Tint::faint);
    return;
  }
  heading("Changed since");
  ImGui::SameLine();
  const bool forget = ImGui::SmallButton("compare from here on");
  mark("whatif.rebase");
  std::size_t rows = 0;
  constexpr ImGuiTableFlags flags =
      ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;
  for (const FigureGroup& group : look.figures) {
    bool titled = false;
    for (const RunFigure& figure : group.figures) {
      const RunFigure* before = find_figure(before_, figure.name);
      if (before == nullptr || before->value == figure.value) continue;
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
      const bool less = figure.value < before->value;
      const bool better = less == figure.less_is_better;
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      say(fitted(figure.title, ImGui::GetContentRegionAvail().x), Tint::faint);
      ImGui::TableNextColumn();
      say_right(figure.text);
      ImGui::TableNextColumn();
      say_right(change_text(*before, figure) + (better ? "  better" : "  worse"),
                better ? Tint::good : Tint::bad, Face::small);
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
  for (Knob& one : knobs_of(scenario->config)) knob(app, look, std::move(one));
  ImGui::Dummy({0, px(4)});
  ImGui::Separator();
  ImGui::Dummy({0, px(2)});
  changes(look);
}

}  // namespace longhaul
