// The JSON Schema of a configuration, from its field tables, for editors that complete and check.
//
// Everything that the loader accepts is valid; what is invalid here is refused there. The schema
// leaves out what it cannot say: bounds of quantities, names given twice, references to things that
// do not exist. Draft 7, which most editors know.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/fields.h"

namespace longhaul {

// With `layers`, a file that has "extends" may leave out what the file below it says.
nlohmann::ordered_json json_schema(const FieldTable& root, bool layers);

}  // namespace longhaul
