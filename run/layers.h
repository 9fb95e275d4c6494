// A configuration made of several files: `"extends": "base.json"` lays a file over another one.
//
// Objects merge, lists of named things patch by name (new names are appended), an empty list and
// every other list or value replaces. A layer that chooses another variant or another member of a
// group drops what the layers below said about the old one. The path is relative to the file that
// says it; a file extends at most one. Every node keeps its own file and place for messages.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/fields.h"
#include "base/result.h"
#include "run/json_text.h"

namespace longhaul {

inline constexpr std::size_t layers_max = 16;

// The text of a file, or one Error whose `value` says why there is none.
using ReadText = std::function<Result<std::string>(const std::string& path)>;

// From disk, up to json_bytes_max.
Result<std::string> read_text_file(const std::string& path);

// The file with everything below it. The keys "extends" and "$schema" of the root are taken out
// unless the table has them.
Result<JsonDocument> read_layers(const std::string& path, const FieldTable& root,
                                 const ReadText& read = read_text_file);

// Lays `layer` over `base`, two objects of that table.
void merge_layer(JsonNode& base, JsonNode layer, const FieldTable& table);

// Takes out what stands beside `chosen` and cannot stay once it holds `value` (its text, for an
// enumeration): the fields of other variants and the other members of its group.
void drop_rivals(JsonNode& object, const FieldTable& table, const Field& chosen,
                 const std::string& value);

}  // namespace longhaul
