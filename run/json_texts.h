// Texts of a scenario replaced wherever they stand; every other byte stays as it is.
//
// Beside the edits of one place (run/json_edit.h): what is called something else from now on is
// named in many places at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"

namespace longhaul {

// A text that a field says, an element of a list of texts, or a key of lists by key.
struct TextPlace {
  std::string path;
  const FieldTable* table = nullptr;  // of the object around the field
  const Field* field = nullptr;
  std::string text;
  bool is_key = false;
};

// What stands at each of these places from now on, without quotes; nothing: as it is.
using NewText = std::function<std::optional<std::string>(const TextPlace&)>;

Result<std::string> with_texts(std::string_view text, const FieldTable& root,
                               const NewText& new_text);

}  // namespace longhaul
