// The manual of all parameters, from their field tables: path, type, default, bounds, what it means
// and where the default comes from. Elements of named lists appear as NAME, others as [N].
#pragma once

#include <string>
#include <string_view>

#include "base/fields.h"

namespace longhaul {

// For a terminal of 100 columns. `under` keeps what is at or below that path, empty everything; the
// result is empty when there is nothing.
std::string manual_text(const FieldTable& root, std::string_view under = {});

// The same as Markdown: a heading and a table of parameters for each object.
std::string manual_markdown(const FieldTable& root, std::string_view under = {});

}  // namespace longhaul
