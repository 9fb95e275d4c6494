// Rows that hold others: objects, lists, lists of texts by key.
#include <imgui.h>

#include "gui/model/design_edits.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/field_editor.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/config_brief.h"
#include "run/field_text.h"

namespace longhaul {
namespace {

std::string title_of(const ValueType& element, const void* value, std::size_t index) {
  if (element.kind != FieldKind::object) return place_text(element, value);
  const std::string segment = segment_of(element, value, index);
  if (segment[0] == '.') return segment.substr(1);
  return clipped(brief_json(element.table(), value), 48);
}

}  // namespace

void FieldEditor::draw_object_row(const FieldPlace& place) {
  if (place.value == nullptr) {
    draw_label(place, false);
    ImGui::SameLine(label_width());
    const std::string name = "inspector." + place.path + ".add";
    if (tool_button(name.c_str(), icon::plus, "add", "Not given; add it with its defaults")) {
      set(place.path, "{}");
    }
    return;
  }
  const bool written = is_written(place.path);
  ImGui::PushStyleColor(ImGuiCol_Text, colour(written ? Tint::text : Tint::faint));
  if (leads_to_revealed(place.path)) ImGui::SetNextItemOpen(true);
  const bool open =
      ImGui::TreeNodeEx(std::string(place.field->name).c_str(), ImGuiTreeNodeFlags_SpanAvailWidth);
  ImGui::PopStyleColor();
  mark("inspector." + place.path);
  if (ImGui::IsItemHovered()) explain(place);
  if (!open) return;
  draw_rows(place.type->table(), place.value, place.path);
  ImGui::TreePop();
}

// As the last one is; the first as the table has it.
void FieldEditor::add_element(const FieldPlace& list, const ValueType& element, std::size_t size) {
  if (element.kind == FieldKind::object && size > 0) {
    const void* last = list.type->list.at(list.value, size - 1);
    if (element.table().named) {
      const EditAnswer copy =
          duplicate_thing(*document_, list.path + segment_of(element, last, size - 1));
      refused_ = copy.error;
      if (!copy.error) *selected_ = copy.path;
    } else {
      refused_ = document_->append(list.path, brief_json(element.table(), last));
    }
    return;
  }
  std::string json = "\"\"";
  if (element.kind == FieldKind::object) {
    json = brief_json(element.table(), element.table().defaults());
  } else if (element.kind == FieldKind::enumeration) {
    json = json_quoted(enum_name_list(element)[0]);
  } else if (size > 0) {
    json = json_quoted(place_text(element, list.type->list.at(list.value, size - 1)));
  }
  refused_ = document_->append(list.path, json);
}

void FieldEditor::draw_list(const FieldPlace& place) {
  const std::string name = "inspector." + place.path;
  const ValueType& element = *place.type->element();
  const std::size_t size = place.value != nullptr ? place.type->list.size(place.value) : 0;
  draw_label(place, is_written(place.path));
  ImGui::SameLine(label_width());
  const std::string add = name + ".add";
  if (tool_button(add.c_str(), icon::plus, size == 0 ? "add" : std::to_string(size).c_str(),
                  size == 0 ? "Add an element" : "Add another like the last")) {
    add_element(place, element, size);
  }
  ImGui::Indent();
  for (std::size_t i = 0; i < size; ++i) {
    ImGui::PushID(static_cast<int>(i));
    const void* value = place.type->list.at(place.value, i);
    const std::string path = place.path + segment_of(element, value, i);
    if (is_scalar(element)) {
      ImGui::SetNextItemWidth(-(ImGui::GetFrameHeight() + px(4)));
      FieldPlace at{path, nullptr, nullptr, nullptr, &element, value};
      const std::vector<std::string> names = known_names(at);
      if (names.empty()) {
        draw_input(at, shown_text(at));
      } else {
        draw_combo(at, names);
      }
    } else {
      const std::string title = fitted(title_of(element, value, i),
                                       ImGui::GetContentRegionAvail().x - ImGui::GetFrameHeight());
      const float width = ImGui::GetContentRegionAvail().x - ImGui::GetFrameHeight() - px(6);
      ImGui::PushStyleVar(ImGuiStyleVar_SelectableTextAlign, {0, 0.5f});
      const bool chosen =
          ImGui::Selectable(title.c_str(), false, 0, {width, ImGui::GetFrameHeight()});
      ImGui::PopStyleVar();
      if (chosen) {
        *selected_ = path;
      }
      mark("inspector." + path);
    }
    ImGui::SameLine(0, px(4));
    remove_button(path);
    draw_errors(path);
    ImGui::PopID();
  }
  ImGui::Unindent();
}

// Each text of each list; a change writes its list anew.
void FieldEditor::draw_text_lists(const FieldPlace& place) {
  draw_label(place, is_written(place.path));
  if (place.value == nullptr) return;
  static const ValueType text_value = [] {
    ValueType type;
    type.kind = FieldKind::text;
    return type;
  }();
  ImGui::Indent();
  for (const auto& [key, texts] : *static_cast<const TextLists*>(place.value)) {
    ImGui::PushID(key.c_str());
    const std::string path = place.path + "." + key;
    if (leads_to_revealed(path)) ImGui::SetScrollHereY(0.25f);
    say_wrapped(key, Tint::text, Face::small);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      ImGui::PushID(static_cast<int>(i));
      const std::string at = path + "[" + std::to_string(i) + "]";
      const FieldPlace one{at, nullptr, nullptr, nullptr, &text_value, &texts[i]};
      ImGui::SetNextItemWidth(-(ImGui::GetFrameHeight() + px(4)));
      draw_input(one, shown_text(one));
      if (i == 0) {
        ImGui::SameLine(0, px(4));
        remove_button(path);
      }
      draw_errors(at);
      ImGui::PopID();
    }
    draw_errors(path);
    ImGui::PopID();
  }
  ImGui::Unindent();
}

void FieldEditor::remove_button(const std::string& path) {
  ImGui::PushStyleColor(ImGuiCol_Button, 0);
  ImGui::PushStyleColor(ImGuiCol_Text, colour(Tint::faint));
  const bool pressed =
      ImGui::Button((std::string(icon::close) + "##remove").c_str(), {ImGui::GetFrameHeight(), 0});
  ImGui::PopStyleColor(2);
  mark("inspector." + path + ".remove");
  if (ImGui::IsItemHovered()) hint("Remove");
  if (pressed) refused_ = remove_thing(*document_, path).error;
}

}  // namespace longhaul
