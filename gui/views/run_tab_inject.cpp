#include "gui/views/run_tab_inject.h"

#include <imgui.h>

#include <algorithm>
#include <cstdio>

#include "base/units_text.h"
#include "gui/app.h"
#include "gui/model/clock_text.h"
#include "gui/model/field_place.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/field_text.h"
#include "run/series.h"

namespace longhaul {

void RunInjectTab::aim(const std::string& path, const std::string& region) {
  const auto behind = [&](const std::string& prefix) {
    return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string();
  };
  if (const std::string node = behind("topology.nodes."); !node.empty()) {
    kind_ = "crash";
    target_ = node;
  } else if (const std::string app = behind("topology.apps."); !app.empty()) {
    kind_ = "app_crash";
    target_ = app;
  } else if (!region.empty()) {
    kind_ = "region_isolated";
    target_ = region;
  }
}

void RunInjectTab::palette(const std::vector<FaultChoice>& choices) {
  std::string group;
  const float right = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  ImGui::PushFont(face(Face::small));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {px(6), px(3)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(4), px(4)});
  for (const FaultChoice& choice : choices) {
    std::string title = choice.name;
    std::replace(title.begin(), title.end(), '_', ' ');
    const float wanted = ImGui::CalcTextSize(title.c_str()).x + px(16);
    if (choice.group != group) {
      if (!group.empty()) ImGui::Dummy({0, px(3)});
      group = choice.group;
      heading(group);
    } else {
      ImGui::SameLine(0, px(4));
      if (ImGui::GetCursorPosX() + wanted > right) ImGui::NewLine();
    }
    const std::string name = "inject." + choice.name;
    if (tool_button(name.c_str(), "", title.c_str(), choice.about.c_str(), true,
                    kind_ == choice.name)) {
      kind_ = choice.name;
    }
  }
  ImGui::PopStyleVar(2);
  ImGui::PopFont();
}

const std::string& RunInjectTab::objection(const Document& document, const std::string& json) {
  if (asked_revision_ == document.revision() && asked_json_ == json) return objection_;
  asked_revision_ = document.revision();
  asked_json_ = json;
  objection_.clear();
  Document trial = document;
  if (const auto error = trial.append("faults", json)) {
    objection_ = to_text(*error);
  } else if (!trial.sound()) {
    const Error& first = trial.errors().front();
    const std::size_t dot = first.path.rfind('.');
    objection_ = (dot == first.path.npos ? "" : first.path.substr(dot + 1) + ": ") + "expected " +
                 first.expected;
  }
  return objection_;
}

namespace {

// Of the form's rows: as wide as the widest.
float label_width(const FaultChoice& choice) {
  ImGui::PushFont(face(Face::small));
  float width = px(34);
  for (const FaultParameter& one : choice.parameters) {
    const std::string name(one.field->name);
    width = std::max(width, ImGui::CalcTextSize(name.c_str()).x);
  }
  ImGui::PopFont();
  return std::min(width + px(22), ImGui::GetContentRegionMax().x * 0.45f);
}

void row_label(std::string_view name, float width) {
  ImGui::AlignTextToFramePadding();
  ImGui::PushFont(face(Face::small));
  const std::string shown = fitted(name, width - ImGui::GetCursorPosX());
  ImGui::PopFont();
  say(shown, Tint::faint, Face::small);
  ImGui::SameLine(width);
  ImGui::SetNextItemWidth(-1);
}

// One of these, or nothing.
void choose(const std::string& mark_name, const std::vector<std::string>& names,
            const std::string& nothing, std::string& value) {
  const bool open = ImGui::BeginCombo("##value", value.empty() ? nothing.c_str() : value.c_str());
  mark(mark_name);
  if (!open) return;
  if (ImGui::Selectable(nothing.c_str(), value.empty())) value.clear();
  for (const std::string& name : names) {
    if (ImGui::Selectable(name.c_str(), name == value)) value = name;
    mark(mark_name + "." + name);
  }
  ImGui::EndCombo();
}

}  // namespace

// A row for each, as in the inspector; what is left empty is not said.
void RunInjectTab::parameters(const FaultChoice& choice, FaultValues& values, float labels) {
  const FieldTable& table = FaultConfig::fields();
  for (const FaultParameter& one : choice.parameters) {
    const Field& field = *one.field;
    const std::string name(field.name);
    const FieldPlace place{name, &field, &table, table.defaults(), &field.type, nullptr};
    const std::string usual = default_text(place);
    const std::string nothing = usual.empty() ? "not given" : usual;
    std::string& value = values[name];
    ImGui::PushID(name.c_str());
    row_label(name, labels);
    const std::string mark_name = "inject." + name;
    if (field.type.kind == FieldKind::boolean) {
      bool on = value.empty() ? usual == "true" : value == "true";
      if (ImGui::Checkbox("##value", &on)) value = on ? "true" : "false";
      mark(mark_name);
    } else if (field.type.kind == FieldKind::enumeration || !one.names.empty()) {
      choose(mark_name, one.names.empty() ? enum_name_list(field.type) : one.names, nothing, value);
    } else {
      char text[160];
      std::snprintf(text, sizeof text, "%s", value.c_str());
      if (ImGui::InputTextWithHint("##value", nothing.c_str(), text, sizeof text)) value = text;
      mark(mark_name);
    }
    mark_text(mark_name, value);
    if (ImGui::IsItemHovered()) hint_below(about_field(place));
    ImGui::PopID();
  }
}

void RunInjectTab::form(App& app, const RunLook& look, const FaultChoice& choice) {
  ImGui::Separator();
  ImGui::Dummy({0, px(2)});
  say_wrapped(choice.about, Tint::faint, Face::small);
  const auto has = [&](const FaultTarget& target) { return target.text == target_; };
  auto target = std::find_if(choice.targets.begin(), choice.targets.end(), has);
  if (target == choice.targets.end()) target = choice.targets.begin();
  target_ = target->text;

  const float labels = label_width(choice);
  row_label("at", labels);
  if (ImGui::BeginCombo("##target", target->text.c_str())) {
    for (const FaultTarget& one : choice.targets) {
      if (ImGui::Selectable(one.text.c_str(), one.text == target_)) target_ = one.text;
      mark("inject.node." + one.text);
    }
    ImGui::EndCombo();
  }
  mark("inject.node");
  mark_text("inject.node", target->text);

  std::optional<Duration> lasts;
  bool readable = true;
  if (choice.has_length) {
    row_label("for", labels);
    ImGui::SetNextItemWidth(px(92));
    ImGui::BeginDisabled(until_end_);
    ImGui::InputText("##for", length_, sizeof length_);
    ImGui::EndDisabled();
    mark("inject.for");
    ImGui::SameLine();
    ImGui::Checkbox("to the end", &until_end_);
    mark("inject.to_the_end");
    if (!until_end_) {
      const Result<Duration> length = parse_text<Duration>(length_);
      readable = length && length.value().ns > 0;
      if (readable) lasts = length.value();
    }
  }

  const auto known = values_.find(choice.name);
  if (known == values_.end()) values_[choice.name] = usual_values(choice);
  FaultValues& values = values_[choice.name];
  parameters(choice, values, labels);

  // Whole milliseconds read better in a file, and before the end.
  const Document& document = look.design->document;
  const std::int64_t end = app.work.end().ns;
  constexpr std::int64_t ms = 1'000'000;
  const TimePoint at{std::max<std::int64_t>(0, std::min(app.work.clock.now.ns, end - ms)) / ms *
                     ms};
  const std::string json = fault_json(choice, *target, at, lasts, values);
  std::string wrong;
  if (!readable) {
    wrong = "A length is written as 30s, 500ms or 2min.";
  } else if (!app.work.clock.playing) {
    wrong = objection(document, json);
  }
  const std::string text = "Inject at " + short_clock_text(at);
  const bool go = tool_button("inject.go", icon::bolt, text.c_str(), json.c_str(), wrong.empty());
  if (!wrong.empty()) say_wrapped(std::string(icon::warning) + "  " + wrong, Tint::warning);
  mark_text("inject.objection", wrong);
  if (!go) return;
  if (const auto error = look.design->document.append("faults", json)) {
    app.tell(to_text(*error), Tint::bad);
  } else {
    app.tell("Recorded in the scenario: " + choice.name + " at " + short_clock_text(at));
  }
}

void RunInjectTab::recorded(App& app, const RunLook& look) {
  const auto& scenario = look.design->document.scenario();
  ImGui::Dummy({0, px(4)});
  heading("In the scenario");
  const auto& faults = scenario->config.faults;
  mark_text("inject.recorded", std::to_string(faults.size()));
  if (faults.empty()) {
    say("Nothing happens.", Tint::faint);
    return;
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultConfig& fault = faults[i];
    ImGui::PushID(static_cast<int>(i));
    const std::string name = "inject.remove." + std::to_string(i);
    const bool remove = tool_button(name.c_str(), icon::trash, "", "Take it out of the scenario");
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    std::string text = short_clock_text(TimePoint{} + fault.at) + "  " + fault_text(fault);
    if (fault.lasts) text += ", " + to_text(*fault.lasts);
    const std::string shown = fitted(text, ImGui::GetContentRegionAvail().x);
    if (ImGui::Selectable(shown.c_str(), false)) app.work.go_to(TimePoint{} + fault.at);
    mark("inject.fault." + std::to_string(i));
    if (ImGui::IsItemHovered()) hint(text);
    ImGui::PopID();
    if (!remove) continue;
    if (const auto error = look.design->document.remove("faults[" + std::to_string(i) + "]")) {
      app.tell(to_text(*error), Tint::bad);
    }
    return;
  }
}

void RunInjectTab::draw(App& app, const RunLook& look) {
  const auto& scenario = look.design->document.scenario();
  if (!scenario) {
    empty_state("", "The scenario has mistakes.");
    return;
  }
  const std::vector<FaultChoice> choices = fault_choices(scenario->config);
  const auto chosen = std::find_if(choices.begin(), choices.end(),
                                   [&](const FaultChoice& one) { return one.name == kind_; });
  // The palette scrolls above what is chosen of it.
  const float room = ImGui::GetContentRegionAvail().y;
  const float below = std::min(form_height_, room * 0.65f);
  ImGui::BeginChild("palette", {0, std::max(px(80), room - below - px(8))}, false);
  palette(choices);
  ImGui::EndChild();
  ImGui::BeginChild("form", {0, 0}, false);
  const float from = ImGui::GetCursorPosY();
  if (chosen == choices.end()) {
    ImGui::Separator();
    say_wrapped("Choose what happens; it begins where the playhead stands.", Tint::faint);
  } else {
    form(app, look, *chosen);
  }
  recorded(app, look);
  form_height_ = ImGui::GetCursorPosY() - from;
  ImGui::EndChild();
}

}  // namespace longhaul
