// Single values set from outside a file: `--set workload.eu.rate=50/s`, the axes of a sweep.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"
#include "run/json_text.h"

namespace longhaul {

// Puts `value` at `path` of the tree, which is loaded afterwards; so units, bounds and variants
// stay the loader's business. Quotes around text are left out ("50/s"), lists and objects are JSON.
// A value for a list of texts of `expect` may be the one text. What lies on the way is made when it
// is absent, but not the elements of lists. Returns what is wrong with the path or the JSON.
std::optional<Error> set_by_path(JsonDocument& document, const FieldTable& root,
                                 std::string_view path, std::string_view value);

// The same for "path=value".
std::optional<Error> set_by_path(JsonDocument& document, const FieldTable& root,
                                 std::string_view assignment);

}  // namespace longhaul
