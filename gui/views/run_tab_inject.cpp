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

namespace {

// As at a field of the inspector: its name, and what is expected of it.
std::string sentence(const Error& error) {
  const std::size_t dot = error.path.rfind('.');
  return (dot == error.path.npos ? error.path : error.path.substr(dot + 1)) + ": expected " +
         error.expected;
}

}  // namespace

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

void RunInjectTab::palette(const ScenarioConfig& config, const std::vector<FaultChoice>& choices,
                           bool scrolls) {
  std::string group;
  const std::string why = why_no_orders(config);
  mark_text("inject.no_orders", why);
  bool told = why.empty();
  const auto tell_why = [&](bool here) {
    if (!told && here) say_wrapped(why, Tint::faint, Face::small);
    told = told || here;
  };
  const float right = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  ImGui::PushFont(face(Face::small));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {px(6), px(3)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(4), px(4)});
  for (const FaultChoice& choice : choices) {
    std::string title = choice.name;
    std::replace(title.begin(), title.end(), '_', ' ');
    const float wanted = ImGui::CalcTextSize(title.c_str()).x + px(16);
    if (choice.group != group) {
      tell_why(group == "Failover manager");
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
    // Where the form takes the room, what it is of stays in sight.
    const bool moved = kind_ != shown_kind_ || palette_height_ != ImGui::GetWindowHeight();
    if (scrolls && kind_ == choice.name && moved) ImGui::SetScrollHereY(0.5f);
  }
  tell_why(true);
  ImGui::PopStyleVar(2);
  ImGui::PopFont();
  palette_height_ = ImGui::GetWindowHeight();
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
    objection_ = sentence(trial.errors().front());
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

// One of these, or nothing; what stood there and is no longer one of them is forgotten.
void choose(const std::string& mark_name, const std::vector<std::string>& names,
            const std::string& nothing, std::string& value) {
  if (std::find(names.begin(), names.end(), value) == names.end()) value.clear();
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

void RunInjectTab::targets(const FaultChoice& choice, const FaultTarget& chosen, float labels) {
  const auto text_of = [](const FaultTarget& target) {
    return target.text + (target.state.empty() ? "" : "  (" + target.state + ")");
  };
  row_label("at", labels);
  if (ImGui::BeginCombo("##target", text_of(chosen).c_str())) {
    for (const FaultTarget& one : choice.targets) {
      if (ImGui::Selectable(text_of(one).c_str(), one.text == target_)) target_ = one.text;
      mark("inject.node." + one.text);
    }
    ImGui::EndCombo();
  }
  mark("inject.node");
  mark_text("inject.node", text_of(chosen));
}

std::optional<Duration> RunInjectTab::length(const FaultChoice& choice, float labels,
                                             std::string& wrong) {
  if (!choice.has_length) return std::nullopt;
  row_label("for", labels);
  ImGui::SetNextItemWidth(px(92));
  ImGui::BeginDisabled(until_end_);
  ImGui::InputText("##for", length_, sizeof length_);
  ImGui::EndDisabled();
  mark("inject.for");
  ImGui::SameLine();
  ImGui::Checkbox("to the end", &until_end_);
  mark("inject.to_the_end");
  if (until_end_) return std::nullopt;
  const Result<Duration> length = parse_text<Duration>(length_);
  if (length && length.value().ns > 0) return length.value();
  wrong = "for: expected " + (length ? "a time longer than 0s" : length.errors().front().expected);
  return std::nullopt;
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
  targets(choice, *target, labels);
  std::string wrong;
  const std::optional<Duration> lasts = length(choice, labels, wrong);
  const auto known = values_.find(choice.name);
  if (known == values_.end()) values_[choice.name] = usual_values(choice);
  FaultValues& values = values_[choice.name];
  parameters(choice, values, labels);

  Document& document = look.design->document;
  const TimePoint end = TimePoint{} + document.scenario()->cluster.duration;
  const InjectInstant instant = inject_instant(app.work.clock.now, end);
  const std::string json = fault_json(choice, *target, instant.at, lasts, values);
  if (wrong.empty()) {
    // While the clock runs, what is typed is asked about as of the last full minute.
    constexpr std::int64_t minute = 60'000'000'000;
    const TimePoint asked =
        app.work.clock.playing ? TimePoint{instant.at.ns / minute * minute} : instant.at;
    wrong = objection(document, fault_json(choice, *target, asked, lasts, values));
  }
  const std::string text = "Inject at " + short_clock_text(instant.at);
  const bool go = tool_button("inject.go", icon::bolt, text.c_str(), json.c_str(), wrong.empty());
  mark_text("inject.objection", wrong);
  mark_text("inject.remark", instant.remark);
  if (!wrong.empty()) {
    ImGui::SameLine(0, px(8));
    ImGui::AlignTextToFramePadding();
    say_wrapped(std::string(icon::error) + "  " + wrong, Tint::bad, Face::small);
  } else if (!instant.remark.empty()) {
    say_wrapped(std::string(icon::warning) + "  " + instant.remark, Tint::warning, Face::small);
  } else if (!target->state.empty()) {
    say_wrapped(std::string(icon::warning) + "  " + target->text + " is " + target->state +
                    " at that instant: nothing more happens to it.",
                Tint::warning, Face::small);
  }
  if (!go) return;
  if (const auto error = document.append("faults", json)) {
    app.tell(to_text(*error), Tint::bad);
  } else {
    app.tell("Recorded in the scenario: " + choice.name + " at " + short_clock_text(instant.at));
    if (document.sound()) {
      awaited_ = {look.design->number, document.scenario()->config.faults.size() - 1};
    }
  }
}

// Tells what came of an order, where it was thrown in, once the run with it is complete.
void RunInjectTab::outcome(App& app, const RunLook& look) {
  if (!awaited_ || awaited_->first != look.design->number) return;
  const RunSession& session = look.design->session;
  const bool known = look.view && look.view->complete() && look.view->number == session.started() &&
                     look.design->started_revision == look.design->document.revision();
  if (!known) return;
  for (const OrderOutcome& order : look.view->orders) {
    if (order.fault != awaited_->second) continue;
    const FaultConfig& fault = look.view->scenario->cluster.faults[order.fault];
    app.tell(
        short_clock_text(TimePoint{} + fault.at) + "  " + fault_text(fault) + ": " + order.text,
        order.result == OrderResult::done ? Tint::good : Tint::warning);
  }
  awaited_.reset();
}

void RunInjectTab::recorded(App& app, const RunLook& look) {
  const auto& scenario = look.design->document.scenario();
  const std::vector<FaultConfig>& own = scenario->config.faults;
  const std::vector<FaultConfig>& all = scenario->cluster.faults;
  ImGui::Dummy({0, px(4)});
  heading("In the scenario");
  mark_text("inject.recorded", std::to_string(own.size()));
  if (all.empty()) say("Nothing happens.", Tint::faint);
  const bool of_this = look.view && look.view->scenario == scenario;
  const std::vector<OrderOutcome> orders =
      of_this ? look.view->orders : std::vector<OrderOutcome>{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const FaultConfig& fault = all[i];
    ImGui::PushID(static_cast<int>(i));
    const std::string number = std::to_string(i);
    // What a drill hides is taken out where the drill is written.
    const bool hidden = i >= own.size();
    const std::string variant =
        hidden ? "Of the drill's variant " + scenario->config.drill->variants.front().name : "";
    const bool remove =
        tool_button(("inject.remove." + number).c_str(), icon::trash, "",
                    hidden ? variant.c_str() : "Take it out of the scenario", !hidden);
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    std::string text = short_clock_text(TimePoint{} + fault.at) + "  " + fault_text(fault);
    if (fault.lasts) text += ", " + to_text(*fault.lasts);
    const std::string shown = fitted(text, ImGui::GetContentRegionAvail().x);
    if (ImGui::Selectable(shown.c_str(), false)) app.work.go_to(TimePoint{} + fault.at);
    mark("inject.fault." + number);
    if (ImGui::IsItemHovered()) hint(hidden ? text + "\n" + variant : text);
    const auto outcome = std::find_if(orders.begin(), orders.end(),
                                      [i](const OrderOutcome& order) { return order.fault == i; });
    if (outcome != orders.end()) {
      const OrderOutcome& order = *outcome;
      const bool done = order.result == OrderResult::done;
      ImGui::Indent(px(10));
      say_wrapped(std::string(done ? icon::good : icon::warning) + "  " + order.text,
                  done ? Tint::faint : Tint::warning, Face::small);
      ImGui::Unindent(px(10));
      mark_text("inject.outcome." + number, order.text);
    }
    ImGui::PopID();
    if (!remove) continue;
    if (const auto error = look.design->document.remove("faults[" + number + "]")) {
      app.tell(to_text(*error), Tint::bad);
    }
    return;
  }
}

void RunInjectTab::draw(App& app, const RunLook& look) {
  const auto scenario = look.design->document.scenario();
  // Names of the last sound version may be gone from the text.
  if (!scenario || !look.design->document.sound()) {
    empty_state("", "The text has mistakes: nothing can be thrown in until they are mended.");
    return;
  }
  outcome(app, look);
  std::vector<FaultChoice> choices = fault_choices(scenario->config);
  if (look.scene && !look.unknown) note_states(choices, *look.scene, scenario->config.faults);
  const auto chosen = std::find_if(choices.begin(), choices.end(),
                                   [&](const FaultChoice& one) { return one.name == kind_; });
  // The palette scrolls above what is chosen of it, where there is room for both.
  const float room = ImGui::GetContentRegionAvail().y;
  const bool splits = room > px(260);
  const float below = std::min(form_height_, room * 0.65f);
  const ImGuiWindowFlags flags = ImGuiWindowFlags_NavFlattened;
  if (splits) ImGui::BeginChild("palette", {0, room - below - px(8)}, false, flags);
  palette(scenario->config, choices, splits);
  if (splits) ImGui::EndChild();
  if (splits) ImGui::BeginChild("form", {0, 0}, false, flags);
  // As far as there is something to scroll to, which is known a frame later.
  if (kind_ != shown_kind_) leads_frames_ = 3;
  if (leads_frames_ > 0 && !splits)
    ImGui::SetScrollFromPosY(ImGui::GetCursorPos().y - ImGui::GetScrollY(), 0);
  leads_frames_ = std::max(0, leads_frames_ - 1);
  shown_kind_ = kind_;
  const float from = ImGui::GetCursorPosY();
  if (chosen == choices.end()) {
    ImGui::Separator();
    say_wrapped("Choose what happens; it begins where the playhead stands.", Tint::faint);
  } else {
    form(app, look, *chosen);
  }
  recorded(app, look);
  form_height_ = ImGui::GetCursorPosY() - from;
  if (splits) ImGui::EndChild();
}

}  // namespace longhaul
