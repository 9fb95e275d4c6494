// Editors of fields, made from the field tables: no parameter is named here.
//
// A field's row says its name, what the text or else the default says, its unit and bounds, and
// what is wrong with it; while it is edited, its documentation and where the default comes from.
// What is typed goes into the document when the field is left or Enter is pressed; sliders do so
// while they move, as one step. Objects fold out, lists grow and shrink, elements with names are
// selected to be seen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gui/model/document.h"
#include "gui/model/field_place.h"
#include "gui/model/knobs.h"

namespace longhaul {

class FieldEditor {
 public:
  // The rows of what is at `path` of the document's scenario. Selecting an element changes `path`.
  // Marked as "inspector." and the path of each field.
  void draw(Document& document, std::string& path);

  // Why the last edit was refused, until the next one.
  const std::optional<Error>& refused() const { return refused_; }
  // What else an edit has done, told once.
  std::string take_note() { return std::exchange(note_, {}); }
  // The row of this path is scrolled to when it is drawn next.
  void reveal(std::string path) { reveal_ = std::move(path); }

 private:
  static bool is_scalar(const ValueType& type);
  static float label_width();
  void read_text();
  void draw_value(const FieldPlace& place);
  void draw_rows(const FieldTable& table, const void* object, const std::string& path);
  void draw_row(const FieldPlace& place);
  void draw_object_row(const FieldPlace& place);
  void draw_list(const FieldPlace& place);
  void add_element(const FieldPlace& list, const ValueType& element, std::size_t size);
  void draw_text_lists(const FieldPlace& place);
  void remove_button(const std::string& path);
  void draw_label(const FieldPlace& place, bool written);
  void draw_scalar(const FieldPlace& place, bool written);
  void draw_combo(const FieldPlace& place, const std::vector<std::string>& choices);
  void draw_input(const FieldPlace& place, std::string_view shown);
  void draw_slider(const FieldPlace& place);
  void draw_errors(const std::string& path);
  void explain(const FieldPlace& place);
  void type_into(const std::string& path, const FieldPlace& place, std::string_view text);

  bool is_written(const std::string& path) const;
  std::string shown_text(const FieldPlace& place) const;
  std::vector<std::string> known_names(const FieldPlace& place) const;
  void set(const std::string& path, const std::string& json, std::string_view together = {});
  void remove(const std::string& path);
  bool renames(const FieldPlace& place) const;
  void rename(const FieldPlace& place, const std::string& name);
  bool leads_to_revealed(const std::string& path) const;

  Document* document_ = nullptr;
  const ScenarioConfig* config_ = nullptr;
  std::string* selected_ = nullptr;
  JsonNode text_;  // the document's, as of `revision_`
  std::uint64_t revision_ = 0;
  const Document* read_from_ = nullptr;
  std::map<std::string, std::string, std::less<>> typing_;  // by path: what is being typed
  std::optional<Knob> dragged_;
  std::optional<Error> refused_;
  std::string note_;
  std::string reveal_;
};

}  // namespace longhaul
