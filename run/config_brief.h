// A configuration as a person would write it: in one line, without what has its default.
#pragma once

#include <string>
#include <string_view>

#include "base/fields.h"

namespace longhaul {

// `object` is a struct of the table. What is required is always there.
std::string brief_json(const FieldTable& table, const void* object);

// A text in quotes, with its escapes.
std::string json_quoted(std::string_view text);

}  // namespace longhaul
