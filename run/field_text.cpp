#include "run/field_text.h"

#include <algorithm>
#include <initializer_list>

#include "run/json_text.h"

namespace longhaul {
namespace {

constexpr std::int64_t integer_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t integer_max = std::numeric_limits<std::int64_t>::max();

// "node" becomes "a node", "app" becomes "an app".
std::string with_article(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeiou").find(noun[0]) < 5;
  return (vowel ? "an " : "a ") + std::string(noun);
}

bool has_bounds(const ValueType& type) {
  return type.kind == FieldKind::integer ||
         (type.kind == FieldKind::quantity && type.text->as_integer);
}

const ValueType& innermost(const ValueType& type) {
  return type.kind == FieldKind::list ? innermost(*type.element()) : type;
}

std::string bound_text(const ValueType& type, std::int64_t raw) {
  return type.kind == FieldKind::quantity ? type.text->print_integer(raw) : std::to_string(raw);
}

std::string_view plural_noun(const ValueType& type) {
  switch (type.kind) {
    case FieldKind::boolean:
      return "true or false";
    case FieldKind::integer:
      return "whole numbers";
    case FieldKind::list:
      return "lists";
    case FieldKind::object:
    case FieldKind::text_lists:
      return "objects";
    default:
      return "texts in quotes";
  }
}

}  // namespace

const Field* find_field(const FieldTable& table, std::string_view name) {
  for (const Field& field : table.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::vector<std::string> field_names(const FieldTable& table) {
  std::vector<std::string> names;
  for (const Field& field : table.fields) names.emplace_back(field.name);
  return names;
}

std::vector<std::string> enum_name_list(const ValueType& type) {
  const EnumNames& known = *type.names();
  return {known.names.begin(), known.names.end()};
}

bool is_absent(const std::vector<std::string_view>& absent, std::string_view word) {
  return std::any_of(absent.begin(), absent.end(), [word](std::string_view entry) {
    if (!entry.ends_with('*')) return entry == word;
    return word.starts_with(entry.substr(0, entry.size() - 1));
  });
}

std::string any_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += '"' + names[i] + '"';
  }
  return text;
}

std::string expected_text(const ValueType& type, const Field& field) {
  const std::string bounds = bounds_text(type, field);
  const std::string with_bounds = bounds.empty() ? "" : " " + bounds;
  switch (type.kind) {
    case FieldKind::boolean:
      return "true or false";
    case FieldKind::integer:
      if (field.bounded && field.min == field.max) return "the number " + std::to_string(field.min);
      return "a whole number" + with_bounds;
    case FieldKind::quantity:
      return std::string(type.text->expected) + with_bounds;
    case FieldKind::text:
      return "a text in quotes";
    case FieldKind::enumeration:
      return any_of(enum_name_list(type));
    case FieldKind::object:
      return object_text(type.table());
    case FieldKind::text_lists:
      return "an object {...} of lists of texts";
    case FieldKind::list: {
      const ValueType& element = *type.element();
      if (element.kind == FieldKind::enumeration) {
        return "a list [...] of " + any_of(enum_name_list(element));
      }
      return "a list [...] of " + std::string(plural_noun(element));
    }
  }
  return {};
}

Misread misread_text(const TextType& type, const std::string& text, std::string expected) {
  Misread result{std::move(expected), {}};
  if (type.units.empty() || result.expected != type.expected) return result;
  std::string proper;
  for (char c : text) {
    if (c != ' ') proper += c;
  }
  const auto is_read = [&] {
    std::int64_t scratch = 0;  // every type with units is one integer
    return !type.parse(proper, &scratch);
  };
  if (!is_read()) {
    for (char& c : proper) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  if (is_read()) {
    result.nearest = proper;
  } else {
    result.expected += ", in " + std::string(type.units);
  }
  return result;
}

std::string object_text(const FieldTable& table) {
  return "an object {...}, " + with_article(table.title);
}

UnknownKey unknown_key_text(const std::string& key, const FieldTable& table) {
  const std::vector<std::string> names = field_names(table);
  UnknownKey text;
  text.expected = "a key of " + with_article(table.title);
  if (is_absent(table.absent, key)) {
    text.value = '"' + clipped(key) + '"' + std::string(not_modelled);
  } else {
    text.value = "unknown key \"" + clipped(key) + '"';
    text.nearest = nearest_of(key, names);
  }
  if (text.nearest.empty()) text.expected += ": " + any_of(names);
  return text;
}

std::string bounds_text(const ValueType& type, const Field& field) {
  if (type.kind == FieldKind::list) return bounds_text(innermost(type), field);
  if (!field.bounded || !has_bounds(type)) return {};
  if (field.max == integer_max) return "of at least " + bound_text(type, field.min);
  if (field.min == integer_min) return "of at most " + bound_text(type, field.max);
  return "from " + bound_text(type, field.min) + " to " + bound_text(type, field.max);
}

std::string items_text(const Field& field) {
  const bool open = field.items_max == std::numeric_limits<std::size_t>::max();
  const auto elements = [](std::size_t n) {
    return std::to_string(n) + (n == 1 ? " element" : " elements");
  };
  if (open) return field.items_min == 0 ? "" : "at least " + elements(field.items_min);
  if (field.items_min == 0) return "at most " + elements(field.items_max);
  if (field.items_min == field.items_max) return elements(field.items_min);
  return std::to_string(field.items_min) + " to " + elements(field.items_max);
}

IntegerLimits integer_limits(const ValueType& type, const Field& field) {
  // The table knows no width; it knows what fits.
  std::int64_t scratch = 0;
  IntegerLimits limits{0, 0};
  for (const std::int64_t low :
       {std::int64_t{-128}, std::int64_t{-32768}, std::int64_t{-2147483648}, integer_min}) {
    if (type.integer_set(&scratch, low)) limits.min = low;
  }
  for (const std::int64_t high :
       {std::int64_t{127}, std::int64_t{255}, std::int64_t{32767}, std::int64_t{65535},
        std::int64_t{2147483647}, std::int64_t{4294967295}, integer_max}) {
    if (type.integer_set(&scratch, high)) limits.max = high;
  }
  if (field.bounded) {
    limits.min = std::max(limits.min, field.min);
    limits.max = std::min(limits.max, field.max);
  }
  return limits;
}

bool applies(const Field& field, const FieldTable& table, const void* object) {
  if (field.when_field.empty()) return true;
  const Field* discriminator = find_field(table, field.when_field);
  CHECK(discriminator && discriminator->type.kind == FieldKind::enumeration);
  const void* value = discriminator->slot.get(object);
  if (!value) return false;
  const std::string name = discriminator->type.enum_print(value);
  const std::vector<std::string> wanted = when_names(field, table);
  return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

std::vector<std::string> when_names(const Field& field, const FieldTable& table) {
  const Field* discriminator = find_field(table, field.when_field);
  CHECK(discriminator && discriminator->type.kind == FieldKind::enumeration);
  std::vector<std::string> names;
  const std::vector<std::string> known = enum_name_list(discriminator->type);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (field.when_values >> i & 1) names.push_back(known[i]);
  }
  return names;
}

}  // namespace longhaul
