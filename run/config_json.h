// Structs filled from JSON by their field tables, and printed back.
//
// load() collects every mistake of a document instead of stopping at the first: unknown keys,
// missing ones, wrong types, numbers without a unit, values out of bounds, unknown names, names
// given twice, fields of another variant. What one field alone cannot tell (an unknown node, a
// cycle) is the business of later validation, which reports it through LoadContext::at().
//
// Paths go by names where elements have one, else by index:
//   topology.nodes.db-eu.follows    workload.eu.pages.dashboard.calls[0].times
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "run/json_text.h"
#include "run/load_context.h"

namespace longhaul {

// Fills `object`, a struct of `table`, from `node`; what is absent keeps its value. `path` is where
// the node stands in the document, empty for the root. False when the context got an error.
bool load(const JsonNode& node, const FieldTable& table, void* object, LoadContext& context,
          std::string path = {});

// The whole document as a T, or every mistake in it.
template <class T>
Result<T> load_config(const JsonDocument& document) {
  T object{};
  LoadContext context(document);
  load(document.root, T::fields(), &object, context);
  if (!context.ok()) return context.errors();
  return object;
}

// The configuration in the order of the table, with every default written out, empty optionals and
// fields of other variants left out. load(dump(x)) == x.
nlohmann::ordered_json dump(const FieldTable& table, const void* object);
nlohmann::ordered_json dump_value(const ValueType& type, const void* value);

}  // namespace longhaul
