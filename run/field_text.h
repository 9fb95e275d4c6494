// What field tables say, in words: shared by the loader's messages, the schema and the manual.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"

namespace longhaul {

const Field* find_field(const FieldTable& table, std::string_view name);
std::vector<std::string> field_names(const FieldTable& table);
std::vector<std::string> enum_name_list(const ValueType& type);

// Whether users know the word and this version has nothing for it. An entry that ends in "*" stands
// for every word that begins so.
bool is_absent(const std::vector<std::string_view>& absent, std::string_view word);
inline constexpr std::string_view not_modelled = " is not modelled in this version";

// "a", "b" or "c"
std::string any_of(const std::vector<std::string>& names);

// Completes "expected ..." for a value of that type under the bounds of that field, which hold for
// the elements when the field is a list.
std::string expected_text(const ValueType& type, const Field& field);

// What a text that its type could not read is answered with: `expected` as parse() said it, and
// either the same quantity written properly or the units there are.
struct Misread {
  std::string expected;
  std::string nearest;
};
Misread misread_text(const TextType& type, const std::string& text, std::string expected);

std::string object_text(const FieldTable& table);

// What an error says of a key that the table does not have.
struct UnknownKey {
  std::string value;
  std::string expected;
  std::string nearest;
};
UnknownKey unknown_key_text(const std::string& key, const FieldTable& table);

// "from 1 to 64", "of at least 1s", or empty. `type` is the field's own or that of its elements.
std::string bounds_text(const ValueType& type, const Field& field);

// "2 to 3 elements", "at least one element", or empty.
std::string items_text(const Field& field);

struct IntegerLimits {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// The bounds of an integer field together with what its member can hold.
IntegerLimits integer_limits(const ValueType& type, const Field& field);

// Whether the value that `object` holds in the discriminator lets the variant field be given.
bool applies(const Field& field, const FieldTable& table, const void* object);

// The names of the discriminator's values that the variant field belongs to.
std::vector<std::string> when_names(const Field& field, const FieldTable& table);

}  // namespace longhaul
