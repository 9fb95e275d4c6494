#include "gui/widgets/field_editor.h"

#include <imgui.h>

#include <algorithm>

#include "gui/model/rename.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/config_brief.h"
#include "run/field_text.h"

namespace longhaul {
namespace {

constexpr std::size_t typed_max = 4096;

// The last item: by the mouse, or by who goes through them with the keyboard.
bool is_looked_at() {
  return ImGui::IsItemHovered() || (ImGui::IsItemFocused() && ImGui::GetIO().NavVisible);
}

}  // namespace

bool FieldEditor::is_scalar(const ValueType& type) {
  return type.kind != FieldKind::object && type.kind != FieldKind::list &&
         type.kind != FieldKind::text_lists;
}

float FieldEditor::label_width() { return ImGui::GetContentRegionMax().x * 0.44f; }

void FieldEditor::read_text() {
  if (revision_ == document_->revision() && read_from_ == document_) return;
  read_from_ = document_;
  revision_ = document_->revision();
  auto parsed = parse_json("", document_->text());
  text_ = parsed ? std::move(parsed.value().root) : JsonNode{};
}

bool FieldEditor::is_written(const std::string& path) const {
  return node_at(text_, path) != nullptr;
}

// What the text says, sound or not; else the value in force.
std::string FieldEditor::shown_text(const FieldPlace& place) const {
  const JsonNode* node = node_at(text_, place.path);
  if (node != nullptr && node->kind != JsonKind::object && node->kind != JsonKind::list) {
    return node->text;
  }
  return place_text(*place.type, place.value);
}

void FieldEditor::set(const std::string& path, const std::string& json, std::string_view together) {
  refused_ = document_->set(path, json, together);
}

void FieldEditor::remove(const std::string& path) { refused_ = document_->remove(path); }

// Names that a text field refers to, by what the field is called.
std::vector<std::string> FieldEditor::known_names(const FieldPlace& place) const {
  std::vector<std::string> names;
  const std::string_view key = place.field != nullptr ? place.field->name : std::string_view();
  const bool of_region = key == "region" || key == "from" || key == "to" || key == "between" ||
                         place.path.find(".between[") != std::string::npos;
  if (of_region) {
    names = config_->topology.regions;
  } else if (key == "follows" || key == "target") {
    for (const NodeConfig& node : config_->topology.nodes) names.push_back(node.name);
  } else if (key == "read" || key == "write") {
    for (const DataSetConfig& data : config_->data) names.push_back(data.name);
  }
  return names;
}

void FieldEditor::draw_errors(const std::string& path) {
  const auto draw = [&](const Error& error) {
    if (error.path != path) return;
    std::string text = std::string(icon::error) + "  " + error.value;
    text += (error.value.empty() ? "" : "; ") + ("expected " + error.expected);
    if (!error.nearest.empty()) text += "; did you mean \"" + error.nearest + "\"?";
    say_wrapped(text, Tint::bad, Face::small);
    mark_text("inspector." + path + ".error", text);
  };
  for (const Error& error : document_->errors()) draw(error);
  if (refused_) draw(*refused_);
}

// What the table says of a field; a value that is cut in its box, in full.
void FieldEditor::explain(const FieldPlace& place) {
  if (place.field == nullptr) return;
  std::string text = about_field(place) + "\n" + place.path;
  const std::string value = is_scalar(*place.type) ? shown_text(place) : std::string();
  const float room =
      ImGui::GetContentRegionMax().x - label_width() - 2 * ImGui::GetStyle().FramePadding.x;
  if (ImGui::CalcTextSize(value.c_str()).x > room) text = value + "\n\n" + text;
  // Beside the panel, so that it hides no field.
  const ImVec2 panel = ImGui::GetWindowPos();
  ImGui::SetNextWindowPos({panel.x - px(6), ImGui::GetItemRectMin().y}, ImGuiCond_Always, {1, 0});
  hint(text);
}

void FieldEditor::draw_label(const FieldPlace& place, bool written) {
  ImGui::AlignTextToFramePadding();
  const std::string name(place.field != nullptr ? place.field->name : "");
  const float room = label_width() - ImGui::GetCursorPosX() - px(6);
  ImGui::PushFont(face(Face::small));
  const std::string shown = fitted(name, room);
  ImGui::PopFont();
  say(shown, written ? Tint::text : Tint::faint, Face::small);
  if (ImGui::IsItemHovered()) explain(place);
}

bool FieldEditor::leads_to_revealed(const std::string& path) const {
  if (!reveal_.starts_with(path)) return false;
  const std::string rest = reveal_.substr(path.size());
  return rest.empty() || rest[0] == '.' || rest[0] == '[';
}

void FieldEditor::draw_row(const FieldPlace& place) {
  ImGui::PushID(place.path.c_str());
  const bool revealed = leads_to_revealed(place.path);
  if (revealed) ImGui::SetScrollHereY(0.25f);
  const bool written = is_written(place.path);
  if (place.type->kind == FieldKind::object) {
    draw_object_row(place);
  } else if (place.type->kind == FieldKind::list) {
    draw_list(place);
  } else if (place.type->kind == FieldKind::text_lists) {
    draw_text_lists(place);
  } else {
    draw_label(place, written);
    ImGui::SameLine(label_width());
    draw_scalar(place, written);
  }
  draw_errors(place.path);
  ImGui::PopID();
}

void FieldEditor::draw_scalar(const FieldPlace& place, bool written) {
  const float reset = written && !(place.field != nullptr && place.field->is_required)
                          ? ImGui::GetFrameHeight() + px(4)
                          : 0;
  ImGui::SetNextItemWidth(-std::max(reset, px(1)));
  const std::string shown = shown_text(place);
  const std::string name = "inspector." + place.path;
  switch (place.type->kind) {
    case FieldKind::boolean: {
      bool on = shown == "true";
      if (ImGui::Checkbox("##on", &on)) set(place.path, on ? "true" : "false");
      mark(name);
      if (is_looked_at()) explain(place);
      break;
    }
    case FieldKind::enumeration:
      draw_combo(place, enum_name_list(*place.type));
      break;
    default: {
      const std::vector<std::string> names = known_names(place);
      if (!names.empty()) {
        draw_combo(place, names);
      } else {
        draw_input(place, shown);
      }
    }
  }
  mark_text(name, shown);
  if (reset > 0) {
    ImGui::SameLine(0, px(4));
    ImGui::PushStyleColor(ImGuiCol_Button, 0);
    ImGui::PushStyleColor(ImGuiCol_Text, colour(Tint::faint));
    const std::string usual = default_text(place);
    if (ImGui::Button((std::string(icon::undo) + "##reset").c_str(),
                      {ImGui::GetFrameHeight(), 0})) {
      remove(place.path);
    }
    mark(name + ".reset");
    ImGui::PopStyleColor(2);
    if (ImGui::IsItemHovered()) hint("Back to the default: " + (usual.empty() ? "none" : usual));
  }
  draw_slider(place);
}

void FieldEditor::draw_combo(const FieldPlace& place, const std::vector<std::string>& choices) {
  const std::string shown = shown_text(place);
  const bool open = ImGui::BeginCombo("##choice", shown.empty() ? "not given" : shown.c_str());
  mark("inspector." + place.path);
  if (!open && is_looked_at()) explain(place);
  if (!open) return;
  const bool may_go = place.field != nullptr && place.field->optional && is_written(place.path);
  if (may_go && ImGui::Selectable("not given")) remove(place.path);
  const EnumNames* names =
      place.type->kind == FieldKind::enumeration ? place.type->names() : nullptr;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (ImGui::Selectable(choices[i].c_str(), choices[i] == shown) && choices[i] != shown) {
      set(place.path, json_quoted(choices[i]));
    }
    mark("inspector." + place.path + "." + choices[i]);
    if (names != nullptr && i < names->docs.size() && ImGui::IsItemHovered()) {
      hint(names->docs[i]);
    }
  }
  ImGui::EndCombo();
}

void FieldEditor::draw_input(const FieldPlace& place, std::string_view shown) {
  type_into(place.path, place, shown);
  mark("inspector." + place.path);
  if (ImGui::IsItemHovered() || ImGui::IsItemActive()) explain(place);
  const auto typed = typing_.find(place.path);
  if (typed == typing_.end() || !ImGui::IsItemDeactivated()) return;
  const std::string text(typed->second.c_str());
  typing_.erase(typed);
  if (text == shown) return;
  const bool is_text = place.type->kind == FieldKind::text;
  if (text.empty() && !(is_text && place.field != nullptr && place.field->is_required)) {
    if (is_written(place.path)) remove(place.path);
  } else if (renames(place)) {
    rename(place, text);
  } else {
    set(place.path, json_of(*place.type, text));
  }
}

// Whether others refer to what stands there.
bool FieldEditor::renames(const FieldPlace& place) const {
  if (place.path.starts_with("topology.regions[")) return true;
  const bool is_name = place.table != nullptr && place.table->named && place.field != nullptr &&
                       place.field->name == "name";
  return is_name && !parent_path(place.path).empty();
}

void FieldEditor::rename(const FieldPlace& place, const std::string& name) {
  const bool region = place.field == nullptr;
  const std::string thing = region ? place.path : parent_path(place.path);
  const EditAnswer answer = rename_thing(*document_, thing, name);
  refused_ = answer.error;
  note_ = answer.note;
  if (!answer.error && *selected_ == thing) *selected_ = answer.path;
}

// What is typed is kept by path: another field may take the focus before this one is drawn.
void FieldEditor::type_into(const std::string& path, const FieldPlace& place,
                            std::string_view shown) {
  const auto typed = typing_.find(path);
  std::string fresh;
  std::string& text = typed != typing_.end() ? typed->second : fresh;
  if (typed == typing_.end()) text = shown;
  text.resize(typed_max);
  const bool given = place.value != nullptr || !shown.empty();
  ImGui::InputTextWithHint("##text", given ? "" : "not given", text.data(), typed_max,
                           ImGuiInputTextFlags_AutoSelectAll);
  if (ImGui::IsItemActivated()) typing_[path] = std::move(fresh);
}

// A quantity can be drawn as well as typed.
void FieldEditor::draw_slider(const FieldPlace& place) {
  const ValueType& type = *place.type;
  const bool fits = place.field != nullptr && place.value != nullptr &&
                    ((type.kind == FieldKind::quantity && type.text->as_integer != nullptr) ||
                     (type.kind == FieldKind::integer && place.field->bounded));
  if (!fits || place.field->presets != nullptr || place.path == "duration") return;
  const bool dragging = dragged_ && dragged_->path == place.path;
  const Knob knob = dragging ? *dragged_ : knob_at(*config_, place.path);
  if (knob.field == nullptr || knob.is_choice() || knob.most <= knob.least) return;
  const std::int64_t value = type.kind == FieldKind::integer ? type.integer_get(place.value)
                                                             : type.text->as_integer(place.value);
  const float width = ImGui::GetContentRegionMax().x - label_width();
  // Close below the field, as a part of it.
  ImGui::SetCursorPos({label_width(), ImGui::GetCursorPosY() - ImGui::GetStyle().ItemSpacing.y});
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float height = px(12);
  ImGui::InvisibleButton("##slider", {std::max(px(20), width), height});
  mark("inspector." + place.path + ".slider");
  const bool active = ImGui::IsItemActive();
  const bool hot = active || ImGui::IsItemHovered();
  const float pad = px(6);
  const float track = std::max(1.0f, width - 2 * pad);
  const float middle = from.y + height / 2;
  auto share = static_cast<float>(std::clamp(position_of(knob, value), 0.0, 1.0));
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({from.x + pad, middle - px(1.5f)}, {from.x + pad + track, middle + px(1.5f)},
                      colour(Tint::raised), px(2));
  list->AddRectFilled({from.x + pad, middle - px(1.5f)},
                      {from.x + pad + track * share, middle + px(1.5f)},
                      colour(Tint::accent, hot ? 1 : 0.55f), px(2));
  list->AddCircleFilled({from.x + pad + track * share, middle}, px(hot ? 6 : 4.5f),
                        colour(Tint::accent, hot ? 1 : 0.8f));
  if (hot && !active) {
    hint(value_text(knob, knob.least) + " to " + value_text(knob, knob.most));
  }
  if (active) {
    if (!dragging) dragged_ = knob;
    share = std::clamp((ImGui::GetIO().MousePos.x - from.x - pad) / track, 0.0f, 1.0f);
    const std::int64_t wanted = value_at(knob, share);
    if (wanted != value) set(place.path, value_json(knob, wanted), place.path);
  } else if (dragging) {
    dragged_.reset();
    document_->settle();
  }
}

void FieldEditor::draw_rows(const FieldTable& table, const void* object, const std::string& path) {
  for (const FieldPlace& place : places_in(table, object, path)) draw_row(place);
}

void FieldEditor::draw(Document& document, std::string& path) {
  document_ = &document;
  const auto kept = document.scenario();  // an edit replaces it
  if (!kept) return;
  config_ = &kept->config;
  std::string next = path;
  selected_ = &next;
  read_text();
  const auto place = find_place(ScenarioConfig::fields(), config_, path);
  if (place && place->value != nullptr) {
    draw_value(*place);
  } else if (path.empty()) {
    draw_rows(ScenarioConfig::fields(), config_, "");
  } else if (place) {
    draw_row(*place);
  } else {
    empty_state("Nothing is there", "It was removed, or it is not sound yet.");
  }
  reveal_.clear();
  path = next;
}

void FieldEditor::draw_value(const FieldPlace& place) {
  if (place.type->kind == FieldKind::object) {
    draw_rows(place.type->table(), place.value, place.path);
    draw_errors(place.path);
  } else {
    draw_row(place);
  }
}

}  // namespace longhaul
