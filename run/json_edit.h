// Edits of a scenario's text that leave every other byte as it is: order, comments, blanks.
//
// Paths are those of --set: names where elements have one, else indices; `expect.` goes on with a
// key. A layer that `extends` another file is edited as a layer: what it does not say yet is added,
// with the names that patching by name needs; a list without names, which a layer can only replace
// as a whole, is first copied up from below. New text takes the indentation of its neighbours. What
// comes out is parsed again; an edit whose result is no JSON, or another document than was meant,
// is refused.
#pragma once

#include <string>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"
#include "run/json_text.h"

namespace longhaul {

// `json` is a value as it stands in a file. Replaces the value at `path`, or adds it with what lies
// on the way; what cannot stand beside it (another variant) goes. `below` is what the text extends,
// merged; null: nothing or not known.
Result<std::string> with_value(std::string_view text, const FieldTable& root, std::string_view path,
                               std::string_view json, const JsonNode* below = nullptr);

// Behind the last element of the list at `list`, which is added when it is absent.
Result<std::string> with_element(std::string_view text, const FieldTable& root,
                                 std::string_view list, std::string_view json,
                                 const JsonNode* below = nullptr);

// Without the member or element at `path`, its comma, and the comment behind it in its line. An
// error if this text does not have it (a layer below may).
Result<std::string> without(std::string_view text, const FieldTable& root, std::string_view path);

// A value in one line, as it would be added.
std::string in_one_line(const JsonNode& node);

// The value at `path` as it stands in the text; empty when this text does not have it.
std::string written_at(std::string_view text, const FieldTable& root, std::string_view path);

}  // namespace longhaul
