#include "gui/model/field_place.h"

#include <algorithm>

#include "run/config_brief.h"
#include "run/field_text.h"

namespace longhaul {
namespace {

bool goes_on(std::string_view rest) { return rest.empty() || rest[0] == '.' || rest[0] == '['; }

struct Element {
  std::size_t index = 0;
  std::size_t used = 0;  // of the path
};

std::optional<Element> element_of(const ValueType& list, const void* value, std::string_view rest) {
  std::optional<Element> best;
  for (std::size_t i = 0; i < list.list.size(value); ++i) {
    const std::string named = segment_of(*list.element(), list.list.at(value, i), i);
    for (const std::string& segment : {named, "[" + std::to_string(i) + "]"}) {
      if (!rest.starts_with(segment) || !goes_on(rest.substr(segment.size()))) continue;
      if (!best || segment.size() > best->used) best = Element{i, segment.size()};
    }
  }
  return best;
}

}  // namespace

std::string segment_of(const ValueType& element, const void* value, std::size_t index) {
  if (element.kind == FieldKind::object && element.table().named) {
    const auto* name = static_cast<const std::string*>(element.table().fields[0].slot.get(value));
    if (is_name(*name)) return "." + *name;
  }
  return "[" + std::to_string(index) + "]";
}

std::optional<FieldPlace> find_place(const FieldTable& root, const void* object,
                                     std::string_view path) {
  FieldPlace place;
  const FieldTable* table = &root;
  std::string_view rest = path;
  while (table != nullptr) {
    const std::string key(rest.substr(0, rest.find_first_of(".[")));
    place = {std::string(path), find_field(*table, key), table, object, nullptr, nullptr};
    if (place.field == nullptr) return std::nullopt;
    place.type = &place.field->type;
    place.value = object != nullptr ? place.field->slot.get(object) : nullptr;
    rest.remove_prefix(key.size());
    table = nullptr;
    while (!rest.empty() && place.type->kind == FieldKind::list) {
      if (place.value == nullptr) return std::nullopt;
      const auto element = element_of(*place.type, place.value, rest);
      if (!element) return std::nullopt;
      place.value = place.type->list.at(place.value, element->index);
      place.type = place.type->element();
      place.field = nullptr;
      rest.remove_prefix(element->used);
    }
    if (rest.empty() || place.type->kind == FieldKind::text_lists) return place;
    if (place.type->kind != FieldKind::object || rest[0] != '.') return std::nullopt;
    table = &place.type->table();
    object = place.value != nullptr ? place.value : table->defaults();
    rest.remove_prefix(1);
  }
  return std::nullopt;
}

std::vector<FieldPlace> places_in(const FieldTable& table, const void* object,
                                  const std::string& path) {
  std::vector<FieldPlace> places;
  if (object == nullptr) object = table.defaults();
  for (const Field& field : table.fields) {
    if (!applies(field, table, object)) continue;
    places.push_back({joined_path(path, field.name), &field, &table, object, &field.type,
                      field.slot.get(object)});
  }
  return places;
}

std::string joined_path(const std::string& path, std::string_view segment) {
  if (path.empty()) return std::string(segment);
  const bool joins = segment.starts_with('[') || segment.starts_with('.');
  return path + (joins ? "" : ".") + std::string(segment);
}

std::string parent_path(std::string_view path) {
  const std::size_t at = path.find_last_of(".[");
  return at == std::string_view::npos ? std::string() : std::string(path.substr(0, at));
}

std::string place_text(const ValueType& type, const void* value) {
  if (value == nullptr) return {};
  switch (type.kind) {
    case FieldKind::boolean:
      return *static_cast<const bool*>(value) ? "true" : "false";
    case FieldKind::integer:
      return std::to_string(type.integer_get(value));
    case FieldKind::quantity:
      return type.text->print(value);
    case FieldKind::text:
      return *static_cast<const std::string*>(value);
    case FieldKind::enumeration:
      return type.enum_print(value);
    case FieldKind::list: {
      const std::size_t size = type.list.size(value);
      return size == 0 ? "none" : std::to_string(size);
    }
    case FieldKind::text_lists:
      return std::to_string(static_cast<const TextLists*>(value)->size());
    case FieldKind::object:
      break;
  }
  return {};
}

std::string about_field(const FieldPlace& place) {
  if (place.field == nullptr) return {};
  const Field& field = *place.field;
  std::string text(field.doc);
  const FieldKind kind = field.type.kind;
  const bool is_scalar = kind != FieldKind::object && kind != FieldKind::list &&
                         kind != FieldKind::text_lists && kind != FieldKind::text;
  if (is_scalar || (field.bounded && kind != FieldKind::text)) {
    text += "\nExpects " + expected_text(field.type, field) + ".";
  }
  const std::string usual = default_text(place);
  if (!usual.empty()) {
    text += "\nDefault: " + usual;
    if (!field.default_source.empty()) text += " (" + std::string(field.default_source) + ")";
  } else if (field.is_required) {
    text += "\nRequired.";
  }
  return text;
}

std::string default_text(const FieldPlace& place) {
  if (place.field == nullptr || place.table == nullptr || place.field->is_required) return {};
  const void* value = place.field->slot.get(place.table->defaults());
  return value == nullptr ? "not given" : place_text(place.field->type, value);
}

std::string json_of(const ValueType& type, const std::string& text) {
  if (type.kind == FieldKind::boolean && (text == "true" || text == "false")) return text;
  if (type.kind != FieldKind::integer) return json_quoted(text);
  const std::size_t digits = text.starts_with('-') ? 1 : 0;
  const bool padded = text.size() > digits + 1 && text[digits] == '0';  // no JSON
  const bool number = text.size() > digits && text.size() < 19 && !padded &&
                      text.find_first_not_of("0123456789", digits) == std::string::npos;
  return number ? text : json_quoted(text);
}

const JsonNode* node_at(const JsonNode& root, std::string_view path) {
  const JsonNode* node = &root;
  std::string dotted = "." + std::string(path);
  std::string_view rest = dotted;
  while (!rest.empty()) {
    const JsonNode* next = nullptr;
    std::size_t used = 0;
    const auto offer = [&](const std::string& segment, const JsonNode& value) {
      if (segment.size() <= used || !rest.starts_with(segment)) return;
      if (!goes_on(rest.substr(segment.size()))) return;
      used = segment.size();
      next = &value;
    };
    for (const JsonMember& member : node->members) offer("." + member.key, member.value);
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      offer(element_segment(node->items[i], i), node->items[i]);
      offer("[" + std::to_string(i) + "]", node->items[i]);
    }
    if (next == nullptr) return nullptr;
    node = next;
    rest.remove_prefix(used);
  }
  return node;
}

}  // namespace longhaul
