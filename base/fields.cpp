#include "base/fields.h"

#include <algorithm>

namespace longhaul {
namespace {

bool is_snake_case(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

template <class T>
bool has_duplicate(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

const Field* find_field(const FieldTable& table, std::string_view name) {
  for (const Field& field : table.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

// Walks a table and the tables inside it, each once, since a table may contain itself.
class MistakeFinder {
 public:
  void visit_table(const FieldTable& table) {
    if (std::find(visited_.begin(), visited_.end(), &table) != visited_.end()) return;
    visited_.push_back(&table);
    if (table.title.empty()) report(table, nullptr, "the table has no title");
    if (table.fields.empty()) report(table, nullptr, "the table has no field");
    std::vector<std::string_view> names;
    for (const Field& field : table.fields) names.push_back(field.name);
    report_duplicates(table, nullptr, names, table.absent, "two fields have one name");
    for (const Field& field : table.fields) visit_field(table, field);
  }

  std::vector<std::string> take() { return std::move(mistakes_); }

 private:
  void report(const FieldTable& table, const Field* field, std::string_view mistake) {
    std::string place(table.title);
    if (field != nullptr) place += "." + std::string(field->name);
    mistakes_.push_back(place + ": " + std::string(mistake));
  }

  void report_duplicates(const FieldTable& table, const Field* field,
                         std::vector<std::string_view> present,
                         const std::vector<std::string_view>& absent, std::string_view mistake) {
    if (has_duplicate(present)) return report(table, field, mistake);
    present.insert(present.end(), absent.begin(), absent.end());
    if (has_duplicate(present)) report(table, field, "an absent word is there, or named twice");
  }

  void visit_field(const FieldTable& table, const Field& field) {
    if (!is_snake_case(field.name)) report(table, &field, "the name is not in snake case");
    if (!field.doc.ends_with('.')) report(table, &field, "the documentation is not a sentence");
    visit_type(table, field, field.type);
    visit_bounds(table, field);
    visit_items(table, field);
    visit_conditions(table, field);
  }

  void visit_type(const FieldTable& table, const Field& field, const ValueType& type) {
    const TextType* text = type.text;
    if (type.kind == FieldKind::quantity && (!text || !text->parse || !text->print)) {
      report(table, &field, "the text type cannot parse and print");
    }
    if (type.kind == FieldKind::enumeration) {
      const EnumNames& names = *type.names();
      if (names.names.empty()) report(table, &field, "the enumeration has no name");
      report_duplicates(table, &field, names.names, names.absent, "two values have one name");
      if (!names.docs.empty() && names.docs.size() != names.names.size()) {
        report(table, &field, "names and sentences of the enumeration differ in number");
      }
    }
    if (type.kind == FieldKind::object) visit_table(type.table());
    if (type.kind == FieldKind::list) visit_type(table, field, *type.element());
  }

  void visit_bounds(const FieldTable& table, const Field& field) {
    const ValueType& type = field.type;
    bool has_integer = type.kind == FieldKind::integer ||
                       (type.kind == FieldKind::quantity && type.text && type.text->as_integer);
    if (field.bounded && !has_integer) report(table, &field, "only integers have bounds");
    if (field.min > field.max) report(table, &field, "the bounds are the wrong way round");
    const void* value = field.slot.get(table.defaults());
    if (!field.bounded || !has_integer || field.is_required || value == nullptr) return;
    std::int64_t integer =
        type.kind == FieldKind::integer ? type.integer_get(value) : type.text->as_integer(value);
    if (integer < field.min || integer > field.max) {
      report(table, &field, "the default is outside the bounds");
    }
  }

  void visit_items(const FieldTable& table, const Field& field) {
    bool limited = field.items_min > 0 || field.items_max < std::numeric_limits<std::size_t>::max();
    bool is_list = field.type.kind == FieldKind::list;
    if (limited && !is_list && field.type.kind != FieldKind::text_lists) {
      report(table, &field, "only lists have a number of items");
    }
    if (field.items_min > field.items_max) {
      report(table, &field, "the numbers of items are the wrong way round");
    }
    const void* list = is_list ? field.slot.get(table.defaults()) : nullptr;
    if (!limited || field.is_required || list == nullptr) return;
    std::size_t size = field.type.list.size(list);
    if (size < field.items_min || size > field.items_max) {
      report(table, &field, "the default has the wrong number of items");
    }
  }

  void visit_conditions(const FieldTable& table, const Field& field) {
    if (!field.when_field.empty()) {
      const Field* other = find_field(table, field.when_field);
      if (other == nullptr || other->type.kind != FieldKind::enumeration) {
        report(table, &field, "its condition names no enumeration beside it");
      } else {
        std::size_t count = other->type.names()->names.size();
        bool beyond = count < 64 && (field.when_values >> count) != 0;
        if (field.when_values == 0 || beyond) {
          report(table, &field, "its condition names no value of the enumeration");
        }
      }
    }
    auto shares = [&](const Field& other) { return other.group == field.group; };
    if (!field.group.empty() &&
        std::count_if(table.fields.begin(), table.fields.end(), shares) < 2) {
      report(table, &field, "nothing shares its group");
    }
  }

  std::vector<const FieldTable*> visited_;
  std::vector<std::string> mistakes_;
};

}  // namespace

std::vector<std::string> mistakes_in(const FieldTable& table) {
  MistakeFinder finder;
  finder.visit_table(table);
  return finder.take();
}

}  // namespace longhaul
