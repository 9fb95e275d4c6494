// One table per configuration struct, the only place where a parameter is named.
//
//   struct WalConfig {
//     Bytes send_chunk = kibibytes(128);
//     static const FieldTable& fields();
//   };
//   const FieldTable& WalConfig::fields() {
//     static const FieldTable table = field_table<WalConfig>("wal", {
//         field<&WalConfig::send_chunk>("send_chunk")
//             .about("Most WAL that one message of a walsender carries.")
//             .source("PostgreSQL walsender.c, MAX_SEND_SIZE")
//             .between(1024, 1 << 24)});
//     return table;
//   }
//
// JSON loader, JSON Schema, --set, manual, report and GUI walk the same table, so none of them
// names the parameter again. The default is the member's initialiser and stands nowhere else. Types
// with units, names or a little grammar of their own come in as TextType; structs nest; vectors are
// lists.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace longhaul {

struct FieldTable;

// A scalar that is written as text: its reader, its printer and what an editor should know of it.
// parse() leaves `value` alone and returns what was expected when the text does not fit.
struct TextType {
  std::string_view name;      // "duration"
  std::string_view expected;  // "a duration such as \"250ms\""
  std::string_view pattern;   // ECMA regular expression for the schema; empty: any text
  std::optional<std::string> (*parse)(std::string_view text, void* value) = nullptr;
  std::string (*print)(const void* value) = nullptr;
  std::int64_t (*as_integer)(const void* value) = nullptr;   // for bounds; null: no bounds
  std::string (*print_integer)(std::int64_t raw) = nullptr;  // a bound in the type's own text
  std::string_view units = {};  // "s, ms or us", when one of them must stand behind the number
};

// Specialised beside the type it describes.
template <class T>
const TextType& text_type();

template <>
const TextType& text_type<Duration>();
template <>
const TextType& text_type<Bytes>();
template <>
const TextType& text_type<ByteRate>();
template <>
const TextType& text_type<EventRate>();
template <>
const TextType& text_type<Ratio>();
template <>
const TextType& text_type<Lsn>();

// The names of an enumeration in the order of its values, which count from 0.
struct EnumNames {
  std::vector<std::string_view> names;
  std::vector<std::string_view> docs;         // empty, or one sentence for each name
  std::vector<std::string_view> absent = {};  // known to users, not modelled in this version
};

// Specialised beside the enumeration it describes.
template <class E>
const EnumNames& enum_names();

template <class E>
std::string_view enum_text(E value) {
  return enum_names<E>().names.at(static_cast<std::size_t>(value));
}

enum class FieldKind : std::uint8_t {
  boolean,      // JSON true or false
  integer,      // JSON whole number
  quantity,     // text with a grammar: TextType
  text,         // any text
  enumeration,  // one of a few names
  object,       // nested table
  list,         // JSON array of `element`
  text_lists,   // JSON object whose keys are free and whose values are arrays of text
};

using TextLists = std::vector<std::pair<std::string, std::vector<std::string>>>;

// How a visitor reaches the value of one field inside an object of the table's struct.
struct Slot {
  const void* (*get)(const void* object) = nullptr;  // null when an optional is empty
  void* (*make)(void* object) = nullptr;             // creates an empty optional first
  void (*clear)(void* object) = nullptr;             // back to empty; null when not optional
};

// The operations of a vector that a visitor needs.
struct ListAccess {
  std::size_t (*size)(const void* list) = nullptr;
  const void* (*at)(const void* list, std::size_t index) = nullptr;
  void* (*append)(void* list) = nullptr;  // default-constructed element at the end
  void* (*edit)(void* list, std::size_t index) = nullptr;
  void (*clear)(void* list) = nullptr;
};

// What a value is, apart from where it stands: shared by fields and by elements of lists.
struct ValueType {
  FieldKind kind = FieldKind::boolean;
  const TextType* text = nullptr;  // quantity
  std::string (*enum_print)(const void*) = nullptr;
  void (*enum_store)(void*, std::size_t) = nullptr;
  const EnumNames* (*names)() = nullptr;    // enumeration
  const FieldTable& (*table)() = nullptr;   // object
  ListAccess list;                          // list
  const ValueType* (*element)() = nullptr;  // list
  std::int64_t (*integer_get)(const void*) = nullptr;
  bool (*integer_set)(void*, std::int64_t) = nullptr;  // false when it does not fit the member
};

// A configuration that somebody else chose: a struct of the table with its values in it.
struct NamedPreset {
  std::string_view name;
  std::string_view source;
  const void* values = nullptr;
};

struct Field {
  std::string_view name;
  ValueType type;
  Slot slot;
  bool optional = false;  // the member is a std::optional: absent means "not given"
  bool is_required = false;
  bool bounded = false;
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // in the type's integer
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::size_t items_min = 0;
  std::size_t items_max = std::numeric_limits<std::size_t>::max();
  std::string_view doc;
  std::string_view default_source;  // where the default's number comes from
  std::string_view when_field;      // variant: only with this enumeration beside it ...
  std::uint64_t when_values = 0;    // ... holding one of these values, a bit each
  std::string_view group;           // exactly one of the fields that share a group is given
  // The field names a preset that the whole object begins with; what is given beside it wins.
  const std::vector<NamedPreset>& (*presets)() = nullptr;

  Field& about(std::string_view text) {
    doc = text;
    return *this;
  }
  Field& source(std::string_view text) {
    default_source = text;
    return *this;
  }
  Field& required() {
    is_required = true;
    return *this;
  }
  Field& between(std::int64_t low, std::int64_t high) {
    min = low;
    max = high;
    bounded = true;
    return *this;
  }
  Field& between(Duration low, Duration high) { return between(low.ns, high.ns); }
  Field& between(Bytes low, Bytes high) { return between(low.value, high.value); }
  Field& between(ByteRate low, ByteRate high) { return between(low.bytes_per_s, high.bytes_per_s); }
  Field& between(EventRate low, EventRate high) {
    return between(low.milli_per_day, high.milli_per_day);
  }
  Field& between(Ratio low, Ratio high) { return between(low.ppm, high.ppm); }
  Field& items(std::size_t low, std::size_t high) {
    items_min = low;
    items_max = high;
    return *this;
  }
  Field& one_of(std::string_view group_name) {
    group = group_name;
    return *this;
  }
  // The field belongs to some values of the enumeration field `name` and is an error with others.
  template <class E, class... Es>
  Field& only_when(std::string_view field_name, E first, Es... more) {
    when_field = field_name;
    when_values = (std::uint64_t{1} << static_cast<unsigned>(first));
    ((when_values |= (std::uint64_t{1} << static_cast<unsigned>(more))), ...);
    return *this;
  }
};

struct FieldTable {
  std::string_view title;  // noun for messages: "node", "link"
  std::vector<Field> fields;
  const void* (*defaults)() = nullptr;   // a default-constructed struct
  bool named = false;                    // the first field is "name": lists of it go by name
  std::vector<std::string_view> absent;  // keys known to users, not modelled in this version
};

namespace fields_detail {

template <class T>
struct MemberOf;
template <class C, class M>
struct MemberOf<M C::*> {
  using Class = C;
  using Member = M;
};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Value = T;
};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {
  using Value = T;
};
template <class T>
concept HasFields = requires {
  { T::fields() } -> std::same_as<const FieldTable&>;
};

template <class T>
const ValueType* value_type();

template <class T>
ValueType make_value_type() {
  ValueType type;
  if constexpr (std::is_same_v<T, bool>) {
    type.kind = FieldKind::boolean;
  } else if constexpr (std::is_integral_v<T>) {
    type.kind = FieldKind::integer;
    type.integer_get = [](const void* p) {
      return static_cast<std::int64_t>(*static_cast<const T*>(p));
    };
    type.integer_set = [](void* p, std::int64_t value) {
      if (!std::in_range<T>(value)) return false;
      *static_cast<T*>(p) = static_cast<T>(value);
      return true;
    };
  } else if constexpr (std::is_enum_v<T>) {
    type.kind = FieldKind::enumeration;
    type.names = [] { return &enum_names<T>(); };
    type.enum_print = [](const void* p) {
      return std::string(enum_text(*static_cast<const T*>(p)));
    };
    type.enum_store = [](void* p, std::size_t value) {
      *static_cast<T*>(p) = static_cast<T>(value);
    };
  } else if constexpr (std::is_same_v<T, std::string>) {
    type.kind = FieldKind::text;
  } else if constexpr (std::is_same_v<T, TextLists>) {
    type.kind = FieldKind::text_lists;
  } else if constexpr (IsVector<T>::value) {
    using Element = typename IsVector<T>::Value;
    type.kind = FieldKind::list;
    type.element = &value_type<Element>;
    type.list.size = [](const void* p) { return static_cast<const T*>(p)->size(); };
    type.list.at = [](const void* p, std::size_t i) {
      return static_cast<const void*>(&(*static_cast<const T*>(p))[i]);
    };
    type.list.append = [](void* p) {
      return static_cast<void*>(&static_cast<T*>(p)->emplace_back());
    };
    type.list.edit = [](void* p, std::size_t i) {
      return static_cast<void*>(&(*static_cast<T*>(p))[i]);
    };
    type.list.clear = [](void* p) { static_cast<T*>(p)->clear(); };
  } else if constexpr (HasFields<T>) {
    type.kind = FieldKind::object;
    type.table = &T::fields;
  } else {
    type.kind = FieldKind::quantity;
    type.text = &text_type<T>();
  }
  return type;
}

template <class T>
const ValueType* value_type() {
  static const ValueType type = make_value_type<T>();
  return &type;
}

}  // namespace fields_detail

// Describes one member of a struct; chain about(), source(), between() and so on behind it.
template <auto Member>
Field field(std::string_view name) {
  using Class = typename fields_detail::MemberOf<decltype(Member)>::Class;
  using Stored = typename fields_detail::MemberOf<decltype(Member)>::Member;
  Field result;
  result.name = name;
  if constexpr (fields_detail::IsOptional<Stored>::value) {
    using Value = typename fields_detail::IsOptional<Stored>::Value;
    result.optional = true;
    result.type = *fields_detail::value_type<Value>();
    result.slot.get = [](const void* object) -> const void* {
      const auto& member = static_cast<const Class*>(object)->*Member;
      return member ? &*member : nullptr;
    };
    result.slot.make = [](void* object) -> void* {
      auto& member = static_cast<Class*>(object)->*Member;
      if (!member) member.emplace();
      return &*member;
    };
    result.slot.clear = [](void* object) { (static_cast<Class*>(object)->*Member).reset(); };
  } else {
    result.type = *fields_detail::value_type<Stored>();
    result.slot.get = [](const void* object) -> const void* {
      return &(static_cast<const Class*>(object)->*Member);
    };
    result.slot.make = [](void* object) -> void* {
      return &(static_cast<Class*>(object)->*Member);
    };
  }
  return result;
}

// The field "preset" of a table: `list` is an array of {name, config, source}. It is read before
// the others and leaves its values, not itself, in the struct.
template <const auto& list>
Field preset_field() {
  using Struct = std::remove_cvref_t<decltype(list[0].config)>;
  static const std::vector<NamedPreset> presets = [] {
    std::vector<NamedPreset> result;
    for (const auto& preset : list) result.push_back({preset.name, preset.source, &preset.config});
    return result;
  }();
  static const std::string expected = [] {
    std::string text = "a preset: ";
    for (const auto& preset : list) {
      text += (&preset == &list[0] ? "" : ", ") + std::string(preset.name);
    }
    return text;
  }();
  static const std::string pattern = [] {
    std::string text = "^(";
    for (const auto& preset : list) {
      text += (&preset == &list[0] ? "" : "|") + std::string(preset.name);
    }
    return text + ")$";
  }();
  static const TextType type = [] {
    TextType named;
    named.name = "preset";
    named.pattern = pattern;
    named.expected = expected;
    named.parse = [](std::string_view text, void* object) -> std::optional<std::string> {
      for (const auto& preset : list) {
        if (preset.name != text) continue;
        *static_cast<Struct*>(object) = preset.config;
        return std::nullopt;
      }
      return expected;
    };
    named.print = [](const void*) { return std::string(); };
    return named;
  }();
  Field result;
  result.name = "preset";
  result.type.kind = FieldKind::quantity;
  result.type.text = &type;
  result.optional = true;
  result.slot.get = [](const void*) -> const void* { return nullptr; };
  result.slot.make = [](void* object) { return object; };
  result.slot.clear = [](void*) {};
  result.presets = []() -> const std::vector<NamedPreset>& { return presets; };
  return result
      .about("Begins with the values that a product has by default; what is given beside it wins.")
      .source("none: the defaults of the fields themselves");
}

template <class Struct>
FieldTable field_table(std::string_view title, std::vector<Field> fields,
                       std::vector<std::string_view> absent = {}) {
  FieldTable table;
  table.title = title;
  table.fields = std::move(fields);
  table.absent = std::move(absent);
  table.defaults = [] {
    static const Struct defaults{};
    return static_cast<const void*>(&defaults);
  };
  table.named = !table.fields.empty() && table.fields.front().name == "name";
  return table;
}

// What is wrong with a table and the tables inside it, a sentence each; empty when it is sound. A
// test calls it for every table: a name twice or not in snake case, absent and present at once, no
// documentation, a default outside its bounds, a variant that names no value of an enumeration
// beside it.
std::vector<std::string> mistakes_in(const FieldTable& table);

}  // namespace longhaul
