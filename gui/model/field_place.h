// Where a path of a scenario leads: the field, what it holds, and what the text says there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "run/json_text.h"

namespace longhaul {

struct FieldPlace {
  std::string path;
  const Field* field = nullptr;       // null for elements of lists
  const FieldTable* table = nullptr;  // of the object around the field
  const void* object = nullptr;       // that object; its defaults when it is not given
  const ValueType* type = nullptr;
  const void* value = nullptr;  // null when it is not given
};

// `object` is a struct of `root`. Nothing when a field or an element on the way is not there.
std::optional<FieldPlace> find_place(const FieldTable& root, const void* object,
                                     std::string_view path);

// The fields of an object, each with its place. Variants that do not apply are left out.
std::vector<FieldPlace> places_in(const FieldTable& table, const void* object,
                                  const std::string& path);

// "nodes.db-eu" behind "topology", "[2]" behind "links".
std::string joined_path(const std::string& path, std::string_view segment);
// Without its last segment; empty at the root.
std::string parent_path(std::string_view path);

// What an element of a list is called in a path: ".db-eu" or "[2]".
std::string segment_of(const ValueType& element, const void* value, std::size_t index);

// Its value in the field's own grammar, without quotes. Lists and objects: what they hold, briefly.
std::string place_text(const ValueType& type, const void* value);
std::string default_text(const FieldPlace& place);
// What the table says of a field: documentation, type and bounds, default and its source.
std::string about_field(const FieldPlace& place);
// A text as JSON of that type; what cannot be one goes in as text, and the loader says why not.
std::string json_of(const ValueType& type, const std::string& text);

// What a text says at a path, or null.
const JsonNode* node_at(const JsonNode& root, std::string_view path);

}  // namespace longhaul
